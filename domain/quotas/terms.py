"""What a distribution is to be, and what is allowed: duration, limits, expiry date, addresses (SQ-20…SQ-29)."""

from dataclasses import dataclass
from datetime import date

from connectors.errors import Fault
from connectors.mail_addresses import each_once, wire_address
from connectors.messages import N_
from domain.quotas.models import Duration
from domain.quotas.rules import MOST_PAGES, SERVICE_TITLES, Pages
from steps.contract import Service

MOST_ADDRESSES = 10

EXPIRY_MISSING = Fault(
    "quota.expiry_missing",
    422,
    N_("A distribution of custom duration needs an expiry date."),
    N_("Choose the last day on which the pages may be used."),
    spec="SQ-E02",
)
EXPIRY_PAST = Fault(
    "quota.expiry_past",
    422,
    N_("The expiry date {date} is over already where the organization is."),
    N_("Choose today or a later day."),
    spec="SQ-E02",
)
CUSTOM_UNCONFIRMED = Fault(
    "quota.custom_unconfirmed",
    422,
    N_("The change to a custom duration was not confirmed."),
    N_("Confirm that the pages are to end on the expiry date even if some are left."),
    spec="SQ-E03",
)
UNLIMITED_NEEDS_CUSTOM = Fault(
    "quota.unlimited_needs_custom",
    422,
    N_("Unlimited pages of “{service}” need a custom duration."),
    N_("Choose a custom duration, or set a page limit."),
    spec="SQ-24",
)
NOTHING_GIVEN = Fault(
    "quota.nothing_given",
    422,
    N_("The distribution holds no pages of any service."),
    N_("Set a page limit above 0 for at least one service."),
    spec="SQ-27",
)
BAD_LIMIT = Fault(
    "quota.bad_limit",
    422,
    N_("{pages} is no possible number of pages for “{service}”."),
    N_("Give a whole number from 0 to {most}."),
    spec="SQ-27",
)
NO_ADDRESSES = Fault(
    "quota.no_addresses",
    422,
    N_("Nobody was named for the notice that the distribution is almost empty."),
    N_("Add at least one e-mail address, or switch the notice off."),
    spec="SQ-E05",
)
TOO_MANY_ADDRESSES = Fault(
    "quota.too_many_addresses",
    422,
    N_("A notice goes to at most {limit} addresses, not to {count}."),
    N_("Remove some addresses, or use one that forwards to several people."),
    spec="SQ-E05",
)
BAD_ADDRESS = Fault(
    "quota.bad_address",
    422,
    N_("“{address}” is no e-mail address."),
    N_("Correct the address."),
    spec="SQ-E05",
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What somebody wants a distribution to be.

    `pages` names a limit for each service (None: unlimited; a missing service has no pages). `notify` are the addresses
    for the notice that it is almost empty; None: no notice. `custom_confirmed` says that the person confirmed the
    change to a custom duration (SQ-21).
    """

    duration: Duration
    pages: Pages
    expires_on: date | None = None
    notify: tuple[str, ...] | None = None
    custom_confirmed: bool = False

    def limit(self, service: Service) -> int | None:
        """The service's limit: None is unlimited."""
        return None if self.duration is Duration.USAGE else self.pages.get(service, 0)


def check_terms(terms: Terms, today: date, before: Duration | None) -> None:
    """Raise the first fault of the terms; `today` is the organization's, `before` the duration that is replaced."""
    if terms.duration is Duration.CUSTOM:
        if before is not Duration.CUSTOM and not terms.custom_confirmed:
            raise CUSTOM_UNCONFIRMED()
        if terms.expires_on is None:
            raise EXPIRY_MISSING()
        if terms.expires_on < today:
            raise EXPIRY_PAST(date=terms.expires_on.isoformat())
    if terms.duration is not Duration.USAGE:
        check_pages(terms.pages)
        _check_given(terms)
    if terms.notify is not None:
        _check_addresses(terms.notify)


def check_pages(pages: Pages) -> None:
    """Raise `BAD_LIMIT` for an amount below 0 or beyond all measure."""
    for service, amount in pages.items():
        if amount is not None and not 0 <= amount <= MOST_PAGES:
            raise BAD_LIMIT(pages=amount, service=SERVICE_TITLES[service], most=MOST_PAGES)


def addresses(terms: Terms) -> list[str]:
    """Where the notice goes, each address once."""
    return list(each_once(*(address.strip() for address in terms.notify or ())))


def is_address(text: str) -> bool:
    """Whether a notice can be sent there."""
    return wire_address(text.strip()) is not None


def _check_given(terms: Terms) -> None:
    limits = {service: terms.limit(service) for service in Service}
    for service, limit in limits.items():
        if limit is None and terms.duration is not Duration.CUSTOM:
            raise UNLIMITED_NEEDS_CUSTOM(service=SERVICE_TITLES[service])
    if all(limit == 0 for limit in limits.values()):
        raise NOTHING_GIVEN()


def _check_addresses(given: tuple[str, ...]) -> None:
    if not given:
        raise NO_ADDRESSES()
    if len(given) > MOST_ADDRESSES:
        raise TOO_MANY_ADDRESSES(limit=MOST_ADDRESSES, count=len(given))
    for address in given:
        if not is_address(address):
            raise BAD_ADDRESS(address=address.strip())
