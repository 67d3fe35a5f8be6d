"""XLSX: the strings of cells, and text in drawings and charts (ECMA-376 part 1, chapter 18).

Numbers, formulas and sheet names stay. The heading of a table is also the name of its column, which formulas use: both
are translated together where no formula names a column, and left alone where one does.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lxml import etree

from connectors.messages import N_, Message
from steps.translation.drawing import drawing_passages
from steps.translation.office_package import XML_SPACE, OfficePackage
from steps.translation.passages import UNREADABLE, Passage, Span

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

_HEADINGS_KEPT = Message(
    template=N_("The headings of the workbook's tables were not translated, because formulas use them as names.")
)


class SpreadsheetFile:
    """An XLSX opened for translation."""

    language: str | None = None

    def __init__(self, path: Path, name: str, most_mb: int, language: str) -> None:
        self._package = OfficePackage(path, name, most_mb)
        if not self._package.has("xl/workbook.xml"):
            raise UNREADABLE(name=name, reason="it is not an Excel workbook")
        self._target = language
        self._columns = [column for root in self._package.trees("xl/tables") for column in root.iter(f"{S}tableColumn")]
        keep = bool(self._columns) and self._formulas_name_columns()
        self._kept = frozenset(column.get("name", "") for column in self._columns) if keep else frozenset()
        self.warnings: Sequence[Message] = (_HEADINGS_KEPT,) if self._kept else ()

    def passages(self) -> Iterator[Passage]:
        for item in self._string_items():
            passage = _passage(item, self._rename_columns)
            if passage is not None and passage.text not in self._kept:
                yield passage
        for folder in ("xl/drawings", "xl/charts"):
            for root in self._package.trees(folder):
                yield from drawing_passages(root, self._target)

    def save(self, target: Path, language: str) -> None:
        self._package.save(target)

    def _string_items(self) -> Iterator[etree._Element]:
        """Shared strings, then strings that stand in the cells themselves."""
        if self._package.has("xl/sharedStrings.xml"):
            yield from self._package.tree("xl/sharedStrings.xml").iter(f"{S}si")
        for root in self._package.trees("xl/worksheets"):
            yield from root.iter(f"{S}is")

    def _formulas_name_columns(self) -> bool:
        formulas = (
            formula.text or ""
            for root in self._package.trees("xl/worksheets")
            for formula in root.iter(f"{S}f", f"{S}calculatedColumnFormula")
        )
        return any("[" in formula for formula in formulas)

    def _rename_columns(self, old: str, new: str) -> None:
        for column in self._columns:
            if column.get("name") == old:
                column.set("name", new)


def _passage(item: etree._Element, renamed: Callable[[str, str], None]) -> Passage | None:
    """A string item: plain, or in runs of rich text. Phonetic hints (`rPh`) are not text."""
    texts = [*item.findall(f"{S}t"), *item.findall(f"{S}r/{S}t")]
    if not texts:
        return None
    spans = tuple(Span(text.text or "", _style(text)) for text in texts)
    before = "".join(span.text for span in spans)

    def write(new: Sequence[str]) -> None:
        for text, content in zip(texts, new, strict=True):
            text.text = content
            text.set(XML_SPACE, "preserve")
        renamed(before, "".join(new))

    return Passage(spans, write)


def _style(text: etree._Element) -> str:
    run = text.getparent()
    properties = run.find(f"{S}rPr") if run is not None else None
    return "" if properties is None else etree.tostring(properties, encoding="unicode")
