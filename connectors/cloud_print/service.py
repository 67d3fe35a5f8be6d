"""The print service of an identity cloud as the rest of the house sees it (PR-286…PR-291)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from connectors.ipp.ticket import JobTicket

Places = Mapping[str, str]
"""Where things are at the service, by names of its own; kept between calls, and handed back to it."""
Keep = Callable[[dict[str, str]], None]


@dataclass(frozen=True, slots=True)
class SignInCode:
    """An administrator types `code` at `address` (RFC 8628); `secret` is how we ask whether that has been done."""

    code: str
    address: str
    secret: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who has signed in, for which tenant, and the tokens to be kept encrypted."""

    tenant_id: str
    tenant_name: str
    account: str
    secrets: dict[str, str]


@dataclass(frozen=True, slots=True)
class Names:
    """How the printer and its share are called; a share's name is the only one in its directory (PR-286)."""

    printer: str
    share: str


@dataclass(frozen=True, slots=True)
class CloudDocument:
    """A document of a job."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class CloudJob:
    """What somebody has printed at the service; `owner` is their name in the directory, an e-mail address."""

    id: str
    owner: str
    name: str
    ticket: JobTicket
    documents: tuple[CloudDocument, ...]
    places: Places


class CloudPrintService(Protocol):
    """One tenant's print service. What may pass by itself is raised as a transient fault; all can be repeated."""

    title: str

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def begin_sign_in(self) -> SignInCode:
        """Ask for an administrator's account."""
        ...

    def finish_sign_in(self, code: SignInCode) -> SignedIn | None:
        """Whoever has signed in, None while nobody has; raises `SIGN_IN_OVER`, `SIGN_IN_REFUSED`."""
        ...

    def register(self, names: Names, places: Places, keep: Keep) -> None:
        """Have a printer and its share made, or renamed. Each step is looked up before it is done, and kept after.

        Raises `SHARE_TAKEN`, `STILL_REGISTERING` (which takes minutes), `NOT_CREATED`, `NOT_ALLOWED`, `REFUSED`.
        """
        ...

    def unregister(self, places: Places) -> None:
        """Remove the share and the printer; what is gone already is no error."""
        ...

    def waiting_jobs(self, places: Places) -> Iterable[CloudJob]:
        """What was printed and has not been answered yet."""
        ...

    def fetch(self, job: CloudJob, document: CloudDocument, path: Path, most_bytes: int) -> None:
        """Write the document to `path`; raises `TOO_LARGE`."""
        ...

    def accept(self, job: CloudJob, note: str) -> None:
        """Say that the job is in our hands now."""
        ...

    def refuse(self, job: CloudJob, reason: str) -> None:
        """Say that the job will not be printed, and why."""
        ...
