"""Scans: orders for printers, pages that come in pieces, the file that is made of them, and what ends a scan."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from sqlalchemy import select, update

from connectors.documents import open_store
from connectors.documents.inspection import DAMAGED_FILE, EMPTY, TOO_MANY_PIXELS
from connectors.documents.media_types import JPEG, PDF, TIFF, ZIP
from connectors.documents.scanned_page import PAGE_FORMAT
from connectors.errors import Fault, PressroomError
from domain.organizations.actor import ROLE_MISSING, Actor
from domain.organizations.roles import Role
from domain.scanning import pages
from domain.scanning.content import scan_store
from domain.scanning.finishing import NO_PAGES, TOO_LARGE, fetched_file, finish_scan
from domain.scanning.jobs import ENDED_SCAN, PRINTER_LOST, PRINTER_SILENT, WRONG_STATE
from domain.scanning.models import ScanJob
from domain.scanning.orders import JAM, Problem, ScanOrder, end_batch, printers_with_orders, take_order
from domain.scanning.pages import (
    TOO_MANY_PIECES,
    WRONG_DIGEST,
    WRONG_NUMBER,
    WRONG_OFFSET,
    PageProgress,
    Piece,
    check_piece,
    page_progress,
    receive_page,
    receive_piece,
)
from domain.scanning.service import (
    BUSY,
    Purpose,
    cancel_scan,
    open_preview,
    own_scans,
    scan_next,
    scan_view,
    start_scan,
)
from domain.scanning.settings import FileFormat, ScanSettings
from domain.scanning.states import PurposeKind, ScanState
from domain.solutions.definition import ScanSettings as SolutionScanSettings
from domain.tenancy import NOT_FOUND, tenant_session
from tests.support.installation import Installation, installed
from tests.support.panel_scans import fall_silent

PRINTER = "a" * 32
FOR_SOLUTION = Purpose(PurposeKind.SOLUTION, "b" * 32)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("scanning")) as made:
        yield made


@pytest.fixture
def ann(installation: Installation) -> Iterator[Actor]:
    """Somebody with nothing at the printer."""
    with tenant_session(installation.administrator.organization_id) as session:
        session.execute(update(ScanJob).values(state=ScanState.CANCELLED))
    return installation.administrator


def jpeg(width: int = 850, height: int = 1100, mode: str = "RGB", **options: object) -> bytes:
    stream = io.BytesIO()
    picture = Image.effect_noise((width, height), 50).convert(mode)
    picture.save(stream, "JPEG", **({"quality": 80, "dpi": (100, 100)} | options))
    return stream.getvalue()


def png(width: int, height: int, mode: str = "1") -> bytes:
    stream = io.BytesIO()
    Image.new(mode, (width, height), 1).save(stream, "PNG", dpi=(100, 100))
    return stream.getvalue()


def started(actor: Actor, settings: ScanSettings | None = None, purpose: Purpose = FOR_SOLUTION) -> ScanOrder:
    """A scan whose order the printer has fetched."""
    view = start_scan(actor, PRINTER, settings, purpose)
    order = take_order(actor.organization_id, PRINTER)
    assert order is not None
    assert order.scan_id == view.id
    return order


def sent(actor: Actor, order: ScanOrder, number: int, start: int, data: bytes, total: int) -> PageProgress:
    piece = Piece(order.scan_id, number, start, total)
    known = check_piece(actor.organization_id, PRINTER, piece)
    return receive_piece(actor.organization_id, PRINTER, piece, io.BytesIO(data), known)


def scanned(actor: Actor, order: ScanOrder, pages: Sequence[bytes], problem: Problem | None = None) -> None:
    """The printer sends these pages and ends its batch."""
    for number, data in enumerate(pages, order.first_page):
        assert sent(actor, order, number, 0, data, len(data)).is_complete
    end_batch(actor.organization_id, PRINTER, order.scan_id, order.batch, problem)


def kept_objects(actor: Actor, scan_id: str) -> int:
    return len(list(scan_store().list(f"{actor.organization_id}/scans/{scan_id}")))


def refusal(fault: Fault) -> pytest.RaisesExc[PressroomError]:
    return pytest.raises(PressroomError, check=lambda error: error.fault is fault)


def test_settings_are_those_of_the_solution(ann: Actor) -> None:
    """SC-55: solutions have the same set, and further fields that no scanner knows."""
    of_solution = SolutionScanSettings(color_mode="grayscale", resolution=150, file_format="TIFF", contrast=-3)
    settings = ScanSettings.of(of_solution, source="glass")
    assert settings == ScanSettings(
        color_mode="grayscale", resolution=150, file_format=FileFormat.TIFF, contrast=-3, source="glass"
    )


def test_several_originals_with_different_settings_become_one_document(ann: Actor) -> None:
    """SCAN-89, SCAN-113: scan next page."""
    order = started(ann, ScanSettings(resolution=300))
    assert printers_with_orders() == set()
    scanned(ann, order, [jpeg(), jpeg(mode="L")])
    grey = scan_next(ann, order.scan_id, ScanSettings(resolution=600, color_mode="black_and_white"))
    assert (grey.state, grey.batch) == (ScanState.WAITING, 2)
    assert printers_with_orders() == {(ann.organization_id, PRINTER)}
    more = take_order(ann.organization_id, PRINTER)
    assert more is not None
    assert (more.first_page, more.batch, more.settings) == (3, 2, grey.settings)
    scanned(ann, more, [png(850, 1100)])
    document = finish_scan(ann, order.scan_id, name="Möte 3.pdf")
    assert (document.name, document.media_type, document.pages) == ("Möte 3.pdf", PDF, 3)
    view = scan_view(ann, order.scan_id)
    assert (view.state, view.documents, len(view.complete_pages)) == (ScanState.FINISHED, (document,), 3)
    assert finish_scan(ann, order.scan_id, name="Möte 3") == document


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
def test_jpeg_pages_are_taken_over_as_they_are(ann: Actor, subsampling: str) -> None:
    """In PDF and TIFF alike; black and white is packed without loss."""
    color, grey, text = jpeg(subsampling=subsampling), jpeg(mode="L"), png(850, 1100)
    order = started(ann)
    scanned(ann, order, [color, grey, text])
    finish_scan(ann, order.scan_id, FileFormat.PDF)
    with fetched_file(ann, order.scan_id) as (_, path), pikepdf.open(path) as pdf:
        images = [next(iter(page.images.values())) for page in pdf.pages]
        assert [image.read_raw_bytes() for image in images[:2]] == [color, grey]
        assert [tuple(map(float, page.mediabox[2:])) for page in pdf.pages] == [(612.0, 792.0)] * 3
    document = finish_scan(ann, order.scan_id, FileFormat.TIFF)
    assert document.media_type == TIFF
    with fetched_file(ann, order.scan_id) as (_, path), Image.open(path) as tiff:
        data = path.read_bytes()
        assert color in data
        assert grey in data
        for number, original in enumerate((color, grey, text)):
            tiff.seek(number)
            with Image.open(io.BytesIO(original)) as page:
                assert tiff.convert("RGB").tobytes() == page.convert("RGB").tobytes()
            assert tiff.info["dpi"] == (100, 100)


def test_jpeg_is_a_file_a_page(ann: Actor) -> None:
    """One page is a JPEG file; several are a ZIP of them, and each of them by itself."""
    order = started(ann, ScanSettings(file_format=FileFormat.JPEG))
    scanned(ann, order, [first := jpeg()])
    assert finish_scan(ann, order.scan_id, name="Kvitto").name == "Kvitto.jpg"
    with fetched_file(ann, order.scan_id) as (document, path):
        assert (document.media_type, path.read_bytes()) == (JPEG, first)
    order = started(ann, ScanSettings(file_format=FileFormat.JPEG))
    scanned(ann, order, [first, png(850, 1100)])
    assert finish_scan(ann, order.scan_id, name="Kvitto").media_type == ZIP
    names = [one.name for one in scan_view(ann, order.scan_id).documents]
    assert names == ["Kvitto.zip", "Kvitto_1.jpg", "Kvitto_2.jpg"]
    with fetched_file(ann, order.scan_id) as (_, path), zipfile.ZipFile(path) as archive:
        assert archive.namelist() == names[1:]
        assert archive.read("Kvitto_1.jpg") == first
    with fetched_file(ann, order.scan_id, 2) as (document, path), Image.open(path) as page:
        assert (document.name, page.format, page.size) == ("Kvitto_2.jpg", "JPEG", (850, 1100))


def test_an_interrupted_upload_goes_on_where_it_stopped(ann: Actor) -> None:
    order = started(ann)
    data = jpeg()
    total, organization_id = len(data), ann.organization_id
    sent(ann, order, 1, 0, data[:1000], total)
    assert page_progress(organization_id, PRINTER, order.scan_id, 1) == PageProgress(1000, total, is_complete=False)
    with refusal(WRONG_OFFSET):
        sent(ann, order, 1, 2000, data[2000:], total)
    assert sent(ann, order, 1, 1000, data[1000:5000], total).received == 5000
    assert sent(ann, order, 1, 5000, data[5000:], total).is_complete
    assert sent(ann, order, 1, 5000, data[5000:], total).is_complete, "an answer that was lost"
    view = scan_view(ann, order.scan_id)
    assert [(page.width, page.height, page.dpi, page.media_type) for page in view.pages] == [(850, 1100, 100, JPEG)]
    assert kept_objects(ann, order.scan_id) == 2, "the page and its preview; the pieces are gone"
    with open_preview(ann, order.scan_id, 1) as (preview, stream), Image.open(stream) as picture:
        assert max(picture.size) == 480
        assert preview.size < 60_000


def test_a_page_may_begin_anew(ann: Actor) -> None:
    order = started(ann)
    sent(ann, order, 1, 0, b"\xff\xd8\xff of another page", 5000)
    data = jpeg()
    assert sent(ann, order, 1, 0, data, len(data)).is_complete
    assert kept_objects(ann, order.scan_id) == 2


def test_two_requests_for_one_page_do_not_mix(ann: Actor) -> None:
    """A printer gives a connection up and begins anew, while the portal still takes in what it sent before."""
    order = started(ann)
    data = jpeg()
    piece = Piece(order.scan_id, 1, 0, len(data))
    known = check_piece(ann.organization_id, PRINTER, piece)
    assert sent(ann, order, 1, 0, data[:9000], len(data)).received == 9000
    with refusal(WRONG_OFFSET):
        receive_piece(ann.organization_id, PRINTER, piece, io.BytesIO(data[:500]), known)
    assert sent(ann, order, 1, 9000, data[9000:], len(data)).is_complete
    assert kept_objects(ann, order.scan_id) == 2


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", EMPTY),
        (b"%PDF-1.7 a file of another kind", PAGE_FORMAT),
        (b"\xff\xd8\xff\xe0 not a picture at all", DAMAGED_FILE),
        (jpeg()[:-4000], DAMAGED_FILE),
        (jpeg(progressive=True), PAGE_FORMAT),
        (jpeg(mode="CMYK"), PAGE_FORMAT),
        (png(20_000, 20_000), TOO_MANY_PIXELS),
        (png(9000, 9000, "L"), TOO_MANY_PIXELS),
        (b"GIF89a" + bytes(100), PAGE_FORMAT),
    ],
)
def test_what_is_no_page_is_refused_and_forgotten(ann: Actor, tmp_path: Path, data: bytes, fault: Fault) -> None:
    order = started(ann)
    (tmp_path / "page").write_bytes(data)
    with refusal(fault):
        receive_page(ann.organization_id, PRINTER, order.scan_id, 1, tmp_path / "page")
    assert scan_view(ann, order.scan_id).pages == ()
    assert kept_objects(ann, order.scan_id) == 0
    scanned(ann, order, [jpeg()])


def test_a_changed_page_is_noticed(ann: Actor) -> None:
    order = started(ann)
    data = jpeg()
    piece = Piece(order.scan_id, 1, 0, len(data), "0" * 64)
    with refusal(WRONG_DIGEST):
        receive_piece(ann.organization_id, PRINTER, piece, io.BytesIO(data))


def test_limits_hold_before_the_bytes_come(ann: Actor) -> None:
    """SCAN-122, SC-99: the smallest limit that applies, over all pages."""
    page = jpeg()
    limit = len(page) * 2
    order = started(ann, purpose=Purpose(PurposeKind.DESTINATION, limit=limit))
    assert order.bytes_left == limit
    sent(ann, order, 1, 0, page, len(page))
    with refusal(TOO_LARGE):
        check_piece(ann.organization_id, PRINTER, Piece(order.scan_id, 2, 0, len(page) + 1))
    end_batch(ann.organization_id, PRINTER, order.scan_id, 1)
    again = scan_next(ann, order.scan_id)
    assert again.size_limit - again.size == len(page)
    started_again = take_order(ann.organization_id, PRINTER)
    assert started_again is not None
    scanned(ann, started_again, [page])
    with refusal(TOO_LARGE):  # a PDF is larger than its pages
        finish_scan(ann, order.scan_id)
    view = scan_view(ann, order.scan_id)
    assert (view.state, len(view.pages)) == (ScanState.READY, 2), "the scan is not lost"


def test_pages_come_in_order_and_in_few_pieces(ann: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_PIECES", 5)
    order = started(ann)
    with refusal(WRONG_NUMBER):
        check_piece(ann.organization_id, PRINTER, Piece(order.scan_id, 2, 0, 100))
    for start in range(pages.MOST_PIECES):
        sent(ann, order, 1, start, b"x", 1000)
    with refusal(TOO_MANY_PIECES):
        sent(ann, order, 1, pages.MOST_PIECES, b"x", 1000)
    scanned(ann, order, [jpeg()])


def test_a_jam_keeps_the_pages_that_came(ann: Actor) -> None:
    order = started(ann)
    sent(ann, order, 1, 0, data := jpeg(), len(data))
    sent(ann, order, 2, 0, data[:500], len(data))
    assert end_batch(ann.organization_id, PRINTER, order.scan_id, 1, Problem.JAM, ["contrast"]) is ScanState.READY
    view = scan_view(ann, order.scan_id)
    assert view.problem is not None
    assert (view.problem.code, view.ignored, len(view.pages)) == (JAM.code, ("contrast",), 1)
    assert kept_objects(ann, order.scan_id) == 2
    scan_next(ann, order.scan_id)
    rest = take_order(ann.organization_id, PRINTER)
    assert rest is not None
    assert rest.first_page == 2
    scanned(ann, rest, [data])
    assert finish_scan(ann, order.scan_id).pages == 2


def test_what_the_printer_does_not_do_comes_back_with_the_reason(ann: Actor) -> None:
    waiting = start_scan(ann, PRINTER, None, FOR_SOLUTION)
    with refusal(BUSY):
        start_scan(ann, PRINTER, None, FOR_SOLUTION)
    fall_silent(ann.organization_id)
    view = scan_view(ann, waiting.id)
    assert view.problem is not None
    assert (view.state, view.problem.code) == (ScanState.READY, PRINTER_SILENT.code)
    with refusal(NO_PAGES):
        finish_scan(ann, waiting.id)
    order = started(ann)
    with refusal(WRONG_STATE):
        finish_scan(ann, order.scan_id)
    fall_silent(ann.organization_id)
    assert take_order(ann.organization_id, PRINTER, in_hand=[order.scan_id]) is None
    view = scan_view(ann, order.scan_id)
    assert view.problem is not None
    assert view.problem.code == PRINTER_LOST.code


def test_an_order_whose_answer_was_lost_is_given_again(ann: Actor) -> None:
    order = started(ann)
    assert take_order(ann.organization_id, PRINTER, in_hand=[order.scan_id]) is None
    assert take_order(ann.organization_id, PRINTER) == order
    sent(ann, order, 1, 0, data := jpeg(), len(data))
    assert take_order(ann.organization_id, PRINTER) is None, "the printer was restarted in the middle"
    assert scan_view(ann, order.scan_id).state is ScanState.READY


def test_a_cancelled_scan_leaves_nothing(ann: Actor) -> None:
    order = started(ann)
    sent(ann, order, 1, 0, data := jpeg(), len(data))
    cancel_scan(ann, order.scan_id)
    cancel_scan(ann, order.scan_id)
    assert kept_objects(ann, order.scan_id) == 0
    with refusal(ENDED_SCAN):
        sent(ann, order, 2, 0, data, len(data))
    with refusal(ENDED_SCAN):
        end_batch(ann.organization_id, PRINTER, order.scan_id, 1)
    assert order.scan_id not in [one.id for one in own_scans(ann)]


def test_scans_are_their_owners(ann: Actor, installation: Installation) -> None:
    order = started(ann)
    scanned(ann, order, [jpeg()])
    colleague = installation.add_person("colleague@one.example", Role.SOLUTIONS_USER)
    for other in (colleague, installation.stranger):
        for use in (scan_view, scan_next, cancel_scan, finish_scan):
            with refusal(NOT_FOUND):
                use(other, order.scan_id)
    with refusal(NOT_FOUND):
        page_progress(ann.organization_id, "c" * 32, order.scan_id, 1)
    with refusal(ROLE_MISSING):
        start_scan(colleague, "c" * 32, None, Purpose(PurposeKind.DESTINATION))
    assert next(one.id for one in own_scans(ann, PRINTER)) == order.scan_id


def test_the_store_holds_nothing_clear(ann: Actor, installation: Installation) -> None:
    order = started(ann)
    scanned(ann, order, [jpeg()])
    finish_scan(ann, order.scan_id)
    with tenant_session(ann.organization_id, read_only=True) as session:
        assert session.scalar(select(ScanJob.state).where(ScanJob.id == order.scan_id)) == ScanState.FINISHED
    store = open_store(installation.settings)
    stored = [one.key for one in store.list(f"{ann.organization_id}/scans/{order.scan_id}")]
    assert len(stored) == 3
    for key in stored:
        with store.open(key) as stream:
            content = stream.read()
        assert b"JFIF" not in content
        assert b"%PDF" not in content
