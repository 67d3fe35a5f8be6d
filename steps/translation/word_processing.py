"""DOCX: body, tables, headers, footers, notes, text boxes, links, content controls (ECMA-376 part 1, chapter 17).

Comments and deleted text stay in their language. Fields are left to the program that computes them, except those whose
result is ordinary text: links and tables of contents.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml import etree

from connectors.messages import Message
from steps.translation.drawing import described_passages, drawing_passages
from steps.translation.office_package import XML_SPACE, OfficePackage
from steps.translation.passages import UNREADABLE, Passage, Span

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"

_TEXT_PARTS = ("document", "header", "footer", "footnotes", "endnotes")
_TRANSPARENT = frozenset(
    W + name for name in ("ins", "moveTo", "smartTag", "sdt", "sdtContent", "customXml", "dir", "bdo")
)
_BREAKS = frozenset([*(W + name for name in ("tab", "ptab", "br", "cr", "fldSimple", "sym", "object")), f"{M}oMath"])
_WITHOUT_PLACE = frozenset(
    W + name for name in ("t", "pPr", "rPr", "sdtPr", "sdtEndPr", "proofErr", "lastRenderedPageBreak", "instrText")
)
_TEXT_FIELDS = ("HYPERLINK", "TOC")
_INSTR = f"{W}instr"
_UNSEEN = frozenset(W + name for name in ("lang", "noProof", "rsid", "webHidden", "rPrChange"))

_Text = tuple[etree._Element | None, str]
"""A text element with its style; None stands for something that keeps its place between two, such as a note mark."""


class WordFile:
    """A DOCX opened for translation."""

    language: str | None = None
    warnings: Sequence[Message] = ()

    def __init__(self, path: Path, name: str, most_mb: int, language: str) -> None:
        self._package = OfficePackage(path, name, most_mb)
        if not self._package.has("word/document.xml"):
            raise UNREADABLE(name=name, reason="it is not a Word document")
        self._target = language

    def passages(self) -> Iterator[Passage]:
        for prefix in _TEXT_PARTS:
            for root in self._package.trees("word", prefix):
                yield from word_passages(root)
                yield from described_passages(root, f"{WP}docPr")
        for folder in ("word/charts", "word/diagrams"):
            for root in self._package.trees(folder):
                yield from drawing_passages(root, self._target)

    def save(self, target: Path, language: str) -> None:
        for part in self._package.parts("word"):
            if part.split("/")[1].startswith((*_TEXT_PARTS, "styles")):
                for mark in self._package.tree(part).iter(f"{W}lang"):
                    if mark.get(f"{W}val"):
                        mark.set(f"{W}val", language)
        self._package.save(target)


def word_passages(root: etree._Element) -> Iterator[Passage]:
    """The passages of every paragraph below `root`; a text box's paragraphs are passages of their own."""
    fields: list[str] = []
    for paragraph in root.iter(f"{W}p"):
        inside_shape = next(paragraph.iterancestors(f"{W}txbxContent"), None) is not None
        yield from _paragraph_passages(paragraph, [] if inside_shape else fields)


def _paragraph_passages(paragraph: etree._Element, fields: list[str]) -> Iterator[Passage]:
    """One passage for each stretch of the paragraph between breaks and computed fields.

    `fields` is the stack of complex fields that are open, as instruction text; it outlives the paragraph.
    """
    texts: list[_Text] = []
    for element, style in _leaves(paragraph, ""):
        computed = not all(map(_is_text_field, fields))
        mark = element.get(f"{W}fldCharType") if element.tag == f"{W}fldChar" else None
        if element.tag == f"{W}t" and not computed:
            texts.append((element, f"{'; '.join(fields)} {style}"))
        elif element.tag == f"{W}instrText" and fields:
            fields[-1] += element.text or ""
        _follow_field(mark, fields)
        if element.tag in _BREAKS or (computed and mark in ("separate", "end")):
            yield from _passage(texts)
            texts = []
        elif element.tag not in _WITHOUT_PLACE:
            texts.append((None, ""))
    yield from _passage(texts)


def _leaves(element: etree._Element, style: str) -> Iterator[tuple[etree._Element, str]]:
    """What the paragraph's own runs hold, in order, with the run's style. Links have a style each."""
    for child in element:
        if child.tag == f"{W}r":
            run_style = style + _style(child)
            yield from ((leaf, run_style) for leaf in child)
        elif child.tag in _TRANSPARENT:
            yield from _leaves(child, style)
        elif child.tag == f"{W}hyperlink" or (child.tag == f"{W}fldSimple" and _is_text_field(child.get(_INSTR, ""))):
            yield from _leaves(child, f"link {child.getroottree().getpath(child)} ")
        else:
            yield child, style


def _is_text_field(instruction: str) -> bool:
    return instruction.split()[:1] in ([name] for name in _TEXT_FIELDS)


def _follow_field(kind: str | None, fields: list[str]) -> None:
    if kind == "begin":
        fields.append("")
    elif kind == "end" and fields:
        fields.pop()


def _passage(texts: Sequence[_Text]) -> Iterator[Passage]:
    """A passage whose spans are runs of equal formatting: programs cut words into many of them."""
    groups: list[tuple[str, list[etree._Element]]] = []
    joins = False
    for element, style in texts:
        if element is None:
            joins = False
        elif joins and groups[-1][0] == style:
            groups[-1][1].append(element)
        else:
            groups.append((style, [element]))
            joins = True
    if not groups:
        return
    spans = tuple(Span("".join(element.text or "" for element in elements), style) for style, elements in groups)

    def write(new: Sequence[str]) -> None:
        for (_, elements), content in zip(groups, new, strict=True):
            elements[0].text = content
            elements[0].set(XML_SPACE, "preserve")
            for rest in elements[1:]:
                rest.text = ""

    yield Passage(spans, write)


def _style(run: etree._Element) -> str:
    properties = run.find(f"{W}rPr")
    if properties is None:
        return ""
    return "".join(
        sorted(etree.tostring(child, encoding="unicode") for child in properties if child.tag not in _UNSEEN)
    )
