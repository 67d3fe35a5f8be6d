"""Runs that are being put together at a printer, from the last step's screen to Send (SC-126…SC-128).

A draft is made before anything is scanned, when everything that can be refused without a document has been checked.
From then on its scan is kept until it was sent or thrown away, whatever happens: a session that ends, a network that
goes, pages used up by somebody else, a solution that is changed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.panel_solutions.models import RunDraft
from domain.panel_solutions.printers import PanelPrinter, check_panel, check_printer
from domain.panel_solutions.scan_files import FileChoice, ScanFile, scan_file
from domain.panel_solutions.screens import expression_refusal
from domain.quotas.checks import check_demands, check_services
from domain.recorded_errors import ErrorView, error_record
from domain.runs import metering
from domain.runs.planning import Overrides, build_plan, check_permitted, services, size_limit
from domain.runs.service import SOLUTION_CHANGED
from domain.scanning.settings import FileFormat
from domain.solutions.definition import ScanSettings, SolutionDefinition
from domain.solutions.service import SolutionView, get_solution
from domain.tenancy import NOT_FOUND
from steps.contract import Surface

BEING_SENT = Fault(
    "run_draft.being_sent",
    409,
    N_("“{solution}” is being sent just now."),
    N_("Wait a moment: it appears among your runs."),
)
SENT_ALREADY = Fault(
    "run_draft.sent_already",
    409,
    N_("“{solution}” was sent already."),
    N_("Look at your runs. To run it again, begin with a new scan."),
)
SENDING_FOR = timedelta(seconds=60)
"""After that a send that gave no sign is taken for lost, and may be tried again."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose at the panel. `based_on` is the version of the solution that they saw."""

    solution_id: str
    based_on: int
    overrides: Overrides = field(default_factory=dict)
    file: FileChoice = field(default_factory=FileChoice)


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft as its owner sees it. `limit` is the largest document in bytes (SC-99); None: the solution is gone."""

    id: str
    solution_id: str
    solution_name: str
    solution_version: int
    printer_id: str
    printer_name: str
    overrides: Overrides
    file: ScanFile
    scan_id: str
    received: int
    total: int | None
    parts: tuple[str, ...]
    limit: int | None
    trouble: ErrorView | None
    is_sent: bool
    created: datetime


def open_draft(actor: Actor, printer: PanelPrinter, chosen: Chosen, draft_id: str = "") -> DraftView:
    """Check the choice as far as that goes without a document, and keep it; with `draft_id` for a scan that is kept.

    Raises the faults of `check_panel`, `check_printer`, planning (SC-E07…SC-E26) and page quotas (SC-E16),
    `SOLUTION_CHANGED`, those of `scan_file`, and of `own_draft`.
    """
    check_panel(actor, printer)
    view = get_solution(actor, chosen.solution_id)
    if view.version != chosen.based_on:
        raise SOLUTION_CHANGED(solution=view.definition.name)
    file = scan_file(view.definition, chosen.file, datetime.now(ZoneInfo(printer.time_zone)))
    _check_run(actor, printer, view, chosen.overrides, file)
    with actor.session() as session:
        draft = own_draft(session, actor, draft_id, lock=True) if draft_id else RunDraft(user_id=actor.user_id)
        if draft.sent or is_being_sent(draft):
            raise (SENT_ALREADY if draft.sent else BEING_SENT)(solution=draft.solution_name)
        draft.printer_id, draft.printer_name = printer.id, printer.name
        draft.solution_id, draft.solution_version = view.id, view.version
        draft.solution_name = view.definition.name
        draft.overrides = {str(position): dict(values) for position, values in chosen.overrides.items()}
        draft.file = _kept_file(file)
        draft.trouble, draft.changed = None, now()
        session.add(draft)
        session.flush()
        return draft_view(draft, view.definition)


def find_draft(actor: Actor, draft_id: str) -> DraftView:
    """One's own draft; raises `NOT_FOUND`."""
    with actor.session(read_only=True) as session:
        draft = own_draft(session, actor, draft_id)
        session.expunge(draft)
    return draft_view(draft, definition_now(actor, draft.solution_id))


