"""The device management API as docs/device-protocol.md tells it, asked over HTTP (FL-579)."""

import gzip
import json

import httpx
import pytest

from printers_sim.device.account import new_account
from printers_sim.device.speed import speed_licence
from printers_sim.knobs import FailingStep
from printers_sim.packages import app_package, firmware_image, settings_bundle
from printers_sim.simulation import Simulation
from tests.printers_sim.conftest import ADMINISTRATOR, Client, printer_of
from tests.printers_sim.device_answers import failing, identity, refusal


def whole_state(client: httpx.Client) -> list[object]:
    """What a refused request must not change."""
    return [identity(client), *(client.get(part).json() for part in ("settings", "apps", "home-screen"))]


def test_identity_needs_no_credentials_and_tells_what_the_model_is(simulation: Simulation, client: Client) -> None:
    told = identity(client("color-mfp"))
    assert told | {"framework": "5.1", "model": "PX C4150", "printer_agent": None, "firmware_updates": 0} == told
    assert told["serial_number"] == printer_of(simulation, "color-mfp").serial
    assert refusal(client("third-party-color").get("identity")) == (404, "not_found")


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("user_password", ("kim", "secret"), [("kim", "Secret"), ("sam", "secret"), ("", "secret"), ("kim", "")]),
        ("user_name", ("kim", ""), [("sam", ""), ("", ""), ("kim", "secret")]),
        ("password", ("", "secret"), [("kim", "secret"), ("", "")]),
        ("pin", ("", "123456"), [("", "123457"), ("123456", ""), ("kim", "123456")]),
    ],
)
def test_the_administrator_is_known_by_what_the_account_asks_for(
    simulation: Simulation, client: Client, kind: str, right: tuple[str, str], wrong: list[tuple[str, str]]
) -> None:
    printer, device = printer_of(simulation, "mono-mfp"), client("mono-mfp")
    change = {"authentication_type": kind, "user_name": right[0], "password": right[1]}
    assert device.post("credentials", json=change).status_code == 204
    try:
        assert identity(device)["authentication_type"] == kind
        assert device.get("apps", auth=right).status_code == 200
        for pair in wrong:
            answer = device.get("apps", auth=pair)
            assert refusal(answer) == (401, "credentials"), pair
            assert answer.headers["www-authenticate"].startswith("Basic ")
        assert httpx.get(f"{device.base_url}apps").status_code == 401
    finally:
        printer.device.account = new_account("user_password", *ADMINISTRATOR)


def test_an_account_of_no_type_lets_everybody_in(simulation: Simulation, client: Client) -> None:
    printer, device = printer_of(simulation, "mono-mfp"), client("mono-mfp")
    assert device.post("credentials", json={"authentication_type": "none"}).status_code == 204
    assert httpx.get(f"{device.base_url}apps").status_code == 200
    printer.device.account = new_account("user_password", *ADMINISTRATOR)


@pytest.mark.parametrize(
    "change",
    [
        {"authentication_type": "badge"},
        {"authentication_type": "user_password", "user_name": "kim"},
        {"authentication_type": "none", "password": "x"},
        {"authentication_type": "pin", "password": "12a4"},
        {"authentication_type": "pin", "password": "123"},
        {"authentication_type": "user_name", "user_name": "a:b"},
    ],
)
def test_accounts_that_cannot_be_are_refused(client: Client, change: dict[str, str]) -> None:
    assert refusal(client("color-mfp").post("credentials", json=change)) == (422, "invalid_account")


def test_right_credentials_can_be_made_wrong_on_request(simulation: Simulation, client: Client) -> None:
    knobs = printer_of(simulation, "color-mfp").knobs
    knobs.wrong_credentials = True
    assert refusal(client("color-mfp").get("settings")) == (401, "credentials")
    knobs.wrong_credentials = False


