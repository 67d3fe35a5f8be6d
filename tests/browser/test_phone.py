"""A phone held to a printer: the code on the panel, sign-in, my jobs, solutions, ending the session (MOB-1…MOB-9)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from domain.printing.states import JobState
from domain.solutions.definition import SolutionDefinition, StepDefinition
from domain.solutions.service import create_solution
from fleet.agents.models import AgentKind
from fleet.printers.models import Printer
from printers_sim.device.enrolment import complete
from printers_sim.device.phones import let_phones
from printers_sim.device.settings import COMMUNICATION, change_settings
from tests.browser.conftest import close_window
from tests.portal_api.test_panel_release import Panel, application_access, worker_at
from tests.support.installation import PASSWORD
from tests.support.portal_server import serving_pages
from tests.support.releasing import ReleaseOffice, release_office


@dataclass(frozen=True, slots=True)
class Place:
    """A small printer, and the portal's address."""

    office: ReleaseOffice
    portal: str

    def scan(self) -> str:
        """What the panel's code says now."""
        code = Panel(self.office, 0).ask("GET", "phone-code")
        return self.portal + urlsplit(code["address"]).path

    @property
    def panel(self) -> str:
        printer = self.office.simulated()
        return f"http://{printer.address}:{self.office.simulation.http_port}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with release_office(tmp_path_factory.mktemp("office"), ["mono-printer"]) as office:
        simulated = office.simulated()
        simulated.firmware = "081.215"
        with office.ann.session() as session:
            row = session.get_one(Printer, office.printers[0])
            row.agent_kind, row.firmware_level, row.name = AgentKind.NATIVE, "081.215", "By the stairs"
        change_settings(simulated, {COMMUNICATION: True})
        complete(simulated)
        let_phones(simulated, is_on=True)
        chief = office.installation.administrator
        steps = (StepDefinition(kind="print_document", parameters={"copies": 2}),)
        create_solution(chief, SolutionDefinition(name="Two copies", share_with_organization=True, steps=steps))
        with serving_pages() as address, worker_at(office):
            Panel(office, 0).ask("PUT", "server", application_access(chief.email) | {"address": address})
            yield Place(office, address)


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True)
    yield context.new_page()
    close_window(context)


def sign_in(page: Page, email: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/phone$"))
    page.wait_for_function("window.socket && window.socket.connected")


def test_my_jobs(place: Place, phone: Page, chromium: Browser) -> None:
    """MOB-4…MOB-9: from the code on the panel to the end of the session."""
    office = place.office
    job, other, third = (office.held(pages=count, name=f"{count}.pdf") for count in (3, 1, 2))
    phone.goto(f"{place.panel}/panel")
    phone.get_by_role("link", name="Open mobile solutions").click()
    expect(phone.get_by_alt_text("Code for phones")).to_have_js_property("complete", value=True)
    expect(phone.get_by_alt_text("Code for phones")).not_to_have_js_property("naturalWidth", value=0)
    phone.goto(place.scan())
    sign_in(phone, office.ann.email)
    expect(phone.get_by_role("heading", name="By the stairs")).to_be_visible()

    second = chromium.new_context(viewport={"width": 390, "height": 844})
    bobs = second.new_page()
    bobs.goto(place.scan())
    sign_in(bobs, office.installation.administrator.email)
    expect(bobs.get_by_text("Somebody else is using the printer By the stairs just now.")).to_be_visible()

    phone.get_by_role("checkbox", name="Choose “3.pdf”").click()
    phone.get_by_role("button", name="Print what is chosen").click()
    expect(phone.get_by_role("dialog").get_by_text("Everything was printed.")).to_be_visible()
    phone.get_by_role("button", name="Stay signed in").click()
    expect(phone.get_by_role("checkbox", name="Choose “3.pdf”")).to_have_count(0)
    phone.get_by_role("checkbox", name="Choose “1.pdf”").click()
    phone.get_by_role("button", name="Settings").click()
    phone.get_by_label("Copies").fill("2")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_role("dialog")).to_have_count(0)
    phone.get_by_role("checkbox", name="Choose “1.pdf”").click()
    phone.get_by_role("checkbox", name="Choose “2.pdf”").click()
    phone.get_by_role("button", name="Delete").click()
    phone.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(phone.get_by_role("checkbox", name="Choose “2.pdf”")).to_have_count(0)
    phone.get_by_role("button", name="Print all").click()
    expect(phone.get_by_text("1.pdf: 2 sides")).to_be_visible()
    expect(phone.get_by_role("dialog")).to_be_visible()
    assert [office.job(one).state for one in (job, other, third)] == [
        JobState.PRINTED,
        JobState.PRINTED,
        JobState.CANCELED,
    ]
    phone.get_by_role("dialog").get_by_role("button", name="End the session").click()
    expect(phone.get_by_text("Scan the code of a printer")).to_be_visible()
    bobs.get_by_role("button", name="Try again").click()
    expect(bobs.get_by_role("heading", name="By the stairs")).to_be_visible()
    bobs.get_by_role("button", name="End the session").click()
    expect(bobs.get_by_text("Scan the code of a printer")).to_be_visible()
    close_window(second)


def test_a_solution_prints_at_this_printer(place: Place, phone: Page, letter: Path) -> None:
    """Point 3 of the phone: a file of the phone, delivered by the printer that was scanned."""
    phone.goto(place.scan())
    sign_in(phone, place.office.installation.administrator.email)
    phone.get_by_role("tab", name="Solutions").click()
    phone.get_by_role("link", name="Two copies").click()
    phone.wait_for_function("window.socket && window.socket.connected")
