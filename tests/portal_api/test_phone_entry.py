"""Where a printer's code leads a phone: a cookie, the sign-in, the page, and out again (MOB-1, MOB-4, MOB-9)."""

from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from domain.organizations.roles import Role
from fleet.agents.models import AgentKind
from fleet.phones.codes import panel_code, ticket
from fleet.phones.turns import enter_printer, seconds_left
from portal_api.app import create_service
from portal_api.phone_turn import TURN_COOKIE
from tests.support.fleet import add_printers
from tests.support.installation import PASSWORD, Installation


@pytest.fixture
def phone(installation: Installation) -> TestClient:
    return TestClient(create_service(installation.settings), follow_redirects=False)


@pytest.fixture
def code(installation: Installation) -> str:
    organization_id = installation.administrator.organization_id
    facts = {"agent_kind": AgentKind.NATIVE, "firmware_level": "081.215"}
    (printer,) = add_printers(organization_id, 1, **facts)
    return urlsplit(panel_code(installation.administrator, printer).address).path


def test_a_scan_leads_to_the_page_for_phones(phone: TestClient, code: str) -> None:
    answer = phone.get(code)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/phone")
    kept = answer.headers["Set-Cookie"]
    assert "HttpOnly" in kept
    assert "SameSite=lax" in kept
    assert ticket(phone.cookies[TURN_COOKIE]).is_fresh


@pytest.mark.parametrize("given", ["/at/nothing", "/at/" + "A" * 94])
def test_what_is_no_code_is_told(phone: TestClient, given: str) -> None:
    answer = phone.get(given, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "This is no code of a printer." in answer.text
    assert TURN_COOKIE not in phone.cookies


@pytest.mark.parametrize("way", ["/phone/end", "/sign-out"])
def test_ending_the_session_and_signing_out_free_the_printer(
    installation: Installation, phone: TestClient, code: str, way: str
) -> None:
    ann = installation.add_person(f"ann{way[1:].replace('/', '-')}@one.example", Role.PRINT_RELEASE_USER)
    phone.get(code)
    turn = enter_printer(ann, ticket(phone.cookies[TURN_COOKIE]))
    phone.post("/sign-in", data={"email": ann.email, "password": PASSWORD})
    assert seconds_left(ann, turn.token) > 0
    assert phone.post(way).status_code == 303
    assert seconds_left(ann, turn.token) == 0
    assert TURN_COOKIE not in phone.cookies


def test_whose_sign_in_has_ended_can_still_sign_out(phone: TestClient, code: str) -> None:
    phone.get(code)
    phone.cookies.set("pressroom_session", "of yesterday")
    assert phone.post("/sign-out").headers["Location"] == "/sign-in"


def test_only_pages_for_phones_may_use_the_camera(phone: TestClient) -> None:
    assert "camera=(self)" in phone.get("/phone/scan").headers["Permissions-Policy"]
    assert "camera=()" in phone.get("/solutions").headers["Permissions-Policy"]
