"""What every storage provider can do, and the one algorithm behind it.

A provider's module says how to look up and make a folder, how to put a file where none of that name may be, and how to
recognise a file that an interrupted attempt had put there already. Folders that are missing, numbered names (SCAN-43)
and repetition are dealt with here, once.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from connectors.documents.file_names import numbered
from connectors.storage.faults import (
    BAD_PATH,
    DUPLICATE_FOLDER,
    FOLDER_UNAVAILABLE,
    INCOMPLETE_ACCOUNT,
    PATH_TOO_LONG,
    TOO_MANY_COPIES,
)

LONGEST_SEGMENT = 255
LONGEST_PATH = 400
MOST_COPIES = 200

Progress = Callable[[int, int], None]
Folder = TypeVar("Folder")


class Account(Protocol):
    """The account to work with, as `steps.contract.StorageAccount` holds it; `secrets` are never shown."""

    @property
    def provider(self) -> str: ...

    @property
    def options(self) -> dict[str, str]: ...

    @property
    def secrets(self) -> dict[str, str]: ...

    @property
    def save_secrets(self) -> Callable[[dict[str, str]], None]: ...

    @property
    def renewing(self) -> Callable[[], AbstractContextManager[dict[str, str] | None]]: ...

    @property
    def expire(self) -> Callable[[], None]: ...


class NameTakenError(Exception):
    """There is a file of that name in the folder; it was not touched."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way: `key` is the same in every attempt, `on_progress` is told (bytes sent, bytes in all)."""

    path: Path
    name: str
    key: str
    on_progress: Progress

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    @property
    def possible_names(self) -> frozenset[str]:
        """Every name under which the file may have been put."""
        return frozenset(numbered(self.name, number) for number in range(MOST_COPIES))


class StorageConnector(Protocol):
    """Cloud storage as the step “Send to cloud storage” sees it.

    Folders are paths with “/” between the names, relative to what the account opens (its drive, site or root); they
    are made where they are missing (SCAN-72). Each method raises the faults of `connectors.storage.faults`.
    """

    repeatable: bool
    """Whether an interrupted upload may be repeated without fear of a second file."""

    def upload(
        self, path: Path, file_name: str, folder: str, key: str, on_progress: Progress, *, repeated: bool = False
    ) -> str:
        """Put the file into `folder` and return where it is, for people.

        A file of that name is never overwritten: `_1`, `_2` … is added. With `repeated`, the receiver is asked first
        whether an interrupted attempt with this `key` had arrived, and if so nothing is sent.
        """
        ...

    def list_folders(self, folder: str) -> list[str]:
        """Names of the folders in `folder`, sorted; raises `FOLDER_UNAVAILABLE` where it is not there."""
        ...

    def create_folder(self, folder: str) -> None:
        """Make the folder and what is missing above it; raises `DUPLICATE_FOLDER` if it is there (SC-E23)."""
        ...

    def list_places(self, within: str = "") -> list[str]:
        """Names of the drives or sites that folders can be in, or of the libraries `within` a site (SCAN-60, SCAN-62).

        Empty where the account has one place only.
        """
        ...

    def close(self) -> None:
        """Give connections back."""
        ...


def folder_parts(folder: str) -> tuple[str, ...]:
    """The names in a folder path; raises `PATH_TOO_LONG` (SC-E24) and `BAD_PATH`."""
    parts = tuple(part.strip() for part in folder.replace("\\", "/").split("/") if part.strip())
    if len("/".join(parts)) > LONGEST_PATH or any(len(part) > LONGEST_SEGMENT for part in parts):
        raise PATH_TOO_LONG(folder=folder[:LONGEST_PATH])
    if any(part in (".", "..") or not part.isprintable() for part in parts):
        raise BAD_PATH(folder=folder)
    return parts


