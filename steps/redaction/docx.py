"""Word documents: the whole package is searched, not only what a reader shows on the page."""

from collections.abc import Sequence
from pathlib import Path

from connectors.documents.inspection_faults import DAMAGED_FILE, ENCRYPTED
from connectors.messages import Message
from connectors.settings import Settings
from steps.redaction.document import Pace
from steps.redaction.office import OfficePackage
from steps.redaction.picture import for_each
from steps.redaction.sweep import Sweep
from steps.redaction.verification import verify_package

_OLE = b"\xd0\xcf\x11\xe0"


class DocxRedaction:
    """A DOCX file on its way through redaction."""

    def __init__(self, source: Path, name: str, settings: Settings, pace: Pace) -> None:
        self._name, self._settings, self._pace = name, settings, pace
        data = source.read_bytes()
        if data.startswith(_OLE):
            raise ENCRYPTED(name=name)
        if not data.startswith(b"PK"):
            raise DAMAGED_FILE(name=name)
        self._package = OfficePackage(data, name, settings)
        self._language = ""
        self._steps = 0
        self.characters = 0
        self.pages: int | None = None

    @property
    def warnings(self) -> Sequence[Message]:
        return self._package.warnings

    def sample(self) -> str:
        return self._package.sample()

    def learn(self, sweep: Sweep, language: str) -> None:
        self._language = language
        self._package.read_pictures_in(language)
        frames = self._package.frames
        for _ in for_each(frames, lambda frame: frame.looks, self._settings.ocr_processes, self._pace):
            pass
        self.characters = self._package.learn(sweep, self._step)

    def clear(self, sweep: Sweep) -> None:
        self._steps = 0
        self._package.clear(sweep, self._step)

    def save(self, target: Path) -> None:
        target.write_bytes(self._package.data())

    def verify(self, sweep: Sweep, target: Path) -> None:
        self._steps = 0
        verify_package(target, self._name, self._language, self._settings, sweep, self._step)

    def _step(self) -> None:
        self._steps += 1
        self._pace(self._steps, max(len(self._package.parts), self._steps))
