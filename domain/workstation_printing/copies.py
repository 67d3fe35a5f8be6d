"""Copies of hybrid jobs at storage nodes: having them made, taking them in, and what nodes really hold (F-18).

A copy goes from one node to another in the customer's network; the server says which, and hands the two a one-time
token. The node that receives is the one that says that it has it, after its hash was checked.
"""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.secrets import encrypt
from domain.organizations.models import now
from domain.printing.settings import HybridStorageSettings, print_settings
from domain.sign_in.sessions import token_hash
from domain.tenancy import tenant_session
from domain.workstation_printing.callers import CallingNode
from domain.workstation_printing.commands import note_deleted
from domain.workstation_printing.dropping import add_command, cancel_copying
from domain.workstation_printing.models import HybridCopy, HybridJob, NodeCommand, PrintNode
from domain.workstation_printing.outbox import enqueue_replication
from domain.workstation_printing.placement import choose, rooms
from domain.workstation_printing.states import LIVING_COPIES, OPEN_COMMANDS, CommandState, CopyState, NodeState
from steps.node_work import CopyOrder, FaultTold, NodeAddress, NodeKind

BATCH = 200
TOKEN_LIFE = timedelta(minutes=10)
"""A copy that is not there after this time is made at another node."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)
JUST_NOW = timedelta(minutes=1)
"""What a node lists may be so old; a copy younger than that is not missed."""
AT_ONCE = 4
"""Tries at other nodes without a pause."""
COPY_REFUSED = Fault(
    "print_node.copy_refused",
    403,
    N_("This copy was not announced, or not to this node."),
    N_("Nothing has to be done: the server has it made again where it is needed."),
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a node is to receive."""

    job_id: str
    sha256: str
    size: int


