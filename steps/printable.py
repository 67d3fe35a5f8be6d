"""What the two printing steps can print: the file types, and the languages whose DOCX prints as garbage (TR-28)."""

from connectors.documents.document import Document
from connectors.errors import Fault
from connectors.messages import N_
from steps.contract import DOCX, IMAGES, PDF, PPTX, TXT, XLSX

PRINTABLE = frozenset({PDF, DOCX, PPTX, XLSX, TXT}) | IMAGES

LANGUAGE_NOT_PRINTABLE = Fault(
    "print.language",
    422,
    N_("“{name}” is a Word document in {language}, whose letters printers replace by others."),
    N_("Let the translation make a PDF, which carries its fonts, or download the document and print it from Word."),
    spec="TR-28",
)


def check_language(document: Document) -> None:
    """Raise `LANGUAGE_NOT_PRINTABLE` for a DOCX in a language of which the fonts of printers know too little."""
    if document.media_type != DOCX or not document.language:
        return
    from connectors.translation.languages import find_language

    language = find_language(document.language)
    if language and not language.docx_print_supported:
        raise LANGUAGE_NOT_PRINTABLE(name=document.name, language=language.english_name)
