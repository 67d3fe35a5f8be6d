"""A visit at the touch screen of each size, in a browser: the printer's page with the portal's panel in its frame."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from benchmarks.installation import free_port
from domain.organizations.roles import Role
from domain.print_definitions.definitions import change_default
from domain.print_quotas.limits import MonthLimit, QuotaLimits
from domain.print_quotas.subject import QUOTAS
from domain.printer_login.badges import NewBadge, register_badge
from domain.printer_login.configuration import change_settings
from domain.printer_login.login_codes import new_code
from domain.printer_login.own import set_own_pin
from domain.printer_login.rules import PrinterLoginSettings
from domain.printing.delegates.service import NewDelegate, add_delegate
from domain.printing.states import JobState
from fleet.releasing.panel import delete_jobs
from portal_api.app import create_service
from printers_sim.panel.badges import SAMPLE_BADGES
from tests.browser.conftest import close_window
from tests.portal_api.test_panel_release import until, worker_at
from tests.support.installation import PASSWORD
from tests.support.panels import connect_touch_screen, install_panel_apps, key_of
from tests.support.portal_server import serving
from tests.support.print_settings import set_print_settings
from tests.support.releasing import ReleaseOffice, release_office

LARGE, MIDDLE, SMALL = 0, 1, 2
"""Places of the printers with 1024 × 600, 800 × 480 and 320 × 240 pixels."""
TARGET = 44
"""Pixels that a finger needs."""
REFUSED = "Failed to load resource: the server responded with a status of 4"
"""What the browser itself notes of an answer that the page shows as a message."""
BROKEN = "Failed to load resource: net::ERR_FAILED"
"""The same of a stream that a test has broken off."""
PIN = "482915"
OWN, NEW, FOREIGN = SAMPLE_BADGES


@dataclass
class Office:
    """The printers with their touch screens, and the folder of the screenshots."""

    here: ReleaseOffice
    portal: str
    shots: Path

    def address(self, number: int) -> str:
        return f"http://{self.here.simulated(number).address}:{self.here.simulation.http_port}/touch"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder, port = tmp_path_factory.mktemp("panel"), free_port()
    with release_office(folder, ["color-mfp", "mono-mfp", "mono-printer"], portal_port=str(port)) as here:
        chief = here.installation.administrator
        change_settings(chief, PrinterLoginSettings(methods=("badge", "pin", "secure_login")))
        register_badge(chief, here.ann.email, NewBadge(OWN.number))
        set_own_pin(here.ann, PIN)
        with serving(create_service(here.installation.settings), port) as portal, worker_at(here):
            for number, printer_id in enumerate(here.printers):
                install_panel_apps(here.organization_id, printer_id)
                connect_touch_screen(here.simulated(number), key_of(here.organization_id, printer_id), portal)
            yield Office(here, portal, folder)


@pytest.fixture
def page(chromium: Browser, office: Office) -> Iterator[Page]:
    """A browser whose window logs no error and leaves this machine for nothing."""
    context = chromium.new_context(viewport={"width": 1500, "height": 900}, locale="en-US", timezone_id="UTC")
    context.set_default_timeout(20_000)
    window, complaints = context.new_page(), []
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.on("request", lambda request: request.url.startswith("http://127.") or complaints.append(request.url))
    window.on("console", lambda line: line.type == "error" and complaints.append(line.text))
    yield window
    close_window(context)
    assert [line for line in complaints if not line.startswith((REFUSED, BROKEN))] == []


def screen_of(page: Page, office: Office, number: int) -> FrameLocator:
    page.goto(office.address(number))
    screen = page.frame_locator("#screen")
    expect(screen.locator("#bar")).to_be_visible()
    return screen


def tap(page: Page, title: str) -> None:
    page.get_by_role("button", name=title).click()


def shoot(page: Page, office: Office, name: str) -> None:
    page.locator("#screen").screenshot(path=office.shots / f"{name}.png", animations="disabled")


VISIBLE_TARGETS = """
page => [...page.querySelectorAll('button, input')]
    .filter(e => e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}))
    .map(e => [e.textContent + (e.ariaLabel || ''), e.getBoundingClientRect(), innerWidth])
