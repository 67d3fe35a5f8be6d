"""The agent as a process of its own, which knows nothing of the installation."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 180


def until(happened: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (result := happened()):
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
    return result


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pressroom", "agent", *arguments]


def environment(folder: Path) -> dict[str, str]:
    """The agent knows nothing of the installation."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRESSROOM_")}
    return kept | {"PRESSROOM_HOME": str(folder / "home")}


def activate(url: str, code: str, folder: Path) -> None:
    done = subprocess.run(
        command("activate", url, "--code", code, "--folder", str(folder)),
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def agent_process(folder: Path, *arguments: str, page: str = "--no-page") -> Iterator[subprocess.Popen[bytes]]:
    """An agent at work; its messages are in the file `agent.log` beside its folder."""
    started = command("run", "--folder", str(folder), page, *arguments)
    with folder.with_suffix(".log").open("ab") as log:
        process = subprocess.Popen(started, env=environment(folder), stdout=log, stderr=log)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
