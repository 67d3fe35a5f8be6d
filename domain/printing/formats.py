"""What may be printed: the documents of PR-127, images besides, and the print streams of PR-130."""

from connectors.documents import media_types as types
from connectors.errors import Fault
from connectors.messages import N_

DOCUMENTS = {
    types.CSV: "CSV",
    types.DOC: "DOC",
    types.DOCX: "DOCX",
    types.GIF: "GIF",
    types.HTML: "HTML",
    types.JPEG: "JPG",
    types.ODP: "ODP",
    types.ODS: "ODS",
    types.ODT: "ODT",
    types.PDF: "PDF",
    types.PPT: "PPT",
    types.PPTX: "PPTX",
    types.RTF: "RTF",
    types.TIFF: "TIFF",
    types.TXT: "TXT",
    types.XLS: "XLS",
    types.XLSX: "XLSX",
}
"""The 17 formats, by media type (PR-127)."""

EXTRA = {types.PNG: "PNG", types.PWG_RASTER: "PWG raster", types.URF: "URF"}
"""Formats besides those of the guide (PR-129)."""

NAMES = DOCUMENTS | EXTRA
FORMAT_NOT_SUPPORTED = Fault(
    "print_job.format_not_supported",
    415,
    N_("“{name}” cannot be printed: files of type {media_type} are not supported."),
    N_("These formats are: {formats}. Save the document in one of them and send it again."),
    spec="PR-128",
)


def check_format(media_type: str, name: str, *, extra: bool) -> str:
    """`media_type`, if it can be printed; raises `FORMAT_NOT_SUPPORTED` with those that can."""
    taken = NAMES if extra else DOCUMENTS
    if media_type not in taken:
        raise FORMAT_NOT_SUPPORTED(name=name, media_type=media_type, formats=", ".join(sorted(taken.values())))
    return media_type
