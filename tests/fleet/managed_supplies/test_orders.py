"""Orders for what runs low, and the desk that answers them (FL-457…FL-473)."""

import pytest
from sqlalchemy import select

from connectors.printers.reading import Supply, SupplyKind
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import GroupKind, GroupMember, now
from domain.organizations.roles import Role
from domain.outbox.models import OutboxRow
from domain.tenancy import system_session, tenant_session
from fleet.managed_supplies.answers import Shipment, answer_requests, mark_order, release_printers
from fleet.managed_supplies.contacts import change_contact
from fleet.managed_supplies.handover import hand_over_orders
from fleet.managed_supplies.joining import add_printers as join
from fleet.managed_supplies.listing import (
    OrderFilter,
    list_orders,
    list_orders_of_customers,
    list_requests,
    list_requests_of_customers,
)
from fleet.managed_supplies.models import OrderStanding
from fleet.managed_supplies.orders import ORDER
from fleet.managed_supplies.programme import ProgrammeSettings, change_programme, partner_programme
from fleet.printers.details import get_printer, printer_events
from fleet.printers.models import MspStatus, Printer, PrinterForecast
from flows.managed_supplies import add_to_managed_supplies, follow_managed_supplies, order_supplies
from tests.fleet.managed_supplies.members import deliver, members, msp, read, refused, toner, words
from tests.support.mail_server import Mailbox
from tests.support.people import group
from tests.support.supplies import CONTACT, DESK, SuppliesWorld


