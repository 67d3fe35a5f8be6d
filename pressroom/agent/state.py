"""The agent's folder: who it is, and the reports that the cloud has not taken yet. Nothing else outlives the process.

Orders in hand are not kept: they hold secrets, and the cloud gives them again to an agent that comes back without them.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

from cryptography.fernet import Fernet, InvalidToken

from connectors.errors import Fault
from connectors.messages import N_
from steps.printer_work import Report

NOT_ACTIVATED = Fault(
    "agent.not_activated",
    409,
    N_("The agent in {folder} has not been activated."),
    N_("Generate an activation code in the portal and run “pressroom agent activate”."),
    spec="FL-127",
)
IN_USE = Fault(
    "agent.folder_in_use",
    409,
    N_("Another agent works in the folder {folder}."),
    N_("End it first, or choose another folder with --folder."),
)
UNREADABLE = Fault(
    "agent.state_unreadable",
    500,
    N_("What the agent has kept in {folder} cannot be read."),
    N_("Activate the agent again with a new code."),
)

PAGE_FILE = "page.json"
LOCK_SECONDS, LOCK_PAUSE = 5.0, 0.1
LOG, LOG_BYTES, LOG_PARTS = "agent.log", 4 << 20, 4
LOG_FORMAT = "%(asctime)s %(thread)d %(funcName)s:%(lineno)d %(levelname)s %(message)s"
"""Date, time, thread, function and line, message (FL-166)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the agent is. `former` is the credential that `credential` replaces, until the cloud has accepted the new.

    `signing_key` is the public key by which packages of the cloud are known (FL-138), kept from the first answer on.
    """

    server: str
    agent_id: str
    kind: str
    credential: str
    former: str = ""
    signing_key: str = ""


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """What is set at the agent's own page (FL-129): `log_level` empty means as the portal says; `password` is a hash.

    `local_only`: other computers are refused at the page (FL-130).
    """

    proxy: str = ""
    password: str = ""
    local_only: bool = True
    log_level: str = ""


class AgentFolder:
    """The folder of one agent; files are its owner's alone, the identity is encrypted with a key beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._log: RotatingFileHandler | None = None
        self._reports = self.path / "reports"
        self._reports.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.files = self.path / "files"
        self.files.mkdir(mode=0o700, exist_ok=True)
        self.scans = self.path / "scans"

    @contextmanager
    def held(self) -> Iterator[None]:
        """A block in which no other agent uses the folder; raises `IN_USE`.

        A version that another one follows is waited for.
        """
        with (self.path / "agent.lock").open("w") as lock:
            deadline = time.monotonic() + LOCK_SECONDS
            while not is_locked_now(lock):
                if time.monotonic() > deadline:
                    raise IN_USE(folder=self.path)
                time.sleep(LOCK_PAUSE)
            yield

    def keep_identity(self, identity: Identity) -> None:
        """Write it at once or not at all."""
        box = Fernet(self._key())
        self._write(self.path / "identity", box.encrypt(json.dumps(asdict(identity)).encode()))

    def identity(self) -> Identity:
        """Raises `NOT_ACTIVATED`, `UNREADABLE`."""
        try:
            content = (self.path / "identity").read_bytes()
        except FileNotFoundError as error:
            raise NOT_ACTIVATED(folder=self.path) from error
        try:
            return Identity(**json.loads(Fernet(self._key()).decrypt(content)))
        except (InvalidToken, ValueError, TypeError) as error:
            raise UNREADABLE(folder=self.path) from error

    def own_settings(self) -> OwnSettings:
        """What is set at the agent's own page; raises `UNREADABLE`."""
        try:
            return OwnSettings(**json.loads((self.path / PAGE_FILE).read_bytes()))
        except FileNotFoundError:
            return OwnSettings()
        except (ValueError, TypeError) as error:
            raise UNREADABLE(folder=self.path) from error

    def keep_own_settings(self, settings: OwnSettings) -> None:
        """Keep what was set at the page."""
        self._write(self.path / PAGE_FILE, json.dumps(asdict(settings)).encode())

    def is_activated(self) -> bool:
        """Whether the agent has an identity."""
        return (self.path / "identity").exists()

    def keep_report(self, job_id: int, report: Report) -> None:
        """Keep it until the cloud has taken it."""
        self._write(self._reports / f"{job_id}.json", report.model_dump_json().encode())

    def reports(self, most: int) -> dict[int, Report]:
        """The oldest reports that the cloud has not taken, by job."""
        paths = sorted(self._reports.glob("*.json"), key=lambda path: int(path.stem))[:most]
        return {int(path.stem): Report.model_validate_json(path.read_bytes()) for path in paths}

    def forget_report(self, job_id: int) -> None:
        """The cloud has it."""
        (self._reports / f"{job_id}.json").unlink(missing_ok=True)

    def reported(self) -> set[int]:
        """Jobs whose reports wait here."""
        return {int(path.stem) for path in self._reports.glob("*.json")}

    def logs(self) -> list[Path]:
        """The log, oldest part first."""
        return sorted(self.path.glob(f"{LOG}*"), reverse=True)

    def keep_log(self) -> None:
        """Write messages to the folder's log too, from now on; `log_level` says which."""
        self._log = RotatingFileHandler(self.path / LOG, maxBytes=LOG_BYTES, backupCount=LOG_PARTS, encoding="utf-8")
        self._log.setFormatter(logging.Formatter(LOG_FORMAT))
        logging.getLogger().addHandler(self._log)

    def log_level(self, level: str) -> None:
        """With “detailed” everything is logged, with “summary” what went wrong (FL-121).

        What is set at the agent's own page counts before what the portal says.
        """
        level = self.own_settings().log_level or level
        if self._log is not None:
            self._log.setLevel(logging.DEBUG if level == "detailed" else logging.WARNING)

    def _key(self) -> bytes:
        path = self.path / "key"
        if not path.exists():
            self._write(path, Fernet.generate_key())
        return path.read_bytes()

    def _write(self, target: Path, content: bytes) -> None:
        temporary = target.with_suffix(".part")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)


if sys.platform == "win32":
    import msvcrt

    def is_locked_now(lock: IO[str]) -> bool:
        """Lock the file for this process, unless another has; whether that was so."""
        try:
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def is_locked_now(lock: IO[str]) -> bool:
        """Lock the file for this process, unless another has; whether that was so."""
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
