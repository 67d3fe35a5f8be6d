"""How kinds of files are named for people."""

from connectors.documents.media_types import DOCX, MARKDOWN, PDF, XLIFF
from portal_api.pages.widgets.file_types import type_names
from steps.registry import step_kind


def test_kinds_are_named_as_files_end() -> None:
    """TR-10: each once, and never by a name of the protocol."""
    assert type_names([PDF, DOCX]) == "DOCX, PDF"
    assert type_names([MARKDOWN, "text/x-markdown", XLIFF, "application/x-xliff+xml"]) == "MD, XLF"
    assert type_names(["application/x-unheard-of"]) == "X-UNHEARD-OF"
    assert type_names([PDF, DOCX], most=1) == "DOCX, …"
    names = type_names(step_kind("translate").accepts).split(", ")
    assert not [name for name in names if "+" in name or "-" in name]
