"""Packages that a printer takes: app packages and firmware images (`.fls`), looked at before anything happens."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from printers_sim.device.catalogue import Value
from printers_sim.device.refusal import Refusal

MANIFEST = "manifest.json"
IMAGE = "image.bin"
BLOCK = 1 << 20
LARGEST_MANIFEST = 1 << 20


@dataclass(frozen=True, slots=True)
class AppPackage:
    """An app to be installed. `min_framework` is "" where any framework will do."""

    id: str
    name: str
    version: str
    min_framework: str
    defaults: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class FirmwareImage:
    """A firmware level for some models."""

    level: str
    models: tuple[str, ...]


def invalid(reason: str) -> Refusal:
    """The file is not what it should be."""
    return Refusal(422, "invalid_package", reason)


def read_app(file: BinaryIO) -> AppPackage:
    """The app in a package; raises `Refusal` for anything else, a firmware image too (FL-271)."""
    with opened(file) as package:
        manifest = read_manifest(package, "app")
    defaults = manifest.get("settings", {})
    if not isinstance(defaults, dict) or not all(isinstance(value, str | int) for value in defaults.values()):
        raise invalid("The settings in the manifest of the package are no map of names to values.")
    return AppPackage(
        id=text_of(manifest, "id"),
        name=text_of(manifest, "name"),
        version=text_of(manifest, "version"),
        min_framework=str(manifest.get("min_framework") or ""),
        defaults=defaults,
    )


def read_firmware(path: Path) -> FirmwareImage:
    """The firmware in an image, complete and unharmed; raises `Refusal` otherwise."""
    with path.open("rb") as file, opened(file) as package:
        manifest = read_manifest(package, "firmware")
        models = manifest.get("models")
        if not isinstance(models, list) or not models or not all(isinstance(model, str) for model in models):
            raise invalid("The manifest of the firmware image names no models.")
        level = text_of(manifest, "level")
        if not all(part.isdecimal() for part in level.split(".")):
            raise invalid("The firmware level is no dotted number.")
        if _digest(package) != text_of(manifest, "sha256"):
            raise invalid("The firmware image is damaged: its SHA-256 digest differs from the manifest's.")
    return FirmwareImage(level, tuple(models))


def read_manifest(package: zipfile.ZipFile, kind: str) -> Mapping[str, object]:
    """The manifest of a package of that kind; raises `Refusal`."""
    try:
        if package.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
            raise invalid("The manifest of the package is too large.")
        manifest = json.loads(package.read(MANIFEST))
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise invalid("The package has no readable manifest.") from error
    if not isinstance(manifest, dict) or manifest.get("kind") != kind:
        raise invalid(f"The file is no {kind} package.")
    return manifest


def text_of(manifest: Mapping[str, object], name: str) -> str:
    """A text of the manifest that has to be there."""
    value = manifest.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"The manifest of the package does not say “{name}”.")
    return value


def opened(file: BinaryIO) -> zipfile.ZipFile:
    """The archive; raises `Refusal` if it is none."""
    try:
        return zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise invalid("The file is no package: it cannot be opened.") from error


def _digest(package: zipfile.ZipFile) -> str:
    digest = hashlib.sha256()
    try:
        with package.open(IMAGE) as image:
            while block := image.read(BLOCK):
                digest.update(block)
    except (KeyError, zipfile.BadZipFile, OSError) as error:
        raise invalid("The firmware image cannot be read to its end.") from error
    return digest.hexdigest()
