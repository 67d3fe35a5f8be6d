"""HTML: text, and the attributes that people read or hear. Scripts, styles, code and `translate="no"` stay."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from lxml import etree, html

from connectors.messages import Message
from steps.translation.passages import UNREADABLE, Passage, Span, whole
from steps.translation.text_encoding import read_text

_INLINE_TAGS = """a abbr acronym b bdi bdo big cite del dfn em font i ins label mark q s small span strike strong
sub sup tt u"""
_KEPT_TAGS = "script style code pre kbd samp var textarea noscript template math svg object iframe"
_INLINE, _KEPT = frozenset(_INLINE_TAGS.split()), frozenset(_KEPT_TAGS.split())
_ATTRIBUTES = ("alt", "title", "placeholder", "aria-label", "aria-description", "label", "summary")
_META = ("description", "keywords", "og:title", "og:description", "twitter:title", "twitter:description")
_RIGHT_TO_LEFT = frozenset(("ar", "he", "fa", "ur", "ps", "dv", "ckb", "sd", "ug", "prs", "ks"))
_DOCTYPE = re.compile(r"^\s*(?:<\?xml[^>]*>\s*)?<!doctype[^>]*>", re.IGNORECASE)
_WHOLE_PAGE = re.compile(r"<(?:html|body|head)\b", re.IGNORECASE)

Slot = tuple[Span, Callable[[str], None]]


class WebPage:
    """An HTML file opened for translation; a fragment stays a fragment."""

    language: str | None = None
    warnings: Sequence[Message] = ()

    def __init__(self, path: Path, name: str) -> None:
        self._decoded = read_text(path, name)
        text = re.sub(r"^\s*<\?xml[^>]*>", "", self._decoded.text)
        self._page = _WHOLE_PAGE.search(text) is not None
        try:
            parser = html.HTMLParser(encoding="utf-8", huge_tree=False)
            content = text.encode("utf-8", errors="replace")
            self._root = (
                html.document_fromstring(content, parser=parser)
                if self._page
                else html.fragment_fromstring(text, create_parent="div")
            )
        except (etree.LxmlError, AssertionError, ValueError) as exc:
            raise UNREADABLE(name=name, reason="it is not an HTML page") from exc

    def passages(self) -> Iterator[Passage]:
        slots: list[Slot] = []
        for slot in _slots(self._root, ""):
            if slot is None:
                yield from _passage(slots)
                slots = []
            else:
                slots.append(slot)
        yield from _passage(slots)
        yield from _attribute_passages(self._root)

    def save(self, target: Path, language: str) -> None:
        if not self._page:
            inner = html.tostring(self._root, encoding="unicode")
            target.write_bytes(self._decoded.encode(inner.removeprefix("<div>").removesuffix("</div>")))
            return
        self._root.set("lang", language)
        if "dir" in self._root.attrib or language in _RIGHT_TO_LEFT:
            self._root.set("dir", "rtl" if language in _RIGHT_TO_LEFT else "ltr")
        _declare_utf8(self._root)
        doctype = _DOCTYPE.match(self._decoded.text)
        made = html.tostring(self._root, encoding="unicode", doctype=doctype.group().strip() if doctype else None)
        target.write_bytes(self._decoded.encode(made + "\n"))


def _slots(element: html.HtmlElement, style: str) -> Iterator[Slot | None]:
    """The text nodes below `element` in reading order, with None where a passage ends."""
    yield from _slot(element, "text", style)
    for child in element:
        if not isinstance(child.tag, str):
            pass  # a comment: nothing to read, and the sentence goes on after it
        elif child.tag in _INLINE and not _is_kept(child):
            marks = " ".join(f"{name}={value}" for name, value in child.items())
            distinct = f"#{child.getroottree().getpath(child)}" if child.tag == "a" else ""
            yield from _slots(child, f"{style}/{child.tag} {marks}{distinct}")
        else:
            yield None
            if not _is_kept(child):
                yield from _slots(child, "")
            yield None
        yield from _slot(child, "tail", style)


def _slot(element: html.HtmlElement, place: str, style: str) -> Iterator[Slot]:
    text = getattr(element, place)
    if text:
        yield Span(re.sub(r"\s+", " ", text), style), partial(setattr, element, place)


def _is_kept(element: html.HtmlElement) -> bool:
    classes = (element.get("class") or "").split()
    return element.tag in _KEPT or element.get("translate") == "no" or "notranslate" in classes


def _passage(slots: Sequence[Slot]) -> Iterator[Passage]:
    if slots:
        writers = [writer for _, writer in slots]

        def write(new: Sequence[str]) -> None:
            for writer, content in zip(writers, new, strict=True):
                writer(content)

        yield Passage(tuple(span for span, _ in slots), write)


def _attribute_passages(root: html.HtmlElement) -> Iterator[Passage]:
    for element in root.iter(etree.Element):
        if any(_is_kept(outer) for outer in (element, *element.iterancestors())):
            continue
        names = [name for name in _ATTRIBUTES if element.get(name)]
        if element.tag == "meta" and (element.get("name") or element.get("property") or "").lower() in _META:
            names.append("content")
        if element.tag == "input" and element.get("type") in ("button", "submit", "reset"):
            names.append("value")
        for name in names:
            if text := element.get(name):
                yield whole(text, partial(element.set, name))


def _declare_utf8(root: html.HtmlElement) -> None:
    for meta in root.iter("meta"):
        if meta.get("charset"):
            meta.set("charset", "utf-8")
        elif (meta.get("http-equiv") or "").lower() == "content-type":
            meta.set("content", "text/html; charset=utf-8")