@pytest.mark.parametrize(
    ("control", "method", "path", "content"),
    [
        ("security.remote_management", "GET", "settings", b""),
        ("security.remote_management", "POST", "restart", b""),
        ("security.firmware_updates", "POST", "firmware", firmware_image("230.400", ["PX C4150"])),
        ("security.app_configuration", "POST", "apps", app_package("f", "F", "1")),
        ("security.app_configuration", "POST", "apps/scan-center/stop", b""),
    ],
)
def test_access_controls_keep_agents_out(
    simulation: Simulation, client: Client, control: str, method: str, path: str, content: bytes
) -> None:
    printer, device = printer_of(simulation, "color-mfp"), client("color-mfp")
    assert device.patch("settings", json={control: False}).status_code == 200
    assert refusal(device.request(method, path, content=content)) == (403, "access_denied")
    assert identity(device)["serial_number"] == printer.serial
    del printer.device.settings[control]
    assert device.get("apps").status_code == 200


def test_restarting_begins_anew(client: Client) -> None:
    device = client("color-mfp")
    before = identity(device)["restarted_at"]
    assert device.post("restart").status_code == 202
    assert str(identity(device)["restarted_at"]) > str(before)


def test_a_message_is_shown_for_48_hours_at_most(client: Client) -> None:
    device = client("color-mfp")
    assert device.put("panel-message", json={"text": "Toner is on its way"}).status_code == 200
    assert device.get("panel-message").json()["text"] == "Toner is on its way"
    assert refusal(device.put("panel-message", json={"text": "x", "hours": 49})) == (422, "invalid_message")
    assert refusal(device.put("panel-message", json={"text": " "})) == (422, "invalid_message")
    device.put("panel-message", json={"text": "Gone soon", "hours": 1e-9})
    assert device.get("panel-message").json() == {"text": None, "expires": None}
    assert device.delete("panel-message").status_code == 204


@pytest.mark.parametrize(
    ("profile", "size"), [("mono-printer", 4), ("color-mfp-upgradable", 8), ("mono-mfp", 10), ("color-mfp", 15)]
)
def test_the_home_screen_flows_over_pages_of_the_models_size(client: Client, profile: str, size: int) -> None:
    """FL-301, FL-590: 4, 8, 10 or 15 items on a page."""
    device = client(profile)
    shown = device.get("home-screen").json()
    assert (shown["items_per_page"], shown["is_default"]) == (size, True)
    first = shown["offered"][0]["id"]
    changed = device.put("home-screen", json={"pages": [["blank"] * size + [first], ["usb"]]}).json()
    assert changed["pages"] == [["blank"] * size, [first, "usb"]]
    assert refusal(device.put("home-screen", json={"pages": [["no-such"]]})) == (422, "no_such_item")
    assert refusal(device.put("home-screen", json={"pages": [["usb"], ["usb"]]})) == (422, "item_twice")
    assert device.delete("home-screen").json()["pages"] == shown["pages"]


def test_logs_tell_what_has_happened(client: Client) -> None:
    device = client("color-mfp")
    device.get("apps", auth=("admin", "wrong"))
    device.post("apps", content=app_package("logged", "Logged", "1.0"))
    device.patch("settings", json={"copy.copies": 2})
    assert "Wrong administrator credentials" in device.get("logs/security").text
    assert "Logged 1.0 installed" in device.get("logs/framework").text
    assert "Settings changed: copy.copies" in device.get("logs/history").text
    assert len(device.get("logs/fax-last-10").text.splitlines()) == 11
    errors = device.get("logs/fax-errors-last-10").text.splitlines()[1:]
    assert errors
    assert all(line in device.get("logs/fax").text for line in errors)
    assert b"Logged 1.0 installed" in gzip.decompress(device.get("logs/gzip").content)
    assert refusal(device.get("logs/secret")) == (404, "no_such_log")
    assert refusal(client("mono-printer").get("logs/fax")) == (422, "not_supported")
    device.delete("apps/logged")


