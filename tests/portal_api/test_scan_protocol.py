"""Scanning at printers over HTTP: a simulated printer carries out orders, and whatever else a client may send."""

import base64
import hashlib
import io
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pikepdf
import pytest
from PIL import Image

from domain.scanning.finishing import fetched_file, finish_scan
from domain.scanning.service import Purpose, cancel_scan, own_scans, scan_next, scan_view, start_scan
from domain.scanning.settings import ScanSettings
from domain.scanning.states import PurposeKind, ScanState
from domain.scanning.views import ScanView
from portal_api.app import create_service
from printers_sim.scanner.originals import Kind, Original
from tests.support.panels import key_of
from tests.support.portal_server import serving
from tests.support.scanning import ScanOffice, scan_office

SECONDS = 60.0
FOR_SOLUTION = Purpose(PurposeKind.SOLUTION)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScanOffice]:
    with scan_office(tmp_path_factory.mktemp("office"), ("color-mfp", "mono-mfp")) as made:
        made.connect()
        yield made


@pytest.fixture
def printer(office: ScanOffice) -> Iterator[httpx.Client]:
    """What another printer asks, whose scan app is not connected; no scan is left at it."""
    headers = {"Authorization": f"Bearer {key_of(office.organization_id, office.printers[1])}"}
    with httpx.Client(base_url=f"{office.address}/device/v1", headers=headers, timeout=30, trust_env=False) as client:
        yield client
    for scan in own_scans(office.ann):
        cancel_scan(office.ann, scan.id)


