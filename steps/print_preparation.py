"""Making a document printable (F-2): a PDF whose pages are counted, or a print stream as it is."""

from dataclasses import dataclass
from pathlib import Path

from connectors.documents.inspection import inspect
from connectors.documents.media_types import PDF
from connectors.errors import Fault
from connectors.messages import N_
from connectors.office import convert
from connectors.settings import get_settings

ONE_SIDED = "one-sided"
TOO_MANY_PAGES = Fault(
    "print_job.too_many_pages",
    422,
    N_("“{name}” has {pages} pages; a job may have {limit}."),
    N_("Print it in several parts. Nothing of it was printed."),
    spec="PR-152",
)


@dataclass(frozen=True, slots=True)
class PreparationLimits:
    """What counts for a job: most `pages`; `measures` looks for colour instead of assuming it (PR-94)."""

    pages: int
    measures: bool = False


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """A file that printers can be given; `is_color` and `sides` as assumed for what the server renders (PR-93)."""

    path: Path
    media_type: str
    pages: int
    is_color: bool = True
    sides: str = ONE_SIDED


def prepare_for_print(path: Path, name: str, media_type: str, scratch: Path, limits: PreparationLimits) -> PreparedFile:
    """Convert the file at `path`, which people call `name`, to PDF where it is none, and count its pages.

    Raises what inspection finds wrong with the file, the faults of `connectors.office`, and `TOO_MANY_PAGES`.
    """
    settings = get_settings()
    settings = settings.model_copy(update={"max_pages": settings.print_max_pages})
    inspection = inspect(path, name, settings)
    if media_type != PDF:
        path = convert(path, "pdf", scratch, settings.office_timeout_seconds)
        inspection = inspect(path, path.name, settings)
    pages = inspection.pages or 0
    if pages > limits.pages:
        raise TOO_MANY_PAGES(name=name, pages=pages, limit=limits.pages)
    return PreparedFile(path, PDF, pages)
