"""What readers see of distributions: plain, frozen values for the API, the pages and the cards."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from domain.organizations.models import Organization, now
from domain.quotas.models import DistributedPages, Distribution, Duration
from domain.quotas.rules import ServiceState, percent_left, remaining, service_state, state_at
from domain.quotas.standing import pages_of
from steps.contract import Service


@dataclass(frozen=True, slots=True)
class ServicePages:
    """One service of a distribution. `limit` and `left` None: unlimited; `handed_out`: to customers."""

    service: Service
    state: ServiceState
    limit: int | None
    used: int
    reserved: int
    handed_out: int
    left: int | None

    @property
    def percent(self) -> int | None:
        """How much is left, in percent."""
        return percent_left(self.limit, self.left)

    @property
    def is_given(self) -> bool:
        """Whether the distribution holds pages of the service at all."""
        return self.limit != 0


@dataclass(frozen=True, slots=True)
class DistributionView:
    """A distribution as its partner and its organization see it; `expires_on` is there for custom ones only (SQ-33)."""

    id: str
    organization_id: str
    organization_name: str
    duration: Duration
    state: ServiceState
    expires_on: date | None
    services: tuple[ServicePages, ...]
    notify: tuple[str, ...]
    created: datetime
    changed: datetime

    def pages(self, service: Service) -> ServicePages:
        """One service of it."""
        return next(one for one in self.services if one.service is service)


def distribution_view(session: Session, organization: Organization, row: Distribution) -> DistributionView:
    """The distribution `row` of `organization` as it is now."""
    state = state_at(row, organization.time_zone, now())
    services = tuple(
        _service_pages(service, pages, service_state(state, pages))
        for service, pages in pages_of(session, row.id).items()
    )
    return DistributionView(
        row.id,
        organization.id,
        organization.name,
        Duration(row.duration),
        _whole_state(services),
        row.expires_on,
        services,
        tuple(row.notify),
        row.created,
        row.changed,
    )


def _service_pages(service: Service, pages: DistributedPages, state: ServiceState) -> ServicePages:
    return ServicePages(
        service, state, pages.page_limit, pages.used, pages.reserved, pages.handed_out, remaining(pages)
    )


def _whole_state(services: Iterable[ServicePages]) -> ServiceState:
    """The state of the whole: it is as good as its best service."""
    present = {one.state for one in services if one.is_given}
    return next(state for state in ServiceState if state in present)