"""
"""All at one moment: what is drawn anew in between would have no size any more."""


def nothing_overflows(screen: FrameLocator) -> None:
    """Nothing is outside the screen but in lists that scroll, and everything that is touched has 44 pixels."""
    size = screen.locator("html").evaluate("e => [e.scrollWidth, e.clientWidth, e.scrollHeight, e.clientHeight]")
    assert size[0] <= size[1], size
    assert size[2] <= size[3], size
    targets = screen.locator("html").evaluate(VISIBLE_TARGETS)
    assert [name for name, box, _ in targets if box["height"] < TARGET or box["width"] < TARGET] == []
    assert [name for name, box, width in targets if box["left"] < 0 or box["right"] > width] == []


def test_a_visit_with_the_badge_on_a_large_screen(page: Page, office: Office) -> None:
    """PR-170, PR-191, PR-192: three touches to paper, progress, signing out; delegated jobs; quotas; Swedish."""
    here = office.here
    here.settings(delegation_enabled=True, print_and_keep_enabled=True)
    boss = here.installation.add_person("boss@one.example", Role.PRINT_RELEASE_USER)
    add_delegate(boss, NewDelegate(delegate_id=here.ann.user_id))
    jobs = [here.held(pages=2, name="Quarterly report with a name that is far too long for any panel.pdf")]
    jobs += [here.held(name=f"Letter {number}.pdf") for number in range(1, 4)]
    delegated = here.held(name="Contract.pdf", owner=boss)
    before = here.simulated(LARGE).life_count
    screen = screen_of(page, office, LARGE)
    expect(screen.get_by_role("heading", name="Hold your badge to the reader")).to_be_visible()
    nothing_overflows(screen)
    shoot(page, office, "large-1-welcome")
    tap(page, OWN.title)
    expect(screen.get_by_role("button", name="Print release")).to_contain_text("4")
    nothing_overflows(screen)
    shoot(page, office, "large-2-home")
    screen.get_by_role("button", name="Print release").click()
    screen.get_by_role("checkbox", name="Quarterly report").click()
    shoot(page, office, "large-3-jobs")
    nothing_overflows(screen)
    screen.get_by_role("button", name="Settings").click()
    screen.get_by_role("button", name="More").click()
    shoot(page, office, "large-4-settings")
    screen.get_by_role("button", name="Save").click()
    expect(screen.get_by_text("2 copies")).to_be_visible()
    screen.get_by_role("button", name="Print (1)").click()
    expect(screen.get_by_role("heading", name="Everything was printed.")).to_be_visible()
    shoot(page, office, "large-5-printed")
    assert here.simulated(LARGE).life_count - before == 4
    assert [here.job(job).state for job in jobs[:2]] == [JobState.PRINTED, JobState.HELD]
    fact = until(lambda: next((one for one in here.facts() if one.job_id == jobs[0] and one.source == "device"), None))
    assert (fact.impressions, fact.copies) == (4, 2)
    screen.get_by_role("button", name="My jobs").click()
    screen.get_by_role("checkbox", name="Letter 1.pdf").click()
    late = here.held(name="Just sent.pdf")
    expect(screen.get_by_role("checkbox", name="Just sent.pdf")).to_be_visible()
    delete_jobs(here.ann, [late])  # elsewhere
    expect(screen.get_by_role("checkbox", name="Just sent.pdf")).to_be_hidden()
    expect(screen.get_by_role("checkbox", name="Letter 1.pdf")).to_be_checked()
    screen.get_by_role("button", name="Delete").click()
    screen.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(screen.get_by_text("Deleted.")).to_be_visible()
    assert [here.job(job).state for job in jobs[1:3]] == [JobState.CANCELED, JobState.HELD]
    screen.get_by_role("button", name="Boss").click()
    screen.get_by_role("checkbox", name="Contract.pdf").click()
    shoot(page, office, "large-6-delegated")
    screen.get_by_role("button", name="Print (1)").click()
    expect(screen.get_by_role("heading", name="Everything was printed.")).to_be_visible()
    assert here.job(delegated).state == JobState.PRINTED
    screen.get_by_role("button", name="Home").click()
    screen.get_by_role("button", name="Quotas").click()
    expect(screen.get_by_role("dialog", name="Quotas")).to_be_visible()
    shoot(page, office, "large-7-quotas")
    screen.get_by_role("button", name="Close").click()
    screen.get_by_role("button", name="Language").click()
    screen.get_by_role("button", name="Svenska").click()
    expect(screen.get_by_role("button", name="Logga ut")).to_be_visible()
    screen.get_by_role("button", name="Hög kontrast").click()
    shoot(page, office, "large-8-swedish-contrast")
    tap(page, OWN.title)
    expect(screen.get_by_role("heading", name="Hold your badge to the reader")).to_be_visible()
    here.settings()


def test_whose_colour_is_used_up_is_offered_black_and_white(page: Page, office: Office) -> None:
    """PR-82: the job that was refused is printed by one touch, without colour; it is the only one that is."""
    here = office.here
    chief = here.installation.administrator
    here.settings()
    job = here.held(name="Chart.pdf", is_color=True)
    set_print_settings(chief, quotas={"enabled": True, "strict": True})
    change_default(chief, QUOTAS, QuotaLimits(months=(MonthLimit(color="limited", color_limit=0),)))
    screen = screen_of(page, office, LARGE)
    tap(page, OWN.title)
    screen.get_by_role("button", name="Print release").click()
    screen.get_by_role("checkbox", name="Chart.pdf").click()
    screen.get_by_role("button", name="Print (1)").click()
    expect(screen.get_by_role("heading", name="Not everything was printed.")).to_be_visible()
    assert here.job(job).state == JobState.HELD
    screen.get_by_role("button", name="Print in black and white").click()
    expect(screen.get_by_role("heading", name="Everything was printed.")).to_be_visible()
    assert here.job(job).state == JobState.PRINTED
    fact = until(lambda: next((one for one in here.facts() if one.job_id == job and one.source == "device"), None))
    assert (fact.impressions, fact.color_impressions) == (1, 0)
    screen.get_by_role("button", name="Sign out").last.click()
    expect(screen.get_by_role("heading", name="Hold your badge to the reader")).to_be_visible()
    change_default(chief, QUOTAS, QuotaLimits())
    here.settings()


def test_a_new_badge_is_registered_on_a_middle_screen(page: Page, office: Office) -> None:
    """AC-163, and what a wrong PIN and a foreign badge say; everything fits 800 × 480."""
    here = office.here
    colleague = here.installation.add_person("new.colleague@one.example", Role.PRINT_RELEASE_USER)
    screen = screen_of(page, office, MIDDLE)
    shoot(page, office, "middle-1-welcome")
    screen.get_by_role("button", name="PIN", exact=True).click()
    for _ in PIN:
        screen.get_by_role("button", name="9", exact=True).click()
    shoot(page, office, "middle-2-pin")
    nothing_overflows(screen)
    screen.get_by_role("button", name="OK").click()
    expect(screen.get_by_role("dialog")).to_contain_text("The PIN is wrong.")
    shoot(page, office, "middle-3-wrong")
    screen.get_by_role("dialog").get_by_role("button", name="OK").click()
    screen.get_by_role("button", name="Back").click()
    tap(page, NEW.title)
    expect(screen.get_by_role("heading", name="This badge is new here")).to_be_visible()
    shoot(page, office, "middle-4-new-badge")
    screen.get_by_role("button", name="E-mail and password").click()
    screen.get_by_label("E-mail address").fill(colleague.email)
    screen.get_by_label("Password").click()
    screen.get_by_role("button", name="q", exact=True).click()
    shoot(page, office, "middle-5-keyboard")
    nothing_overflows(screen)
    screen.get_by_label("Password").fill(PASSWORD)
    screen.get_by_role("button", name="OK").click()
    expect(screen.get_by_role("heading", name=colleague.name)).to_be_visible()
    expect(screen.get_by_text("Your badge is registered.")).to_be_visible()
    shoot(page, office, "middle-6-home")
    tap(page, FOREIGN.title)
    expect(screen.get_by_role("dialog")).to_contain_text("This is not the badge of the person who is signed in.")
    screen.get_by_role("dialog").get_by_role("button", name="OK").click()
    screen.get_by_role("button", name="Print release").click()
    expect(screen.get_by_role("heading", name="Nothing waits to be printed.")).to_be_visible()
    shoot(page, office, "middle-7-empty")
    screen.get_by_role("button", name="Sign out").click()
    expect(screen.get_by_text("You are signed out.")).to_have_count(0)
    expect(screen.get_by_role("heading", name="Hold your badge to the reader")).to_be_visible()


def test_auto_release_begins_at_sign_in_and_can_be_cancelled(page: Page, office: Office) -> None:
    """PR-198, PR-199."""
    here = office.here
    here.settings(auto_release_enabled=True, auto_release_grace_seconds=30)
    job = here.held(name="At once.pdf")
    screen = screen_of(page, office, MIDDLE)
    tap(page, OWN.title)
    expect(screen.get_by_role("heading", name="Your jobs are printed in")).to_be_visible()
    shoot(page, office, "middle-8-auto")
    screen.get_by_role("button", name="Cancel").click()
    expect(screen.get_by_role("heading", name="Cancelled.")).to_be_visible()
    assert here.job(job).state == JobState.HELD
    screen.get_by_role("button", name="Sign out").last.click()
    here.settings()


def test_a_small_screen_prints_everything(page: Page, office: Office) -> None:
    """PR-205…PR-209: PIN or code only, one touch, nothing to choose."""
    here = office.here
    jobs = {*here.queue(), here.held(name="Small one.pdf")}
    screen = screen_of(page, office, SMALL)
    expect(screen.get_by_role("heading", name="Sign in")).to_be_visible()
    shoot(page, office, "small-1-welcome")
    nothing_overflows(screen)
    screen.get_by_role("button", name="Login code").click()
    shoot(page, office, "small-2-code")
    nothing_overflows(screen)
    screen.get_by_label("Login code").fill(new_code(here.ann).code)
    expect(screen.get_by_role("button", name="Print all")).to_be_visible()
    shoot(page, office, "small-3-jobs")
    nothing_overflows(screen)
    screen.get_by_role("button", name="Print all").click()
    expect(screen.get_by_role("heading", name="Everything was printed.")).to_be_visible()
    shoot(page, office, "small-4-printed")
    assert {here.job(job).state for job in jobs} == {JobState.PRINTED}


def test_the_person_is_signed_out_when_nobody_touches_the_screen(page: Page, office: Office) -> None:
    change_settings(
        office.here.installation.administrator, PrinterLoginSettings(methods=("badge",), session_seconds=15)
    )
    page.route("**/panel/api/events", lambda route: route.abort(), times=1)
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/panel/api/events")):
        screen = screen_of(page, office, MIDDLE)
    tap(page, OWN.title)  # nobody tells the page: its stream is opened again only now
    expect(screen.get_by_role("timer")).to_be_visible()
    shoot(page, office, "middle-9-countdown")
    expect(screen.get_by_role("heading", name="Hold your badge to the reader")).to_be_visible(timeout=40_000)
    told = screen.get_by_text("You were signed out: nobody touched the screen.")
    expect(told).to_be_visible()
    screen.locator("#bar").click()
    expect(told).to_be_hidden()
