"""From nothing to two customers, in the portal alone, as a newcomer would do it; and what partners do after that."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.installation import PASSWORD
from domain.organizations.models import Organization
from domain.organizations.service import local_administrator
from domain.tenancy import system_session
from tests.browser.conftest import ADMINISTRATOR, Open, Visitor, windows
from tests.browser.test_portal import NAMELESS


@pytest.fixture(scope="module")
def new_portal(portal: str) -> str:
    """A portal just installed: nobody has put the checklist away."""
    with system_session() as session:
        session.get_one(Organization, local_administrator().organization_id).set_up_ended = None
    return portal


@pytest.fixture
def open_new(chromium: Browser, new_portal: str) -> Iterator[Open]:
    yield from windows(chromium, new_portal)


def sign_in_as_newcomer(window: Visitor) -> None:
    page = window.page
    page.goto(f"{window.url}/sign-in")
    page.get_by_label("E-mail address").fill(ADMINISTRATOR)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/welcome")


def step(page: Page, title: str) -> None:
    page.get_by_role("link", name=f"Open: {title}").click()


def is_done(page: Page, title: str) -> None:
    row = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title))
    expect(row.get_by_text("Done", exact=True)).to_be_visible()


def notice(page: Page, words: str) -> None:
    expect(page.locator(".q-notification").filter(has_text=words).last).to_be_visible()


def test_a_newcomer_becomes_partner_and_makes_two_customers_that_they_enter(open_new: Open) -> None:
    """The set-up of two organizations under one partner, from the first sign-in on."""
    window = open_new()
    page = window.page
    sign_in_as_newcomer(window)
    expect(page.get_by_role("heading", name="Welcome. Set up Pressroom")).to_be_visible()

    step(page, "Describe your organization")
    page.get_by_label("Name", exact=True).fill("Nordic & Partner")
    page.get_by_role("button", name="Save").click()
    notice(page, "The name cannot contain “&”.")
    page.get_by_label("Name", exact=True).fill("Nordic Partner")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Nordic Partner")).to_be_visible()

    window.go("/customers")
    expect(page.get_by_role("note")).to_contain_text("you need Partner Administrator and Organization Administrator")
    page.get_by_role("link", name="Make an access group and add yourself").click()
    page.get_by_role("button", name="Create").click()
    page.get_by_label("Name of the group").fill("Access to customers")
    page.get_by_role("button", name="Create group").click()
    expect(page.get_by_role("heading", name="Access to customers")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Choose Partner Administrator")).to_be_disabled()
    page.get_by_role("button", name="Assign").click()
    page.get_by_label("Search for a role").fill("organization admin")
    expect(page.get_by_role("checkbox", name="Help Desk")).to_have_count(0)
    page.get_by_role("checkbox", name="Organization Administrator").click()
    page.get_by_role("button", name="Assign roles").click()
    expect(page.get_by_role("checkbox", name="Choose Organization Administrator")).to_be_visible()
    page.get_by_role("button", name="Add members").click()
    page.get_by_role("checkbox", name=f"Administrator, {ADMINISTRATOR}").click()
    page.get_by_role("button", name="Add", exact=True).click()
    notice(page, "Added: 1")

    for name in ("Northern Foods", "Southern Foods"):
        window.go("/customers")
        page.get_by_role("button", name="Create").click()
        page.get_by_label("Name of the organization").fill(name)
        page.get_by_role("button", name="Create organization").click()
        page.wait_for_url("**/customers/*")
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        page.get_by_role("button", name="Enter", exact=True).click()
        expect(page.get_by_role("status").filter(has_text="You work in")).to_contain_text(
            f"You work in {name}, a customer of Nordic Partner."
        )
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        assert window.api("/me")["organization_name"] == name
        expect(page.get_by_role("link", name="Customers")).to_have_count(0)
        page.get_by_role("button", name="Back to Nordic Partner").click()
        expect(page.get_by_role("button", name="Back to Nordic Partner")).to_have_count(0)

    window.go("/welcome")
    for title in ("Describe your organization", "Let people work for customers", "Make your customers"):
        is_done(page, title)
    page.get_by_role("button", name="Do not show this again").click()
    page.wait_for_url("**/solutions")


def test_the_switcher_finds_a_customer_and_the_accounts_ask_where_to_work(open_new: Open) -> None:
    """AC-31."""
    window = open_new()
    window.sign_in()
    page = window.page
    page.get_by_role("button", name="You work in Nordic Partner").click()
    page.get_by_label("Search for an organization").fill("south")
    expect(page.get_by_role("menuitemradio")).to_have_count(2)  # one's own and the one that was found
    page.get_by_role("menuitemradio", name="Southern Foods").click()
    expect(page.get_by_role("heading", name="Southern Foods")).to_be_visible()
    page.get_by_role("button", name="Applications").click()
    page.get_by_text("Accounts", exact=True).click()
    page.wait_for_url("**/workplace")
    page.get_by_role("menuitemradio", name="Nordic Partner").click()
    page.get_by_role("button", name="Next: Nordic Partner").click()
    expect(page.get_by_role("heading", name="Nordic Partner")).to_be_visible()


def test_services_are_chosen_with_a_warning_and_a_customer_is_deleted_by_typing_its_name(open_new: Open) -> None:
    """AC-9, AC-13, AC-14, AC-15, AC-23, AC-24."""
    window = open_new()
    window.sign_in()
    page = window.page
    children = {child["name"]: child["id"] for child in window.api("/organizations")["items"]}
    window.go(f"/customers/{children['Northern Foods']}")
    page.get_by_text("Active services (11)").click()
    expect(page.get_by_role("list").get_by_text("Scan management")).to_be_visible()
    page.get_by_role("checkbox", name="Managed-print programme").click()
    page.get_by_role("button", name="Save changes").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Only the operator of the installation can remove it again.")
    dialog.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("checkbox", name="Managed-print programme")).to_be_disabled()
    expect(page.get_by_role("button", name="Delete organization")).to_be_disabled()

    window.go(f"/customers/{children['Southern Foods']}")
    page.get_by_role("button", name="Delete organization").click()
    page.get_by_role("button", name="Continue").click()
    delete = page.get_by_role("button", name="Delete", exact=True)
    page.get_by_label("Type “Southern Foods”").fill("southern foods")
    expect(delete).to_be_disabled()
    page.get_by_label("Type “Southern Foods”").fill("Southern Foods")
    delete.click()
    page.wait_for_url("**/tasks/*")
    expect(page.get_by_role("heading", name="Deletion of the organization “Southern Foods”")).to_be_visible()
    window.go(f"/customers/{children['Southern Foods']}")
    expect(page.get_by_text("This organization is being deleted.")).to_be_visible()
    expect(page.get_by_role("button", name="Delete organization")).to_be_disabled()


def test_roles_of_administrators_go_to_everybody_only_after_a_warning(open_new: Open) -> None:
    """AC-41, AC-61, AC-62."""
    window = open_new()
    window.sign_in()
    page = window.page
    window.go("/organization/roles")
    page.get_by_role("button", name="Assign").click()
    assign = page.get_by_role("button", name="Assign roles")
    expect(page.get_by_role("checkbox", name="Partner Administrator")).to_be_disabled()
    page.get_by_role("checkbox", name="OCR User").click()
    expect(assign).to_be_enabled()
    page.get_by_role("checkbox", name="Help Desk").click()
    expect(page.get_by_role("alert")).to_contain_text("Everybody in the organization gets rights of administrators.")
    expect(assign).to_be_disabled()
    page.get_by_role("checkbox", name="Yes, everybody may have them").click()
    assign.click()
    expect(page.get_by_role("checkbox", name="Choose Help Desk")).to_be_visible()
    page.get_by_role("checkbox", name="Choose Help Desk").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("button", name="Remove roles").click()
    expect(page.get_by_role("checkbox", name="Choose Help Desk")).to_have_count(0)
    assert [each["role"] for each in window.api("/organization/roles")] == ["OCR User"]


@pytest.mark.parametrize("look", ["light", "dark"])
def test_every_control_has_a_name_and_nothing_is_wider_than_a_phone(open_new: Open, look: str, tmp_path: Path) -> None:
    window = open_new(width=390, look=look)
    window.sign_in()
    group = window.api("/access-groups")[0]["id"]
    customer = window.api("/organizations")["items"][0]["id"]
    paths = ("/organization", "/organization/roles", "/customers", f"/customers/{customer}", "/access-groups")
    for path in (*paths, f"/access-groups/{group}", "/welcome", "/workplace"):
        window.go(path)
        assert window.page.evaluate(NAMELESS) == [], path
        assert window.page.evaluate("document.documentElement.scrollWidth") <= 390, path
