"""The places of the fleet's area, and what the menus of its list offer for the printers that are chosen."""

import pytest

from fleet.agents.models import AgentKind
from portal_api.pages.places import FLEET, area_of
from portal_api.pages.printer_actions import Menu, PrinterAction, printer_actions
from portal_api.pages.printer_menu.logs import TITLES, kinds_of
from portal_api.pages.widgets.ways_to_enrol import WAYS

CONFIGURE = {
    "Deploy configuration",
    "Assign configuration",
    "Unassign configuration",
    "Check compliance",
    "Enforce assigned configuration",
    "Update firmware",
    "Deploy app or settings file",
    "Assign and deploy speed upgrade",
}
APPS = {"Start apps", "Stop apps", "Update apps", "Uninstall apps"}
TAGS = {"Choose tags", "Create tag", "Manage tags", "Tag printers by file"}
OF_NO_PRINTER = {
    "Enrol printers with …",
    "Remove pre-registered printers",
    "Manage contacts",
    "Create tag",
    "Manage tags",
    "Tag printers by file",
}
"""What is not done to the printers that are chosen."""


def offered(*menus: Menu) -> list[PrinterAction]:
    """What stands in these menus of an organization's list."""
    return [one for one in printer_actions() if one.menu in menus and one.in_list and not one.across]


@pytest.mark.parametrize(("menu", "titles"), [(Menu.CONFIGURE, CONFIGURE), (Menu.APPS, APPS), (Menu.TAGS, TAGS)])
def test_a_menu_of_the_list_offers_all_its_commands(menu: Menu, titles: set[str]) -> None:
    """FL-207, FL-208, FL-209."""
    assert {one.title for one in offered(menu)} >= titles


def test_commands_are_for_one_or_more_printers_that_are_chosen() -> None:
    """FL-212, FL-281: the speed upgrade for exactly one."""
    commands = {one.title: one for one in offered(*Menu)}
    assert {title for title, one in commands.items() if not one.needs_printers} == OF_NO_PRINTER
    assert commands["Assign and deploy speed upgrade"].one_only
    assert not any(commands[title].one_only for title in APPS | (CONFIGURE - {"Assign and deploy speed upgrade"}))


def test_the_area_of_the_fleet_begins_with_the_printers_and_has_its_tabs() -> None:
    """FL-47."""
    places = area_of("printers").places
    assert area_of("printers").name == FLEET
    assert places[0].address == "/printers"
    under = {place.name: place.under for place in places}
    assert {name for name, above in under.items() if not above} >= {
        "agents",
        "configurations",
        "fleet-policies",
        "fleet-tasks",
    }
    assert under["panel-apps"] == "printers"
    assert under["resources"] == "configurations"
    assert under["fleet-notifications"] == "fleet-policies"
    assert under["fleet-schedules"] == "fleet-tasks"


LOGS = [
    "history log",
    "app framework log",
    "security log",
    "fax log",
    "last 10 fax logs",
    "last 10 fax error logs",
    "all logs (gzip)",
]


@pytest.mark.parametrize(
    ("agent", "is_vendor", "expected"),
    [
        (AgentKind.FLEET, True, [*LOGS, "mib walk"]),
        (AgentKind.FLEET, False, ["mib walk"]),
        (AgentKind.PRINTER, True, LOGS),
        (AgentKind.NATIVE, True, LOGS),
        (AgentKind.LOCAL, True, []),
    ],
)
def test_the_logs_that_can_be_requested_are_those_of_the_agent(
    agent: AgentKind, is_vendor: bool, expected: list[str]
) -> None:
    """FL-222, FL-227…FL-234 (FL-228, FL-229, FL-230, FL-231, FL-232, FL-233), FL-30, FL-31, FL-73."""
    assert [TITLES[kind].casefold() for kind in kinds_of(agent, is_vendor=is_vendor)] == expected


def test_each_way_to_enrol_says_for_which_printers_it_is() -> None:
    """FL-20, FL-21, FL-22, FL-23, FL-24, FL-125: and where the program has to run."""
    said = {way.title: way.text for way in WAYS}
    assert "own make with a touch screen (app framework 3.0 or later)" in said["Printer agent"]
    assert "(level 075.272 or later), with or without a touch screen" in said["Native agent"]
    assert "of any make and model: one program on a computer of that network that is always on" in said["Fleet agent"]
    assert "own make that are attached to a computer by USB" in said["Local agent"]
