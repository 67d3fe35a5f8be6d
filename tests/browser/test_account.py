"""Signing in and protecting the account, as people do it: links, second factors, sessions, tokens, applications."""

import re
import zipfile
from base64 import b32decode
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select, update

from benchmarks.installation import PASSWORD
from connectors.secrets import decrypt
from domain.mail.models import OutgoingMail
from domain.organizations.models import User, now
from domain.organizations.roles import Role
from domain.organizations.service import local_administrator
from domain.sign_in.models import SignInSession
from domain.sign_in.passwords import password_hash
from domain.sign_in.rules import Rules, set_sign_in_rules
from domain.tenancy import system_session
from tests.browser.conftest import Open, Visitor, another_page

NEW_PASSWORD = "Another 7 horses, please"


def person(name: str, *roles: Role) -> str:
    """The address of somebody new who signs in with `PASSWORD`."""
    email = f"{name}@pressroom.example"
    with system_session() as session:
        organization_id = local_administrator().organization_id
        session.add(
            User(
                organization_id=organization_id,
                email=email,
                name=name.title(),
                password_hash=password_hash(PASSWORD),
                roles=[role.value for role in (*roles, Role.SOLUTIONS_USER)],
            )
        )
    return email


def mailed_link(email: str) -> str:
    """The way of the newest link mailed to that address."""
    with system_session(read_only=True) as session:
        rows = session.scalars(select(OutgoingMail).order_by(OutgoingMail.created.desc())).all()
    newest = next(row for row in rows if email in row.recipients and row.content)
    message = decrypt(newest.content)["message"].replace("=\r\n", "").replace("=3D", "=")
    found = re.search(r"/set-password\?token=[\w-]+", message)
    assert found is not None
    return found[0]


def code_of(secret: str, moment: datetime | None = None) -> str:
    """What an authenticator app with that key shows."""
    key = b32decode(secret.replace(" ", ""))
    return TOTP(key, 6, SHA1(), 30, enforce_key_length=False).generate(int((moment or now()).timestamp())).decode()


def stale(email: str) -> None:
    """The person proved who they are eleven minutes ago."""
    with system_session() as session:
        user_id = session.scalars(select(User.id).where(User.email == email)).one()
        changed = update(SignInSession).where(SignInSession.user_id == user_id)
        session.execute(changed.values(confirmed=now() - timedelta(minutes=11)))


