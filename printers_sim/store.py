"""Where simulated printers keep their state: one SQLite file, a row for every printer that has changed."""

import fcntl
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from printers_sim.printer import SimulatedPrinter
from printers_sim.snapshot import restore, snapshot

FILE = "printers.sqlite3"
LOCK = "printers.lock"
SIDE_FILES = ("", "-wal", "-shm")


class InUse(Exception):
    """Another simulation has this state folder."""


class StateStore:
    """The state folder of a running simulation; nobody else may use it meanwhile."""

    def __init__(self, folder: Path) -> None:
        """Raises `InUse`."""
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(folder)
        self._database = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute("CREATE TABLE IF NOT EXISTS printer (serial TEXT PRIMARY KEY, state BLOB NOT NULL)")
        self._kept: dict[str, int] = {}

    def restore(self, printers: Sequence[SimulatedPrinter]) -> None:
        """Bring printers into their kept states; raises `SnapshotError`."""
        states = dict(self._database.execute("SELECT serial, state FROM printer").fetchall())
        for printer in printers:
            if (state := states.get(printer.serial)) is not None:
                restore(printer, state)
            self._kept[printer.serial] = printer.changes

    def keep(self, printer: SimulatedPrinter) -> None:
        """Write the printer's state if it has changed."""
        if self._kept.get(printer.serial) != printer.changes:
            self._database.execute("REPLACE INTO printer VALUES (?, ?)", (printer.serial, snapshot(printer)))
            self._kept[printer.serial] = printer.changes

    def close(self) -> None:
        """Give the folder back."""
        self._database.close()
        self._lock.close()


def reset(folder: Path) -> None:
    """Forget the states in that folder: all printers are as new. Raises `InUse`."""
    if not folder.is_dir():
        return
    with _locked(folder):
        for ending in SIDE_FILES:
            (folder / f"{FILE}{ending}").unlink(missing_ok=True)


def _locked(folder: Path) -> IO[str]:
    lock = (folder / LOCK).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise InUse(str(folder)) from error
    return lock
