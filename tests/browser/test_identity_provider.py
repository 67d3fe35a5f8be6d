"""Sign-in at a real identity provider in a real browser: configured, tried, activated, used (AC-118…AC-145)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from benchmarks.installation import PASSWORD
from domain.federation.checking import check_candidate
from domain.federation.configuration import our_side
from domain.federation.models import AuthenticationProvider, Slot
from domain.organizations.service import local_administrator
from domain.tenancy import system_session
from tests.browser.conftest import ADMINISTRATOR, COLLEAGUE, Open, Visitor, portal_process, windows
from tests.support.identity_provider import IdentityProvider, Person, Relier, identity_provider

ANN = Person("ann", "ann@acme.example", badge="4711", cost="CC100", department="Sales")
EVE = Person("eve", "eve@unlisted.example", given="Eve")
SOON = 20_000


@pytest.fixture(scope="module")
def federated_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with portal_process(tmp_path_factory.mktemp("federated"), ALLOW_PRIVATE_ADDRESSES="true") as address:
        yield address


@pytest.fixture(scope="module")
def provider(federated_portal: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    ours = our_side(local_administrator().organization_id)
    assert ours.redirect_uri.startswith(federated_portal)
    relier = Relier(ours.redirect_uri, ours.entity_id, ours.acs_url)
    with identity_provider(tmp_path_factory.mktemp("provider"), relier) as running:
        running.add(ANN, EVE)
        yield running


@pytest.fixture
def open_federated(chromium: Browser, federated_portal: str) -> Iterator[Open]:
    yield from windows(chromium, federated_portal)


def window_of(open_federated: Open, provider: IdentityProvider) -> Visitor:
    """A window that may also go to the provider."""
    window = open_federated()
    window.expected = (provider.address,)
    return window


def check_as_the_worker_does() -> None:
    """There is no engine here: do what the flow does."""
    with system_session(read_only=True) as session:
        query = select(AuthenticationProvider.id).where(AuthenticationProvider.slot == Slot.CANDIDATE)
        candidate_id = session.scalars(query).one()
    assert check_candidate(candidate_id) is None


def sign_in_there(page: Page, person: Person) -> None:
    """At the provider's own form."""
    page.locator("input[name=user]").fill(person.login)
    page.locator("input[name=password]").fill(person.password)
    page.get_by_role("button", name="Connect").click()


def enter_address(window: Visitor, email: str) -> None:
    window.page.goto(f"{window.url}/sign-in")
    window.page.get_by_label("E-mail address").fill(email)
    window.page.get_by_role("button", name="Next").click()


@contextmanager
def configured(window: Visitor, provider: IdentityProvider, kind: str) -> Iterator[Page]:
    """The page with a checked configuration; in the end the provider is removed again."""
    page = window.page
    window.sign_in()
    window.go("/identity-provider")
    page.get_by_label("Authentication provider type").click()
    page.get_by_role("option", name=kind).click()
    if kind == "OpenID Connect":
        page.get_by_label("Client ID").fill(provider.client_id)
        page.get_by_label("Client secret", exact=True).fill(provider.client_secret)
        page.get_by_label("Well-known URL").fill(provider.well_known)
    else:
        page.get_by_label("SAML metadata URL").fill(provider.saml_metadata)
    domains = page.get_by_label("Domains")
    if page.locator(".q-chip", has_text="acme.example").count() == 0:
        domains.fill("acme.example")
        domains.press("Enter")
    page.get_by_role("button", name="Configure authentication provider").click()
    expect(page.get_by_text("Being checked", exact=True)).to_be_visible(timeout=SOON)
    check_as_the_worker_does()
    expect(page.get_by_text("Ready", exact=True)).to_be_visible(timeout=SOON)
    try:
        yield page
    finally:
        window.go("/identity-provider")
        page.locator("section").get_by_role("button", name="Remove").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(page.get_by_text("Passwords", exact=True)).to_be_visible(timeout=SOON)


