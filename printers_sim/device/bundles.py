"""Settings bundles: zips of settings files, login methods, apps, certificates, licences (FL-274, FL-388…FL-392)."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from printers_sim.device.apps import check_app, install_app
from printers_sim.device.login import check_login_methods, exported_login_methods, set_login_methods
from printers_sim.device.package import MANIFEST, invalid, opened, read_app, read_manifest
from printers_sim.device.refusal import Refusal
from printers_sim.device.settings import (
    Outcome,
    change_settings,
    check_settings,
    read_settings_file,
    require_model,
    settings_file,
)
from printers_sim.device.state import EventKind
from printers_sim.device.xml_settings import DEVICE_SETTINGS, SECURITY_SETTINGS, read_xml_settings
from printers_sim.knobs import FailingStep
from printers_sim.printer import SimulatedPrinter

KIND = "settings-bundle"
LOGIN_METHODS = "login-methods.json"
LARGEST_UNPACKED = 128 << 20
PEM = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one file of the bundle, or of one setting in it; `reason` says why it was refused."""

    item: str
    kind: str
    state: str
    reason: str = ""


def import_bundle(printer: SimulatedPrinter, file: BinaryIO, *, only_check: bool) -> list[Item]:
    """Apply what fits, and say of every item what became of it; a bundle for another model is refused whole."""
    with opened(file) as bundle:
        manifest = read_manifest(bundle, KIND)
        models = manifest.get("models", [])
        if not isinstance(models, list) or not all(isinstance(model, str) for model in models):
            raise invalid("The models in the manifest of the bundle are no list of names.")
        require_model(printer, models)
        if sum(entry.file_size for entry in bundle.infolist()) > LARGEST_UNPACKED:
            raise Refusal(413, "too_large", "Unpacked, the bundle is too large.")
        if not only_check:
            printer.fail_if_asked(FailingStep.BUNDLE)
            printer.device.note(EventKind.HISTORY, "Settings bundle imported")
            printer.changes += 1
        items: list[Item] = []
        for entry in sorted(bundle.infolist(), key=_order):
            if not entry.is_dir() and entry.filename != MANIFEST:
                items += _import(printer, entry.filename, _content(bundle, entry), only_check=only_check)
        if not only_check:
            printer.away_until = max(printer.away_until, time.monotonic() + printer.knobs.bundle_seconds)
        return items


def export_bundle(printer: SimulatedPrinter) -> bytes:
    """A bundle of this printer's settings and login methods, without passwords (FL-276)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        manifest = {"kind": KIND, "models": [printer.profile.model], "firmware": printer.firmware}
        bundle.writestr(MANIFEST, json.dumps(manifest, indent=2))
        bundle.writestr("settings.ucf", settings_file(printer))
        if printer.device.login_methods:
            bundle.writestr(LOGIN_METHODS, json.dumps(exported_login_methods(printer), indent=2))
    return out.getvalue()


def _order(entry: zipfile.ZipInfo) -> tuple[int, str]:
    """Apps before their settings, and login methods last, because they can lock somebody out (FL-402)."""
    name = entry.filename
    return (0 if name.endswith(".fls") else 2 if name == LOGIN_METHODS else 1), name


def _content(bundle: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        return bundle.read(entry)
    except (zipfile.BadZipFile, OSError) as error:
        raise invalid(f"“{entry.filename}” in the bundle cannot be read.") from error


def _import(printer: SimulatedPrinter, name: str, content: bytes, *, only_check: bool) -> list[Item]:
    if name.endswith(".ucf"):
        return _import_settings(printer, name, content, only_check=only_check)
    if name in (DEVICE_SETTINGS, SECURITY_SETTINGS):
        return _import_xml(printer, name, content, only_check=only_check)
    if name == LOGIN_METHODS:
        return [_tried(name, "login_methods", lambda: _import_login(printer, content, only_check=only_check))]
    if name.endswith(".fls"):
        return [_tried(name, "app", lambda: _import_app(printer, content, only_check=only_check))]
    if name.endswith(".pem"):
        fits = content.lstrip().startswith(PEM)
        return [Item(name, "certificate", "applied" if fits else "refused", "" if fits else "It is no certificate.")]
    if name.endswith(".lic"):
        return [Item(name, "licence", "applied" if content.strip() else "refused", "" if content.strip() else "Empty.")]
    return [Item(name, "unknown", "refused", "The printer does not know files of this kind.")]


def _import_settings(printer: SimulatedPrinter, name: str, content: bytes, *, only_check: bool) -> list[Item]:
    try:
        wanted = read_settings_file(printer, content.decode("utf-8", "replace"))
        outcome: Outcome = check_settings(printer, wanted) if only_check else change_settings(printer, wanted)
    except Refusal as refusal:
        return [Item(name, "settings", "refused", refusal.reason)]
    return _items(outcome)


def _import_xml(printer: SimulatedPrinter, name: str, content: bytes, *, only_check: bool) -> list[Item]:
    try:
        wanted = read_xml_settings(printer, name, content)
    except Refusal as refusal:
        return [Item(name, "settings", "refused", refusal.reason)]
    return _items(check_settings(printer, wanted) if only_check else change_settings(printer, wanted))


def _items(outcome: Outcome) -> list[Item]:
    applied = [Item(one, "setting", "applied") for one in outcome.applied]
    return applied + [Item(one, "setting", "refused", reason) for one, reason in outcome.refused.items()]


def _import_login(printer: SimulatedPrinter, content: bytes, *, only_check: bool) -> None:
    try:
        wanted = json.loads(content)
    except ValueError as error:
        raise invalid("The login methods are no JSON.") from error
    if only_check:
        check_login_methods(printer, wanted)
    else:
        set_login_methods(printer, wanted)


def _import_app(printer: SimulatedPrinter, content: bytes, *, only_check: bool) -> None:
    if only_check:
        check_app(printer, read_app(io.BytesIO(content)))
    else:
        install_app(printer, io.BytesIO(content))


def _tried(name: str, kind: str, action: Callable[[], None]) -> Item:
    try:
        action()
    except Refusal as refusal:
        return Item(name, kind, "refused", refusal.reason)
    return Item(name, kind, "applied")
