"""How workstations and storage nodes get their identity, and what they tell of themselves (PR-250, PR-256, PR-259).

Somebody who is signed in registers their workstation; a storage node shows an access token of the application
“Advanced hybrid storage”, whose secret all nodes share. Each gets a credential of its own, so that one can be removed.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record, record_unattended
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.printing.settings import print_settings
from domain.sign_in.sessions import token_hash
from domain.tenancy import tenant_session
from domain.workstation_printing.authority import Signed, sign
from domain.workstation_printing.callers import CREDENTIAL_PREFIX, CREDENTIAL_REFUSED, CallingNode
from domain.workstation_printing.models import PrintNode
from domain.workstation_printing.removal import end_node
from domain.workstation_printing.states import UNREACHABLE_AFTER, NodeState
from domain.workstation_printing.sweep import drop_surplus
from steps.node_work import NodeKind

STORAGE_OFF = Fault(
    "print_node.storage_off",
    403,
    N_("Advanced hybrid storage is switched off in this organization."),
    N_("A hybrid print administrator switches it on on the page “Print settings”."),
    spec="PR-250",
)
KIND_REFUSED = Fault(
    "print_node.kind_refused",
    403,
    N_("Nodes of this kind may not hold jobs in this organization."),
    N_("A hybrid print administrator chooses the kinds on the page “Print settings”."),
    spec="PR-24",
)
NAME_IN_USE = Fault(
    "print_node.name_in_use",
    409,
    N_("Another computer that is at work just now is registered as “{name}”."),
    N_("Give this one another DEVICE_ID; two computers that were cloned may have the same. Or delete the other node."),
    spec="PR-318",
)


@dataclass(frozen=True, slots=True)
class Registration:
    """What a node says of itself: its own name, a request for a certificate, where it listens.

    `former` is the credential that it had, by which one that registers again is known to be the same.
    """

    device_id: str
    name: str
    request: str
    kind: NodeKind = NodeKind.WORKSTATION
    addresses: tuple[str, ...] = ()
    port: int = 0
    version: str = ""
    system: str = ""
    former: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """A node's identity; the credential is told only here."""

    node_id: str
    credential: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """What a node tells every minute (PR-256): where it listens, and bytes that are free and kept free."""

    addresses: tuple[str, ...]
    port: int
    free: int
    reserve: int
    version: str = ""


def register_workstation(actor: Actor, given: Registration) -> Registered:
    """The actor's workstation; raises `ROLE_MISSING`, `NAME_IN_USE`, `BAD_REQUEST`.

    Whoever may print at all has one: direct and offline prints are told by it too.
    """
    if not (actor.may(Permission.DIRECT_SUBMIT) or actor.may(Permission.PRINT_SUBMIT)):
        actor.need(Permission.HYBRID_SUBMIT)
    with actor.session() as session:
        registered = _register(session, actor.organization_id, given, NodeKind.WORKSTATION, actor.user_id)
        facts = {"name": given.name, "kind": NodeKind.WORKSTATION.value}
        record(session, actor, "print_node.registered", "print_node", registered.node_id, facts)
        return registered


def register_storage_node(actor: Actor, given: Registration) -> Registered:
    """A storage node; the actor is the application.

    Raises `STORAGE_OFF`, `KIND_REFUSED`, `NAME_IN_USE`, `BAD_REQUEST`.
    """
    actor.need(Permission.HYBRID_STORAGE)
    with actor.session() as session:
        storage = print_settings(session, actor.organization_id).hybrid_storage
        if not storage.enabled:
            raise STORAGE_OFF()
        if given.kind is NodeKind.WORKSTATION or given.kind.value not in storage.node_types:
            raise KIND_REFUSED()
        registered = _register(session, actor.organization_id, given, given.kind, None)
        facts = {"name": given.name, "kind": given.kind.value}
        record(session, actor, "print_node.registered", "print_node", registered.node_id, facts)
        return registered