@pytest.mark.parametrize("kind", ["OpenID Connect", "SAML 2.0 with a metadata URL"])
def test_an_administrator_sets_up_sign_in_and_people_use_it(
    open_federated: Open, provider: IdentityProvider, kind: str
) -> None:
    administrator = window_of(open_federated, provider)
    with configured(administrator, provider, kind) as page:
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="Try it").click()
        trial = opened.value
        sign_in_there(trial, ANN)
        expect(trial.get_by_role("row", name="email")).to_contain_text("ann@acme.example")
        expect(trial.get_by_role("row", name="badge")).to_contain_text("4711")
        expect(trial.get_by_text("Nothing was changed")).to_be_visible(timeout=SOON)
        trial.close()
        page.get_by_role("button", name="Activate").click()
        expect(page.get_by_text("Active", exact=True)).to_be_visible(timeout=SOON)

        visitor = window_of(open_federated, provider)
        visitor.page.goto(f"{visitor.url}/account")
        visitor.page.get_by_label("E-mail address").fill("Ann@Acme.example")
        visitor.page.get_by_role("button", name="Next").click()
        sign_in_there(visitor.page, ANN)
        visitor.page.wait_for_url("**/account")
        expect(visitor.page.get_by_role("button", name="Menu of Ann Andersson")).to_be_visible(timeout=SOON)
        visitor.go("/account/identity")
        for text in ("ann@acme.example", "4711", "CC100", "Sales"):
            expect(visitor.page.get_by_text(text, exact=True)).to_be_visible(timeout=SOON)
        me = visitor.api("/me")
        assert (me["email"], me["roles"]) == ("ann@acme.example", ["User"])


def test_who_is_not_known_and_of_no_listed_domain_is_refused(open_federated: Open, provider: IdentityProvider) -> None:
    administrator = window_of(open_federated, provider)
    with configured(administrator, provider, "OpenID Connect") as page:
        page.get_by_role("button", name="Activate").click()
        expect(page.get_by_text("Active", exact=True)).to_be_visible(timeout=SOON)
        visitor = window_of(open_federated, provider)
        visitor.expected += ("403 (Forbidden)",)
        enter_address(visitor, "somebody@acme.example")
        sign_in_there(visitor.page, EVE)
        expect(visitor.page.get_by_role("heading")).to_have_text(
            "There is no account for eve@unlisted.example in this organization."
        )


def test_the_way_back_in_with_a_password_stays_open_to_administrators(
    open_federated: Open, provider: IdentityProvider
) -> None:
    """AC-123."""
    administrator = window_of(open_federated, provider)
    with configured(administrator, provider, "OpenID Connect") as page:
        page.get_by_role("button", name="Activate").click()
        expect(page.get_by_text("Active", exact=True)).to_be_visible(timeout=SOON)
        other = window_of(open_federated, provider)
        enter_address(other, ADMINISTRATOR)
        other.page.wait_for_url(f"{provider.address}/**")
        other.page.goto(f"{other.url}/sign-in")
        other.page.get_by_role("link", name="Sign in with a password").click()
        for email, text in ((COLLEAGUE, "identity provider, not with a password"), (ADMINISTRATOR, "")):
            other.page.get_by_label("E-mail address").fill(email)
            other.page.get_by_label("Password").fill(PASSWORD)
            other.page.get_by_role("button", name="Sign in").click()
            if text:
                expect(other.page.get_by_role("alert")).to_contain_text(text)
        other.page.wait_for_url("**/solutions")


def test_addresses_for_the_other_side_can_be_copied(open_federated: Open, provider: IdentityProvider) -> None:
    window = window_of(open_federated, provider)
    window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.sign_in()
    window.go("/identity-provider")
    window.page.get_by_role("button", name="Copy Redirect URI").click()
    ours = our_side(local_administrator().organization_id).redirect_uri
    window.page.wait_for_function("ours => navigator.clipboard.readText().then(text => text === ours)", arg=ours)
    for text in ("Do not sign out", "acceptMappedClaims", "costCenter", "given_name"):
        expect(window.page.get_by_text(text).first).to_be_visible(timeout=SOON)


@pytest.mark.parametrize(("width", "look"), [(1280, "light"), (390, "dark")])
def test_the_page_fits_every_screen(open_federated: Open, tmp_path: Path, width: int, look: str) -> None:
    window = open_federated(width=width, look=look)
    window.sign_in()
    window.go("/identity-provider")
    window.page.screenshot(path=tmp_path / "page.png", full_page=True)
    assert window.page.evaluate("document.documentElement.scrollWidth") == width
