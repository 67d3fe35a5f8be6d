"""Printing by IPP: what comes out, what it costs, and what stops it."""

import asyncio
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageChops, ImageStat
from pyipp import IPP
from reportlab.pdfgen.canvas import Canvas

from connectors.ipp.values import boolean, enums, integers, keywords, media_types, names
from connectors.ipp.wire import Attribute, Range, Tag
from printers_sim.ipp.jobs import JobState
from printers_sim.ipp.queue import queue_folder
from printers_sim.knobs import FailingStep
from printers_sim.printer import Condition, SimulatedPrinter
from printers_sim.rendering.document import Sheet
from printers_sim.rendering.document import sides as rendered_sides
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.web.requests import Timing
from tests.printers_sim.conftest import wait_until
from tests.printers_sim.ipp_client import (
    CANCEL_JOB,
    CREATE_JOB,
    GET_JOBS,
    HOLD_JOB,
    PRINT_JOB,
    RELEASE_JOB,
    SEND_DOCUMENT,
    VALIDATE_JOB,
    IppClient,
)
from tests.support.ipp_documents import pdf, picture, pwg_raster
from tests.support.simulation import running_simulation

Point = tuple[int, int]
NOT_AUTHORIZED, NOT_POSSIBLE, NOT_FOUND, FORMAT, VALUES = 0x0403, 0x0404, 0x0406, 0x040A, 0x040B
COMPRESSION, COMPRESSION_ERROR = 0x040F, 0x0410


@pytest.fixture
def client(tmp_path: Path) -> Iterator[IppClient]:
    """Somebody at a color printer that is full of paper and toner."""
    plan = SimulationPlan(
        1, ["color-mfp"], http_port=0, snmp_port=0, timing=Timing(0.05, 0.1, 0), folder=tmp_path / "state"
    )
    with running_simulation(plan) as simulation:
        printer = simulation.printers[0]
        for supply in printer.supplies:
            supply.used = 0
        for tray in printer.trays:
            tray.sheets = tray.facts.capacity
        printer.review()
        yield IppClient(simulation, printer)


def printed(client: IppClient, number: int) -> list[Path]:
    """The sides of a job, as soon as it is completed."""
    wait_until(lambda: client.state(number) in (JobState.COMPLETED, JobState.ABORTED, JobState.CANCELED))
    assert client.state(number) == JobState.COMPLETED, client.job(number)
    return sides(client, number)


def sides(client: IppClient, number: int) -> list[Path]:
    """The sides of a job so far."""
    assert client.simulation.plan.folder is not None
    folder = queue_folder(client.simulation.plan.folder, client.printer)
    return sorted((folder / f"job-{number:06d}").glob("side-*.png"))


def color_pdf(share: float) -> bytes:
    """One A4 page of which a share is cyan."""
    out = io.BytesIO()
    canvas = Canvas(out, (595, 842))
    canvas.setFillColorRGB(0, 1, 1)
    canvas.rect(0, 0, 595, 842 * share, stroke=0, fill=1)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def used(printer: SimulatedPrinter) -> dict[str, float]:
    """What was taken of each color so far, and of what wears by sides."""
    return {supply.facts.color or supply.facts.kind: supply.used for supply in printer.supplies}


def jpeg() -> bytes:
    """A picture."""
    out = io.BytesIO()
    picture("RGB", (640, 480)).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "document", "count"),
    [
        ("application/pdf", pdf("a4", 3), 3),
        ("image/jpeg", jpeg(), 1),
        ("image/pwg-raster", pwg_raster("a4", 150, "srgb-8", 2), 2),
        ("image/pwg-raster", pwg_raster("a4", 300, "black-1", 1), 1),
        ("text/plain", "Smörgåsbord\n".encode() * 100, 2),
        ("application/octet-stream", pdf("a4", 2), 2),
        ("application/octet-stream", b"Just text.", 1),
    ],
)
def test_documents_are_really_rendered(client: IppClient, kind: str, document: bytes, count: int) -> None:
    files = printed(client, client.print(document, kind=kind))
    assert len(files) == count
    for file in files:
        with Image.open(file) as side:
            assert side.size == (1240, 1754)
            darkest, lightest = side.convert("L").getextrema()
            assert darkest < 100, file
            assert lightest == 255
    ticket = json.loads((files[0].parent / "job.json").read_text())
    assert (ticket["state"], ticket["impressions"], ticket["user"]) == ("completed", count, "kim")


