"""PPTX: slides with tables and groups, notes, chart titles and diagrams (ECMA-376 part 1, chapter 19)."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from connectors.messages import Message
from steps.translation.drawing import described_passages, drawing_passages
from steps.translation.office_package import OfficePackage
from steps.translation.passages import UNREADABLE, Passage

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_FOLDERS = ("ppt/slides", "ppt/notesSlides", "ppt/charts", "ppt/diagrams")


class PresentationFile:
    """A PPTX opened for translation. Masters and layouts, which hold prompts and logos, stay as they are."""

    language: str | None = None
    warnings: Sequence[Message] = ()

    def __init__(self, path: Path, name: str, most_mb: int, language: str) -> None:
        self._package = OfficePackage(path, name, most_mb)
        if not self._package.has("ppt/presentation.xml"):
            raise UNREADABLE(name=name, reason="it is not a PowerPoint presentation")
        self._target = language

    def passages(self) -> Iterator[Passage]:
        for folder in _FOLDERS:
            for root in self._package.trees(folder):
                yield from drawing_passages(root, self._target)
                yield from described_passages(root, f"{P}cNvPr")

    def save(self, target: Path, language: str) -> None:
        self._package.save(target)
