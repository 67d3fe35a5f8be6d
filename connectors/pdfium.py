"""A PDF as pdfium shows it: one page at a time, in memory that does not grow with the pages.

pdfium (by pypdfium2; PyMuPDF is AGPL) must not be called by two threads at once, hence the one lock. It keeps every
stream that it has read until the document is closed, hence a document that is opened anew every few pages: a scan would
be in memory whole by its last page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from connectors.documents.inspection_faults import DAMAGED_FILE, ENCRYPTED

PDFIUM = RLock()
LOOKS = 16
"""How often a page is looked at before the document is opened anew."""


class PdfiumDocument:
    """The PDF file at `path`, called `name` in errors. Raises `ENCRYPTED`, `DAMAGED_FILE`."""

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name, self._looks = path, name, 0
        with PDFIUM:
            self._pdf = open_pdfium(path, name)
            self.count = len(self._pdf)

    @contextmanager
    def page(self, number: int) -> Iterator[Any]:
        """Page `number` (from 0); until the end of the block other threads wait. Raises `DAMAGED_FILE`."""
        import pypdfium2

        with PDFIUM:
            if self._looks == LOOKS:
                self._pdf.close()
                self._pdf, self._looks = open_pdfium(self._path, self._name), 0
            self._looks += 1
            try:
                page = self._pdf[number]
            except pypdfium2.PdfiumError as exc:
                raise DAMAGED_FILE(name=self._name) from exc
            try:
                yield page
            finally:
                page.close()

    def close(self) -> None:
        with PDFIUM:
            self._pdf.close()


def open_pdfium(path: Path, name: str) -> Any:
    """The PDF as pypdfium2 opens it, for whoever holds the lock; raises `ENCRYPTED`, `DAMAGED_FILE`."""
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as exc:
        fault = ENCRYPTED if exc.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD else DAMAGED_FILE
        raise fault(name=name) from exc
