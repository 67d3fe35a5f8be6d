"""Types of files by the names that people know: their usual extensions."""

from collections.abc import Iterable

from connectors.documents.media_types import EXTENSIONS
from domain.runs.planning import short_type


def type_name(media_type: str) -> str:
    """“DOCX”, “PDF”, “HTML”."""
    extensions = EXTENSIONS.get(media_type, ())
    return extensions[0].upper() if extensions else short_type(media_type)


def type_names(media_types: Iterable[str], most: int | None = None) -> str:
    """The names in order of the alphabet, “, …” for those beyond `most`; empty for none.

    Types that no file is found to be, other names of the same, are left out where there are others.
    """
    given = frozenset(media_types)
    names = sorted({type_name(one) for one in given & EXTENSIONS.keys() or given})
    shown = names[:most]
    return ", ".join([*shown, "…"] if len(shown) < len(names) else shown)