@contextmanager
def being_sent(actor: Actor, draft_id: str) -> Iterator[DraftView]:
    """The draft, which nobody else sends meanwhile; what is raised inside is kept as its trouble.

    Raises `NOT_FOUND`, `BEING_SENT`.
    """
    with actor.session() as session:
        draft = own_draft(session, actor, draft_id)
        free = or_(RunDraft.sending.is_(None), RunDraft.sending < now() - SENDING_FOR)
        claim = update(RunDraft).where(RunDraft.id == draft_id, free).values(sending=now()).returning(RunDraft.id)
        if session.scalar(claim) is None:
            raise BEING_SENT(solution=draft.solution_name)
        session.refresh(draft)
        session.expunge(draft)
    outcome: dict[str, Any] = {"sent": draft.sent or now(), "trouble": None}
    try:
        yield draft_view(draft, None)
    except PressroomError as error:
        outcome = {"trouble": error_record(error)}
        raise
    except BaseException:
        outcome = {}
        raise
    finally:
        with actor.session() as session:
            session.execute(
                update(RunDraft).where(RunDraft.id == draft_id).values(sending=None, changed=now(), **outcome)
            )


def own_draft(session: Session, actor: Actor, draft_id: str, *, lock: bool = False) -> RunDraft:
    """The draft of that id, if it is the actor's; raises `NOT_FOUND`."""
    query = select(RunDraft).where(RunDraft.id == draft_id, RunDraft.user_id == actor.user_id)
    draft = session.scalar(query.with_for_update() if lock else query)
    if draft is None:
        raise NOT_FOUND(what="scan")
    return draft


def _check_run(actor: Actor, printer: PanelPrinter, view: SolutionView, overrides: Overrides, file: ScanFile) -> None:
    check_services(actor, services(view.definition))
    check_permitted(view.definition, actor, Surface.PRINTER)
    check_printer(view.definition, printer)
    plan = build_plan(view.definition, overrides, scanned_as_docx=file.format is FileFormat.DOCX)
    for position, given in overrides.items():
        if (refusal := expression_refusal(view.definition.steps[position], given)) is not None:
            raise refusal
    check_demands(actor, metering.demands(plan, 1))


def definition_now(actor: Actor, solution_id: str) -> SolutionDefinition | None:
    """The solution as it is now; None where it is gone."""
    try:
        return get_solution(actor, solution_id).definition
    except PressroomError as error:
        if error.fault is not NOT_FOUND:
            raise
        return None


def is_being_sent(draft: RunDraft) -> bool:
    """Whether a Send is at work on it."""
    return draft.sending is not None and draft.sending > now() - SENDING_FOR


def _kept_file(file: ScanFile) -> dict[str, Any]:
    return {"name": file.name, "format": file.format.value, "settings": file.settings.model_dump(mode="json")}


def draft_view(draft: RunDraft, definition: SolutionDefinition | None) -> DraftView:
    """The row as its owner sees it; `definition` is the solution as it is now, if it is still there."""
    return DraftView(
        id=draft.id,
        solution_id=draft.solution_id,
        solution_name=draft.solution_name,
        solution_version=draft.solution_version,
        printer_id=draft.printer_id,
        printer_name=draft.printer_name,
        overrides={int(position): values for position, values in draft.overrides.items()},
        file=ScanFile(
            draft.file["name"], FileFormat(draft.file["format"]), ScanSettings.model_validate(draft.file["settings"])
        ),
        scan_id=draft.scan_id,
        received=draft.received,
        total=draft.total,
        parts=tuple(draft.parts),
        limit=size_limit(definition) if definition else None,
        trouble=ErrorView.of(draft.trouble),
        is_sent=draft.sent is not None,
        created=draft.created,
    )
