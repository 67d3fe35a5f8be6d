"""An organization that has an administrator keeps one, whatever is changed, by however many people (AC-2, AC-46).

Every change by which somebody could cease to be Organization Administrator happens inside `administrators_kept`: roles
taken from a person, a group or the organization, members removed, groups deleted, people deactivated or deleted,
services taken away. What is changed there must be read there, after the organization's row is locked.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Select, String, cast, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.federation.routing import is_federated
from domain.organizations.models import Group, GroupKind, GroupMember, Organization, User, UserStatus
from domain.organizations.roles import Role
from domain.tenancy import NOT_FOUND

LAST_ADMINISTRATOR = Fault(
    "organization.last_administrator",
    409,
    N_("Then nobody would be left who administers the organization."),
    N_("Make somebody else Organization Administrator first."),
)


@contextmanager
def administrators_kept(session: Session, organization_id: str) -> Iterator[Organization]:
    """A block of changes of roles, members or people, one at a time in an organization; yields its locked row.

    Raises `LAST_ADMINISTRATOR` at its end if it took the last active Organization Administrator; the transaction must
    then be given up, which an exception that leaves the session's own block does. A customer that never had an
    administrator of its own (its partner's people administer it) is not asked for one.
    """
    organization = lock_organization(session, organization_id)
    had_one = is_administered(session, organization)
    yield organization
    session.flush()
    if had_one and not is_administered(session, organization):
        raise LAST_ADMINISTRATOR()


def lock_organization(session: Session, organization_id: str) -> Organization:
    """The organization's row as it is now, locked until the transaction ends; new rows may still refer to it.

    SQLite has one writer at a time anyway. Raises `NOT_FOUND`.
    """
    query = select(Organization).where(Organization.id == organization_id).with_for_update(key_share=True)
    organization = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if organization is None:
        raise NOT_FOUND(what="organization")
    return organization


def is_administered(session: Session, organization: Organization) -> bool:
    """Whether the organization has an active Organization Administrator.

    Where people sign in at an identity provider, only one with a password counts: it is the way back in when the
    provider fails (AC-123).
    """
    query = active_administrators(organization)
    if is_federated(session, organization.id):
        query = query.where(User.password_hash != "")
    return session.scalar(query.limit(1)) is not None


def active_administrators(organization: Organization) -> Select[tuple[User]]:
    """The active people of the organization who are Organization Administrator, by any of the three levels."""
    query = select(User).where(User.organization_id == organization.id, User.status == UserStatus.ACTIVE)
    if Role.ORGANIZATION_ADMINISTRATOR in organization.roles:
        return query
    by_group = (
        select(GroupMember.user_id)
        .join(Group)
        .where(
            Group.organization_id == organization.id,
            Group.kind != GroupKind.CHILD_ACCESS,
            has_role(Group.roles, Role.ORGANIZATION_ADMINISTRATOR),
        )
    )
    return query.where(or_(has_role(User.roles, Role.ORGANIZATION_ADMINISTRATOR), User.id.in_(by_group)))


def has_role(column: InstrumentedAttribute[list[str]], role: Role) -> ColumnElement[bool]:
    """The condition that a kept list of labels holds `role`, in the one form that both databases know."""
    return cast(column, String).like(f'%"{role.value}"%')
