"""Sign-in at a real identity provider through the portal, as a browser does it (AC-29, AC-118…AC-145)."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, func, select, update
from starlette.testclient import TestClient

from connectors import secrets
from domain.audit.models import AuditEvent
from domain.federation.checking import check_candidate
from domain.federation.configuration import OidcConfiguration, SamlConfiguration, our_side
from domain.federation.models import (
    AuthenticationProvider,
    FederatedDomain,
    FederatedIdentity,
    PendingSignIn,
    UsedAssertion,
)
from domain.federation.service import NewProvider, activate, configure, provider_settings
from domain.organizations.models import MembershipPeriod, User, UserStatus, now
from domain.organizations.roles import Role
from domain.printer_login.badges import badge_fingerprint
from domain.printer_login.models import Badge, Pin
from domain.tenancy import system_session
from portal_api import sign_in
from portal_api.app import create_service
from portal_api.federation import BROWSER_COOKIE
from portal_api.sign_in import ALLOWED_LOOKUPS, COOKIE
from tests.support.identity_provider import IdentityProvider, Person, Relier, Visitor, identity_provider
from tests.support.installation import PASSWORD, Installation, installed

PORTAL = "http://127.0.0.1:8080"
ANN = Person("ann", "ann@acme.example", badge="4711", pin="2468", cost="CC100", department="Sales")
CARL = Person("carl", "carl@elsewhere.example", given="Carl", surname="Colleague")
EVE = Person("eve", "eve@unlisted.example", given="Eve")
NAMELESS = Person("nameless", "nameless@acme.example", given="")
PROTOCOLS = ("oidc", "saml")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("portal"), allow_private_addresses="true") as one:
        yield one


@pytest.fixture(scope="module")
def provider(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    ours = our_side(installation.administrator.organization_id)
    relier = Relier(ours.redirect_uri, ours.entity_id, ours.acs_url)
    with identity_provider(tmp_path_factory.mktemp("provider"), relier) as running:
        running.add(ANN, CARL, EVE, NAMELESS)
        yield running


@pytest.fixture(autouse=True)
def _as_new(installation: Installation) -> Iterator[None]:
    """Each test begins without a provider, with the first people only, and reads its own part of the audit trail."""
    sign_in.lookups.clear()
    with system_session(read_only=True) as session:
        _before["event"] = session.scalar(select(func.max(AuditEvent.id))) or 0
    yield
    with system_session() as session:
        for table in (AuthenticationProvider, FederatedDomain, FederatedIdentity, UsedAssertion):
            session.execute(delete(table))
        first = (installation.administrator.user_id, installation.stranger.user_id)
        session.execute(delete(User).where(User.id.not_in(first)))


def configuration(provider: IdentityProvider, kind: str) -> OidcConfiguration | SamlConfiguration:
    if kind == "oidc":
        return OidcConfiguration(client_id=provider.client_id, well_known_url=provider.well_known)
    return SamlConfiguration(metadata_url=provider.saml_metadata)


def new_provider(provider: IdentityProvider, kind: str, *domains: str) -> NewProvider:
    secret = provider.client_secret if kind == "oidc" else ""
    return NewProvider(configuration(provider, kind), secret, domains=domains)


def federate(installation: Installation, provider: IdentityProvider, kind: str, *domains: str) -> None:
    """Configure, check and activate."""
    candidate = configure(installation.administrator, new_provider(provider, kind, *domains)).candidate
    assert candidate is not None
    assert check_candidate(candidate.id) is None
    activate(installation.administrator)


@dataclass
class Browser:
    """A browser with a window at the portal and one at the provider."""

    portal: TestClient
    provider: Visitor

    def enter(self, email: str, next_path: str = "/runs") -> httpx.Response:
        """The first step of the sign-in page."""
        return self.portal.post("/sign-in/address", data={"email": email, "next": next_path})

    def sign_in(self, person: Person, email: str = "") -> httpx.Response:
        """The whole way there and back; the answer is that of the last request to the portal."""
        return self.back(self.there(self.enter(email or person.mail), person))

    def there(self, answer: httpx.Response, person: Person) -> httpx.Request:
        """From the portal's answer to the request that leads back from the provider."""
        return self.provider.sign_in(forward_address(answer), person, until=f"{PORTAL}/federation/")

    def back(self, request: httpx.Request) -> httpx.Response:
        """What the portal answers to that request; a SAML response comes without cookies, as from another site."""
        headers = {"Content-Type": request.headers.get("Content-Type", ""), "Sec-Fetch-Site": "cross-site"}
        if request.method == "GET":
            return self.portal.get(str(request.url), headers={"Sec-Fetch-Site": "cross-site"})
        without_cookies = TestClient(self.portal.app, base_url=PORTAL, follow_redirects=False)
        answer = without_cookies.post(str(request.url), content=request.content, headers=headers)
        if answer.status_code != httpx.codes.SEE_OTHER:
            return answer
        assert not answer.headers.get("Set-Cookie")
        return self.portal.get(answer.headers["Location"], headers={"Sec-Fetch-Site": "cross-site"})

    def me(self) -> dict[str, Any]:
        found: dict[str, Any] = self.portal.get("/api/v1/me").json()
        return found


