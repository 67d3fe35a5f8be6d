"""A step context on a plain folder: run one step on real files without an engine, in tests, trials and benchmarks."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.documents.document import Document
from connectors.documents.folder import FolderStore
from connectors.messages import Message
from connectors.settings import Settings
from steps.contract import CANCELLED, DeliveryState, RunFacts, StepKind, StepParameters, StepResult, StorageAccount


@dataclass
class LocalDelivery:
    """A delivery record in memory."""

    key: str
    state: DeliveryState = DeliveryState.PREPARED
    receipt: str = ""

    def committing(self) -> None:
        self.state = DeliveryState.COMMITTING

    def rejected(self) -> None:
        self.state = DeliveryState.PREPARED

    def delivered(self, receipt: str) -> None:
        self.state, self.receipt = DeliveryState.DELIVERED, receipt


@dataclass
class LocalContext:
    """What a step needs, on `folder`; each context starts with empty records.

    `cancel_after` cancels the run at that many calls of `progress`; `deliveries`, `held`, `steps_shown` and
    `characters_measured` keep what the step did.
    """

    folder: Path
    settings: Settings = field(default_factory=lambda: Settings(_env_file=None))
    run: RunFacts = field(
        default_factory=lambda: RunFacts(
            "run-1", "org-1", "ann@example.com", "Ann Author", "Example", datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
        )
    )
    accounts: dict[str, StorageAccount] = field(default_factory=dict)
    printer: str = ""
    cancel_after: int | None = None
    deliveries: dict[str, LocalDelivery] = field(default_factory=dict)
    held: dict[str, Document] = field(default_factory=dict)
    steps_shown: list[tuple[int, int]] = field(default_factory=list)
    characters_measured: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.documents = FolderStore(self.folder / "documents")
        self.scratch.mkdir(parents=True, exist_ok=True)
        (self.folder / "fetched").mkdir(exist_ok=True)

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"

    def take_in(self, path: Path, media_type: str, name: str | None = None, language: str | None = None) -> Document:
        """Store a file as the original of a run."""
        return self.store(path, name or path.name, media_type, language=language)

    def run_step(self, kind: StepKind[Any], parameters: StepParameters, document: Document) -> StepResult:
        """One step on one document, with an empty scratch folder."""
        shutil.rmtree(self.scratch)
        self.scratch.mkdir()
        return kind.run(document, parameters, self)

    def fetch(self, document: Document) -> Path:
        path = self.folder / "fetched" / (document.sha256[:12] + Path(document.name).suffix)
        self.documents.fetch(document.key, path, document.sha256)
        return path

    def store(
        self, path: Path, name: str, media_type: str, *, pages: int | None = None, language: str | None = None
    ) -> Document:
        with path.open("rb") as source:
            stored = self.documents.put(f"org-1/{len(list(self.documents.list('org-1')))}/{name}", source, media_type)
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
        self.steps_shown.append((done, total))
        if self.cancel_after is not None and len(self.steps_shown) > self.cancel_after:
            raise CANCELLED()

    def measured(self, characters: int, targets: Sequence[str] = ()) -> None:
        self.characters_measured = dict.fromkeys(targets or ("",), characters)

    def delivery(self, document: Document, target: str) -> LocalDelivery:
        key = hashlib.sha256(f"{document.sha256} {document.name} {target}".encode()).hexdigest()
        return self.deliveries.setdefault(key, LocalDelivery(key))

    def storage_account(self, provider: str) -> StorageAccount:
        return self.accounts[provider]

    def hold_for_print(self, document: Document, key: str) -> str:
        self.held[key] = document
        return key[:8]

    def printer_address(self) -> str:
        return self.printer
