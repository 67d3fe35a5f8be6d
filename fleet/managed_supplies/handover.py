"""Handing requests and orders to the programme and asking what became of them; for flows (F-40).

The programme is asked outside any transaction. What it says is written afterwards, in one that looks whether another
worker was faster; requests and orders carry keys, so that the same one given twice is one. What fails is noted beside
it and tried again by the next round.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog
from sqlalchemy import ColumnElement, and_, or_, select, union, update
from sqlalchemy.orm import Session

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from connectors.supplies import SuppliesProgramme
from connectors.supplies.desk import DeskProgramme
from connectors.supplies.programme import (
    Answer,
    Customer,
    MemberPrinter,
    MembershipRequest,
    Receipt,
    SupplyOrder,
    WantedSupply,
)
from domain.organizations.models import now
from domain.tenancy import system_session, tenant_session
from fleet.managed_supplies.addresses import ContactForm
from fleet.managed_supplies.contacts import form_of
from fleet.managed_supplies.desk import PartnerDesk
from fleet.managed_supplies.membership import apply_answers
from fleet.managed_supplies.models import (
    DeliveryContact,
    MembershipRequestRow,
    OrderStanding,
    RequestState,
    SupplyOrderRow,
)
from fleet.managed_supplies.orders import add_event, name_of, printer_values
from fleet.managed_supplies.programme import Programme, running_programme
from fleet.printers.models import Printer

log = structlog.get_logger(__name__)

IN_ONE_LETTER = 500
AT_ONCE = 1000
UNANSWERED = (RequestState.WAITING, RequestState.PENDING)
UNDER_WAY = (OrderStanding.PLACED, OrderStanding.SHIPPED)
NO_RECIPIENT = N_("The printer has no delivery contact.")
STATES = {
    OrderStanding.PLACED: N_("The supplies programme has the order: {supply}"),
    OrderStanding.SHIPPED: N_("The supply is on its way: {supply} {tracking}"),
    OrderStanding.DELIVERED: N_("The supply has arrived: {supply}"),
    OrderStanding.REFUSED: N_("The supplies programme refuses the order: {supply} {reason}"),
}


def organizations_with_work() -> list[str]:
    """Organizations with a request or an order that the programme has not settled yet."""
    requests = select(MembershipRequestRow.organization_id).where(MembershipRequestRow.state.in_(UNANSWERED))
    orders = select(SupplyOrderRow.organization_id).where(SupplyOrderRow.state.in_((OrderStanding.WAITING, *UNDER_WAY)))
    with system_session(read_only=True) as session:
        return sorted(session.scalars(union(requests, orders)))


def hand_over_requests(organization_id: str) -> int:
    """Hand the requests that wait to the programme; returns how many it has now."""
    programme = running_programme(organization_id)
    if programme is None:
        return 0
    with tenant_session(organization_id, read_only=True) as session:
        wanted = _waiting_requests(session, organization_id, programme)
    size = IN_ONE_LETTER if programme.kind.by_people else 1
    count = 0
    with _asked(programme, organization_id) as connector:
        for start in range(0, len(wanted), size):
            share = wanted[start : start + size]
            try:
                answers = connector.request(share)
            except PressroomError as error:
                _note_problem(organization_id, MembershipRequestRow, [one.key for one in share], error)
                if error.transient:
                    break
                continue
            given = {request.key: answer for request, answer in zip(share, answers, strict=True)}
            _keep_answers(organization_id, programme, given)
            count += len(share)
    return count


def hand_over_orders(organization_id: str) -> int:
    """Hand the orders that wait to the programme; returns how many it has now."""
    programme = running_programme(organization_id)
    if programme is None:
        return 0
    with tenant_session(organization_id) as session:
        wanted = _waiting_orders(session, organization_id, programme)
    count = 0
    with _asked(programme, organization_id) as connector:
        for order in wanted:
            try:
                receipt = connector.order(order)
            except PressroomError as error:
                _note_problem(organization_id, SupplyOrderRow, [order.key], error)
                if error.transient:
                    break
                continue
            _keep_receipt(organization_id, order.key, receipt, programme.kind.name)
            count += 1
    return count


def follow_up(organization_id: str) -> int:
    """Ask what became of what the programme has; returns how many requests and orders have moved on.

    What people have said counts at once, also of what was handed to a former programme.
    """
    programme = running_programme(organization_id)
    if programme is None:
        return 0
    desk = DeskProgramme(PartnerDesk(programme, organization_id))
    moved = _follow(desk, programme, organization_id, said=True)
    if not programme.kind.by_people:
        with _asked(programme, organization_id) as connector:
            moved += _follow(connector, programme, organization_id, said=False)
    return moved


def _follow(connector: SuppliesProgramme, programme: Programme, organization_id: str, *, said: bool) -> int:
    with tenant_session(organization_id, read_only=True) as session:
        requests = _references(session, MembershipRequestRow, (RequestState.PENDING,), programme, said=said)
        orders = _references(session, SupplyOrderRow, UNDER_WAY, programme, said=said)
    moved = 0
    for rows, key, reference in [*requests, *orders]:
        try:
            if rows is MembershipRequestRow:
                moved += _keep_answers(organization_id, programme, {key: connector.answer(reference)})
            else:
                moved += _keep_receipt(organization_id, key, connector.receipt(reference))
        except PressroomError as error:
            _note_problem(organization_id, rows, [key], error)
            if error.transient:
                break
    return moved


@contextmanager
def _asked(programme: Programme, organization_id: str) -> Iterator[SuppliesProgramme]:
    with programme.opened(PartnerDesk(programme, organization_id)) as connector:
        yield connector


def _is_to_be_asked(programme: Programme) -> ColumnElement[bool]:
    """What no programme has yet, and what another one than the present one has not answered."""
    rows = MembershipRequestRow
    elsewhere = and_(rows.state == RequestState.PENDING, rows.programme != programme.kind.name, rows.said.is_(None))
    return or_(rows.state == RequestState.WAITING, elsewhere)


def _waiting_requests(session: Session, organization_id: str, programme: Programme) -> list[MembershipRequest]:
    query = (
        select(MembershipRequestRow, Printer, DeliveryContact)
        .join(Printer, Printer.id == MembershipRequestRow.printer_id)
        .join(DeliveryContact, DeliveryContact.id == Printer.delivery_contact_id)
        .where(_is_to_be_asked(programme))
        .order_by(MembershipRequestRow.at, MembershipRequestRow.id)
        .limit(AT_ONCE)
    )
    customer = Customer(organization_id, programme.customer_name)
    return [
        MembershipRequest(
            request.id,
            customer,
            MemberPrinter(**printer_values(printer)),
            form_of(contact).recipient,
            request.terms,
            request.at,
        )
        for request, printer, contact in session.execute(query)
    ]


def _waiting_orders(session: Session, organization_id: str, programme: Programme) -> list[SupplyOrder]:
    """They go to whom the printer's contact is now; that is written down with them."""
    query = (
        select(SupplyOrderRow, DeliveryContact)
        .outerjoin(Printer, Printer.id == SupplyOrderRow.printer_id)
        .outerjoin(DeliveryContact, DeliveryContact.id == Printer.delivery_contact_id)
        .where(SupplyOrderRow.state == OrderStanding.WAITING)
        .order_by(SupplyOrderRow.at, SupplyOrderRow.id)
        .limit(AT_ONCE)
    )
    customer = Customer(organization_id, programme.customer_name)
    found = []
    for order, contact in session.execute(query):
        if contact is None:
            order.problem = Message.of(NO_RECIPIENT).model_dump()
            continue
        form: ContactForm = form_of(contact)
        order.recipient = form.model_dump()
        printer, supply = MemberPrinter(**order.printer), WantedSupply(**order.supply)
        found.append(SupplyOrder(order.id, customer, printer, form.recipient, supply))
    return found


