"""Starts the agent in the version that was chosen last, and goes back to the former one when it does not come up.

This program outlives the versions: it needs nothing but Python itself, reads which version is to run from the agent's
folder, and starts it as a child process. A version that is on trial has to say within a limit that it has reached the
cloud (F-15). The child ends when this process does, for its standard input is a pipe from here.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

VERSIONS, CHOSEN, FAILED = "versions", "chosen.json", "failed.json"
START_AGAIN = 75
"""Exit code of an agent that has installed another version and wants it to be started."""
TRIAL, CONFIRMED = "trial", "confirmed"
MOST_STARTS = 2
"""How often a version on trial is started where the launcher itself was interrupted."""
LOOK_SECONDS = 0.2
STOP_SECONDS = 20.0


class Launcher:
    """One agent's folder, the installed program (`roots`, its version `base`), and how long a trial may last.

    `program` is the module that is run, and the command of it that works.
    """

    def __init__(
        self,
        folder: Path,
        base: str,
        roots: Sequence[str],
        trial_seconds: float,
        program: Sequence[str] = ("pressroom.agent", "work"),
    ) -> None:
        self._program = program
        self._versions = folder / VERSIONS
        self._base, self._roots, self._trial_seconds = base, roots, trial_seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def run(self, arguments: Sequence[str]) -> int:
        """Run versions until one ends that is not to be followed by another; returns its exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        while True:
            chosen = self._chosen()
            code, reason = self._run_once(chosen, arguments)
            if self._stopping or not self._is_on_trial(chosen):
                if code != START_AGAIN or self._stopping:
                    return code
                continue
            self._go_back(chosen, reason)

    def _chosen(self) -> dict[str, Any]:
        """What is to run; a version that is older than what is installed, or is not there, is passed over."""
        chosen = read(self._versions / CHOSEN)
        version = str(chosen.get("version", ""))
        if not version or numbers(version) < numbers(self._base) or not (self._versions / version).is_dir():
            return {}
        if chosen.get("state") == TRIAL:
            chosen["starts"] = int(chosen.get("starts", 0)) + 1
            if chosen["starts"] > MOST_STARTS:
                self._go_back(chosen, "it was interrupted again and again")
                return self._chosen()
            write(self._versions / CHOSEN, chosen)
        return chosen

    def _run_once(self, chosen: dict[str, Any], arguments: Sequence[str]) -> tuple[int, str]:
        version = str(chosen.get("version", ""))
        here = self._versions / version
        roots = [str(here / "app"), str(here / "lib")] if version else list(self._roots)
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(roots)}
        command = [sys.executable, "-P", "-m", *self._program, *arguments]
        child = subprocess.Popen(  # noqa: S603 — the agent itself, in the chosen version
            command, env=environment, stdin=subprocess.PIPE, start_new_session=True
        )
        self._child = child
        if self._stopping:
            child.terminate()
        return self._watched(child, chosen)

    def _watched(self, child: "subprocess.Popen[bytes]", chosen: dict[str, Any]) -> tuple[int, str]:
        deadline = time.monotonic() + self._trial_seconds
        while self._is_on_trial(chosen):
            try:
                return child.wait(LOOK_SECONDS), f"it ended with code {child.returncode}"
            except subprocess.TimeoutExpired:
                if time.monotonic() > deadline:
                    _end(child)
                    return child.wait(), f"it did not reach the cloud within {round(self._trial_seconds)} seconds"
        return child.wait(), ""

    def _is_on_trial(self, chosen: dict[str, Any]) -> bool:
        return chosen.get("state") == TRIAL and read(self._versions / CHOSEN).get("state") == TRIAL

    def _go_back(self, chosen: dict[str, Any], reason: str) -> None:
        """The former version counts again; the reason is kept for the report of the update."""
        failed = {"version": chosen["version"], "job_id": chosen.get("job_id"), "reason": reason}
        write(self._versions / FAILED, failed)
        former = chosen.get("former")
        write(self._versions / CHOSEN, {"version": former, "state": CONFIRMED} if former else {})

    def _stop(self, _number: int, _frame: object) -> None:
        self._stopping = True
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()


def read(path: Path) -> dict[str, Any]:
    """A small file of the folder; what is missing or damaged is empty."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write(path: Path, content: dict[str, Any]) -> None:
    """Write a small file at once or not at all."""
    temporary = path.with_suffix(f".{os.getpid()}.part")
    temporary.write_text(json.dumps(content), encoding="utf-8")
    temporary.replace(path)


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers, which compare as versions do."""
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()


def main() -> int:
    """Run with the agent's folder and the installed program; what is left over goes to the agent."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--roots", required=True)
    parser.add_argument("--trial-seconds", type=float, required=True)
    parser.add_argument("--program", default="pressroom.agent work")
    given, arguments = parser.parse_known_args()
    folder = given.folder.resolve()
    (folder / VERSIONS).mkdir(mode=0o700, parents=True, exist_ok=True)
    launcher = Launcher(folder, given.base, given.roots.split(os.pathsep), given.trial_seconds, given.program.split())
    return launcher.run(["--folder", str(folder), *arguments])


if __name__ == "__main__":
    sys.exit(main())