def forward_address(answer: httpx.Response) -> str:
    """Where the page that goes on by itself goes."""
    if answer.status_code == httpx.codes.SEE_OTHER:
        return str(answer.headers["Location"])
    found = re.search(r'content="0; url=([^"]+)"', answer.text)
    assert found, answer.text
    return found[1].replace("&amp;", "&")


@pytest.fixture
def browser(installation: Installation) -> Iterator[Browser]:
    with TestClient(create_service(installation.settings), base_url=PORTAL, follow_redirects=False) as client:
        yield Browser(client, Visitor())


def problem(answer: httpx.Response) -> str:
    """The code of a problem."""
    return str(answer.json()["code"])


def person(email: str) -> User | None:
    with system_session(read_only=True) as session:
        return session.scalar(select(User).where(User.email == email))


def trail(action: str) -> list[dict[str, Any]]:
    """The facts of this test's events of that kind."""
    query = select(AuditEvent.facts).where(AuditEvent.action == action, AuditEvent.id > _before["event"])
    with system_session(read_only=True) as session:
        return list(session.scalars(query))


_before: dict[str, int] = {}


@pytest.mark.parametrize("kind", PROTOCOLS)
class TestSigningIn:
    """The same by both protocols."""

    def test_somebody_of_a_listed_domain_is_made_at_the_first_sign_in(
        self, installation: Installation, provider: IdentityProvider, browser: Browser, kind: str
    ) -> None:
        """AC-120, AC-121; what came is seen in one's own account (AC-32)."""
        federate(installation, provider, kind, "acme.example")
        answer = browser.sign_in(ANN)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/runs")
        assert COOKIE in browser.portal.cookies
        me = browser.me()
        assert (me["email"], me["name"], me["roles"]) == ("ann@acme.example", "Ann Andersson", ["User"])
        made = person(ANN.mail)
        assert made is not None
        assert made.organization_id == installation.administrator.organization_id
        assert (made.first_name, made.last_name, made.password_hash) == ("Ann", "Andersson", "")
        with system_session(read_only=True) as session:
            assert session.scalar(select(Badge.id).where(Badge.user_id == made.id)), "nobody is asked to register it"
            assert session.scalar(select(Pin.id).where(Pin.user_id == made.id))
        received = browser.portal.get("/api/v1/me/identity").json()
        assert {one["claim"]: one["value"] for one in received["claims"]} == {
            **{"email": "ann@acme.example", "firstname": "Ann", "lastname": "Andersson", "badge": "4711"},
            **{"pin": "••••••", "costCenter": "CC100", "department": "Sales"},
        }
        assert trail("user.created") == [{"by": "identity_provider"}]
        assert trail("sign_in.succeeded") == [{"by": kind}]

    def test_claims_are_taken_over_at_each_sign_in(
        self, installation: Installation, provider: IdentityProvider, browser: Browser, kind: str
    ) -> None:
        """AC-145; the history of memberships stays (AC-116)."""
        federate(installation, provider, kind, "acme.example")
        browser.sign_in(ANN)
        changed = Person("ann", ANN.mail, surname="Bengtsson", department="Purchasing", cost="CC100", badge="4712")
        provider.add(changed)
        try:
            Browser(browser.portal, Visitor()).sign_in(changed)
        finally:
            provider.add(ANN)
        found = person(ANN.mail)
        assert found is not None
        assert (found.last_name, found.name) == ("Bengtsson", "Ann Bengtsson")
        assert (found.department, found.cost_center) == ("Purchasing", "CC100")
        with system_session(read_only=True) as session:
            badges = session.scalars(select(Badge.fingerprint).where(Badge.user_id == found.id)).all()
        assert badges == [badge_fingerprint(found.organization_id, "4712")]
        with system_session(read_only=True) as session:
            query = select(MembershipPeriod).where(MembershipPeriod.user_id == found.id)
            periods = {(one.kind, one.name, one.end is None) for one in session.scalars(query)}
        assert periods == {
            ("department", "Sales", False),
            ("department", "Purchasing", True),
            ("cost_center", "CC100", True),
        }

    def test_somebody_of_an_unlisted_domain_is_refused(
        self, installation: Installation, provider: IdentityProvider, browser: Browser, kind: str
    ) -> None:
        federate(installation, provider, kind, "acme.example")
        answer = browser.sign_in(EVE, email="anybody@acme.example")
        assert problem(answer) == "federation.account_needed"
        assert person(EVE.mail) is None
        assert COOKIE not in browser.portal.cookies
        assert trail("sign_in.refused") == [{"problem": "federation.account_needed"}]

    def test_without_domains_people_must_exist(
        self, installation: Installation, provider: IdentityProvider, browser: Browser, kind: str
    ) -> None:
        federate(installation, provider, kind)
        installation.add_person(CARL.mail, Role.SOLUTIONS_USER)
        assert browser.sign_in(CARL).headers["Location"] == "/runs"
        assert browser.me()["roles"] == ["Solutions User", "User"]
        other = Browser(browser.portal, Visitor())
        assert problem(other.sign_in(EVE, email=CARL.mail)) == "federation.account_needed"

    def test_a_missing_required_claim_is_named(
        self, installation: Installation, provider: IdentityProvider, browser: Browser, kind: str
    ) -> None:
        federate(installation, provider, kind, "acme.example")
        answer = browser.sign_in(NAMELESS)
        assert problem(answer) == "identity.missing_claim"
        assert "firstname" in answer.json()["detail"]
        assert person(NAMELESS.mail) is None

    def test_people_of_another_organization_cannot_be_vouched_for(
        self, installation: Installation, provider: IdentityProvider, browser: Browser, kind: str
    ) -> None:
        federate(installation, provider, kind, "acme.example")
        stranger = Person("stranger", installation.stranger.email)
        provider.add(stranger)
        answer = browser.sign_in(stranger, email="anybody@acme.example")
        assert problem(answer) == "federation.account_needed"
        assert COOKIE not in browser.portal.cookies

    def test_who_is_deactivated_is_refused(
        self, installation: Installation, provider: IdentityProvider, browser: Browser, kind: str
    ) -> None:
        federate(installation, provider, kind, "acme.example")
        browser.sign_in(ANN)
        with system_session() as session:
            session.execute(update(User).where(User.email == ANN.mail).values(status=UserStatus.DEACTIVATED))
        assert problem(Browser(browser.portal, Visitor()).sign_in(ANN)) == "account.ended"

    def test_an_address_that_goes_to_another_identity_does_not_open_the_account(
        self, installation: Installation, provider: IdentityProvider, browser: Browser, kind: str
    ) -> None:
        federate(installation, provider, kind, "acme.example")
        browser.sign_in(ANN)
        browser.portal.cookies.clear()
        heir = Person("heir", ANN.mail, given="Another")
        provider.add(heir)
        assert problem(Browser(browser.portal, Visitor()).sign_in(heir)) == "federation.identity_changed"
        answer = api(browser, installation, "DELETE", f"/identities/{ANN.mail}")
        assert answer.status_code == 204, answer.text
        assert Browser(browser.portal, Visitor()).sign_in(heir).headers["Location"] == "/runs"

    def test_another_browser_cannot_finish_a_sign_in(
        self, installation: Installation, provider: IdentityProvider, browser: Browser, kind: str
    ) -> None:
        """Otherwise somebody could be signed in, without noticing, as another person."""
        federate(installation, provider, kind, "acme.example")
        request = browser.there(browser.enter(ANN.mail), ANN)
        browser.portal.cookies.clear()
        assert problem(browser.back(request)) == "federation.sign_in_over"
        assert person(ANN.mail) is None

    def test_an_answer_counts_once(
        self, installation: Installation, provider: IdentityProvider, browser: Browser, kind: str
    ) -> None:
        federate(installation, provider, kind, "acme.example")
        request = browser.there(browser.enter(ANN.mail), ANN)
        assert browser.back(request).headers["Location"] == "/runs"
        assert problem(browser.back(request)) == "federation.sign_in_over"

    def test_after_ten_minutes_it_is_too_late(
        self, installation: Installation, provider: IdentityProvider, browser: Browser, kind: str
    ) -> None:
        federate(installation, provider, kind, "acme.example")
        request = browser.there(browser.enter(ANN.mail), ANN)
        with system_session() as session:
            session.execute(update(PendingSignIn).values(expires=now() - timedelta(seconds=1)))
        assert problem(browser.back(request)) == "federation.sign_in_over"

    def test_a_removed_domain_counts_at_once(
        self, installation: Installation, provider: IdentityProvider, browser: Browser, kind: str
    ) -> None:
        federate(installation, provider, kind, "acme.example")
        request = browser.there(browser.enter(ANN.mail), ANN)
        answer = api(browser, installation, "PUT", "/domains", json={"domains": []})
        assert answer.json()["domains"] == []
        assert problem(browser.back(request)) == "federation.account_needed"
        assert "way" not in browser.enter(ANN.mail).headers.get("Location", "")
        assert browser.enter(ANN.mail).headers["Location"].startswith("/sign-in?email=ann")

    def test_a_trial_shows_the_claims_and_changes_nothing(
        self, installation: Installation, provider: IdentityProvider, browser: Browser, kind: str
    ) -> None:
        candidate = configure(installation.administrator, new_provider(provider, kind, "acme.example")).candidate
        assert candidate is not None
        check_candidate(candidate.id)
        token = browser.portal.post(
            "/api/v1/sessions", json={"email": installation.administrator.email, "password": PASSWORD}
        ).json()["token"]
        start = browser.portal.get("/federation/trial", headers={"Authorization": f"Bearer {token}"})
        page = browser.back(browser.there(start, ANN))
        assert page.status_code == 200
        for text in ("ann@acme.example", "Andersson", "4711", "CC100", "an account would be made"):
            assert text in page.text
        assert ANN.pin not in page.text
        assert person(ANN.mail) is None
        assert COOKIE not in browser.portal.cookies
        tried = provider_settings(installation.administrator).candidate
        assert tried is not None
        assert tried.tried is not None

    def test_nothing_that_was_received_is_kept_in_the_clear(
        self, installation: Installation, provider: IdentityProvider, browser: Browser, kind: str
    ) -> None:
        federate(installation, provider, kind, "acme.example")
        browser.sign_in(ANN)
        with system_session(read_only=True) as session:
            link = session.scalars(select(FederatedIdentity)).one()
            kept = session.scalars(select(AuthenticationProvider)).one()
        assert "4711" not in link.claims
        told = secrets.decrypt(link.claims)
        assert (told["badge"], told["email"]) == ("4711", "ann@acme.example")
        assert ANN.pin not in json.dumps(told)
        assert provider.client_secret not in kept.secrets


