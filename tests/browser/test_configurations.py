"""Configurations in a browser: a newcomer makes one, publishes and deploys it, finds drift, and puts it right."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from connectors.printers.files import FileKind
from domain.organizations.service import local_administrator
from fleet.panel_apps.service import add_package
from fleet.resources.models import Resource
from printers_sim.device.account import new_account
from printers_sim.device.settings import change_settings, setting
from printers_sim.packages import app_package, firmware_image, settings_bundle, settings_file
from printers_sim.printer import SimulatedPrinter
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.web.requests import Timing
from tests.browser.conftest import Open, Visitor, windows
from tests.browser.fleet_worker import work
from tests.fleet.simulated_office import ACCESS, SECRET, USER
from tests.support.configurations import add_configuration, settings_of
from tests.support.fleet import add_simulated
from tests.support.simulation import running_simulation


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    """Two printers of the same model."""
    account = new_account("user_password", USER, SECRET)
    plan = SimulationPlan(
        2, ("color-mfp",), http_port=0, snmp_port=0, account=account, timing=Timing(restart=0.3, slow_answer=0.3)
    )
    with running_simulation(plan) as running:
        yield running


@pytest.fixture(scope="module")
def office(portal: str, simulation: Simulation) -> str:
    """A portal whose organization has these printers."""
    add_simulated(local_administrator().organization_id, simulation, ACCESS)
    return portal


@pytest.fixture
def open_here(chromium: Browser, office: str) -> Iterator[Open]:
    yield from windows(chromium, office)


@pytest.fixture
def visitor(open_here: Open) -> Visitor:
    window = open_here()
    window.sign_in()
    return window


def section(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def pick(page: Page, simulation: Simulation, go_on: str = "Go on") -> None:
    for printer in simulation.printers:
        page.get_by_role("checkbox", name=f"Choose {printer.address}").click()
    page.get_by_role("button", name=go_on).click()


def test_a_newcomer_makes_deploys_checks_and_enforces(visitor: Visitor, simulation: Simulation) -> None:
    page = visitor.page
    visitor.go("/configurations")
    page.get_by_role("button", name="Create").click()
    page.get_by_label("Name").fill("Offices")
    page.get_by_role("button", name="Create configuration").click()
    page.wait_for_url("**/configurations/*")

    page.get_by_label("Search for a setting").fill("rings before")
    page.get_by_role("checkbox", name="Set “Rings before answering”").click()
    page.get_by_label("Rings before answering", exact=True).fill("7")
    expect(section(page, "Individual settings")).to_contain_text("Fax › General › Rings before answering: 7")
    page.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Version comments").fill("The first")
    dialog.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 1").first).to_be_visible()

    page.get_by_role("button", name="Deploy").click()
    pick(page, simulation)
    expect(page.get_by_text("Started: Deploy configuration")).to_be_visible()
    work()
    assert {setting(printer, "fax.rings") for printer in simulation.printers} == {7}

    page.get_by_role("button", name="Assign").click()
    pick(page, simulation)
    expect(page.get_by_text("Assigned: 2").first).to_be_visible()
    drifting: SimulatedPrinter = simulation.printers[0]
    change_settings(drifting, {"fax.rings": 3})
    visitor.page.reload()
    assigned = section(page, "Assigned printers")
    assigned.get_by_role("button", name="Check compliance").click()
    expect(page.get_by_text("Started: Check compliance")).to_be_visible()
    work()
    row = assigned.get_by_role("listitem").filter(has_text=drifting.serial)
    expect(row).to_contain_text("Not compliant")
    other = assigned.get_by_role("listitem").filter(has_text=simulation.printers[1].serial)
    expect(other).not_to_contain_text("Not compliant")
    row.get_by_role("button").click()
    expect(page.get_by_role("dialog")).to_contain_text("Expected: 7. Found: 3.")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()

    assigned.get_by_role("button", name="Enforce").click()
    page.get_by_role("dialog").get_by_role("button", name="Enforce").click()
    expect(page.get_by_text("Started: Enforce assigned configuration")).to_be_visible()
    work()
    expect(row).to_contain_text("Compliant")
    expect(row).not_to_contain_text("Not compliant")
    assert setting(drifting, "fax.rings") == 7
    row.get_by_role("button").click()
    expect(page.get_by_role("dialog")).to_contain_text("Before: 3. After: 7.")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    with page.expect_download() as download:
        visitor.go("/configurations")
        page.get_by_role("link", name="Drift history").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert f"{drifting.serial}" in text
    assert "enforced" in text


def test_printers_of_the_list_are_configured_and_their_evidence_is_exported(
    visitor: Visitor, simulation: Simulation
) -> None:
    """FL-400, FL-420…FL-423, from the menus of the list and on a printer's page."""
    actor = local_administrator()
    add_configuration(actor, "From the list", settings_of(energy__sleep_minutes=44))
    page, printer = visitor.page, simulation.printers[0]

    def command(name: str) -> None:
        visitor.go("/printers")
        page.get_by_role("row").filter(has_text=printer.address).get_by_role("checkbox").click()
        expect(page.get_by_text("1 chosen")).to_be_visible()
        page.get_by_role("navigation", name="Commands").get_by_role("button", name="Configure").click()
        page.locator(".q-menu").get_by_text(name, exact=True).click()

    command("Assign configuration")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Configuration").click()
    page.get_by_role("option", name="From the list (1)").click()
    dialog.get_by_role("button", name="Assign").click()
    expect(page.get_by_text("Assigned: 1")).to_be_visible()
    command("Enforce assigned configuration")
    page.get_by_role("dialog").get_by_role("button", name="Enforce").click()
    expect(page.get_by_text("Started: Enforce assigned configuration")).to_be_visible()
    work()
    assert setting(printer, "energy.sleep_minutes") == 44

    visitor.go("/fleet-tasks")
    page.get_by_text("Enforce assigned configuration").first.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Evidence").click()
    evidence = download.value.path().read_text(encoding="utf-8")
    assert "energy.sleep_minutes,44,15,44,44," in evidence
    printer_id = next(one["id"] for one in visitor.api("/printers")["items"] if one["address"] == printer.address)
    visitor.go(f"/printers/{printer_id}")
    expect(section(page, "Compliance")).to_contain_text("Assigned configuration: From the list")
    expect(section(page, "Compliance")).to_contain_text("Before: 15. After: 44.")


