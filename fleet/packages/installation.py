"""Installation packages for people: by download in the portal, or by a link that is mailed (FL-123, FL-124, FL-156).

An installation package is the package by which agents update themselves, with the portal's address added, so that only
the activation code has to be typed. The code itself is never in a mail: it is shown in the portal.
"""

import io
import json
import secrets
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectors.documents import open_store
from connectors.errors import Fault
from connectors.mail_addresses import wire_address
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.audit.service import record, record_unattended
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus, now
from domain.organizations.permissions import Permission
from domain.sign_in.sessions import token_hash
from domain.tenancy import NOT_FOUND, system_session
from fleet.agents.models import Agent, AgentKind
from fleet.packages.models import InstallationLink
from fleet.packages.offers import offer, publish_release, targets
from steps.agent_packages import PackageKind

NO_TARGET = Fault(
    "installation.no_target",
    404,
    N_("There is no installation package for the system “{target}”."),
    N_("Choose one of those that are listed. Operators add others with “pressroom packages”."),
    spec="FL-123",
)
LINK_INVALID = Fault(
    "installation.link_invalid",
    410,
    N_("This link to the installation package does not count any more."),
    N_("Links are valid for 72 hours. Ask whoever sent it for a new one."),
    spec="FL-123",
)
LICENCE_NEEDED = Fault(
    "installation.licence_needed",
    409,
    N_("The licences of the package have not been accepted."),
    N_("Read them in the package's description, accept them and try again."),
    spec="FL-75",
)
BAD_ADDRESS = Fault(
    "installation.bad_address",
    422,
    N_("“{email}” is no e-mail address."),
    N_("Type the address of the person who installs the agent."),
)
LINK_HOURS = 72
"""As long as an activation code (FL-124)."""
PORTAL_FILE = "portal.json"
LINK_PATH = "/d/agents/"


@dataclass(frozen=True, slots=True)
class InstallationPackage:
    """A package as it is downloaded."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What a link leads to; `agent` is empty for local agents."""

    organization: str
    agent: str
    expires: datetime


def installation_targets(actor: Actor) -> Sequence[str]:
    """The systems that there are installation packages for."""
    actor.need(Permission.FLEET_VIEW)
    return targets()


def download_package(actor: Actor, target: str, *, licence_accepted: bool) -> InstallationPackage:
    """The package for a system; raises `LICENCE_NEEDED`, `NO_TARGET`."""
    actor.need(Permission.FLEET_ENROL)
    package = _package(target, licence_accepted=licence_accepted)
    with actor.session() as session:
        record(session, actor, "agent.package_downloaded", "organization", actor.organization_id, {"target": target})
    return package


def mail_link(actor: Actor, agent_id: str | None, email: str) -> None:
    """Send a link to the packages of one fleet agent, or of local agents. Raises `NOT_FOUND`, `BAD_ADDRESS`."""
    actor.need(Permission.FLEET_MANAGE)
    if not wire_address(email):
        raise BAD_ADDRESS(email=email)
    token = secrets.token_urlsafe(32)
    with actor.session() as session:
        name = _fleet_agent(session, agent_id).name if agent_id else ""
        session.execute(delete(InstallationLink).where(InstallationLink.expires < now()))
        link = InstallationLink(
            organization_id=actor.organization_id,
            token_hash=token_hash(token),
            agent_id=agent_id,
            issuer_id=actor.user_id or None,
            expires=now() + timedelta(hours=LINK_HOURS),
        )
        session.add(link)
        session.flush()
        _mail(session, actor, email, name, f"{get_settings().public_url}{LINK_PATH}{token}")
        facts = {"name": name, "email": email}
        record(session, actor, "agent.link_sent", "agent", agent_id or actor.organization_id, facts)


def open_link(token: str) -> OpenedLink:
    """What the link leads to; raises `LINK_INVALID`."""
    with system_session(read_only=True) as session:
        link, organization = _link(session, token)
        agent = session.get(Agent, link.agent_id) if link.agent_id else None
        return OpenedLink(organization.name, agent.name if agent else "", link.expires)


def package_of_link(token: str, target: str, *, licence_accepted: bool, address: str) -> InstallationPackage:
    """The package behind a link, as often as it is asked for until it expires. Raises as the other two."""
    with system_session(read_only=True) as session:
        _link(session, token)
    package = _package(target, licence_accepted=licence_accepted)
    with system_session() as session:
        link, organization = _link(session, token)
        facts = {"target": target, "by": "link"}
        where = ("organization", organization.id)
        record_unattended(session, link.organization_id, "agent.package_downloaded", *where, facts, address=address)
    return package


def _package(target: str, *, licence_accepted: bool) -> InstallationPackage:
    if not licence_accepted:
        raise LICENCE_NEEDED()
    publish_release()
    offered = offer(PackageKind.AGENT, target)
    if offered is None:
        raise NO_TARGET(target=target)
    with open_store(get_settings()).open(offered.file.key, offered.file.sha256) as stream:
        content = io.BytesIO(stream.read())
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(PORTAL_FILE, json.dumps({"portal": get_settings().public_url}))
    return InstallationPackage(offered.file.name, content.getvalue())


def _fleet_agent(session: Session, agent_id: str) -> Agent:
    agent = session.scalar(select(Agent).where(Agent.id == agent_id, Agent.kind == AgentKind.FLEET))
    if agent is None or agent.is_built_in:
        raise NOT_FOUND(what="agent")
    return agent


def _link(session: Session, token: str) -> tuple[InstallationLink, Organization]:
    query = (
        select(InstallationLink, Organization)
        .join(Organization, Organization.id == InstallationLink.organization_id)
        .where(InstallationLink.token_hash == token_hash(token), InstallationLink.expires > now())
        .where(Organization.status == OrganizationStatus.ACTIVE)
    )
    found = session.execute(query).tuples().one_or_none()
    if found is None:
        raise LINK_INVALID()
    return found


def _mail(session: Session, actor: Actor, email: str, name: str, link: str) -> None:
    agent = Message.of(N_("It is for the agent “{name}”."), name=name)
    paragraphs = [
        Message.of(N_("{person} asks you to install an agent that manages printers."), person=actor.name),
        *([agent] if name else []),
        Message.of(N_("Open the link on the host of the agent, choose the host's system and download the package.")),
        Message.of(N_("The activation code comes from the person who sent you this mail.")),
        Message.of(N_("The link is valid for {hours} hours."), hours=LINK_HOURS),
    ]
    subject = Message.of(N_("Installing a printer agent"))
    queue_mail(session, actor.organization_id, [email], subject, paragraphs, locale=actor.locale, link=link)
