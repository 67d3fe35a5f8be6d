"""Finding the rows that somebody wants to see or to change."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor, actor_for
from domain.organizations.grants import check_power_over
from domain.organizations.models import NO_ACCOUNT, Group, GroupKind, User
from domain.tenancy import NOT_FOUND, system_session

TOO_MANY = Fault(
    "people.too_many",
    422,
    N_("At most {limit} can be changed at once."),
    N_("Change them in several goes, or import a file."),
)
MOST_AT_ONCE = 1000


def person_row(session: Session, user_id: str) -> User:
    """The person of that id in the session's organization, unless deleted; raises `NOT_FOUND`."""
    person = session.scalar(select(User).where(User.id == user_id, User.status.not_in(NO_ACCOUNT)))
    if person is None:
        raise NOT_FOUND(what="person")
    return person


def changeable_people(session: Session, actor: Actor, user_ids: Collection[str]) -> Sequence[User]:
    """The people of these ids, if `actor` has power over all of them (AC-46).

    Raises `NOT_FOUND` where one is not there or of another organization, `ROLE_MISSING` and `TOO_MANY`.
    """
    wanted = list(dict.fromkeys(user_ids))
    if len(wanted) > MOST_AT_ONCE:
        raise TOO_MANY(limit=MOST_AT_ONCE)
    query = select(User).where(
        User.organization_id == actor.organization_id, User.id.in_(wanted), User.status.not_in(NO_ACCOUNT)
    )
    people = session.scalars(query.order_by(User.email)).all()
    if len(people) != len(wanted):
        raise NOT_FOUND(what="person")
    check_power_over(session, actor, wanted)
    return people


def actor_of_address(email: str) -> Actor:
    """The person with that address in their own organization, for commands on the machine; raises `NOT_FOUND`."""
    with system_session(read_only=True) as session:
        person = session.scalar(select(User).where(User.email == email.strip().lower()))
        if person is None:
            raise NOT_FOUND(what="person")
        return actor_for(session, person)


def group_row(session: Session, group_id: str) -> Group:
    """The normal or predefined group of that id in the session's organization; raises `NOT_FOUND`."""
    group = session.scalar(select(Group).where(Group.id == group_id, Group.kind != GroupKind.CHILD_ACCESS))
    if group is None:
        raise NOT_FOUND(what="group")
    return group
