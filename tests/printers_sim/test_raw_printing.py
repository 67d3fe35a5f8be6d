"""Printing without IPP (PR-334): by our own client of the raw port and of LPR, and by CUPS's, which others wrote."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from connectors.ipp.ticket import JobTicket
from connectors.raw_printing import RawJob, print_lpr, print_raw
from printers_sim.ipp.jobs import Job, JobState
from printers_sim.printer import Condition, SimulatedPrinter
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.web.requests import Timing
from steps.device_data import POSTSCRIPT
from steps.print_release import End, Outcome, PrinterAddress, ReleaseOrder, deliver
from tests.printers_sim.conftest import wait_until
from tests.support.releasing import write_pdf
from tests.support.simulation import running_simulation

BACKENDS = Path("/usr/lib/cups/backend")
PDF = "application/pdf"


@dataclass(frozen=True)
class Place:
    """A printer whose raw port and line printer daemon are open."""

    simulation: Simulation
    folder: Path

    @property
    def printer(self) -> SimulatedPrinter:
        return self.simulation.printers[0]

    def last(self) -> Job:
        """The job that came last, when it is finished."""
        queue = self.simulation.queues.of(self.printer)
        wait_until(lambda: bool(queue.jobs) and queue.jobs[max(queue.jobs)].is_finished)
        return queue.jobs[max(queue.jobs)]

    def job(self, pages: int = 2, name: str = "Report.pdf", **ticket: object) -> RawJob:
        path = write_pdf(self.folder / "report.pdf", pages)
        return RawJob(path, PDF, name, "ann", JobTicket.model_validate(ticket))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    plan = SimulationPlan(
        1, ["color-mfp"], http_port=0, snmp_port=0, raw_port=0, lpr_port=0, timing=Timing(0.05, 0.1, 0),
        folder=tmp_path / "state",
    )  # fmt: skip
    with running_simulation(plan) as simulation:
        printer = simulation.printers[0]
        printer.device.settings["network.lpd_enabled"] = True
        for tray in printer.trays:
            tray.sheets = tray.facts.capacity
        for supply in printer.supplies:
            supply.used = 0
        printer.review()
        yield Place(simulation, tmp_path)


def test_the_raw_port_prints_and_tells_the_pages(place: Place) -> None:
    before = place.printer.life_count
    job = place.job(copies=2, sides="two-sided-short-edge", color_mode="monochrome")
    told = print_raw(place.printer.address, place.simulation.raw_port or 0, "printer", job, lambda: None)
    printed = place.last()
    assert (told, place.printer.life_count - before) == (4, 4)
    assert (printed.name, printed.user, printed.state) == ("Report.pdf", "ann", JobState.COMPLETED)
    assert printed.ticket.word("sides", "") == "two-sided-short-edge"
    assert printed.ticket.word("print-color-mode", "") == "monochrome"
    assert printed.sheets == 2


def test_the_line_printer_daemon_prints_as_many_copies_as_it_is_told(place: Place) -> None:
    before = place.printer.life_count
    job = place.job(pages=3, copies=2)
    print_lpr(place.printer.address, place.simulation.lpr_port or 0, "printer", job, lambda: None)
    printed = place.last()
    assert (printed.name, printed.user) == ("Report.pdf", "ann")
    assert place.printer.life_count - before == 6


@pytest.mark.parametrize("backend", ["socket", "lpd"])
def test_what_others_wrote_prints_by_it(place: Place, backend: str) -> None:
    """CUPS's backends, as its scheduler runs them."""
    if not (BACKENDS / backend).exists():
        pytest.skip("CUPS is not installed (Debian: cups)")
    before, job = place.printer.life_count, place.job()
    port = place.simulation.raw_port if backend == "socket" else place.simulation.lpr_port
    address = f"{backend}://{place.printer.address}:{port}/" + ("lp" if backend == "lpd" else "")
    arguments = [BACKENDS / backend, "7", "ben", "From CUPS", "1", "", job.path]
    environment = os.environ | {"DEVICE_URI": address, "CONTENT_TYPE": PDF}
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert place.last().state is JobState.COMPLETED
    assert place.printer.life_count - before == 2


