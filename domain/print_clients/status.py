"""Which workstations there are, how they stand, and which policy holds for each (section 30)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import User, now, shown_name
from domain.organizations.permissions import Permission
from domain.print_clients.models import PrintClient
from domain.print_clients.subject import CLIENT_POLICIES
from domain.print_clients.updates import UpdateState, policies_in_force, update_for
from domain.print_definitions.definitions import find_definition
from domain.printing.settings import print_settings
from domain.tenancy import NOT_FOUND

ONLINE_FOR = timedelta(minutes=10)
"""A workstation that has called within that time is online (PR-277)."""
MOST_LISTED = 200


class ClientState(StrEnum):
    """Whether a workstation is there."""

    ONLINE = "online"
    OFFLINE = "offline"


CLIENT_STATES = {ClientState.ONLINE: N_("Online"), ClientState.OFFLINE: N_("Offline")}
UPDATE_STATES = {
    UpdateState.UP_TO_DATE: N_("Up to date"),
    UpdateState.UPDATE_NOW: N_("Is to update now"),
    UpdateState.UPDATE_WITHIN: N_("Is to update within days"),
    UpdateState.UPDATE_BLOCKED: N_("Newer version, not to update"),
    UpdateState.TOO_OLD: N_("Too old"),
}
"""In people's words."""


@dataclass(frozen=True, slots=True)
class ClientView:
    """One workstation with who is signed in, and the policy that holds (PR-277)."""

    id: str
    host: str
    user_name: str
    email: str
    system: str
    kind: str
    version: str
    addresses: tuple[str, ...]
    queues: tuple[str, ...]
    state: ClientState
    last_contact: datetime
    policy: str
    policy_source: str
    update: UpdateState
    update_problem: str


def list_clients(
    actor: Actor, search: str = "", after: tuple[str, str] | None = None, limit: int = 50
) -> list[ClientView]:
    """The workstations of the organization by their names; `after`: the name and id of the last one before."""
    actor.need(Permission.PRINT_PACKAGES_MANAGE)
    query = select(PrintClient, User).join(User, User.id == PrintClient.user_id)
    for word in search.split():
        pattern = f"%{word}%"
        query = query.where(or_(PrintClient.host.ilike(pattern), User.email.ilike(pattern), User.name.ilike(pattern)))
    if after is not None:
        later = (PrintClient.host == after[0]) & (PrintClient.id > after[1])
        query = query.where((PrintClient.host > after[0]) | later)
    query = query.order_by(PrintClient.host, PrintClient.id).limit(min(limit, MOST_LISTED))
    with actor.session(read_only=True) as session:
        return _views(session, actor, list(session.execute(query).tuples()))


def assign_client_policy(actor: Actor, client_ids: list[str], policy_id: str) -> list[ClientView]:
    """Let a policy hold for these very workstations, whatever else is assigned; empty: none any more (PR-274).

    Raises `FEATURE_DISABLED` and `NOT_FOUND`.
    """
    actor.need(Permission.PRINT_PACKAGES_MANAGE)
    with actor.session() as session:
        CLIENT_POLICIES.open(actor, session)
        policy = find_definition(session, CLIENT_POLICIES, policy_id) if policy_id else None
        query = select(PrintClient, User).join(User, User.id == PrintClient.user_id)
        found = list(session.execute(query.where(PrintClient.id.in_(client_ids))).tuples())
        if {client.id for client, _ in found} != set(client_ids):
            raise NOT_FOUND(what="workstation")
        for client, _ in found:
            facts = {"host": client.host, "policy": policy.name if policy else "", "former_policy": client.policy_id}
            client.policy_id = policy.id if policy else None
            record(session, actor, "print_client.policy_assigned", "print_client", client.id, facts)
        session.flush()
        return _views(session, actor, found)


def forget_client(actor: Actor, client_id: str) -> None:
    """Take a workstation off the list; it comes back when it calls in again. Raises `NOT_FOUND`."""
    actor.need(Permission.PRINT_PACKAGES_MANAGE)
    with actor.session() as session:
        gone = delete(PrintClient).where(PrintClient.id == client_id).returning(PrintClient.host)
        host = session.scalar(gone)
        if host is None:
            raise NOT_FOUND(what="workstation")
        record(session, actor, "print_client.forgotten", "print_client", client_id, {"host": host})


def _views(session: Session, actor: Actor, found: list[tuple[PrintClient, User]]) -> list[ClientView]:
    settings = print_settings(session, actor.organization_id)
    policies = policies_in_force(session, settings, found)
    moment = now()
    return [
        ClientView(
            id=client.id,
            host=client.host,
            user_name=shown_name(user),
            email=user.email,
            system=client.system,
            kind=client.kind,
            version=client.version,
            addresses=tuple(client.addresses),
            queues=tuple(client.queues),
            state=ClientState.ONLINE if client.last_contact > moment - ONLINE_FOR else ClientState.OFFLINE,
            last_contact=client.last_contact,
            policy=policies[client.id].name,
            policy_source=policies[client.id].source,
            update=update_for(client.version, policies[client.id].rules, settings).state,
            update_problem=client.update_problem,
        )
        for client, user in found
    ]
