"""Commands over printers in a browser: the printer is read first, and what stands in the way is told before."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from domain.organizations.models import GroupKind, GroupMember
from domain.organizations.roles import Role
from domain.organizations.service import local_administrator
from domain.tenancy import tenant_session
from fleet.printers.models import Communication, Printer
from printers_sim.device.account import new_account
from printers_sim.device.panel import home_screen
from printers_sim.device.speed import speed_licence
from printers_sim.printer import SimulatedPrinter
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.web.requests import Timing
from tests.browser.conftest import Open, Visitor, windows
from tests.browser.fleet_worker import work
from tests.fleet.simulated_office import ACCESS, SECRET, USER
from tests.support.fleet import add_simulated
from tests.support.people import group
from tests.support.simulation import running_simulation

PROFILES = ("color-mfp", "color-mfp-upgradable")


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    account = new_account("user_password", USER, SECRET)
    plan = SimulationPlan(
        2, PROFILES, http_port=0, snmp_port=0, account=account, timing=Timing(restart=0.3, slow_answer=0.3)
    )
    with running_simulation(plan) as running:
        yield running


@pytest.fixture(scope="module")
def ids(portal: str, simulation: Simulation) -> list[str]:
    return add_simulated(local_administrator().organization_id, simulation, ACCESS)


@pytest.fixture
def open_here(chromium: Browser, portal: str, ids: list[str]) -> Iterator[Open]:
    yield from windows(chromium, portal)


@pytest.fixture
def visitor(open_here: Open) -> Visitor:
    window = open_here()
    window.sign_in()
    return window


def of_profile(simulation: Simulation, name: str) -> SimulatedPrinter:
    return next(one for one in simulation.printers if one.profile.name == name)


def id_of(simulation: Simulation, ids: list[str], name: str) -> str:
    return ids[simulation.printers.index(of_profile(simulation, name))]


def change(printer_id: str, **values: object) -> None:
    with tenant_session(local_administrator().organization_id) as session:
        printer = session.get_one(Printer, printer_id)
        for name, value in values.items():
            setattr(printer, name, value)


def command(page: Page, title: str, menu: str = "Configure") -> Locator:
    page.get_by_role("navigation", name="Commands").get_by_role("button", name=menu, exact=True).click()
    page.get_by_role("menuitem", name=title).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def sells_upgrades() -> None:
    """The administrator holds both roles that it takes (FL-407)."""
    administrator = local_administrator()
    roles = (Role.PARTNER_ADMINISTRATOR.value, Role.FLEET_ADMINISTRATOR.value)
    group_id = group(administrator, "Sells speed", *roles, kind=GroupKind.CHILD_ACCESS)
    with administrator.session() as session:
        session.add(GroupMember(group_id=group_id, user_id=administrator.user_id))


def tiles(place: Locator) -> list[str]:
    return place.get_by_role("button").all_inner_texts()


def test_a_home_screen_is_read_arranged_sent_and_reset(
    visitor: Visitor, simulation: Simulation, ids: list[str]
) -> None:
    """F-33, FL-291…FL-301; FL-292: the printer's page shows the layout, and it is customised and reset there."""
    printer, page = of_profile(simulation, "color-mfp"), visitor.page
    visitor.go(f"/printers/{id_of(simulation, ids, 'color-mfp')}")
    dialog = command(page, "Customise home screen")
    expect(dialog).to_contain_text("The printer is asked for its present layout.")
    expect(dialog).to_contain_text("Pending")
    work()
    first = dialog.get_by_role("region", name="Page 1")
    expect(first).to_be_visible()
    before = [item for one in home_screen(printer) for item in one]
    first.get_by_role("button").first.click()
    dialog.get_by_role("button", name="To the last place").click()
    dialog.get_by_role("button", name="Add a blank space").click()
    expect(dialog.get_by_role("button", name="Blank space", exact=True)).to_be_visible()
    first.get_by_role("button").nth(1).drag_to(first.get_by_role("button").first)
    expect(dialog.get_by_role("button", pressed=True)).to_have_count(1)
    dialog.get_by_role("button", name="Save home screen").click()
    expect(page.get_by_text("Started: Home screen. Follow it under Tasks.")).to_be_visible()
    work()
    moved = [*before[1:], before[0], "blank"]
    assert [item for one in home_screen(printer) for item in one] == [moved[1], moved[0], *moved[2:]]
    shown = page.get_by_role("region", name="Home screen")
    expect(shown).to_contain_text("A layout of your own")
    expect(shown).to_contain_text("Blank space")

    expect(shown.get_by_role("button", name="Customise")).to_be_visible()
    shown.get_by_role("button", name="Reset").click()
    page.get_by_role("dialog").get_by_role("button", name="Reset").click()
    expect(page.get_by_text("Started: Home screen. Follow it under Tasks.").last).to_be_visible()
    work()
    assert printer.device.home_screen is None
    expect(shown).to_contain_text("The model's own layout")


