"""What people do with runs: start, watch, cancel, run again, and read what they left behind."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from connectors.documents import open_store
from connectors.documents.document import Document
from connectors.documents.inspection import Inspection, inspect, safe_file_name
from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.quotas.checks import check_demands, check_services
from domain.runs import metering
from domain.runs.models import (
    TRANSLATION,
    ClientType,
    DeliveryRecord,
    Run,
    RunEvent,
    RunState,
    StepRun,
    StepState,
)
from domain.runs.outbox import enqueue_run
from domain.runs.planning import Overrides, build_plan, check_format, check_permitted, check_size, services
from domain.runs.views import DeliveryView, EventView, RunDetails, RunView, StepView
from domain.solutions.definition import SolutionDefinition
from domain.solutions.service import get_solution
from domain.tenancy import NOT_FOUND, new_id
from steps.contract import DeliveryState, Surface

NOT_RUNNING = Fault("run.not_running", 409, N_("The run has already ended."), N_("There is nothing to cancel."))
STILL_RUNNING = Fault(
    "run.still_running", 409, N_("The run has not ended yet."), N_("Wait for it to end, or cancel it first.")
)
NOTHING_FAILED = Fault(
    "run.nothing_failed", 409, N_("No step of this run failed."), N_("Start the solution again with the document.")
)
DOCUMENTS_GONE = Fault(
    "run.documents_deleted",
    410,
    N_("The documents of this run were deleted."),
    N_("Hand in the original again."),
)


SOLUTION_CHANGED = Fault(
    "run.solution_changed",
    409,
    N_("“{solution}” was changed while you were filling it in."),
    N_("Open it again and look through its steps. A scan that was made for it is kept."),
    spec="SC-102",
)


@dataclass(frozen=True, slots=True)
class RunPrinter:
    """The printer at which a run is started. `address` is where it takes jobs by IPP; empty: it takes none."""

    id: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class HandIn:
    """A file handed in for a solution. `path` is a local file that the caller removes afterwards.

    `based_on` is the version that its values were chosen for (None: whichever there is), `run_id` the id that the run
    is to have. `scanned_as_docx`: the file is a scan of which a first step makes DOCX (SC-53).
    """

    path: Path
    name: str
    client_type: ClientType = ClientType.BROWSER
    dry_run: bool = False
    printer: RunPrinter | None = None
    based_on: int | None = None
    run_id: str = ""
    scanned_as_docx: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is done with a document: the steps, and by which id and version runs name them.

    `check` raises what else keeps the document from it.
    """

    id: str
    version: int
    definition: SolutionDefinition
    check: Callable[[Document], None] = lambda _document: None


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs to list. `before` is the `created` of the last run of the page before (keyset paging).

    `own`: the actor's only, also for administrators.
    """

    state: RunState | None = None
    solution_id: str | None = None
    search: str = ""
    since: datetime | None = None
    before: datetime | None = None
    limit: int = 50
    own: bool = False


def start_run(actor: Actor, solution_id: str, hand_in: HandIn, overrides: Overrides | None = None) -> RunView:
    """`start_recipe` for a solution (SC-110…SC-113); raises `SOLUTION_CHANGED` too."""
    actor.need(Permission.SOLUTIONS_RUN)
    view = get_solution(actor, solution_id)
    if hand_in.based_on not in (None, view.version):
        raise SOLUTION_CHANGED(solution=view.definition.name)
    return start_recipe(actor, Recipe(view.id, view.version, view.definition), hand_in, overrides)


def start_recipe(actor: Actor, recipe: Recipe, hand_in: HandIn, overrides: Overrides | None = None) -> RunView:
    """Check everything that can be known now, store the original, and queue the run.

    The run and its outbox row are one transaction. Raises the faults SC-E07…SC-E26 of planning, what inspection finds
    wrong with the file, or that the page quotas do not suffice (SC-E16); nothing is kept then.
    """
    definition = recipe.definition
    surface = Surface.PRINTER if hand_in.client_type is ClientType.PRINTER else Surface.PORTAL
    check_services(actor, services(definition))
    check_permitted(definition, actor, surface)
    plan = build_plan(definition, overrides or {}, scanned_as_docx=hand_in.scanned_as_docx)
    name = safe_file_name(hand_in.name)
    check_size(definition, name, hand_in.path.stat().st_size)
    inspection = inspect(hand_in.path, name, get_settings())
    check_demands(actor, metering.demands(plan, inspection.pages))
    run_id = hand_in.run_id or new_id()
    printer = hand_in.printer or RunPrinter("", "", "")
    original = _stored_original(actor, run_id, hand_in.path, name, inspection)
    try:
        recipe.check(original)
        check_format(definition, original, scanned_as_docx=plan[0].is_implicit)
        with actor.session() as session:
            run = Run(
                id=run_id,
                organization_id=actor.organization_id,
                user_id=actor.user_id,
                solution_id=recipe.id,
                solution_name=definition.name,
                solution_version=recipe.version,
                client_type=hand_in.client_type.value,
                dry_run=hand_in.dry_run,
                plan=[step.model_dump(mode="json") for step in plan],
                original=original.model_dump(),
                printer_id=printer.id,
                printer_name=printer.name,
                printer_address=printer.address,
            )
            session.add(run)
            session.flush()
            log_event(
                session,
                run,
                Message.of(N_("“{name}” was handed in for “{solution}”."), name=name, solution=run.solution_name),
            )
            enqueue_run(session, run)
            record(session, actor, "run.started", "run", run.id, _facts(run))
    except Exception:
        open_store(get_settings()).delete_folder(f"{actor.organization_id}/runs/{run_id}")
        raise
    return RunView.of(run)


def list_runs(actor: Actor, chosen: RunFilter | None = None) -> list[RunView]:
    """The actor's own runs, newest first; administrators see those of the whole organization."""
    chosen = chosen or RunFilter()
    query = _visible(actor).order_by(Run.created.desc(), Run.id).limit(min(chosen.limit, 200))
    if chosen.own:
        query = query.where(Run.user_id == actor.user_id)
    if chosen.state:
        query = query.where(Run.state == chosen.state)
    if chosen.solution_id:
        query = query.where(Run.solution_id == chosen.solution_id)
    if chosen.search:
        query = query.where(Run.solution_name.icontains(chosen.search, autoescape=True))
    if chosen.since:
        query = query.where(Run.created >= chosen.since)
    if chosen.before:
        query = query.where(Run.created < chosen.before)
    with actor.session(read_only=True) as session:
        return [RunView.of(row) for row in session.scalars(query)]