Rows = type[MembershipRequestRow] | type[SupplyOrderRow]


def _references(
    session: Session, rows: Rows, states: Sequence[str], programme: Programme, *, said: bool
) -> list[tuple[Rows, str, str]]:
    """Table, id and reference: of what people have `said` something to, or of what the present programme has."""
    query = select(rows.id, rows.id if said else rows.reference).where(rows.state.in_(states))
    query = query.where(rows.said.is_not(None) if said else rows.programme == programme.kind.name)
    return [(rows, key, reference) for key, reference in session.execute(query.order_by(rows.at, rows.id)).tuples()]


def _keep_answers(organization_id: str, programme: Programme, answers: dict[str, Answer]) -> int:
    with tenant_session(organization_id) as session:
        query = select(MembershipRequestRow).where(
            MembershipRequestRow.id.in_(answers), MembershipRequestRow.state.in_(UNANSWERED)
        )
        rows = session.scalars(query.with_for_update()).all()
        for row in rows:
            row.programme = row.programme if row.said else programme.kind.name
        return apply_answers(session, programme.settings, [(row, answers[row.id]) for row in rows])


def _keep_receipt(organization_id: str, order_id: str, receipt: Receipt, programme: str = "") -> bool:
    with tenant_session(organization_id) as session:
        query = select(SupplyOrderRow).where(SupplyOrderRow.id == order_id).with_for_update()
        order = session.scalars(query).one()
        standing = OrderStanding(receipt.state.value)
        if order.state == standing:
            return False
        order.state, order.reference, order.problem = standing, receipt.reference, None
        order.programme = programme or order.programme
        order.tracking, order.reason, order.changed = receipt.tracking, receipt.reason, now()
        order.handed_over = order.handed_over or now()
        message = Message.of(STATES[standing], supply=name_of(order), tracking=receipt.tracking, reason=receipt.reason)
        add_event(session, organization_id, order.printer_id, message)
        return True


def _note_problem(organization_id: str, rows: Rows, ids: Sequence[str], error: PressroomError) -> None:
    facts = {name: value for name, value in error.facts.items() if isinstance(value, str | int | float)}
    problem = Message.of(error.fault.message, **facts).model_dump()
    with tenant_session(organization_id) as session:
        session.execute(update(rows).where(rows.id.in_(ids)).values(problem=problem))
    log.warning("the supplies programme could not be asked", code=error.code, count=len(ids))
