"""Scanning with a phone's camera: photographs come in, pages are put right and in order, a PDF is made of them.

A scan belongs to whoever began it. It is kept apart from the page in the browser, because phones forget a page while
their camera is open.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.documents.document import Document
from connectors.documents.file_names import safe_file_name
from connectors.errors import Fault
from connectors.messages import N_
from connectors.page_photos.look import Look
from connectors.page_photos.photos import Corners, PhotoPage, Wish, check_photo, page_of_photo
from connectors.settings import get_settings
from domain.camera_scans.content import camera_store, forget_keys, forget_scans, keep
from domain.camera_scans.models import CameraPage, CameraScan
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND, new_id

MOST_PAGES = 60
MOST_SCANS = 100
"""What one person may have begun and not handed in."""
SMALLEST_PAGE = 0.01
"""Part of the photograph that a page has to take."""

TOO_MANY_PHOTOS = Fault(
    "camera_scan.too_many_pages",
    422,
    N_("A scan with the camera has {limit} pages at most."),
    N_("Hand this scan in and begin another."),
)
TOO_MANY_SCANS = Fault(
    "camera_scan.too_many",
    409,
    N_("You have {limit} scans with the camera that were not handed in."),
    N_("Hand some of them in or delete them; each goes a day after it was last changed."),
)
BAD_CORNERS = Fault(
    "camera_scan.bad_corners",
    422,
    N_("These corners make no page."),
    N_("Put each corner where a corner of the page is, without crossing sides."),
)


@dataclass(frozen=True, slots=True)
class CameraPageView:
    """A page of a scan. Not `is_found`: no page was seen in the photograph, all of it is the page."""

    id: str
    corners: tuple[tuple[float, float], ...]
    is_found: bool
    look: Look
    turn: int
    version: int
    size: int

    @classmethod
    def of(cls, page: CameraPage) -> "CameraPageView":
        corners = tuple((float(x), float(y)) for x, y in page.corners)
        size = Document.model_validate(page.made).size
        return cls(page.id, corners, page.is_found, Look(page.look), page.turn, page.version, size)


@dataclass(frozen=True, slots=True)
class CameraScanView:
    """A scan with its pages in order."""

    id: str
    pages: tuple[CameraPageView, ...]
    created: datetime

    @property
    def size(self) -> int:
        """About how many bytes its file will have."""
        return sum(page.size for page in self.pages)


def begin_scan(actor: Actor) -> CameraScanView:
    """A new scan without pages, for anybody: what is done with it takes a role. Raises `TOO_MANY_SCANS`."""
    actor.need(Permission.OWN_ACCOUNT)
    with actor.session() as session:
        own = select(func.count(CameraScan.id)).where(CameraScan.user_id == actor.user_id)
        if (session.scalar(own) or 0) >= MOST_SCANS:
            raise TOO_MANY_SCANS(limit=MOST_SCANS)
        scan = CameraScan(organization_id=actor.organization_id, user_id=actor.user_id)
        session.add(scan)
        session.flush()
        return CameraScanView(scan.id, (), scan.created)


def camera_scan(actor: Actor, scan_id: str) -> CameraScanView:
    """The actor's scan; raises `NOT_FOUND`."""
    with actor.session(read_only=True) as session:
        return _view(session, own_scan(session, actor, scan_id))


def add_photo(actor: Actor, scan_id: str, path: Path, name: str) -> CameraScanView:
    """Make a page of the photograph at `path`, after the others, looking as the last one that was found.

    Raises `NOT_FOUND`, `TOO_MANY_PHOTOS`, and what is wrong with the photograph.
    """
    name = safe_file_name(name)
    with actor.session(read_only=True) as session:
        pages = pages_of(session, own_scan(session, actor, scan_id))
    if len(pages) >= MOST_PAGES:
        raise TOO_MANY_PHOTOS(limit=MOST_PAGES)
    settings = get_settings()
    media_type = check_photo(path, name, settings)
    look = next((Look(page.look) for page in reversed(pages) if page.is_found), Look.COLOR)
    made = page_of_photo(path, name, Wish(look=look), settings)
    photo = keep(actor.organization_id, scan_id, path.read_bytes(), name, media_type)
    with actor.session() as session:
        scan = own_scan(session, actor, scan_id)
        page = CameraPage(id=new_id(), organization_id=actor.organization_id, scan_id=scan_id)
        page.photo, page.place = photo.model_dump(), len(pages_of(session, scan)) + 1
        _take(page, made, name)
        session.add(page)
        _touch(session, scan)
        return _view(session, scan)


def change_page(
    actor: Actor,
    scan_id: str,
    page_id: str,
    *,
    corners: Corners | None = None,
    look: Look | None = None,
    turn: int | None = None,
) -> CameraScanView:
    """Make a page anew with other corners, another look, or turned; raises `NOT_FOUND` or `BAD_CORNERS`."""
    with actor.session(read_only=True) as session:
        page = _page(session, own_scan(session, actor, scan_id), page_id)
        photo, before = Document.model_validate(page.photo), CameraPageView.of(page)
    if corners is not None:
        check_corners(corners)
    wish = Wish(
        corners=before.corners if corners is None else corners,
        look=look or before.look,
        turn=(before.turn if turn is None else turn) % 360,
    )
    made = _made_again(photo, wish)
    with actor.session() as session:
        scan = own_scan(session, actor, scan_id)
        page = _page(session, scan, page_id)
        former = [str(page.shown["key"]), str(page.made["key"])]
        is_found = page.is_found or corners is not None
        _take(page, replace(made, is_found=is_found), photo.name)
        page.turn, page.version = wish.turn, page.version + 1
        _touch(session, scan)
        view = _view(session, scan)
    forget_keys(former)
    return view


