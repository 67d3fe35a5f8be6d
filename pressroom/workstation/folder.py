"""The agent's folder on a workstation: its configuration, who is signed in, and what its modules keep (PR-333).

Files are their owner's alone. What is secret is sealed with a key beside it, so that a copy of one file says nothing.
"""

import json
import os
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from connectors.errors import Fault
from connectors.messages import N_
from pressroom.agent.state import LOCK_PAUSE, LOCK_SECONDS, is_locked_now
from pressroom.workstation.configuration import FILE_NAME, Configuration, configuration_of, read_configuration

SIGN_IN_FIRST = Fault(
    "workstation.sign_in_first",
    401,
    N_("Nobody is signed in on this workstation."),
    N_("Run “printctl login”."),
    spec="PR-118",
)
IN_USE = Fault(
    "workstation.folder_in_use",
    409,
    N_("The agent works in the folder {folder} already."),
    N_("End it first, or choose another folder with --folder."),
)
UNREADABLE = Fault(
    "workstation.state_unreadable",
    500,
    N_("What the agent has kept in {folder} cannot be read."),
    N_("Sign in again with “printctl login”."),
)
IDENTITY, KEY, WORKSTATION, STATUS = "identity", "key", "workstation", "status.json"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in: the portal, the token and until when it counts (ISO 8601), and the person's name."""

    portal: str
    token: str
    expires: str = ""
    email: str = ""


def usual_folder() -> Path:
    """Where the agent keeps its things, as the system wants it."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "Pressroom" / "printctl"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Pressroom" / "printctl"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "pressroom" / "printctl"


class WorkstationFolder:
    """The folder of one person's agent; made when it is not there."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sys.platform != "win32":
            self.path.chmod(0o700)

    def configuration(self) -> Configuration:
        """What `client.json` in the folder says; raises `BAD_CONFIGURATION`."""
        return read_configuration(self.path / FILE_NAME)

    def with_modes(self, modes: Sequence[str]) -> Configuration:
        """Keep other modes in the configuration; raises `BAD_CONFIGURATION`."""
        file = self.path / FILE_NAME
        content = self.configuration().model_dump(mode="json", by_alias=True) | {"modes": list(modes)}
        configuration = configuration_of(content, file)
        self.write(file, configuration.as_json().encode())
        return configuration

    @contextmanager
    def held(self) -> Iterator[None]:
        """A block in which no other agent works in the folder; raises `IN_USE`."""
        with (self.path / "agent.lock").open("w") as lock:
            deadline = time.monotonic() + LOCK_SECONDS
            while not is_locked_now(lock):
                if time.monotonic() > deadline:
                    raise IN_USE(folder=self.path)
                time.sleep(LOCK_PAUSE)
            yield

    def workstation_key(self) -> str:
        """The secret id of this workstation, made at first use."""
        if (known := self.unsealed(WORKSTATION)) is not None:
            return str(known["key"])
        key = secrets.token_urlsafe(32)
        self.seal(WORKSTATION, {"key": key})
        return key

    def keep_identity(self, identity: Identity) -> None:
        """Somebody has signed in."""
        self.seal(IDENTITY, asdict(identity))

    def identity(self) -> Identity:
        """Who is signed in; raises `SIGN_IN_FIRST`, `UNREADABLE`."""
        known = self.unsealed(IDENTITY)
        if known is None:
            raise SIGN_IN_FIRST()
        return Identity(**known)

    def forget_identity(self) -> None:
        """Nobody is signed in any more."""
        (self.path / IDENTITY).unlink(missing_ok=True)

    def signed_in_at(self) -> int:
        """Changes whenever somebody signs in or out; 0: nobody is signed in."""
        try:
            return (self.path / IDENTITY).stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def subfolder(self, name: str) -> Path:
        """A folder for a module's own files."""
        path = self.path / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    def seal(self, name: str, content: dict[str, Any]) -> None:
        """Write a secret at once or not at all."""
        self.write(self.path / name, self.box().encrypt(json.dumps(content).encode()))

    def unsealed(self, name: str) -> dict[str, Any] | None:
        """What was sealed under the name, None without it; raises `UNREADABLE`."""
        try:
            content = (self.path / name).read_bytes()
        except FileNotFoundError:
            return None
        try:
            known: dict[str, Any] = json.loads(self.box().decrypt(content))
        except (InvalidToken, ValueError) as error:
            raise UNREADABLE(folder=self.path) from error
        return known

    def box(self) -> Fernet:
        """What seals: the key is this person's, on this workstation (PR-333)."""
        path = self.path / KEY
        if not path.exists():
            self.write(path, Fernet.generate_key())
        return Fernet(path.read_bytes())

    def note_status(self, status: dict[str, Any]) -> None:
        """Let `printctl status` know how the running agent stands."""
        self.write(self.path / STATUS, json.dumps(status).encode())

    def status(self) -> dict[str, Any]:
        """How the running agent stands; empty where none has run."""
        try:
            known: dict[str, Any] = json.loads((self.path / STATUS).read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return known

    def is_held(self) -> bool:
        """Whether an agent works in the folder now."""
        with (self.path / "agent.lock").open("a") as lock:
            return not is_locked_now(lock)

    def write(self, target: Path, content: bytes) -> None:
        """Write a file of the owner's alone, at once or not at all."""
        temporary = target.with_name(f"{target.name}.{os.getpid()}.part")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