def api(browser: Browser, installation: Installation, method: str, path: str, **options: Any) -> httpx.Response:
    """The REST API as the administrator."""
    session = {"email": installation.administrator.email, "password": PASSWORD}
    token = browser.portal.post("/api/v1/sessions", json=session).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    address = f"/api/v1/organization/authentication-provider{path}"
    return browser.portal.request(method, address, headers=headers, **options)


class TestTheFirstStep:
    """What the sign-in page does with an address."""

    def test_without_a_provider_it_asks_for_the_password(self, browser: Browser) -> None:
        answer = browser.enter("Anybody@Acme.example", "/runs?x=1")
        assert answer.headers["Location"] == "/sign-in?email=Anybody%40Acme.example&next=%2Fruns%3Fx%3D1"

    def test_within_a_listed_domain_known_and_unknown_people_are_treated_alike(
        self, installation: Installation, provider: IdentityProvider, browser: Browser
    ) -> None:
        federate(installation, provider, "oidc", "acme.example")
        installation.add_person("known@acme.example")
        assert all(forward_address(browser.enter(f"{who}@acme.example")) for who in ("known", "unknown"))
        for email in ("unknown@other.example", "eve@sub.acme.example", "nobody", "a@b@other.example"):
            assert browser.enter(email).headers["Location"].startswith("/sign-in?"), email

    def test_it_leads_to_this_site_only_afterwards(
        self, installation: Installation, provider: IdentityProvider, browser: Browser
    ) -> None:
        federate(installation, provider, "oidc", "acme.example")
        request = browser.there(browser.enter(ANN.mail, "https://evil.example/"), ANN)
        assert browser.back(request).headers["Location"] == "/"

    def test_nobody_can_try_out_many_addresses(self, browser: Browser) -> None:
        for _ in range(ALLOWED_LOOKUPS):
            sign_in.lookups.add("testclient")
        assert problem(browser.enter("ann@acme.example")) == "sign_in.too_many"

    def test_the_browsers_secret_is_out_of_reach_for_scripts(
        self, installation: Installation, provider: IdentityProvider, browser: Browser
    ) -> None:
        federate(installation, provider, "oidc", "acme.example")
        answer = browser.enter(ANN.mail)
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith(f"{BROWSER_COOKIE}=")
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()
        assert answer.headers["Cache-Control"] == "no-store"


