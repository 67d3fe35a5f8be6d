"""A step context on a plain folder, so that benchmarks time steps and nothing around them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, cast

from connectors.documents.document import Document
from connectors.documents.folder import FolderStore
from connectors.messages import Message
from connectors.settings import Settings
from steps.contract import RunFacts, StepContext, StepKind, StepParameters, StepResult


@dataclass
class FolderContext:
    """What a step that changes documents needs, in `folder`. One context may serve several steps in turn."""

    folder: Path
    settings: Settings = field(default_factory=lambda: Settings(_env_file=None))

    def __post_init__(self) -> None:
        now = datetime.now(UTC)
        self.run = RunFacts("run-1", "org-1", "ann@example.com", "Ann Author", "Benchmark", now)
        self._store = FolderStore(self.folder / "documents")
        self._numbers = count()
        self.scratch = self._fresh("scratch")

    def _fresh(self, name: str) -> Path:
        path = self.folder / f"{name}-{next(self._numbers)}"
        path.mkdir(parents=True)
        return path

    def fetch(self, document: Document) -> Path:
        path = self._fresh("fetched") / document.name
        self._store.fetch(document.key, path, document.sha256)
        return path

    def store(
        self, path: Path, name: str, media_type: str, *, pages: int | None = None, language: str | None = None
    ) -> Document:
        with path.open("rb") as source:
            stored = self._store.put(f"org-1/{next(self._numbers)}/{name}", source, media_type)
        return Document(
            key=stored.key,
            name=name,
            media_type=media_type,
            size=stored.size,
            sha256=stored.sha256,
            pages=pages,
            language=language,
        )

    def progress(self, done: int, total: int, message: Message | None = None) -> None:
        """Nobody watches a benchmark."""

    def run_step(self, kind: StepKind[Any], parameters: StepParameters, document: Document) -> StepResult:
        """One step on one document, with an empty scratch folder."""
        self.scratch = self._fresh("scratch")
        # the steps of benchmarks need no more of a context than this
        return kind.run(document, parameters, cast("StepContext", self))
