"""What a printer is sent of a job: the PDF itself where it takes PDF, else PWG raster, else PostScript (PR-219).

Chosen pages and several pages on a side are the printer's business where it offers them; where it does not, they are
laid out here. pikepdf (MPL) does that without touching what is on the pages; Poppler's `pdftops` makes PostScript.
"""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.documents.media_types import PDF
from connectors.errors import Fault
from connectors.ipp import faults
from connectors.ipp.abilities import Abilities
from connectors.ipp.ticket import FINISHINGS, JobTicket
from connectors.messages import N_

if TYPE_CHECKING:
    import pikepdf

POSTSCRIPT = "application/postscript"
POSTSCRIPT_SECONDS = 300
BEST_DPI = 300
"""Rasters are made at the printer's highest resolution up to this: more makes text no better, only slower."""
GRIDS = {2: (2, 1), 4: (2, 2), 6: (3, 2), 9: (3, 3), 16: (4, 4)}
"""Columns and rows of pages on a side; where there are more columns than rows, the side lies across."""
CONVERSION_FAILED = Fault(
    "print_release.conversion",
    500,
    N_("“{name}” could not be converted to {to} for the printer."),
    N_("Send it again as PDF, or release it at another printer."),
)


@dataclass(frozen=True, slots=True)
class DeviceFile:
    """A file as the printer gets it, with what is left for the printer to do."""

    path: Path
    media_type: str
    ticket: JobTicket


def fitted(ticket: JobTicket, abilities: Abilities, printer: str) -> JobTicket:
    """The ticket as this printer can carry it out: on one side and without colour where it has nothing else.

    Raises `COPIES` where it makes fewer: a person who asked for thirty has nothing of one.
    """
    changed: dict[str, Any] = {}
    if (ticket.copies or 1) > abilities.most_copies:
        raise faults.COPIES(printer=printer, most=abilities.most_copies)
    if ticket.sides is not None and abilities.sides and ticket.sides not in abilities.sides:
        changed["sides"] = "one-sided"
    if ticket.color_mode == "color" and abilities.is_color is False:
        changed["color_mode"] = "monochrome"
    if ticket.finishings is not None:
        offered = tuple(one for one in ticket.finishings if FINISHINGS[one] in abilities.finishings)
        changed["finishings"] = offered or None
    return ticket.model_copy(update=changed)


def device_file(source: DeviceFile, name: str, abilities: Abilities, printer: str, scratch: Path) -> DeviceFile:
    """The file to send to a printer of these abilities; raises `FORMAT` where nothing that it prints can be made."""
    if source.media_type != PDF:
        if source.media_type not in abilities.formats:
            raise _wrong_format(source.media_type, abilities, printer)
        return source
    target = _target(abilities, printer)
    laid_out = _laid_out(source, abilities if target == PDF else Abilities(), scratch)
    if target == PDF:
        return laid_out
    if target == POSTSCRIPT:
        return DeviceFile(_postscript(laid_out.path, name, scratch), POSTSCRIPT, laid_out.ticket)
    from connectors.ipp.pwg_raster import MEDIA_TYPE, write_pwg_raster

    path = scratch / "device.pwg"
    write_pwg_raster(laid_out.path, path, name, _raster_kind(laid_out.ticket, abilities))
    return DeviceFile(path, MEDIA_TYPE, laid_out.ticket)


def _target(abilities: Abilities, printer: str) -> str:
    if PDF in abilities.formats:
        return PDF
    if "image/pwg-raster" in abilities.formats and abilities.raster_dpi:
        return "image/pwg-raster"
    if POSTSCRIPT in abilities.formats and shutil.which("pdftops"):
        return POSTSCRIPT
    raise _wrong_format(PDF, abilities, printer)


def _wrong_format(media_type: str, abilities: Abilities, printer: str) -> Exception:
    known = ", ".join(sorted(abilities.formats - {"application/octet-stream"}))
    return faults.FORMAT(printer=printer, media_type=media_type, formats=known or "–")


