"""What readers see of runs: plain, frozen values for the API, the portal and the command line."""

from dataclasses import dataclass
from datetime import datetime

from connectors.documents.document import Document
from connectors.messages import Message
from domain.recorded_errors import ErrorView
from domain.runs.models import DeliveryRecord, Run, RunEvent, RunState, StepRun, StepState
from domain.runs.planning import PlannedStep
from steps.contract import StepResult


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a run on one document."""

    position: int
    branch: str
    kind: str
    state: StepState
    document: Document
    result: StepResult | None
    error: ErrorView | None
    done: int
    total: int
    message: Message | None
    attempts: int
    started: datetime | None
    finished: datetime | None

    @classmethod
    def of(cls, row: StepRun) -> "StepView":
        return cls(
            row.position,
            row.branch,
            row.kind,
            StepState(row.state),
            Document.model_validate(row.document),
            StepResult.model_validate(row.result) if row.result else None,
            ErrorView.of(row.error),
            row.progress_done,
            row.progress_total,
            Message.model_validate(row.message) if row.message else None,
            row.attempts,
            row.started,
            row.finished,
        )


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of the run's log."""

    id: int
    at: datetime
    level: str
    position: int | None
    message: Message

    @classmethod
    def of(cls, row: RunEvent) -> "EventView":
        return cls(row.id, row.at, row.level, row.position, Message.model_validate(row.message))


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One delivery and how far it got."""

    position: int
    target: str
    document: str
    state: str
    receipt: str

    @classmethod
    def of(cls, row: DeliveryRecord) -> "DeliveryView":
        return cls(row.position, row.target, row.document["name"], row.state, row.receipt)


@dataclass(frozen=True, slots=True)
class RunView:
    """A run without its steps, as lists show it. `is_scan`: it takes a scan to a destination, and is of no solution."""

    id: str
    solution_id: str
    solution_name: str
    solution_version: int
    user_id: str
    client_type: str
    printer_name: str
    dry_run: bool
    state: RunState
    plan: tuple[PlannedStep, ...]
    original: Document
    error: ErrorView | None
    cancel_requested: bool
    created: datetime
    started: datetime | None
    finished: datetime | None
    documents_deleted: datetime | None
    next_attempt: datetime | None = None
    is_scan: bool = False

    @classmethod
    def of(cls, row: Run) -> "RunView":
        return cls(
            row.id,
            row.solution_id,
            row.solution_name,
            row.solution_version,
            row.user_id,
            row.client_type,
            row.printer_name,
            row.dry_run,
            RunState(row.state),
            tuple(PlannedStep.model_validate(step) for step in row.plan),
            Document.model_validate(row.original),
            ErrorView.of(row.error),
            row.cancel_requested,
            row.created,
            row.started,
            row.finished,
            row.documents_deleted,
            row.next_attempt,
            bool(row.scan_destination_id),
        )


@dataclass(frozen=True, slots=True)
class RunDetails:
    """A run with everything that is known of it."""

    run: RunView
    steps: tuple[StepView, ...]
    deliveries: tuple[DeliveryView, ...]

    @property
    def downloads(self) -> tuple[Document, ...]:
        """Documents that a Download step offers (SC-85), in plan order; of a dry run none."""
        return tuple(
            document
            for step in self.steps
            if step.kind == "download" and step.result is not None and not self.run.dry_run
            for document in step.result.documents
        )

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every stored document of the run, the original first, each once."""
        outputs = [document for step in self.steps if step.result for document in step.result.documents]
        return tuple({document.key: document for document in (self.run.original, *outputs)}.values())
