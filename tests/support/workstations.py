"""A workstation with `printctl`, as a person uses it: real processes against a portal on a socket."""

import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from domain.organizations.actor import Actor
from domain.sign_in.program_codes import answer
from pressroom.workstation import commands
from tests.printers_sim.conftest import wait_until
from tests.support.print_service import confirmed

SECONDS = 60


@dataclass
class Workstation:
    """A computer with the agent's folder; `portal` is the address that it is signed in to."""

    folder: Path
    portal: str
    processes: list["subprocess.Popen[str]"] = field(default_factory=list)

    def start(self, *arguments: str, stdin: int = subprocess.DEVNULL) -> "subprocess.Popen[str]":
        """`printctl` with these arguments, as a process."""
        process = subprocess.Popen(
            [sys.executable, "-m", commands.__name__, *arguments],
            env={**os.environ, "PRINTCTL_FOLDER": str(self.folder), "COLUMNS": "200", "BROWSER": "true"},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def run(self, *arguments: str, code: int = 0) -> str:
        """What it says on standard output; it must end with `code`."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=SECONDS)
        assert process.returncode == code, f"{arguments}: {process.returncode}\n{out}\n{err}"
        return out if code == 0 else out + err

    def typed(self, text: str, *arguments: str, code: int = 0) -> str:
        """What it says to somebody who types `text` at a terminal; it must end with `code`."""
        here, there = os.openpty()
        try:
            os.write(here, text.encode())
            process = self.start(*arguments, stdin=there)
            out, err = process.communicate(timeout=SECONDS)
        finally:
            os.close(here)
            os.close(there)
        assert process.returncode == code, f"{arguments}: {process.returncode}\n{out}\n{err}"
        return out + err

    def sign_in(self, person: Actor) -> None:
        """The person says yes in a browser to the code that the program shows."""
        process = self.start("login", self.portal, "--no-browser")
        assert process.stderr is not None
        shown = next(line for line in process.stderr if "type the code" in line)
        code = shown.rsplit(maxsplit=1)[-1]
        answer(confirmed(person), code, let_in=True)
        out, err = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, f"{shown}{out}{err}"

    def agent(self, *arguments: str) -> "subprocess.Popen[str]":
        """The agent, once it has said how it stands."""
        status = self.folder / "status.json"
        status.unlink(missing_ok=True)
        process = self.start("agent", *arguments)
        for stream in (process.stdout, process.stderr):
            threading.Thread(target=_drain, args=(stream,), daemon=True).start()
        wait_until(status.exists, SECONDS)
        return process

    def close(self) -> None:
        """End what still runs."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
                process.wait(SECONDS)


class Screen:
    """What the system's program for notices shows to people at workstations that are started from now on."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder.mkdir()
        self._shown = folder / "shown"
        program = folder / "notify-send"
        program.write_text(f"#!/bin/sh\nfor text; do :; done\nprintf '%s\\0' \"$text\" >> '{self._shown}'\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def shown(self) -> list[str]:
        """All notices, the latest last."""
        return self._shown.read_text(encoding="utf-8").split("\0")[:-1] if self._shown.exists() else []


def _drain(stream: object) -> None:
    for _line in stream:  # type: ignore[attr-defined]
        continue
