"""Text of DrawingML: the paragraphs of slides, charts, diagrams and shapes (ECMA-376 part 1, chapter 21)."""

from collections.abc import Iterator, Sequence
from functools import partial

from lxml import etree

from steps.translation.passages import Passage, Span, whole

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_IGNORED = ("lang", "altLang", "dirty", "err", "smtClean", "noProof")


def drawing_passages(root: etree._Element, language: str) -> Iterator[Passage]:
    """Every paragraph below `root`, cut at line breaks and fields (slide number, date), which stay as they are.

    `language` (BCP 47) is written into the runs, for spell checkers and screen readers.
    """
    for paragraph in root.iter(f"{A}p"):
        runs: list[etree._Element] = []
        for child in paragraph:
            if child.tag == f"{A}r":
                runs.append(child)
            elif child.tag in (f"{A}br", f"{A}fld"):
                yield from _passage(runs, language)
                runs = []
        yield from _passage(runs, language)


def described_passages(root: etree._Element, tag: str) -> Iterator[Passage]:
    """The alternative texts (`descr`, `title`) of the elements with that tag."""
    for element in root.iter(tag):
        for attribute in ("descr", "title"):
            if text := element.get(attribute):
                yield whole(text, partial(element.set, attribute))


def _passage(runs: Sequence[etree._Element], language: str) -> Iterator[Passage]:
    texts = [(run, text) for run in runs if (text := run.find(f"{A}t")) is not None]
    if not texts:
        return
    spans = tuple(Span(text.text or "", _style(run)) for run, text in texts)

    def write(new: Sequence[str]) -> None:
        for (run, text), content in zip(texts, new, strict=True):
            text.text = content
            properties = run.find(f"{A}rPr")
            if properties is not None and properties.get("lang"):
                properties.set("lang", language)

    yield Passage(spans, write)


def _style(run: etree._Element) -> str:
    properties = run.find(f"{A}rPr")
    if properties is None:
        return ""
    attributes = sorted(f"{name!s}={value!s}" for name, value in properties.items() if name not in _IGNORED)
    children = [etree.tostring(child, encoding="unicode") for child in properties]
    return "|".join(attributes + children)