class TestOrders:
    """One order for each cartridge, to the desk, with all that it needs."""

    def test_an_order_reaches_the_desk_and_goes_its_way(self, world: SuppliesWorld, mailbox: Mailbox) -> None:
        (printer,) = members(world)
        with tenant_session(world.home) as session:
            days = {"toner-black": 9}
            session.add(PrinterForecast(printer_id=printer, at=now(), days=days, least_days=9))
        read(world, printer, toner(20, "CRG-1"), toner(21, colour="cyan"))
        with system_session(read_only=True) as session:
            assert len(session.scalars(select(OutboxRow).where(OutboxRow.deployment == ORDER)).all()) == 1
        deliver()
        mailbox.envelopes.clear()
        assert order_supplies.fn(world.home) == 1
        assert order_supplies.fn(world.home) == 0
        deliver()
        (letter,) = mailbox.messages
        serial = get_printer(world.customer, printer).view.serial_number
        assert letter["Subject"] == f"Order: Black toner for PX C4150, serial number {serial}"
        for line in ("Part number: T-100", "Cartridge in the printer: CRG-1", "Level: 20 %", "Days left: 9"):
            assert line in words(letter)
        assert "Astrid Lind\nLind & Co\nStorgatan 1" in words(letter).replace("\r\n", "\n")
        (order,) = list_orders_of_customers(world.partner)
        assert (order.state, order.organization, order.recipient["city"]) == (
            OrderStanding.PLACED,
            "Lind AB",
            "Stockholm",
        )
        mark_order(world.partner, order.id, Shipment.SHIPPED, "PARCEL 7")
        shipped = mark_order(world.partner, order.id, Shipment.DELIVERED)
        assert (shipped.state, shipped.tracking) == (OrderStanding.DELIVERED, "PARCEL 7")
        told = [str(event.message) for event in printer_events(world.customer, printer) if event.kind == "supply_order"]
        assert told == [
            "The supply has arrived: Black toner",
            "The supply is on its way: Black toner PARCEL 7",
            "The supplies programme has the order: Black toner",
            "A supply was ordered: Black toner",
        ]

    LEVELS = (
        ([(30, "A"), (20, "A"), (12, "A"), (0, "A")], 1),
        ([(20, "A"), (23, "A"), (19, "A")], 1),
        ([(20, "A"), (None, ""), (10, "A")], 1),
        ([(20, "A"), (100, "B"), (20, "B")], 2),
        ([(20, "A"), (15, "B")], 2),
        ([(20, ""), (100, ""), (20, "")], 2),
        ([(20, "A"), (90, "A"), (20, "A")], 2),
    )

    @pytest.mark.parametrize(("levels", "orders"), LEVELS)
    def test_once_for_each_cartridge(
        self, world: SuppliesWorld, levels: list[tuple[int | None, str]], orders: int
    ) -> None:
        (printer,) = members(world)
        for percent, serial in levels:
            read(world, printer, toner(percent, serial))
        assert len(list_orders(world.customer)) == orders

    def test_nobody_else_orders(self, world: SuppliesWorld) -> None:
        free, pending = world.printers(2)
        join(world.customer, [pending], world.terms)
        for printer in (free, pending):
            read(world, printer, toner(1))
        assert list_orders(world.customer) == []

    def test_what_is_low_already_is_ordered_as_it_joins(self, world: SuppliesWorld) -> None:
        (printer,) = world.printers(1)
        read(world, printer, toner(5), toner(80, colour="cyan"))
        join(world.customer, [printer], world.terms)
        add_to_managed_supplies.fn(world.home)
        (request,) = list_requests_of_customers(world.partner)
        answer_requests(world.partner, [request.id], accept=True)
        (order,) = list_orders(world.customer)
        assert (order.supply, order.percent, order.state) == ("Black toner", 5, OrderStanding.WAITING)

    def test_the_threshold_and_the_kinds_are_the_partners(self, world: SuppliesWorld) -> None:
        (printer,) = members(world)
        world.run_programme(threshold=5, types=["waste"])
        waste = Supply("w", SupplyKind.WASTE, "Waste", is_receptacle=True, percent=5)
        read(world, printer, toner(1), waste)
        assert [order.kind for order in list_orders(world.customer)] == ["waste"]

    def test_it_goes_where_the_contact_is_now(self, world: SuppliesWorld) -> None:
        (printer,) = members(world)
        read(world, printer, toner(1))
        change_contact(world.customer, world.contact, CONTACT | {"city": "Malmö"})
        hand_over_orders(world.home)
        (order,) = list_orders(world.customer, OrderFilter(printer_id=printer))
        assert order.recipient["city"] == "Malmö"

    def test_without_a_desk_it_waits_and_says_why(self, world: SuppliesWorld) -> None:
        (printer,) = members(world)
        world.run_programme(options={})
        read(world, printer, toner(1))
        assert order_supplies.fn(world.home) == 0
        (order,) = list_orders(world.customer)
        assert (order.state, str(order.problem)) == (
            OrderStanding.WAITING,
            "Nobody has said yet where orders for supplies go.",
        )
        world.run_programme()
        assert follow_managed_supplies.fn()["orders"] == 1
        assert list_orders(world.customer)[0].problem is None

    def test_an_order_stays_when_its_printer_is_gone(self, world: SuppliesWorld) -> None:
        (printer,) = members(world)
        read(world, printer, toner(1))
        release_printers(world.partner, [printer])
        with tenant_session(world.home) as session:
            session.delete(session.get_one(Printer, printer))
        assert [order.printer_id for order in list_orders(world.customer)] == [""]
        order_supplies.fn(world.home)
        assert str(list_orders(world.customer)[0].problem) == "The printer has no delivery contact."


