"""What a step gets from the engine: documents, progress, deliveries and accounts of the run it works in."""

import shutil
import time
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from connectors.documents import DocumentStore, open_store
from connectors.documents.document import Document
from connectors.documents.inspection import safe_file_name
from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.settings import Settings, get_settings
from domain.organizations.actor import Actor
from domain.printing.service import hold_document
from domain.runs.execution import RecordedDelivery, Work, measure_step, open_delivery, show_progress, step_hash
from domain.runs.planning import PlannedStep
from domain.scan_destinations.accounts import account_of_scan
from domain.storage_accounts.service import storage_account
from flows.lease import Lease
from steps.contract import RunFacts, StorageAccount

STEP_TIMEOUT = Fault(
    "step.timeout",
    504,
    N_("The step took longer than {minutes} minutes."),
    N_("Split the document into smaller ones. Administrators can raise PRESSROOM_STEP_TIMEOUT_SECONDS."),
)
NO_PRINTER = Fault(
    "run.no_printer",
    422,
    N_("The run was not started at a printer, so there is none to print on."),
    N_("Run the solution from a printer, or use the cloud print queue."),
    spec="SC-E26",
)
SHOW_EVERY = 0.25
"""Seconds between two writes of progress: people see it move, the database hardly notices."""


class RunContext:
    """The `StepContext` of one step on one document; use it in a `with` block, which removes the working files."""

    def __init__(self, work: Work, step: PlannedStep, branch: str, document: Document, actor: Actor, lease: Lease):
        self._work, self._step, self._branch, self._actor, self._lease = work, step, branch, actor, lease
        self._fingerprint = step_hash(work, step, document)
        self._began = time.monotonic()
        self._shown = 0.0
        self._fetched: dict[str, Path] = {}

    @property
    def settings(self) -> Settings:
        return get_settings()

    @cached_property
    def run(self) -> RunFacts:
        return RunFacts(
            self._work.run_id,
            self._work.organization_id,
            self._actor.email,
            self._actor.name,
            self._work.solution_name,
            datetime.now(ZoneInfo(self._actor.time_zone)),
            self._actor.locale,
        )

    @cached_property
    def scratch(self) -> Path:
        root = self.settings.scratch_folder
        root.mkdir(parents=True, exist_ok=True)
        return Path(mkdtemp(prefix=f"{self._work.run_id[:8]}-{self._step.kind}-", dir=root))

    @cached_property
    def _inputs(self) -> Path:
        root = self.settings.scratch_folder
        root.mkdir(parents=True, exist_ok=True)
        return Path(mkdtemp(prefix=f"{self._work.run_id[:8]}-in-", dir=root))

    @cached_property
    def _store(self) -> DocumentStore:
        return open_store(self.settings)

    def fetch(self, document: Document) -> Path:
        if document.key not in self._fetched:
            path = self._inputs / f"{len(self._fetched)}{Path(document.name).suffix.lower()}"
            self._store.fetch(document.key, path, document.sha256)
            self._fetched[document.key] = path
        return self._fetched[document.key]

    def store(
        self, path: Path, name: str, media_type: str, *, pages: int | None = None, language: str | None = None
    ) -> Document:
        name = safe_file_name(name)
        folder = f"{self._work.organization_id}/runs/{self._work.run_id}"
        key = f"{folder}/{self._step.position}-{self._step.kind}/{self._branch}-{self._fingerprint[:16]}/{name}"
        with path.open("rb") as source:
            stored = self._store.put(key, source, media_type)
        return Document(
            key=key,
            name=name,
            media_type=media_type,
            size=stored.size,
            sha256=stored.sha256,
            pages=pages,
            language=language,
        )

    def progress(self, done: int, total: int, message: Message | None = None) -> None:
        self._lease.check()
        elapsed = time.monotonic() - self._began
        if elapsed > self.settings.step_timeout_seconds:
            raise STEP_TIMEOUT(minutes=round(self.settings.step_timeout_seconds / 60))
        if elapsed - self._shown >= SHOW_EVERY:
            self._shown = elapsed
            show_progress(self._work, self._step, self._branch, done, total, message)

    def measured(self, characters: int, targets: Sequence[str] = ()) -> None:
        measure_step(self._work, self._step, self._branch, characters, targets)

    def delivery(self, document: Document, target: str) -> RecordedDelivery:
        return open_delivery(self._work, self._step, self._branch, document, target)

    def storage_account(self, provider: str) -> StorageAccount:
        if self._work.scan_destination_id:
            return account_of_scan(self._actor, self._work.scan_destination_id, provider)
        return storage_account(self._actor, provider)

    def hold_for_print(self, document: Document, key: str) -> str:
        return hold_document(self._actor, document, key)

    def printer_address(self) -> str:
        if not self._work.printer_address:
            raise NO_PRINTER()
        return self._work.printer_address

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in ("scratch", "_inputs"):
            if (folder := self.__dict__.get(name)) is not None:
                shutil.rmtree(folder)
