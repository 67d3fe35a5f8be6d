"""On whose behalf something is done, in which organization, and what they may do there now."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.models import (
    Group,
    GroupKind,
    GroupMember,
    Organization,
    OrganizationStatus,
    User,
    UserStatus,
    shown_name,
)
from domain.organizations.permissions import APPLICATION, IMPLIED, PEOPLE_ONLY, Permission, allows, missing_roles
from domain.organizations.roles import Role, counting
from domain.tenancy import NOT_FOUND, system_session, tenant_session

ROLE_MISSING = Fault(
    "role.missing",
    403,
    N_("You need the role “{role}” for this."),
    N_("Ask your organization's administrator to give you the role."),
    spec="SC-E15",
)
OUT_OF_SCOPE = Fault(
    "token.out_of_scope",
    403,
    N_("The token does not cover “{permission}”."),
    N_("Use a token that was made with this permission."),
)
ACCOUNT_ENDED = Fault(
    "account.ended",
    401,
    N_("This account can no longer be used."),
    N_("Ask your organization's administrator."),
)
PERSON_NEEDED = Fault(
    "application.person_needed",
    403,
    N_("A client application cannot do this: it belongs to a person."),
    N_("Use a token of a person for it."),
)
APPLICATION_NEEDED = Fault(
    "application.needed",
    403,
    N_("Only a client application can do this, such as the one of printers."),
    N_("Use the access token of an application with the right scope."),
)


class CredentialKind(StrEnum):
    """What a request was made with."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105 — a word, no secret
    APPLICATION = "application"
    PRINTING = "printing"


@dataclass(frozen=True, slots=True)
class Credential:
    """The session, token, application, or print password or queue address by which a request was made.

    `confirmed`: when the person of a session last proved who they are.
    """

    kind: CredentialKind
    id: str
    confirmed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The person or client application behind a request or a run, with the roles that count now.

    `organization_id` is where they work: their own organization, or a customer of it that they entered (AC-40).
    `roles` count there, `home_roles` in their own, `partner_roles` come from child-organization access groups.
    `scopes` are the permissions of the token they use; None: no limit. `address` is where the request came from.
    An application has an `application_id` and no `user_id` (AC-190); a run has no `credential`.
    `has_customers_here`: the organization they work in may have customer organizations.
    """

    user_id: str
    organization_id: str
    email: str
    name: str
    roles: frozenset[str]
    locale: str = "en"
    time_zone: str = "UTC"
    home_organization_id: str = ""
    home_roles: frozenset[str] = frozenset()
    partner_roles: frozenset[str] = frozenset()
    is_operator: bool = False
    scopes: frozenset[str] | None = None
    address: str = ""
    application_id: str = ""
    credential: Credential | None = field(default=None, compare=False)
    organization_name: str = ""
    home_organization_name: str = ""
    has_customers_here: bool = False

    @property
    def is_application(self) -> bool:
        """Whether a client application acts, not a person."""
        return bool(self.application_id)

    @property
    def subject_id(self) -> str:
        """Who did it: the id of the person or of the application."""
        return self.application_id or self.user_id

    @property
    def is_visiting(self) -> bool:
        """Whether they work in a customer's organization."""
        return self.organization_id != self.home_organization_id

    def may(self, permission: Permission) -> bool:
        """Whether they have `permission`, by their roles and by the token they use."""
        return self._covers(permission) and allows(self, permission) and not self._lacks_person(permission)

    def need(self, permission: Permission) -> None:
        """Raise `ROLE_MISSING`, naming the missing roles (AC-47), or `OUT_OF_SCOPE`.

        Raises `PERSON_NEEDED` and `APPLICATION_NEEDED` where the one is not what the other may be.
        """
        if self._lacks_person(permission):
            raise PERSON_NEEDED()
        if not allows(self, permission):
            missing = missing_roles(self, permission)
            raise APPLICATION_NEEDED() if APPLICATION in missing else ROLE_MISSING(role=", ".join(missing))
        if not self._covers(permission):
            raise OUT_OF_SCOPE(permission=permission.value)

    def require_role(self, label: str) -> None:
        """Raise `ROLE_MISSING` unless the role counts; for steps, which name the role they take."""
        if label not in self.roles:
            raise ROLE_MISSING(role=label)

    @contextmanager
    def session(self, *, read_only: bool = False) -> Iterator[Session]:
        """A transaction that sees only the organization they work in."""
        with tenant_session(self.organization_id, read_only=read_only) as session:
            yield session

    def _lacks_person(self, permission: Permission) -> bool:
        return self.is_application and permission in PEOPLE_ONLY

    def _covers(self, permission: Permission) -> bool:
        if self.scopes is None or permission.value in self.scopes:
            return True
        return not self.scopes.isdisjoint(IMPLIED.get(permission, frozenset()))