def released(place: Place, raw: int, lpr: int) -> Outcome:
    """A release at a printer whose IPP port nobody answers (PR-197)."""

    class Watch:
        def __getattr__(self, name: str) -> object:
            return lambda *_: False

    scratch = place.folder / "scratch"
    scratch.mkdir()
    address = PrinterAddress("printer", ("ipp://127.0.0.1:9/ipp/print",), place.printer.address, raw, lpr)
    order = ReleaseOrder(
        address, "a" * 16, "Report.pdf", "ann", JobTicket(copies=2), PDF, lambda: place.job().path, scratch, 20
    )
    return deliver(order, Watch())  # type: ignore[arg-type]


@pytest.mark.skipif(shutil.which("gs") is None, reason="Ghostscript is not installed (Debian: ghostscript)")
def test_a_release_falls_back_to_the_raw_port_and_then_to_lpr(place: Place) -> None:
    """The printer draws the PostScript that it is sent: every side is on paper, and told where it can be."""
    before = place.printer.life_count
    outcome = released(place, place.simulation.raw_port or 0, 0)
    assert (outcome.end, outcome.impressions) == (End.PRINTED, 4)
    assert place.last().documents[0].media_type == POSTSCRIPT
    shutil.rmtree(place.folder / "scratch")
    assert released(place, 0, place.simulation.lpr_port or 0).end is End.PRINTED
    wait_until(lambda: place.printer.life_count - before == 8)


def test_a_protocol_that_is_off_and_a_printer_that_is_away_take_nothing(place: Place) -> None:
    place.printer.device.settings["network.raw_port_enabled"] = False
    place.printer.device.settings["network.lpd_enabled"] = False
    job = place.job()
    with pytest.raises(PressroomError):
        print_lpr(place.printer.address, place.simulation.lpr_port or 0, "printer", job, lambda: None)
    with socket.create_connection((place.printer.address, place.simulation.raw_port or 0), 5) as refused:
        refused.settimeout(5)
        with suppress(ConnectionResetError):
            assert refused.recv(1) == b""
    assert place.simulation.queues.of(place.printer).jobs == {}


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (b"plain text\n", JobState.COMPLETED),
        (b"\x1b%-12345X@PJL INFO STATUS\r\n\x1b%-12345Xjust text\n", JobState.COMPLETED),
        (b"\x1b%-12345X@PJL SET COPIES=many\r\n@PJL ENTER LANGUAGE=PDF\r\n%PDF-1.4 broken", JobState.ABORTED),
        (b"\0\1\2 nothing that is printed", JobState.ABORTED),
    ],
)
def test_odd_streams(place: Place, content: bytes, state: JobState) -> None:
    with socket.create_connection((place.printer.address, place.simulation.raw_port or 0), 5) as connection:
        connection.sendall(content)
    assert place.last().state is state


def test_the_waiting_jobs_are_listed_and_removed(place: Place) -> None:
    """RFC 1179 §5.3, §5.5."""
    place.printer.raise_condition(Condition.JAM)
    print_lpr(place.printer.address, place.simulation.lpr_port or 0, "printer", place.job(), lambda: None)

    def ask(content: bytes) -> str:
        with socket.create_connection((place.printer.address, place.simulation.lpr_port or 0), 5) as connection:
            connection.sendall(content)
            connection.settimeout(5)
            return b"".join(iter(lambda: connection.recv(4096), b"")).decode()

    queue = place.simulation.queues.of(place.printer)
    wait_until(lambda: bool(queue.waiting()))
    assert "Report.pdf" in ask(b"\x03lp\n")
    ask(b"\x05lp eve 1\n")
    assert queue.waiting(), "only its owner may"
    ask(b"\x05lp ann 1\n")
    assert not queue.waiting()
    assert "no entries" in ask(b"\x04lp\n")
