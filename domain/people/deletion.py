"""Deleting people: the row stays as a stable pseudonym, everything personal goes (AC-83, AC-84, AC-198).

What hangs on a person goes as if their row were deleted: each foreign key to it says with its `ondelete` what happens,
except columns marked with `STAYS`, whose rows are counts or history. So a later table is never forgotten. This
concerns rows of other organizations too, such as what a partner's person left at a customer's.
"""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Column, delete, update
from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from domain.audit.service import record
from domain.mail.service import forget_recipients
from domain.organizations.actor import Actor
from domain.organizations.last_administrator import administrators_kept
from domain.organizations.memberships import end_memberships
from domain.organizations.models import STAYS, User, UserStatus, now
from domain.organizations.permissions import Permission
from domain.people.rows import changeable_people
from domain.people.service import YOURSELF
from domain.solutions.definition import SolutionType
from domain.solutions.models import Solution
from domain.tables import all_tables
from domain.tasks.service import forget_subject
from domain.tenancy import system_session

NOWHERE = "deleted.invalid"
"""A domain that never exists (RFC 2606), for the addresses of pseudonyms."""


def delete_people(actor: Actor, user_ids: Collection[str]) -> None:
    """Delete people for good; raises `NOT_FOUND`, `ROLE_MISSING`, `YOURSELF`, `LAST_ADMINISTRATOR`: then nobody is."""
    actor.need(Permission.USERS_DELETE)
    if actor.user_id in user_ids:
        raise YOURSELF()
    with system_session() as session, administrators_kept(session, actor.organization_id):
        people = changeable_people(session, actor, user_ids)
        for person in people:
            record(session, actor, "user.deleted", "user", person.id)
        anonymise(session, people)


def anonymise(session: Session, people: Sequence[User]) -> None:
    """Turn these people's rows into pseudonyms and remove what hangs on them; `session` sees all organizations."""
    ids = [person.id for person in people]
    end_memberships(session, ids)
    forget_recipients(session, [person.email for person in people])
    for person in people:
        forget_subject(session, person.email)
        _make_nameless(person)
    session.flush()
    session.execute(delete(Solution).where(Solution.owner_id.in_(ids), Solution.type == SolutionType.PERSONAL))
    for column, goes in references():
        rows = column.table
        if goes:
            session.execute(delete(rows).where(column.in_(ids)))
        else:
            session.execute(update(rows).where(column.in_(ids)).values({column.name: None}))


def references() -> Iterator[tuple[Column[str], bool]]:
    """Every column that refers to a person and does not stay, with whether its rows go (or lose the reference).

    Tables that others refer to come last, as when the database cascades.
    """
    for table in reversed(all_tables().sorted_tables):
        for column in table.columns:
            keys = [key for key in column.foreign_keys if key.target_fullname == f"{User.__tablename__}.id"]
            if keys and not column.info.keys() & STAYS.keys():
                yield column, keys[0].ondelete != "SET NULL"


def pseudonym(user_id: str) -> Message:
    """What reports call somebody who was deleted."""
    return Message.of(N_("Deleted person {number}"), number=user_id[:8])


def _make_nameless(person: User) -> None:
    person.status, person.ended = UserStatus.DELETED, now()
    person.email, person.name = f"{person.id}@{NOWHERE}", f"–{person.id[:8]}"
    person.first_name = person.last_name = person.short_name = person.department = person.cost_center = ""
    person.custom_attributes, person.roles, person.password_hash = {}, [], ""
    person.is_operator, person.locale, person.time_zone = False, "en", "UTC"
