"""One conformance suite over every storage connector."""

import os
from pathlib import Path

import pytest

from connectors.errors import Fault
from connectors.storage import PROVIDERS, faults
from connectors.storage.connector import folder_parts
from tests.connectors.storage.rigs import LARGE, Rig, refused, send


def test_a_file_arrives_in_folders_made_for_it(rig: Rig, letter: Path) -> None:
    """SCAN-72."""
    storage = rig.connect()
    assert send(storage, letter, "Räksmörgås & 'co' #1 100%.pdf", "Från skannern/It's 50%") == (
        "Från skannern/It's 50%/Räksmörgås & 'co' #1 100%.pdf"
    )
    assert send(storage, letter, "top.pdf") == "top.pdf"
    assert rig.files() == {
        "Från skannern/It's 50%/Räksmörgås & 'co' #1 100%.pdf": b"the letter",
        "top.pdf": b"the letter",
    }


def test_taken_names_are_numbered_and_nothing_is_overwritten(rig: Rig, letter: Path) -> None:
    storage = rig.connect()
    for number, expected in enumerate(["letter.pdf", "letter_1.pdf", "letter_2.pdf"]):
        letter.write_bytes(b"%d" % number)
        assert send(storage, letter, folder="a", key=f"{number}" * 64) == f"a/{expected}"
    assert rig.files() == {"a/letter.pdf": b"0", "a/letter_1.pdf": b"1", "a/letter_2.pdf": b"2"}


def test_a_repeated_upload_is_recognised(rig: Rig, letter: Path) -> None:
    storage = rig.connect()
    letter.write_bytes(b"another")
    send(storage, letter, folder="a", key="f" * 64)
    letter.write_bytes(b"the letter")
    first = send(storage, letter, folder="a")
    assert send(rig.connect(), letter, folder="a", repeated=True) == first == "a/letter_1.pdf"
    assert len(rig.files()) == 2
    assert storage.repeatable is PROVIDERS[rig.account.provider].repeatable is True


def test_a_repeated_upload_that_had_not_arrived_is_sent(rig: Rig, letter: Path) -> None:
    assert send(rig.connect(), letter, folder="a", repeated=True) == "a/letter.pdf"
    assert rig.files() == {"a/letter.pdf": b"the letter"}


@pytest.mark.parametrize("size", [0, 1, LARGE])
def test_every_size_arrives_whole_with_progress(rig: Rig, size: int, tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes(os.urandom(size))
    shown: list[tuple[int, int]] = []
    send(rig.connect(), path, on_progress=lambda done, total: shown.append((done, total)))
    assert rig.files() == {"letter.pdf": path.read_bytes()}
    if size:
        assert shown[-1] == (size, size)
        assert [done for done, _ in shown] == sorted(done for done, _ in shown)


def test_cancelling_leaves_no_file(rig: Rig, large: Path) -> None:
    class Cancelled(Exception):
        pass

    def cancel(done: int, total: int) -> None:
        if done < total:
            raise Cancelled

    with pytest.raises(Cancelled):
        send(rig.connect(), large, on_progress=cancel)
    hidden = ".arriving-" if rig.account.provider == "webdav" else "nothing"  # the server may notice later than we ask
    assert [name for name in rig.files() if not name.startswith(hidden)] == []
    assert send(rig.connect(), large, repeated=True) == "letter.pdf"
    assert rig.files() == {"letter.pdf": large.read_bytes()}


def test_folders_are_listed_and_made(rig: Rig, letter: Path) -> None:
    """SCAN-60, SCAN-61, SCAN-62, SCAN-63, SCAN-64: what is looked at when a folder is selected."""
    storage = rig.connect()
    for folder in ("b/å", "a", "b/c d", "b/Z"):
        storage.create_folder(folder)
    send(storage, letter, folder="b")
    assert storage.list_folders("") == ["a", "b"]
    assert storage.list_folders("b") == ["Z", "c d", "å"]
    assert storage.list_folders("a") == []


def test_a_duplicate_folder_is_said(rig: Rig) -> None:
    storage = rig.connect()
    storage.create_folder("a/b")
    for folder in ("a", "a/b", ""):
        refused(lambda folder=folder: storage.create_folder(folder), faults.DUPLICATE_FOLDER)  # type: ignore[misc]


def test_a_folder_that_is_not_there_is_said(rig: Rig) -> None:
    refused(lambda: rig.connect().list_folders("no/such"), faults.FOLDER_UNAVAILABLE)


@pytest.mark.parametrize(
    ("folder", "fault"),
    [
        ("x" * 256, faults.PATH_TOO_LONG),
        ("/".join(["x" * 100] * 4), faults.PATH_TOO_LONG),
        ("a/../../b", faults.BAD_PATH),
        ("a\n/b\0", faults.BAD_PATH),
    ],
)
def test_folder_paths_have_limits(rig: Rig, letter: Path, folder: str, fault: Fault) -> None:
    refused(lambda: send(rig.connect(), letter, folder=folder), fault)
    assert rig.files() == {}


def test_longest_paths_and_odd_spellings() -> None:
    assert folder_parts("/".join(["x" * 132] * 3)) == ("x" * 132,) * 3
    assert folder_parts("/ a /b\\c//") == ("a", "b", "c")
