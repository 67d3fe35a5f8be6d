"""Scans that were not sent: offered again after signing in, thrown away, or forgotten after a while."""

from datetime import timedelta

from sqlalchemy import distinct, func, or_, select

from connectors.settings import get_settings
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.panel_solutions.drafts import (
    BEING_SENT,
    DraftView,
    definition_now,
    draft_view,
    find_draft,
    is_being_sent,
    own_draft,
)
from domain.panel_solutions.models import RunDraft
from domain.panel_solutions.parts import delete_parts
from domain.panel_solutions.scans import forget_scan, scan_of
from domain.scanning.jobs import not_ended
from domain.scanning.models import ScanJob, ScanPage
from domain.tenancy import system_session

MOST_KEPT = 20


def kept_drafts(actor: Actor) -> list[DraftView]:
    """What was scanned and not sent, newest first: it is offered after signing in, at any printer."""
    actor.need(Permission.SOLUTIONS_RUN)
    has_document = or_(RunDraft.scan_id != "", RunDraft.received > 0)
    query = select(RunDraft).where(RunDraft.user_id == actor.user_id, RunDraft.sent.is_(None), has_document)
    with actor.session(read_only=True) as session:
        found = list(session.scalars(query.order_by(RunDraft.changed.desc()).limit(MOST_KEPT)))
        session.expunge_all()
    views = [draft_view(draft, definition_now(actor, draft.solution_id)) for draft in found]
    return [view for view in views if view.received or _has_pages(actor, view)]


def count_kept(actor: Actor) -> int:
    """How many scans are kept for the actor, for a list that only says that there are some."""
    query = (
        select(func.count(distinct(RunDraft.id)))
        .outerjoin(ScanJob, (ScanJob.id == RunDraft.scan_id) & ScanJob.state.in_(not_ended()))
        .outerjoin(ScanPage, (ScanPage.scan_id == ScanJob.id) & (ScanPage.received == ScanPage.total))
        .where(RunDraft.user_id == actor.user_id, RunDraft.sent.is_(None))
        .where(or_(RunDraft.received > 0, ScanPage.id.is_not(None)))
    )
    with actor.session(read_only=True) as session:
        return session.scalar(query) or 0


def discard_draft(actor: Actor, draft_id: str) -> None:
    """Throw a draft and its document away for good; raises `NOT_FOUND`, or `BEING_SENT`."""
    draft_now = find_draft(actor, draft_id)
    with actor.session() as session:
        draft = own_draft(session, actor, draft_id, lock=True)
        if is_being_sent(draft):
            raise BEING_SENT(solution=draft.solution_name)
        if draft.received or draft.scan_id:
            record(session, actor, "run_draft.discarded", "solution", draft.solution_id, {"name": draft.solution_name})
        session.delete(draft)
    delete_parts(actor.organization_id, draft_id)
    forget_scan(actor, draft_now)


def expire_drafts() -> int:
    """Delete drafts that nobody has touched for as long as scans are kept, with their documents; returns how many."""
    limit = now() - timedelta(hours=get_settings().scan_kept_hours)
    with system_session(read_only=True) as session:
        query = select(RunDraft.organization_id, RunDraft.id).where(RunDraft.changed < limit).limit(1000)
        old = [(organization_id, id_) for organization_id, id_ in session.execute(query)]
    for organization_id, draft_id in old:
        delete_parts(organization_id, draft_id)
        with system_session() as session:
            session.delete(session.get_one(RunDraft, draft_id))
    return len(old)


def _has_pages(actor: Actor, draft: DraftView) -> bool:
    scan = scan_of(actor, draft)
    return scan is not None and not scan.state.is_ended and bool(scan.complete_pages)
