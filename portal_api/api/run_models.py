"""Runs as the API shows them, their texts in the reader's language."""

from datetime import datetime

from pydantic import BaseModel, Field, JsonValue

from domain.runs.models import RunState, StepState
from domain.runs.planning import PlannedStep
from domain.runs.views import DeliveryView, EventView, RunDetails, RunView, StepView
from domain.texts.catalogue import translate, translate_message
from portal_api.api.document_models import DocumentPublic, document_id
from portal_api.api.error_models import ErrorPublic
from steps.contract import StepReport
from steps.registry import step_kinds


class PlannedStepPublic(BaseModel):
    """One step as it runs, with its final values."""

    position: int = Field(description="In the order in which the steps run.")
    defined_at: int = Field(description="In the editor's order; -1 for a step that only makes DOCX of a scan (SC-53).")
    kind: str
    title: str
    parameters: dict[str, JsonValue]

    @classmethod
    def of(cls, step: PlannedStep, locale: str) -> "PlannedStepPublic":
        return cls(
            position=step.position,
            defined_at=step.defined_at,
            kind=step.kind,
            title=step_title(step.kind, locale),
            parameters=step.parameters,
        )


class RunPublic(BaseModel):
    """A run as lists show it."""

    id: str
    solution_id: str = Field(description="“translation” for a translation of no solution; a scan's is its destination.")
    solution_name: str
    solution_version: int
    user_id: str
    client_type: str
    printer_name: str = Field(description="The printer at which it was started, as it was called then; else empty.")
    dry_run: bool
    state: RunState
    plan: list[PlannedStepPublic]
    original: DocumentPublic
    error: ErrorPublic | None
    cancel_requested: bool
    created: datetime
    started: datetime | None
    finished: datetime | None
    documents_deleted: datetime | None

    @classmethod
    def of(cls, run: RunView, locale: str) -> "RunPublic":
        return cls(
            id=run.id,
            solution_id=run.solution_id,
            solution_name=run.solution_name,
            solution_version=run.solution_version,
            user_id=run.user_id,
            client_type=run.client_type,
            printer_name=run.printer_name,
            dry_run=run.dry_run,
            state=run.state,
            plan=[PlannedStepPublic.of(step, locale) for step in run.plan],
            original=DocumentPublic.of(run.original),
            error=ErrorPublic.of(run.error, locale),
            cancel_requested=run.cancel_requested,
            created=run.created,
            started=run.started,
            finished=run.finished,
            documents_deleted=run.documents_deleted,
        )


class RunPage(BaseModel):
    """Part of a list of runs, newest first. `next` is the `before` of the following page, or nothing at the end."""

    items: list[RunPublic]
    next: datetime | None


class FindingPublic(BaseModel):
    """What a step found, how often and where; never the text itself."""

    what: str
    count: int
    where: str


class ReportPublic(BaseModel):
    """What a step tells of its work."""

    summary: str | None
    findings: list[FindingPublic]
    warnings: list[str]
    measures: dict[str, float]

    @classmethod
    def of(cls, report: StepReport, locale: str) -> "ReportPublic":
        return cls(
            summary=translate_message(report.summary, locale) if report.summary else None,
            findings=[
                FindingPublic(what=translate(finding.what, locale), count=finding.count, where=finding.where)
                for finding in report.findings
            ],
            warnings=[translate_message(warning, locale) for warning in report.warnings],
            measures=report.measures,
        )


class StepPublic(BaseModel):
    """One step on one document. `branch` tells documents apart after a translation."""

    position: int
    branch: str
    kind: str
    title: str
    state: StepState
    document: DocumentPublic = Field(description="What the step worked on.")
    documents: list[DocumentPublic] = Field(description="What it left.")
    report: ReportPublic | None
    error: ErrorPublic | None
    done: int
    total: int
    message: str | None
    attempts: int
    started: datetime | None
    finished: datetime | None

    @classmethod
    def of(cls, step: StepView, locale: str) -> "StepPublic":
        return cls(
            position=step.position,
            branch=step.branch,
            kind=step.kind,
            title=step_title(step.kind, locale),
            state=step.state,
            document=DocumentPublic.of(step.document),
            documents=[DocumentPublic.of(document) for document in step.result.documents] if step.result else [],
            report=ReportPublic.of(step.result.report, locale) if step.result else None,
            error=ErrorPublic.of(step.error, locale),
            done=step.done,
            total=step.total,
            message=translate_message(step.message, locale) if step.message else None,
            attempts=step.attempts,
            started=step.started,
            finished=step.finished,
        )


class DeliveryPublic(BaseModel):
    """One delivery and how far it got."""

    position: int
    target: str
    document: str
    state: str
    receipt: str

    @classmethod
    def of(cls, delivery: DeliveryView) -> "DeliveryPublic":
        return cls(
            position=delivery.position,
            target=delivery.target,
            document=delivery.document,
            state=delivery.state,
            receipt=delivery.receipt,
        )


class RunDetailsPublic(BaseModel):
    """A run with everything that is known of it. `downloads` are the ids of what it offers for download (SC-85)."""

    run: RunPublic
    steps: list[StepPublic]
    deliveries: list[DeliveryPublic]
    downloads: list[str]

    @classmethod
    def of(cls, details: RunDetails, locale: str) -> "RunDetailsPublic":
        return cls(
            run=RunPublic.of(details.run, locale),
            steps=[StepPublic.of(step, locale) for step in details.steps],
            deliveries=[DeliveryPublic.of(delivery) for delivery in details.deliveries],
            downloads=[document_id(document) for document in details.downloads],
        )


class EventPublic(BaseModel):
    """One line of a run's log."""

    id: int
    at: datetime
    level: str
    position: int | None
    message: str

    @classmethod
    def of(cls, event: EventView, locale: str) -> "EventPublic":
        message = translate_message(event.message, locale)
        return cls(id=event.id, at=event.at, level=event.level, position=event.position, message=message)


def step_title(kind: str, locale: str) -> str:
    """A step's name for people; its own name where the kind is no longer installed."""
    known = step_kinds().get(kind)
    return translate(known.title, locale) if known else kind
