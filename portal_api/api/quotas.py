"""Quotas of people: one's own, the default, custom ones, and what everybody used (SQ-40…SQ-82)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.quotas import distributions, usage, user_quotas
from domain.quotas.models import QuotaKind
from domain.quotas.terms import BAD_LIMIT
from domain.quotas.usage import UsageFilter
from domain.quotas.user_quotas import NAME_MISSING, NOT_REGISTERED, NOTHING_SET, OTHER_KIND, SET_ALREADY
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.api.quota_models import (
    Amounts,
    CustomQuotaPublic,
    OwnQuotaPublic,
    PersonUsePublic,
    RecipientPublic,
    UsagePage,
    amounts_of,
    pages_of,
)
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

Owner = Annotated[Actor, needs(Permission.OWN_QUOTA)]
QuotaManager = Annotated[Actor, needs(Permission.QUOTAS_MANAGE)]
DistributionViewer = Annotated[Actor, needs(Permission.QUOTAS_DISTRIBUTION_VIEW)]
CustomKind = Literal[QuotaKind.PERSONAL, QuotaKind.COST_CENTER, QuotaKind.DEPARTMENT]

router = APIRouter(prefix="/quotas", tags=["quotas"])


class DefaultQuota(BaseModel):
    """The quota of everybody without a custom one. A service that is missing is not set: everybody shares it."""

    pages: Amounts = Field(description="A number of pages, or “unlimited”, by service.")


class QuotaValues(BaseModel):
    """What a custom quota allows. A service that is missing is not overridden; 0 is no pages."""

    pages: Amounts
    pooled: bool = Field(False, description="All members together have the pages, instead of each.")


class CustomQuotaCreate(QuotaValues):
    """A custom quota, and for whom."""

    kind: CustomKind
    name: str = Field(
        max_length=255, description="The person's e-mail address, or the exact name of the cost centre or department."
    )


class CustomQuotasPublic(BaseModel):
    """The custom quotas, and the kinds of groups that quotas can still be made for."""

    quotas: list[CustomQuotaPublic]
    open_kinds: list[QuotaKind]


@router.get("/mine", operation_id="get_own_quota")
def get_own_quota(actor: Owner) -> OwnQuotaPublic:
    """What one has used and has left: what panels and the Solution Center show."""
    return OwnQuotaPublic.of(usage.own_quota(actor))


@router.get("/distribution", operation_id="get_own_distribution")
def get_own_distribution(actor: DistributionViewer) -> RecipientPublic:
    """What one's organization was given and has used of it."""
    return RecipientPublic.of(distributions.get_distribution(actor, actor.organization_id))


@router.get("/default", operation_id="get_default_quota")
def get_default_quota(actor: QuotaManager) -> DefaultQuota:
    """The default quota."""
    return DefaultQuota(pages=amounts_of(user_quotas.default_quota(actor)))


@router.put("/default", operation_id="update_default_quota", responses=documented(BAD_LIMIT))
def update_default_quota(actor: QuotaManager, given: DefaultQuota) -> DefaultQuota:
    """Set the default quota for the services named, and unset it for the others."""
    user_quotas.set_default_quota(actor, pages_of(given.pages))
    return DefaultQuota(pages=amounts_of(user_quotas.default_quota(actor)))


@router.get("/custom", operation_id="list_custom_quotas")
def list_custom_quotas(
    actor: QuotaManager,
    kind: Annotated[CustomKind | None, Query()] = None,
    search: Annotated[str, Query(max_length=255, description="Part of the name or address.")] = "",
) -> CustomQuotasPublic:
    """The custom quotas, by kind and name."""
    found = user_quotas.list_custom_quotas(actor, kind, search)
    return CustomQuotasPublic(
        quotas=[CustomQuotaPublic.of(one) for one in found.quotas], open_kinds=list(found.open_kinds)
    )


@router.post(
    "/custom",
    operation_id="create_custom_quota",
    status_code=201,
    responses=documented(NOT_REGISTERED, OTHER_KIND, SET_ALREADY, NOTHING_SET, NAME_MISSING, BAD_LIMIT),
)
def create_custom_quota(actor: QuotaManager, given: CustomQuotaCreate) -> CustomQuotaPublic:
    """A quota for one person, cost centre or department; cost centres and departments exclude each other."""
    pages = pages_of(given.pages)
    return CustomQuotaPublic.of(
        user_quotas.create_custom_quota(actor, given.kind, given.name, pages, pooled=given.pooled)
    )


@router.get("/custom/{quota_id}", operation_id="get_custom_quota", responses=documented(NOT_FOUND))
def get_custom_quota(actor: QuotaManager, quota_id: str) -> CustomQuotaPublic:
    """One custom quota."""
    return CustomQuotaPublic.of(user_quotas.get_custom_quota(actor, quota_id))


@router.put(
    "/custom/{quota_id}",
    operation_id="update_custom_quota",
    responses=documented(NOT_FOUND, NOTHING_SET, BAD_LIMIT),
)
def update_custom_quota(actor: QuotaManager, quota_id: str, given: QuotaValues) -> CustomQuotaPublic:
    """Change what a custom quota allows."""
    return CustomQuotaPublic.of(
        user_quotas.update_custom_quota(actor, quota_id, pages_of(given.pages), pooled=given.pooled)
    )


@router.delete(
    "/custom/{quota_id}", operation_id="delete_custom_quota", status_code=204, responses=documented(NOT_FOUND)
)
def delete_custom_quota(actor: QuotaManager, quota_id: str) -> None:
    """Delete a custom quota."""
    user_quotas.delete_custom_quota(actor, quota_id)


@router.get("/usage", operation_id="list_quota_usage")
def list_quota_usage(
    actor: QuotaManager,
    locale: ReaderLocale,
    search: Annotated[str, Query(max_length=255, description="Part of the name or address.")] = "",
    most_percent: Annotated[
        int | None, Query(ge=0, le=100, description="Only people with at most so much left of some service.")
    ] = None,
    source: Annotated[QuotaKind | None, Query(description="Only people with that kind of quota.")] = None,
    after: Annotated[str, Query(max_length=255, description="The `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> UsagePage:
    """What people used of their quotas, by e-mail address."""
    found = usage.list_usage(actor, UsageFilter(search, most_percent, source, after, limit))
    following = found[-1].email if len(found) == limit else None
    return UsagePage(items=[PersonUsePublic.of(one, locale) for one in found], next=following)