def test_the_same_picture_comes_out_of_every_kind_of_raster(client: IppClient) -> None:
    pictures = []
    for kind in ("srgb-8", "srgb-16", "cmyk-8", "sgray-8", "black-1"):
        (file,) = printed(client, client.print(pwg_raster("a4", 150, kind, 1), kind="image/pwg-raster"))
        with Image.open(file) as side:
            stripes = [side.convert("RGB").getpixel((400, round((place + 0.5) * 1754 / 8))) for place in range(4)]
            assert side.convert("L").getpixel((1100, 1700)) == 255
        pictures.append(stripes)
    assert pictures[0] == pictures[1] == pictures[2] == [(255, 0, 0), (0, 128, 0), (0, 0, 255), (0, 0, 0)]
    assert all(red == green == blue for red, green, blue in pictures[3] + pictures[4])


def test_pages_wear_the_printer_by_what_is_on_them(client: IppClient) -> None:
    printer = client.printer
    before, color, sheets = used(printer), printer.color_sides, printer.sheets
    printed(client, client.print(color_pdf(0.2)))
    after = used(printer)
    assert after["cyan"] - before["cyan"] == pytest.approx(4, rel=0.05)  # a fifth of the page: four times the norm
    assert after["black"] == pytest.approx(before["black"], abs=0.01)
    assert after["magenta"] == pytest.approx(before["magenta"], abs=0.01)
    assert after["fuser"] - before["fuser"] == 1
    assert (printer.color_sides - color, printer.sheets - sheets) == (1, 1)


def test_color_and_mono_are_counted_by_what_is_printed(client: IppClient) -> None:
    printer = client.printer
    mono, color = printer.mono_sides, printer.color_sides
    printed(client, client.print(pdf("a4", 2)))
    assert (printer.mono_sides - mono, printer.color_sides - color) == (2, 0)
    printed(client, client.print(color_pdf(0.5)))
    assert (printer.mono_sides - mono, printer.color_sides - color) == (2, 1)
    printed(client, client.print(color_pdf(0.5), {"print-color-mode": keywords("monochrome")}))
    assert (printer.mono_sides - mono, printer.color_sides - color) == (3, 1)


@pytest.mark.parametrize(
    ("ticket", "impressions", "sheets", "files"),
    [
        ({}, 5, 5, 5),
        ({"sides": keywords("two-sided-long-edge")}, 5, 3, 5),
        ({"copies": integers(2)}, 10, 10, 5),
        ({"number-up": integers(2)}, 3, 3, 3),
        ({"number-up": integers(4), "sides": keywords("two-sided-short-edge")}, 2, 1, 2),
        ({"page-ranges": Attribute(Tag.RANGE, (Range(2, 3), Range(5, 9)))}, 3, 3, 3),
    ],
)
def test_tickets_are_followed(
    client: IppClient, ticket: dict[str, Attribute], impressions: int, sheets: int, files: int
) -> None:
    number = client.print(pdf("a4", 5), ticket)
    assert len(printed(client, number)) == files
    job = client.job(number)
    found = (job["job-impressions-completed"].value, job["job-media-sheets-completed"].value)
    assert found == (impressions, sheets)


def test_paper_comes_from_the_tray_that_has_it(client: IppClient) -> None:
    trays = [tray.sheets for tray in client.printer.trays]
    printed(client, client.print(pdf("a4", 1), {"media": keywords("iso_a3_297x420mm")}))
    assert [tray.sheets for tray in client.printer.trays] == [*trays[:2], trays[2] - 1, trays[3]]


@pytest.mark.parametrize(
    ("condition", "reason"), [(Condition.JAM, "media-jam-error"), (Condition.COVER_OPEN, "cover-open-error")]
)
def test_a_job_waits_until_somebody_has_seen_to_the_printer(
    client: IppClient, condition: Condition, reason: str
) -> None:
    client.printer.raise_condition(condition)
    number = client.print(pdf("a4", 2))
    wait_until(lambda: client.state(number) == JobState.STOPPED)
    status = client.status("printer-state", "printer-state-reasons", "printer-alert-description")
    assert status["printer-state"].value == 5
    assert reason in status["printer-state-reasons"].values
    assert not sides(client, number)[1:]
    client.printer.clear_condition(condition)
    assert len(printed(client, number)) == 2
    assert client.status()["printer-state"].value == 3


def test_a_job_waits_for_paper_of_its_size(client: IppClient) -> None:
    client.printer.raise_condition(Condition.TRAY_EMPTY, 3)
    number = client.print(pdf("a4", 1), {"media": keywords("iso_a3_297x420mm")})
    wait_until(lambda: client.state(number) == JobState.STOPPED)
    assert "media-needed-error" in client.status()["printer-state-reasons"].values
    client.printer.clear_condition(Condition.TRAY_EMPTY, 3)
    printed(client, number)


