"""Files that printers take are told apart by their content, and dangerous ones are refused (FL-269…FL-274)."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from connectors.printers.files import (
    BUNDLE_LIMIT,
    FILE_LIMIT,
    AppFile,
    BundleFile,
    FileKind,
    SettingsFile,
    inspect_file,
    read_firmware,
)
from printers_sim.packages import app_package, firmware_image, settings_bundle, settings_file

APP = app_package("scan", "Scan", "2.1", "4.0", {"auth_plugin": True, "retries": 3})


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def test_an_app_tells_what_it_is_and_what_settings_it_has(tmp_path: Path) -> None:
    kind, app = inspect_file(written(tmp_path, "scan.fls", APP), "scan.fls")
    assert kind is FileKind.APP
    assert app == AppFile("scan", "Scan", "2.1", "4.0", {"auth_plugin": True, "retries": 3})


def test_a_settings_file_tells_its_lines_and_its_model(tmp_path: Path) -> None:
    content = settings_file({"general.location": "Hall = big", "fax.rings": 4}, "PX C4150").encode()
    kind, file = inspect_file(written(tmp_path, "hall.ucf", content), "hall.ucf")
    assert kind is FileKind.SETTINGS_FILE
    assert file == SettingsFile({"general.location": "Hall = big", "fax.rings": "4"}, "PX C4150")


def test_a_bundle_tells_everything_in_it(tmp_path: Path) -> None:
    login = {"public": {"copy": False}}
    content = settings_bundle(
        ["PX C4150"], {"fax.rings": 4}, login, [APP], {"site.pem": b"-----BEGIN CERTIFICATE-----"}
    )
    kind, bundle = inspect_file(written(tmp_path, "all.zip", content), "all.zip")
    assert kind is FileKind.BUNDLE
    assert isinstance(bundle, BundleFile)
    assert (bundle.models, bundle.values, bundle.login_methods) == (("PX C4150",), {"fax.rings": "4"}, login)
    assert [app.id for app in bundle.apps] == ["scan"]
    assert bundle.others == ("site.pem",)


def test_firmware_tells_its_level_and_models(tmp_path: Path) -> None:
    path = written(tmp_path, "new.fls", firmware_image("081.223", ["PX C4150", "PX M2250"]))
    firmware = read_firmware(path, "new.fls")
    assert (firmware.level, firmware.models) == ("081.223", ("PX C4150", "PX M2250"))


REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "FL-269 another kind of file": ("report.pdf", lambda: b"%PDF-1.7", "printer_file.unknown_kind"),
    "FL-271 firmware in the clothes of an app": (
        "scan.fls",
        lambda: firmware_image("081.223", ["PX C4150"]),
        "printer_file.firmware",
    ),
    "FL-271 firmware inside a bundle": (
        "all.zip",
        lambda: settings_bundle(settings={"fax.rings": 4}, apps=[firmware_image("081.223", ["PX C4150"])]),
        "printer_file.firmware",
    ),
    "FL-271 no app": ("scan.fls", lambda: b"just text", "printer_file.not_what_it_says"),
    "FL-271 a zip without manifest": ("all.zip", lambda: zipped({"a.ucf": b"a=b"}), "printer_file.not_what_it_says"),
    "FL-271 an app in the clothes of a bundle": ("all.zip", lambda: APP, "printer_file.not_what_it_says"),
    "FL-271 a bundle in the clothes of an app": (
        "scan.fls",
        lambda: settings_bundle(settings={"fax.rings": 4}),
        "printer_file.not_what_it_says",
    ),
    "a manifest that is no JSON": (
        "scan.fls",
        lambda: zipped({"manifest.json": b"{"}),
        "printer_file.not_what_it_says",
    ),
    "a settings file that is no text": ("a.ucf", lambda: b"\xff\xfe\x00", "printer_file.not_what_it_says"),
    "a settings file without settings": ("a.ucf", lambda: b"# nothing\n", "printer_file.not_what_it_says"),
    "a line that is none": ("a.ucf", lambda: b"fax.rings\n", "printer_file.not_what_it_says"),
    "a name that leads out of the folder": (
        "all.zip",
        lambda: zipped({"manifest.json": b'{"kind": "settings-bundle"}', "../../evil.ucf": b"a=b"}),
        "document.malformed",
    ),
    "an absolute name": (
        "all.zip",
        lambda: zipped({"manifest.json": b'{"kind": "settings-bundle"}', "/etc/evil.ucf": b"a=b"}),
        "document.malformed",
    ),
    "a zip bomb": (
        "all.zip",
        lambda: zipped({"manifest.json": b'{"kind": "settings-bundle"}', "big.ucf": bytes(140 << 20)}),
        "document.zip_bomb",
    ),
    "a bomb inside an app inside a bundle": (
        "all.zip",
        lambda: settings_bundle(settings={"fax.rings": 4}, apps=[zipped({"app.bin": bytes(140 << 20)})]),
        "document.zip_bomb",
    ),
    "a bundle that was cut off": (
        "all.zip",
        lambda: settings_bundle(settings={"fax.rings": 4})[:-30],
        "printer_file.not_what_it_says",
    ),
    "FL-270 a bundle of more than 32 MB": ("all.zip", lambda: bytes(BUNDLE_LIMIT + 1), "printer_file.too_large"),
    "FL-270 a settings file of more than 50 MB": ("a.ucf", lambda: bytes(FILE_LIMIT + 1), "printer_file.too_large"),
    "FL-270 an app of more than 50 MB": ("a.fls", lambda: bytes(FILE_LIMIT + 1), "printer_file.too_large"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(tmp_path: Path, case: str) -> None:
    name, content, code = REFUSED[case]
    path = written(tmp_path, "upload", content())
    with pytest.raises(PressroomError) as refused:
        inspect_file(path, name)
    assert refused.value.code == code


NO_FIRMWARE: dict[str, Callable[[], bytes]] = {
    "an app": lambda: APP,
    "an image without its content": lambda: zipped(
        {"manifest.json": b'{"kind": "firmware", "level": "081.223", "models": ["PX C4150"]}'}
    ),
    "a level that is no number": lambda: zipped(
        {"manifest.json": b'{"kind": "firmware", "level": "new", "models": ["PX C4150"]}', "image.bin": b"1"}
    ),
    "no models": lambda: firmware_image("081.223", []),
    "a page of the web": lambda: b"<html>Sign in first</html>",
}


@pytest.mark.parametrize("case", NO_FIRMWARE)
def test_what_is_no_firmware(tmp_path: Path, case: str) -> None:
    path = written(tmp_path, "image", NO_FIRMWARE[case]())
    with pytest.raises(PressroomError) as refused:
        read_firmware(path, "image.fls")
    assert refused.value.code == "printer_file.not_what_it_says"
