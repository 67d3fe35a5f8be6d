"""Printers that join the supplies programme, what that locks, and orders for what runs low (FL-450…FL-479)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.printers.reading import CounterName, Counters, Identity, PrinterReading, Status, Supply, SupplyKind
from domain.audit.models import AuditEvent
from domain.mail.delivery import claim_mail, send_mail
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.children import create_child, entitle_child
from domain.organizations.deletion import refusal_of_deletion
from domain.organizations.entitlements import Entitlement
from domain.organizations.models import GroupKind, GroupMember, now
from domain.organizations.roles import Role
from domain.outbox.models import OutboxRow
from domain.tenancy import system_session, tenant_session
from fleet.agents.service import deactivate_agent, delete_agent
from fleet.managed_supplies.answers import Shipment, answer_requests, mark_order, release_printers
from fleet.managed_supplies.contacts import change_contact, create_contact
from fleet.managed_supplies.handover import hand_over_orders
from fleet.managed_supplies.joining import add_printers as join
from fleet.managed_supplies.joining import check_eligibility, programme_standing
from fleet.managed_supplies.listing import (
    OrderFilter,
    RequestFilter,
    list_orders,
    list_orders_of_customers,
    list_requests,
    list_requests_of_customers,
    managed_printers_of,
)
from fleet.managed_supplies.models import OrderStanding, RequestState, SupplyOrderRow
from fleet.managed_supplies.orders import ORDER
from fleet.managed_supplies.programme import ProgrammeSettings, change_programme, partner_programme
from fleet.managed_supplies.rules import Eligibility
from fleet.printers.details import get_printer, printer_events
from fleet.printers.models import MspStatus, Printer, PrinterForecast
from fleet.printers.readings import Observation, store_readings
from fleet.tasks.execution import end_jobs, for_worker, take_jobs
from fleet.tasks.kinds import TaskKind
from fleet.tasks.listing import get_fleet_task
from fleet.tasks.service import NewTask, start_fleet_task
from flows.fleet_task import work_on_printers
from flows.managed_supplies import add_to_managed_supplies, follow_managed_supplies, order_supplies
from steps.printer_work import Outcome, Report
from tests.support.fleet import add_agent
from tests.support.mail_server import Mailbox, mail_server
from tests.support.people import group
from tests.support.supplies import (
    CONTACT,
    DESK,
    TOKEN,
    ProgrammeService,
    SuppliesWorld,
    programme_service,
    supplies_world,
)


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as running:
        yield running


@pytest.fixture
def world(tmp_path: Path, mailbox: Mailbox) -> Iterator[SuppliesWorld]:
    mailbox.envelopes.clear()
    with supplies_world(tmp_path, smtp_host="127.0.0.1", smtp_port=str(mailbox.port), smtp_tls="none") as one:
        yield one


def refused(code: str) -> pytest.RaisesExc[PressroomError]:
    return pytest.RaisesExc(PressroomError, check=lambda error: error.code == code)


def deliver() -> None:
    """Send the mail that waits, as its own flow does."""
    with system_session(read_only=True) as session:
        waiting = list(session.scalars(select(OutgoingMail.id).where(OutgoingMail.ended.is_(None))))
    for mail_id in waiting:
        work = claim_mail(mail_id, "test")
        assert work is not None
        send_mail(work, lambda: None)


def words(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def toner(percent: int | None, serial: str = "", colour: str = "black") -> Supply:
    return Supply(
        f"toner-{colour}", SupplyKind.TONER, f"{colour.title()} toner", colour, serial, "T-100", percent=percent
    )


def read(world: SuppliesWorld, printer_id: str, *supplies: Supply) -> None:
    reading = PrinterReading(
        Identity(), Status(), Counters({CounterName.LIFE: 1200}), supplies, (), (), datetime.now(UTC)
    )
    with tenant_session(world.home) as session:
        store_readings(session, [Observation(printer_id, reading)])


def msp(world: SuppliesWorld, printer_id: str) -> MspStatus | None:
    return get_printer(world.customer, printer_id).view.msp


def members(world: SuppliesWorld, count: int = 1) -> list[str]:
    """Printers that asked and were accepted at the desk."""
    ids = world.printers(count)
    join(world.customer, ids, world.terms)
    add_to_managed_supplies.fn(world.home)
    pending = list_requests_of_customers(world.partner, RequestFilter(RequestState.PENDING))
    answer_requests(world.partner, [view.id for view in pending], accept=True)
    return ids


class TestJoining:
    """F-40."""

    def test_eligible_ones_are_pending_until_the_desk_accepts(self, world: SuppliesWorld, mailbox: Mailbox) -> None:
        good, other = world.printers(2)
        (without,) = world.printers(1, contact="")
        standing = check_eligibility(world.customer, [good, other, without])
        assert [one.id for one in standing.groups[Eligibility.ELIGIBLE]] == [good, other]
        assert [one.id for one in standing.groups[Eligibility.NO_CONTACT]] == [without]
        assert "managed supplies programme" in standing.shown_terms
        assert join(world.customer, [good, other, without], standing.terms_version) == 2
        assert [msp(world, one) for one in (good, other, without)] == [MspStatus.PENDING, MspStatus.PENDING, None]
        add_to_managed_supplies.fn(world.home)
        add_to_managed_supplies.fn(world.home)
        deliver()
        (letter,) = mailbox.messages
        assert (letter["To"], letter["Subject"]) == (
            DESK,
            "Managed supplies: 2 printers of Lind AB ask to be taken in",
        )
        assert "/supplies-desk" in words(letter)
        first, second = sorted(
            list_requests_of_customers(world.partner), key=lambda view: [good, other].index(view.printer_id)
        )
        assert (first.state, first.organization, first.contact) == (RequestState.PENDING, "Lind AB", "Astrid Lind")
        answer_requests(world.partner, [first.id], accept=True)
        answer_requests(world.partner, [second.id], accept=False, reason="Too old.")
        assert [msp(world, one) for one in (good, other)] == [MspStatus.MEMBER, None]
        assert {view.state: view.reason for view in list_requests(world.customer)} == {
            RequestState.ACCEPTED: "",
            RequestState.DECLINED: "Too old.",
        }
        assert "Too old." in str(printer_events(world.customer, other)[0].message)
        again = check_eligibility(world.customer, [good, other]).groups
        assert [one.id for one in again[Eligibility.MANAGED]] == [good]
        assert [one.id for one in again[Eligibility.ELIGIBLE]] == [other], "one that was declined may ask again"

    def test_the_prerequisites_are_checked_in_turn(self, world: SuppliesWorld) -> None:
        """FL-452, FL-453."""
        child = create_child(world.partner, "Ek AB", [Entitlement.FLEET])
        visiting = _visiting(world, child.id)
        with refused("supplies_programme.parent"):
            check_eligibility(world.partner, [])
        with refused("supplies_programme.not_entitled"):
            check_eligibility(visiting, [])
        entitle_child(world.partner, child.id, [Entitlement.FLEET, Entitlement.MANAGED_PRINT])
        with refused("managed_supplies.no_contacts"):
            check_eligibility(visiting, [])
        assert programme_standing(visiting).is_entitled
        assert not programme_standing(world.partner).has_partner

    def test_terms_must_be_the_present_ones(self, world: SuppliesWorld) -> None:
        ids = world.printers(1)
        seen = world.terms
        world.run_programme(terms="New terms.")
        for version in ("", seen):
            with refused("managed_supplies.terms"):
                join(world.customer, ids, version)
        assert msp(world, ids[0]) is None
        assert join(world.customer, ids, world.terms) == 1

    def test_nothing_is_asked_where_nobody_would_answer(self, world: SuppliesWorld) -> None:
        ids = world.printers(1)
        world.run_programme(options={})
        with refused("supplies_programme.no_desk"):
            join(world.customer, ids, world.terms)
        assert msp(world, ids[0]) is None

    def test_only_printers_of_the_organization(self, world: SuppliesWorld) -> None:
        (own,) = world.printers(1)
        foreign = world.printers(1)
        with refused("not_found"):
            check_eligibility(_visiting(world, create_customer(world)), foreign)
        with refused("not_found"):
            join(world.customer, [own, "0" * 32], world.terms)
        assert msp(world, own) is None
        with refused("managed_supplies.none_eligible"):
            join(world.customer, world.printers(1, life_pages=None), world.terms)

    def test_the_limits_of_the_programme(self, world: SuppliesWorld) -> None:
        """FL-468, FL-469."""
        world.run_programme(models=["PX M*"], most_pages=1000)
        color, mono = *world.printers(1), *world.printers(1, model="PX M2250", life_pages=1001)
        groups = check_eligibility(world.customer, [color, mono]).groups
        assert [one.id for one in groups[Eligibility.MODEL_NOT_SUPPORTED]] == [color]
        assert [one.id for one in groups[Eligibility.TOO_MANY_PAGES]] == [mono]


def create_customer(world: SuppliesWorld) -> str:
    """Another customer of the partner, with the programme and a contact."""
    child = create_child(world.partner, "Ek AB", [Entitlement.FLEET, Entitlement.MANAGED_PRINT]).id
    create_contact(_visiting(world, child), CONTACT)
    return child


def _visiting(world: SuppliesWorld, organization_id: str) -> Actor:
    return actor_of_user(world.partner.user_id, organization_id)


class TestLocks:
    """FL-474…FL-479, FL-454."""

    def test_unenrolling_only_managed_ones_is_an_error(self, world: SuppliesWorld) -> None:
        (member,), (pending,) = members(world), world.printers(1)
        join(world.customer, [pending], world.terms)
        with refused("fleet_task.all_managed"):
            start_fleet_task(world.customer, NewTask(TaskKind.UNENROL), [member, pending])

    def test_a_mix_ends_with_errors(self, world: SuppliesWorld) -> None:
        (member,), (free,) = members(world), world.printers(1)
        task_id = start_fleet_task(world.customer, NewTask(TaskKind.UNENROL), [member, free])
        while work_on_printers.fn(world.home, task_id, resumes=True):
            pass
        assert get_fleet_task(world.customer, task_id).status == "completed_with_errors"
        assert msp(world, member) is MspStatus.MEMBER
        with refused("not_found"):
            get_printer(world.customer, free)

    def test_one_that_joins_while_it_is_unenrolled_stays(self, world: SuppliesWorld) -> None:
        """The job was sent before; the look at its end counts."""
        (printer,) = world.printers(1)
        task_id = start_fleet_task(world.customer, NewTask(TaskKind.UNENROL), [printer])
        with tenant_session(world.home) as session:
            orders = take_jobs(session, for_worker(task_id), 10).orders
        join(world.customer, [printer], world.terms)
        with tenant_session(world.home) as session:
            end_jobs(session, [(order.job_id, Report(outcome=Outcome.COMPLETED)) for order in orders])
        assert msp(world, printer) is MspStatus.PENDING
        assert get_fleet_task(world.customer, task_id).status == "failed"

    def test_its_agent_stays(self, world: SuppliesWorld) -> None:
        agent = add_agent(world.home, version="2.1.18")
        (printer,) = world.printers(1, agent_id=agent)
        join(world.customer, [printer], world.terms)
        for act in (deactivate_agent, delete_agent):
            with refused("agent.manages_programme"):
                act(world.customer, agent)
        serial = get_printer(world.customer, printer).view.serial_number
        assert list(managed_printers_of(world.customer, agent)) == [(printer, serial)]

    def test_the_organization_cannot_be_deleted(self, world: SuppliesWorld) -> None:
        refusal = refusal_of_deletion(world.partner, world.home)
        assert refusal is not None
        assert refusal.code == "organization.kept_by_service"

    def test_only_the_partner_lets_go(self, world: SuppliesWorld) -> None:
        """FL-473: no way back for customers."""
        (member,) = members(world)
        read(world, member, toner(3))
        with refused("role.missing"):
            release_printers(world.customer, [member])
        assert release_printers(world.partner, [member]) == 1
        assert msp(world, member) is None
        assert [view.state for view in list_requests(world.customer)] == [RequestState.RELEASED]
        read(world, member, toner(2))
        assert len(list_orders(world.customer)) == 1, "the order of its time in the programme"
        with refused("not_found"):
            release_printers(world.partner, [member])
        assert start_fleet_task(world.customer, NewTask(TaskKind.UNENROL), [member])


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


class TestService:
    """The same over the programme's HTTP service, which answers by itself."""

    @pytest.fixture
    def service(self) -> Iterator[ProgrammeService]:
        with programme_service() as running:
            yield running

    @pytest.fixture
    def world(self, tmp_path: Path, service: ProgrammeService) -> Iterator[SuppliesWorld]:
        with supplies_world(tmp_path, allow_private_addresses="true") as one:
            one.run_programme({"token": TOKEN}, kind="web", options={"address": service.address})
            yield one

    def test_printers_join_and_orders_are_shipped(self, world: SuppliesWorld, service: ProgrammeService) -> None:
        yes, no = world.printers(2)
        join(world.customer, [yes, no], world.terms)
        assert add_to_managed_supplies.fn(world.home) == {"requests": 2, "answered": 0}
        serial = get_printer(world.customer, yes).view.serial_number
        for known in service.printers.values():
            accepted = known["document"]["printer"]["serial_number"] == serial
            known.update({"state": "accepted"} if accepted else {"state": "declined", "reason": "Too old."})
        follow_managed_supplies.fn()
        assert [msp(world, one) for one in (yes, no)] == [MspStatus.MEMBER, None]
        read(world, yes, toner(3))
        assert order_supplies.fn(world.home) == 1
        (kept,) = service.orders.values()
        assert kept["document"]["supply"]["part_number"] == "T-100"
        kept.update(state="shipped", tracking="PARCEL 7")
        follow_managed_supplies.fn()
        (order,) = list_orders(world.customer)
        assert (order.state, order.tracking) == (OrderStanding.SHIPPED, "PARCEL 7")

    def test_what_fails_is_tried_again_and_placed_once(self, world: SuppliesWorld, service: ProgrammeService) -> None:
        (printer,) = world.printers(1)
        join(world.customer, [printer], world.terms)
        service.failing = [503, 500]
        for problem in ("busy", "cannot be reached"):
            add_to_managed_supplies.fn(world.home)
            assert problem in str(list_requests(world.customer)[0].problem)
        follow_managed_supplies.fn()
        assert [view.problem for view in list_requests(world.customer)] == [None]
        service.printers[next(iter(service.printers))]["state"] = "accepted"
        follow_managed_supplies.fn()
        read(world, printer, toner(1))
        order_supplies.fn(world.home)
        with tenant_session(world.home) as session:  # as if the worker had died before it wrote down the answer
            order = session.scalars(select(SupplyOrderRow)).one()
            order.state, order.reference = OrderStanding.WAITING, ""
        order_supplies.fn(world.home)
        assert len(service.orders) == 1
        assert sum(method == "POST" and path == "/v1/orders" for method, path, _ in service.requests) == 2

    def test_a_refusal_holds_up_nothing_else(self, world: SuppliesWorld, service: ProgrammeService) -> None:
        ids = world.printers(2)
        join(world.customer, ids, world.terms)
        service.failing = [422]
        assert add_to_managed_supplies.fn(world.home)["requests"] == 1
        assert sorted(view.state for view in list_requests(world.customer)) == ["pending", "waiting"]

    def test_people_do_not_answer_for_it(self, world: SuppliesWorld, service: ProgrammeService) -> None:
        (printer,) = world.printers(1)
        join(world.customer, [printer], world.terms)
        add_to_managed_supplies.fn(world.home)
        (request,) = list_requests(world.customer)
        with refused("supplies_desk.answers_itself"):
            answer_requests(world.partner, [request.id], accept=True)
        service.printers[next(iter(service.printers))]["state"] = "accepted"
        follow_managed_supplies.fn()
        read(world, printer, toner(1))
        order_supplies.fn(world.home)
        with refused("supplies_desk.answers_itself"):
            mark_order(world.partner, list_orders(world.customer)[0].id, Shipment.SHIPPED)

    def test_another_programme_takes_over_what_waits(self, world: SuppliesWorld, service: ProgrammeService) -> None:
        """Requests are asked anew; orders stay where they were placed, and people may say what became of them."""
        first, second = world.printers(2)
        join(world.customer, [first], world.terms)
        add_to_managed_supplies.fn(world.home)
        service.printers[next(iter(service.printers))]["state"] = "accepted"
        follow_managed_supplies.fn()
        read(world, first, toner(1))
        order_supplies.fn(world.home)
        join(world.customer, [second], world.terms)
        add_to_managed_supplies.fn(world.home)
        world.run_programme()
        follow_managed_supplies.fn()
        request = next(view for view in list_requests(world.customer) if view.printer_id == second)
        answer_requests(world.partner, [request.id], accept=True)
        assert msp(world, second) is MspStatus.MEMBER
        mark_order(world.partner, list_orders(world.customer)[0].id, Shipment.SHIPPED, "PARCEL 7")
        assert list_orders(world.customer)[0].state is OrderStanding.SHIPPED
        assert len(service.orders) == 1

    def test_what_the_service_has_forgotten_holds_up_nothing_else(
        self, world: SuppliesWorld, service: ProgrammeService
    ) -> None:
        ids = world.printers(2)
        join(world.customer, ids, world.terms)
        add_to_managed_supplies.fn(world.home)
        forgotten, known = list(service.printers)
        del service.printers[forgotten]
        service.printers[known]["state"] = "accepted"
        assert follow_managed_supplies.fn()["moved"] == 1
        assert sorted(bool(view.problem) for view in list_requests(world.customer)) == [False, True]

    def test_the_token_is_kept_encrypted_and_never_shown(self, world: SuppliesWorld) -> None:
        view = partner_programme(world.partner)
        assert (view.known_secrets, TOKEN in repr(view)) == (("token",), False)
        world.run_programme(kind="web", options=view.settings.options, threshold=30)
        assert partner_programme(world.partner).known_secrets == ("token",), "what is not given stays"
        world.run_programme()
        assert partner_programme(world.partner).known_secrets == (), "another programme does not get it"
