"""A real browser on a real portal: every page opened here must stay on this machine and must log no error."""

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)
from playwright.sync_api import (
    TimeoutError as NothingHappens,
)
from sqlalchemy import make_url, select

from benchmarks.installation import PASSWORD, environment, free_port
from connectors.settings import get_settings
from domain.organizations.models import Organization, User, now
from domain.organizations.roles import Role
from domain.organizations.service import local_administrator, new_organization
from domain.tenancy import system_session
from pressroom.first_start import prepare
from tests.support.portal_server import serving_pages

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ADMINISTRATOR = "admin@pressroom.example"
COLLEAGUE = "colleague@pressroom.example"
NEWCOMER = "newcomer@another.example"
PRESSES, PRESS_MILLISECONDS = 4, 5_000
expect.set_options(timeout=20_000)  # as long as everything else may take; the machine may be busy


@dataclass
class Visitor:
    """One person's browser window. `complaints` are console errors and requests that left the machine."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def go(self, path: str) -> None:
        """Open a page and wait until it answers to the keyboard and the mouse."""
        self.page.goto(self.url + path)
        until_alive(self.page)

    def sign_in(self, email: str = ADMINISTRATOR) -> None:
        """Signed in, on the first page of that person; the sign-in pages' own form is sent without showing them."""
        answer = self.page.request.post(
            f"{self.url}/sign-in",
            form={"email": email, "password": PASSWORD},
            headers={"Origin": self.url},
            max_redirects=0,
        )
        assert (answer.status, answer.headers["location"]) == (303, "/")
        self.page.goto(f"{self.url}/")
        self.page.wait_for_url(re.compile("/(solutions|welcome)$"))

    def walk_in(self, email: str = ADMINISTRATOR) -> None:
        """The same by the sign-in pages."""
        self.page.goto(f"{self.url}/sign-in")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_role("button", name="Next").click()
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(re.compile("/(solutions|welcome)$"))

    def api(self, path: str) -> Any:
        """What the REST API answers this person."""
        answer = self.page.request.get(f"{self.url}/api/v1{path}")
        assert answer.ok, answer.text()
        return answer.json()

    def unexpected(self) -> list[str]:
        return [line for line in self.complaints if not any(words in line for words in self.expected)]


Open = Callable[..., Visitor]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, steered by Playwright.

    For one module only: as long as it is there an event loop runs in this thread, and no other test could run its own.
    """
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium on this machine: install the Debian package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Path]]:
    """A portal process for many modules: its address, its records and a copy of them as they are at first."""
    home = tmp_path_factory.mktemp("portal")
    with portal_process(home) as address:
        records, at_first = Path(make_url(get_settings().records_url).database or ""), home / "at-first.db"
        _copy_records(records, at_first)
        yield address, records, at_first


@pytest.fixture(scope="module")
def portal(shared_portal: tuple[str, Path, Path]) -> str:
    """The address of a portal with tables and people, but without an engine: runs stay queued.

    Its records are for each module as they were at first, whatever other modules left behind.
    """
    address, records, at_first = shared_portal
    _copy_records(at_first, records)
    return address


def _copy_records(source: Path, destination: Path) -> None:
    """Copy a whole SQLite database, in one transaction; processes that have `destination` open see the new content."""
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(destination, timeout=60)) as target:
        origin.backup(target)


@contextmanager
def portal_process(home: Path, **settings: str) -> Iterator[str]:
    """A portal of its own in `home`; `settings` are further `PRESSROOM_…` values by their names in capitals."""
    port = free_port()
    values = {"HOME": str(home), "PORTAL_PORT": str(port), "ADMIN_PASSWORD": PASSWORD, "DOORBELLS": "", **settings}
    with environment({f"PRESSROOM_{name}": value for name, value in values.items()}):
        prepare(get_settings())
        _add_people()
        with serving_pages(port) as address:
            yield address


@pytest.fixture
def open_window(chromium: Browser, portal: str) -> Iterator[Open]:
    """Opens windows; at the end none of them may have asked another machine or logged an error."""
    yield from windows(chromium, portal)


@pytest.fixture
def visitor(open_window: Open) -> Visitor:
    """The administrator, signed in, in a window of 1280 × 860."""
    window = open_window()
    window.sign_in()
    return window


def windows(browser: Browser, url: str) -> Iterator[Open]:
    contexts: list[BrowserContext] = []
    opened: list[Visitor] = []

    def open_one(width: int = 1280, height: int = 860, look: str = "light", locale: str = "en-US") -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if look == "dark" else "light",
            locale=locale,
            timezone_id="UTC",
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        window = Visitor(context.new_page(), url)
        _listen(window)
        opened.append(window)
        return window

    yield open_one
    complaints = [line for window in opened for line in window.unexpected()]
    for context in contexts:
        close_window(context)
    assert complaints == []


def close_window(context: BrowserContext) -> None:
    """Leave the page, then close. Chromium at times never ends a window that is in the middle of loading one."""
    for page in context.pages:
        page.wait_for_load_state()
        page.goto("about:blank")
    context.close()


def until_alive(page: Page) -> None:
    """Wait until the page answers to the keyboard and the mouse."""
    page.wait_for_function("window.socket && window.socket.connected")


@contextmanager
def another_page(page: Page) -> Iterator[None]:
    """What is done here leads to a new page (or this one anew), which is alive afterwards.

    The page before it may look the same: whoever does not wait fills in what is about to go.
    """
    with page.expect_navigation():
        yield
    until_alive(page)


def press(button: Locator, effect: Locator, state: Literal["visible", "hidden"] = "visible") -> None:
    """Click until it has its effect: while a list is made anew, or a menu unfolds, a click meets nothing."""
    for attempt in range(PRESSES):
        button.click()
        try:
            effect.wait_for(state=state, timeout=PRESS_MILLISECONDS)
        except NothingHappens:
            if attempt == PRESSES - 1:
                raise
        else:
            return


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of a list that unfolds, also while the form around it is being made anew."""
    wanted = page.get_by_role("option", name=option, exact=True)
    press(page.get_by_role("combobox", name=label, exact=True), wanted)
    press(wanted, wanted, "hidden")


def _listen(window: Visitor) -> None:
    def note_request(request: Request) -> None:
        if not request.url.startswith((window.url, "data:", "blob:")):
            window.complaints.append(f"left the machine: {request.url}")

    def note_message(message: ConsoleMessage) -> None:
        if message.type == "error":
            window.complaints.append(message.text)

    window.page.on("request", note_request)
    window.page.on("console", note_message)
    window.page.on("pageerror", lambda error: window.complaints.append(str(error)))


def _add_people() -> None:
    """A colleague who may only run solutions, and a person of another organization that has no solutions yet."""
    administrator = local_administrator()
    with system_session() as session:
        organization = new_organization(session, "Another organization")
        for one in session.scalars(select(Organization)):
            one.set_up_ended = now()  # so that signing in leads to the solutions
        password_hash = session.get_one(User, administrator.user_id).password_hash
        for organization_id, email, name, roles in (
            (administrator.organization_id, COLLEAGUE, "Carl Colleague", [Role.SOLUTIONS_USER]),
            (organization.id, NEWCOMER, "Nora Newcomer", list(Role)),
        ):
            session.add(
                User(
                    organization_id=organization_id,
                    email=email,
                    name=name,
                    password_hash=password_hash,
                    roles=[role.value for role in roles],
                )
            )


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A text file."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader", encoding="utf-8")
    return path
