"""A folder of the installation as cloud storage: for servers with a mounted share, and for trying things out."""

import errno
import os
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

from connectors.storage.connector import Account, FolderedStorage, NameTakenError, Upload, folder_parts
from connectors.storage.faults import FOLDER_UNAVAILABLE, STORAGE_FULL, STORAGE_REFUSED, STORAGE_UNREACHABLE
from connectors.storage.hashes import file_digest

TITLE = "Folder"
PIECE = 1 << 20
HIDDEN = ".arriving-"


class FolderStorage(FolderedStorage[Path]):
    """Files below `base` and the account's `root`; symbolic links that lead out of it are not followed."""

    def __init__(self, account: Account, base: Path) -> None:
        super().__init__(TITLE)
        self._base = base.joinpath(*folder_parts(account.options.get("root", "")))

    def root(self) -> Path:
        try:
            self._base.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise self._fault(exc) from exc
        return self._base

    def enter(self, place: Path, name: str) -> Path | None:
        below = place / name
        if not below.resolve().is_relative_to(self._base.resolve()):
            raise FOLDER_UNAVAILABLE(folder=name, provider=TITLE)
        return below if below.is_dir() else None

    def make(self, place: Path, name: str) -> bool:
        try:
            (place / name).mkdir()
        except FileExistsError:
            return False
        except OSError as exc:
            raise self._fault(exc) from exc
        return True

    def folders(self, place: Path) -> Iterable[str]:
        return (path.name for path in place.iterdir() if path.is_dir())

    def names(self, place: Path) -> Iterable[str]:
        return (path.name for path in place.iterdir())

    def put(self, place: Path, name: str, upload: Upload) -> None:
        """Written under a hidden name first; the link fails, and never replaces, where the name is taken."""
        arriving = place / f"{HIDDEN}{uuid4().hex}"
        try:
            self._copy(upload, arriving)
            os.link(arriving, place / name)
        except FileExistsError as exc:
            raise NameTakenError from exc
        except OSError as exc:
            raise self._fault(exc) from exc
        finally:
            arriving.unlink(missing_ok=True)

    def arrived(self, place: Path, upload: Upload) -> str | None:
        digest = file_digest(upload.path, "sha256")
        for name in sorted(upload.possible_names):
            path = place / name
            if path.is_file() and path.stat().st_size == upload.size and file_digest(path, "sha256") == digest:
                return name
        return None

    def _copy(self, upload: Upload, target: Path) -> None:
        sent = 0
        with upload.path.open("rb") as source, target.open("xb") as copy:
            while piece := source.read(PIECE):
                copy.write(piece)
                sent += len(piece)
                upload.on_progress(sent, upload.size)
            copy.flush()
            os.fsync(copy.fileno())

    def _fault(self, error: OSError) -> Exception:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return STORAGE_FULL(provider=TITLE)
        if isinstance(error, PermissionError | FileNotFoundError | NotADirectoryError | FileExistsError):
            return FOLDER_UNAVAILABLE(folder=str(error.filename and Path(error.filename).name), provider=TITLE)
        if error.errno == errno.ENAMETOOLONG:
            return STORAGE_REFUSED(provider=TITLE)
        return STORAGE_UNREACHABLE(provider=TITLE)
