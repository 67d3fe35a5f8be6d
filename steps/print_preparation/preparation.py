"""From what was handed in to what printers get: checked, converted by its kind, counted, looked at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import link
from pathlib import Path
from types import MappingProxyType

from connectors.documents import media_types as types
from connectors.documents.inspection import inspect
from connectors.documents.inspection_faults import TOO_MANY_PAGES as PAGES_UNCOUNTED
from connectors.documents.media_types import EXTENSIONS, PDF
from connectors.errors import Fault, PressroomError
from connectors.html_rendering import HTML_TIMEOUT, render_html
from connectors.messages import N_
from connectors.office import OFFICE_TIMEOUT, convert
from connectors.settings import get_settings
from steps.print_preparation.images import image_pdf
from steps.print_preparation.looks import first_page, has_color
from steps.print_preparation.rasters import READERS, RasterFacts, raster_pdf
from steps.print_preparation.tables import csv_pdf
from steps.print_preparation.texts import text_pdf

ONE_SIDED = "one-sided"
TOO_MANY_PAGES = Fault(
    "print_job.too_many_pages",
    422,
    N_("“{name}” has {pages} pages; a job may have {limit}."),
    N_("Print it in several parts. Nothing of it was printed."),
    spec="PR-152",
)
CONVERSION_TIMEOUT = Fault(
    "print_job.conversion_timeout",
    504,
    N_("Converting “{name}” for printing took longer than {seconds} seconds."),
    N_("It is tried again a few times. Otherwise save it as PDF on your computer and hand that in."),
    transient=True,
)
PRINTING_FORBIDDEN = Fault(
    "print_job.printing_forbidden",
    422,
    N_("Whoever made “{name}” does not allow it to be printed."),
    N_("Ask them for a copy that may be printed."),
    spec="PR-131",
)


@dataclass(frozen=True, slots=True)
class PreparationLimits:
    """What counts for a job: most `pages`; `measures` looks for colour instead of assuming it (PR-94)."""

    pages: int
    measures: bool = False


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """A file that printers can be given; `is_color` and `sides` as assumed for what the server renders (PR-93).

    Those of a raster are what it says of itself: it was made for printing.

    `preview` is a picture of the first page; None where there is none to be had.
    """

    path: Path
    media_type: str
    pages: int
    is_color: bool = True
    sides: str = ONE_SIDED
    preview: Path | None = None


@dataclass(frozen=True, slots=True)
class Conversion:
    """One file on its way to PDF; `seconds` is the longest time for it, `most_pages` the most pages allowed."""

    path: Path
    name: str
    scratch: Path
    seconds: float
    most_pages: int


def prepare_for_print(path: Path, name: str, media_type: str, scratch: Path, limits: PreparationLimits) -> PreparedFile:
    """Convert the file at `path`, which people call `name`, to PDF where it is none, and count its pages.

    Raises what inspection finds wrong with the file, `TOO_MANY_PAGES`, the faults of the converters, and
    `CONVERSION_TIMEOUT`, after which another try may be in time.
    """
    settings = get_settings()
    settings = settings.model_copy(update={"max_pages": settings.print_max_pages})
    inspect(path, name, settings, checks_extension=False)
    facts: RasterFacts | None = None
    job = Conversion(_named(path, media_type, scratch), name, scratch, settings.office_timeout_seconds, limits.pages)
    try:
        if media_type in READERS:
            made, facts = raster_pdf(path, media_type, name, scratch, settings.print_max_pages)
        else:
            made = CONVERTERS[media_type](job)
        pages = inspect(made, name, settings, checks_extension=False).pages or 0
    except PressroomError as error:
        if error.fault in (OFFICE_TIMEOUT, HTML_TIMEOUT):
            raise CONVERSION_TIMEOUT(name=name, seconds=f"{job.seconds:g}") from error
        if error.fault is PAGES_UNCOUNTED:
            raise TOO_MANY_PAGES(name=name, pages=f"> {error.facts['limit']}", limit=limits.pages) from error
        raise
    if pages > limits.pages:
        raise TOO_MANY_PAGES(name=name, pages=pages, limit=limits.pages)
    preview = first_page(made, name, scratch)
    if facts is not None:
        return PreparedFile(made, PDF, pages, facts.is_color, facts.sides, preview)
    is_color = has_color(made, name) if limits.measures else True
    return PreparedFile(path if made == job.path else made, PDF, pages, is_color, preview=preview)


def _named(path: Path, media_type: str, scratch: Path) -> Path:
    """The same file under a name with the extension of what it really is, by which LibreOffice goes."""
    named = scratch / f"source.{EXTENSIONS[media_type][0]}"
    if named != path:
        link(path, named)
    return named


def _as_is(job: Conversion) -> Path:
    """A PDF stays what it is; only one that is encrypted without a password is written anew for printers."""
    import pikepdf

    with pikepdf.open(job.path) as pdf:
        if not pdf.is_encrypted:
            return job.path
        if not pdf.allow.print_lowres:
            raise PRINTING_FORBIDDEN(name=job.name)
        made = job.scratch / "decrypted.pdf"
        pdf.save(made, encryption=False)
    return made


def _office(job: Conversion) -> Path:
    return convert(job.path, "pdf", job.scratch, job.seconds)


def _html(job: Conversion) -> Path:
    return render_html(job.path, job.name, job.scratch, job.seconds)


def _image(job: Conversion) -> Path:
    return image_pdf(job.path, job.name, job.scratch)


def _text(job: Conversion) -> Path:
    return text_pdf(job.path, job.name, job.scratch, job.most_pages, job.seconds)


def _csv(job: Conversion) -> Path:
    return csv_pdf(job.path, job.name, job.scratch, job.most_pages, job.seconds)


CONVERTERS: Mapping[str, Callable[[Conversion], Path]] = MappingProxyType(
    {
        PDF: _as_is,
        types.HTML: _html,
        types.TXT: _text,
        types.CSV: _csv,
        **dict.fromkeys((types.PNG, types.JPEG, types.TIFF, types.GIF), _image),
        **dict.fromkeys(
            (
                *(types.DOC, types.DOCX, types.XLS, types.XLSX, types.PPT, types.PPTX),
                *(types.ODT, types.ODS, types.ODP, types.RTF),
            ),
            _office,
        ),
    }
)
"""How each kind of file becomes a PDF."""
