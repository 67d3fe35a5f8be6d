"""Making a document printable (F-2): a PDF whose pages are counted, or a print stream as it is."""

from steps.print_preparation.preparation import (
    CONVERSION_TIMEOUT,
    ONE_SIDED,
    PRINTING_FORBIDDEN,
    TOO_MANY_PAGES,
    PreparationLimits,
    PreparedFile,
    prepare_for_print,
)

__all__ = [
    "CONVERSION_TIMEOUT",
    "ONE_SIDED",
    "PRINTING_FORBIDDEN",
    "TOO_MANY_PAGES",
    "PreparationLimits",
    "PreparedFile",
    "prepare_for_print",
]
