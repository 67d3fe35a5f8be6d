"""Printers' programs sign people in over HTTP, with the access token of the device application."""

from typing import Any

import httpx
import pytest

from domain.applications.models import ApplicationKind
from domain.applications.service import list_applications, make_secret
from domain.organizations.actor import Actor
from domain.printer_login import own
from domain.printer_login.configuration import change_settings
from domain.printer_login.login_codes import new_code
from domain.printer_login.rules import PrinterLoginSettings
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.service import sign_in
from tests.portal_api.conftest import Api
from tests.support.fleet import add_printers
from tests.support.installation import PASSWORD, Installation

SESSION = "Pressroom-Printer-Session"


class Device:
    """A printer's program."""

    def __init__(self, client: httpx.Client, token: str) -> None:
        self._client, self._token = client, token

    def request(self, method: str, path: str, session: str = "", **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"} | ({SESSION: session} if session else {})
        return self._client.request(method, f"/api/v1/printer-login{path}", headers=headers, **options)

    def sign_in(self, **values: Any) -> httpx.Response:
        return self.request("POST", "/sign-ins", json={"printer_id": "printer-1", **values})


def device_of(client: httpx.Client, email: str) -> Device:
    """The device application of that administrator's organization, with a token as OAuth 2 gives it."""
    chief = actor_of_token(sign_in(email, PASSWORD).session.token)
    kind = ApplicationKind.DEVICE_AUTHENTICATION
    application = next(one for one in list_applications(chief) if one.kind == kind)
    body = {
        "grant_type": "client_credentials",
        "client_id": application.id,
        "client_secret": make_secret(chief, application.id)[0],
    }
    return Device(client, client.post("/oauth/token", json=body).json()["access_token"])


@pytest.fixture(scope="module")
def device(installation: Installation, anonymous: httpx.Client) -> Device:
    return device_of(anonymous, installation.administrator.email)


@pytest.fixture(scope="module")
def ann(installation: Installation) -> Actor:
    return installation.add_person("ann@pressroom.example")


@pytest.fixture(autouse=True)
def _configured(installation: Installation) -> None:
    change_settings(installation.administrator, PrinterLoginSettings(methods=("badge", "pin", "secure_login")))


def code(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["code"])


def test_a_badge_is_registered_at_its_first_use_and_signs_in_and_out(device: Device, ann: Actor) -> None:
    unknown = device.sign_in(method="badge", badge="4711")
    assert unknown.json() == {"outcome": "registration_needed", "session": None}
    body = {"printer_id": "printer-1", "badge": "4711", "email": ann.email, "password": "wrong"}
    refused = device.request("POST", "/badge-registrations", json=body)
    assert code(refused, 403) == "printer_login.credentials_refused"
    registered = device.request("POST", "/badge-registrations", json={**body, "password": PASSWORD}).json()
    assert (registered["outcome"], registered["session"]["person"]["id"]) == ("signed_in", ann.user_id)
    opened = device.sign_in(method="badge", badge="4711").json()["session"]
    present = device.request("GET", "/session", opened["token"]).json()
    assert (present["person"]["email"], present["printer_id"], present["method"]) == (ann.email, "printer-1", "badge")
    former = registered["session"]["token"]
    assert code(device.request("GET", "/session", former), 403) == "printer_session.ended"
    away = device.request("POST", "/session/badge-out", opened["token"], json={"badge": "4712"})
    assert code(away, 409) == "printer_session.other_badge"
    assert device.request("POST", "/session/badge-out", opened["token"], json={"badge": "4711"}).status_code == 204
    assert code(device.request("GET", "/session", opened["token"]), 403) == "printer_session.ended"
    assert device.request("DELETE", "/session", opened["token"]).status_code == 204


def test_a_pin_is_asked_for_as_second_factor(device: Device, installation: Installation) -> None:
    bob = installation.add_person("bob@pressroom.example")
    own.register_own_badge(bob, "4721")
    own.set_own_pin(bob, "482915")
    change_settings(installation.administrator, PrinterLoginSettings.model_validate({"mode": "badge_and_pin"}))
    assert device.sign_in(method="badge", badge="4721").json()["outcome"] == "pin_needed"
    assert code(device.sign_in(method="badge", badge="4721", pin="999999"), 403) == "pin.refused"
    assert device.sign_in(method="badge", badge="4721", pin="482915").json()["outcome"] == "signed_in"
    assert code(device.sign_in(method="pin", pin="482915"), 403) == "printer_login.method_off"


def test_a_login_code_works_once(device: Device, ann: Actor) -> None:
    one = new_code(ann).code
    assert device.sign_in(method="secure_login", code=one, screen="small").json()["outcome"] == "signed_in"
    assert code(device.sign_in(method="secure_login", code=one), 403) == "login_code.refused"


def test_panels_learn_what_to_offer(device: Device) -> None:
    full = device.request("GET", "/methods").json()
    assert (full["methods"], full["asks_pin_after_badge"]) == (["badge", "pin", "secure_login"], False)
    small = device.request("GET", "/methods", params={"screen": "small"}).json()
    assert small["methods"] == ["pin", "secure_login"]


def test_a_printers_model_decides_for_its_program_too(device: Device, installation: Installation, ann: Actor) -> None:
    """PR-186, by the printer's id or serial number; one that is not managed here may take everything."""
    add_printers(installation.administrator.organization_id, 1, model="B2338", serial_number="SN-OLD")
    add_printers(installation.administrator.organization_id, 1, model="C2326", serial_number="SN-COMPACT")
    for printer, methods in {
        "SN-OLD": [],
        "SN-COMPACT": ["pin", "secure_login"],
        "elsewhere": ["badge", "pin", "secure_login"],
    }.items():
        assert device.request("GET", "/methods", params={"printer_id": printer}).json()["methods"] == methods
    assert code(device.sign_in(method="badge", badge="4711", printer_id="SN-COMPACT"), 403) == "printer_login.no_reader"
    one = new_code(ann).code
    refused = device.sign_in(method="secure_login", code=one, printer_id="SN-OLD")
    assert code(refused, 403) == "printer_login.not_possible"
    opened = device.sign_in(method="secure_login", code=one, printer_id="SN-COMPACT").json()
    assert opened["outcome"] == "signed_in", "a refusal uses no code up"


@pytest.mark.parametrize(
    "body",
    [
        {"method": "badge"},
        {"method": "pin", "badge": "4711"},
        {"method": "card", "badge": "4711"},
        {"method": "pin", "pin": "482915", "printer_id": "a/b"},
        {"method": "pin", "pin": "1" * 13},
    ],
)
def test_what_is_no_attempt(device: Device, body: dict[str, Any]) -> None:
    assert code(device.sign_in(**body), 422) == "request.invalid"


def test_only_the_application_of_the_organization_may_ask(
    device: Device, api: Api, ann: Actor, anonymous: httpx.Client, installation: Installation
) -> None:
    attempt = {"printer_id": "printer-1", "method": "pin", "pin": "482915"}
    assert code(api.post("/printer-login/sign-ins", json=attempt), 403) == "application.needed"
    foreign = device_of(anonymous, installation.stranger.email)
    own.register_own_badge(ann, "4731")
    opened = device.sign_in(method="badge", badge="4731").json()["session"]
    assert foreign.sign_in(method="badge", badge="4731").json()["outcome"] == "registration_needed"
    assert code(foreign.request("GET", "/session", opened["token"]), 403) == "printer_session.ended"
    assert device.request("GET", "/session", opened["token"]).status_code == 200
