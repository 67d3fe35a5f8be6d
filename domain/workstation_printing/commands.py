"""What nodes are told, as they ask for it and confirm it (F-20): a command waits for its node as long as it takes."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.secrets import decrypt
from domain.organizations.models import now
from domain.tenancy import NOT_FOUND, tenant_session
from domain.workstation_printing.callers import CallingNode
from domain.workstation_printing.models import HybridCopy, NodeCommand
from domain.workstation_printing.states import OPEN_COMMANDS, CommandState, CopyState
from steps.node_work import EndTold, NodeOrder, SightTold

MOST_ORDERS = 100
TOO_LATE = Fault(
    "print_node.command_over",
    409,
    N_("This order does not count any more."),
    N_("Do nothing: somebody else carries it out, or nobody wants it any more."),
)
KEPT = timedelta(days=7)
"""How long ended commands are kept, so that a late answer finds its order."""


def has_orders(caller: CallingNode, in_hand: Collection[str]) -> bool:
    """Whether something is to be told to the node."""
    with tenant_session(caller.organization_id, read_only=True) as session:
        return session.scalar(_waiting(caller, in_hand).limit(1)) is not None


def take_orders(caller: CallingNode, in_hand: Collection[str]) -> list[NodeOrder]:
    """New orders, and those that were lost on the way: what was delivered and the node does not have.

    A release that had begun at the printer is never given again (PR-344); that its node has forgotten it ends it.
    """
    with tenant_session(caller.organization_id) as session:
        _end_forgotten(session, caller, in_hand)
        rows = list(session.scalars(_waiting(caller, in_hand).limit(MOST_ORDERS).with_for_update(skip_locked=True)))
        for row in rows:
            row.state, row.delivered = CommandState.DELIVERED, now()
        return [_order(row) for row in rows]


def begin(caller: CallingNode, command_id: str, protocol: str, ticket: dict[str, object]) -> None:
    """The node is about to send a job to the printer: from now on nobody else is asked for it.

    Raises `TOO_LATE` where somebody else was, meanwhile: then nothing may be sent.
    """
    with tenant_session(caller.organization_id) as session:
        told = {"protocol": protocol, "ticket": ticket}
        mine = _mine(caller, command_id) & (NodeCommand.state == CommandState.DELIVERED)
        began = update(NodeCommand).where(mine, NodeCommand.began.is_(None), NodeCommand.is_cancelled.is_(False))
        if session.scalar(began.values(began=now(), heard=now(), told=told).returning(NodeCommand.id)) is None:
            raise TOO_LATE()


def tell_sight(caller: CallingNode, command_id: str, sight: SightTold | None) -> bool:
    """Keep how a release stands at the printer; whether it is to be cancelled there. Raises `NOT_FOUND`, `TOO_LATE`."""
    with tenant_session(caller.organization_id) as session:
        row = _found(session, caller, command_id)
        if row.state not in OPEN_COMMANDS:
            raise TOO_LATE()
        row.heard = now()
        if sight is not None:
            row.told = row.told | {"sight": sight.model_dump(mode="json")}
        return row.is_cancelled


def tell_end(caller: CallingNode, command_id: str, end: EndTold) -> bool:
    """Keep how a release ended; told twice, it counts once. Whether it still counted: a late one is only kept."""
    with tenant_session(caller.organization_id) as session:
        row = _found(session, caller, command_id)
        if row.ended is not None and "end" in row.told:
            return False
        is_open = row.state in OPEN_COMMANDS
        row.told, row.heard = row.told | {"end": end.model_dump(mode="json")}, now()
        if is_open:
            row.state = CommandState.DONE
        row.ended = row.ended or now()
        return is_open


def confirm_deleted(caller: CallingNode, command_id: str) -> None:
    """The node holds nothing of those jobs any more."""
    with tenant_session(caller.organization_id) as session:
        row = _found(session, caller, command_id)
        row.state, row.ended = CommandState.DONE, now()
        if (part := _order(row).delete) is not None:
            note_deleted(session, caller.id, part.job_ids)


def note_deleted(session: Session, node_id: str, job_ids: Sequence[str]) -> None:
    """These copies are gone."""
    gone = (HybridCopy.node_id == node_id) & HybridCopy.job_id.in_(job_ids)
    pending = HybridCopy.state == CopyState.DELETE_PENDING
    session.execute(update(HybridCopy).where(gone, pending).values(state=CopyState.DELETED, changed=now()))


def _waiting(caller: CallingNode, in_hand: Collection[str]) -> Select[tuple[NodeCommand]]:
    queued = NodeCommand.state == CommandState.QUEUED
    lost = (NodeCommand.state == CommandState.DELIVERED) & NodeCommand.began.is_(None)
    if in_hand:
        lost &= NodeCommand.id.not_in(in_hand)
    mine = select(NodeCommand).where(NodeCommand.node_id == caller.id, or_(queued, lost))
    return mine.order_by(NodeCommand.created, NodeCommand.id)


def _end_forgotten(session: Session, caller: CallingNode, in_hand: Collection[str]) -> None:
    began = (NodeCommand.state == CommandState.DELIVERED) & NodeCommand.began.is_not(None)
    forgotten = (NodeCommand.node_id == caller.id) & began
    if in_hand:
        forgotten &= NodeCommand.id.not_in(in_hand)
    session.execute(update(NodeCommand).where(forgotten).values(state=CommandState.OBSOLETE, ended=now()))


def _mine(caller: CallingNode, command_id: str) -> ColumnElement[bool]:
    return (NodeCommand.id == command_id) & (NodeCommand.node_id == caller.id)


def _found(session: Session, caller: CallingNode, command_id: str) -> NodeCommand:
    row = session.scalar(select(NodeCommand).where(_mine(caller, command_id)).with_for_update())
    if row is None:
        raise NOT_FOUND(what="order")
    return row


def _order(row: NodeCommand) -> NodeOrder:
    order, secrets = dict(row.order), decrypt(row.secrets) if row.secrets else {}
    for name, value in secrets.items():
        part, _, field = name.partition(".")
        order[part] = {**order[part], field: value}
    return NodeOrder.model_validate({**order, "id": row.id})
