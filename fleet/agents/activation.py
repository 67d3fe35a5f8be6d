"""Activating agents (F-7): codes for 72 hours, lasting credentials in exchange, credentials replaced in time."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record, record_unattended
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus, now
from domain.organizations.permissions import Permission
from domain.sign_in.sessions import token_hash
from domain.tenancy import NOT_FOUND, system_session
from fleet.agents.codes import code_fingerprint, new_code
from fleet.agents.models import ActivationCode, Agent, AgentKind

UNKNOWN_CODE = Fault(
    "agent.unknown_code",
    404,
    N_("The activation code is not known."),
    N_("Type it as it is shown in the portal, or generate a new one there."),
    spec="F-7",
)
EXPIRED_CODE = Fault(
    "agent.expired_code",
    410,
    N_("The activation code has expired: codes are valid for 72 hours."),
    N_("Generate a new code on the agent's page of the portal."),
    spec="FL-124",
)
USED_UP = Fault(
    "agent.used_up_code",
    409,
    N_("The activation code has been used as often as it may be."),
    N_("Generate a new code in the portal."),
    spec="FL-157",
)
CREDENTIAL_REFUSED = Fault(
    "agent.credential_refused",
    401,
    N_("The agent's credential is not accepted."),
    N_("The agent was deactivated or deleted in the portal. Activate it again with a new code."),
)
CODE_HOURS = 72
MOST_USES = 10_000
ROTATION = timedelta(days=30)
"""After this time an agent gets a new credential at its next call."""


@dataclass(frozen=True, slots=True)
class Activated:
    """The agent's lasting identity; the credential is told only here."""

    agent_id: str
    organization_id: str
    kind: AgentKind
    credential: str


@dataclass(frozen=True, slots=True)
class CallingAgent:
    """An agent that has shown its credential."""

    id: str
    organization_id: str
    kind: AgentKind


def code_for_agent(session: Session, agent: Agent, issuer_id: str | None) -> str:
    """A new code for one fleet agent; its former ones are worth nothing any more. The code is shown only now."""
    for former in session.scalars(select(ActivationCode).where(ActivationCode.agent_id == agent.id)):
        session.delete(former)
    return _add_code(session, agent.organization_id, agent.kind, agent.id, 1, issuer_id)


def generate_code(actor: Actor, agent_id: str) -> str:
    """A new activation code for a fleet agent (FL-124). Raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        agent = session.scalar(select(Agent).where(Agent.id == agent_id, Agent.kind == AgentKind.FLEET))
        if agent is None or agent.is_built_in:
            raise NOT_FOUND(what="agent")
        record(session, actor, "agent.code_generated", "agent", agent.id, {"name": agent.name})
        return code_for_agent(session, agent, actor.user_id or None)


def generate_local_code(actor: Actor, uses: int) -> str:
    """A code with which that many local agents may be activated (FL-157)."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        record(session, actor, "agent.code_generated", "organization", actor.organization_id, {"uses": uses})
        return _add_code(session, actor.organization_id, AgentKind.LOCAL, None, uses, actor.user_id or None)


def activate(code: str, name: str, host: Mapping[str, Any], version: str, address: str) -> Activated:
    """Exchange a code for the agent's lasting identity.

    Raises `UNKNOWN_CODE`, `EXPIRED_CODE`, `USED_UP`. A fleet agent becomes the one that the code was made for; it may
    be activated again with a new code, after which its former credential is worth nothing.
    """
    with system_session() as session:
        row = _code(session, code)
        agent = session.get_one(Agent, row.agent_id) if row.agent_id else _local_agent(session, row, name)
        agent.host, agent.version = dict(host), version
        credential = begin(session, agent, address)
        return Activated(agent.id, agent.organization_id, AgentKind(agent.kind), credential)


def begin(session: Session, agent: Agent, address: str = "") -> str:
    """Let the agent work from now on; returns the credential with which it calls in."""
    credential = _credential()
    agent.credential_hash, agent.next_credential_hash = token_hash(credential), None
    agent.credential_made = agent.activated = agent.last_contact = now()
    agent.deactivated = None
    session.flush()
    facts = {"name": agent.name, "kind": str(agent.kind)}
    record_unattended(session, agent.organization_id, "agent.activated", "agent", agent.id, facts, address=address)
    return credential


def agent_of_credential(credential: str) -> CallingAgent:
    """Whose credential it is. Raises `CREDENTIAL_REFUSED`.

    The first use of a credential that replaces another ends the former one: an agent that never received the new one
    can go on with the old.
    """
    hashed = token_hash(credential)
    with system_session(read_only=True) as session:
        query = (
            select(Agent, Organization.status)
            .join(Organization, Organization.id == Agent.organization_id)
            .where(or_(Agent.credential_hash == hashed, Agent.next_credential_hash == hashed))
        )
        found = session.execute(query).one_or_none()
        if found is None or found[1] != OrganizationStatus.ACTIVE or found[0].deactivated is not None:
            raise CREDENTIAL_REFUSED()
        agent: Agent = found[0]
        calling, is_next = (
            CallingAgent(agent.id, agent.organization_id, AgentKind(agent.kind)),
            (agent.next_credential_hash == hashed),
        )
    if is_next:
        with system_session() as session:
            changed = update(Agent).where(Agent.id == calling.id, Agent.next_credential_hash == hashed)
            session.execute(changed.values(credential_hash=hashed, next_credential_hash=None, credential_made=now()))
    return calling


def renewed_credential(agent: Agent) -> str:
    """A new credential where the present one is old, else an empty text."""
    if agent.credential_made is not None and now() - agent.credential_made < ROTATION:
        return ""
    credential = _credential()
    agent.next_credential_hash = token_hash(credential)
    return credential


def _credential() -> str:
    return secrets.token_urlsafe(32)


def _add_code(
    session: Session, organization_id: str, kind: AgentKind, agent_id: str | None, uses: int, issuer_id: str | None
) -> str:
    code = new_code(4)
    session.add(
        ActivationCode(
            organization_id=organization_id,
            kind=kind,
            agent_id=agent_id,
            fingerprint=code_fingerprint("activation", code),
            uses=uses,
            issuer_id=issuer_id,
            expires=now() + timedelta(hours=CODE_HOURS),
        )
    )
    session.flush()
    return code


def _code(session: Session, code: str) -> ActivationCode:
    """The code's row with one more use counted, in one statement, so that it is never used too often."""
    row = session.scalar(
        select(ActivationCode).where(ActivationCode.fingerprint == code_fingerprint("activation", code))
    )
    if row is None:
        raise UNKNOWN_CODE()
    if row.expires <= now():
        raise EXPIRED_CODE()
    counted = update(ActivationCode).where(ActivationCode.id == row.id, ActivationCode.used < ActivationCode.uses)
    if session.scalar(counted.values(used=ActivationCode.used + 1).returning(ActivationCode.id)) is None:
        raise USED_UP()
    return row


def _local_agent(session: Session, code: ActivationCode, name: str) -> Agent:
    taken = set(
        session.scalars(
            select(Agent.name).where(Agent.organization_id == code.organization_id, Agent.kind == code.kind)
        )
    )
    number, chosen = 1, name
    while chosen in taken:
        number += 1
        chosen = f"{name} ({number})"
    agent = Agent(organization_id=code.organization_id, kind=code.kind, name=chosen)
    session.add(agent)
    session.flush()
    return agent
