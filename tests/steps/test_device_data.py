"""What printers are sent: PDF, PWG raster or PostScript, with the layout that they do not do themselves."""

from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from connectors.errors import PressroomError
from connectors.ipp.abilities import Abilities
from connectors.ipp.ticket import FINISHINGS, JobTicket
from connectors.ipp.wire import Range
from connectors.raw_printing import RawJob, pjl_envelope
from printers_sim.rendering.pwg_raster import raster_pages
from steps.device_data import POSTSCRIPT, DeviceFile, device_file, fitted
from tests.support.releasing import write_pdf

PDF, PWG = "application/pdf", "image/pwg-raster"
EVERYTHING = Abilities(
    formats=frozenset({PDF}), most_copies=99, numbers_up=(Range(1, 16),), takes_page_ranges=True, is_color=True
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_pdf(tmp_path / "source.pdf", 5, is_color=True)


def made(source: Path, abilities: Abilities, **ticket: object) -> DeviceFile:
    wanted = DeviceFile(source, PDF, JobTicket.model_validate(ticket))
    return device_file(wanted, "source.pdf", abilities, "printer", source.parent)


def test_what_the_printer_does_itself_is_left_to_it(source: Path) -> None:
    ready = made(source, EVERYTHING, number_up=2, page_ranges="2-3")
    assert (ready.path, ready.ticket.number_up, ready.ticket.page_ranges) == (source, 2, "2-3")


@pytest.mark.parametrize(
    ("ticket", "pages", "is_across"),
    [
        ({"page_ranges": "2-3"}, 2, False),
        ({"page_ranges": "4-9"}, 2, False),
        ({"number_up": 2}, 3, True),
        ({"number_up": 4}, 2, False),
        ({"number_up": 6, "number_up_direction": "tobottom-toleft"}, 1, True),
        ({"number_up": 2, "page_ranges": "1,3,5"}, 2, True),
    ],
)
def test_pages_are_chosen_and_laid_out_here(
    source: Path,
    ticket: dict[str, object],
    pages: int,
    is_across: bool,
) -> None:
    ready = made(source, Abilities(formats=frozenset({PDF})), **ticket)
    assert (ready.ticket.number_up, ready.ticket.page_ranges) == (None, None)
    with pikepdf.open(ready.path) as pdf:
        assert len(pdf.pages) == pages
        _, _, width, height = (float(edge) for edge in pdf.pages[0].mediabox)
    assert (width > height) == is_across


def test_several_pages_on_a_side_stand_in_reading_order(source: Path) -> None:
    ready = made(source, Abilities(formats=frozenset({PDF})), number_up=4)
    page = pypdfium2.PdfDocument(ready.path)[0].get_textpage()
    width, height = pypdfium2.PdfDocument(ready.path)[0].get_size()
    halves = [(0, height / 2), (width / 2, height / 2), (0, 0), (width / 2, 0)]
    texts = [page.get_text_bounded(x, y, x + width / 2, y + height / 2).strip() for x, y in halves]
    assert texts == ["Page 1", "Page 2", "Page 3", "Page 4"]


@pytest.mark.parametrize(("color_mode", "mode"), [(None, "RGB"), ("monochrome", "L")])
def test_a_printer_without_pdf_gets_a_raster_at_its_resolution(source: Path, color_mode: str | None, mode: str) -> None:
    types = frozenset({"sgray_8", "srgb_8"})
    abilities = Abilities(formats=frozenset({PWG}), raster_dpi=(150, 300, 600), raster_types=types)
    ready = made(source, abilities, color_mode=color_mode)
    assert ready.media_type == PWG
    with ready.path.open("rb") as file:
        pages = list(raster_pages(file))
    assert [(picture.mode, dpi) for picture, dpi in pages] == [(mode, 300)] * 5


def test_postscript_where_nothing_else_is_taken(source: Path) -> None:
    ready = made(source, Abilities(formats=frozenset({POSTSCRIPT})))
    assert ready.path.read_bytes().startswith(b"%!PS")


def test_a_printer_of_nothing_that_can_be_made_is_named(source: Path) -> None:
    with pytest.raises(PressroomError) as caught:
        made(source, Abilities(formats=frozenset({"image/jpeg"})))
    assert caught.value.code == "printer.format"


def test_a_ticket_fits_the_printer() -> None:
    abilities = Abilities(
        sides=frozenset({"one-sided"}), is_color=False, most_copies=5, finishings=frozenset({FINISHINGS["staple"]})
    )
    wanted = JobTicket(sides="two-sided-long-edge", color_mode="color", finishings=("staple", "punch"), copies=5)
    expected = JobTicket(sides="one-sided", color_mode="monochrome", finishings=("staple",), copies=5)
    assert fitted(wanted, abilities, "p") == expected
    with pytest.raises(PressroomError) as caught:
        fitted(JobTicket(copies=6), abilities, "p")
    assert caught.value.code == "printer.copies"


def test_a_name_ends_no_line_of_pjl(tmp_path: Path) -> None:
    ticket = JobTicket(copies=3, sides="two-sided-short-edge", color_mode="monochrome")
    job = RawJob(tmp_path, PDF, 'a"\r\n@PJL SET COPIES=999', "Åsa", ticket)
    head, tail = pjl_envelope(job)
    lines = head.split(b"\r\n")
    assert b"@PJL SET COPIES=3" in lines
    assert b"@PJL SET COPIES=999" not in lines
    assert {b"@PJL SET DUPLEX=ON", b"@PJL SET BINDING=SHORTEDGE", b"@PJL SET RENDERMODE=GRAYSCALE"} < set(lines)
    assert tail.count(b"\r\n") == 1
