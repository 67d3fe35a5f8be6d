"""Nodes and what they hold, as administrators see them (PR-257)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from domain.organizations.actor import Actor
from domain.organizations.models import User, shown_name
from domain.organizations.permissions import Permission
from domain.printing.settings import print_settings
from domain.tenancy import NOT_FOUND
from domain.workstation_printing.models import HybridCopy, HybridJob, PrintNode
from domain.workstation_printing.states import LIVING_COPIES, CopyState, NodeState
from steps.node_work import NodeKind


@dataclass(frozen=True, slots=True)
class NodeView:
    """One node. `person` is who is signed in at a workstation; `held` copies it has, `arriving` are on their way,
    `leaving` are still to be deleted there. Sizes are in bytes.
    """

    id: str
    kind: NodeKind
    name: str
    person: str
    state: NodeState
    addresses: tuple[str, ...]
    port: int
    version: str
    system: str
    free: int
    reserve: int
    is_low: bool
    held: int
    arriving: int
    leaving: int
    last_seen: datetime
    created: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How copies stand in the organization. `is_short_of_nodes`: there are not more nodes than copies (PR-251, AM-42).

    `short_jobs` have fewer copies than wanted (PR-258).
    """

    enabled: bool
    copies: int
    active_nodes: int
    short_jobs: int

    @property
    def is_short_of_nodes(self) -> bool:
        return self.enabled and self.active_nodes <= self.copies


def list_nodes(actor: Actor, *, workstations: bool = False) -> list[NodeView]:
    """Storage nodes, or workstations, by name; deleted ones are not listed. Raises `ROLE_MISSING`."""
    actor.need(Permission.HYBRID_SETTINGS_MANAGE)
    is_workstation = PrintNode.kind == NodeKind.WORKSTATION
    chosen = is_workstation if workstations else ~is_workstation
    query = _nodes().where(chosen, PrintNode.state != NodeState.DELETED)
    with actor.session(read_only=True) as session:
        return _views(session, query.order_by(PrintNode.name, PrintNode.id).limit(1000))


def get_node(actor: Actor, node_id: str) -> NodeView:
    """One node; raises `ROLE_MISSING`, `NOT_FOUND`."""
    actor.need(Permission.HYBRID_SETTINGS_MANAGE)
    with actor.session(read_only=True) as session:
        found = _views(session, _nodes().where(PrintNode.id == node_id))
    if not found:
        raise NOT_FOUND(what="node")
    return found[0]


def standing(actor: Actor) -> Standing:
    """How copies stand; raises `ROLE_MISSING`."""
    actor.need(Permission.HYBRID_SETTINGS_MANAGE)
    with actor.session(read_only=True) as session:
        storage = print_settings(session, actor.organization_id).hybrid_storage
        active = select(func.count()).select_from(PrintNode)
        active = active.where(PrintNode.kind.in_(storage.node_types), PrintNode.state == NodeState.ACTIVE)
        short = select(func.count()).select_from(HybridJob).where(HybridJob.is_short.is_(True))
        return Standing(storage.enabled, storage.copies, session.scalar(active) or 0, session.scalar(short) or 0)


def _nodes() -> Select[tuple[PrintNode, User]]:
    return select(PrintNode, User).outerjoin(User, User.id == PrintNode.user_id)


def _views(session: Session, query: Select[tuple[PrintNode, User]]) -> list[NodeView]:
    rows = session.execute(query).all()
    counted = _counted(session, [node.id for node, _ in rows])
    return [_view(node, user, counted.get(node.id, {})) for node, user in rows]


def _counted(session: Session, node_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    query = (
        select(HybridCopy.node_id, HybridCopy.state, func.count())
        .where(HybridCopy.node_id.in_(node_ids))
        .group_by(HybridCopy.node_id, HybridCopy.state)
    )
    found: dict[str, dict[str, int]] = {}
    for node_id, state, count in session.execute(query):
        found.setdefault(node_id, {})[state] = count
    return found


def _view(node: PrintNode, user: User | None, counted: dict[str, int]) -> NodeView:
    return NodeView(
        id=node.id,
        kind=NodeKind(node.kind),
        name=node.name,
        person=shown_name(user) if user is not None else "",
        state=NodeState(node.state),
        addresses=tuple(node.addresses),
        port=node.port,
        version=node.version,
        system=node.system,
        free=node.free,
        reserve=node.reserve,
        is_low=node.is_low,
        held=counted.get(CopyState.STORED, 0),
        arriving=sum(counted.get(state, 0) for state in LIVING_COPIES if state is not CopyState.STORED),
        leaving=counted.get(CopyState.DELETE_PENDING, 0),
        last_seen=node.last_seen,
        created=node.created,
    )
