"""The programme over its HTTP service, which answers by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.tenancy import tenant_session
from fleet.managed_supplies.answers import Shipment, answer_requests, mark_order
from fleet.managed_supplies.joining import add_printers as join
from fleet.managed_supplies.listing import list_orders, list_requests
from fleet.managed_supplies.models import OrderStanding, SupplyOrderRow
from fleet.managed_supplies.programme import partner_programme
from fleet.printers.details import get_printer
from fleet.printers.models import MspStatus
from flows.managed_supplies import add_to_managed_supplies, follow_managed_supplies, order_supplies
from tests.fleet.managed_supplies.members import msp, read, refused, toner
from tests.support.supplies import TOKEN, ProgrammeService, SuppliesWorld, programme_service, supplies_world


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
