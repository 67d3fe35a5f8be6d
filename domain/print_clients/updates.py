"""Whether a workstation is to have another version, and when (F-26, PR-268, PR-274, AM-5, AM-46)."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from sqlalchemy.orm import Session

from connectors.printers.levels import level
from domain.organizations.models import User
from domain.print_clients.models import PrintClient
from domain.print_clients.rules import ClientRules, UpdateMode
from domain.print_clients.subject import CLIENT_POLICIES
from domain.print_definitions.definitions import view_of
from domain.print_definitions.models import PrintDefinition
from domain.print_definitions.resolution import Person, resolve
from domain.printing.settings import PrintSettings
from steps.versions import VERSION

OLDEST = "2.0.0"
"""The oldest version whose protocol still counts."""
BY_CLIENT, BY_ORGANIZATION = "client", "organization"


class UpdateState(StrEnum):
    """How a workstation's version stands (F-26)."""

    UP_TO_DATE = "up_to_date"
    UPDATE_NOW = "update_now"
    UPDATE_WITHIN = "update_within"
    UPDATE_BLOCKED = "update_blocked"
    TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """The policy that counts for a workstation, and by what: client, personal, cost_center, department, default…"""

    name: str
    rules: ClientRules
    source: str


@dataclass(frozen=True, slots=True)
class Update:
    """What a workstation is told: which version it is to have, within how many days or at what time of its day.

    `is_automatic`: it installs that version by itself. One that is too old does so at once, whatever the period is.
    """

    state: UpdateState
    version: str
    days: int = 0
    at: time | None = None
    is_automatic: bool = False


def policies_in_force(
    session: Session, settings: PrintSettings, clients: list[tuple[PrintClient, User]]
) -> dict[str, PolicyInForce]:
    """By the client's id, the policy that counts: client › personal › group › default › organization (PR-274)."""
    if not settings.policies.client_enabled:
        nothing = PolicyInForce("", ClientRules(), BY_ORGANIZATION)
        return {client.id: nothing for client, _ in clients}
    people = {user.id: Person.of(user) for _, user in clients}
    resolved = resolve(session, CLIENT_POLICIES, settings, list(people.values())) if people else {}
    found = {}
    for client, user in clients:
        own = session.get(PrintDefinition, client.policy_id) if client.policy_id else None
        if own is not None:
            found[client.id] = PolicyInForce(own.name, view_of(own, CLIENT_POLICIES).content, BY_CLIENT)
            continue
        one = resolved[user.id]
        by_organization = one.definition.content.update is UpdateMode.ORGANIZATION
        source = BY_ORGANIZATION if by_organization else one.source
        found[client.id] = PolicyInForce(one.definition.name, one.definition.content, source)
    return found


def update_for(version: str, rules: ClientRules, settings: PrintSettings) -> Update:
    """What a workstation with that version is told."""
    clients = settings.clients
    if rules.update is UpdateMode.ORGANIZATION:
        is_automatic, wanted = clients.auto_update_enabled, VERSION
    else:
        is_automatic = rules.update in (UpdateMode.AUTOMATIC, UpdateMode.CURRENT)
        wanted = rules.version or VERSION
    if _is_before(version, OLDEST):
        usable = VERSION if _is_before(wanted, OLDEST) else wanted
        return Update(UpdateState.TOO_OLD, usable, is_automatic=is_automatic)
    if not _is_before(version, wanted):
        return Update(UpdateState.UP_TO_DATE, wanted)
    if not is_automatic:
        return Update(UpdateState.UPDATE_BLOCKED, wanted)
    if rules.timing == "within":
        return Update(UpdateState.UPDATE_WITHIN, wanted, days=rules.days, is_automatic=True)
    at = clients.auto_update_time if rules.update is UpdateMode.ORGANIZATION else None
    return Update(UpdateState.UPDATE_NOW, wanted, at=at, is_automatic=True)


def _is_before(version: str, other: str) -> bool:
    return level(version) < level(other)
