"""Signing in by form and by program, and what protects it."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from connectors.settings import Settings
from domain.organizations.roles import Role
from domain.sign_in.locks import SIGN_IN_LOCKED
from domain.sign_in.service import SIGN_IN_FAILED
from portal_api.app import create_service
from portal_api.sign_in import COOKIE, failures, local_path, sign_in_problem
from tests.portal_api.conftest import Api
from tests.support.installation import PASSWORD, Installation

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def browser(installation: Installation) -> httpx.Client:
    return TestClient(create_service(installation.settings), base_url="http://127.0.0.1:8080", follow_redirects=False)


def sign_in(browser: httpx.Client, email: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    return browser.post("/sign-in", data={"email": email, "password": password, **more}, headers=SAME_SITE)


def test_a_person_signs_in_and_out(browser: httpx.Client, installation: Installation) -> None:
    answer = sign_in(browser, installation.administrator.email, next="/solutions?type=personal")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/solutions?type=personal")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(COOKIE + "=")
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"))
    assert "Secure" not in cookie
    assert browser.get("/api/v1/me").json()["email"] == installation.administrator.email
    token = browser.cookies[COOKIE]
    assert browser.post("/sign-out", headers=SAME_SITE).headers["Location"] == "/sign-in"
    assert COOKIE not in browser.cookies
    after = browser.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (after.status_code, after.json()["code"]) == (401, "sign_in.needed")


def test_the_cookie_is_secure_where_the_portal_is(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    secure = installation.settings.model_copy(update={"portal_url": "https://print.example.com"})
    monkeypatch.setattr("portal_api.sign_in.get_settings", lambda: secure)
    with TestClient(create_service(secure), base_url="https://print.example.com", follow_redirects=False) as browser:
        answer = sign_in(browser, installation.administrator.email)
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_a_failed_sign_in_goes_back_to_the_page_with_the_reason(
    browser: httpx.Client, installation: Installation
) -> None:
    answer = sign_in(browser, installation.administrator.email, "wrong", next="/runs")
    place = urlsplit(answer.headers["Location"])
    assert (answer.status_code, place.path) == (303, "/sign-in")
    email = installation.administrator.email
    assert parse_qs(place.query) == {"problem": ["sign_in.failed"], "next": ["/runs"], "email": [email]}
    assert "Set-Cookie" not in answer.headers
    request = Request({"type": "http", "query_string": place.query.encode(), "headers": []})
    problem = sign_in_problem(request)
    assert problem is not None
    assert problem.fault is SIGN_IN_FAILED


@pytest.mark.parametrize(
    ("query", "fault", "text"),
    [
        ("problem=sign_in.locked&minutes=4", SIGN_IN_LOCKED, "4 minutes"),
        ("problem=sign_in.locked&minutes=%3Cb%3E", SIGN_IN_LOCKED, "1 minutes"),
        ("problem=document.empty", None, ""),
        ("", None, ""),
    ],
)
def test_the_sign_in_page_shows_only_known_problems(query: str, fault: object, text: str) -> None:
    problem = sign_in_problem(Request({"type": "http", "query_string": query.encode(), "headers": []}))
    assert (problem.fault if problem else None) is fault
    assert text in (problem.message if problem else "")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/", "/"),
        ("/runs/1?x=2#y", "/runs/1?x=2#y"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("", "/"),
    ],
)
def test_a_sign_in_leads_only_to_this_portal(given: str, kept: str) -> None:
    assert local_path(given) == kept


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_web_site_cannot_act_for_a_signed_in_person(
    browser: httpx.Client, installation: Installation, headers: dict[str, str]
) -> None:
    sign_in(browser, installation.administrator.email)
    answer = browser.patch("/api/v1/me", json={"locale": "sv"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "request.cross_origin")
    assert browser.get("/api/v1/me", headers=headers).json()["locale"] == "en"


@pytest.mark.parametrize("headers", [SAME_SITE, {"Origin": "http://127.0.0.1:8080"}, {}])
def test_the_portal_itself_can(browser: httpx.Client, installation: Installation, headers: dict[str, str]) -> None:
    person = installation.add_person(f"self{len(str(headers))}@example.com", Role.SOLUTIONS_USER)
    sign_in(browser, person.email)
    answer = browser.patch("/api/v1/me", json={"locale": "sv", "time_zone": "Europe/Stockholm"}, headers=headers)
    assert (answer.status_code, answer.json()["locale"]) == (200, "sv")
    assert browser.get("/api/v1/nothing").headers["Content-Language"] == "en"
    assert browser.get("/api/v1/runs/nothing").headers["Content-Language"] == "sv"


def test_failures_from_one_address_are_limited(
    anonymous: httpx.Client, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "allowed", 3)
    nobody = {"email": "nobody@example.com", "password": "x"}
    for _ in range(3):
        assert anonymous.post("/api/v1/sessions", json=nobody).json()["code"] == "sign_in.failed"
    right = {"email": installation.administrator.email, "password": PASSWORD}
    answer = anonymous.post("/api/v1/sessions", json=right)
    assert (answer.status_code, answer.json()["code"]) == (429, "sign_in.too_many")
    assert int(answer.headers["Retry-After"]) > 0


def test_an_account_is_locked_after_repeated_failures(anonymous: httpx.Client, installation: Installation) -> None:
    person = installation.add_person("locked@example.com", Role.SOLUTIONS_USER)
    for _ in range(5):
        anonymous.post("/api/v1/sessions", json={"email": person.email, "password": "wrong"})
    answer = anonymous.post("/api/v1/sessions", json={"email": person.email, "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (429, "sign_in.locked")


def test_a_program_signs_in_and_out(anonymous: httpx.Client, installation: Installation) -> None:
    api = Api(anonymous, installation.administrator)
    assert "Solutions Administrator" in api.get("/me").json()["roles"]
    assert api.delete("/sessions/current").status_code == 204
    assert api.get("/me").status_code == 401


@pytest.mark.parametrize("authorization", ["Bearer wrong", "Bearer ", "Basic YTpi", "Bearer"])
def test_a_bad_token_is_no_sign_in_even_beside_a_good_cookie(
    browser: httpx.Client, installation: Installation, authorization: str
) -> None:
    sign_in(browser, installation.administrator.email)
    answer = browser.get("/api/v1/me", headers={"Authorization": authorization})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="Pressroom"')


@pytest.mark.parametrize(
    ("values", "field"), [({"locale": "tlh"}, "body.locale"), ({"time_zone": "Mars/Olympus"}, "body.time_zone")]
)
def test_unknown_languages_and_time_zones_are_refused(api: Api, values: dict[str, str], field: str) -> None:
    answer = api.request("PATCH", "/me", json=values)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_the_default_settings_serve_http_on_loopback() -> None:
    assert Settings(_env_file=None).public_url == "http://127.0.0.1:8080"
