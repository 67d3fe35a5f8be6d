"""The eSCL client: against the simulated printers' scanners, and against servers that mean harm."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from connectors.errors import Fault, PressroomError
from connectors.escl import faults
from connectors.escl.client import LONGEST_ANSWER, Scanner
from connectors.escl.documents import Capabilities, Color, Input, Source, Status, Ticket, nearest
from printers_sim.escl.documents import FEEDER, GLASS
from printers_sim.scanner.scanner import Scanner as SimulatedScanner
from printers_sim.simulation import Simulation, SimulationPlan
from steps.scan_pages import NetworkScan, fit
from tests.support.failing_http import answering
from tests.support.simulation import device_address, running_simulation

MB = 1 << 20
GLASS_TICKET = Ticket(Source.GLASS, Color.GREY, 75, 2480, 3508)
FEEDER_TICKET = replace(GLASS_TICKET, source=Source.FEEDER)


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    plan = SimulationPlan(2, profiles=["color-mfp", "third-party-color"], http_port=0, snmp_port=0)
    with running_simulation(plan) as running:
        yield running


@pytest.fixture
def sensor(simulation: Simulation) -> SimulatedScanner:
    """What is in the first printer, as new."""
    simulation.printers[0].scanner = SimulatedScanner()
    return simulation.printers[0].scanner


@pytest.fixture
def scanner(simulation: Simulation, sensor: SimulatedScanner) -> Iterator[Scanner]:
    with Scanner(f"{device_address(simulation, simulation.printers[0])}/eSCL/", "Copy room") as opened:
        yield opened


def refusal(fault: Fault) -> pytest.RaisesExc[PressroomError]:
    return pytest.raises(PressroomError, check=lambda error: error.fault is fault)


def test_what_a_scanner_can_do(scanner: Scanner) -> None:
    able = scanner.capabilities()
    assert able.model == "Pressroom PX C4150"
    assert {source: (one.max_width, one.max_height) for source, one in able.inputs.items()} == {
        Source.GLASS: GLASS,
        Source.FEEDER: FEEDER,
        Source.FEEDER_TWO_SIDED: FEEDER,
    }
    assert able.inputs[Source.GLASS].colors == frozenset(Color)
    assert able.inputs[Source.GLASS].resolutions == (75, 150, 200, 300, 400, 600)
    assert scanner.status() == Status("Idle", "ScannerAdfLoaded")


def test_pages_come_one_after_another(scanner: Scanner, sensor: SimulatedScanner, tmp_path: Path) -> None:
    sizes = []
    for path in scanner.scan(FEEDER_TICKET, tmp_path, MB):
        with Image.open(path) as page:
            sizes.append((page.size, page.mode))
        path.unlink()
    assert sizes == [((620, 877), "L")] * 3
    [glass] = scanner.scan(replace(GLASS_TICKET, color=Color.COLOR), tmp_path, MB)
    with Image.open(glass) as page:
        assert page.mode == "RGB"


def test_a_job_that_is_left_is_cancelled(scanner: Scanner, sensor: SimulatedScanner, tmp_path: Path) -> None:
    pages = scanner.scan(FEEDER_TICKET, tmp_path, MB)
    next(pages)
    assert scanner.status().state == "Processing"
    with refusal(faults.BUSY):
        list(scanner.scan(FEEDER_TICKET, tmp_path, MB))
    pages.close()  # type: ignore[attr-defined] — a generator
    assert scanner.status().state == "Idle"


@pytest.mark.parametrize(
    ("changes", "fault", "count"),
    [
        ({"jam_at": 2}, faults.JAM, 1),
        ({"cover_open": True}, faults.COVER_OPEN, 0),
        ({"feeder": []}, faults.EMPTY, 0),
    ],
)
def test_what_is_wrong_with_it(
    scanner: Scanner, sensor: SimulatedScanner, tmp_path: Path, changes: dict[str, object], fault: Fault, count: int
) -> None:
    for name, value in changes.items():
        setattr(sensor, name, value)
    came: list[Path] = []
    with refusal(fault):
        came.extend(scanner.scan(FEEDER_TICKET, tmp_path, MB))
    assert len(list(tmp_path.glob("page-*"))) == count


def test_no_page_is_larger_than_it_may_be(scanner: Scanner, tmp_path: Path) -> None:
    with refusal(faults.PAGE_TOO_LARGE):
        list(scanner.scan(GLASS_TICKET, tmp_path, 1000))
    assert scanner.status().state == "Idle"


def test_a_printer_without_a_scanner(simulation: Simulation) -> None:
    with Scanner(f"{device_address(simulation, simulation.printers[1])}/eSCL") as none, refusal(faults.NO_SCANNER):
        none.capabilities()


@pytest.mark.parametrize(
    ("status", "body", "headers", "fault"),
    [
        (200, b"<html>", {}, faults.BAD_ANSWER),
        (200, b"<a/>", {}, faults.BAD_ANSWER),
        (200, b'<!DOCTYPE a [<!ENTITY b "&c;">]><a>&b;</a>', {}, faults.BAD_ANSWER),
        (200, b'<?xml version="1.0" encoding="no-such"?><a/>', {}, faults.BAD_ANSWER),
        (200, b" " * (LONGEST_ANSWER + 1), {}, faults.BAD_ANSWER),
        (200, b"<scan", {"Content-Length": "900"}, faults.UNREACHABLE),
        (302, b"", {"Location": "http://127.0.0.1:1/"}, faults.BAD_ANSWER),
        (401, b"", {}, faults.SIGN_IN),
        (500, b"", {}, faults.BAD_ANSWER),
        (404, b"", {}, faults.NO_SCANNER),
    ],
)
def test_answers_that_make_no_sense(status: int, body: bytes, headers: dict[str, str], fault: Fault) -> None:
    with answering(status, body, headers) as (place, _), Scanner(f"http://{place}/eSCL") as scanner, refusal(fault):
        scanner.capabilities()


@pytest.mark.parametrize("location", ["", "http://elsewhere/", "/eSCL/ScanJobs/../../secret", "/other/ScanJobs/1"])
def test_a_job_is_below_the_scanners_own_address(location: str, tmp_path: Path) -> None:
    with (
        answering(201, b"", {"Location": location}) as (place, seen),
        Scanner(f"http://{place}/eSCL") as scanner,
        refusal(faults.BAD_ANSWER),
    ):
        list(scanner.scan(GLASS_TICKET, tmp_path, MB))
    assert seen == ["POST /eSCL/ScanJobs"]


def test_a_page_of_another_kind_is_not_taken(tmp_path: Path) -> None:
    """The same answer to everything: the job's address is good, its page is not."""
    with (
        answering(201, b"", {"Location": "/eSCL/ScanJobs/1"}) as (place, _),
        Scanner(f"http://{place}/eSCL") as scanner,
        refusal(faults.BAD_ANSWER),
    ):
        list(scanner.scan(GLASS_TICKET, tmp_path, MB))