def report_status(caller: CallingNode, status: NodeStatus) -> NodeState:
    """Keep what a node tells of itself; its state, by which it knows whether it still counts.

    One that was unreachable is active again (F-21).
    """
    with tenant_session(caller.organization_id) as session:
        node = _locked(session, caller)
        node.addresses, node.port = list(status.addresses), status.port
        node.free, node.reserve, node.is_low = status.free, status.reserve, status.free <= status.reserve
        node.version, node.last_seen = status.version, now()
        if node.state == NodeState.UNREACHABLE:
            node.state = NodeState.ACTIVE
            session.flush()
            drop_surplus(session, caller.organization_id, node.id)
        return NodeState(node.state)


def renew_certificate(caller: CallingNode, request: str) -> Signed:
    """Another certificate for the node, before its own ends; raises `BAD_REQUEST`."""
    with tenant_session(caller.organization_id) as session:
        node = _locked(session, caller)
        signed = sign(session, caller.organization_id, node.id, request)
        node.certificate_hash = signed.fingerprint
        return signed


def _register(
    session: Session, organization_id: str, given: Registration, kind: NodeKind, user_id: str | None
) -> Registered:
    key = f"{user_id or ''}/{given.device_id.casefold()}"
    node = session.scalar(select(PrintNode).where(PrintNode.device_key == key).with_for_update())
    if node is None:
        node = PrintNode(organization_id=organization_id, device_key=key, kind=kind, user_id=user_id, name=given.name)
        try:
            with session.begin_nested():
                session.add(node)
        except IntegrityError as error:
            raise NAME_IN_USE(name=given.device_id) from error
    elif user_id is None and _is_somebody_else(node, given):
        raise NAME_IN_USE(name=given.device_id)
    credential = CREDENTIAL_PREFIX + secrets.token_urlsafe(32)
    node.kind, node.name, node.state = kind, given.name, NodeState.ACTIVE
    node.credential_hash, node.last_seen = token_hash(credential), now()
    node.addresses, node.port = list(given.addresses), given.port
    node.version, node.system = given.version, given.system
    session.flush()
    signed = sign(session, organization_id, node.id, given.request)
    node.certificate_hash = signed.fingerprint
    return Registered(node.id, credential, signed)


def _is_somebody_else(node: PrintNode, given: Registration) -> bool:
    """Whether a node of that name is at work, and whoever registers does not show its credential."""
    is_at_work = node.state in (NodeState.ACTIVE, NodeState.DISABLED) and node.last_seen > now() - UNREACHABLE_AFTER
    return is_at_work and token_hash(given.former) != node.credential_hash


def _locked(session: Session, caller: CallingNode) -> PrintNode:
    node = session.scalar(select(PrintNode).where(PrintNode.id == caller.id).with_for_update())
    if node is None or node.state == NodeState.DELETED:
        raise CREDENTIAL_REFUSED()
    return node


def end_workstation(session: Session, actor: Actor, device_id: str) -> bool:
    """The actor has signed out at that computer; whether it held jobs of theirs, which are deleted now (PR-245)."""
    key = f"{actor.user_id}/{device_id.casefold()}"
    node = session.scalar(select(PrintNode).where(PrintNode.device_key == key).with_for_update())
    if node is None or node.state == NodeState.DELETED:
        return False
    end_node(session, node)
    record(session, actor, "print_node.signed_out", "print_node", node.id, {"name": node.name})
    return True


def sign_out(caller: CallingNode) -> None:
    """The person signs out of the workstation: what it holds is gone, and so is its identity (PR-245)."""
    with tenant_session(caller.organization_id) as session:
        node = _locked(session, caller)
        end_node(session, node)
        facts = {"name": node.name}
        record_unattended(
            session,
            caller.organization_id,
            "print_node.signed_out",
            "print_node",
            node.id,
            facts,
            user_id=caller.user_id,
        )
