"""How page quotas look in the API."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, Strict

from domain.quotas.billing import CustomerBilling, Cycle, CycleRule, Used
from domain.quotas.distribution_views import DistributionView, ServicePages
from domain.quotas.distributions import Recipient
from domain.quotas.models import Duration, QuotaKind
from domain.quotas.rules import Pages, ServiceState
from domain.quotas.terms import Terms
from domain.quotas.usage import OwnQuota, PersonUse, ServiceUse
from domain.quotas.user_quotas import CustomQuota
from domain.texts.catalogue import translate_message
from steps.contract import Service

UNLIMITED: Literal["unlimited"] = "unlimited"
Amount = Annotated[int, Strict()] | Literal["unlimited"]
Amounts = dict[Service, Amount]
"""Pages by service: a number, or “unlimited”."""


def pages_of(amounts: Amounts) -> Pages:
    """The amounts as the services take them."""
    return {service: amount if isinstance(amount, int) else None for service, amount in amounts.items()}


def amounts_of(pages: Pages) -> Amounts:
    """The amounts as programs read them."""
    return {service: amount_of(amount) for service, amount in pages.items()}


def amount_of(pages: int | None) -> Amount:
    """A number of pages, or “unlimited”."""
    return UNLIMITED if pages is None else pages


class DistributionTerms(BaseModel):
    """What a distribution is to be. A service that is missing in `pages` gets none."""

    duration: Duration = Field(description="`USAGE` is for organizations that are nobody's customer only.")
    pages: Amounts = Field({}, description="Limits by service; “unlimited” needs the duration `CUSTOM`.")
    expires_on: date | None = Field(None, description="Last day of a `CUSTOM` distribution, inclusive.")
    custom_confirmed: bool = Field(False, description="Must be true when the duration becomes `CUSTOM`.")
    notify: list[Annotated[str, Field(max_length=255)]] | None = Field(
        None, max_length=100, description="Addresses told once when it is almost empty, at most 10; null: no notice."
    )

    def terms(self) -> Terms:
        """The terms as the service takes them."""
        notify = None if self.notify is None else tuple(self.notify)
        return Terms(self.duration, pages_of(self.pages), self.expires_on, notify, self.custom_confirmed)


class DistributionCreate(DistributionTerms):
    """A distribution to make, and for whom."""

    organization_id: str | None = Field(
        None, max_length=32, description="The customer; null: one's own organization, if it has no customers."
    )


class ServicePagesPublic(BaseModel):
    """One service of a distribution."""

    service: Service
    state: ServiceState
    limit: Amount
    used: int
    reserved: int = Field(description="Held for steps at work.")
    handed_out: int = Field(description="Given to customers of the organization.")
    left: Amount
    percent_left: int | None

    @classmethod
    def of(cls, one: ServicePages) -> "ServicePagesPublic":
        return cls(
            service=one.service,
            state=one.state,
            limit=amount_of(one.limit),
            used=one.used,
            reserved=one.reserved,
            handed_out=one.handed_out,
            left=amount_of(one.left),
            percent_left=one.percent,
        )


class DistributionPublic(BaseModel):
    """The pages of an organization. `expires_on` is null unless the duration is `CUSTOM`."""

    id: str
    duration: Duration
    state: ServiceState
    expires_on: date | None
    services: list[ServicePagesPublic]
    notify: list[str]
    created: datetime
    changed: datetime

    @classmethod
    def of(cls, view: DistributionView) -> "DistributionPublic":
        return cls(
            id=view.id,
            duration=view.duration,
            state=view.state,
            expires_on=view.expires_on,
            services=[ServicePagesPublic.of(one) for one in view.services],
            notify=list(view.notify),
            created=view.created,
            changed=view.changed,
        )


class RecipientPublic(BaseModel):
    """An organization and its newest distribution; null: it never had one."""

    organization_id: str
    organization_name: str
    may_set: bool = Field(description="Whether you may change it.")
    distribution: DistributionPublic | None

    @classmethod
    def of(cls, one: Recipient) -> "RecipientPublic":
        return cls(
            organization_id=one.organization_id,
            organization_name=one.organization_name,
            may_set=one.may_set,
            distribution=DistributionPublic.of(one.distribution) if one.distribution else None,
        )


class ServiceUsePublic(BaseModel):
    """A person's quota of one service. `used` counts against `limit`; `own` are the person's own pages."""

    service: Service
    state: ServiceState
    source: QuotaKind | None = Field(description="Which quota it is; null: none is set, everybody shares.")
    is_shared: bool
    limit: Amount
    used: int
    own: int
    left: Amount
    percent_left: int | None

    @classmethod
    def of(cls, one: ServiceUse) -> "ServiceUsePublic":
        return cls(
            service=one.service,
            state=one.state,
            source=one.source,
            is_shared=one.is_shared,
            limit=amount_of(one.limit),
            used=one.used,
            own=one.own,
            left=amount_of(one.left),
            percent_left=one.percent,
        )


class OwnQuotaPublic(BaseModel):
    """One's own quota: the services of which there are pages, and until when."""

    services: list[ServiceUsePublic]
    duration: Duration | None
    expires_on: date | None

    @classmethod
    def of(cls, own: OwnQuota) -> "OwnQuotaPublic":
        services = [ServiceUsePublic.of(one) for one in own.services]
        return cls(services=services, duration=own.duration, expires_on=own.expires_on)


