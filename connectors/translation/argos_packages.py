"""Installs Argos packages (`*.argosmodel`, zip archives) that an administrator put in a folder.

The library unpacks an archive without looking at its members' paths; here every member is checked first.
"""

import json
import logging
import shutil
import stat
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from connectors.errors import Fault, PressroomError
from connectors.messages import N_

PACKAGE_REFUSED = Fault(
    "translate.package_refused",
    422,
    N_("The translation package “{package}” was not installed: {reason}."),
    N_("Get the package again from a source you trust, and replace the file."),
)

MOST_BYTES = 4 << 30
MOST_MEMBERS = 1000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ArgosPackage:
    """An unpacked package: its folder, and the library's own codes for its two languages."""

    folder: Path
    from_code: str
    to_code: str


def install_packages(source: Path, target: Path) -> list[PressroomError]:
    """Unpack every package in the folder `source` that `target` does not hold yet.

    One bad package does not keep the others out: it is left alone, logged, and returned as its error.
    """
    refused = []
    for file in sorted(source.glob("*.argosmodel")):
        try:
            install_package(file, target)
        except PressroomError as error:
            log.warning("%s", error)
            refused.append(error)
    return refused


def install_package(file: Path, target: Path) -> Path:
    """Unpack one package below `target` and return its folder, at once or not at all.

    A file that was unpacked before, going by its size and time, is not unpacked again. Raises `PACKAGE_REFUSED`.
    """
    about = file.stat()
    folder = target / f"{file.stem}-{about.st_size}-{about.st_mtime_ns}"
    if folder.is_dir():
        return folder
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target, prefix=".unpack-") as scratch:
        try:
            with zipfile.ZipFile(file) as archive:
                top = _checked_top_folder(file, archive)
                archive.extractall(scratch)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as exc:
            raise PACKAGE_REFUSED(package=file.name, reason="it is not a complete zip archive") from exc
        unpacked = Path(scratch) / top
        if _read_package(unpacked) is None:
            raise PACKAGE_REFUSED(package=file.name, reason="its metadata.json does not name two languages")
        _drop_older(target, file.stem)
        try:
            unpacked.replace(folder)
        except OSError:
            if not folder.is_dir():
                raise
            log.debug("another process unpacked %s first", file.name)
    return folder


def installed_packages(target: Path) -> list[ArgosPackage]:
    """Every unpacked package below `target`, in the order of their names."""
    folders = sorted(path for path in target.glob("*") if path.is_dir() and not path.name.startswith("."))
    return [package for folder in folders if (package := _read_package(folder)) is not None]


def _checked_top_folder(file: Path, archive: zipfile.ZipFile) -> str:
    """The one folder that all members lie in; raises where a member could land anywhere else."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_BYTES:
        raise PACKAGE_REFUSED(package=file.name, reason="it unpacks to more than a model needs")
    tops = set()
    for member in members:
        path = PurePosixPath(member.filename)
        leaves = path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in member.filename
        if leaves or stat.S_ISLNK(member.external_attr >> 16):
            raise PACKAGE_REFUSED(package=file.name, reason="a member's path leads out of the package")
        tops.add(path.parts[0] if path.parts else "")
    if len(tops) != 1 or not any(member.filename.endswith("/metadata.json") for member in members):
        raise PACKAGE_REFUSED(package=file.name, reason="it is not one folder with a metadata.json")
    return tops.pop()


def _read_package(folder: Path) -> ArgosPackage | None:
    try:
        metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(metadata, dict) or metadata.get("type", "translate") != "translate":
        return None
    source, target = metadata.get("from_code"), metadata.get("to_code")
    if not (isinstance(source, str) and isinstance(target, str) and (folder / "model").is_dir()):
        return None
    return ArgosPackage(folder, source, target)


def _drop_older(target: Path, stem: str) -> None:
    for older in target.glob(f"{stem}-*-*"):
        if older.name.rsplit("-", 2)[0] == stem:
            shutil.rmtree(older, ignore_errors=True)
