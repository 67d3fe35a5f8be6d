"""Files that printers of our own make take: panel apps, firmware images, settings bundles and flat settings files.

What a file is, is told by its content and never by its name alone (FL-271): apps and firmware share an extension.
Archives are inflated and counted entry by entry before anything in them is read.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from connectors.documents.packages import Budget, examine_package
from connectors.errors import Fault
from connectors.messages import N_

MB = 1 << 20
FILE_LIMIT = 50 * MB
BUNDLE_LIMIT = 32 * MB
"""Bytes (FL-270, FL-581)."""
UNPACKED_LIMIT = 128 * MB
FIRMWARE_UNPACKED_LIMIT = 2048 * MB
MANIFEST_LIMIT = MB
SETTINGS_LIMIT = 8 * MB
MANIFEST, IMAGE, LOGIN_METHODS = "manifest.json", "image.bin", "login-methods.json"
MADE_FOR = "# model:"
Value = str | int | bool


class FileKind(StrEnum):
    """What a file is (FL-338…FL-341)."""

    SETTINGS_FILE = "settings_file"
    BUNDLE = "bundle"
    APP = "app"
    FIRMWARE = "firmware"


TOO_LARGE = Fault(
    "printer_file.too_large",
    413,
    N_("“{name}” has {size} MB; at most {limit} MB can be sent to printers."),
    N_("Take out what is not needed, or split it: settings bundles have at most 32 MB, other files 50 MB."),
    spec="FL-270",
)
UNKNOWN_KIND = Fault(
    "printer_file.unknown_kind",
    415,
    N_("“{name}” is no file that printers take."),
    N_("Choose a settings bundle (.zip), a flat settings file (.ucf) or a panel app (.fls)."),
    spec="FL-269",
)
FIRMWARE_REFUSED = Fault(
    "printer_file.firmware",
    415,
    N_("“{name}” is a firmware image."),
    N_("Firmware is not deployed as a file: add it to the resource library by its address and verify it."),
    spec="FL-271",
)
NOT_WHAT_IT_SAYS = Fault(
    "printer_file.not_what_it_says",
    422,
    N_("“{name}” is not what its name says: {problem}"),
    N_("Get the file again from where it was made, and choose it again."),
    spec="FL-271",
)
NO_APP = N_("it is no app package with a manifest.")
NO_BUNDLE = N_("it is no settings bundle with a manifest.")
NO_FIRMWARE = N_("it is no firmware image with a manifest.")
NO_SETTINGS = N_("it holds no lines “name=value”.")
NO_TEXT = N_("it is no text in UTF-8.")


@dataclass(frozen=True, slots=True)
class AppFile:
    """A panel app: `settings` are those it declares, with their defaults; `min_framework` is empty for any."""

    id: str
    name: str
    version: str
    min_framework: str = ""
    settings: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """The lines of a flat settings file; `model` is empty where it is for any."""

    values: Mapping[str, str]
    model: str = ""


@dataclass(frozen=True, slots=True)
class BundleFile:
    """What a settings bundle holds: settings of all its files, login methods, apps, and other files by name."""

    models: tuple[str, ...]
    values: Mapping[str, str]
    login_methods: Mapping[str, object] | None = None
    apps: tuple[AppFile, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FirmwareFile:
    """A firmware image: the level it brings, for which models."""

    level: str
    models: tuple[str, ...]


PrinterFile = AppFile | SettingsFile | BundleFile


def inspect_file(path: Path, name: str) -> tuple[FileKind, PrinterFile]:
    """What the file is that people know as `name`.

    Raises `UNKNOWN_KIND`, `TOO_LARGE`, `FIRMWARE_REFUSED`, `NOT_WHAT_IT_SAYS`, and the faults of
    `connectors.documents.inspection_faults` for damaged or dangerous archives.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in (".ucf", ".zip", ".fls"):
        raise UNKNOWN_KIND(name=name)
    size, limit = path.stat().st_size, BUNDLE_LIMIT if suffix == ".zip" else FILE_LIMIT
    if size > limit:
        raise TOO_LARGE(name=name, size=f"{size / MB:.1f}", limit=limit // MB)
    if suffix == ".ucf":
        return FileKind.SETTINGS_FILE, read_settings_file(path, name)
    if suffix == ".zip":
        return FileKind.BUNDLE, read_bundle(path, name)
    return FileKind.APP, read_app(path, name)


def read_app(path: Path, name: str) -> AppFile:
    """The app in a package; raises `FIRMWARE_REFUSED` and `NOT_WHAT_IT_SAYS`."""
    examine(path, name, NO_APP)
    with zipfile.ZipFile(path) as package:
        manifest = _manifest(package, name, NO_APP)
    if manifest.get("kind") == "firmware":
        raise FIRMWARE_REFUSED(name=name)
    return _app(manifest, name)


def read_bundle(path: Path, name: str) -> BundleFile:
    """What a settings bundle holds (FL-388); raises `NOT_WHAT_IT_SAYS`."""
    examine(path, name, NO_BUNDLE)
    values: dict[str, str] = {}
    apps, others, login = [], [], None
    with zipfile.ZipFile(path) as bundle:
        manifest = _manifest(bundle, name, NO_BUNDLE)
        models = _texts(manifest.get("models", []))
        if manifest.get("kind") != "settings-bundle" or models is None:
            raise NOT_WHAT_IT_SAYS(name=name, problem=NO_BUNDLE)
        for entry in bundle.infolist():
            if entry.is_dir() or entry.filename == MANIFEST:
                continue
            if entry.filename.endswith(".ucf"):
                values |= _settings(_read(bundle, entry, name, NO_SETTINGS), entry.filename).values
            elif entry.filename == LOGIN_METHODS:
                login = _json(_read(bundle, entry, name, NO_BUNDLE), name, NO_BUNDLE)
            elif entry.filename.endswith(".fls"):
                apps.append(_app_within(bundle, entry))
            else:
                others.append(entry.filename)
    return BundleFile(models, values, login, tuple(apps), tuple(others))


def read_settings_file(path: Path, name: str) -> SettingsFile:
    """The lines of a flat settings file; raises `NOT_WHAT_IT_SAYS`."""
    return _settings(path.read_bytes(), name)


def read_firmware(path: Path, name: str) -> FirmwareFile:
    """The firmware in an image whose every byte was read; raises `NOT_WHAT_IT_SAYS`."""
    examine(path, name, NO_FIRMWARE, FIRMWARE_UNPACKED_LIMIT)
    with zipfile.ZipFile(path) as package:
        manifest = _manifest(package, name, NO_FIRMWARE)
        models, level = _texts(manifest.get("models")), manifest.get("level")
        if (
            manifest.get("kind") != "firmware"
            or IMAGE not in package.namelist()
            or not models
            or not isinstance(level, str)
            or not all(part.isdecimal() for part in level.split("."))
        ):
            raise NOT_WHAT_IT_SAYS(name=name, problem=NO_FIRMWARE)
    return FirmwareFile(level, models)


def examine(path: Path, name: str, problem: str, limit: int = UNPACKED_LIMIT) -> None:
    """Inflate and count every entry: zip bombs, names that lead out of a folder and damage are refused."""
    if not zipfile.is_zipfile(path):
        raise NOT_WHAT_IT_SAYS(name=name, problem=problem)
    examine_package(path, Budget(name, limit))


def _app_within(bundle: zipfile.ZipFile, entry: zipfile.ZipInfo) -> AppFile:
    with bundle.open(entry) as inner:
        if not zipfile.is_zipfile(inner):
            raise NOT_WHAT_IT_SAYS(name=entry.filename, problem=NO_APP)
        with zipfile.ZipFile(inner) as package:
            manifest = _manifest(package, entry.filename, NO_APP)
    if manifest.get("kind") == "firmware":
        raise FIRMWARE_REFUSED(name=entry.filename)
    return _app(manifest, entry.filename)


def _app(manifest: Mapping[str, object], name: str) -> AppFile:
    texts = [manifest.get(key) for key in ("id", "name", "version")]
    settings = manifest.get("settings", {})
    if (
        manifest.get("kind") != "app"
        or not all(isinstance(text, str) and text and text.isprintable() and len(text) <= 64 for text in texts)
        or not isinstance(settings, dict)
        or not all(isinstance(value, str | int) for value in settings.values())
    ):
        raise NOT_WHAT_IT_SAYS(name=name, problem=NO_APP)
    app_id, title, version = map(str, texts)
    return AppFile(app_id, title, version, str(manifest.get("min_framework") or "")[:16], settings)


def _settings(content: bytes, name: str) -> SettingsFile:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NOT_WHAT_IT_SAYS(name=name, problem=NO_TEXT) from error
    values, model = {}, ""
    for line in text.splitlines():
        if line.lower().startswith(MADE_FOR):
            model = line[len(MADE_FOR) :].strip()
        if not line.strip() or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        if not equals or not key.strip() or not key.strip().isprintable():
            raise NOT_WHAT_IT_SAYS(name=name, problem=NO_SETTINGS)
        values[key.strip()] = value.strip()
    if not values:
        raise NOT_WHAT_IT_SAYS(name=name, problem=NO_SETTINGS)
    return SettingsFile(values, model)


def _manifest(package: zipfile.ZipFile, name: str, problem: str) -> Mapping[str, object]:
    try:
        entry = package.getinfo(MANIFEST)
    except KeyError as error:
        raise NOT_WHAT_IT_SAYS(name=name, problem=problem) from error
    if entry.file_size > MANIFEST_LIMIT:
        raise NOT_WHAT_IT_SAYS(name=name, problem=problem)
    return _json(package.read(entry), name, problem)


def _read(bundle: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, problem: str) -> bytes:
    if entry.file_size > SETTINGS_LIMIT:
        raise NOT_WHAT_IT_SAYS(name=name, problem=problem)
    return bundle.read(entry)


def _json(content: bytes, name: str, problem: str) -> Mapping[str, object]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NOT_WHAT_IT_SAYS(name=name, problem=problem) from error
    if not isinstance(found, dict):
        raise NOT_WHAT_IT_SAYS(name=name, problem=problem)
    return found


def _texts(value: object) -> tuple[str, ...] | None:
    """The texts of a list of texts; None for anything else."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        return None
    return tuple(value)
