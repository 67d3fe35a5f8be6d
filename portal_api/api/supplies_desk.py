"""The partner's supplies desk: how the programme runs, requests of customers' printers, orders (FL-450…FL-479)."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, SecretStr

from connectors.supplies.faults import UNKNOWN_PROGRAMME, UNSAFE_PROGRAMME
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.managed_supplies import answers
from fleet.managed_supplies.answers import Shipment, answer_requests, mark_order, release_printers
from fleet.managed_supplies.listing import (
    OrderFilter,
    RequestFilter,
    list_orders_of_customers,
    list_requests_of_customers,
)
from fleet.managed_supplies.models import OrderStanding, RequestState
from fleet.managed_supplies.programme import (
    BAD_DESK,
    UNUSABLE,
    ProgrammeSettings,
    ProgrammeView,
    change_programme,
    partner_programme,
)
from fleet.printers.filters import Id
from portal_api.access import needs
from portal_api.api.managed_supplies import Before, Limit, OrderPublic, RequestPublic
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

router = APIRouter(prefix="/supplies-desk", tags=["managed supplies"])
People = Annotated[Actor, needs(Permission.FLEET_SUPPLIES_DESK)]


class ProgrammeUpdate(BaseModel):
    """How the programme is to run; of `secrets` those that are given change."""

    settings: ProgrammeSettings
    secrets: dict[str, SecretStr] = Field(default_factory=dict, max_length=20)


class ProgrammeSettingsPublic(BaseModel):
    """How the programme runs, and which secrets are kept for it; they are never told."""

    settings: ProgrammeSettings
    known_secrets: list[str]

    @classmethod
    def of(cls, view: ProgrammeView) -> "ProgrammeSettingsPublic":
        return cls(settings=view.settings, known_secrets=list(view.known_secrets))


class RequestsAnswer(BaseModel):
    """What is said to requests; declining takes a reason."""

    ids: list[Id] = Field(min_length=1, max_length=500)
    accept: bool
    reason: str = Field("", max_length=answers.LONGEST_REASON)


class RequestsAnswered(BaseModel):
    """How many requests are answered."""

    answered: int


class OrderMark(BaseModel):
    """What became of an order; refusing takes a reason."""

    state: Shipment
    tracking: str = Field("", max_length=answers.LONGEST_TRACKING)
    reason: str = Field("", max_length=answers.LONGEST_REASON)


class PrintersRelease(BaseModel):
    """Members that are let go."""

    printer_ids: list[Id] = Field(min_length=1, max_length=500)


class PrintersReleased(BaseModel):
    """How many printers are free again."""

    released: int


@router.get("/programme", operation_id="get_supplies_programme")
def read(actor: People) -> ProgrammeSettingsPublic:
    """How the programme runs for the partner's customers."""
    return ProgrammeSettingsPublic.of(partner_programme(actor))


@router.put(
    "/programme",
    operation_id="update_supplies_programme",
    responses=documented(UNKNOWN_PROGRAMME, UNUSABLE, BAD_DESK, UNSAFE_PROGRAMME),
)
def update(actor: People, given: ProgrammeUpdate) -> ProgrammeSettingsPublic:
    """Change it; what has been ordered already stays ordered."""
    secrets = {name: value.get_secret_value() for name, value in given.secrets.items()}
    return ProgrammeSettingsPublic.of(change_programme(actor, given.settings, secrets))


@router.get("/requests", operation_id="list_supplies_requests_of_customers")
def requests(
    actor: People, locale: ReaderLocale, state: RequestState | None = None, before: Before = "", limit: Limit = 50
) -> list[RequestPublic]:
    """Customers' printers that ask to join, newest first."""
    found = list_requests_of_customers(actor, RequestFilter(state, before, limit))
    return [RequestPublic.of(view, locale) for view in found]


@router.post(
    "/requests/answer",
    operation_id="answer_supplies_requests",
    responses=documented(NOT_FOUND, answers.ANSWERS_ITSELF, answers.NOT_PENDING, answers.REASON_MISSING),
)
def answer(actor: People, given: RequestsAnswer) -> RequestsAnswered:
    """Accept or decline pending printers; all that are named, or none."""
    answered = answer_requests(actor, given.ids, accept=given.accept, reason=given.reason)
    return RequestsAnswered(answered=answered)


@router.get("/orders", operation_id="list_supply_orders_of_customers")
def orders(
    actor: People,
    locale: ReaderLocale,
    state: OrderStanding | None = None,
    printer_id: Annotated[str, Query(max_length=32)] = "",
    before: Before = "",
    limit: Limit = 50,
) -> list[OrderPublic]:
    """Orders for customers' printers, newest first."""
    found = list_orders_of_customers(actor, OrderFilter(state, printer_id, before, limit))
    return [OrderPublic.of(view, locale) for view in found]


@router.post(
    "/orders/{order_id}/mark",
    operation_id="mark_supply_order",
    responses=documented(NOT_FOUND, answers.ANSWERS_ITSELF, answers.NOT_UNDER_WAY, answers.REASON_MISSING),
)
def mark(actor: People, order_id: str, given: OrderMark, locale: ReaderLocale) -> OrderPublic:
    """Say that an order is shipped, has arrived, or is refused."""
    return OrderPublic.of(mark_order(actor, order_id, given.state, given.tracking, given.reason), locale)


@router.post("/printers/release", operation_id="release_managed_printers", responses=documented(NOT_FOUND))
def release(actor: People, given: PrintersRelease) -> PrintersReleased:
    """Let members go: they can be unenrolled again, and nothing is ordered for them any more."""
    return PrintersReleased(released=release_printers(actor, given.printer_ids))