def test_tiles_are_moved_by_the_keyboard_alone(visitor: Visitor, simulation: Simulation, ids: list[str]) -> None:
    page = visitor.page
    visitor.go(f"/printers/{id_of(simulation, ids, 'color-mfp')}")
    dialog = command(page, "Customise home screen")
    expect(dialog).to_contain_text("Pending")
    work()
    first = dialog.get_by_role("region", name="Page 1")
    expect(first).to_be_visible()
    names = tiles(first)
    first.get_by_role("button").first.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(first.get_by_role("button").nth(1)).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(first.get_by_role("button").nth(2)).to_be_focused()
    assert tiles(first) == [names[1], names[2], names[0], *names[3:]]
    page.keyboard.press("Delete")
    expect(first.get_by_role("button")).to_have_count(len(names) - 1)


def test_a_layout_goes_to_several_printers_and_who_cannot_have_it_is_told(
    visitor: Visitor, simulation: Simulation, ids: list[str]
) -> None:
    """FL-43, section 43.1: named before the task is started."""
    silent = id_of(simulation, ids, "color-mfp-upgradable")
    change(silent, communication=Communication.SILENT)
    page = visitor.page
    visitor.go("/printers")
    page.get_by_role("checkbox", name="Choose all printers shown").click()
    expect(page.get_by_text("2 chosen")).to_be_visible()
    dialog = command(page, "Customise home screen")
    expect(dialog).to_contain_text("The task cannot be sent to 1 of 2 printers:")
    dialog.get_by_text("Which ones, and why").click()
    expect(dialog.get_by_role("listitem").filter(has_text="The agent cannot reach the printer.")).to_be_visible()
    expect(dialog).to_contain_text("Pending")
    work()
    expect(dialog.get_by_role("region", name="Page 1")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    dialog = command(page, "Restart", "Printers")
    expect(dialog).to_contain_text("The task cannot be sent to 1 of 2 printers:")
    change(silent, communication=Communication.COMMUNICATING)


def test_a_speed_upgrade_says_all_that_stands_in_its_way_and_then_what_it_did(
    visitor: Visitor, simulation: Simulation, ids: list[str]
) -> None:
    """F-30, FL-409…FL-419; FL-411: its task is opened by its type, and tells the code."""
    printer, page = of_profile(simulation, "color-mfp-upgradable"), visitor.page
    printer_id = id_of(simulation, ids, "color-mfp-upgradable")
    code = speed_licence(printer.serial, 25, 35)
    sells_upgrades()
    change(printer_id, firmware_level="081.215", communication=Communication.NEEDS_CREDENTIALS)
    visitor.go(f"/printers/{printer_id}")
    dialog = command(page, "Assign and deploy speed upgrade")
    expect(dialog).to_contain_text(printer.serial)
    expect(dialog).to_contain_text("The firmware is out of date")
    dialog.get_by_label("Licence code").fill("PSU-25-35-NOBODY-00000000")
    dialog.get_by_role("button", name="Next").click()
    expect(page.get_by_text("This is no licence code.")).to_be_visible()
    dialog.get_by_label("Licence code").fill(code)
    dialog.get_by_role("button", name="Next").click()
    expect(dialog).to_contain_text("PX C3035")
    expect(dialog.get_by_role("list", name="Reasons").get_by_role("listitem")).to_have_count(2)
    expect(dialog.get_by_role("button", name="Deploy")).to_be_disabled()

    printer.firmware = "230.410"
    change(printer_id, firmware_level="230.410", communication=Communication.COMMUNICATING)
    dialog.get_by_role("button", name="Back").click()
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_role("list", name="Reasons")).to_have_count(0)
    dialog.get_by_role("button", name="Deploy").click()
    expect(dialog).to_contain_text(re.compile("Pending|In progress"))
    work()
    expect(dialog).to_contain_text("Completed")
    expect(dialog).to_contain_text("35 pages per minute")
    assert printer.speed == 35
    visitor.go("/fleet-tasks")
    page.get_by_role("listitem").filter(has_text="Speed upgrade").first.click()
    expect(page.get_by_role("heading", name="Speed upgrade")).to_be_visible()
    expect(page.get_by_text(f"Licence code: {code}")).to_be_visible()


def test_firmware_is_updated_from_a_printers_page_on_a_phone(
    open_here: Open, simulation: Simulation, ids: list[str]
) -> None:
    """FL-304, FL-311, FL-312, FL-337: the button is there only where there is an update; FL-335 beside it."""
    current, behind = (id_of(simulation, ids, one) for one in PROFILES)
    change(behind, offered_firmware="230.500")
    window = open_here(width=390)
    window.sign_in()
    page = window.page
    window.go(f"/printers/{current}")
    firmware = page.get_by_role("region", name="Firmware")
    expect(firmware).to_contain_text("Firmware level")
    expect(firmware.get_by_role("button")).to_have_count(0)
    window.go(f"/printers/{behind}")
    for part in ("Status", "Identification", "Agent", "Event history"):
        expect(page.get_by_role("region", name=part, exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    firmware.get_by_role("button", name="Update firmware").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 of 1 printers have an update.")
    dialog.get_by_text("At a date and time").click()
    expect(dialog.get_by_label("Time zone")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