def move_page(actor: Actor, scan_id: str, page_id: str, by: int) -> CameraScanView:
    """Put a page so many places later, or earlier with a negative number; raises `NOT_FOUND`."""
    with actor.session() as session:
        scan = own_scan(session, actor, scan_id)
        page, others = _page(session, scan, page_id), pages_of(session, scan)
        others.remove(page)
        others.insert(max(0, page.place - 1 + by), page)
        _number(others)
        _touch(session, scan)
        return _view(session, scan)


def delete_page(actor: Actor, scan_id: str, page_id: str) -> CameraScanView:
    """Take a page out, for good; raises `NOT_FOUND`."""
    with actor.session() as session:
        scan = own_scan(session, actor, scan_id)
        page = _page(session, scan, page_id)
        keys = [str(one["key"]) for one in (page.photo, page.shown, page.made)]
        session.delete(page)
        session.flush()
        _number(pages_of(session, scan))
        _touch(session, scan)
        view = _view(session, scan)
    forget_keys(keys)
    return view


def delete_scan(actor: Actor, scan_id: str) -> None:
    """Forget the scan with all its pages; raises `NOT_FOUND`."""
    with actor.session() as session:
        session.delete(own_scan(session, actor, scan_id))
    forget_scans(actor.organization_id, [scan_id])


@contextmanager
def open_picture(
    actor: Actor, scan_id: str, page_id: str, *, of_photo: bool = False
) -> Iterator[tuple[Document, BinaryIO]]:
    """A page as it was made, or the photograph, small; raises `NOT_FOUND`, `MISSING`."""
    with actor.session(read_only=True) as session:
        page = _page(session, own_scan(session, actor, scan_id), page_id)
        document = Document.model_validate(page.shown if of_photo else page.made)
    with camera_store().open(document.key, document.sha256) as stream:
        yield document, stream


def _made_again(photo: Document, wish: Wish) -> PhotoPage:
    settings = get_settings()
    settings.scratch_folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="camera-page-", dir=settings.scratch_folder) as folder:
        path = Path(folder) / "photo"
        camera_store().fetch(photo.key, path, photo.sha256)
        return page_of_photo(path, photo.name, wish, settings)


def _take(page: CameraPage, made: PhotoPage, name: str) -> None:
    organization_id, scan_id = page.organization_id, page.scan_id
    page.made = keep(organization_id, scan_id, made.page, name, made.media_type).model_dump()
    page.shown = keep(organization_id, scan_id, made.photo, name, "image/jpeg").model_dump()
    page.corners, page.is_found = [list(corner) for corner in made.corners], made.is_found
    page.look, page.dpi = made.look, made.dpi


def check_corners(corners: Corners) -> None:
    """Raise `BAD_CORNERS` unless these are four corners in the picture, in order around a page of some size."""
    if len(corners) != 4 or any(not 0 <= value <= 1 for corner in corners for value in corner):
        raise BAD_CORNERS()
    turns = [_turn(corners[place - 1], corners[place], corners[(place + 1) % 4]) for place in range(4)]
    if min(turns) <= SMALLEST_PAGE:
        raise BAD_CORNERS()


def _turn(before: Sequence[float], here: Sequence[float], after: Sequence[float]) -> float:
    """Twice the area of the triangle; positive where the way turns clockwise, as it does around a page."""
    return (here[0] - before[0]) * (after[1] - here[1]) - (here[1] - before[1]) * (after[0] - here[0])


def own_scan(session: Session, actor: Actor, scan_id: str) -> CameraScan:
    """The scan if it is the actor's; raises `NOT_FOUND`."""
    scan = session.get(CameraScan, scan_id)
    if scan is None or scan.user_id != actor.user_id:
        raise NOT_FOUND(what="scan")
    return scan


def pages_of(session: Session, scan: CameraScan) -> list[CameraPage]:
    """Its pages in order."""
    query = select(CameraPage).where(CameraPage.scan_id == scan.id).order_by(CameraPage.place, CameraPage.id)
    return list(session.scalars(query))


def _page(session: Session, scan: CameraScan, page_id: str) -> CameraPage:
    page = session.get(CameraPage, page_id)
    if page is None or page.scan_id != scan.id:
        raise NOT_FOUND(what="page")
    return page


def _number(pages: Sequence[CameraPage]) -> None:
    for number, page in enumerate(pages, 1):
        page.place = number


def _touch(session: Session, scan: CameraScan) -> None:
    scan.changed = now()
    session.flush()


def _view(session: Session, scan: CameraScan) -> CameraScanView:
    return CameraScanView(scan.id, tuple(CameraPageView.of(page) for page in pages_of(session, scan)), scan.created)