def test_a_job_goes_on_after_a_restart(client: IppClient) -> None:
    client.printer.raise_condition(Condition.JAM)
    number = client.print(pdf("a4", 2))
    client.printer.restart(0.3)
    client.printer.clear_condition(Condition.JAM)
    with pytest.raises(httpx.TransportError):
        client.state(number)
    wait_until(lambda: not client.printer.is_away)
    assert len(printed(client, number)) == 2


def test_jobs_are_held_released_and_canceled_by_their_owners(client: IppClient) -> None:
    number = client.print(pdf("a4", 1), {"job-hold-until": keywords("indefinite")})
    stranger = IppClient(client.simulation, client.printer, "sam")
    assert client.state(number) == JobState.HELD
    for operation in (CANCEL_JOB, RELEASE_JOB, HOLD_JOB):
        assert stranger.ask(operation, job_id=integers(number)).code == NOT_AUTHORIZED
    assert client.ask(RELEASE_JOB, job_id=integers(number)).code == 0
    printed(client, number)
    assert client.ask(CANCEL_JOB, job_id=integers(number)).code == NOT_POSSIBLE
    held = client.print(pdf("a4", 1), {"job-hold-until": keywords("indefinite")})
    assert client.ask(CANCEL_JOB, job_id=integers(held)).code == 0
    assert client.state(held) == JobState.CANCELED
    assert client.ask(CANCEL_JOB, job_id=integers(999)).code == NOT_FOUND


def test_the_turn_goes_by_priority(client: IppClient) -> None:
    client.printer.raise_condition(Condition.JAM)
    first = client.print(pdf("a4", 1))
    wait_until(lambda: client.state(first) == JobState.STOPPED)
    low = client.print(pdf("a4", 1), {"job-priority": integers(10)})
    high = client.print(pdf("a4", 1), {"job-priority": integers(90)})
    listed = client.ask(GET_JOBS, requested_attributes=keywords("job-id")).all(Tag.JOB)
    assert [job["job-id"].value for job in listed] == [first, high, low]
    client.printer.clear_condition(Condition.JAM)
    printed(client, low)
    ended = [client.job(number)["date-time-at-completed"].value for number in (first, high, low)]
    assert ended == sorted(ended, key=str)


def test_documents_may_come_one_after_the_other(client: IppClient) -> None:
    number = client.ask(CREATE_JOB, job_name=names("Two")).first(Tag.JOB)["job-id"]
    for document, is_last in ((pdf("a4", 1), False), (pdf("a4", 2), True)):
        sent = client.ask(
            SEND_DOCUMENT, data=document, job_id=number, last_document=boolean(is_last),
            document_format=media_types("application/pdf"),
        )  # fmt: skip
        assert sent.code == 0
    assert isinstance(number.value, int)
    assert len(printed(client, number.value)) == 3
    late = client.ask(SEND_DOCUMENT, data=pdf("a4", 1), job_id=number, last_document=boolean(True))
    assert late.code == NOT_POSSIBLE


@pytest.mark.parametrize("document", [b"%PDF-1.7 and nothing more", pwg_raster("a4", 150, "sgray-8", 1)[:-9], b"\0\1"])
def test_what_cannot_be_read_ends_the_job_and_not_the_printer(client: IppClient, document: bytes) -> None:
    number = client.print(document, kind="application/octet-stream")
    wait_until(lambda: client.state(number) == JobState.ABORTED)
    assert client.job(number)["job-state-reasons"].value == "document-format-error"
    assert len(printed(client, client.print(pdf("a4", 1)))) == 1


def test_printing_can_be_made_to_fail(client: IppClient) -> None:
    client.printer.knobs.fail_at = {FailingStep.PRINT}
    number = client.print(pdf("a4", 1))
    wait_until(lambda: client.state(number) == JobState.ABORTED)
    client.printer.knobs.fail_at = set()
    printed(client, client.print(pdf("a4", 1)))


def test_compressed_documents_are_unpacked_within_limits(client: IppClient) -> None:
    def sent(how: str, data: bytes) -> int:
        more = {"compression": keywords(how), "document_format": media_types("application/pdf")}
        return client.ask(PRINT_JOB, data=data, **more).code

    document = pdf("a4", 1)
    packing = zlib.compressobj(wbits=-15)
    assert sent("gzip", gzip.compress(document)) == 0
    assert sent("deflate", packing.compress(document) + packing.flush()) == 0
    assert sent("gzip", document) == COMPRESSION_ERROR
    assert sent("gzip", gzip.compress(document)[:-20]) == COMPRESSION_ERROR
    assert sent("lzma", document) == COMPRESSION


