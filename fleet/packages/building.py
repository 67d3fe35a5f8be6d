"""Building packages of agents from what this installation itself consists of: no registry is asked for anything.

The program's own rooms come from where they run here; what they need of others comes from the distributions that are
installed here, or, for another system than ours, from a folder of wheels that an operator has put there.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

from connectors.errors import Fault
from connectors.messages import N_
from connectors.printers import vendors
from domain.texts.catalogue import locales, translations
from steps.agent_packages import EVERY_TARGET, LIBRARY_FOLDER, MANIFEST, PackageKind, PackageManifest

NO_WHEELS = Fault(
    "agent_package.no_wheels",
    422,
    N_("The folder {folder} holds no wheels."),
    N_("Put the wheels of all that agents need there, for the system that the package is for."),
)
ROOT = Path(__file__).parents[2]
LAUNCHERS = Path(__file__).parent / "launchers"
"""What starts an agent that was installed from a package, by system, and how to go on."""
OWN_PARTS = (
    "connectors",
    "steps",
    "pressroom/__init__.py",
    "pressroom/agent",
    "pressroom/agent_commands.py",
    "pressroom/enrolment_tool",
    "pressroom/enrol_commands.py",
    "pressroom/local_page",
    "pressroom/portal_address.py",
)
"""What of this repository an agent consists of."""
NEEDED = (
    "cryptography",
    "defusedxml",
    "gufo-snmp",
    "httpx",
    "ifaddr",
    "jinja2",
    "pillow",
    "pydantic",
    "pydantic-settings",
    "pysnmp",
    "pyyaml",
    "rich",
    "starlette",
    "structlog",
    "typer",
    "uvicorn",
    "zeroconf",
)
"""The distributions that these parts import; what they need in turn is found by their own word."""
TEXTS = "pressroom/local_page/texts"
"""Where the program's own pages find their texts in other languages (`pressroom.local_page.words`)."""
LEFT_OUT = frozenset({"__pycache__", "tests"})
SAME_TIME = (2026, 1, 1, 0, 0, 0)
"""Of every file in a package, so that the same content is the same package."""


def build_agent(target: Path, manifest: PackageManifest, root: Path = ROOT, wheels: Path | None = None) -> None:
    """Write the package of the agent program under `root`; `wheels`: for another system than ours.

    Raises `NO_WHEELS`.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        add_file(package, MANIFEST, manifest.model_dump_json().encode())
        for path in sorted(LAUNCHERS.iterdir()):
            add_file(package, path.name, path.read_bytes(), mode=0o644 if path.suffix else 0o755)
        for path in _own_files(root):
            add_file(package, f"app/{path.relative_to(root).as_posix()}", path.read_bytes())
        for locale in locales():
            if texts := translations(locale):
                add_file(package, f"app/{TEXTS}/{locale}.json", json.dumps(dict(texts), ensure_ascii=False).encode())
        for name, content in _of_wheels(wheels) if wheels is not None else _of_installed(NEEDED):
            add_file(package, f"lib/{name}", content)


def build_library(target: Path, manifest: PackageManifest, folder: Path = vendors.FOLDER) -> None:
    """Write the package of the printer support library that is in `folder`; raises `ValueError` for a bad one."""
    vendors.read_vendors(folder)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        add_file(package, MANIFEST, manifest.model_dump_json().encode())
        for path in sorted(folder.glob("*.yaml")):
            add_file(package, f"{LIBRARY_FOLDER}/{path.name}", path.read_bytes())


def library_manifest(version: str) -> PackageManifest:
    """The manifest of a library, which is the same for all systems."""
    return PackageManifest(kind=PackageKind.LIBRARY, version=version, target=EVERY_TARGET)


def read_manifest(package: Path) -> PackageManifest:
    """What a package says of itself; raises `ValueError` for what is none."""
    try:
        with zipfile.ZipFile(package) as archive:
            return PackageManifest.model_validate(json.loads(archive.read(MANIFEST)))
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise ValueError(str(error)) from error


def build_program(
    target: Path,
    manifest: PackageManifest,
    parts: Sequence[str],
    more: Sequence[str] = (),
    root: Path = ROOT,
    wheels: Path | None = None,
) -> None:
    """Write the package of a program made of `parts` under `root`; `more`, `wheels` as in `program_files`.

    Raises `NO_WHEELS`.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        add_file(package, MANIFEST, manifest.model_dump_json().encode())
        for name, content in program_files(parts, more, root, wheels):
            add_file(package, name, content)


def program_files(
    parts: Sequence[str], more: Sequence[str] = (), root: Path = ROOT, wheels: Path | None = None
) -> Iterator[tuple[str, bytes]]:
    """A program of this installation made of `parts`, with what it needs of others; `more` besides the usual.

    `wheels`: a folder with all that it needs, for another system than ours.
    """
    for path in _own_files(root, parts):
        yield f"app/{path.relative_to(root).as_posix()}", path.read_bytes()
    for name, content in _of_wheels(wheels) if wheels is not None else _of_installed((*NEEDED, *more)):
        yield f"lib/{name}", content


def _own_files(root: Path, parts: Sequence[str] = OWN_PARTS) -> Iterator[Path]:
    for part in parts:
        there = root / part
        for path in sorted(there.rglob("*")) if there.is_dir() else [there]:
            if path.is_file() and not LEFT_OUT.intersection(path.parts):
                yield path


def _of_wheels(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The content of the wheels; their scripts and data are not needed."""
    wheels = sorted(folder.glob("*.whl"))
    if not wheels:
        raise NO_WHEELS(folder=folder)
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                if not entry.is_dir() and ".data/" not in entry.filename:
                    yield entry.filename, archive.read(entry)


def _of_installed(names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for one in _with_needs(names):
        for file in one.files or ():
            path = Path(str(one.locate_file(file)))
            is_inside = ".." not in file.parts and not LEFT_OUT.intersection(file.parts)
            if is_inside and path.is_file() and path.suffix != ".pth":
                yield file.as_posix(), path.read_bytes()


def _with_needs(names: Iterable[str]) -> list[Distribution]:
    """The distributions of these names and of all that they need here."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(name) for name in names]
    while waiting:
        wanted = waiting.pop()
        name = wanted.name.lower().replace("_", "-")
        if name in found:
            continue
        try:
            found[name] = one = distribution(wanted.name)
        except PackageNotFoundError:
            if wanted.marker is None:
                raise
            continue  # needed under conditions that are not met here
        needs = (Requirement(text) for text in one.requires or ())
        waiting += [need for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return [found[name] for name in sorted(found)]


def add_file(package: zipfile.ZipFile, name: str, content: bytes, mode: int = 0o644) -> None:
    """Put a file into a package, always with the same time."""
    entry = zipfile.ZipInfo(name, SAME_TIME)
    entry.create_system, entry.external_attr, entry.compress_type = 3, (0o100000 | mode) << 16, zipfile.ZIP_DEFLATED
    package.writestr(entry, content)