def _raster_kind(ticket: JobTicket, abilities: Abilities) -> Any:
    from connectors.ipp.pwg_raster import RasterKind

    fine = [dpi for dpi in abilities.raster_dpi if dpi <= BEST_DPI]
    is_color = "srgb_8" in abilities.raster_types and ticket.color_mode != "monochrome"
    dpi = max(fine) if fine else min(abilities.raster_dpi)
    return RasterKind(dpi, is_color, ticket.sides or "one-sided", abilities.sheet_back)


def _laid_out(source: DeviceFile, abilities: Abilities, scratch: Path) -> DeviceFile:
    """The PDF with those pages and that many on a side that the printer leaves to us."""
    ticket = source.ticket
    picks = ticket.page_ranges is not None and not abilities.takes_page_ranges
    number_up = ticket.number_up or 1
    arranges = number_up > 1 and not abilities.offers_number_up(number_up)
    if arranges and ticket.page_ranges is not None:
        picks = True  # the ranges are of the document's own pages (RFC 8011, 5.2.7)
    if not picks and not arranges:
        return source
    import pikepdf

    path = scratch / "laid-out.pdf"
    done: dict[str, Any] = {}

    with pikepdf.open(source.path) as pdf:
        if picks and ticket.page_ranges is not None:
            _keep_pages(pdf, ticket.page_ranges)
            done["page_ranges"] = None
        if arranges:
            with _arranged(pdf, number_up, ticket.number_up_direction or "toright-tobottom") as arranged:
                arranged.save(path)
            done |= {"number_up": None, "number_up_direction": None}
        else:
            pdf.save(path)
    return DeviceFile(path, PDF, ticket.model_copy(update=done))


def _keep_pages(pdf: "pikepdf.Pdf", ranges: str) -> None:
    wanted = set[int]()
    for part in ranges.split(","):
        low, _, high = part.partition("-")
        wanted.update(range(int(low), min(int(high or low), len(pdf.pages)) + 1))
    for number in range(len(pdf.pages), 0, -1):
        if number not in wanted:
            del pdf.pages[number - 1]


def _arranged(pdf: "pikepdf.Pdf", number_up: int, direction: str) -> "pikepdf.Pdf":
    import pikepdf

    columns, rows = GRIDS[number_up]
    places = list(_places(columns, rows, direction))
    arranged = pikepdf.new()
    for first in range(0, len(pdf.pages), number_up):
        width, height = _size(pdf.pages[first], is_turned=columns > rows)
        arranged.add_blank_page(page_size=(width, height))
        side = arranged.pages[-1]
        cell = (width / columns, height / rows)
        for (column, row), page in zip(places, pdf.pages[first : first + number_up], strict=False):
            left, bottom = column * cell[0], height - (row + 1) * cell[1]
            side.add_overlay(page, pikepdf.Rectangle(left, bottom, left + cell[0], bottom + cell[1]))
    return arranged


def _size(page: "pikepdf.Page", *, is_turned: bool) -> tuple[float, float]:
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    width, height = right - left, top - bottom
    if int(page.obj.get("/Rotate", 0)) % 180 == 90:
        width, height = height, width
    return (max(width, height), min(width, height)) if is_turned else (width, height)


def _places(columns: int, rows: int, direction: str) -> Iterator[tuple[int, int]]:
    """Columns and rows in the order in which pages come (presentation-direction-number-up, PWG 5100.3)."""
    first = direction.partition("-")[0]
    across = range(columns) if "toright" in direction else range(columns - 1, -1, -1)
    along = range(rows) if "tobottom" in direction else range(rows - 1, -1, -1)
    if first in ("toright", "toleft"):
        yield from ((column, row) for row in along for column in across)
    else:
        yield from ((column, row) for column in across for row in along)


def _postscript(source: Path, name: str, scratch: Path) -> Path:
    target = scratch / "device.ps"
    command = ["pdftops", "-level3", str(source), str(target)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=POSTSCRIPT_SECONDS)  # noqa: S603 — our own files
    except (OSError, subprocess.SubprocessError) as exc:
        raise CONVERSION_FAILED(name=name, to="PostScript") from exc
    return target