@pytest.mark.parametrize(
    "ticket",
    [
        {"copies": integers(1000)},
        {"media": keywords("iso_a0_841x1189mm")},
        {"sides": keywords("three-sided")},
        {"print-quality": enums(9)},
        {"binding": keywords("glue")},
    ],
)
def test_what_is_not_supported_is_told_or_refused(client: IppClient, ticket: dict[str, Attribute]) -> None:
    refused = client.ask(VALIDATE_JOB, ticket, ipp_attribute_fidelity=boolean(True))
    assert refused.code == VALUES
    assert set(refused.first(Tag.UNSUPPORTED_GROUP)) == set(ticket)
    ignored = client.ask(VALIDATE_JOB, ticket, ipp_attribute_fidelity=boolean(False))
    assert (ignored.code, set(ignored.first(Tag.UNSUPPORTED_GROUP))) == (1, set(ticket))


def test_other_formats_are_refused(client: IppClient) -> None:
    answer = client.ask(PRINT_JOB, data=b"%!PS", document_format=media_types("application/postscript"))
    assert answer.code == FORMAT


def test_ipp_can_be_turned_off(client: IppClient) -> None:
    client.printer.device.settings["network.ipp_enabled"] = False
    with pytest.raises(httpx.HTTPStatusError):
        client.status()


def test_another_library_reads_the_printer(client: IppClient) -> None:
    """FL-578: Get-Printer-Attributes with model, state and markers."""

    async def read() -> tuple[str | None, str | None, str, list[str]]:
        async with IPP(client.printer.address, "/ipp/print", port=client.simulation.http_port) as ipp:
            found = await ipp.printer()
            return found.info.model, found.info.serial, found.state.printer_state, [m.name for m in found.markers]

    model, serial, state, markers = asyncio.run(read())
    assert (model, serial, state) == ("PX C4150", client.printer.serial, "idle")
    assert markers == sorted(supply.facts.description for supply in client.printer.supplies)


def test_job_numbers_go_on_after_the_simulation(tmp_path: Path) -> None:
    def first_job(simulation: Simulation) -> int:
        return IppClient(simulation, simulation.printers[0]).print(pdf("a4", 1))

    plan = SimulationPlan(1, http_port=0, snmp_port=0, timing=Timing(page=0), folder=tmp_path)
    numbers = []
    for _ in range(2):
        with running_simulation(plan) as simulation:
            numbers.append(first_job(simulation))
    assert numbers == [1, 2]


def page_of(size: tuple[float, float]) -> bytes:
    """A page of that size in points, black but for its left third."""
    out = io.BytesIO()
    canvas = Canvas(out, size)
    canvas.rect(size[0] / 3, 0, size[0], size[1], stroke=0, fill=1)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize(
    ("size", "white", "black"),
    [
        ((595, 842), (100, 900), (1200, 100)),
        ((842, 595), (600, 1650), (600, 100)),  # landscape: turned
        ((14_400, 14_400), (100, 870), (1200, 870)),  # the largest there may be: made smaller
    ],
)
def test_pages_of_every_size_fit_the_sheet(
    tmp_path: Path, size: tuple[float, float], white: Point, black: Point
) -> None:
    path = tmp_path / "page.pdf"
    path.write_bytes(page_of(size))
    (side,) = rendered_sides(path, "application/pdf", Sheet(210, 297))
    assert side.size == (1240, 1754)
    assert (side.convert("L").getpixel(white), side.convert("L").getpixel(black)) == (255, 0)


def test_a_real_raster_looks_like_its_pdf(shared_data: Path, tmp_path: Path) -> None:
    """CUPS made both from one document."""
    raster = tmp_path / "page.pwg"
    content = (shared_data / "print" / "onepage-a4-300-black-1.pwg").read_bytes()
    raster.write_bytes(gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content)
    pdf_file = shared_data / "print" / "onepage-a4.pdf"
    small = [
        next(rendered_sides(path, kind, Sheet(210, 297, color=False))).resize((60, 85))
        for path, kind in ((raster, "image/pwg-raster"), (pdf_file, "application/pdf"))
    ]
    assert ImageStat.Stat(ImageChops.difference(*small)).mean[0] < 12
