"""How nodes leave: off for new copies, or deleted after their copies were made elsewhere (F-22, PR-257, PR-259)."""

from collections.abc import Collection

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record, record_unattended
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.printing.jobs import find_job, move
from domain.printing.models import PrintJob
from domain.printing.removal import removal_fact
from domain.printing.states import RELEASABLE, JobState
from domain.tenancy import NOT_FOUND, tenant_session
from domain.workstation_printing.copies import counts, mark_short
from domain.workstation_printing.dropping import cancel_copying
from domain.workstation_printing.models import HybridCopy, HybridJob, NodeCommand, PrintNode
from domain.workstation_printing.outbox import enqueue_removal, enqueue_replication
from domain.workstation_printing.states import LIVING_COPIES, OPEN_COMMANDS, CommandState, CopyState, NodeState
from steps.node_work import NodeKind

NOT_STORAGE = Fault(
    "print_node.not_storage",
    409,
    N_("“{name}” is somebody's workstation, not a storage node."),
    N_("It leaves when its person signs out there; their jobs on it are deleted then."),
)
LEAVING = (NodeState.DELETING, NodeState.DELETED)


def set_enabled(actor: Actor, node_ids: Collection[str], *, enabled: bool) -> None:
    """Let nodes get new copies or not; those they have stay. Raises `NOT_FOUND`, `NOT_STORAGE`; all or none."""
    actor.need(Permission.HYBRID_SETTINGS_MANAGE)
    with actor.session() as session:
        for node in _chosen(session, node_ids):
            if node.state in LEAVING or (enabled and node.state != NodeState.DISABLED):
                continue
            node.state = NodeState.ACTIVE if enabled else NodeState.DISABLED
            action = "print_node.enabled" if enabled else "print_node.disabled"
            record(session, actor, action, "print_node", node.id, {"name": node.name})


def delete_nodes(actor: Actor, node_ids: Collection[str]) -> None:
    """Delete nodes: their copies are made elsewhere first, which may take a while (PR-257).

    Raises `NOT_FOUND`, `NOT_STORAGE`; all or none.
    """
    actor.need(Permission.HYBRID_SETTINGS_MANAGE)
    with actor.session() as session:
        for node in _chosen(session, node_ids):
            if node.state in LEAVING:
                continue
            node.state = NodeState.DELETING
            session.flush()
            mark_short(session, _held(session, node.id))
            record(session, actor, "print_node.deleted", "print_node", node.id, {"name": node.name})
            enqueue_replication(session, actor.organization_id, f"{node.id}/deleting/{now().timestamp()}")
            enqueue_removal(session, actor.organization_id, f"{node.id}/{now().timestamp()}")


def advance_removals(organization_id: str) -> int:
    """End nodes that are to be deleted and hold nothing any more that exists nowhere else; how many ended."""
    ended = 0
    with tenant_session(organization_id) as session:
        leaving = select(PrintNode).where(PrintNode.state == NodeState.DELETING)
        for node in session.scalars(leaving.with_for_update(skip_locked=True)).all():
            if _is_replaced(session, node):
                end_node(session, node)
                facts = {"name": node.name}
                record_unattended(session, organization_id, "print_node.removed", "print_node", node.id, facts)
                ended += 1
    return ended


def end_node(session: Session, node: PrintNode) -> None:
    """Take the node's identity; it deletes what it holds when it hears of that, and could not read it anyway.

    The jobs that came from a workstation are deleted everywhere (PR-245).
    """
    if node.kind == NodeKind.WORKSTATION:
        _delete_jobs(session, node)
    for copy in session.scalars(_copies(node.id)).all():
        cancel_copying(session, copy)
    session.execute(update(HybridCopy).where(HybridCopy.node_id == node.id).values(state=CopyState.DELETED))
    open_ = (NodeCommand.node_id == node.id) & NodeCommand.state.in_(OPEN_COMMANDS)
    session.execute(update(NodeCommand).where(open_).values(state=CommandState.OBSOLETE, ended=now()))
    node.state, node.credential_hash, node.changed = NodeState.DELETED, None, now()


def _delete_jobs(session: Session, node: PrintNode) -> None:
    job_ids = list(session.scalars(select(HybridJob.job_id).where(HybridJob.node_id == node.id)))
    for job_id in job_ids:
        job = find_job(session, job_id)
        was_held = job.state == JobState.HELD
        if move(session, job_id, RELEASABLE, JobState.CANCELED, content_deleted=now()) and was_held:
            session.add(removal_fact(job, "deleted"))


def _is_replaced(session: Session, node: PrintNode) -> bool:
    """Whether every job of which the node has a copy is at another node too, or never will be there.

    A node that is away with the only copies that there are is waited for no longer than its jobs last.
    """
    for job_id in _held(session, node.id):
        job = session.get(HybridJob, job_id)
        ended = session.scalar(select(PrintJob.id).where(PrintJob.id == job_id, PrintJob.state.not_in(RELEASABLE)))
        if job is None or ended is not None:
            continue
        elsewhere = (
            select(HybridCopy.id)
            .join(PrintNode, PrintNode.id == HybridCopy.node_id)
            .where(
                HybridCopy.job_id == job_id,
                HybridCopy.node_id != node.id,
                HybridCopy.state == CopyState.STORED,
                HybridCopy.is_primary.is_(False),
                counts(),
            )
        )
        others = len(session.scalars(elsewhere).all())
        if others < min(job.wanted, _possible(session, job_id)):
            return False
        if others == 0 and not _has_primary(session, job_id):
            return False
    return True


def _possible(session: Session, job_id: str) -> int:
    """How many storage nodes could have a copy: with fewer than wanted, more is not waited for (PR-258)."""
    query = select(PrintNode.id).where(PrintNode.kind != NodeKind.WORKSTATION, PrintNode.state == NodeState.ACTIVE)
    failed = select(HybridCopy.node_id).where(HybridCopy.job_id == job_id, HybridCopy.state == CopyState.FAILED)
    return len(set(session.scalars(query)) - set(session.scalars(failed)))


def _has_primary(session: Session, job_id: str) -> bool:
    query = (
        select(HybridCopy.id)
        .join(PrintNode, PrintNode.id == HybridCopy.node_id)
        .where(HybridCopy.job_id == job_id, HybridCopy.is_primary.is_(True), HybridCopy.state == CopyState.STORED)
    )
    return session.scalar(query.where(PrintNode.state != NodeState.DELETED)) is not None


def _held(session: Session, node_id: str) -> list[str]:
    held = (HybridCopy.node_id == node_id) & HybridCopy.state.in_(LIVING_COPIES)
    return list(session.scalars(select(HybridCopy.job_id).where(held)))


def _copies(node_id: str) -> Select[tuple[HybridCopy]]:
    return select(HybridCopy).where(HybridCopy.node_id == node_id, HybridCopy.state.in_(LIVING_COPIES))


def _chosen(session: Session, node_ids: Collection[str]) -> list[PrintNode]:
    wanted = set(node_ids)
    nodes = list(session.scalars(select(PrintNode).where(PrintNode.id.in_(wanted)).with_for_update()))
    if len(nodes) != len(wanted):
        raise NOT_FOUND(what="node")
    for node in nodes:
        if node.kind == NodeKind.WORKSTATION:
            raise NOT_STORAGE(name=node.name)
    return nodes
