"""Requests and orders as lists show them: to a customer its own, to a partner those of all its customers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from connectors.messages import Message
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus
from domain.organizations.permissions import Permission
from domain.tenancy import system_session
from fleet.managed_supplies.contacts import form_of
from fleet.managed_supplies.models import (
    DeliveryContact,
    MembershipRequestRow,
    OrderStanding,
    RequestState,
    SupplyOrderRow,
)
from fleet.printers.models import Printer

PAGE = 50


@dataclass(frozen=True, slots=True)
class RequestView:
    """A printer that asked to be taken in."""

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
    problem: Message | None
    at: datetime
    answered: datetime | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order. `recipient` holds the fields of a contact, nothing before the programme was told."""

    id: str
    organization_id: str
    organization: str
    printer_id: str
    serial_number: str
    model: str
    supply: str
    kind: str
    colour: str
    part_number: str
    percent: int | None
    days_left: int | None
    recipient: Mapping[str, str]
    state: OrderStanding
    tracking: str
    reason: str
    problem: Message | None
    at: datetime
    handed_over: datetime | None
    changed: datetime


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests; `before` is the id of the last one of the page before."""

    state: RequestState | None = None
    before: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders; `printer_id` of one printer, `before` as with requests."""

    state: OrderStanding | None = None
    printer_id: str = ""
    before: str = ""
    limit: int = PAGE


def list_requests(actor: Actor, chosen: RequestFilter | None = None) -> list[RequestView]:
    """The organization's requests, newest first."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session(read_only=True) as session:
        return _requests(session, {actor.organization_id: actor.organization_name}, chosen or RequestFilter())


def list_orders(actor: Actor, chosen: OrderFilter | None = None) -> list[OrderView]:
    """The organization's orders, newest first."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session(read_only=True) as session:
        return _orders(session, {actor.organization_id: actor.organization_name}, chosen or OrderFilter())


def list_requests_of_customers(actor: Actor, chosen: RequestFilter | None = None) -> list[RequestView]:
    """The requests of all customers of the partner, newest first."""
    with customers_of(actor) as (session, customers):
        return _requests(session, customers, chosen or RequestFilter())


def list_orders_of_customers(actor: Actor, chosen: OrderFilter | None = None) -> list[OrderView]:
    """The orders of all customers of the partner, newest first."""
    with customers_of(actor) as (session, customers):
        return _orders(session, customers, chosen or OrderFilter())


@contextmanager
def customers_of(actor: Actor, *, for_change: bool = False) -> Iterator[tuple[Session, dict[str, str]]]:
    """A transaction of the system, and the customers whose rows the partner's person may see in it, with names."""
    actor.need(Permission.FLEET_SUPPLIES_DESK)
    with system_session(read_only=not for_change) as session:
        query = select(Organization.id, Organization.name).where(
            Organization.parent_id == actor.home_organization_id, Organization.status == OrganizationStatus.ACTIVE
        )
        yield session, dict(session.execute(query).tuples().all())


def _requests(session: Session, organizations: Mapping[str, str], chosen: RequestFilter) -> list[RequestView]:
    rows = MembershipRequestRow
    query = (
        select(rows, Printer, DeliveryContact)
        .join(Printer, Printer.id == rows.printer_id)
        .outerjoin(DeliveryContact, DeliveryContact.id == Printer.delivery_contact_id)
        .where(rows.organization_id.in_(organizations))
    )
    if chosen.state is not None:
        query = query.where(rows.state == chosen.state)
    query = _page(session, query, rows, organizations, chosen.before, chosen.limit)
    return [_request(request, printer, contact, organizations) for request, printer, contact in session.execute(query)]


def _orders(session: Session, organizations: Mapping[str, str], chosen: OrderFilter) -> list[OrderView]:
    query = select(SupplyOrderRow).where(SupplyOrderRow.organization_id.in_(organizations))
    if chosen.state is not None:
        query = query.where(SupplyOrderRow.state == chosen.state)
    if chosen.printer_id:
        query = query.where(SupplyOrderRow.printer_id == chosen.printer_id)
    query = _page(session, query, SupplyOrderRow, organizations, chosen.before, chosen.limit)
    return [order_view(order, organizations) for order in session.scalars(query)]


def _page(
    session: Session,
    query: Select[Any],
    rows: type[MembershipRequestRow] | type[SupplyOrderRow],
    organizations: Mapping[str, str],
    before: str,
    limit: int,
) -> Select[Any]:
    own = select(rows.at).where(rows.id == before, rows.organization_id.in_(organizations))
    if before and (last := session.scalar(own)) is not None:
        query = query.where((rows.at < last) | ((rows.at == last) & (rows.id < before)))
    return query.order_by(rows.at.desc(), rows.id.desc()).limit(limit)


def _request(
    request: MembershipRequestRow, printer: Printer, contact: DeliveryContact | None, organizations: Mapping[str, str]
) -> RequestView:
    form = form_of(contact) if contact is not None else None
    return RequestView(
        id=request.id,
        organization_id=request.organization_id,
        organization=organizations[request.organization_id],
        printer_id=printer.id,
        serial_number=printer.serial_number,
        manufacturer=printer.manufacturer,
        model=printer.model,
        life_pages=printer.life_pages,
        contact=f"{form.first_name} {form.last_name}" if form else "",
        city=form.city if form else "",
        state=RequestState(request.state),
        reason=request.reason,
        problem=_message(request.problem),
        at=request.at,
        answered=request.answered,
    )


def order_view(order: SupplyOrderRow, organizations: Mapping[str, str]) -> OrderView:
    """As lists show it."""
    printer, supply = order.printer, order.supply
    return OrderView(
        id=order.id,
        organization_id=order.organization_id,
        organization=organizations[order.organization_id],
        printer_id=order.printer_id or "",
        serial_number=printer["serial_number"],
        model=printer["model"],
        supply=supply["description"],
        kind=supply["kind"],
        colour=supply["colour"],
        part_number=supply["part_number"],
        percent=supply["percent"],
        days_left=supply["days_left"],
        recipient=order.recipient,
        state=OrderStanding(order.state),
        tracking=order.tracking,
        reason=order.reason,
        problem=_message(order.problem),
        at=order.at,
        handed_over=order.handed_over,
        changed=order.changed,
    )


def _message(kept: dict[str, Any] | None) -> Message | None:
    return Message.model_validate(kept) if kept else None


def managed_printers_of(actor: Actor, agent_id: str) -> Sequence[tuple[str, str]]:
    """Id and serial number of the agent's printers that are in the programme or wait to be (FL-477)."""
    actor.need(Permission.FLEET_VIEW)
    query = select(Printer.id, Printer.serial_number).where(Printer.agent_id == agent_id, Printer.msp.is_not(None))
    with actor.session(read_only=True) as session:
        return session.execute(query.order_by(Printer.serial_number)).tuples().all()
