"""A Linux computer prints through its own CUPS, without a driver, over TLS (PR-322)."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from benchmarks.cups_server import DAEMON, Cups, cups_server
from domain.organizations.actor import Actor
from domain.print_access.models import PrintCredentialKind
from domain.print_access.service import make_credential
from domain.printing.service import queued_jobs
from domain.printing.states import JobState
from domain.printing.views import JobView
from tests.printers_sim.conftest import wait_until
from tests.support.ipp_documents import pdf
from tests.support.print_service import Service, confirmed, prepare, print_service

SECONDS = 90


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with print_service(tmp_path / "home", is_secure=True) as one:
        yield one


@pytest.fixture
def cups() -> Iterator[Cups]:
    if not Path(DAEMON).exists() or shutil.which("lpadmin") is None:
        pytest.skip("CUPS is not installed (Debian: cups, cups-client, cups-filters)")
    with cups_server() as server:
        yield server


def test_a_pdf_and_a_text_get_into_the_queue_with_their_pages_and_settings(
    service: Service, cups: Cups, tmp_path: Path
) -> None:
    person = service.person()
    computer = service.printer_of(person)
    host = service.address.removeprefix("https://")
    uri = f"ipps://{quote(computer.email, safe='')}:{computer.password}@{host}{computer.path}"
    cups.add_driverless("Pressroom", uri)

    report = tmp_path / "report.pdf"
    report.write_bytes(pdf("a4", 3))
    settings = ("-n", "2", "-o", "sides=two-sided-long-edge", "-o", "print-color-mode=monochrome", "-o", "media=A4")
    cups.run("lp", "-d", "Pressroom", "-t", "Report", *settings, str(report))
    job = arrived(cups, person, 1)[0]
    assert (job.name, job.pages, job.state) == ("Report", 3, JobState.HELD)
    chosen = job.ticket.chosen()
    assert chosen["copies"] == 2
    assert chosen["sides"] == "two-sided-long-edge"
    assert chosen["color_mode"] == "monochrome"
    assert chosen["media"] == "iso_a4_210x297mm"

    text = tmp_path / "notes.txt"
    text.write_text("Something to remember\n" * 10)
    cups.run("lp", "-d", "Pressroom", "-t", "Notes", str(text))
    notes = arrived(cups, person, 2)[1]
    assert (notes.name, notes.pages, notes.media_type) == ("Notes", 1, "application/pdf")

    cups.add_raw("Raw", uri)
    cups.run("lp", "-d", "Raw", "-o", "media=Letter,tray-2", "-o", "sides=two-sided-short-edge", str(report))
    raw = arrived(cups, person, 3)[2].ticket.chosen()
    assert raw["media"] == "na_letter_8.5x11in", "a raw queue hands on the name that was typed"
    assert (raw["media_source"], raw["sides"]) == ("tray-2", "two-sided-short-edge")


def test_a_queue_address_needs_no_password(service: Service, cups: Cups, tmp_path: Path) -> None:
    person = service.person()
    secret, _ = make_credential(confirmed(person), PrintCredentialKind.ADDRESS, "kiosk")
    path = service.printer_of(person).path
    uri = f"ipps://{service.address.removeprefix('https://')}{path}/{secret}"
    cups.add_driverless("Kiosk", uri)
    report = tmp_path / "report.pdf"
    report.write_bytes(pdf("letter", 1))
    cups.run("lp", "-d", "Kiosk", str(report))
    assert arrived(cups, person, 1)[0].pages == 1


def arrived(cups: Cups, person: Actor, count: int) -> list[JobView]:
    """The jobs of the person, as soon as there are that many and they are prepared."""
    try:
        wait_until(lambda: [job.state for job in queued_jobs(person)[count - 1 :]] == [JobState.CONVERTING], SECONDS)
    except AssertionError as error:
        raise AssertionError(f"{cups.run('lpstat', '-o', '-p')}\n{cups.log}") from error
    prepare(person)
    return queued_jobs(person)