def section(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def test_a_forgotten_password_is_set_anew_by_the_mailed_link(open_window: Open) -> None:
    email, window = person("forgetful"), open_window()
    page = window.page
    window.expected = ("422", "410")
    page.goto(f"{window.url}/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("link", name="Forgot your password?").click()
    expect(page.get_by_label("E-mail address")).to_have_value(email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("status")).to_contain_text("a link is on its way")
    wait_for_mail(email)
    path = mailed_link(email)
    page.goto(window.url + path)
    page.get_by_label("New password").fill("Forgetful-1")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("alert")).to_contain_text("contains a part of your name")
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is set")
    page.get_by_label("Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/solutions")
    page.goto(window.url + path)
    expect(page.get_by_role("alert")).to_contain_text("This link does not work")


def wait_for_mail(email: str) -> None:
    """The link is made beside the answer."""
    import time

    deadline = time.monotonic() + 20
    while True:
        with system_session(read_only=True) as session:
            if any(email in row.recipients for row in session.scalars(select(OutgoingMail))):
                return
        assert time.monotonic() < deadline, "no mail"
        time.sleep(0.05)


def test_a_second_factor_is_set_up_used_and_removed(open_window: Open) -> None:
    email, window = person("careful"), open_window()
    page = window.page
    window.sign_in(email)
    stale(email)
    window.go("/account")
    factor = section(page, "Second factor")
    expect(factor).to_contain_text("Not set up")
    factor.get_by_role("button", name="Set it up").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Is it you?")
    dialog.get_by_label("Password").fill("wrong")
    dialog.get_by_role("button", name="Continue").click()
    expect(page.locator(".q-notification")).to_contain_text("The password or the code is wrong.")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Continue").click()
    expect(page.get_by_alt_text("QR code for the authenticator app")).to_be_visible()
    secret = dialog.locator("code").inner_text()
    page.get_by_label("Code").fill(code_of(secret, now() - timedelta(seconds=30)))
    dialog.get_by_role("button", name="Set it up").click()
    listed = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(listed).to_have_count(10)
    codes = listed.all_inner_texts()
    page.get_by_role("button", name="I have kept them").click()
    expect(section(page, "Second factor")).to_contain_text("Recovery codes left: 10.")

    other = open_window()
    page = other.page
    page.goto(f"{other.url}/sign-in?email={email}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("The code is wrong")
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/solutions")
    other.go("/account")
    expect(section(page, "Sessions").get_by_role("article")).to_have_count(2)
    expect(section(page, "Sessions")).to_contain_text("password and code")
    section(page, "Sessions").get_by_role("button", name="End all others").click()
    expect(section(page, "Sessions").get_by_role("article")).to_have_count(1)
    section(page, "Second factor").get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(section(page, "Second factor")).to_contain_text("Not set up")
    window.page.goto(f"{window.url}/runs")
    assert "/sign-in" in window.page.url


@pytest.fixture
def _usual_rules() -> Iterator[None]:
    """The rules are put back: the portal serves other tests too."""
    yield
    set_sign_in_rules(local_administrator(), Rules())


@pytest.mark.usefixtures("_usual_rules")
def test_a_required_second_factor_is_set_up_at_the_next_sign_in(visitor: Visitor, open_window: Open) -> None:
    email = person("dutiful", Role.HELP_DESK)
    visitor.go("/sign-in-rules")
    page = visitor.page
    page.get_by_label("Required of people with these roles").click()
    page.get_by_role("option", name="Help Desk").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The rules are saved.")).to_be_visible()
    window = open_window()
    page = window.page
    page.goto(f"{window.url}/sign-in?email={email}&next=/account")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/sign-in/second-factor*")
    secret = page.locator("code").inner_text()
    window.expected = ("422",)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Set up and sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("The code is wrong")
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Set up and sign in").click()
    expect(page.get_by_role("list", name="Recovery codes").get_by_role("listitem")).to_have_count(10)
    page.get_by_role("link", name="Continue").click()
    page.wait_for_url("**/account")
    expect(section(page, "Second factor")).to_contain_text("Your organization requires it for your roles.")


def test_a_token_is_made_used_and_revoked(open_window: Open) -> None:
    email, window = person("programmer"), open_window()
    page = window.page
    window.sign_in(email)
    window.go("/account")
    section(page, "API tokens").get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What uses it").fill("Nightly run")
    dialog.get_by_label("Permissions").fill("own.account")
    page.get_by_role("option", name=re.compile("own.account")).click()
    dialog.get_by_text("New token").click()
    dialog.get_by_role("button", name="Make the token").click()
    token = page.locator("#secret").inner_text()
    assert token.startswith("prt_")
    api = httpx.Client(base_url=f"{window.url}/api/v1", headers={"Authorization": f"Bearer {token}"}, trust_env=False)
    assert api.get("/me").json()["email"] == email
    assert api.get("/solutions").json()["code"] == "token.out_of_scope"
    page.get_by_role("button", name="I have kept it").click()
    page.get_by_role("button", name="Revoke the token “Nightly run”").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
    expect(section(page, "API tokens").get_by_role("article")).to_have_count(0)
    assert api.get("/me").json()["code"] == "sign_in.needed"


def test_the_bundle_for_compact_release_is_downloaded(visitor: Visitor, tmp_path: Path) -> None:
    """PR-212: ready-made, with the client id that the page shows."""
    visitor.go("/applications")
    page = visitor.page
    page.locator("a.record", has_text="Device authentication").click()
    page.wait_for_url("**/applications/*")
    page.get_by_role("button", name="Bundle for compact release").click()
    with page.expect_download() as saved:
        page.get_by_role("dialog").get_by_role("button", name="Make it").click()
    path = tmp_path / saved.value.suggested_filename
    saved.value.save_as(path)
    with zipfile.ZipFile(path) as bundle:
        assert page.url.rpartition("/")[2].encode() in bundle.read("bundle.xml")
    expect(page.get_by_text("The bundle is made.")).to_be_visible()


def test_an_application_gets_a_secret_permissions_and_an_end(visitor: Visitor) -> None:
    """AC-190, AC-193: OAuth settings with a note not to share them, and permissions."""
    visitor.go("/applications")
    page = visitor.page
    expect(page.locator("a.record")).to_have_count(3)
    page.get_by_role("button", name="New application").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Directory sync")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    page.wait_for_url("**/applications/*")
    client_id = page.url.rpartition("/")[2]
    expect(section(page, "OAuth settings")).to_contain_text("Do not share them")
    page.get_by_role("button", name="Make a secret").click()
    page.get_by_role("dialog").get_by_role("button", name="Make it").click()
    secret = page.locator("#secret").inner_text()
    with another_page(page):
        page.get_by_role("button", name="I have kept it").click()
    permissions = section(page, "Permissions")
    permissions.get_by_label("Scopes").fill("applications.view")
    page.get_by_role("option", name=re.compile("applications.view")).click()
    permissions.get_by_label("Roles in this organization").fill("Organization")
    page.get_by_role("option", name="Organization Administrator").click()
    permissions.get_by_text("Permissions", exact=True).click()
    permissions.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The application is saved.")).to_be_visible()
    given = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    answer = httpx.post(f"{visitor.url}/oauth/token", json=given, trust_env=False).json()
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    listed = httpx.get(f"{visitor.url}/api/v1/applications", headers=headers, trust_env=False).json()
    assert "Directory sync" in [one["name"] for one in listed]
    visitor.go(f"/applications/{client_id}")
    page.get_by_role("button", name="Delete the application").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    dialog.get_by_label("Name").fill("Directory sync")
    dialog.get_by_role("button", name="Delete").click()
    page.wait_for_url("**/applications")
    expect(page.locator("a.record")).to_have_count(3)
    assert httpx.post(f"{visitor.url}/oauth/token", json=given, trust_env=False).status_code == 401


@pytest.mark.parametrize("path", ["/account", "/applications", "/sign-in-rules", "/forgot-password", "/sign-in/code"])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_pages_fit_a_telephone(open_window: Open, path: str, look: str) -> None:
    window = open_window(390, 800, look)
    window.sign_in()
    window.page.goto(window.url + path)
    assert window.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_address_can_be_filled_in_for_people(open_window: Open) -> None:
    """AC-30: for programs that know whose window it is."""
    window = open_window()
    window.page.goto(f"{window.url}/sign-in?email=ann%40example.com&next=%2Fruns")
    expect(window.page.get_by_label("E-mail address")).to_have_value("ann@example.com")
    assert parse_qs(urlsplit(window.page.url).query)["next"] == ["/runs"]


def test_password_fields_are_masked_and_open_to_password_managers(open_window: Open) -> None:
    """ASVS 6.2.6, 6.2.7: hidden as they are typed, filled by browsers, and pasted into."""
    email, window = person("pasting"), open_window()
    page = window.page
    page.goto(f"{window.url}/sign-in?email={email}")
    field = page.get_by_label("Password")
    expect(field).to_have_attribute("type", "password")
    expect(field).to_have_attribute("autocomplete", "current-password")
    field.focus()
    refused = """field => !field.dispatchEvent(new ClipboardEvent('paste', {bubbles: true, cancelable: true}))"""
    assert field.evaluate(refused) is False
    page.keyboard.insert_text(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/solutions")
    window.go("/account")
    section(page, "Password").get_by_role("button", name="Change the password").click()
    new = page.get_by_label("New password")
    expect(new).to_have_attribute("type", "password")
    expect(new).to_have_attribute("autocomplete", "new-password")


@pytest.mark.parametrize("path", ["/solutions", "/account", "/people", "/quotas", "/audit"])
def test_signing_out_is_on_every_page(visitor: Visitor, path: str) -> None:
    """ASVS 7.4.4."""
    visitor.go(path)
    visitor.page.get_by_role("button", name="Menu of Administrator").click()
    visitor.page.get_by_role("button", name="Sign out").click()
    visitor.page.wait_for_url("**/sign-in")
