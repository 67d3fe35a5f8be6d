"""Deleting what nodes hold of jobs that have ended: everywhere at once, and later where a node is away (PR-253, F-20).

Called by whatever ends a job, in the same transaction; it knows nothing of jobs itself.
"""

from collections.abc import Collection

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from domain.organizations.models import now
from domain.workstation_printing.models import HybridCopy, HybridJob, NodeCommand
from domain.workstation_printing.states import LIVING_COPIES, OPEN_COMMANDS, CommandState, CopyState
from steps.node_work import DeleteOrder, NodeOrder, OrderKind


def drop_copies(session: Session, organization_id: str, job_ids: Collection[str]) -> None:
    """Have every node delete what it holds of these jobs, and forget their keys: nothing that is left can be read."""
    held = HybridCopy.job_id.in_(job_ids) & HybridCopy.state.in_((*LIVING_COPIES, CopyState.FAILED))
    for copy in session.scalars(select(HybridCopy).where(held)):
        drop_copy(session, organization_id, copy)
    session.execute(delete(HybridJob).where(HybridJob.job_id.in_(job_ids)))


def drop_copy(session: Session, organization_id: str, copy: HybridCopy) -> None:
    """Have one node delete its copy; one that was only to be made is not made."""
    cancel_copying(session, copy)
    copy.state, copy.token_hash, copy.token_ends = CopyState.DELETE_PENDING, "", None
    add_command(session, organization_id, copy.node_id, copy.id, delete=DeleteOrder(job_ids=(copy.job_id,)))


def cancel_copying(session: Session, copy: HybridCopy) -> None:
    """Whoever was told to hand this copy over is not to do it any more."""
    of_copy = (NodeCommand.subject == copy.id) & (NodeCommand.kind == OrderKind.COPY)
    ended = update(NodeCommand).where(of_copy, NodeCommand.state.in_(OPEN_COMMANDS))
    session.execute(ended.values(state=CommandState.OBSOLETE, ended=now()))


def add_command(
    session: Session, organization_id: str, node_id: str, subject: str, secrets: str = "", **part: object
) -> NodeCommand:
    """Tell a node something: `part` is the one order, by its kind's name (`release`, `copy_job`, `delete`)."""
    kind = {"release": OrderKind.RELEASE, "copy_job": OrderKind.COPY, "delete": OrderKind.DELETE}[next(iter(part))]
    order = NodeOrder.model_validate({"id": "", "kind": kind, **part})
    row = NodeCommand(
        organization_id=organization_id,
        node_id=node_id,
        kind=kind,
        subject=subject,
        order=order.model_dump(mode="json", exclude={"id"}),
        secrets=secrets,
    )
    session.add(row)
    session.flush()
    return row