class PersonUsePublic(BaseModel):
    """What one person used of their quotas."""

    user_id: str
    email: str
    name: str
    department: str
    cost_center: str
    source: QuotaKind
    services: list[ServiceUsePublic]

    @classmethod
    def of(cls, one: PersonUse, locale: str) -> "PersonUsePublic":
        return cls(
            user_id=one.user_id,
            email=one.email,
            name=one.name if isinstance(one.name, str) else translate_message(one.name, locale),
            department=one.department,
            cost_center=one.cost_center,
            source=one.source,
            services=[ServiceUsePublic.of(use) for use in one.services],
        )


class UsagePage(BaseModel):
    """Some people, by e-mail address. `next` is the `after` of the following page, null on the last."""

    items: list[PersonUsePublic]
    next: str | None


class CustomQuotaPublic(BaseModel):
    """A custom quota. `members`: the people whom it concerns."""

    id: str
    kind: QuotaKind
    name: str
    pages: Amounts
    pooled: bool
    members: int
    changed: datetime

    @classmethod
    def of(cls, one: CustomQuota) -> "CustomQuotaPublic":
        return cls(
            id=one.id,
            kind=one.kind,
            name=one.name,
            pages=amounts_of(one.pages),
            pooled=one.pooled,
            members=one.members,
            changed=one.changed,
        )


class CyclePublic(BaseModel):
    """A billing cycle by its first and last day, inclusive."""

    first: date
    last: date

    @classmethod
    def of(cls, cycle: Cycle) -> "CyclePublic":
        return cls(first=cycle.first, last=cycle.last)


class CustomerBillingPublic(BaseModel):
    """What a customer used in the previous billing cycle and in the present one, and when the next one begins."""

    organization_id: str
    organization_name: str
    previous: CyclePublic
    previous_used: Used
    current: CyclePublic
    current_used: Used
    upcoming: CyclePublic

    @classmethod
    def of(cls, one: CustomerBilling) -> "CustomerBillingPublic":
        return cls(
            organization_id=one.organization_id,
            organization_name=one.organization_name,
            previous=CyclePublic.of(one.previous),
            previous_used=one.previous_used,
            current=CyclePublic.of(one.current),
            current_used=one.current_used,
            upcoming=CyclePublic.of(one.upcoming),
        )


class CycleSetting(BaseModel):
    """Cycles of `months` that begin on `day`, one of them in `first_month`."""

    months: int = Field(1, description="1, 2, 3, 6 or 12.")
    first_month: int = Field(1, description="1 to 12.")
    day: int = Field(1, description="1 to 28.")

    @classmethod
    def of(cls, rule: CycleRule) -> "CycleSetting":
        return cls(months=rule.months, first_month=rule.first_month, day=rule.day)

    def rule(self) -> CycleRule:
        """The rule as the service takes it."""
        return CycleRule(self.months, self.first_month, self.day)
