"""The release of hybrid jobs, as the one who carries it out asks for it: one node after the other (F-19, PR-252).

A node that has not begun can be taken the order from, in one statement; after it has begun nobody else gets it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select, update

from connectors.ipp.ticket import JobTicket
from connectors.secrets import decrypt, encrypt
from domain.organizations.models import now
from domain.tenancy import tenant_session
from domain.workstation_printing.dropping import add_command
from domain.workstation_printing.models import HybridCopy, HybridJob, NodeCommand, PrintNode
from domain.workstation_printing.states import OPEN_COMMANDS, CommandState, CopyState, NodeState
from steps.node_work import EndTold, OrderKind, ReleaseOrder, SightTold
from steps.print_release import Outcome


@dataclass(frozen=True, slots=True)
class NodePlace:
    """A node that holds a job's content. `is_primary`: the workstation from which it came."""

    node_id: str
    name: str
    is_primary: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How an order stands. `protocol` and `ticket` are there from the moment on from which the printer may have it."""

    state: CommandState
    protocol: str
    ticket: JobTicket
    sight: SightTold | None
    end: Outcome | None
    heard: datetime | None

    @property
    def has_begun(self) -> bool:
        return bool(self.protocol)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_COMMANDS


def places_of(organization_id: str, job_id: str) -> list[NodePlace]:
    """Where the content is, in the order of asking: the workstation first, silent nodes last (PR-252)."""
    silent = case((PrintNode.state == NodeState.UNREACHABLE, 1), else_=0)
    with tenant_session(organization_id, read_only=True) as session:
        query = (
            select(PrintNode.id, PrintNode.name, HybridCopy.is_primary)
            .join(HybridCopy, HybridCopy.node_id == PrintNode.id)
            .where(
                HybridCopy.job_id == job_id,
                HybridCopy.state == CopyState.STORED,
                PrintNode.state != NodeState.DELETED,
            )
            .order_by(HybridCopy.is_primary.desc(), silent, PrintNode.last_seen.desc())
        )
        return [NodePlace(*row) for row in session.execute(query)]


def order_release(organization_id: str, place: NodePlace, attempt_id: str, order: ReleaseOrder) -> str | None:
    """Ask a node for the job; the order's id. None where the job has no key any more: it has just ended."""
    with tenant_session(organization_id) as session:
        job = session.get(HybridJob, order.job_id)
        if job is None:
            return None
        sealed = order.model_copy(update={"sha256": job.sha256})
        renamed = _secrets_of(job)
        return add_command(session, organization_id, place.node_id, attempt_id, renamed, release=sealed).id


def standing_of(organization_id: str, command_id: str) -> Standing | None:
    """How the order stands; None where it is not known any more."""
    with tenant_session(organization_id, read_only=True) as session:
        row = session.get(NodeCommand, command_id)
        return _standing(row) if row is not None else None


def command_of(organization_id: str, attempt_id: str) -> str | None:
    """The order of this attempt that has begun, if one has: a worker that takes over goes on with it."""
    with tenant_session(organization_id, read_only=True) as session:
        mine = (NodeCommand.subject == attempt_id) & (NodeCommand.kind == OrderKind.RELEASE)
        return session.scalar(select(NodeCommand.id).where(mine, NodeCommand.began.is_not(None)).limit(1))


def take_back(organization_id: str, attempt_id: str) -> bool:
    """Take the orders of this attempt back that have not begun; whether none has begun."""
    with tenant_session(organization_id) as session:
        mine = (NodeCommand.subject == attempt_id) & (NodeCommand.kind == OrderKind.RELEASE)
        waiting = mine & NodeCommand.began.is_(None) & NodeCommand.state.in_(OPEN_COMMANDS)
        session.execute(update(NodeCommand).where(waiting).values(state=CommandState.OBSOLETE, ended=now()))
        return session.scalar(select(NodeCommand.id).where(mine, NodeCommand.began.is_not(None)).limit(1)) is None


def cancel(organization_id: str, command_id: str) -> None:
    """Have the node cancel the job at the printer; it hears of that when it tells how the job stands."""
    with tenant_session(organization_id) as session:
        session.execute(update(NodeCommand).where(NodeCommand.id == command_id).values(is_cancelled=True))


def close(organization_id: str, command_id: str) -> None:
    """Nobody waits for this order any more: what the node says now is late."""
    with tenant_session(organization_id) as session:
        open_ = (NodeCommand.id == command_id) & NodeCommand.state.in_(OPEN_COMMANDS)
        session.execute(update(NodeCommand).where(open_).values(state=CommandState.OBSOLETE, ended=now()))


def _secrets_of(job: HybridJob) -> str:
    return encrypt({"release.key": decrypt(job.key)["key"]})


def _standing(row: NodeCommand) -> Standing:
    told = row.told or {}
    sight, end = told.get("sight"), told.get("end")
    return Standing(
        state=CommandState(row.state),
        protocol=str(told.get("protocol", "")) if row.began is not None else "",
        ticket=JobTicket.model_validate(told.get("ticket") or {}),
        sight=SightTold.model_validate(sight) if sight else None,
        end=EndTold.model_validate(end).outcome() if end else None,
        heard=row.heard,
    )
