"""Configurations in a browser: a newcomer makes one, publishes and deploys it, finds drift, and puts it right."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from domain.organizations.service import local_administrator
from domain.tenancy import system_session
from fleet.tasks.models import FleetTask
from flows.fleet_task import work_on_printers
from printers_sim.device.account import new_account
from printers_sim.device.settings import change_settings, setting
from printers_sim.printer import SimulatedPrinter
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.web.requests import Timing
from tests.browser.conftest import Open, Visitor, portal_process, windows
from tests.fleet.simulated_office import ACCESS, SECRET, USER
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
def office(tmp_path_factory: pytest.TempPathFactory, simulation: Simulation) -> Iterator[str]:
    """A portal whose organization has these printers."""
    with portal_process(tmp_path_factory.mktemp("office")) as address:
        add_simulated(local_administrator().organization_id, simulation, ACCESS)
        yield address


@pytest.fixture
def open_here(chromium: Browser, office: str) -> Iterator[Open]:
    yield from windows(chromium, office)


@pytest.fixture
def visitor(open_here: Open) -> Visitor:
    window = open_here()
    window.sign_in()
    return window


def work() -> None:
    """What the worker does with the tasks that were started; in a thread, as Playwright has a loop of its own."""
    home = local_administrator().organization_id
    with system_session(read_only=True) as session:
        tasks = session.scalars(select(FleetTask.id).where(FleetTask.finished.is_(None))).all()
    assert tasks
    with ThreadPoolExecutor(1) as worker:
        for task_id in tasks:
            while worker.submit(work_on_printers.fn, home, task_id, resumes=True).result():
                pass


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
    page.screenshot(path="/tmp/conf-drift.png")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.screenshot(path="/tmp/conf-page.png", full_page=True)
    with page.expect_download() as download:
        visitor.go("/configurations")
        page.get_by_role("link", name="Drift history").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert f"{drifting.serial}" in text
    assert "enforced" in text
    page.screenshot(path="/tmp/conf-list.png")
