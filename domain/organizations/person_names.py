"""Names of people for lists: those of an organization, and its partner's people who did something there as visitors."""

from collections.abc import Collection

from sqlalchemy import select

from domain.organizations.models import Organization, User, UserStatus
from domain.tenancy import system_session


def person_names(organization_id: str, user_ids: Collection[str]) -> dict[str, str]:
    """The names by id that people of the organization may read.

    A partner's person is followed by the partner's name in parentheses. Who is deleted, or of any other organization,
    is left out.
    """
    wanted = set(user_ids) - {""}
    if not wanted:
        return {}
    with system_session(read_only=True) as session:
        here = session.get(Organization, organization_id)
        if here is None:
            return {}
        query = (
            select(User.id, User.name, User.organization_id, Organization.name)
            .join(Organization, Organization.id == User.organization_id)
            .where(
                User.id.in_(wanted),
                User.status != UserStatus.DELETED,
                User.organization_id.in_([here.id, here.parent_id or here.id]),
            )
        )
        return {
            user_id: name if home_id == here.id else f"{name} ({home})"
            for user_id, name, home_id, home in session.execute(query)
        }
