"""The flow behind every run of a solution: one Prefect task per step and document, in plan order."""

import errno
import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog
from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed

from connectors.documents.document import Document
from connectors.documents.store import STORE_FULL
from connectors.errors import INTERNAL, PressroomError
from connectors.logs import bind
from connectors.messages import N_, Message
from domain.organizations.actor import Actor, actor_of_user
from domain.runs.execution import LEASE_LOST, Work, begin_step, claim, complete_step, fail_step, finish, renew
from domain.runs.models import RunState
from domain.runs.planning import PlannedStep
from flows.lease import Lease, lease_owner
from flows.step_context import RunContext
from steps.contract import CANCELLED, StepClass, StepReport, StepResult
from steps.registry import step_kind

log = structlog.get_logger(__name__)


@flow(name="run-solution", validate_parameters=False, persist_result=False)
def run_solution(run_id: str) -> State[Any]:
    """Run one document through its solution and leave a table of what happened as an artifact.

    A run that has ended or that another worker holds is left alone; one that lost its worker continues after its last
    finished step.
    """
    work = claim(run_id, lease_owner())
    if work is None:
        return Completed(message="Nothing to do: the run has ended or another worker has it.")
    with bind(run_id=work.run_id, organization_id=work.organization_id):
        state, error, lines = execute(work)
        create_markdown_artifact(_markdown(work, state, lines), key=f"run-{work.run_id}", description=state.value)
    if state is RunState.CANCELLED:
        return Cancelled(message="Cancelled by the user.")
    if state is RunState.FAILED:
        return Failed(message=str(error))
    name = "Completed" if state is RunState.COMPLETED else "Completed with errors"
    return Completed(name=name, message=str(error) if error else None)


Line = tuple[str, str, str]
"""Step, document and outcome, for the artifact."""


def execute(work: Work) -> tuple[RunState, PressroomError | None, list[Line]]:
    """Run every step and record how the run ended; returns that, the first error, and a line per step."""
    lines: list[Line] = []
    with Lease(work.run_id, partial(_renew, work)) as lease:
        state, error = _outcome(work, lease, lines)
    if error is None or error.fault is not LEASE_LOST:
        finish(work, state, error)
    log.info("run ended", state=state.value, code=error.code if error else None)
    return state, error, lines


def _renew(work: Work) -> None:
    if renew(work):
        raise CANCELLED()


def _outcome(work: Work, lease: Lease, lines: list[Line]) -> tuple[RunState, PressroomError | None]:
    """Actions stop the plan when they fail; a failed destination is reported and the rest goes on (SC-114)."""
    first_error: PressroomError | None = None
    documents: Sequence[tuple[str, Document]] = [("0", work.original)]
    try:
        actor = actor_of_user(work.user_id, work.organization_id)
        for step in work.plan:
            following: list[tuple[str, Document]] = []
            for branch, document in documents:
                try:
                    outputs = _perform(work, step, branch, document, actor, lease).documents
                except PressroomError as error:
                    lines.append((step.kind, document.name, error.code))
                    if error.fault in (CANCELLED, LEASE_LOST) or not _is_destination(step):
                        raise
                    first_error = first_error or error
                    outputs = (document,)
                else:
                    lines.append((step.kind, document.name, "✓"))
                following += _branches(branch, outputs)
            documents = following
    except PressroomError as error:
        return (RunState.CANCELLED if error.fault is CANCELLED else RunState.FAILED), error
    return (RunState.COMPLETED_WITH_ERRORS if first_error else RunState.COMPLETED), first_error


def _perform(work: Work, step: PlannedStep, branch: str, document: Document, actor: Actor, lease: Lease) -> StepResult:
    lease.check()
    if (known := begin_step(work, step, branch, document)) is not None:
        return known
    kind = step_kind(step.kind)
    try:
        with RunContext(work, step, branch, document, actor, lease) as context:
            if work.dry_run and kind.step_class is StepClass.DESTINATION:
                result = _preview(step, document)
            else:
                kind.check_format(document)
                result = kind.task(document, kind.parameters.model_validate(step.parameters), context)
    except Exception as exc:  # whatever a step raises ends as a recorded error of this step
        error = _as_error(exc)
        if error.fault is not LEASE_LOST:
            fail_step(work, step, branch, error)
        raise error from exc
    complete_step(work, step, branch, result)
    return result


def _preview(step: PlannedStep, document: Document) -> StepResult:
    """What a dry run shows instead of a delivery."""
    summary = Message(
        template=N_("Dry run: “{name}” would go to “{step}” now."),
        facts={"name": document.name, "step": step_kind(step.kind).title},
    )
    return StepResult(documents=(document,), report=StepReport(summary=summary))


def _branches(branch: str, outputs: Sequence[Document]) -> list[tuple[str, Document]]:
    if len(outputs) == 1:
        return [(branch, outputs[0])]
    return [(f"{branch}.{number}", document) for number, document in enumerate(outputs)]


def _is_destination(step: PlannedStep) -> bool:
    return step_kind(step.kind).step_class is StepClass.DESTINATION


def _as_error(exc: Exception) -> PressroomError:
    if isinstance(exc, PressroomError):
        return exc
    if isinstance(exc, OSError) and exc.errno == errno.ENOSPC:
        return STORE_FULL()
    reference = uuid.uuid4().hex[:12]
    log.error("a step failed unexpectedly", reference=reference, exc_info=exc)
    return INTERNAL(reference=reference)


def _markdown(work: Work, state: RunState, lines: Sequence[Line]) -> str:
    rows = "\n".join(f"| {step} | {_cell(name)} | {outcome} |" for step, name, outcome in lines)
    title = f"**{_cell(work.solution_name)}** on **{_cell(work.original.name)}**: {state.value}"
    return f"{title}\n\n| Step | Document | Outcome |\n|---|---|---|\n{rows}\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
