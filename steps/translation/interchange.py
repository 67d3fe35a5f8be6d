"""XLIFF 1.2 and 2.x: the sources of the units are translated into their targets."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path

from lxml import etree

from connectors.messages import Message
from steps.translation.office_package import parse_xml, serialize
from steps.translation.passages import UNREADABLE, Passage, Span

_OLD = "{urn:oasis:names:tc:xliff:document:1.2}"
_CODES = ("bpt", "ept", "ph", "it", "ut", "cp", "sc", "ec")
"""Inline elements whose content is code of the original format, not text."""


class InterchangeFile:
    """An XLIFF file opened for translation. Units marked `translate="no"` and approved ones stay."""

    warnings: Sequence[Message] = ()

    def __init__(self, path: Path, name: str) -> None:
        self._root = parse_xml(path.read_bytes(), name)
        kind = etree.QName(self._root)
        if kind.localname != "xliff":
            raise UNREADABLE(name=name, reason="it is not an XLIFF file")
        self._space = f"{{{kind.namespace}}}" if kind.namespace else ""
        self._old = self._space in (_OLD, "") or self._root.get("version", "").startswith("1")
        first = self._root.find(f"{self._space}file")
        declared = first.get("source-language") if self._old and first is not None else self._root.get("srcLang")
        self.language: str | None = declared

    def passages(self) -> Iterator[Passage]:
        unit_tag, holder_tag = ("trans-unit", "trans-unit") if self._old else ("unit", "segment")
        for unit in self._root.iter(self._space + unit_tag):
            if unit.get("translate") == "no" or unit.get("approved") == "yes":
                continue
            holders = [unit] if self._old else list(unit.iter(self._space + holder_tag))
            for holder in holders:
                yield from self._unit_passage(holder)

    def save(self, target: Path, language: str) -> None:
        if self._old:
            for file in self._root.iter(f"{self._space}file"):
                file.set("target-language", language)
        else:
            self._root.set("trgLang", language)
        target.write_bytes(serialize(self._root))

    def _unit_passage(self, holder: etree._Element) -> Iterator[Passage]:
        source = holder.find(f"{self._space}source")
        if source is None:
            return
        draft = deepcopy(source)
        draft.tail = source.tail
        slots = list(self._slots(draft, ""))

        def write(new: Sequence[str]) -> None:
            for (element, place, _), content in zip(slots, new, strict=True):
                setattr(element, place, content)
            self._set_target(holder, source, draft)

        if slots:
            yield Passage(tuple(Span(getattr(element, place), style) for element, place, style in slots), write)

    def _slots(self, element: etree._Element, style: str) -> Iterator[tuple[etree._Element, str, str]]:
        if element.text:
            yield element, "text", style
        for number, child in enumerate(element):
            if isinstance(child.tag, str) and etree.QName(child).localname not in _CODES:
                yield from self._slots(child, f"{style}/{number}")
            if child.tail:
                yield child, "tail", style

    def _set_target(self, holder: etree._Element, source: etree._Element, draft: etree._Element) -> None:
        draft.tag = f"{self._space}target"
        draft.attrib.clear()
        if self._old:
            draft.set("state", "needs-review-translation")
        before = holder.find(f"{self._space}target")
        if before is not None:
            holder.replace(before, draft)
        else:
            source.addnext(draft)
