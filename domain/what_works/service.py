"""Looking through everything that somebody can do, for themselves or for an administrator who is asked (TS-39)."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.permissions import Permission, allows, missing_roles, rules
from domain.people.rows import person_row
from domain.quotas.checks import hindrances
from domain.scan_destinations.offered import offered_destinations
from domain.solutions.models import Solution
from domain.solutions.service import visible_solutions
from domain.storage_accounts.credentials import family_title
from domain.storage_accounts.faults import SIGNED_OUT
from domain.storage_accounts.service import list_accounts
from domain.tenancy import tenant_session
from domain.what_works.areas import Area, AreaState
from domain.what_works.printer_login import printer_login
from domain.what_works.printing import printing
from domain.what_works.roles import role_problem
from steps.contract import Service

NO_DESTINATION = Fault(
    "scan.no_destination",
    404,
    N_("There is no destination to scan to."),
    N_("Make one on the page “Scan destinations”, or ask a Scan Management Administrator for one."),
)
DESTINATIONS = N_("Destinations to scan to: {count}.")
SOLUTIONS = N_("Solutions that you see: {count}.")
SERVICE_PERMISSIONS = {
    Service.TRANSLATION: Permission.TRANSLATION_USE,
    Service.REDACTION: Permission.REDACTION_USE,
    Service.OCR: Permission.OCR_USE,
}
Look = Callable[[Session, Actor], AreaState]


@dataclass(frozen=True, slots=True)
class PermissionState:
    """One thing that roles decide: `meaning` is a template; `missing` are the roles that it would take."""

    permission: Permission
    meaning: str
    missing: tuple[str, ...]


def own_areas(actor: Actor) -> list[AreaState]:
    """How everything stands for the actor in their own organization, wherever they work now."""
    actor.need(Permission.OWN_ACCOUNT)
    return _areas(actor.user_id)


def areas_of_person(actor: Actor, user_id: str) -> list[AreaState]:
    """The same about somebody of the organization; raises `NOT_FOUND`.

    A deactivated person is told by `ACCOUNT_ENDED` in every area.
    """
    actor.need(Permission.USERS_VIEW)
    with actor.session(read_only=True) as session:
        person_row(session, user_id)
    return _areas(user_id)


def own_permissions(actor: Actor) -> list[PermissionState]:
    """What the actor's roles let them do where they work, and which roles the rest takes (TS-2).

    What belongs to programs or to the operator alone is left out.
    """
    actor.need(Permission.OWN_ACCOUNT)
    return [
        PermissionState(permission, rule.meaning, () if allows(actor, permission) else missing_roles(actor, permission))
        for permission, rule in rules().items()
        if not {grant.role for way in rule.alternatives for grant in way} <= {"Application", "Operator"}
    ]


def _areas(user_id: str) -> list[AreaState]:
    try:
        person = actor_of_user(user_id)
    except PressroomError as error:
        return [AreaState(area, error) for area in Area]
    looks: tuple[Look, ...] = (printer_login, printing, _scanning, _solutions)
    with tenant_session(person.organization_id, read_only=True) as session:
        return [look(session, person) for look in looks]


def _scanning(session: Session, person: Actor) -> AreaState:
    if (problem := role_problem(session, person, Permission.SCAN_USE)) is not None:
        return AreaState(Area.SCANNING, problem)
    try:
        destinations = offered_destinations(person)
    except PressroomError as error:
        return AreaState(Area.SCANNING, error)
    ended = tuple(SIGNED_OUT(provider=family_title(one.family)) for one in list_accounts(person) if one.expired)
    none = () if destinations else (NO_DESTINATION(),)
    return AreaState(Area.SCANNING, None, (*none, *ended), (Message.of(DESTINATIONS, count=len(destinations)),))


def _solutions(session: Session, person: Actor) -> AreaState:
    if (problem := role_problem(session, person, Permission.SOLUTIONS_RUN)) is not None:
        return AreaState(Area.SOLUTIONS, problem)
    count = session.scalar(select(func.count()).select_from(Solution).where(visible_solutions(person))) or 0
    pages = hindrances(person)
    hints = []
    for service, permission in SERVICE_PERMISSIONS.items():
        problem = role_problem(session, person, permission) or pages.get(service)
        if problem is not None:
            hints.append(problem)
    return AreaState(Area.SOLUTIONS, None, tuple(hints), (Message.of(SOLUTIONS, count=count),))