class TestDesk:
    """Who answers, and what is refused."""

    def test_foreign_partners_see_and_answer_nothing(self, world: SuppliesWorld) -> None:
        (printer,) = members(world)
        read(world, printer, toner(1))
        order_supplies.fn(world.home)
        (order,) = list_orders(world.customer)
        stranger = world.installation.stranger
        with refused("role.missing"):
            list_orders_of_customers(stranger)
        with refused("role.missing"):
            list_orders_of_customers(world.customer)
        other = _another_partner(world)
        assert list_orders_of_customers(other) == []
        assert list_requests_of_customers(other) == []
        with refused("not_found"):
            mark_order(other, order.id, Shipment.SHIPPED)
        with refused("not_found"):
            release_printers(other, [printer])
        with refused("not_found"):
            answer_requests(other, [list_requests(world.customer)[0].id], accept=True)

    def test_what_has_an_answer_gets_no_other(self, world: SuppliesWorld) -> None:
        (printer,) = world.printers(1)
        join(world.customer, [printer], world.terms)
        (request,) = list_requests(world.customer)
        with refused("supplies_desk.not_pending"):
            answer_requests(world.partner, [request.id], accept=True)
        add_to_managed_supplies.fn(world.home)
        with refused("supplies_desk.reason_missing"):
            answer_requests(world.partner, [request.id], accept=False, reason="  ")
        answer_requests(world.partner, [request.id], accept=True)
        with refused("supplies_desk.not_pending"):
            answer_requests(world.partner, [request.id], accept=False, reason="No.")
        assert msp(world, printer) is MspStatus.MEMBER

    def test_orders_go_forward_only(self, world: SuppliesWorld) -> None:
        (printer,) = members(world)
        read(world, printer, toner(1))
        (order,) = list_orders(world.customer)
        with refused("supplies_desk.not_under_way"):
            mark_order(world.partner, order.id, Shipment.SHIPPED)
        order_supplies.fn(world.home)
        with refused("supplies_desk.reason_missing"):
            mark_order(world.partner, order.id, Shipment.REFUSED)
        mark_order(world.partner, order.id, Shipment.REFUSED, reason="Not made any more.")
        with refused("supplies_desk.not_under_way"):
            mark_order(world.partner, order.id, Shipment.SHIPPED)
        assert list_orders(world.customer)[0].reason == "Not made any more."

    def test_everything_is_in_the_trail_of_both(self, world: SuppliesWorld) -> None:
        (printer,) = members(world)
        read(world, printer, toner(1))
        order_supplies.fn(world.home)
        mark_order(world.partner, list_orders(world.customer)[0].id, Shipment.SHIPPED)
        with system_session(read_only=True) as session:
            events = session.scalars(select(AuditEvent)).all()
        trails = {
            trail: {event.action for event in events if event.organization_id == trail}
            for trail in (world.home, world.partner.organization_id)
        }
        both = {"managed_supplies.answered", "supply_order.marked"}
        assert both | {"managed_supplies.requested", "managed_supplies.accepted"} <= trails[world.home]
        assert both | {"supplies_programme.changed"} <= trails[world.partner.organization_id]

    @pytest.mark.parametrize(
        ("settings", "secrets", "code"),
        [
            ({"kind": "other"}, {}, "supplies.unknown_programme"),
            ({"options": {"address": "https://programme.example"}}, {}, "supplies_programme.unusable"),
            ({"options": {"email": "nobody"}}, {}, "supplies_programme.desk_address"),
            ({"options": {"email": DESK}}, {"token": "x"}, "supplies_programme.unusable"),
            ({"kind": "web", "options": {"address": "http://10.0.0.1"}}, {"token": "x"}, "supplies.unsafe_address"),
            ({"kind": "web", "options": {}}, {"token": "x"}, "supplies.unsafe_address"),
            ({"threshold": 81}, {}, "supplies_programme.unusable"),
            ({"types": []}, {}, "supplies_programme.unusable"),
        ],
    )
    def test_settings_that_are_refused(
        self, world: SuppliesWorld, settings: dict[str, object], secrets: dict[str, str], code: str
    ) -> None:
        before = partner_programme(world.partner)
        with refused(code):
            change_programme(world.partner, ProgrammeSettings.read(settings), secrets)
        assert partner_programme(world.partner) == before


def _another_partner(world: SuppliesWorld) -> Actor:
    stranger = world.installation.stranger
    roles = (Role.PARTNER_ADMINISTRATOR.value, Role.FLEET_ADMINISTRATOR.value)
    group_id = group(stranger, "Partners", *roles, kind=GroupKind.CHILD_ACCESS)
    with stranger.session() as session:
        session.add(GroupMember(group_id=group_id, user_id=stranger.user_id))
    return actor_of_user(stranger.user_id)
