"""What the partner's people say: printers are accepted or declined, orders are shipped, members are released."""

from collections.abc import Collection, Sequence
from enum import StrEnum

from sqlalchemy import select, update

from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.supplies import programme_kind
from connectors.supplies.programme import Membership, OrderState
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.tenancy import NOT_FOUND
from fleet.managed_supplies.handover import follow_up
from fleet.managed_supplies.listing import OrderView, customers_of, order_view
from fleet.managed_supplies.membership import EVENT
from fleet.managed_supplies.models import MembershipRequestRow, OrderStanding, RequestState, SupplyOrderRow
from fleet.managed_supplies.orders import add_event
from fleet.managed_supplies.programme import partner_programme
from fleet.printers.models import MspStatus, Printer

LONGEST_REASON, LONGEST_TRACKING = 1000, 255
RELEASED = N_("The printer was released from the supplies programme.")
ANSWERS_ITSELF = Fault(
    "supplies_desk.answers_itself",
    409,
    N_("The programme answers by itself."),
    N_("Nothing is to be done here: its answers appear as soon as they are given."),
)
NOT_PENDING = Fault(
    "supplies_desk.not_pending",
    409,
    N_("Some of these requests are answered already, or have not reached the desk yet."),
    N_("Look at the list again and choose those that are pending."),
)
NOT_UNDER_WAY = Fault(
    "supplies_desk.not_under_way",
    409,
    N_("This order cannot be marked like that now."),
    N_("Orders are shipped or refused once they are placed, and delivered once they are shipped."),
)
REASON_MISSING = Fault(
    "supplies_desk.reason_missing",
    422,
    N_("The reason is missing."),
    N_("Write why, for the customer's people."),
)


class Shipment(StrEnum):
    """What people can say of an order."""

    SHIPPED = "shipped"
    DELIVERED = "delivered"
    REFUSED = "refused"


FOLLOWS = {
    Shipment.SHIPPED: (OrderStanding.PLACED,),
    Shipment.DELIVERED: (OrderStanding.PLACED, OrderStanding.SHIPPED),
    Shipment.REFUSED: (OrderStanding.PLACED,),
}
"""What an order must be before it becomes what they say."""


def answer_requests(actor: Actor, ids: Collection[str], *, accept: bool, reason: str = "") -> int:
    """Accept or decline pending printers of customers; all of them or, with a fault, none. Returns how many.

    Raises `NOT_FOUND`, `ANSWERS_ITSELF`, `NOT_PENDING`, and `REASON_MISSING` where they are declined without one.
    """
    reason = reason.strip()[:LONGEST_REASON]
    if not (accept or reason):
        raise REASON_MISSING()
    state = Membership.ACCEPTED if accept else Membership.DECLINED
    with customers_of(actor, for_change=True) as (session, customers):
        wanted = select(MembershipRequestRow).where(
            MembershipRequestRow.id.in_(ids), MembershipRequestRow.organization_id.in_(customers)
        )
        requests = session.scalars(wanted.with_for_update()).all()
        if len(requests) != len(set(ids)):
            raise NOT_FOUND(what="request")
        _check_people(actor, {request.programme for request in requests})
        if any(request.state != RequestState.PENDING for request in requests):
            raise NOT_PENDING()
        for request in requests:
            request.said = {"state": state.value, "reason": reason}
        concerned = sorted({request.organization_id for request in requests})
        facts = {"answer": state.value, "count": len(requests), "reason": reason}
        for trail in (actor.home_organization_id, *concerned):
            record(session, actor, "managed_supplies.answered", "organization", trail, facts, organization_id=trail)
    for organization_id in concerned:
        follow_up(organization_id)
    return len(requests)


def mark_order(actor: Actor, order_id: str, said: Shipment, tracking: str = "", reason: str = "") -> OrderView:
    """Say that an order is shipped, has arrived, or is refused.

    Raises `NOT_FOUND`, `ANSWERS_ITSELF`, `NOT_UNDER_WAY`, and `REASON_MISSING` where it is refused without one.
    """
    reason = reason.strip()[:LONGEST_REASON]
    if said is Shipment.REFUSED and not reason:
        raise REASON_MISSING()
    with customers_of(actor, for_change=True) as (session, customers):
        query = select(SupplyOrderRow).where(
            SupplyOrderRow.id == order_id, SupplyOrderRow.organization_id.in_(customers)
        )
        order = session.scalar(query.with_for_update())
        if order is None:
            raise NOT_FOUND(what="order")
        _check_people(actor, {order.programme})
        if order.state not in FOLLOWS[said]:
            raise NOT_UNDER_WAY()
        state = OrderState(said.value)
        kept = tracking.strip()[:LONGEST_TRACKING] or order.tracking
        order.said = {"state": state.value, "tracking": kept, "reason": reason}
        home, organization_id = actor.home_organization_id, order.organization_id
        facts = {"state": said.value, "serial_number": order.printer["serial_number"]}
        for trail in (home, organization_id):
            record(session, actor, "supply_order.marked", "supply_order", order.id, facts, organization_id=trail)
    follow_up(organization_id)
    with customers_of(actor) as (session, customers):
        return order_view(session.get_one(SupplyOrderRow, order_id), customers)


def release_printers(actor: Actor, printer_ids: Sequence[str]) -> int:
    """Let members of customers go, whatever the programme: they can be unenrolled again, and nothing is ordered more.

    That is the only way out (FL-451, FL-473), and it is not the customers'. Raises `NOT_FOUND` for what is no member.
    """
    with customers_of(actor, for_change=True) as (session, customers):
        query = select(Printer).where(
            Printer.id.in_(printer_ids), Printer.organization_id.in_(customers), Printer.msp == MspStatus.MEMBER
        )
        printers = session.scalars(query.with_for_update()).all()
        if len(printers) != len(set(printer_ids)):
            raise NOT_FOUND(what="printer")
        for printer in printers:
            printer.msp = None
            add_event(session, printer.organization_id, printer.id, Message.of(RELEASED), EVENT)
            facts = {"serial_number": printer.serial_number}
            for trail in (actor.home_organization_id, printer.organization_id):
                record(session, actor, "managed_supplies.released", "printer", printer.id, facts, organization_id=trail)
        ids = [printer.id for printer in printers]
        session.execute(
            update(MembershipRequestRow)
            .where(MembershipRequestRow.printer_id.in_(ids), MembershipRequestRow.state == RequestState.ACCEPTED)
            .values(state=RequestState.RELEASED, answered=now())
        )
        session.execute(update(SupplyOrderRow).where(SupplyOrderRow.printer_id.in_(ids)).values(open_key=None))
        return len(printers)


def _check_people(actor: Actor, programmes: Collection[str]) -> None:
    """Raise `ANSWERS_ITSELF` where the partner's present programme has it and is none of people."""
    present = partner_programme(actor).settings.kind
    if present in programmes and not programme_kind(present).by_people:
        raise ANSWERS_ITSELF()
