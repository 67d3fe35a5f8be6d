"""Which nodes get copies: active ones of the allowed kinds with room, those with the least to hold first (PR-258)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.printing.settings import HybridStorageSettings
from domain.workstation_printing.models import HybridCopy, HybridJob, PrintNode
from domain.workstation_printing.states import LIVING_COPIES, NodeState


@dataclass(frozen=True, slots=True)
class Room:
    """A node that may get copies: what it holds already, and bytes that it may still take."""

    node_id: str
    held: int
    free: int


def choose(rooms: Sequence[Room], taken: Collection[str], size: int, count: int) -> list[str]:
    """Up to `count` distinct nodes for a content of `size` bytes, none of those that have a copy."""
    fitting = [room for room in rooms if room.node_id not in taken and room.free >= size]
    return [room.node_id for room in sorted(fitting, key=lambda room: (room.held, room.node_id))][:count]


def rooms(session: Session, storage: HybridStorageSettings) -> list[Room]:
    """The nodes that may get copies now, with what they hold; what is on its way to them counts."""
    held = (
        select(HybridCopy.node_id, func.coalesce(func.sum(HybridJob.size), 0).label("bytes"))
        .join(HybridJob, HybridJob.job_id == HybridCopy.job_id)
        .where(HybridCopy.state.in_(LIVING_COPIES))
        .group_by(HybridCopy.node_id)
        .subquery()
    )
    query = (
        select(PrintNode.id, PrintNode.free, PrintNode.reserve, func.coalesce(held.c.bytes, 0))
        .outerjoin(held, held.c.node_id == PrintNode.id)
        .where(PrintNode.kind.in_(storage.node_types), PrintNode.state == NodeState.ACTIVE)
    )
    return [Room(node_id, int(bytes_), free - reserve) for node_id, free, reserve, bytes_ in session.execute(query)]
