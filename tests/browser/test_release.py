"""Releasing jobs in a browser: at a simulated printer's panel, and from the portal at a printer of one's choice."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from domain.printer_login.configuration import change_settings
from domain.printer_login.login_codes import new_code
from domain.printer_login.rules import PrinterLoginSettings
from domain.printing.states import JobState
from printers_sim.device.state import InstalledApp
from tests.browser.conftest import close_window
from tests.portal_api.test_panel_release import Panel, application_access, worker_at
from tests.support.installation import PASSWORD
from tests.support.portal_server import serving_pages
from tests.support.releasing import APPS, ReleaseOffice, release_office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ReleaseOffice, str]]:
    with release_office(tmp_path_factory.mktemp("office"), ["color-mfp"]) as one:
        chief = one.installation.administrator
        change_settings(chief, PrinterLoginSettings(methods=("pin", "secure_login")))
        one.install_apps()
        for app_id, version in APPS.items():
            one.simulated().device.apps[app_id] = InstalledApp(app_id, app_id, version)
        with serving_pages() as address, worker_at(one):
            Panel(one, 0).ask("PUT", "server", application_access(chief.email) | {"address": address})
            yield one, address


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    yield context.new_page()
    close_window(context)


def test_at_the_panel(office: tuple[ReleaseOffice, str], page: Page) -> None:
    """PR-191: sign in, choose, change, print; the rest stays."""
    here, _ = office
    job, other = here.held(pages=2, name="Report.pdf"), here.held(name="Other.pdf")
    before = here.simulated().life_count
    page.goto(f"http://{here.simulated().address}:{here.simulation.http_port}/release")
    page.get_by_label("Login code").fill(new_code(here.ann).code)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text(here.ann.name)).to_be_visible()
    page.get_by_label("Report.pdf (2 pages)").check()
    page.get_by_label("Copies").fill("2")
    page.get_by_role("button", name="Print", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Printed. Sides: 4.")
    assert here.simulated().life_count - before == 4
    assert (here.job(job).state, here.job(other).state) == (JobState.PRINTED, JobState.HELD)
    page.get_by_label("Other.pdf (1 pages)").check()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_label("Other.pdf (1 pages)")).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_from_the_portal_at_a_printer_of_ones_choice(office: tuple[ReleaseOffice, str], page: Page) -> None:
    """PR-125."""
    here, address = office
    job = here.held(pages=3, name="Report.pdf")
    page.goto(f"{address}/release")
    page.get_by_label("E-mail address").fill(here.ann.email)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/release"))
    page.wait_for_function("window.socket && window.socket.connected")
    page.get_by_role("button", name="Print all").click()
    expect(page.get_by_text("Choose a printer first.")).to_be_visible()
    page.get_by_role("combobox", name="Printer").click()
    page.get_by_role("option").first.click()
    page.get_by_role("button", name="Print all").click()
    expect(page.get_by_text("Everything was printed.")).to_be_visible()
    assert here.job(job).state == JobState.PRINTED
