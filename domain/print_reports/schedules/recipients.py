"""Who gets a scheduled report: people who can sign in where it is made, and whoever it is made for.

Reports hold names of people, so that a link works for nobody outside and for nobody whose account has ended.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.models import User, UserStatus

UNKNOWN_RECIPIENT = Fault(
    "print_report_schedule.recipient",
    422,
    N_("Nobody with the address {address} can sign in to this organization."),
    N_("Choose people who have an account here: a report is read after signing in."),
)


def recipient_ids(session: Session, organization_id: str, issuer_id: str, addresses: Sequence[str]) -> list[str]:
    """The ids of the people with these addresses; raises `UNKNOWN_RECIPIENT`. `session` sees all organizations."""
    people = {
        person.email: person.id
        for person in session.scalars(
            select(User).where(User.email.in_(addresses), *_readers(organization_id, issuer_id))
        )
    }
    for address in addresses:
        if address not in people:
            raise UNKNOWN_RECIPIENT(address=address)
    return [people[address] for address in addresses]


def people_of(session: Session, organization_id: str, issuer_id: str, ids: Collection[str]) -> list[User]:
    """Those of the people who can still sign in, by their addresses; `session` sees all organizations."""
    query = select(User).where(User.id.in_(list(ids)), *_readers(organization_id, issuer_id)).order_by(User.email)
    return list(session.scalars(query))


def _readers(organization_id: str, issuer_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        User.status == UserStatus.ACTIVE,
        or_(User.organization_id == organization_id, User.id == issuer_id),
    )