class TestPasswords:
    """Who keeps a password when an organization is federated (AC-94, AC-123)."""

    def password(self, browser: Browser, email: str) -> httpx.Response:
        return browser.portal.post("/api/v1/sessions", json={"email": email, "password": PASSWORD})

    def test_an_organization_administrator_still_signs_in_with_it(
        self, installation: Installation, provider: IdentityProvider, browser: Browser
    ) -> None:
        federate(installation, provider, "oidc", "acme.example")
        assert self.password(browser, installation.administrator.email).status_code == 201

    def test_others_are_sent_to_the_provider_but_only_with_the_right_password(
        self, installation: Installation, provider: IdentityProvider, browser: Browser
    ) -> None:
        installation.add_person("carl@acme.example", Role.SOLUTIONS_USER)
        federate(installation, provider, "oidc", "acme.example")
        assert problem(self.password(browser, "carl@acme.example")) == "sign_in.elsewhere"
        wrong = browser.portal.post("/api/v1/sessions", json={"email": "carl@acme.example", "password": "wrong"})
        assert problem(wrong) == "sign_in.failed"

    def test_people_made_by_the_provider_have_none(
        self, installation: Installation, provider: IdentityProvider, browser: Browser
    ) -> None:
        federate(installation, provider, "oidc", "acme.example")
        browser.sign_in(ANN)
        for password in ("", PASSWORD, ANN.password):
            answer = browser.portal.post("/api/v1/sessions", json={"email": ANN.mail, "password": password})
            assert problem(answer) == "sign_in.failed"

    def test_after_the_provider_is_removed_passwords_count_again(
        self, installation: Installation, provider: IdentityProvider, browser: Browser
    ) -> None:
        installation.add_person("carl@acme.example", Role.SOLUTIONS_USER)
        federate(installation, provider, "oidc", "acme.example")
        removed = api(browser, installation, "DELETE", "").json()
        assert (removed["active"], removed["domains"]) == (None, [])
        assert self.password(browser, "carl@acme.example").status_code == 201


def test_without_saml_responses_of_other_sites_forms_are_still_refused(
    browser: Browser, installation: Installation
) -> None:
    organization_id = installation.administrator.organization_id
    acs = f"/federation/saml/{organization_id}/acs"
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert problem(browser.portal.post("/sign-in", data={"email": "x", "password": "y"}, headers=headers)) == (
        "request.cross_origin"
    )
    nonsense = browser.portal.post(acs, data={"SAMLResponse": "AAAA", "RelayState": "x"}, headers=headers)
    assert problem(nonsense) == "federation.sign_in_over"


def test_our_metadata_are_public(browser: Browser, installation: Installation) -> None:
    ours = our_side(installation.administrator.organization_id)
    answer = browser.portal.get(ours.metadata_url)
    assert answer.headers["Content-Type"] == "application/samlmetadata+xml"
    assert ours.acs_url in answer.text
    assert f'entityID="{ours.entity_id}"' in answer.text
    assert browser.portal.get("/federation/saml/..%2F..%2Fx/metadata").status_code in (404, 422)