def choose_file(page: Page, button: Locator, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        button.click()
    chooser.value.set_files(path)


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def new_configuration(visitor: Visitor, name: str) -> Page:
    visitor.go("/configurations")
    page = visitor.page
    page.get_by_role("button", name="Create").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create configuration").click()
    page.wait_for_url("**/configurations/*")
    return page


def test_files_are_kept_in_the_library_and_used(visitor: Visitor, tmp_path: Path) -> None:
    """FL-338…FL-345, FL-357, FL-362.

    FL-322: apps are downloaded again; FL-358: an app's settings are opened by its name; FL-363: dragged into order.
    """
    page = visitor.page
    visitor.go("/resources")
    app = written(tmp_path, "scan.fls", app_package("scan", "Scan", "2.1", "4.0", {"retries": 3}))
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_label("Name").fill("Scan app")
    choose_file(page, page.get_by_role("button", name="Choose a file"), app)
    expect(page.get_by_role("listitem")).to_contain_text("Scan app")
    image = written(tmp_path, "image.fls", firmware_image("081.223", ["PX C4150"]))
    page.get_by_role("button", name="Upload", exact=True).click()
    choose_file(page, page.get_by_role("button", name="Choose a file"), image)
    expect(page.get_by_text("is a firmware image.")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()

    new_configuration(visitor, "With files")
    apps = section(page, "Apps")
    apps.get_by_role("button", name="Choose from the library").click()
    page.locator(".q-menu").get_by_text("Scan app").click()
    apps.get_by_text("Settings of Scan").click()
    apps.get_by_label("retries").fill("5")
    settings = written(tmp_path, "hall.ucf", settings_file({"fax.rings": 5}).encode())
    section(page, "Settings files").get_by_role("button", name="Upload settings").click()
    choose_file(page, page.get_by_role("button", name="Choose a file"), settings)
    expect(section(page, "Settings files")).to_contain_text("hall")
    add_package(local_administrator(), written(tmp_path, "maps.fls", app_package("maps", "Maps", "3.0")), "maps.fls")
    apps.get_by_role("button", name="Choose from the catalogue").click()
    page.get_by_role("button", name="Choose Maps 3.0").click()
    expect(apps).to_contain_text("Maps 3.0")
    apps.locator(".row-grip").nth(1).drag_to(apps.locator(".row-grip").first)
    expect(apps.locator(".record").first).to_contain_text("Maps 3.0")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    version = visitor.api(f"/configurations/{page.url.rsplit('/', 1)[1]}/version")
    assert [app["settings"] for app in version["content"]["apps"]] == [{}, {"retries": 5}]
    assert len(version["content"]["settings_files"]) == 1
    visitor.go("/resources")
    expect(page.get_by_role("listitem").filter(has_text="Scan app")).to_contain_text("Used by: With files")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download Scan app").click()
    assert download.value.path().read_bytes() == app.read_bytes()


def test_firmware_is_chosen_and_a_downgrade_is_warned_of(visitor: Visitor, simulation: Simulation) -> None:
    """FL-351, FL-356: the recommended level, firmware of the library, or other that is verified before it is saved."""
    facts = {"level": "075.272", "models": ["PX C4150"]}
    with local_administrator().session() as session:
        image = Resource(kind=FileKind.FIRMWARE, name="Spring level", file_name="image.fls", facts=facts)
        image.object_key, image.size, image.sha256 = "image", 1, "0" * 64
        session.add(image)
    page = new_configuration(visitor, "With firmware")
    firmware, dialog = section(page, "Firmware"), page.get_by_role("dialog")
    firmware.get_by_role("switch", name="Update all models to the recommended level").click()
    firmware.get_by_role("button", name="Choose from the library").click()
    page.locator(".q-menu").get_by_text("Spring level").click()
    expect(firmware).to_contain_text("Level 075.272 for PX C4150")
    firmware.get_by_role("button", name="Add firmware").click()
    dialog.get_by_label("Address or build name").fill("081.223")
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    dialog.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("this installation knows no place for builds")).to_be_visible()
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Publish").click()
    dialog.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 1").first).to_be_visible()
    version = visitor.api(f"/configurations/{page.url.rsplit('/', 1)[1]}/version")
    used = [one["id"] for one in version["resources"]]
    assert version["content"]["firmware"] == {"recommended": True, "resource_ids": used}
    page.get_by_role("button", name="Deploy").click()
    pick(page, simulation)
    warned = dialog.filter(has_text="Deploy configuration?")
    expect(warned).to_contain_text("is a downgrade: apps and the printer agent are removed.")
    warned.get_by_role("button", name="Cancel").click()
    expect(warned).to_have_count(0)


def test_network_and_other_login_methods_have_permissions_and_groups(visitor: Visitor) -> None:
    """FL-380, FL-381, FL-384, FL-386: accepted in their dialogs; “Reset to default” takes everything back."""
    page = new_configuration(visitor, "With a directory")
    login, dialog = section(page, "Login methods"), page.get_by_role("dialog")
    login.get_by_role("switch", name="Enable login methods").click()
    login.get_by_text("Groups (0)").click()
    login.get_by_role("button", name="Add group").click()
    dialog.get_by_label("Name").fill("Staff")
    dialog.get_by_role("checkbox", name="Scan", exact=True).click()
    dialog.get_by_role("button", name="Accept").click()
    login.get_by_text("Network methods (0)").click()
    login.get_by_role("button", name="Add LDAP").click()
    dialog.get_by_label("Name of the setting").fill("Directory")
    dialog.get_by_label("Server address").fill("d.example.com")
    dialog.get_by_role("checkbox", name="Copy", exact=True).click()
    dialog.get_by_role("button", name="Accept").click()
    expect(login).to_contain_text("LDAP · d.example.com:389 · Copy")
    login.get_by_text("Other methods (0)").click()
    login.get_by_role("checkbox", name="Card authentication").click()
    login.get_by_label("For the groups").click()
    page.get_by_role("option", name="Staff").click()
    page.keyboard.press("Escape")
    login.get_by_role("button", name="Edit Staff").click()
    dialog.get_by_label("Name").fill("Office")
    dialog.get_by_role("button", name="Accept").click()

    def saved() -> dict[str, Any]:
        page.get_by_role("button", name="Save as draft").click()
        expect(page.get_by_role("button", name="Save as draft")).to_be_disabled()
        methods: dict[str, Any] = visitor.api(f"/configurations/{page.url.rsplit('/', 1)[1]}/version")["content"][
            "login_methods"
        ]
        return methods

    kept = saved()
    assert kept["groups"] == [{"name": "Office", "access": ["scan"]}]
    assert [(one["name"], one["access"]) for one in kept["ldap"]] == [("Directory", ["copy"])]
    assert kept["other"] == [{"type": "card", "groups": ["Office"]}]
    login.get_by_role("button", name="Reset to default").click()
    kept = saved()
    assert (kept["groups"], kept["ldap"], kept["other"]) == ([], [], [])


def test_variables_bundles_and_login_methods_are_edited(visitor: Visitor, tmp_path: Path) -> None:
    """FL-365…FL-373, FL-378…FL-392."""
    page = new_configuration(visitor, "With variables")
    variables = section(page, "Variable settings file")
    bad = written(tmp_path, "bad.csv", b"IPADDRESS,Site tag\n1.2.3.400,Kip1\n")
    choose_file(page, variables.get_by_role("button", name="Import variables"), bad)
    expect(page.get_by_role("dialog")).to_contain_text("Line 2: “1.2.3.400” is no IP address.")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    good = written(tmp_path, "good.csv", b"IPADDRESS,Site tag\n10.1.1.1,Kip1\n")
    choose_file(page, variables.get_by_role("button", name="Import variables"), good)
    expect(section(page, "Variable settings file")).to_contain_text("Asset id column: IPADDRESS")

    page.get_by_label("Search for a setting").fill("asset tag")
    page.get_by_role("checkbox", name="Set “Asset tag”").click()
    page.get_by_role("button", name="Column for “Asset tag”").click()
    page.locator(".q-menu").get_by_text("Site tag").click()
    expect(section(page, "Individual settings")).to_contain_text("Asset tag: column “Site tag”")

    login = section(page, "Login methods")
    login.get_by_role("switch", name="Enable login methods").click()
    login.get_by_text("Public permissions").click()
    login.get_by_role("checkbox", name="Copy").click()
    expect(login.get_by_role("alert")).to_contain_text("At least one login method has to exist")
    login.get_by_text("Local accounts (0)").click()
    login.get_by_role("button", name="Add account").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("desk")
    dialog.get_by_label("Password or PIN").fill("a desk secret")
    dialog.get_by_role("button", name="Accept").click()
    expect(login.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_text("The draft is saved.")).to_be_visible()

    bundle = written(tmp_path, "all.zip", settings_bundle(settings={"fax.rings": 6, "old.one": 1}))
    page.get_by_role("button", name="More", exact=True).click()
    page.locator(".q-menu").get_by_text("Import a settings bundle").click()
    choose_file(page, page.get_by_role("button", name="Choose a file"), bundle)
    expect(page.get_by_role("dialog")).to_contain_text("Printer settings: 1 of 2 are imported")
    page.get_by_role("dialog").get_by_role("button", name="Import").click()
    expect(section(page, "Individual settings")).to_contain_text("Rings before answering: 6")
    version = visitor.api(f"/configurations/{page.url.rsplit('/', 1)[1]}/version")
    assert {one["name"] for one in version["content"]["settings"]} == {"general.asset_tag", "fax.rings"}
    assert version["content"]["login_methods"]["accounts"][0]["secret"] == "**********"
    assert version["content"]["login_methods"]["public"] == {"copy": False}


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_editor_fits_a_phone(open_here: Open, look: str) -> None:
    window = open_here(390, 844, look)
    window.sign_in()
    page = new_configuration(window, f"On a phone, {look}")
    page.get_by_text("Energy").click()
    page.get_by_role("checkbox", name="Set “Sleep after”").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
