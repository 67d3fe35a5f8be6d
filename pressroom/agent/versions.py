"""Versions of the agent in its folder: installed from signed packages, chosen, confirmed, and the library beside them.

`launcher` starts what is chosen here. The installed program itself is never changed: it is what is gone back to.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from connectors.errors import Fault
from connectors.messages import N_
from connectors.printers.levels import level
from connectors.printers.vendors import read_vendors, use_vendors
from connectors.signatures import is_signed
from pressroom.agent.launcher import CHOSEN, CONFIRMED, FAILED, TRIAL, VERSIONS, read, write
from steps.agent_packages import (
    EVERY_TARGET,
    LIBRARY_FOLDER,
    MANIFEST,
    OfferedPackage,
    PackageKind,
    PackageManifest,
    own_target,
)
from steps.printers.agent_itself import LIBRARY_VERSION, VERSION

NOT_SIGNED = Fault(
    "agent.package_not_signed",
    409,
    N_("The package {name} is not signed by the cloud that this agent belongs to."),
    N_("Nothing was installed. Activate the agent again with a new code if the installation has a new secret key."),
    spec="FL-138",
)
BAD_PACKAGE = Fault(
    "agent.bad_package",
    409,
    N_("The package {name} cannot be installed: {problem}"),
    N_("Nothing was changed: the agent goes on in its present version."),
    spec="FL-138",
)
WENT_BACK = N_("Version {version} did not come up ({reason}): the agent went back to the former version.")
LIBRARY = "library"
CHECK_SECONDS = 120
LARGEST = 1 << 30


@dataclass(frozen=True, slots=True)
class Program:
    """A program that has versions: the module that is run, what makes it say its version, the kind of its packages."""

    module: str
    say_version: tuple[str, ...]
    kind: PackageKind


AGENT = Program("pressroom.agent", ("version",), PackageKind.AGENT)


class Versions:
    """The versions of one agent, in its folder."""

    def __init__(self, folder: Path, program: Program = AGENT) -> None:
        self._program = program
        self._folder = folder / VERSIONS
        self._library = folder / LIBRARY
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def check(self, package: OfferedPackage, key: str, kind: PackageKind) -> None:
        """Raise `NOT_SIGNED` or `BAD_PACKAGE` for what must not even be fetched."""
        told = package.manifest
        if not key or not is_signed(key, package.statement(), package.signature):
            raise NOT_SIGNED(name=package.file.name)
        if told.kind is not kind or told.target not in (own_target(), EVERY_TARGET):
            raise BAD_PACKAGE(name=package.file.name, problem=f"It is for {told.kind.value} on {told.target}.")

    def install(self, package: OfferedPackage, file: Path) -> None:
        """Unpack a checked package of the program and see that it starts; raises `BAD_PACKAGE`."""
        version = package.manifest.version
        new = self._folder / f".new-{version}"
        try:
            _unpack(package, file, new)
            _see_that_it_starts(self._program, package, new)
            place = self._folder / version
            shutil.rmtree(place, ignore_errors=True)
            new.rename(place)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def choose(self, version: str, job_id: int) -> None:
        """Have this version started next, on trial."""
        former = read(self._folder / CHOSEN).get("version") or ""
        (self._folder / FAILED).unlink(missing_ok=True)
        write(
            self._folder / CHOSEN, {"version": version, "state": TRIAL, "job_id": job_id, "former": former, "starts": 0}
        )

    def confirm(self) -> None:
        """This version works: it has reached the cloud. Others than it and the former one are removed."""
        chosen = read(self._folder / CHOSEN)
        if chosen.get("version") != VERSION or chosen.get("state") != TRIAL:
            return
        write(self._folder / CHOSEN, {**chosen, "state": CONFIRMED})
        for path in self._folder.iterdir():
            if path.is_dir() and path.name not in (VERSION, chosen.get("former")):
                shutil.rmtree(path)

    def came_by(self, job_id: int) -> bool:
        """Whether the running version was installed for that job."""
        chosen = read(self._folder / CHOSEN)
        return chosen.get("job_id") == job_id and chosen.get("version") == VERSION

    def went_back(self, job_id: int) -> dict[str, str]:
        """The version that was installed for that job and did not come up, and why; empty where none was."""
        failed = read(self._folder / FAILED)
        return {"version": failed["version"], "reason": failed["reason"]} if failed.get("job_id") == job_id else {}

    # --- the printer support library

    def install_library(self, package: OfferedPackage, file: Path) -> None:
        """Unpack a checked library and use it from now on; raises `BAD_PACKAGE`."""
        new = self._library.with_name(f".new-{LIBRARY}")
        try:
            _unpack(package, file, new)
            read_vendors(new / LIBRARY_FOLDER)
            shutil.rmtree(self._library, ignore_errors=True)
            new.rename(self._library)
        except ValueError as error:
            raise BAD_PACKAGE(name=package.file.name, problem=str(error)) from error
        finally:
            shutil.rmtree(new, ignore_errors=True)
        self.use_library()

    def use_library(self) -> None:
        """Use the library of the folder where it is newer than the one that the program brings."""
        if self.library_version() != LIBRARY_VERSION:
            use_vendors(self._library / LIBRARY_FOLDER)

    def library_version(self) -> str:
        """The version of the printer support library that is in use (FL-55)."""
        there = str(read(self._library / MANIFEST).get("version", ""))
        return there if level(there) > level(LIBRARY_VERSION) else LIBRARY_VERSION


def _unpack(package: OfferedPackage, file: Path, folder: Path) -> None:
    """Unpack what the package holds; its own word of itself must be what was signed."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            names = [PurePosixPath(entry.filename) for entry in entries]
            if any(name.is_absolute() or ".." in name.parts for name in names):
                raise BAD_PACKAGE(name=package.file.name, problem="It has files outside its folder.")
            if sum(entry.file_size for entry in entries) > LARGEST:
                raise BAD_PACKAGE(name=package.file.name, problem="It is too large.")
            if PackageManifest.model_validate(json.loads(archive.read(MANIFEST))) != package.manifest:
                raise BAD_PACKAGE(name=package.file.name, problem="It is not what it was announced as.")
            folder.mkdir(mode=0o700)
            archive.extractall(folder)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        raise BAD_PACKAGE(name=package.file.name, problem=str(error)) from error


def _see_that_it_starts(program: Program, package: OfferedPackage, folder: Path) -> None:
    """Start it once with nothing to do: it has to say the version that was announced."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(folder / "app"), str(folder / "lib")))}
    command = [sys.executable, "-P", "-m", program.module, *program.say_version]
    try:
        said = subprocess.run(  # noqa: S603 — a package whose signature was checked
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=CHECK_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BAD_PACKAGE(name=package.file.name, problem="It does not start.") from error
    version = said.stdout.decode(errors="replace").strip()
    if said.returncode != 0 or version != package.manifest.version:
        problem = said.stderr.decode(errors="replace").strip().rpartition("\n")[2] or f"It says “{version}”."
        raise BAD_PACKAGE(name=package.file.name, problem=problem)