def test_a_licence_makes_one_printer_faster_once(simulation: Simulation, client: Client) -> None:
    printer, device = printer_of(simulation, "color-mfp-upgradable"), client("color-mfp-upgradable")
    printer.firmware = "230.346"
    first = {"code": speed_licence(printer.serial, 25, 35), "from": 25, "to": 35}
    assert refusal(device.post("speed-upgrade", json=first)) == (422, "firmware_too_old")
    printer.firmware = "230.347"
    direct = {"code": speed_licence(printer.serial, 25, 45), "from": 25, "to": 45}
    assert refusal(device.post("speed-upgrade", json=direct)) == (422, "no_such_upgrade")
    other = first | {"code": speed_licence("PXD00000099", 25, 35)}
    assert refusal(device.post("speed-upgrade", json=other)) == (422, "wrong_licence")
    assert device.post("speed-upgrade", json=first).json() == {"model": "PX C3035", "speed_ppm": 35}
    assert identity(device)["model"] == "PX C3035"
    printer.speed = 25
    assert refusal(device.post("speed-upgrade", json=first)) == (409, "licence_used")
    assert refusal(client("color-mfp").post("speed-upgrade", json=first)) == (422, "not_supported")


def test_enrolment_by_either_code(client: Client) -> None:
    device = client("color-mfp")
    assert refusal(device.get("enrolment-code")) == (409, "communication_off")
    assert device.put("enrolment", json={"communication": True}).json()["state"] == "none"
    issued = device.get("enrolment-code?server=https://cloud.example.com").json()
    assert len(issued["code"]) == 9
    assert device.get("enrolment-code").json() == issued
    entered = device.put("enrolment", json={"code": "ORG-1", "server": "https://cloud.example.com"}).json()
    assert (entered["state"], entered["organization_code"], entered["printer_code"]) == ("code_entered", "ORG-1", None)
    assert device.put("enrolment", json={"state": "enrolled"}).json()["organization_code"] is None
    assert identity(device)["enrolment"] == "enrolled"
    assert refusal(device.get("enrolment-code")) == (409, "enrolled_already")
    assert device.delete("enrolment").status_code == 204
    device.patch("settings", json={"security.cloud_enrolment_enabled": False})
    assert refusal(device.get("enrolment")) == (409, "menu_disabled")
    device.put("settings", json={})


@pytest.mark.parametrize(
    ("step", "method", "path", "content"),
    [
        (FailingStep.SETTINGS, "PATCH", "settings", json.dumps({"copy.copies": 5}).encode()),
        (FailingStep.BUNDLE, "POST", "bundles", settings_bundle(settings={"copy.copies": 5})),
        (FailingStep.APP_INSTALL, "POST", "apps", app_package("f", "F", "1")),
        (FailingStep.APP_STOP, "POST", "apps/scan-center/stop", b""),
        (FailingStep.FIRMWARE, "POST", "firmware", firmware_image("081.230", ["PX C4150"])),
        (FailingStep.RESTART, "POST", "restart", b""),
        (FailingStep.PANEL_MESSAGE, "PUT", "panel-message", b'{"text": "Hello"}'),
        (FailingStep.HOME_SCREEN, "PUT", "home-screen", b'{"pages": [["usb"]]}'),
        (FailingStep.LOGIN_METHODS, "PUT", "login-methods", b"{}"),
        (FailingStep.LOGS, "GET", "logs/history", b""),
        (FailingStep.CREDENTIALS, "POST", "credentials", b'{"authentication_type": "none"}'),
    ],
)
def test_every_step_can_be_made_to_fail(
    simulation: Simulation, client: Client, step: FailingStep, method: str, path: str, content: bytes
) -> None:
    """FL-580."""
    device = client("color-mfp")
    before = whole_state(device)
    with failing(simulation, "color-mfp", step):
        assert refusal(device.request(method, path, content=content)) == (500, "internal_error")
    assert whole_state(device) == before


def test_what_is_not_there_answers_in_the_same_form(client: Client) -> None:
    device = client("color-mfp")
    assert device.get("nothing").json()["code"] == "not_found"
    assert device.delete("settings").json()["code"] == "method_not_allowed"
    assert refusal(device.patch("settings", content=b"[1]")) == (400, "invalid_json")
    assert refusal(device.patch("settings", content=b"{")) == (400, "invalid_json")