def actor_for(
    session: Session,
    user: User,
    organization_id: str | None = None,
    *,
    scopes: frozenset[str] | None = None,
    address: str = "",
    credential: Credential | None = None,
) -> Actor:
    """`user` as they count now, in their own organization or in the customer organization named (AC-39, AC-40).

    `session` sees all organizations. Raises `ACCOUNT_ENDED` for an account that may not sign in any more, and
    `NOT_FOUND` for an organization that is not theirs to enter.
    """
    home = session.get_one(Organization, user.organization_id)
    if user.status != UserStatus.ACTIVE or home.status != OrganizationStatus.ACTIVE:
        raise ACCOUNT_ENDED()
    granted, partner = _granted(session, user, home)
    place = place_of_work(session, home, organization_id, partner)
    home_roles = counting(granted, home.entitlements)
    return Actor(
        user_id=user.id,
        organization_id=place.id,
        email=user.email,
        name=shown_name(user),
        roles=home_roles if place is home else counting(partner, place.entitlements),
        locale=user.locale,
        time_zone=user.time_zone,
        home_organization_id=home.id,
        home_roles=home_roles,
        partner_roles=frozenset(partner),
        is_operator=user.is_operator,
        scopes=scopes,
        address=address,
        credential=credential,
        organization_name=place.name,
        home_organization_name=home.name,
        has_customers_here=place.may_have_children and place.parent_id is None,
    )


def guest_actor(session: Session, guest: User, *, address: str = "") -> Actor:
    """A print guest as they count now: with the guests' role and no other (AC-189).

    Raises `ACCOUNT_ENDED` once the guest is removed.
    """
    home = session.get_one(Organization, guest.organization_id)
    if guest.status != UserStatus.GUEST or guest.ended is not None or home.status != OrganizationStatus.ACTIVE:
        raise ACCOUNT_ENDED()
    roles = counting({Role.PRINT_GUEST.value}, home.entitlements)
    return Actor(
        user_id=guest.id,
        organization_id=home.id,
        email=guest.email,
        name=shown_name(guest),
        roles=roles,
        locale=guest.locale,
        time_zone=home.time_zone,
        home_organization_id=home.id,
        home_roles=roles,
        address=address,
        organization_name=home.name,
        home_organization_name=home.name,
    )


def actor_of_user(user_id: str, organization_id: str | None = None) -> Actor:
    """The person of that id as they are now; raises `ACCOUNT_ENDED` when they are gone."""
    with system_session(read_only=True) as session:
        user = session.get(User, user_id)
        if user is None:
            raise ACCOUNT_ENDED()
        return actor_for(session, user, organization_id)


def _granted(session: Session, user: User, home: Organization) -> tuple[set[str], set[str]]:
    """Role labels granted at home, and those granted through access groups.

    Partner Administrator counts through an access group only (AC-44).
    """
    query = select(Group.kind, Group.roles).join(GroupMember).where(GroupMember.user_id == user.id)
    granted, partner = {*home.roles, *user.roles}, set[str]()
    for kind, roles in session.execute(query):
        (partner if kind == GroupKind.CHILD_ACCESS else granted).update(roles)
    return granted - {Role.PARTNER_ADMINISTRATOR.value}, partner


def place_of_work(
    session: Session, home: Organization, organization_id: str | None, partner: Collection[str]
) -> Organization:
    """`home`, or the customer of it named, which who has roles in customers may enter; raises `NOT_FOUND`."""
    if organization_id in (None, home.id):
        return home
    place = session.get(Organization, organization_id)
    if place is None or place.parent_id != home.id or place.status != OrganizationStatus.ACTIVE or not partner:
        raise NOT_FOUND(what="organization")
    return place