def until(condition: Callable[[], bool]) -> None:
    """Wait for what the printer does by itself."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.05)


def ready(office: ScanOffice, scan_id: str) -> ScanView:
    """The scan as soon as the printer is done."""
    until(lambda: scan_view(office.ann, scan_id).state is ScanState.READY)
    return scan_view(office.ann, scan_id)


def scan(office: ScanOffice, **settings: object) -> ScanView:
    chosen = ScanSettings.model_validate({"resolution": 75, **settings})
    return ready(office, start_scan(office.ann, office.printer_id, chosen, FOR_SOLUTION).id)


def page_bytes(size: int = 400) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((size, size), 80).save(out, "JPEG")
    return out.getvalue()


def order_of(office: ScanOffice, printer: httpx.Client, **purpose: Any) -> dict[str, Any]:
    """An order that the second printer has fetched."""
    start_scan(office.ann, office.printers[1], None, Purpose(PurposeKind.SOLUTION, **purpose))
    order: dict[str, Any] = printer.post("/scan-orders", json={"wait": 5}).json()["order"]
    return order


def test_the_printer_scans_what_people_order(office: ScanOffice) -> None:
    """Feeder and glass with settings of their own, in one document (SCAN-89)."""
    scanner = office.fresh()
    scanner.load([Original(Kind.LETTER, "sv", 1, back=Kind.TABLE), Original(Kind.INVOICE, "sv", 2)])
    view = scan(office, sides="two_sided_long_edge", color_mode="grayscale")
    assert [page.width for page in view.pages] == [620] * 4
    scan_next(office.ann, view.id, ScanSettings(source="glass", color_mode="color", resolution=150))
    view = ready(office, view.id)
    assert [(page.number, page.batch, page.width, page.dpi) for page in view.pages[3:]] == [
        (4, 1, 620, 75),
        (5, 2, 1240, 150),
    ]
    assert finish_scan(office.ann, view.id, name="Ärende").name == "Ärende.pdf"
    with fetched_file(office.ann, view.id) as (_, path), pikepdf.open(path) as pdf:
        sizes = {tuple(round(float(side)) for side in page.mediabox[2:]) for page in pdf.pages}
        assert sizes <= {(595, 842), (595, 841)}


def test_an_upload_that_breaks_goes_on(office: ScanOffice) -> None:
    scanner = office.fresh()
    scanner.upload_breaks = 3
    view = scan(office)
    assert (view.problem, len(view.complete_pages), scanner.upload_breaks) == (None, 3, 0)


@pytest.mark.parametrize(
    ("changes", "code", "pages"),
    [
        ({"jam_at": 3}, "scan.jam", 2),
        ({"cover_open": True}, "scan.cover_open", 0),
        ({"feeder": [], "glass": None}, "scan.no_original", 0),
    ],
)
def test_people_read_what_is_wrong_and_go_on(
    office: ScanOffice, changes: dict[str, object], code: str, pages: int
) -> None:
    scanner = office.fresh()
    for name, value in changes.items():
        setattr(scanner, name, value)
    view = scan(office)
    assert view.problem is not None
    assert (view.problem.code, len(view.complete_pages)) == (code, pages)
    office.fresh()
    scan_next(office.ann, view.id)
    assert len(ready(office, view.id).complete_pages) == pages + 3


def test_a_scan_that_becomes_too_large_stops_with_what_fits(office: ScanOffice) -> None:
    office.fresh()
    purpose = Purpose(PurposeKind.SOLUTION, limit=60_000)
    started = start_scan(office.ann, office.printer_id, ScanSettings(resolution=75), purpose)
    view = ready(office, started.id)
    assert view.problem is not None
    assert view.problem.code == "scan.too_large"
    assert 0 < len(view.complete_pages) < 3


def test_the_order_comes_as_soon_as_it_is_made(office: ScanOffice, printer: httpx.Client) -> None:
    """A long poll is woken; without an order it ends by itself."""
    before = time.monotonic()
    assert printer.post("/scan-orders", json={"wait": 0.5}).json() == {"order": None}
    assert 0.4 < time.monotonic() - before < SECONDS
    order = order_of(office, printer)
    assert (order["first_page"], order["settings"], order["batch"]) == (1, None, 1)
    assert printer.post("/scan-orders", json={"in_hand": [order["scan_id"]]}).json()["order"] is None


def test_a_page_in_pieces(office: ScanOffice, printer: httpx.Client) -> None:
    data = page_bytes()
    half, total = len(data) // 2, len(data)
    path = f"/scans/{order_of(office, printer)['scan_id']}/pages/1"
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    first = printer.put(path, content=data[:half], headers={"Content-Range": f"bytes 0-{half - 1}/{total}"})
    assert first.json() == {"received": half, "total": total, "complete": False}
    assert printer.get(path).json()["received"] == half
    headers = {"Content-Range": f"bytes {half}-{total - 1}/{total}", "Repr-Digest": f"sha-256=:{digest}:"}
    assert printer.put(path, content=data[half:], headers=headers).json()["complete"]
    assert printer.put(path, content=data[half:], headers=headers).json()["complete"]


def test_another_process_of_the_portal_goes_on(office: ScanOffice, printer: httpx.Client) -> None:
    """What has come is in the store, not in the process that took it in."""
    data = page_bytes()
    half, total = len(data) // 2, len(data)
    path = f"/scans/{order_of(office, printer)['scan_id']}/pages/1"
    printer.put(path, content=data[:half], headers={"Content-Range": f"bytes 0-{half - 1}/{total}"})
    with serving(create_service()) as other:
        url = f"{other}/device/v1{path}"
        headers = {
            "Authorization": printer.headers["authorization"],
            "Content-Range": f"bytes {half}-{total - 1}/{total}",
        }
        answer = httpx.put(url, content=data[half:], headers=headers, trust_env=False)
        assert answer.json()["complete"], answer.text


def test_a_printer_that_is_switched_off_in_the_middle(office: ScanOffice) -> None:
    """The pages that came are there when it is back, with the reason; nothing is scanned again by itself."""
    scanner = office.fresh()
    scanner.slow = 1.0
    started = start_scan(office.ann, office.printer_id, ScanSettings(resolution=75), FOR_SOLUTION)
    until(lambda: len(scan_view(office.ann, started.id).complete_pages) == 1)
    knobs, app = office.simulated.knobs, office.simulation.scans.of(office.simulated)
    knobs.offline = True
    try:
        until(lambda: app.access is None)
    finally:
        knobs.offline = False
    view = ready(office, started.id)
    assert view.problem is not None
    assert view.problem.code == "scan.printer_lost"
    assert 1 <= len(view.complete_pages) < 3


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({"Content-Range": "bytes 0-9/10"}, b"12345", "scan.bad_range"),
        ({"Content-Range": "bytes 5-2/10"}, b"12345", "scan.bad_range"),
        ({"Content-Range": "bytes 0-4/*"}, b"12345", "scan.bad_range"),
        ({"Content-Range": "bytes 3-7/20"}, b"12345", "scan.wrong_offset"),
        ({"Repr-Digest": "sha-256=:AAAA:"}, b"12345", "scan.bad_digest"),
        ({"Repr-Digest": f"sha-256=:{base64.b64encode(bytes(32)).decode()}:"}, page_bytes(), "scan.wrong_digest"),
        ({"Content-Range": "bytes 0-4/900000000"}, b"12345", "scan.too_large"),
        ({}, b"MZ no picture", "scan.page_format"),
        ({}, b"", "document.empty"),
    ],
)
def test_bad_uploads_are_refused_and_forgotten(
    office: ScanOffice, printer: httpx.Client, headers: dict[str, str], body: bytes, code: str
) -> None:
    scan_id = order_of(office, printer)["scan_id"]
    answer = printer.put(f"/scans/{scan_id}/pages/1", content=body, headers=headers)
    assert answer.json()["code"] == code
    assert scan_view(office.ann, scan_id).pages == ()
    assert printer.put(f"/scans/{scan_id}/pages/1", content=page_bytes()).json()["complete"]


def test_endless_streams_end(office: ScanOffice, printer: httpx.Client) -> None:
    """Without a length nothing is taken; with a range, no more than it says."""
    path = f"/scans/{order_of(office, printer)['scan_id']}/pages/1"

    def endless(pieces: int) -> Iterator[bytes]:
        for _ in range(pieces):
            yield bytes(1 << 16)

    assert printer.put(path, content=endless(50)).json()["code"] == "scan.bad_range"
    headers = {"Content-Range": "bytes 0-99/100"}
    assert printer.put(path, content=endless(50), headers=headers).json()["code"] == "scan.bad_range"
    assert printer.get(path).json() == {"received": 0, "total": 0, "complete": False}


def test_what_came_of_a_broken_connection_is_kept(office: ScanOffice, printer: httpx.Client) -> None:
    scan_id = order_of(office, printer)["scan_id"]
    data, place = page_bytes(1200), urlsplit(office.address)
    head = (
        f"PUT /device/v1/scans/{scan_id}/pages/1 HTTP/1.1\r\nHost: {place.netloc}\r\n"
        f"Authorization: {printer.headers['authorization']}\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    with socket.create_connection((place.hostname or "", place.port or 0), SECONDS) as line:
        line.sendall(head.encode() + data[:200_000])
    until(lambda: printer.get(f"/scans/{scan_id}/pages/1").json()["received"] > 0)
    received = printer.get(f"/scans/{scan_id}/pages/1").json()["received"]
    headers = {"Content-Range": f"bytes {received}-{len(data) - 1}/{len(data)}"}
    answer = printer.put(f"/scans/{scan_id}/pages/1", content=data[received:], headers=headers)
    assert answer.json()["complete"], answer.text


def test_only_the_printer_itself_may(office: ScanOffice, printer: httpx.Client) -> None:
    order = order_of(office, printer)
    path = f"{office.address}/device/v1/scans/{order['scan_id']}/pages/1"
    for headers, status in (
        ({}, 401),
        ({"Authorization": "Bearer nothing"}, 401),
        ({"Authorization": f"Bearer {office.key}"}, 404),
    ):
        assert httpx.put(path, content=page_bytes(), headers=headers, trust_env=False).status_code == status
    cancel_scan(office.ann, order["scan_id"])
    assert printer.put(f"/scans/{order['scan_id']}/pages/1", content=page_bytes()).json()["code"] == "scan.ended"
    assert printer.post(f"/scans/{order['scan_id']}/end", json={"batch": 1}).status_code == 410