def replicate(organization_id: str) -> int:
    """Have the copies made that are missing, as far as there are nodes for them; how many are on their way now.

    With fewer nodes than wanted what is possible is made, and the jobs stay marked (PR-258).
    """
    started = 0
    with tenant_session(organization_id) as session:
        storage = print_settings(session, organization_id).hybrid_storage
        due = (
            select(HybridJob)
            .where(HybridJob.is_short.is_(True), HybridJob.next_try <= now())
            .order_by(HybridJob.next_try)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        for job in session.scalars(due).all():
            started += _replicate(session, organization_id, job, storage)
    return started


def accept_copy(caller: CallingNode, copy_id: str, token: str, sender_id: str) -> Expected:
    """Whether the node is to take this copy from that sender; raises `COPY_REFUSED`. The token counts once."""
    with tenant_session(caller.organization_id) as session:
        copy = _own_copy(session, caller, copy_id)
        job = session.get(HybridJob, copy.job_id)
        is_fresh = copy.token_ends is not None and copy.token_ends > now()
        if job is None or not is_fresh or not hmac.compare_digest(copy.token_hash, token_hash(token)):
            raise COPY_REFUSED()
        if sender_id not in _holders(session, job.job_id):
            raise COPY_REFUSED()
        copy.state, copy.token_hash = CopyState.COPYING, ""
        return Expected(job.job_id, job.sha256, job.size)


def note_stored(caller: CallingNode, copy_id: str, sha256: str) -> None:
    """The node has the copy, and its hash is right; raises `COPY_REFUSED` where it is not wanted any more."""
    with tenant_session(caller.organization_id) as session:
        copy = _own_copy(session, caller, copy_id)
        job = session.get(HybridJob, copy.job_id)
        if job is None or job.sha256 != sha256 or copy.state not in LIVING_COPIES:
            raise COPY_REFUSED()
        copy.state, copy.token_ends, copy.error = CopyState.STORED, None, None
        session.flush()
        count_copies(session, job)


def end_copy_order(caller: CallingNode, command_id: str, error: FaultTold | None) -> None:
    """The sender is done with its order; where it failed, another node is tried at the next chance."""
    with tenant_session(caller.organization_id) as session:
        command = session.scalar(
            select(NodeCommand).where(NodeCommand.id == command_id, NodeCommand.node_id == caller.id).with_for_update()
        )
        if command is None or command.state not in OPEN_COMMANDS:
            return
        command.state, command.ended = CommandState.DONE, now()
        copy = session.get(HybridCopy, command.subject, with_for_update=True)
        if copy is not None and copy.state in (CopyState.PENDING, CopyState.COPYING):
            _fail(session, copy, error.model_dump(mode="json") if error is not None else None)
            soon = (HybridJob.job_id == copy.job_id) & (HybridJob.tries <= AT_ONCE)
            session.execute(update(HybridJob).where(soon).values(next_try=now()))
            enqueue_replication(session, caller.organization_id, command.id)


def take_inventory(caller: CallingNode, held: Mapping[str, str]) -> list[str]:
    """Compare what a node holds (job → hash of the sealed content) with what it should; which jobs it is to delete.

    What it should have and has not, or has damaged, counts as lost and is copied anew (PR-256).
    """
    with tenant_session(caller.organization_id) as session:
        copies = {copy.job_id: copy for copy in session.scalars(_at(caller.id).with_for_update())}
        known = select(HybridJob.job_id, HybridJob.sha256).where(HybridJob.job_id.in_(copies))
        hashes = dict(session.execute(known).tuples().all())
        unwanted = []
        for job_id, sha256 in held.items():
            copy = copies.get(job_id)
            is_right = copy is not None and copy.state in LIVING_COPIES and hashes.get(job_id) == sha256
            if not is_right:
                unwanted.append(job_id)
        old = now() - JUST_NOW
        for copy in copies.values():
            is_lost = copy.job_id not in held or copy.job_id in unwanted
            if copy.state == CopyState.STORED and is_lost and copy.changed < old:
                _fail(session, copy, None)
        note_deleted(session, caller.id, [job_id for job_id in copies if job_id not in held])
        return unwanted


def count_copies(session: Session, job: HybridJob) -> None:
    """Mark or unmark a job by the copies that it has (PR-258)."""
    stored = HybridCopy.state == CopyState.STORED
    mine = (HybridCopy.job_id == job.job_id) & stored & HybridCopy.is_primary.is_(False)
    found = session.scalars(
        select(HybridCopy.id).join(PrintNode, PrintNode.id == HybridCopy.node_id).where(mine, counts())
    ).all()
    job.is_short = len(found) < job.wanted
    if not job.is_short:
        job.tries = 0


def counts() -> ColumnElement[bool]:
    """Nodes whose copies count: those that are away or leave are replaced (F-18, F-22)."""
    return PrintNode.state.in_((NodeState.ACTIVE, NodeState.DISABLED))


def mark_short(session: Session, job_ids: Sequence[str]) -> None:
    """Have these jobs looked at again soon: they lost a copy."""
    lost = HybridJob.job_id.in_(job_ids) & (HybridJob.wanted > 0)
    session.execute(update(HybridJob).where(lost).values(is_short=True, tries=0, next_try=now()))


def _replicate(session: Session, organization_id: str, job: HybridJob, storage: HybridStorageSettings) -> int:
    job.wanted = storage.copies if storage.enabled else 0
    _give_up_overdue(session, job)
    count_copies(session, job)
    if not job.is_short:
        return 0
    job.tries += 1
    job.next_try = now() + min(FIRST_PAUSE * 2 ** min(job.tries - 1, 10), LONGEST_PAUSE)
    sources = _sources(session, job)
    living = _living_nodes(session, job)
    missing = job.wanted - len(living)
    if not sources or missing <= 0:
        return 0
    tried = select(HybridCopy.node_id).where(HybridCopy.job_id == job.job_id, HybridCopy.state != CopyState.DELETED)
    failed = set(session.scalars(tried.where(HybridCopy.state == CopyState.FAILED)))
    possible = rooms(session, storage)
    taken = set(session.scalars(tried)) | {job.node_id}
    chosen = choose(possible, taken, job.size, missing)
    if len(chosen) < missing:  # those that failed before are better than none
        chosen += choose(possible, (taken - failed) | set(chosen), job.size, missing - len(chosen))
    for number, node_id in enumerate(chosen):
        _order_copy(session, organization_id, job, sources[number % len(sources)], node_id)
    return len(chosen)


def _order_copy(session: Session, organization_id: str, job: HybridJob, source_id: str, node_id: str) -> None:
    known = select(HybridCopy).where(HybridCopy.job_id == job.job_id, HybridCopy.node_id == node_id)
    copy = session.scalar(known)
    if copy is None:
        copy = HybridCopy(organization_id=organization_id, job_id=job.job_id, node_id=node_id)
        session.add(copy)
        session.flush()
    token = secrets.token_urlsafe(32)
    copy.state, copy.error = CopyState.PENDING, None
    copy.token_hash, copy.token_ends = token_hash(token), now() + TOKEN_LIFE
    node = session.get_one(PrintNode, node_id)
    order = CopyOrder.model_validate(
        {
            "job_id": job.job_id,
            "copy_id": copy.id,
            "sha256": job.sha256,
            "size": job.size,
            "token": "",
            "target": NodeAddress(id=node.id, addresses=tuple(node.addresses), port=node.port),
        }
    )
    add_command(session, organization_id, source_id, copy.id, encrypt({"copy_job.token": token}), copy_job=order)


def _sources(session: Session, job: HybridJob) -> list[str]:
    """Nodes that have the content and can be asked for it: the workstation first."""
    query = (
        select(PrintNode.id)
        .join(HybridCopy, HybridCopy.node_id == PrintNode.id)
        .where(
            HybridCopy.job_id == job.job_id,
            HybridCopy.state == CopyState.STORED,
            PrintNode.state.in_((NodeState.ACTIVE, NodeState.DISABLED, NodeState.DELETING)),
        )
        .order_by(HybridCopy.is_primary.desc(), PrintNode.last_seen.desc())
    )
    found = list(session.scalars(query))
    return found[:1] if found[:1] == [job.node_id] else found


def _living_nodes(session: Session, job: HybridJob) -> list[str]:
    """Storage nodes that have a copy which counts, or are just getting one."""
    query = (
        select(HybridCopy.node_id)
        .join(PrintNode, PrintNode.id == HybridCopy.node_id)
        .where(
            HybridCopy.job_id == job.job_id,
            HybridCopy.is_primary.is_(False),
            HybridCopy.state.in_(LIVING_COPIES),
            counts(),
        )
    )
    return list(session.scalars(query))


def _give_up_overdue(session: Session, job: HybridJob) -> None:
    overdue = (HybridCopy.job_id == job.job_id) & (HybridCopy.token_ends < now())
    on_its_way = HybridCopy.state.in_((CopyState.PENDING, CopyState.COPYING))
    for copy in session.scalars(select(HybridCopy).where(overdue, on_its_way)).all():
        cancel_copying(session, copy)
        _fail(session, copy, None)


def _fail(session: Session, copy: HybridCopy, error: dict[str, object] | None) -> None:
    copy.state, copy.error, copy.token_hash, copy.token_ends = CopyState.FAILED, error, "", None
    if not copy.is_primary:
        mark_short_later(session, copy.job_id)


def mark_short_later(session: Session, job_id: str) -> None:
    """A job lacks a copy; when it is tried again keeps to its pauses."""
    session.execute(update(HybridJob).where(HybridJob.job_id == job_id, HybridJob.wanted > 0).values(is_short=True))


def _holders(session: Session, job_id: str) -> set[str]:
    stored = (HybridCopy.job_id == job_id) & (HybridCopy.state == CopyState.STORED)
    return set(session.scalars(select(HybridCopy.node_id).where(stored)))


def _at(node_id: str) -> Select[tuple[HybridCopy]]:
    return select(HybridCopy).where(HybridCopy.node_id == node_id, HybridCopy.state != CopyState.DELETED)


def _own_copy(session: Session, caller: CallingNode, copy_id: str) -> HybridCopy:
    copy = session.get(HybridCopy, copy_id, with_for_update=True)
    if copy is None or copy.node_id != caller.id or caller.kind is NodeKind.WORKSTATION:
        raise COPY_REFUSED()
    return copy
