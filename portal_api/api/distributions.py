"""Distributions of pages to organizations, and how partners bill them (SQ-20…SQ-39, SQ-84)."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.quotas import billing, distributions
from domain.quotas.billing import BAD_CYCLE
from domain.quotas.distributions import (
    FIRST_LEVEL_ONLY,
    HAS_ENDED,
    NAME_DIFFERS,
    NOT_SUSPENDED,
    OPEN_ALREADY,
    ORGANIZATION_NEEDED,
    SUSPENDED_ALREADY,
)
from domain.quotas.partner_balance import TOO_MANY_PAGES, UNLIMITED_NOT_OWNED
from domain.quotas.reach import NOT_YOURS_TO_SET
from domain.quotas.terms import (
    BAD_ADDRESS,
    BAD_LIMIT,
    CUSTOM_UNCONFIRMED,
    EXPIRY_MISSING,
    EXPIRY_PAST,
    NO_ADDRESSES,
    NOTHING_GIVEN,
    TOO_MANY_ADDRESSES,
    UNLIMITED_NEEDS_CUSTOM,
)
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.api.quota_models import (
    CustomerBillingPublic,
    CycleSetting,
    DistributionCreate,
    DistributionPublic,
    DistributionTerms,
    RecipientPublic,
)
from portal_api.problems import documented
from steps.contract import Service

Distributor = Annotated[Actor, needs(Permission.QUOTAS_DISTRIBUTIONS_OPEN)]
Biller = Annotated[Actor, needs(Permission.QUOTAS_BILLING_VIEW)]
BillingManager = Annotated[Actor, needs(Permission.QUOTAS_DISTRIBUTIONS_MANAGE)]

router = APIRouter(tags=["distributions"])
TERMS_FAULTS = (
    CUSTOM_UNCONFIRMED,
    EXPIRY_MISSING,
    EXPIRY_PAST,
    UNLIMITED_NEEDS_CUSTOM,
    NOTHING_GIVEN,
    BAD_LIMIT,
    NO_ADDRESSES,
    TOO_MANY_ADDRESSES,
    BAD_ADDRESS,
    TOO_MANY_PAGES,
    UNLIMITED_NOT_OWNED,
    FIRST_LEVEL_ONLY,
    NOT_YOURS_TO_SET,
)


class ServicesChosen(BaseModel):
    """Which services it concerns; none named: all of them."""

    services: list[Service] = Field([], max_length=10)


def _services(given: ServicesChosen | None) -> list[Service]:
    return given.services if given else []


class Revocation(BaseModel):
    """The confirmation of a revocation."""

    name: str = Field(max_length=255, description="The organization's name, exactly.")


@router.get("/distributions", operation_id="list_distributions")
def list_distributions(
    actor: Distributor,
    search: Annotated[str, Query(max_length=255, description="Part of the organization's name.")] = "",
) -> list[RecipientPublic]:
    """One's own organization and the customers whose distribution one may manage, with what they have left."""
    return [RecipientPublic.of(one) for one in distributions.list_distributions(actor, search)]


@router.post(
    "/distributions",
    operation_id="create_distribution",
    status_code=201,
    responses=documented(ORGANIZATION_NEEDED, OPEN_ALREADY, *TERMS_FAULTS),
)
def create_distribution(actor: Distributor, given: DistributionCreate) -> DistributionPublic:
    """Give pages to an organization. It has one open distribution at a time; an expired one is closed by this."""
    return DistributionPublic.of(distributions.create_distribution(actor, given.organization_id, given.terms()))


@router.get("/distributions/{organization_id}", operation_id="get_distribution", responses=documented(NOT_FOUND))
def get_distribution(actor: Distributor, organization_id: str) -> RecipientPublic:
    """The organization's newest distribution."""
    return RecipientPublic.of(distributions.get_distribution(actor, organization_id))


@router.put(
    "/distributions/{organization_id}",
    operation_id="edit_distribution",
    responses=documented(NOT_FOUND, HAS_ENDED, *TERMS_FAULTS),
)
def edit_distribution(actor: Distributor, organization_id: str, given: DistributionTerms) -> DistributionPublic:
    """Change the open distribution; an expired one becomes active by a new expiry date."""
    return DistributionPublic.of(distributions.edit_distribution(actor, organization_id, given.terms()))


@router.post(
    "/distributions/{organization_id}/suspend",
    operation_id="suspend_distribution",
    responses=documented(NOT_FOUND, NOT_YOURS_TO_SET, HAS_ENDED, SUSPENDED_ALREADY),
)
def suspend_distribution(
    actor: Distributor, organization_id: str, given: ServicesChosen | None = None
) -> DistributionPublic:
    """Pause services until they are resumed; a step at work may finish."""
    return DistributionPublic.of(distributions.suspend_distribution(actor, organization_id, _services(given)))


@router.post(
    "/distributions/{organization_id}/resume",
    operation_id="resume_distribution",
    responses=documented(NOT_FOUND, NOT_YOURS_TO_SET, HAS_ENDED, NOT_SUSPENDED),
)
def resume_distribution(
    actor: Distributor, organization_id: str, given: ServicesChosen | None = None
) -> DistributionPublic:
    """Let paused services go on."""
    return DistributionPublic.of(distributions.resume_distribution(actor, organization_id, _services(given)))


@router.post(
    "/distributions/{organization_id}/revoke",
    operation_id="revoke_distribution",
    responses=documented(NOT_FOUND, NOT_YOURS_TO_SET, HAS_ENDED, NAME_DIFFERS),
)
def revoke_distribution(actor: Distributor, organization_id: str, given: Revocation) -> DistributionPublic:
    """Cancel the organization's pages for good; what is not used returns to the partner."""
    return DistributionPublic.of(distributions.revoke_distribution(actor, organization_id, given.name))


@router.get("/quotas/billing", operation_id="list_billing")
def list_billing(actor: Biller) -> list[CustomerBillingPublic]:
    """What each customer used in the previous and the present billing cycle."""
    return [CustomerBillingPublic.of(one) for one in billing.customers_billing(actor)]


@router.get("/quotas/billing/{organization_id}", operation_id="get_billing", responses=documented(NOT_FOUND))
def get_billing(actor: Biller, organization_id: str) -> CustomerBillingPublic:
    """One customer's billing cycles."""
    return CustomerBillingPublic.of(billing.customer_billing(actor, organization_id))


@router.get("/quotas/billing-cycle", operation_id="get_billing_cycle")
def get_billing_cycle(actor: Biller) -> CycleSetting:
    """How long one's organization's billing cycles are and when they begin."""
    return CycleSetting.of(billing.billing_rule(actor))


@router.put("/quotas/billing-cycle", operation_id="update_billing_cycle", responses=documented(BAD_CYCLE))
def update_billing_cycle(actor: BillingManager, given: CycleSetting) -> CycleSetting:
    """Change them. The end of a cycle changes no limits: billing follows use."""
    rule = given.rule()
    billing.set_billing_rule(actor, rule)
    return CycleSetting.of(rule)
