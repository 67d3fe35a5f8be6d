"""A panel 200 ms away from the portal: few round trips a touch, an answer to every touch at once, no touch lost."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, Request, expect

from benchmarks.installation import free_port
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.printer_login.badges import NewBadge, register_badge
from domain.printer_login.configuration import change_settings
from domain.printer_login.rules import PrinterLoginSettings
from domain.runs.execution import begin_step, claim
from domain.solutions.definition import SolutionDefinition
from domain.solutions.service import create_solution
from portal_api.app import create_service
from tests.browser.conftest import close_window
from tests.browser.test_panel import OWN, Office, screen_of, tap
from tests.browser.test_panel_solutions import LOCKED_EMAIL, newest_run, put_in_one_page
from tests.support.distant_network import distant
from tests.support.panels import connect_touch_screen, install_panel_apps, key_of
from tests.support.portal_server import serving
from tests.support.releasing import release_office

ROUND_TRIP = 0.2
SOLUTION = "Quick archive"
TOUCHED = "e => { const was = document.body.outerHTML; e.click(); return was !== document.body.outerHTML; }"
"""Whether anything is different before the network could have said a word."""
NEXT_NEWS = """(html, event) => import(`/panel/static/${html.dataset.version}/events.js`)
  .then(({ on }) => on(event, () => (html.dataset.heard = event)))"""


@dataclass
class Trips:
    """Round trips of a page that had to wait for one another; the stream of news, always open, is none."""

    portal: str
    longest: int = 0
    _ended: int = 0
    _places: dict[Request, int] = field(default_factory=dict)

    def listen(self, page: Page) -> None:
        page.on("request", self._begin)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)

    def begin(self) -> None:
        """Count from here: whatever is under way is not of the next touch."""
        self.longest = self._ended = 0
        self._places.clear()

    def _begin(self, request: Request) -> None:
        if request.url.startswith(self.portal) and not request.url.endswith("/panel/api/events"):
            self._places[request] = self._ended + 1
            self.longest = max(self.longest, self._ended + 1)

    def _end(self, request: Request) -> None:
        self._ended = max(self._ended, self._places.get(request, 0))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder, near, far = tmp_path_factory.mktemp("panel"), free_port(), free_port()
    with release_office(folder, ["color-mfp"], portal_port=str(near)) as here:
        chief = here.installation.administrator
        change_settings(chief, PrinterLoginSettings(methods=("badge",), session_seconds=600))
        register_badge(chief, here.ann.email, NewBadge(OWN.number))
        with here.ann.session() as session:
            session.get_one(User, here.ann.user_id).roles = [Role.SOLUTIONS_USER.value, Role.PRINT_RELEASE_USER.value]
        content = {"name": SOLUTION, "steps": [LOCKED_EMAIL], "share_with_organization": True}
        create_solution(chief, SolutionDefinition.model_validate(content))
        put_in_one_page(here.simulated())
        with serving(create_service(here.installation.settings), far), distant(near, far, ROUND_TRIP):
            (printer_id,) = here.printers
            install_panel_apps(here.organization_id, printer_id, print_release="5.10.21", solution_center="1.0")
            portal = f"http://127.0.0.1:{near}"
            connect_touch_screen(here.simulated(), key_of(here.organization_id, printer_id), portal)
            yield Office(here, portal, folder)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1500, "height": 900}, locale="en-US", timezone_id="UTC")
    context.set_default_timeout(20_000)
    window, complaints = context.new_page(), []
    window.on("pageerror", lambda error: complaints.append(str(error)))
    yield window
    close_window(context)
    assert complaints == []


def home(page: Page, office: Office) -> FrameLocator:
    """The home screen of the person whose badge was held to the reader."""
    screen = screen_of(page, office, 0)
    expect(screen.get_by_role("heading", name="Hold your badge to the reader")).to_be_visible()
    tap(page, OWN.title)
    expect(tile(screen)).to_be_visible()
    return screen


def tile(screen: FrameLocator, name: str = "Solution Center") -> Locator:
    return screen.get_by_role("navigation", name="Apps").get_by_role("button", name=name)


def test_every_touch_is_answered_at_once_and_takes_few_round_trips(page: Page, office: Office) -> None:
    """Badge, home, quick run; each line: what is touched, what follows, the most round trips in sequence."""
    trips = Trips(office.portal)
    trips.listen(page)
    with page.expect_response(lambda answer: answer.url.endswith("/panel/api/state")):  # the page has caught up
        screen = screen_of(page, office, 0)
    expect(screen.get_by_role("heading", name="Hold your badge to the reader")).to_be_visible()
    page.wait_for_load_state("load")
    trips.begin()
    tap(page, OWN.title)
    expect(tile(screen)).to_be_visible()
    assert trips.longest == 0, "the home screen comes with the news that the badge was read"

    def button(name: str) -> Locator:
        return screen.get_by_role("button", name=name, exact=True)

    progress = screen.get_by_text("You can leave: the run goes on.")
    for touched, follows, most in (
        (button("Quotas"), screen.get_by_role("dialog", name="Quotas"), 1),
        (button("Close"), tile(screen), 0),
        (tile(screen), screen.get_by_role("button", name=SOLUTION).first, 1),
        (screen.get_by_role("button", name=SOLUTION).first, button("Scan and send"), 1),
        # Keep what was chosen, scan, hear of the page, send, hear of the run.
        (button("Scan and send"), progress, 5),
        (button("Solutions"), screen.get_by_role("button", name=SOLUTION).first, 1),
        (button("Home"), tile(screen), 0),
        (tile(screen, "Print release"), screen.get_by_role("heading", name="Nothing waits to be printed."), 1),
        (button("Sign out"), screen.get_by_role("heading", name="Hold your badge to the reader"), 1),  # waits for none
    ):
        touched.click(trial=True)
        trips.begin()
        assert touched.evaluate(TOUCHED), f"nothing shows that {touched} was touched"
        expect(follows).to_be_visible()
        assert trips.longest <= most, touched
    assert newest_run(office).solution_name == SOLUTION


def test_an_answer_that_comes_late_takes_no_screen_away(page: Page, office: Office) -> None:
    """The list of solutions arrives when the person has long gone back."""
    screen = home(page, office)
    with page.expect_event("requestfinished", lambda request: request.url.endswith("solution-center/solutions")):
        tile(screen).click()
        screen.get_by_role("button", name="Home").click()
        expect(tile(screen)).to_be_visible()
    tile(screen, "Print release").click()
    expect(screen.get_by_role("heading", name="Nothing waits to be printed.")).to_be_visible()
    expect(screen.get_by_role("button", name=SOLUTION)).to_have_count(0)
    screen.get_by_role("button", name="Sign out").click()
    expect(screen.get_by_role("heading", name="Hold your badge to the reader")).to_be_visible()


def test_two_touches_begin_one_scan(page: Page, office: Office) -> None:
    """An impatient finger: the second touch of the same button starts nothing more."""
    screen = home(page, office)
    tile(screen).click()
    screen.get_by_role("button", name=SOLUTION).first.click()
    asked: list[str] = []
    page.on("request", lambda request: request.method == "POST" and asked.append(request.url.rpartition("/")[2]))
    screen.get_by_role("button", name="Scan and send").evaluate("e => { e.click(); e.click(); }")
    expect(screen.get_by_text("You can leave: the run goes on.")).to_be_visible()
    assert asked == ["run-drafts", "scan", "send"]
    screen.get_by_role("button", name="Sign out").click()
    expect(screen.get_by_role("heading", name="Hold your badge to the reader")).to_be_visible()


def test_news_replace_no_button_under_a_finger(page: Page, office: Office) -> None:
    """A run goes on between the moment when a button is touched and the moment when the finger is lifted."""
    screen = home(page, office)
    tile(screen).click()
    screen.get_by_role("button", name=SOLUTION).first.click()
    screen.get_by_role("button", name="Scan and send").click()
    expect(screen.get_by_text("You can leave: the run goes on.")).to_be_visible()
    screen.get_by_role("button", name="Solutions", exact=True).hover()
    page.mouse.down()
    screen.locator("html").evaluate(NEXT_NEWS, "run")
    work = claim(newest_run(office).id, "w:1")
    assert work is not None
    begin_step(work, work.plan[0], "0", work.original)
    expect(screen.locator("html")).to_have_attribute("data-heard", "run")
    page.mouse.up()
    expect(screen.get_by_role("button", name=SOLUTION).first).to_be_visible()
    screen.get_by_role("button", name="Sign out").click()
    expect(screen.get_by_role("heading", name="Hold your badge to the reader")).to_be_visible()
