"""Formats and packings that the print service takes (PR-130, PR-326)."""

from connectors.documents import media_types as types

PDF = types.PDF
OCTETS = types.UNKNOWN
"""“Find out yourself”."""
TAKEN = (PDF, types.PWG_RASTER, types.URF, types.JPEG, types.PNG, types.TXT)
"""What is offered; a document is told by its content anyway."""
COMPRESSIONS = ("none", "deflate", "gzip")
ALIKE = {
    types.TXT: frozenset({types.TXT, types.CSV, types.TSV, types.MARKDOWN, types.HTML, types.XML}),
}
"""What a declared format may turn out to be: kinds of text are told apart by a name only."""
SYNONYMS = {"image/jpg": types.JPEG, "application/x-pdf": PDF, "text/txt": types.TXT}


def declared(value: str) -> str:
    """A declared format without parameters and by its usual name."""
    name = value.partition(";")[0].strip().lower()
    return SYNONYMS.get(name, name)


def agrees(declared_type: str, found: str) -> bool:
    """Whether a document whose content is `found` is what it was declared to be."""
    return declared_type in ("", OCTETS, found) or found in ALIKE.get(declared_type, frozenset())
