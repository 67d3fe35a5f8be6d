"""What can be said before a run begins: may these services be used, and is there enough left (SQ-66, SC-E16)."""

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.models import Organization
from domain.quotas.ledger import member_of
from domain.quotas.rules import ENTITLEMENTS, SERVICE_TITLES
from domain.quotas.standing import check_left, check_quota, standing
from steps.contract import Service

NOT_ENTITLED = Fault(
    "quota.not_entitled",
    403,
    N_("Your organization does not have the service “{service}”."),
    N_("Ask your organization's administrator to have the service switched on."),
    spec="SC-19",
)


def check_entitled(organization: Organization, services: Iterable[Service]) -> None:
    """Raise `NOT_ENTITLED` for the first service that the organization is not entitled to."""
    for service in services:
        if ENTITLEMENTS[service].value not in organization.entitlements:
            raise NOT_ENTITLED(service=SERVICE_TITLES[service])


def check_services(actor: Actor, services: Iterable[Service]) -> None:
    """Raise `NOT_ENTITLED` where the organization in which `actor` works lacks one of the services."""
    wanted = list(services)
    if wanted:
        with actor.session(read_only=True) as session:
            check_entitled(session.get_one(Organization, actor.organization_id), wanted)


def check_demands(actor: Actor, demands: Mapping[Service, int]) -> None:
    """Raise what keeps the actor from using so many pages of the services now; nothing is held.

    Raises the faults of `domain.quotas.standing`.
    """
    if not demands:
        return
    with actor.session(read_only=True) as session:
        organization = session.get_one(Organization, actor.organization_id)
        for service, needed in demands.items():
            _check(session, actor, organization, service, needed)


def hindrances(actor: Actor) -> dict[Service, PressroomError]:
    """For each service that the actor cannot use for a single page now, why not (SC-110)."""
    found: dict[Service, PressroomError] = {}
    with actor.session(read_only=True) as session:
        organization = session.get_one(Organization, actor.organization_id)
        for service in Service:
            try:
                check_entitled(organization, [service])
                _check(session, actor, organization, service, 1)
            except PressroomError as error:
                found[service] = error
    return found


def _check(session: Session, actor: Actor, organization: Organization, service: Service, needed: int) -> None:
    found = standing(session, organization, service)
    check_left(found, needed)
    check_quota(session, found, member_of(session, actor.user_id), needed)
