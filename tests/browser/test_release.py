"""Releasing jobs in a browser, from the portal at a printer of one's choice; at the printer: test_panel.py."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from domain.printing.states import JobState
from tests.browser.conftest import close_window, until_alive
from tests.portal_api.test_panel_release import worker_at
from tests.support.installation import PASSWORD
from tests.support.portal_server import serving_pages
from tests.support.releasing import ReleaseOffice, release_office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ReleaseOffice, str]]:
    folder = tmp_path_factory.mktemp("office")
    with release_office(folder, ["color-mfp"]) as one, serving_pages() as address, worker_at(one):
        yield one, address


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    yield context.new_page()
    close_window(context)


def test_from_the_portal_at_a_printer_of_ones_choice(office: tuple[ReleaseOffice, str], page: Page) -> None:
    """PR-125, PR-126."""
    here, address = office
    job = here.held(pages=3, name="Report.pdf")
    page.goto(f"{address}/release")
    page.get_by_label("E-mail address").fill(here.ann.email)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/release"))
    until_alive(page)
    page.get_by_role("button", name="Print all").click()
    expect(page.get_by_text("Choose a printer first.")).to_be_visible()
    page.get_by_role("combobox", name="Printer").click()
    page.get_by_role("option").first.click()
    page.get_by_role("button", name="Print all").click()
    expect(page.get_by_text("Everything was printed.")).to_be_visible()
    assert here.job(job).state == JobState.PRINTED
