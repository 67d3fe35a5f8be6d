"""What is particular to documents in a folder."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.documents import FolderStore
from connectors.documents.store import BAD_KEY, DAMAGED, DISK_FULL, STORE_FULL
from connectors.documents.streams import save
from connectors.errors import PressroomError
from tests.connectors.documents.contents import MB, Unseekable, keys, put, read


def test_empty_parents_go_with_the_last_document(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    put(store, "o/a/b/c/d")
    put(store, "o/x")
    store.delete("o/a/b/c/d")
    assert [path.name for path in (tmp_path / "objects" / "o").iterdir()] == ["x.stored"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"X" + content[1:],
        lambda content: content[:-1],
        lambda content: content[1:],
        lambda content: content + b"0",
        lambda content: b"",
        lambda content: b"\xff\xff\xff\xffPRS1",
    ],
    ids=["a changed byte", "end cut", "start cut", "grown", "emptied", "senseless"],
)
def test_a_changed_file_is_never_handed_out(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    store = FolderStore(tmp_path / "store")
    put(store, "o/a", b"the content")
    path = store.path_of("o/a")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(PressroomError) as caught:
        read(store, "o/a")
    assert caught.value.fault is DAMAGED
    store.delete("o/a")
    assert not path.exists()


def test_links_planted_inside_the_folder_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.stored").write_bytes(b"secret")
    store = FolderStore(tmp_path / "store")
    put(store, "o/a")
    objects = tmp_path / "store" / "objects" / "o"
    (objects / "folder").symlink_to(tmp_path / "outside")
    (objects / "link.stored").symlink_to(tmp_path / "outside" / "a.stored")
    for key in ("o/folder/a", "o/link"):
        with pytest.raises(PressroomError) as caught:
            read(store, key)
        assert caught.value.fault is BAD_KEY
    with pytest.raises(PressroomError):
        put(store, "o/folder/new")
    assert keys(store, "o") == ["o/a"]
    assert [path.name for path in (tmp_path / "outside").iterdir()] == ["a.stored"]


def test_what_crashes_left_is_swept_after_a_day(tmp_path: Path) -> None:
    FolderStore(tmp_path)
    old, new = tmp_path / "incoming" / "old", tmp_path / "incoming" / "new"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    FolderStore(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)


FULL_DISK = """
import io, sys
from pathlib import Path
from connectors.documents.folder import FolderStore
from connectors.documents.streams import save
from connectors.errors import PressroomError
folder = Path(sys.argv[1])
store = FolderStore(folder)
store.put("o/kept", io.BytesIO(b"kept"), "text/plain")
for attempt in (
    lambda: store.put("o/new", io.BytesIO(b"x" * (4 << 20)), "text/plain"),
    lambda: save(io.BytesIO(b"x" * (4 << 20)), folder / "copy"),
):
    try:
        attempt()
    except PressroomError as error:
        print(error.code)
with store.open("o/kept") as source:
    print(source.read().decode(), [stored.key for stored in store.list("")])
print(sorted(path.name for path in folder.rglob("*") if path.is_file()))
"""


def test_a_full_disk_is_said_and_harms_nothing(tmp_path: Path) -> None:
    """On a real file system of 2 MB, mounted where no other process sees it."""
    mount = f'mount -t tmpfs -o size=2m tmpfs {tmp_path} && exec {sys.executable} -c "$1" {tmp_path}'
    result = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh", FULL_DISK],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        check=False,
    )
    if "mount" in result.stderr or "unshare" in result.stderr:
        pytest.skip(f"this machine lets nobody mount a small disk: {result.stderr.strip()}")
    assert result.stdout.splitlines() == [STORE_FULL.code, DISK_FULL.code, "kept ['o/kept']", "['kept.stored']"], (
        result.stderr
    )


def test_a_copy_appears_only_when_complete(tmp_path: Path) -> None:
    with pytest.raises(ConnectionResetError):
        save(Unseekable(3 * MB, fail_after=MB), tmp_path / "copy")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