class FolderedStorage(ABC, Generic[Folder]):
    """The algorithm over what a provider offers; `Folder` is the provider's own handle of a folder."""

    repeatable = True

    def __init__(self, title: str) -> None:
        self.title = title

    def upload(
        self, path: Path, file_name: str, folder: str, key: str, on_progress: Progress, *, repeated: bool = False
    ) -> str:
        """See `StorageConnector.upload`."""
        parts = folder_parts(folder)
        upload = Upload(path, file_name, key, on_progress)
        place = self._reach(parts)
        if repeated and (name := self.arrived(place, upload)) is not None:
            return "/".join([*parts, name])
        return "/".join([*parts, self._put_under_free_name(place, upload)])

    def list_folders(self, folder: str) -> list[str]:
        """See `StorageConnector.list_folders`."""
        place = self.root()
        for part in folder_parts(folder):
            below = self.enter(place, part)
            if below is None:
                raise self.unavailable(folder)
            place = below
        return sorted(self.folders(place))

    def create_folder(self, folder: str) -> None:
        """See `StorageConnector.create_folder`."""
        parts = folder_parts(folder)
        if not parts:
            raise DUPLICATE_FOLDER(folder="/", provider=self.title)
        above = self._reach(parts[:-1])
        if self.enter(above, parts[-1]) is not None or not self.make(above, parts[-1]):
            raise DUPLICATE_FOLDER(folder="/".join(parts), provider=self.title)

    def list_places(self, within: str = "") -> list[str]:
        """See `StorageConnector.list_places`; one place by default."""
        return []

    def close(self) -> None:
        """See `StorageConnector.close`; nothing to give back by default."""

    @abstractmethod
    def root(self) -> Folder:
        """The folder that paths start from."""

    @abstractmethod
    def enter(self, place: Folder, name: str) -> Folder | None:
        """The folder `name` in `place`, or None."""

    @abstractmethod
    def make(self, place: Folder, name: str) -> bool:
        """Make the folder `name` in `place`; False if somebody else just did."""

    @abstractmethod
    def folders(self, place: Folder) -> Iterable[str]:
        """Names of the folders in `place`."""

    @abstractmethod
    def names(self, place: Folder) -> Iterable[str]:
        """Names of everything in `place`."""

    @abstractmethod
    def put(self, place: Folder, name: str, upload: Upload) -> None:
        """Put the file under `name`, whole or not at all; raises `NameTakenError`."""

    @abstractmethod
    def arrived(self, place: Folder, upload: Upload) -> str | None:
        """The name under which an earlier attempt of this upload had put the file, or None."""

    def unavailable(self, folder: str) -> Exception:
        """The fault for a folder that is not there or not to be entered (SC-E25)."""
        return FOLDER_UNAVAILABLE(folder=folder, provider=self.title)

    def _put_under_free_name(self, place: Folder, upload: Upload) -> str:
        """After a first collision the names in the folder are asked for, so that no content is sent in vain."""
        taken: frozenset[str] = frozenset()
        for number in range(MOST_COPIES):
            name = numbered(upload.name, number)
            if name.casefold() in taken:
                continue
            try:
                self.put(place, name, upload)
            except NameTakenError:
                taken = taken or frozenset(each.casefold() for each in self.names(place))
            else:
                return name
        raise TOO_MANY_COPIES(name=upload.name)

    def _reach(self, parts: tuple[str, ...]) -> Folder:
        """The folder at the end of the path, made where it is missing; somebody may make it at the same time."""
        place = self.root()
        for part in parts:
            below = self.enter(place, part)
            if below is None:
                self.make(place, part)
                below = self.enter(place, part)
            if below is None:
                raise self.unavailable("/".join(parts))
            place = below
        return place


def setting(values: Mapping[str, str], name: str, provider: str) -> str:
    """A setting or secret that the account must have; raises `INCOMPLETE_ACCOUNT`."""
    if not (value := values.get(name, "")):
        raise INCOMPLETE_ACCOUNT(provider=provider, setting=name)
    return value
