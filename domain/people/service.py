"""Making people, changing what is known of them, and their state (AC-80, AC-81, AC-86…AC-88, AC-111)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from domain.audit.service import record
from domain.federation.routing import password_refusal
from domain.organizations.actor import Actor, actor_for
from domain.organizations.effective_roles import EffectiveRole, effective_roles
from domain.organizations.grants import Level, check_grant, check_power_over
from domain.organizations.last_administrator import administrators_kept
from domain.organizations.memberships import set_membership
from domain.organizations.models import Membership, Organization, User, UserStatus
from domain.organizations.permissions import Permission
from domain.people.fields import PersonFields, checked_address, checked_text
from domain.people.listing import PersonView, person_views
from domain.people.orphans import orphaned
from domain.people.rows import changeable_people, person_row
from domain.sign_in.links import send_link
from domain.sign_in.models import LinkPurpose
from domain.sign_in.password_changes import check_new_password
from domain.sign_in.passwords import password_hash
from domain.sign_in.sessions import end_sessions
from domain.tenancy import new_id

# One address belongs to one account on the whole installation (AC-87). A session sees only its own organization, so the
# table's constraint tells.
ADDRESS_TAKEN = Fault(
    "person.address_taken",
    409,
    N_("Somebody has the e-mail address “{address}” already."),
    N_("Search for the person in the list, or use another address: one address belongs to one account everywhere."),
)
YOURSELF = Fault(
    "person.yourself",
    409,
    N_("You cannot deactivate or delete your own account."),
    N_("Ask another administrator."),
)


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to be created. Without a password they can sign in once they have set one by a link (AC-80)."""

    facts: PersonFields
    password: str = ""
    roles: Sequence[str] = ()
    send_link: bool = False


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """One person with everything that their page shows; after a change with `warnings` about it (AC-112)."""

    view: PersonView
    custom_attributes: Mapping[str, str]
    own_roles: tuple[str, ...]
    effective_roles: tuple[EffectiveRole, ...]
    has_password: bool
    is_operator: bool
    may_change: bool
    ended: datetime | None
    warnings: tuple[Message, ...] = ()


def get_person(actor: Actor, user_id: str) -> PersonDetails:
    """One person of the organization; raises `NOT_FOUND`, also for one who was deleted."""
    actor.need(Permission.USERS_VIEW)
    with actor.session(read_only=True) as session:
        return _details(session, actor, person_row(session, user_id))


def create_person(actor: Actor, new: NewPerson) -> PersonDetails:
    """Make an account.

    Raises the faults of `PersonFields.checked`, `ADDRESS_TAKEN`, what `check_grant` raises, and what is wrong with the
    password.
    """
    actor.need(Permission.USERS_CREATE)
    facts = new.facts.checked()
    kept_password = password_hash(new.password) if new.password else ""
    try:
        with actor.session() as session:
            roles = check_grant(session, actor, new.roles, Level.USER) if new.roles else ()
            person = User(
                id=new_id(),
                organization_id=actor.organization_id,
                email=facts.email,
                name=facts.name,
                first_name=facts.first_name,
                last_name=facts.last_name,
                short_name=facts.short_name,
                password_hash=kept_password,
                roles=[role.value for role in roles],
                locale=actor.locale,
                time_zone=actor.time_zone,
            )
            session.add(person)
            session.flush()
            if new.password:
                check_new_password(session, person, new.password)
            set_membership(session, person, Membership.DEPARTMENT, facts.department)
            set_membership(session, person, Membership.COST_CENTER, facts.cost_center)
            record(session, actor, "user.created", "user", person.id, {"roles": person.roles})
            if new.send_link:
                _invite(session, person)
            session.flush()
            return _details(session, actor, person)
    except IntegrityError as error:
        raise ADDRESS_TAKEN(address=facts.email) from error


def change_person(actor: Actor, user_id: str, change: Mapping[str, str]) -> PersonDetails:
    """Change some of the fields of `PersonFields`, by their names.

    Raises the faults of a value, `ADDRESS_TAKEN`, `NOT_FOUND`, and `ROLE_MISSING` without power over the person.
    """
    actor.need(Permission.USERS_EDIT)
    known = {field.name for field in fields(PersonFields)}
    checked = {
        name: checked_address(value) if name == "email" else checked_text(name, value)
        for name, value in change.items()
        if name in known
    }
    try:
        with actor.session() as session:
            (person,) = changeable_people(session, actor, [user_id])
            before = {kind: str(getattr(person, kind.value)) for kind in Membership}
            changed = apply_change(session, person, checked)
            if changed:
                record(session, actor, "user.changed", "user", person.id, {"fields": changed})
            session.flush()
            left = [one for kind, name in before.items() if kind in changed for one in orphaned(session, kind, name)]
            return replace(_details(session, actor, person), warnings=tuple(left))
    except IntegrityError as error:
        raise ADDRESS_TAKEN(address=checked.get("email", "")) from error


def apply_change(session: Session, person: User, checked: Mapping[str, str]) -> list[str]:
    """Write checked values into a person's row, with their history; returns the names of what differs now."""
    changed = []
    for name, value in checked.items():
        if name in ("department", "cost_center"):
            if set_membership(session, person, Membership(name), value):
                changed.append(name)
        elif getattr(person, name) != value:
            setattr(person, name, value)
            changed.append(name)
    return changed


def set_status(actor: Actor, user_ids: Collection[str], status: UserStatus) -> None:
    """Deactivate people, which ends their sessions at once, or let them in again.

    Raises `NOT_FOUND`, `ROLE_MISSING`, `YOURSELF`, `LAST_ADMINISTRATOR`; then nobody is changed.
    """
    actor.need(Permission.USERS_EDIT)
    if status is UserStatus.DEACTIVATED and actor.user_id in user_ids:
        raise YOURSELF()
    with actor.session() as session, administrators_kept(session, actor.organization_id):
        for person in changeable_people(session, actor, user_ids):
            if person.status != status:
                person.status = status
                end_sessions(session, person.id)
                action = "user.deactivated" if status is UserStatus.DEACTIVATED else "user.reactivated"
                record(session, actor, action, "user", person.id)


def _details(session: Session, actor: Actor, person: User) -> PersonDetails:
    organization = session.get_one(Organization, actor.organization_id)
    (view,) = person_views(session, organization, [person])
    return PersonDetails(
        view,
        {str(key): str(value) for key, value in (person.custom_attributes or {}).items()},
        tuple(person.roles),
        tuple(effective_roles(session, person)),
        bool(person.password_hash),
        bool(person.is_operator),
        _may_change(session, actor, person.id),
        person.ended,
    )


def _invite(session: Session, person: User) -> None:
    """Send a link to set a password; raises `SIGN_IN_ELSEWHERE` where passwords are of no use (AC-94)."""
    if (refusal := password_refusal(session, actor_for(session, person))) is not None:
        raise refusal
    send_link(session, person, LinkPurpose.INVITATION)


def _may_change(session: Session, actor: Actor, user_id: str) -> bool:
    try:
        check_power_over(session, actor, [user_id])
    except PressroomError:
        return False
    return actor.may(Permission.USERS_EDIT)
