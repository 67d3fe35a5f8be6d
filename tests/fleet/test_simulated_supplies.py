"""The supplies programme over simulated printers: toner runs low, a new cartridge is put in (F-40)."""

from dataclasses import replace
from pathlib import Path

from fleet.managed_supplies.answers import answer_requests
from fleet.managed_supplies.contacts import assign_contact
from fleet.managed_supplies.joining import add_printers, check_eligibility
from fleet.managed_supplies.listing import list_orders, list_requests_of_customers
from fleet.managed_supplies.rules import Eligibility
from fleet.tasks.kinds import TaskKind
from flows.managed_supplies import add_to_managed_supplies, order_supplies
from printers_sim.device.account import new_account
from printers_sim.simulation import SimulationPlan
from tests.fleet.simulated_office import SECRET, USER, SimulatedOffice
from tests.support.simulation import running_simulation
from tests.support.supplies import supplies_world


def test_toner_is_ordered_as_it_runs_low_and_again_for_the_next_cartridge(tmp_path: Path) -> None:
    plan = SimulationPlan(
        1, ("color-mfp",), http_port=0, snmp_port=0, account=new_account("user_password", USER, SECRET)
    )
    with supplies_world(tmp_path) as world, running_simulation(plan) as simulation:
        office = SimulatedOffice(replace(world.installation, administrator=world.customer), simulation)
        (printer,), device = office.ids, office.device()
        black = next(
            supply for supply in device.supplies if (supply.facts.kind, supply.facts.color) == ("toner", "black")
        )
        for supply in device.supplies:
            supply.used = 0.0
        assert check_eligibility(world.customer, [printer]).groups[Eligibility.ENROLMENT_FAILED]
        office.do(TaskKind.REFRESH)
        assert check_eligibility(world.customer, [printer]).groups[Eligibility.NO_CONTACT]
        assign_contact(world.customer, "", [printer])
        assert add_printers(world.customer, [printer], world.terms) == 1
        add_to_managed_supplies.fn(world.home)
        answer_requests(world.partner, [list_requests_of_customers(world.partner)[0].id], accept=True)
        assert list_orders(world.customer) == []

        def left(share: float) -> list[tuple[str, int | None]]:
            """What is ordered once the cartridge has that share left."""
            black.used = (1 - share) * black.facts.yield_pages
            device.review()
            office.do(TaskKind.REFRESH)
            order_supplies.fn(world.home)
            return [(order.colour, order.percent) for order in list_orders(world.customer)]

        assert left(0.5) == []
        assert left(0.18) == [("black", 18)]
        assert left(0.02) == [("black", 18)]
        assert left(1.0) == [("black", 18)]
        assert left(0.1) == [("black", 10), ("black", 18)]
        order = list_orders(world.customer)[0]
        assert (order.serial_number, order.recipient["city"]) == (device.serial, "Stockholm")
