"""Argos packages from a folder: what is unpacked, and what is refused before a byte is written."""

import json
import zipfile
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from connectors.settings import Settings
from connectors.translation.argos import ArgosEngine
from connectors.translation.argos_packages import install_package, install_packages, installed_packages

METADATA = json.dumps({"from_code": "en", "to_code": "sv", "package_version": "1"})
GOOD = {"p/metadata.json": METADATA, "p/model/model.bin": "x"}


def package(path: Path, members: dict[str, str], link: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = 0o120777 << 16
            archive.writestr(info, "/etc")
    return path


@pytest.mark.parametrize(
    ("members", "link"),
    [
        ({**GOOD, "p/../../evil.txt": "x"}, ""),
        ({**GOOD, "../evil.txt": "x"}, ""),
        ({**GOOD, "/tmp/evil.txt": "x"}, ""),
        ({**GOOD, "p\\..\\evil.txt": "x"}, ""),
        ({**GOOD, "c:/evil.txt": "x"}, ""),
        ({**GOOD, "second/evil.txt": "x"}, ""),
        (GOOD, "p/link"),
        ({"p/model/model.bin": "x"}, ""),
        ({**GOOD, "p/metadata.json": "{}"}, ""),
        ({**GOOD, "p/metadata.json": "not json"}, ""),
        ({}, ""),
    ],
)
def test_a_package_that_could_write_elsewhere_or_is_none_is_refused(
    tmp_path: Path, members: dict[str, str], link: str
) -> None:
    target = tmp_path / "deep" / "packages"
    with pytest.raises(PressroomError) as refused:
        install_package(package(tmp_path / "bad.argosmodel", members, link), target)
    assert refused.value.code == "translate.package_refused"
    assert not list(tmp_path.rglob("evil*"))
    assert not list(target.iterdir())


def test_no_zip_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.argosmodel").write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(PressroomError, match=r"translate\.package_refused"):
        install_package(tmp_path / "bad.argosmodel", tmp_path / "packages")


def test_one_bad_package_keeps_no_other_out(shared_data: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    package(source / "a-bad.argosmodel", {**GOOD, "../evil.txt": "x"})
    real = shared_data / "translation" / "translate-en_es-0_1.argosmodel"
    (source / real.name).write_bytes(real.read_bytes())
    engine = ArgosEngine(Settings(_env_file=None, home=tmp_path / "home", translation_packages=source))
    assert [error.code for error in engine.refused] == ["translate.package_refused"]
    assert len(engine.pairs()) == 1


def test_a_package_is_unpacked_once_and_replaced_by_its_new_version(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "packages"
    source.mkdir()
    file = package(source / "translate-en_sv.argosmodel", GOOD)
    assert install_packages(source, target) == []
    (folder,) = target.iterdir()
    (folder / "kept").touch()
    install_packages(source, target)
    assert (folder / "kept").exists()
    package(file, {**GOOD, "p/README.md": "newer"})
    install_packages(source, target)
    (found,) = installed_packages(target)
    assert (found.folder / "README.md").read_text() == "newer"
    assert (found.from_code, found.to_code) == ("en", "sv")
