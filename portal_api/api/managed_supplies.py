"""Printers that join the managed supplies programme, and orders for their supplies (FL-463…FL-473)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate, translate_message
from fleet.managed_supplies.joining import (
    NO_CONTACTS,
    NONE_ELIGIBLE,
    NOT_THESE_TERMS,
    Standing,
    add_printers,
    check_eligibility,
    programme_standing,
)
from fleet.managed_supplies.listing import (
    OrderFilter,
    OrderView,
    RequestFilter,
    RequestView,
    list_orders,
    list_requests,
)
from fleet.managed_supplies.models import OrderStanding, RequestState
from fleet.managed_supplies.programme import IN_A_PARENT, NO_DESK, NOT_ENTITLED
from fleet.managed_supplies.rules import ELIGIBILITY, Eligibility
from fleet.printers.selection import selected_ids
from portal_api.access import needs
from portal_api.api.printer_models import Selection
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

router = APIRouter(prefix="/managed-supplies", tags=["managed supplies"])
Manager = Annotated[Actor, needs(Permission.FLEET_MANAGE)]
Before = Annotated[str, Query(max_length=32, description="Id of the last one of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]


class ProgrammePublic(BaseModel):
    """How the organization stands with the programme, and the terms of it."""

    is_entitled: bool
    has_partner: bool
    members: int
    pending: int
    contacts: int
    terms: str
    terms_version: str


class PrinterOfGroup(BaseModel):
    """A printer by what people know it by."""

    id: str
    serial_number: str
    model: str


class EligibilityGroup(BaseModel):
    """The printers that stand in one way, what that is called, and what helps."""

    status: Eligibility
    title: str
    remedy: str
    count: int
    printers: list[PrinterOfGroup]


class EligibilityPublic(BaseModel):
    """How the printers stand, and the terms to be accepted before they are added."""

    groups: list[EligibilityGroup]
    terms: str
    terms_version: str

    @classmethod
    def of(cls, standing: Standing, locale: str) -> "EligibilityPublic":
        return cls(
            groups=[
                EligibilityGroup(
                    status=one,
                    title=translate(ELIGIBILITY[one].title, locale),
                    remedy=translate(ELIGIBILITY[one].remedy, locale),
                    count=len(printers),
                    printers=[
                        PrinterOfGroup(id=each.id, serial_number=each.serial_number, model=each.model)
                        for each in printers
                    ],
                )
                for one, printers in standing.groups.items()
            ],
            terms=standing.terms or translate(standing.shown_terms, locale),
            terms_version=standing.terms_version,
        )


class PrintersToAdd(Selection):
    """Printers that are to join; who sends `terms_version` accepts the terms of that version."""

    terms_version: str = Field(min_length=1, max_length=16, description="As `POST /eligibility` tells it.")


class PrintersAdded(BaseModel):
    """How many printers wait for the programme's answer now."""

    added: int


class RequestPublic(BaseModel):
    """A printer that asked to join; `problem` says why the programme could not be asked at the last try."""

    id: str
    organization_id: str
    organization: str
    printer_id: str
    serial_number: str
    manufacturer: str
    model: str
    life_pages: int | None
    contact: str
    city: str
    state: RequestState
    reason: str
    problem: str
    at: datetime
    answered: datetime | None

    @classmethod
    def of(cls, view: RequestView, locale: str) -> "RequestPublic":
        values = {name: getattr(view, name) for name in cls.model_fields if name != "problem"}
        return cls(**values, problem=translate_message(view.problem, locale) if view.problem else "")


class OrderPublic(BaseModel):
    """An order for a supply; `problem` as with requests, `recipient` as the programme was told."""

    id: str
    organization_id: str
    organization: str
    printer_id: str = Field(description="Empty where the printer is gone.")
    serial_number: str
    model: str
    supply: str
    kind: str
    colour: str
    part_number: str
    percent: int | None
    days_left: int | None
    recipient: dict[str, str]
    state: OrderStanding
    tracking: str
    reason: str
    problem: str
    at: datetime
    handed_over: datetime | None
    changed: datetime

    @classmethod
    def of(cls, view: OrderView, locale: str) -> "OrderPublic":
        values = {name: getattr(view, name) for name in cls.model_fields if name not in ("problem", "recipient")}
        problem = translate_message(view.problem, locale) if view.problem else ""
        return cls(**values, recipient=dict(view.recipient), problem=problem)


@router.get("", operation_id="get_managed_supplies")
def read(actor: Manager, locale: ReaderLocale) -> ProgrammePublic:
    """How the organization stands with the programme."""
    found = programme_standing(actor)
    return ProgrammePublic(
        is_entitled=found.is_entitled,
        has_partner=found.has_partner,
        members=found.members,
        pending=found.pending,
        contacts=found.contacts,
        terms=found.terms or translate(found.shown_terms, locale),
        terms_version=found.terms_version,
    )


@router.post(
    "/eligibility",
    operation_id="check_supplies_eligibility",
    responses=documented(NOT_FOUND, IN_A_PARENT, NOT_ENTITLED, NO_CONTACTS),
)
def check(actor: Manager, given: Selection, locale: ReaderLocale) -> EligibilityPublic:
    """Which of these printers can be added, and what is the matter with the others."""
    return EligibilityPublic.of(check_eligibility(actor, selected_ids(actor, given.selection())), locale)


@router.post(
    "/printers",
    operation_id="add_printers_to_managed_supplies",
    status_code=202,
    responses=documented(NOT_FOUND, IN_A_PARENT, NOT_ENTITLED, NO_DESK, NO_CONTACTS, NOT_THESE_TERMS, NONE_ELIGIBLE),
)
def add(actor: Manager, given: PrintersToAdd) -> PrintersAdded:
    """Add those of these printers that are eligible. They cannot be taken out of the programme here again."""
    ids = selected_ids(actor, given.selection())
    return PrintersAdded(added=add_printers(actor, ids, given.terms_version))


@router.get("/requests", operation_id="list_supplies_requests")
def requests(
    actor: Manager,
    locale: ReaderLocale,
    state: RequestState | None = None,
    before: Before = "",
    limit: Limit = 50,
) -> list[RequestPublic]:
    """Printers that asked to join, and what the programme said, newest first."""
    return [RequestPublic.of(view, locale) for view in list_requests(actor, RequestFilter(state, before, limit))]


@router.get("/orders", operation_id="list_supply_orders")
def orders(
    actor: Manager,
    locale: ReaderLocale,
    state: OrderStanding | None = None,
    printer_id: Annotated[str, Query(max_length=32)] = "",
    before: Before = "",
    limit: Limit = 50,
) -> list[OrderPublic]:
    """Orders for supplies, newest first."""
    found = list_orders(actor, OrderFilter(state, printer_id, before, limit))
    return [OrderPublic.of(view, locale) for view in found]
