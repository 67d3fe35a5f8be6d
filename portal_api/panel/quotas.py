"""What a person has used of their quotas, for the dialog of the home screen (SC-107, PR-83)."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from domain.organizations.permissions import Permission
from domain.print_quotas.own import own_quota as own_print_quota
from domain.quotas.rules import SERVICE_TITLES
from domain.quotas.usage import own_quota
from domain.texts.catalogue import translate
from portal_api.api.print_quotas import StandingPublic
from portal_api.panel.access import NOBODY, PanelVisitor, Visitor

router = APIRouter(prefix="/api")


class ServiceLine(BaseModel):
    """A service that the person has a quota for, in pages. Limit and rest are None where it is unlimited."""

    service: str
    used: int
    limit: int | None
    left: int | None


class Quotas(BaseModel):
    """The services by name, and the print quota of this month (None: there is none)."""

    services: list[ServiceLine]
    printing: StandingPublic | None = Field(None)


@router.get("/quotas", responses=NOBODY)
def get_quotas(at: PanelVisitor) -> Quotas:
    """Used pages by service, and the print quota."""
    return Quotas(services=_services(at), printing=_printing(at))


def _services(at: Visitor) -> list[ServiceLine]:
    if not at.actor.may(Permission.OWN_QUOTA):
        return []
    return [
        ServiceLine(
            service=translate(SERVICE_TITLES[one.service], at.locale), used=one.used, limit=one.limit, left=one.left
        )
        for one in own_quota(at.actor).services
    ]


def _printing(at: Visitor) -> StandingPublic | None:
    found = own_print_quota(at.actor) if at.actor.may(Permission.PRINT_OWN_QUEUE) else None
    return StandingPublic.of(found.standing) if found else None
