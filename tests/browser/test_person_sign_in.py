"""How people sign in, as an administrator helps them on the page of the person; and the way there from one's own."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from benchmarks.installation import PASSWORD
from domain.organizations.actor import actor_of_user
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.organizations.service import local_administrator
from domain.printer_login.badges import NewBadge, register_badge
from domain.printer_login.own import set_own_pin
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.models import SecondFactor
from domain.sign_in.own_second_factor import begin_own_second_factor, finish_own_second_factor
from domain.sign_in.sessions import open_session
from domain.tenancy import system_session
from tests.browser.conftest import ADMINISTRATOR, Open, Visitor
from tests.browser.test_account import code_of, mailed_link, person, stale
from tests.browser.test_portal import NAMELESS
from tests.browser.test_printer_login import remove_everything, settings


def id_of(email: str) -> str:
    with system_session(read_only=True) as session:
        return session.scalars(select(User.id).where(User.email == email)).one()


def with_second_factor(email: str) -> None:
    """The person has set one up, by a session of their own."""
    with system_session() as session:
        token = open_session(session, session.get_one(User, id_of(email))).token
    actor = actor_of_token(token)
    finish_own_second_factor(actor, code_of(begin_own_second_factor(actor).secret))


def section(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def notice(page: Page, words: str) -> None:
    expect(page.locator(".q-notification").filter(has_text=words).last).to_be_visible()


def test_sessions_are_seen_and_ended_one_by_one_and_all_at_once(visitor: Visitor, open_window: Open) -> None:
    """AC-81: what is ended is over at the person's next step."""
    email = person("wanderer")
    windows = [open_window() for _ in range(3)]
    for window in windows:
        window.sign_in(email)
    page = visitor.page
    visitor.go(f"/people/{id_of(email)}")
    sessions = section(page, "Sessions")
    expect(sessions.get_by_role("article")).to_have_count(3)
    expect(sessions.get_by_role("article").first).to_contain_text("by password")
    sessions.get_by_role("button", name=re.compile("End the session of")).first.click()
    expect(section(page, "Sessions").get_by_role("article")).to_have_count(2)
    sessions.get_by_role("button", name="End all sessions").click()
    page.get_by_role("dialog").get_by_role("button", name="End all sessions").click()
    expect(sessions).to_contain_text("Nobody is signed in to this account.")
    for window in windows:
        window.page.goto(f"{window.url}/account")
        assert "/sign-in" in window.page.url


def test_a_link_is_sent_and_a_lost_second_factor_is_removed_after_a_fresh_proof(visitor: Visitor) -> None:
    """AC-93; what removes protection asks who does it."""
    email = person("forlorn")
    with_second_factor(email)
    page = visitor.page
    visitor.go(f"/people/{id_of(email)}")
    section(page, "Sign-in").get_by_role("button", name="Send a link to set a password").click()
    notice(page, "The link is on its way by e-mail.")
    assert mailed_link(email)
    factor = section(page, "Second factor")
    expect(factor).to_contain_text("Recovery codes left: 10.")
    stale(ADMINISTRATOR)
    factor.get_by_role("button", name="Remove the second factor").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    proof = page.get_by_role("dialog").filter(has_text="Is it you?")
    proof.get_by_label("Password").fill(PASSWORD)
    proof.get_by_role("button", name="Continue").click()
    expect(section(page, "Second factor")).to_contain_text("Not set up")
    with system_session(read_only=True) as session:
        assert session.get(SecondFactor, id_of(email)) is None


@pytest.fixture
def _pins(visitor: Visitor) -> Iterator[None]:
    """Printers take PINs and badges for one test; afterwards nobody has any."""
    settings(visitor, methods=["pin", "badge"])
    yield
    remove_everything(visitor)
    settings(visitor)


@pytest.mark.usefixtures("_pins")
def test_badges_and_pin_are_counted_and_found_by_the_link(visitor: Visitor) -> None:
    email = person("badger")
    register_badge(local_administrator(), email, NewBadge("04A1B2C3D4"))
    set_own_pin(actor_of_user(id_of(email)), "739152")
    page = visitor.page
    visitor.go(f"/people/{id_of(email)}")
    printers = section(page, "Printer login")
    expect(printers).to_contain_text("Badges: 1")
    expect(printers).to_contain_text("A PIN is set.")
    printers.get_by_role("link", name="Badges and PINs").click()
    page.wait_for_url(f"**/badges?search={email.replace('@', '%40')}")
    expect(page.get_by_text(email).first).to_be_visible()


def test_who_has_no_power_over_somebody_sees_their_sign_in_and_changes_nothing(open_window: Open) -> None:
    """AC-46: a User Administrator and the page of an Organization Administrator."""
    window = open_window()
    window.sign_in(person("user-keeper", Role.USER_ADMINISTRATOR))
    page = window.page
    window.go(f"/people/{id_of(ADMINISTRATOR)}")
    expect(section(page, "Second factor")).to_contain_text("Not set up")
    expect(section(page, "Sessions")).to_be_visible()
    for name in ("Send a link to set a password", "Set a password", "End all sessions", "Remove the second factor"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_one_s_own_page_leads_to_my_account_with_all_that_is_one_s_own(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(f"/people/{local_administrator().user_id}")
    expect(section(page, "Sessions")).to_have_count(0)
    section(page, "Sign-in").get_by_role("link", name="My account").click()
    page.wait_for_url("**/account")
    expect(section(page, "Sessions")).to_be_visible()
    section(page, "Printer login").get_by_role("link", name="My printer login").click()
    page.wait_for_url("**/account/printer-login")
    visitor.go("/account/identity")
    expect(page.get_by_role("heading", name="Claims received")).to_be_visible()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_every_control_has_a_name_and_nothing_is_wider_than_a_phone(open_window: Open, look: str) -> None:
    email = person(f"narrow-{look}")
    with_second_factor(email)
    window = open_window(width=390, look=look)
    window.sign_in()
    window.go(f"/people/{id_of(email)}")
    assert window.page.evaluate(NAMELESS) == []
    assert window.page.evaluate("document.documentElement.scrollWidth") <= 390
