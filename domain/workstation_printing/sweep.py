"""Looking after nodes and their copies, every minute (F-21), and what a change of the settings means for copies."""

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from domain.organizations.models import now
from domain.printing.settings import print_settings
from domain.tenancy import system_session, tenant_session
from domain.workstation_printing.commands import KEPT
from domain.workstation_printing.copies import counts, mark_short
from domain.workstation_printing.dropping import drop_copy
from domain.workstation_printing.models import DirectReport, HybridCopy, HybridJob, NodeCommand, PrintNode
from domain.workstation_printing.outbox import enqueue_replication
from domain.workstation_printing.states import (
    LIVING_COPIES,
    OPEN_COMMANDS,
    UNREACHABLE_AFTER,
    CopyState,
    NodeState,
)
from steps.node_work import NodeKind

DELETED_KEPT = timedelta(days=30)
"""How long deleted nodes, reports nobody asked for and copies that are gone are remembered."""


def note_silent_nodes() -> list[str]:
    """Nodes without a report for five minutes are unreachable: their copies are made elsewhere; returns their ids."""
    with system_session() as session:
        silent = (PrintNode.state == NodeState.ACTIVE) & (PrintNode.last_seen < now() - UNREACHABLE_AFTER)
        gone = update(PrintNode).where(silent).values(state=NodeState.UNREACHABLE, changed=now())
        rows = session.execute(gone.returning(PrintNode.id, PrintNode.organization_id)).all()
    for node_id, organization_id in rows:
        with tenant_session(organization_id) as session:
            here = (HybridCopy.node_id == node_id) & HybridCopy.state.in_(LIVING_COPIES)
            held = select(HybridCopy.job_id).where(here, HybridCopy.is_primary.is_(False))
            mark_short(session, list(session.scalars(held)))
    return [node_id for node_id, _ in rows]


def organizations_with_work() -> list[str]:
    """Organizations in which jobs are short of copies or nodes are to be deleted."""
    with system_session(read_only=True) as session:
        short = select(HybridJob.organization_id).where(HybridJob.is_short.is_(True), HybridJob.next_try <= now())
        leaving = select(PrintNode.organization_id).where(PrintNode.state == NodeState.DELETING)
        return sorted({*session.scalars(short.distinct()), *session.scalars(leaving.distinct())})


def forget_old() -> int:
    """Forget ended commands, deleted nodes, copies that are gone, and reports whose job never came; how many rows."""
    old = now() - DELETED_KEPT
    ended = NodeCommand.state.not_in(OPEN_COMMANDS) & (NodeCommand.ended < now() - KEPT)
    with system_session() as session:
        statements = (
            delete(NodeCommand).where(ended).returning(NodeCommand.id),
            delete(HybridCopy)
            .where(HybridCopy.state == CopyState.DELETED, HybridCopy.changed < now() - KEPT)
            .returning(HybridCopy.id),
            delete(PrintNode)
            .where(PrintNode.state == NodeState.DELETED, PrintNode.changed < old)
            .returning(PrintNode.id),
            delete(DirectReport).where(DirectReport.received < old).returning(DirectReport.id),
        )
        return sum(len(session.scalars(one).all()) for one in statements)


def apply_storage_settings(organization_id: str) -> None:
    """Bring all jobs to the number of copies and the kinds of nodes that count now (PR-22…PR-24)."""
    with tenant_session(organization_id) as session:
        storage = print_settings(session, organization_id).hybrid_storage
        wanted = storage.copies if storage.enabled else 0
        kinds = storage.node_types if storage.enabled else frozenset()
        session.execute(update(HybridJob).values(wanted=wanted, is_short=wanted > 0, tries=0, next_try=now()))
        elsewhere = (
            select(HybridCopy)
            .join(PrintNode, PrintNode.id == HybridCopy.node_id)
            .where(
                HybridCopy.state.in_(LIVING_COPIES),
                HybridCopy.is_primary.is_(False),
                PrintNode.kind.not_in((*kinds, NodeKind.WORKSTATION)),
            )
        )
        for copy in session.scalars(elsewhere).all():
            drop_copy(session, organization_id, copy)
        session.flush()
        drop_surplus(session, organization_id)
        if wanted:
            enqueue_replication(session, organization_id, f"settings/{organization_id}/{now().timestamp()}")


def drop_surplus(session: Session, organization_id: str, node_id: str = "") -> int:
    """Have copies deleted that are more than wanted, at that node if one is named; how many.

    A node that comes back after its copies were made elsewhere has too many.
    """
    query = (
        select(HybridCopy)
        .join(PrintNode, PrintNode.id == HybridCopy.node_id)
        .where(HybridCopy.state == CopyState.STORED, HybridCopy.is_primary.is_(False), counts())
        .order_by(HybridCopy.job_id, HybridCopy.changed.desc())
    )
    stored: dict[str, list[HybridCopy]] = {}
    for copy in session.scalars(query):
        stored.setdefault(copy.job_id, []).append(copy)
    wanted = dict(session.execute(select(HybridJob.job_id, HybridJob.wanted)).tuples().all())
    dropped = 0
    for job_id, copies in stored.items():
        surplus = len(copies) - wanted.get(job_id, 0)
        candidates = [copy for copy in copies if node_id in ("", copy.node_id)]
        for copy in candidates[: max(0, surplus)]:
            drop_copy(session, organization_id, copy)
            dropped += 1
    return dropped
