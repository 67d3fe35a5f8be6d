"""Sheets that lines of text are written on, from the top to the bottom."""

from collections.abc import Callable
from pathlib import Path

from connectors.documents.inspection_faults import TOO_MANY_PAGES
from steps.print_preparation.fonts import FontRow

MM = 72 / 25.4
A4 = (210 * MM, 297 * MM)
MARGIN = 16 * MM


class Sheets:
    """A PDF that grows page by page; `begins` is called with each new one. Raises `TOO_MANY_PAGES` as it grows."""

    def __init__(self, target: Path, name: str, size: tuple[float, float], most_pages: int) -> None:
        from reportlab.pdfgen.canvas import Canvas

        self.width, self.height = size
        self._name, self._most_pages, self.pages = name, most_pages, 0
        self.canvas = Canvas(str(target), pagesize=size, pageCompression=1)
        self.canvas.setTitle(name)
        self.y = 0.0
        self.begins: Callable[[], None] = lambda: None

    def advance(self, height: float) -> None:
        """Go down by `height`, onto the next page where this one ends."""
        if not self.pages or self.y - height < MARGIN:
            self.new_page()
        self.y -= height

    def new_page(self) -> None:
        """Begin another page."""
        if self.pages:
            self.canvas.showPage()
        self.pages += 1
        if self.pages > self._most_pages:
            raise TOO_MANY_PAGES(name=self._name, limit=self._most_pages)
        self.y = self.height - MARGIN
        self.begins()

    def write(self, x: float, text: str, fonts: FontRow) -> None:
        """Set `text` on the current line, from `x` on."""
        line = self.canvas.beginText(x, self.y)
        for font, piece in fonts.runs(text):
            line.setFont(font, fonts.size)
            line.textOut(piece)
        self.canvas.drawText(line)

    def save(self) -> None:
        """Finish the file; what has no line at all is one empty page."""
        if not self.pages:
            self.new_page()
        self.canvas.showPage()
        self.canvas.save()