@pytest.mark.parametrize("address", ["ftp://scanner/eSCL", "http://", "http://name@scanner/eSCL", "http://[::1/eSCL"])
def test_bad_addresses(address: str) -> None:
    with refusal(faults.BAD_ADDRESS):
        Scanner(address)


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with Scanner(f"http://127.0.0.1:{taken.getsockname()[1]}/eSCL") as scanner, refusal(faults.UNREACHABLE):
            scanner.status()


def test_a_scanner_that_hangs_up_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=lambda: server.accept()[0].close(), daemon=True).start()
        with Scanner(f"http://127.0.0.1:{server.getsockname()[1]}/eSCL") as scanner, refusal(faults.UNREACHABLE):
            scanner.status()


PLACE = Input(2550, 3508, frozenset({Color.GREY, Color.COLOR}), (100, 300), frozenset({"image/jpeg"}))
ABLE = Capabilities("Any", "2.0", {Source.GLASS: PLACE, Source.FEEDER: PLACE})
IDLE, LOADED = Status("Idle", ""), Status("Idle", "ScannerAdfLoaded")
WANTED = NetworkScan("http://127.0.0.1/eSCL", "Any", MB)


@pytest.mark.parametrize(
    ("wanted", "status", "source", "color", "resolution", "ignored"),
    [
        ({}, LOADED, Source.FEEDER, Color.COLOR, 300, ()),
        ({}, IDLE, Source.GLASS, Color.COLOR, 300, ()),
        ({"source": "glass"}, LOADED, Source.GLASS, Color.COLOR, 300, ()),
        ({"color": "grayscale", "resolution": 100}, IDLE, Source.GLASS, Color.GREY, 100, ()),
        ({"color": "black_and_white"}, IDLE, Source.GLASS, Color.GREY, 300, ()),
        ({"resolution": 150}, IDLE, Source.GLASS, Color.COLOR, 300, ("resolution",)),
        ({"resolution": 600}, IDLE, Source.GLASS, Color.COLOR, 300, ("resolution",)),
        ({"two_sided": True}, LOADED, Source.FEEDER, Color.COLOR, 300, ("sides",)),
        ({"two_sided": True, "source": "glass"}, LOADED, Source.GLASS, Color.COLOR, 300, ("sides",)),
        ({"size_mm": (297, 420)}, IDLE, Source.GLASS, Color.COLOR, 300, ("original_size",)),
        ({"size_mm": (216, 279)}, IDLE, Source.GLASS, Color.COLOR, 300, ()),
    ],
)
def test_wishes_are_fitted_to_the_scanner(
    wanted: dict[str, object], status: Status, source: Source, color: Color, resolution: int, ignored: tuple[str, ...]
) -> None:
    """SCAN-81: what it cannot do is left out, and named."""
    fitted = fit(replace(WANTED, **wanted), ABLE, status)  # type: ignore[arg-type]
    assert (fitted.ticket.source, fitted.ticket.color, fitted.ticket.resolution) == (source, color, resolution)
    assert fitted.ignored == ignored
    assert fitted.ticket.width <= PLACE.max_width


def test_a_scanner_at_work_is_not_asked() -> None:
    with refusal(faults.BUSY):
        fit(WANTED, ABLE, Status("Processing", ""))
    with refusal(faults.STOPPED):
        fit(WANTED, ABLE, Status("Down", ""))


@pytest.mark.parametrize(("wanted", "found"), [(300, 300), (150, 200), (601, 600), (10, 100)])
def test_the_nearest_resolution(wanted: int, found: int) -> None:
    assert nearest(wanted, (100, 200, 300, 600)) == found
