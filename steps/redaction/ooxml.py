"""The passages of one XML part of an Office package.

The text of a paragraph is joined over runs, hyperlinks, content controls and fields (SC-82e), once as it reads with
the tracked changes accepted and once with them rejected. What no paragraph holds is read value by value. In the end
the whole part is read as one, for texts that paragraphs or table cells part.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from connectors.messages import N_
from steps.redaction.markup import (
    DELETIONS,
    INSERTIONS,
    XLSX,
    Role,
    attribute_role,
    is_dropped,
    is_number,
    local_name,
    readings,
    text_role,
    written_by_people,
)
from steps.redaction.passages import (
    AddressPassage,
    AuthorPassage,
    Content,
    FieldPassage,
    Fixed,
    Gap,
    MarkupPassage,
    Piece,
    Symbol,
    Tail,
    Value,
)
from steps.redaction.sweep import Passage

TEXT_BOX = N_("text boxes")
TRACKED = N_("tracked changes")
FIELDS = N_("field codes")
ALT_TEXT = N_("alternative texts")
AUTHORS = N_("authors of changes and comments")
LINKS = N_("link targets")

_TEXTS = frozenset(("t", "delText"))
_CODES = frozenset(("instrText", "delInstrText"))
_GAPS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_CELL_TEXTS = frozenset((f"{XLSX}si", f"{XLSX}is", f"{XLSX}text"))
_PROPERTIES = frozenset(["pPr", "rPr", "tblPr", "tcPr", "trPr", "sectPr", "sdtPr", "rPh"])
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


@dataclass
class PartText:
    """The passages of a part: `spoken` may teach the sweep, `named` and `stories` are only cleared."""

    spoken: list[Passage] = field(default_factory=list)
    named: list[Passage] = field(default_factory=list)
    stories: list[Passage] = field(default_factory=list)

    def __iter__(self) -> Iterator[Passage]:
        yield from self.spoken
        yield from self.named
        yield from self.stories


@dataclass
class _Views:
    """One paragraph as it reads in four ways."""

    accepted: list[Piece] = field(default_factory=list)
    rejected: list[Piece] = field(default_factory=list)
    all: list[Piece] = field(default_factory=list)
    codes: list[Piece] = field(default_factory=list)

    def add(self, piece: Piece, *, inserted: bool, deleted: bool) -> None:
        self.all.append(piece)
        if not deleted:
            self.accepted.append(piece)
        if not inserted:
            self.rejected.append(piece)


def part_text(root: etree._Element, where: str) -> PartText:
    """Every passage of the part below `root`, whose place is called `where` in reports."""
    result = PartText()
    claimed: set[etree._Element] = set()
    for paragraph in filter(_is_group, root.iter()):
        views = _Views()
        _collect(paragraph, views, claimed, inserted=False, deleted=False)
        result.spoken += _paragraph_passages(views, _place(paragraph, where))
    for element in root.iter():
        _add_loose_text(element, claimed, result, where)
        _add_attributes(element, result, where)
    for left_out in readings(root):
        story = [piece for element, piece in _story(root, claimed) if element not in left_out]
        glued = [piece for piece in story if not isinstance(piece, Gap)]
        if len(glued) > 1:
            result.stories += [MarkupPassage(tuple(story), where), MarkupPassage(tuple(glued), where)]
    return result


def _story(root: etree._Element, claimed: set[etree._Element]) -> Iterator[tuple[etree._Element, Piece]]:
    """All text of the part in order, with a line end behind each paragraph and each value outside of paragraphs."""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        local = local_name(str(element.tag))
        if event == "start":
            if element in claimed:
                if local not in _CODES:
                    yield element, Content(element)
            elif (element.text or "").strip() and text_role(element) is not Role.STRUCTURE:
                yield element, _text_piece(element)
                yield element, Gap("\n")
            elif local in _GAPS and len(element.attrib) == 0:
                yield element, Gap(_GAPS[local])
        else:
            if _is_group(element):
                yield element, Gap("\n")
            if (element.tail or "").strip():
                yield element, Tail(element)


def _is_group(element: etree._Element) -> bool:
    local = local_name(str(element.tag))
    if local == "p":
        return not written_by_people(str(element.tag))
    return local == "Fallback" or element.tag in _CELL_TEXTS


def _collect(
    parent: etree._Element, views: _Views, claimed: set[etree._Element], *, inserted: bool, deleted: bool
) -> None:
    for element in parent:
        local = local_name(str(element.tag))
        if local in _PROPERTIES or _is_group(element):
            continue
        if local in _TEXTS:
            claimed.add(element)
            views.add(Content(element), inserted=inserted, deleted=deleted or local == "delText")
        elif local in _CODES:
            claimed.add(element)
            views.codes.append(Content(element))
        elif local == "sym":
            namespace = str(element.tag).rpartition("}")[0] + "}"
            views.add(Symbol(element, f"{namespace}char", f"{namespace}t"), inserted=inserted, deleted=deleted)
        elif local in _GAPS:
            views.add(Gap(_GAPS[local]), inserted=inserted, deleted=deleted)
        else:
            _collect(
                element,
                views,
                claimed,
                inserted=inserted or local in INSERTIONS,
                deleted=deleted or local in DELETIONS,
            )


def _paragraph_passages(views: _Views, where: str) -> Iterator[Passage]:
    if views.accepted:
        yield MarkupPassage(tuple(views.accepted), where)
    for view in (views.rejected, views.all):
        if view and view != views.accepted:
            yield MarkupPassage(tuple(view), TRACKED)
    if views.codes:
        yield MarkupPassage(tuple(views.codes), FIELDS)
        yield FieldPassage(tuple(views.codes), FIELDS)


def _place(paragraph: etree._Element, where: str) -> str:
    boxed = any(local_name(str(ancestor.tag)) == "txbxContent" for ancestor in paragraph.iterancestors())
    return TEXT_BOX if boxed else where


def _add_loose_text(element: etree._Element, claimed: set[etree._Element], result: PartText, where: str) -> None:
    if element not in claimed and (element.text or "").strip():
        role = text_role(element)
        if role is not Role.STRUCTURE:
            passage = MarkupPassage((_text_piece(element),), where)
            (result.spoken if role is Role.SPOKEN else result.named).append(passage)
    if (element.tail or "").strip():
        result.spoken.append(MarkupPassage((Tail(element),), where))


def _text_piece(element: etree._Element) -> Piece:
    if is_dropped(str(element.tag), attribute=False):
        return Fixed(Content(element))
    return Fixed(Content(element), "0") if is_number(element) else Content(element)


def _add_attributes(element: etree._Element, result: PartText, where: str) -> None:
    if element.tag == _RELATIONSHIP:
        if element.get("TargetMode") == "External":
            result.named.append(AddressPassage(Value(element, "Target"), LINKS))
        return
    for name, value in element.attrib.items():
        role = attribute_role(element, str(name), str(value))
        if role is not Role.STRUCTURE:
            passages = result.spoken if role is Role.SPOKEN else result.named
            passages.append(_attribute_passage(element, str(name), where))


def _attribute_passage(element: etree._Element, name: str, where: str) -> Passage:
    local, piece = local_name(name), Value(element, name)
    if is_dropped(name, attribute=True):
        return MarkupPassage((Fixed(piece),), where)
    if local == "author":
        return AuthorPassage(piece, AUTHORS)
    if local in ("href", "src"):
        return AddressPassage(piece, LINKS)
    if local == "instr":
        return FieldPassage((piece,), FIELDS)
    return MarkupPassage((piece,), ALT_TEXT if local in ("descr", "title", "alt") else where)