def get_run(actor: Actor, run_id: str) -> RunDetails:
    """One run with its steps and deliveries; raises `NOT_FOUND`."""
    with actor.session(read_only=True) as session:
        run = visible_run(session, actor, run_id)
        steps = session.scalars(
            select(StepRun).where(StepRun.run_id == run_id).order_by(StepRun.position, StepRun.branch)
        )
        deliveries = session.scalars(
            select(DeliveryRecord).where(DeliveryRecord.run_id == run_id).order_by(DeliveryRecord.created)
        )
        return RunDetails(RunView.of(run), tuple(map(StepView.of, steps)), tuple(map(DeliveryView.of, deliveries)))


def run_events(actor: Actor, run_id: str, after: int = 0) -> list[EventView]:
    """Log lines with an id above `after`, oldest first."""
    with actor.session(read_only=True) as session:
        visible_run(session, actor, run_id)
        query = select(RunEvent).where(RunEvent.run_id == run_id, RunEvent.id > after).order_by(RunEvent.id)
        return [EventView.of(row) for row in session.scalars(query)]


def cancel_run(actor: Actor, run_id: str) -> RunView:
    """Ask the run to stop; a queued one ends at once, a running one at its next sign of progress."""
    with actor.session() as session:
        run = visible_run(session, actor, run_id, lock=True)
        if RunState(run.state).is_final:
            raise NOT_RUNNING()
        run.cancel_requested = True
        if run.state == RunState.QUEUED:
            run.state, run.finished = RunState.CANCELLED, now()
            metering.release_runs(session, [run.id])
        log_event(session, run, Message.of(N_("{name} asked to cancel the run."), name=actor.name))
        record(session, actor, "run.cancelled", "run", run.id, {"solution": run.solution_name})
        return RunView.of(run)


def run_again(actor: Actor, run_id: str) -> RunView:
    """Continue an ended run from its failed or cancelled step; finished steps keep their results.

    A delivery that was uncertain is made again: asking for it is the user's decision. It takes what starting the run
    took: `ROLE_MISSING` is raised for who may only follow it by now.
    """
    actor.need(Permission.RUNS_FOLLOW)
    with actor.session() as session:
        run = visible_run(session, actor, run_id, lock=True)
        actor.need(Permission.TRANSLATION_USE if run.solution_id == TRANSLATION else Permission.SOLUTIONS_RUN)
        if not RunState(run.state).is_final:
            raise STILL_RUNNING()
        if run.state == RunState.COMPLETED:
            raise NOTHING_FAILED()
        if run.documents_deleted:
            raise DOCUMENTS_GONE()
        failed = session.scalars(
            select(StepRun.position).where(StepRun.run_id == run.id, StepRun.state == StepState.FAILED)
        ).all()
        session.execute(
            update(DeliveryRecord)
            .where(
                DeliveryRecord.run_id == run.id,
                DeliveryRecord.position.in_(failed),
                DeliveryRecord.state == DeliveryState.COMMITTING.value,
            )
            .values(state=DeliveryState.PREPARED.value)
        )
        run.state, run.error, run.finished, run.next_attempt = RunState.QUEUED, None, None, None
        run.cancel_requested, run.lost_workers, run.attempt = False, 0, run.attempt + 1
        log_event(session, run, Message.of(N_("The failed steps are to run again.")))
        enqueue_run(session, run)
        record(session, actor, "run.again", "run", run.id, {"solution": run.solution_name})
        return RunView.of(run)


def log_event(session: Session, run: Run, message: Message, level: str = "info") -> None:
    """Write one line into the run's log."""
    session.add(RunEvent(organization_id=run.organization_id, run_id=run.id, level=level, message=message.model_dump()))


def _facts(run: Run) -> Facts:
    return {
        "solution": run.solution_name,
        "document": str(run.original["name"]),
        "client": run.client_type,
        "dry_run": run.dry_run,
        **({"printer": run.printer_name} if run.printer_name else {}),
    }


def _stored_original(actor: Actor, run_id: str, path: Path, name: str, inspection: Inspection) -> Document:
    with path.open("rb") as source:
        stored = open_store(get_settings()).put(
            f"{actor.organization_id}/runs/{run_id}/original/{name}", source, inspection.media_type
        )
    return Document(
        key=stored.key,
        name=name,
        media_type=inspection.media_type,
        size=stored.size,
        sha256=stored.sha256,
        pages=inspection.pages,
    )


def _visible(actor: Actor) -> Select[tuple[Run]]:
    if actor.may(Permission.SOLUTIONS_PUBLISH):
        return select(Run)
    return select(Run).where(Run.user_id == actor.user_id)


def visible_run(session: Session, actor: Actor, run_id: str, *, lock: bool = False) -> Run:
    """The run if the actor may see it; raises `NOT_FOUND`."""
    query = _visible(actor).where(Run.id == run_id)
    run = session.scalar(query.with_for_update() if lock else query)
    if run is None:
        raise NOT_FOUND(what="run")
    return run
