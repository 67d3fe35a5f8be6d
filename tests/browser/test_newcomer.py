"""Two customers of one partner, set up from nothing by somebody who has docs/accounts.md at hand and nothing else.

The guide's table is read here: every place that it names is gone to by that name, and every row of it is followed. What
a person does is counted, clicks and filled fields; at six seconds each it has to fit into ten minutes.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from benchmarks.installation import PASSWORD
from domain.organizations.models import Organization
from domain.organizations.service import local_administrator
from domain.tenancy import system_session
from tests.browser.conftest import ADMINISTRATOR, Open, Visitor, until_alive
from tests.browser.test_account import mailed_link

GUIDE = Path(__file__).parent.parent.parent / "docs" / "accounts.md"
ROW = re.compile(r"^\| (?P<minute>\d+) \| (?P<what>.+) \| (?P<where>.+) \|$", re.MULTILINE)
SECONDS_AN_ACTION = 6
"""About twice what the keystroke-level model gives for thinking, pointing and clicking or typing a word."""
COUNT_ACTIONS = """
for (const kind of ['click', 'change']) addEventListener(kind, event => {
  if (event.isTrusted && (kind === 'click' || event.target.matches('input, textarea')))
    sessionStorage.actions = Number(sessionStorage.actions || 0) + 1;
}, true);
"""
CUSTOMERS = {"Northern Foods": ("nora@northern.example", 400), "Southern Foods": ("sam@southern.example", 250)}


@pytest.fixture
def open_new(open_window: Open) -> Open:
    """Windows on a portal just installed: nobody has put the checklist away."""
    with system_session() as session:
        session.get_one(Organization, local_administrator().organization_id).set_up_ended = None
    return open_window


def places_in_the_guide() -> list[tuple[str, ...]]:
    """The “Where” of every row, in order, such as (Page quotas, Distributions)."""
    rows = ROW.findall(GUIDE.read_text(encoding="utf-8"))
    return [tuple(part.strip() for part in where.split("›")) for _minute, _what, where in rows]


class Newcomer:
    """Somebody who goes to places by the names that the guide gives, and ticks them off."""

    def __init__(self, window: Visitor) -> None:
        self.window, self.page, self.been = window, window.page, set[tuple[str, ...]]()
        self.page.context.add_init_script(COUNT_ACTIONS)

    def arrive(self) -> None:
        page = self.page
        page.goto(f"{self.window.url}/")
        page.get_by_label("E-mail address").fill(ADMINISTRATOR)
        page.get_by_role("button", name="Next").click()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/welcome")

    def follow(self, *place: str) -> None:
        """Go to a place of the guide: an area by the application switcher, else along the navigation."""
        assert place in places_in_the_guide(), place
        area = place[0] if place[0] == "Page quotas" else "Accounts"
        self.into(area)
        for name in place if area == "Accounts" else place[1:]:
            if name == "Create":  # the button there
                self.page.get_by_role("button", name=name).click()
            else:
                self.link(name).click()
                expect(self.page.locator("a.place[aria-current]", has_text=name).last).to_be_visible()
                self.settle()
        self.been.add(place)

    def link(self, name: str) -> Locator:
        """Where the navigation leads to a place; the main row comes before the row of places beside it."""
        return self.page.get_by_role("navigation").get_by_role("link", name=name, exact=True).first

    def settle(self) -> None:
        until_alive(self.page)

    def notice(self, words: str) -> None:
        expect(self.page.locator(".q-notification").filter(has_text=words).last).to_be_visible()

    def actions(self) -> int:
        return int(self.page.evaluate("Number(sessionStorage.actions || 0)"))

    def into(self, area: str) -> None:
        first = {"Accounts": "Organization", "Page quotas": "Quotas"}[area]
        if self.link(first).count():
            return
        self.page.get_by_role("button", name="Applications").click()
        self.page.get_by_role("menu").get_by_text(area, exact=True).click()
        if area == "Accounts":
            # who works in several organizations is asked in which
            self.page.wait_for_url(re.compile("/(organization|workplace)$"))
            if self.page.url.endswith("/workplace"):
                self.settle()
                self.page.get_by_role("button", name=re.compile("^Next")).click()
        expect(self.link(first)).to_be_visible()
        self.settle()


def become_partner(newcomer: Newcomer) -> None:
    page = newcomer.page
    newcomer.follow("Organization")
    page.get_by_label("Name", exact=True).fill("Nordic Partner")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Nordic Partner")).to_be_visible()
    newcomer.settle()
    newcomer.follow("Access groups")
    page.get_by_role("button", name="Create").click()
    page.get_by_label("Name of the group").fill("Customers")
    page.get_by_role("button", name="Create group").click()
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    newcomer.settle()
    page.get_by_role("button", name="Assign").click()
    page.get_by_role("checkbox", name="Organization Administrator").click()
    page.get_by_role("button", name="Assign roles").click()
    newcomer.notice("The roles are assigned.")
    page.get_by_role("button", name="Add members").click()
    page.get_by_role("checkbox", name=f"Administrator, {ADMINISTRATOR}").click()
    page.get_by_role("button", name="Add", exact=True).click()
    newcomer.notice("Added: 1")
    page.reload()
    newcomer.settle()


def make_customer(newcomer: Newcomer, name: str) -> None:
    page = newcomer.page
    newcomer.follow("Customers", "Create")
    page.get_by_label("Name of the organization").fill(name)
    page.get_by_role("button", name="Create organization").click()
    page.wait_for_url("**/customers/*")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    newcomer.settle()


def give_pages(newcomer: Newcomer, name: str, pages: int) -> None:
    page = newcomer.page
    newcomer.follow("Page quotas", "Distributions")
    page.get_by_role("link", name=f"Create a distribution for “{name}”").click()
    page.wait_for_url("**/quotas/distributions/new*")
    newcomer.settle()
    page.get_by_label("Text recognition (OCR): pages").fill(str(pages))
    page.get_by_role("button", name="Create distribution").click()
    page.wait_for_url("**/quotas/distributions")
    newcomer.settle()


def set_up_customer(newcomer: Newcomer, name: str, email: str) -> None:
    """As the guide says: open it under Customers and press “Set it up”."""
    page = newcomer.page
    newcomer.into("Accounts")
    newcomer.link("Customers").click()
    page.get_by_role("link").filter(has_text=name).click()
    page.wait_for_url("**/customers/*")
    newcomer.settle()
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", name=f"Welcome. Set up {name}")).to_be_visible()
    newcomer.settle()
    expect(step(page, "Have pages given").get_by_text("Done", exact=True)).to_be_visible()
    newcomer.follow("Organization", "Roles of everybody")
    page.get_by_role("button", name="Assign").click()
    for role in ("Solutions User", "OCR User"):
        page.get_by_role("checkbox", name=role, exact=True).click()
    page.get_by_role("button", name="Assign roles").click()
    newcomer.notice("The roles are assigned.")
    newcomer.follow("People")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("dialog").get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Create user").click()
    page.wait_for_url("**/people/*")
    newcomer.settle()
    newcomer.follow("Groups")
    page.get_by_role("link").filter(has_text="Admins").click()
    page.wait_for_url("**/groups/*")
    newcomer.settle()
    page.get_by_role("button", name="Add members").click()
    page.get_by_role("checkbox", name=re.compile(email)).click()
    page.get_by_role("button", name="Add", exact=True).click()
    newcomer.notice("Added: 1")
    newcomer.follow("Organization", "Sign-in rules")
    page.get_by_role("button", name="Save").click()
    newcomer.notice("The rules are saved.")
    page.get_by_role("button", name="Back to Nordic Partner").click()
    expect(page.get_by_role("button", name="Back to Nordic Partner")).to_have_count(0)
    newcomer.settle()


def step(page: Page, title: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title))


def test_two_customers_are_set_up_from_nothing_with_the_guide_in_ten_minutes(open_new: Open) -> None:
    window = open_new()
    newcomer = Newcomer(window)
    newcomer.arrive()
    become_partner(newcomer)
    for name, (_email, pages) in CUSTOMERS.items():
        make_customer(newcomer, name)
        give_pages(newcomer, name, pages)
    for name, (email, _pages) in CUSTOMERS.items():
        set_up_customer(newcomer, name, email)
    done = newcomer.actions()
    assert done * SECONDS_AN_ACTION <= 600, f"{done} clicks and fields"

    window.go("/welcome")
    for title in ("Let people work for customers", "Make your customers", "Give your customers pages"):
        expect(step(window.page, title).get_by_text("Done", exact=True)).to_be_visible()
    left = set(places_in_the_guide()) - newcomer.been
    assert left == {("Solution Center",)}, "the guide names places that nobody went to"

    for name, (email, pages) in CUSTOMERS.items():
        works_at(open_new(), name, email, pages)


def works_at(window: Visitor, organization: str, email: str, pages: int) -> None:
    """The person sets a password by the mailed link, has roles and pages in the customer, and sees nobody else."""
    page = window.page
    page.goto(window.url + mailed_link(email))
    page.get_by_label("New password").fill("Another 7 horses, please")
    page.get_by_role("button", name="Set the password").click()
    page.get_by_label("Password").fill("Another 7 horses, please")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/(solutions|welcome)$"))
    me = window.api("/me")
    assert me["organization_name"] == organization
    assert {"Solutions User", "OCR User"} <= set(me["roles"])
    window.go("/quotas")
    expect(page.get_by_role("region", name="My quota pages used")).to_contain_text(f"{pages}")
    window.go("/audit")
    made = page.get_by_role("listitem").filter(has_text="Person created")
    expect(made).to_contain_text("Administrator (Nordic Partner)")
    assert [person["email"] for person in window.api("/users")["items"]] == [email]
