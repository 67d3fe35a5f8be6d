"""Scans with a phone's camera: whose they are, their pages in order, what is made of them, and when they go."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image
from sqlalchemy import select, update

from connectors.errors import PressroomError
from connectors.page_photos.look import Look
from domain.camera_scans import service
from domain.camera_scans.content import FOLDER, camera_store
from domain.camera_scans.handing_in import pdf_name, print_scan
from domain.camera_scans.keeping import forget_old_scans, scanned_pdf
from domain.camera_scans.models import CameraScan
from domain.camera_scans.service import (
    add_photo,
    begin_scan,
    camera_scan,
    change_page,
    delete_page,
    delete_scan,
    move_page,
    open_picture,
)
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.people.deletion import delete_people
from domain.printing.jobs import find_job
from tests.support.installation import Installation, installed
from tests.support.page_photographs import SCENES, as_jpeg, page_of_text, photograph

MM_PER_POINT = 25.4 / 72


@dataclass(frozen=True, slots=True)
class Desk:
    installation: Installation
    ann: Actor
    photo: Path

    def kept(self) -> int:
        """How many objects are kept of scans."""
        return len(list(camera_store().list(f"{self.ann.organization_id}/{FOLDER}")))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    with installed(folder / "home") as installation:
        photo = folder / "photo.jpg"
        photo.write_bytes(as_jpeg(photograph(page_of_text(), SCENES["turned"])))
        yield Desk(installation, installation.add_person("ann@one.example", Role.PRINT_RELEASE_USER), photo)


def refusal(call: Any, *given: Any, **named: Any) -> str:
    with pytest.raises(PressroomError) as caught:
        call(*given, **named)
    return caught.value.code


def test_from_the_first_photograph_to_the_print_queue(desk: Desk, tmp_path: Path) -> None:
    scan_id = begin_scan(desk.ann).id
    first = add_photo(desk.ann, scan_id, desk.photo, "one.jpg").pages[0]
    assert (first.is_found, first.look, first.version) == (True, Look.COLOR, 1)
    change_page(desk.ann, scan_id, first.id, look=Look.BLACK_AND_WHITE)
    grey = tmp_path / "grey.jpg"
    Image.new("RGB", (900, 600), "grey").save(grey)
    first, second = add_photo(desk.ann, scan_id, grey, "two.jpg").pages
    assert (first.look, first.version) == (Look.BLACK_AND_WHITE, 2)
    assert (second.is_found, second.look) == (False, Look.AS_TAKEN)
    with open_picture(desk.ann, scan_id, first.id) as (document, stream):
        assert document.media_type == "image/png"
        assert stream.read(4) == b"\x89PNG"
    with open_picture(desk.ann, scan_id, first.id, of_photo=True) as (document, _):
        assert document.media_type == "image/jpeg"
    view = move_page(desk.ann, scan_id, second.id, -1)
    assert [page.id for page in view.pages] == [second.id, first.id]
    assert desk.kept() == 6
    with scanned_pdf(desk.ann, scan_id) as path, pikepdf.open(path) as pdf:
        boxes = [[float(value) * MM_PER_POINT for value in page.mediabox] for page in pdf.pages]
    assert boxes[0][2] > boxes[0][3]
    assert boxes[1][2:] == pytest.approx([210, 297], abs=2)
    assert not path.exists()
    job = print_scan(desk.ann, scan_id, "Notice")
    with desk.ann.session(read_only=True) as session:
        row = find_job(session, job.id)
        assert (row.name, row.source, row.media_type) == ("Notice.pdf", "mobile", "application/pdf")
    assert refusal(camera_scan, desk.ann, scan_id) == "not_found"
    assert desk.kept() == 0


def test_pages_go_for_good(desk: Desk) -> None:
    scan_id = begin_scan(desk.ann).id
    assert refusal(print_scan, desk.ann, scan_id, "Nothing") == "camera_scan.no_pages"
    page = add_photo(desk.ann, scan_id, desk.photo, "one.jpg").pages[0]
    assert desk.kept() == 3
    assert delete_page(desk.ann, scan_id, page.id).pages == ()
    assert desk.kept() == 0
    delete_scan(desk.ann, scan_id)
    assert refusal(camera_scan, desk.ann, scan_id) == "not_found"


@pytest.mark.parametrize(
    "corners",
    [
        ((0, 0), (1, 0), (1, 1)),
        ((0, 0), (1, 0), (0, 1), (1, 1)),
        ((0, 0), (0, 1), (1, 1), (1, 0)),
        ((0, 0), (1.2, 0), (1, 1), (0, 1)),
        ((0.5, 0.5), (0.51, 0.5), (0.51, 0.51), (0.5, 0.51)),
        ((0, 0), (1, 0), (0.3, 0.3), (0, 1)),
        ((0, 0), (float("nan"), 0), (1, 1), (0, 1)),
    ],
    ids=["three", "crossed", "the other way round", "outside", "a point", "dented", "no number"],
)
def test_corners_that_make_no_page(desk: Desk, corners: Any) -> None:
    scan_id = begin_scan(desk.ann).id
    assert refusal(change_page, desk.ann, scan_id, "0" * 32, corners=corners) == "not_found"
    assert refusal(service.check_corners, corners) == "camera_scan.bad_corners"


def test_a_scan_is_its_owners_alone(desk: Desk) -> None:
    scan_id = begin_scan(desk.ann).id
    others = (desk.installation.administrator, desk.installation.stranger)
    calls: list[tuple[Any, tuple[Any, ...]]] = [
        (camera_scan, ()),
        (add_photo, (desk.photo, "x.jpg")),
        (delete_page, ("0" * 32,)),
        (move_page, ("0" * 32, 1)),
        (print_scan, ("x",)),
        (delete_scan, ()),
    ]
    for other in others:
        for call, given in calls:
            assert refusal(call, other, scan_id, *given) == "not_found"
    assert refusal(move_page, desk.ann, scan_id, "0" * 32, 1) == "not_found"


def test_a_scan_has_an_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_PAGES", 1)
    scan_id = begin_scan(desk.ann).id
    add_photo(desk.ann, scan_id, desk.photo, "one.jpg")
    assert refusal(add_photo, desk.ann, scan_id, desk.photo, "two.jpg") == "camera_scan.too_many_pages"
    delete_scan(desk.ann, scan_id)


def test_what_nobody_touches_for_a_day_goes_and_what_belongs_to_nobody_at_once(desk: Desk) -> None:
    gone = desk.installation.add_person("gone@one.example", Role.PRINT_RELEASE_USER)
    old, fresh, theirs = begin_scan(desk.ann).id, begin_scan(desk.ann).id, begin_scan(gone).id
    add_photo(gone, theirs, desk.photo, "one.jpg")
    delete_people(desk.installation.administrator, [gone.user_id])
    with desk.ann.session() as session:
        before = now() - timedelta(days=1, minutes=1)
        session.execute(update(CameraScan).where(CameraScan.id == old).values(changed=before))
    while forget_old_scans():
        continue
    with desk.ann.session(read_only=True) as session:
        left = set(session.scalars(select(CameraScan.id)))
    assert fresh in left
    assert not left & {old, theirs}
    assert desk.kept() == 0


@pytest.mark.parametrize(
    ("given", "name"),
    [("Notice", "Notice.pdf"), ("a.PDF", "a.PDF"), ("  ", "scan.pdf"), ("../../etc/x", "x.pdf")],
)
def test_names(given: str, name: str) -> None:
    assert pdf_name(given) == name
