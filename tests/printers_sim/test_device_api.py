"""The device management API as docs/device-protocol.md tells it, asked over HTTP."""

import base64
import gzip
import hashlib
import io
import json
import socket
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from printers_sim.device.account import new_account
from printers_sim.device.speed import speed_licence
from printers_sim.knobs import FailingStep
from printers_sim.packages import app_package, firmware_image, settings_bundle, settings_file
from printers_sim.printer import Condition
from printers_sim.simulation import Simulation
from tests.printers_sim.conftest import ADMINISTRATOR, Client, printer_of

BACK_SECONDS = 10


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal, whose reason is a sentence."""
    content = answer.json()
    assert content["reason"].endswith("."), content
    return answer.status_code, content["code"]


def identity(client: httpx.Client) -> dict[str, object]:
    """Who the printer is, asked without credentials, as soon as it answers."""
    deadline = time.monotonic() + BACK_SECONDS
    while True:
        try:
            return dict(httpx.get(f"{client.base_url}identity").raise_for_status().json())
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def whole_state(client: httpx.Client) -> list[object]:
    """What a refused request must not change."""
    return [identity(client), *(client.get(part).json() for part in ("settings", "apps", "home-screen"))]


def lengthless(content: bytes) -> Iterator[bytes]:
    """Content whose length httpx does not know."""
    yield content


def forged_image(level: str, model: str) -> bytes:
    """An image whose content is not what its manifest says."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as image:
        manifest = {"kind": "firmware", "level": level, "models": [model], "sha256": hashlib.sha256(b"").hexdigest()}
        image.writestr("manifest.json", json.dumps(manifest))
        image.writestr("image.bin", b"something else")
    return out.getvalue()


def answer_after(connection: socket.socket, rest: bytes) -> bytes:
    """What comes back on a connection after the rest of a request; nothing if the printer has dropped it."""
    try:
        connection.sendall(rest)
        return connection.recv(1000)
    except ConnectionError:
        return b""


@contextmanager
def failing(simulation: Simulation, profile: str, *steps: FailingStep) -> Iterator[None]:
    """The printer fails at these steps for the time being."""
    knobs = printer_of(simulation, profile).knobs
    knobs.fail_at = set(steps)
    yield
    knobs.fail_at = set()


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


class TestSettings:
    """Every setting by itself, with its range."""

    def test_the_catalogue_is_a_tree_with_ranges_that_the_defaults_keep_to(self, client: Client) -> None:
        device = client("color-mfp")
        facts = device.get("settings/catalogue").json()
        assert len(facts) >= 120
        assert len({row["name"] for row in facts}) == len(facts)
        assert {row["path"][0] for row in facts} >= {"General", "Paper", "Network", "Security", "Fax", "Panel", "Cloud"}
        changeable = {row["name"]: row["default"] for row in facts}
        identifying = ("general.asset_tag", "general.contact", "general.location", "network.host_name")
        answer = device.patch("settings", json={n: v for n, v in changeable.items() if n not in identifying}).json()
        assert not answer["refused"]

    def test_models_have_settings_for_what_they_can_do(self, client: Client) -> None:
        names = {profile: set(client(profile).get("settings").json()) for profile in ("color-mfp", "mono-printer")}
        assert "fax.rings" in names["color-mfp"]
        assert "print.color_mode" in names["color-mfp"]
        assert not {name for name in names["mono-printer"] if name.startswith(("fax.", "scan.", "copy.", "email."))}

    @pytest.mark.parametrize(
        ("name", "value", "reason"),
        [
            ("fax.rings", 0, "from 1 to 25"),
            ("fax.rings", True, "whole number"),
            ("fax.rings", "3", "whole number"),
            ("print.collate", "yes", "true or false"),
            ("paper.tray1_size", "A9", "one of"),
            ("network.gateway", "10.0.0", "IP address"),
            ("general.asset_tag", "x" * 65, "at most 64"),
            ("general.asset_tag", "two\nlines", "line breaks"),
            ("general.no_such", 1, "no such setting"),
        ],
    )
    def test_wrong_values_are_refused_by_name_and_right_ones_taken(
        self, client: Client, name: str, value: object, reason: str
    ) -> None:
        answer = client("color-mfp").patch("settings", json={name: value, "copy.copies": 7})
        assert answer.status_code == 200
        assert answer.json()["applied"] == {"copy.copies": 7}
        assert reason in answer.json()["refused"][name]

    def test_what_identifies_the_printer_shows_in_its_other_interfaces(
        self, simulation: Simulation, client: Client
    ) -> None:
        printer = printer_of(simulation, "color-mfp")
        client("color-mfp").patch("settings", json={"general.location": "Room 9", "general.asset_tag": "K-1"})
        assert (printer.location, printer.asset_tag) == ("Room 9", "K-1")

    def test_replacing_returns_the_rest_to_defaults(self, client: Client) -> None:
        device = client("color-mfp")
        device.patch("settings", json={"copy.copies": 9, "energy.sleep_minutes": 3})
        device.put("settings", json={"energy.sleep_minutes": 4})
        now = device.get("settings").json()
        assert (now["copy.copies"], now["energy.sleep_minutes"], now["general.location"] != "") == (1, 4, True)

    def test_passwords_go_in_and_never_out(self, client: Client) -> None:
        device = client("color-mfp")
        answer = device.patch("settings", json={"email.password": "hush hush"})
        assert answer.json()["applied"] == {"email.password": ""}
        with zipfile.ZipFile(io.BytesIO(device.get("bundle").content)) as bundle:
            exported = b"".join(bundle.read(name) for name in bundle.namelist())
        shown = device.get("settings").content + device.get("settings-files").content + exported
        assert b"hush hush" not in shown
        assert b"email.smtp_port" in exported

    def test_a_flat_file_is_read_line_by_line(self, client: Client) -> None:
        device = client("color-mfp")
        content = "# model: PX C4150\n# note\nfax.rings = 5\nprint.collate=false\nfax.hold=never\nnope=1\n"
        answer = device.post("settings-files", content=content).json()
        assert answer["applied"] == {"fax.rings": 5, "print.collate": False}
        assert set(answer["refused"]) == {"fax.hold", "nope"}
        again = device.post("settings-files", content=device.get("settings-files").content).json()
        assert again["refused"] == {}

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (settings_file({"fax.rings": 4}, "PX M2250"), "wrong_model"),
            ("fax.rings\n", "invalid_file"),
            ("", "invalid_file"),
        ],
    )
    def test_files_that_do_not_fit_change_nothing(self, client: Client, content: str, code: str) -> None:
        device = client("color-mfp")
        before = device.get("settings").json()
        assert refusal(device.post("settings-files", content=content)) == (422, code)
        assert device.get("settings").json() == before


class TestApps:
    """Installing, starting, stopping, removing, and what is never removed."""

    def test_an_app_lives_through_its_states(self, client: Client) -> None:
        device = client("color-mfp")
        package = app_package("quote", "Quote", "1.2", "5.0", {"server": "", "retries": 3, "greets": True})
        assert device.post("apps", content=package).status_code == 201
        assert refusal(device.post("apps/quote/start")) == (409, "wrong_state")
        assert device.post("apps/quote/stop").json()["state"] == "stopped"
        assert refusal(device.post("apps/quote/stop")) == (409, "wrong_state")
        change = {"retries": 5, "greets": 1, "color": "red"}
        outcome = device.put("apps/quote/settings", json=change).json()
        assert (outcome["applied"], set(outcome["refused"])) == ({"retries": 5}, {"greets", "color"})
        newer = app_package("quote", "Quote", "1.10", settings={"retries": 3, "proxy": ""})
        updated = device.post("apps", content=newer).json()
        assert (updated["version"], updated["state"]) == ("1.10", "stopped")
        assert device.get("apps/quote/settings").json() == {"retries": 5, "proxy": ""}
        assert device.delete("apps/quote").status_code == 204
        assert refusal(device.delete("apps/quote")) == (404, "no_such_app")

    def test_built_in_apps_and_the_printer_agent_stay(self, client: Client) -> None:
        device = client("color-mfp")
        assert refusal(device.delete("apps/scan-center")) == (409, "app_is_kept")
        device.post("apps", content=app_package("printer-agent", "Printer agent", "3.1"))
        assert identity(device)["printer_agent"] == "3.1"
        assert refusal(device.delete("apps/printer-agent")) == (409, "app_is_kept")

    def test_the_framework_has_to_suffice(self, client: Client) -> None:
        newer = app_package("quote", "Quote", "1.0", min_framework="5.0")
        assert refusal(client("mono-mfp").post("apps", content=newer)) == (422, "framework_too_old")
        agent = app_package("printer-agent", "Printer agent", "3.1")
        assert refusal(client("mono-printer").post("apps", content=agent)) == (422, "framework_too_old")

    def test_what_is_no_app_is_refused(self, client: Client) -> None:
        device = client("color-mfp")
        for content in (firmware_image("081.223", ["PX C4150"]), b"no zip", settings_bundle()):
            assert refusal(device.post("apps", content=content)) == (422, "invalid_package")


class TestBundles:
    """Every item is told of; what is for another model is refused whole."""

    def test_every_item_is_reported(self, client: Client) -> None:
        device = client("color-mfp")
        bundle = settings_bundle(
            ["PX C4150"],
            {"copy.copies": 3, "copy.scale_percent": 999},
            {"public": {"copy": True}},
            [app_package("hello", "Hello", "1.0"), app_package("late", "Late", "1.0", "9.0")],
            {"ca.pem": b"-----BEGIN CERTIFICATE-----\n", "x.lic": b"L-1", "notes.txt": b"?"},
        )
        checked = device.post("bundles?check=1", content=bundle).json()["items"]
        assert device.get("settings").json()["copy.copies"] != 3
        items = device.post("bundles", content=bundle).json()["items"]
        assert items == checked
        assert {row["item"]: row["state"] for row in items} == {
            "apps/1.fls": "applied",
            "apps/2.fls": "refused",
            "copy.copies": "applied",
            "copy.scale_percent": "refused",
            "ca.pem": "applied",
            "x.lic": "applied",
            "notes.txt": "refused",
            "login-methods.json": "applied",
        }
        assert items[-1]["item"] == "login-methods.json"
        assert all(bool(row["reason"]) == (row["state"] == "refused") for row in items)
        assert device.get("settings").json()["copy.copies"] == 3
        device.delete("apps/hello")

    def test_an_export_goes_in_again(self, client: Client) -> None:
        device = client("color-mfp")
        exported = device.get("bundle").content
        assert {row["state"] for row in device.post("bundles", content=exported).json()["items"]} == {"applied"}
        assert refusal(client("mono-mfp").post("bundles", content=exported)) == (422, "wrong_model")

    def test_too_large_is_told_before_it_is_sent(self, simulation: Simulation, client: Client) -> None:
        printer = printer_of(simulation, "color-mfp")
        authorization = base64.b64encode(":".join(ADMINISTRATOR).encode()).decode()
        head = f"POST /device/v1/bundles HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {authorization}\r\n"
        with socket.create_connection((printer.address, simulation.http_port), timeout=10) as connection:
            connection.sendall(f"{head}Content-Length: {33 << 20}\r\n\r\n".encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 413")


LOGIN = {
    "public": {"copy": True, "settings": False},
    "local": {"accounts": [{"type": "pin", "name": "Kim", "pin": "482913"}], "groups": []},
    "network": [{"type": "ldap", "name": "Directory", "server": "ldap.example.com", "bind_password": "482913"}],
}


def test_login_methods_are_kept_without_giving_secrets_back(client: Client) -> None:
    device = client("color-mfp")
    assert device.put("login-methods", json=LOGIN).status_code == 204
    shown = device.get("login-methods")
    assert "482913" not in shown.text
    assert shown.json()["local"]["accounts"] == [{"type": "pin", "name": "Kim"}]
    assert refusal(client("mono-mfp").put("login-methods", json=LOGIN)) == (422, "not_supported")


@pytest.mark.parametrize(
    "wrong",
    [
        {"public": {"copy": False}},
        {"network": [{"type": "ldap_gssapi"}]},
        {"network": [{"type": "telepathy"}]},
        {"local": {"accounts": [{"type": "ldap"}]}},
        {"local": []},
        {"remote": {}},
    ],
)
def test_login_methods_that_cannot_be_are_refused(client: Client, wrong: dict[str, object]) -> None:
    assert refusal(client("color-mfp").put("login-methods", json=wrong)) == (422, "invalid_login_methods")


class TestFirmware:
    """Taken whole or not at all; the restart; the price of a downgrade."""

    def test_an_update_restarts_the_printer_with_the_new_level(self, client: Client) -> None:
        device = client("mono-mfp")
        before = identity(device)
        assert device.post("firmware", content=firmware_image("090.100", ["PX M2250"])).status_code == 202
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{device.base_url}identity")
        after = identity(device)
        assert (after["firmware"], after["firmware_updates"]) == ("090.100", int(str(before["firmware_updates"])) + 1)
        assert str(after["restarted_at"]) > str(before["restarted_at"])

    def test_a_downgrade_removes_apps_and_the_printer_agent(self, client: Client) -> None:
        device = client("mono-mfp")
        device.post("apps", content=app_package("printer-agent", "Printer agent", "3.1"))
        device.post("apps", content=app_package("quote", "Quote", "1.0"))
        done = device.post("firmware", content=firmware_image("074.118", ["PX M2250"])).json()
        assert done["removed_apps"] == ["printer-agent", "quote"]
        told = identity(device)
        assert (told["firmware"], told["printer_agent"], told["iot_capable"]) == ("074.118", None, False)
        assert {app["id"] for app in device.get("apps").json()} == {"address-book", "scan-center"}

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (firmware_image("081.230", ["PX M2250"]), (422, "wrong_model")),
            (firmware_image("081.230", ["PX C4150"])[:-5000], (422, "invalid_package")),
            (forged_image("081.230", "PX C4150"), (422, "invalid_package")),
            (firmware_image("next", ["PX C4150"]), (422, "invalid_package")),
            (app_package("quote", "Quote", "1.0"), (422, "invalid_package")),
        ],
        ids=["another model", "cut", "forged", "no level", "an app"],
    )
    def test_images_that_do_not_fit_change_nothing(
        self, client: Client, content: bytes, expected: tuple[int, str]
    ) -> None:
        device = client("color-mfp")
        before = identity(device)
        assert refusal(device.post("firmware", content=content)) == expected
        assert identity(device) == before

    def test_a_damaged_image_is_known_by_its_digest(self, client: Client) -> None:
        image = bytearray(firmware_image("081.230", ["PX C4150"]))
        image[len(image) // 2] ^= 0xFF
        assert refusal(client("color-mfp").post("firmware", content=bytes(image))) == (422, "invalid_package")

    def test_an_upload_has_to_come_as_announced(self, simulation: Simulation, client: Client) -> None:
        device, image = client("color-mfp"), firmware_image("081.230", ["PX C4150"])
        assert refusal(device.post("firmware", content=lengthless(image))) == (411, "length_required")
        wrong = {"Content-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(b'').digest()).decode()}:"}
        assert refusal(device.post("firmware", content=image, headers=wrong)) == (422, "wrong_digest")
        before = identity(device)
        printer = printer_of(simulation, "color-mfp")
        authorization = base64.b64encode(":".join(ADMINISTRATOR).encode()).decode()
        head = f"POST /device/v1/firmware HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {authorization}\r\n"
        with socket.create_connection((printer.address, simulation.http_port), timeout=10) as connection:
            connection.sendall(f"{head}Content-Length: {len(image)}\r\n\r\n".encode() + image[: len(image) // 2])
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1000)
        assert identity(device) == before

    def test_it_is_not_taken_while_somebody_has_to_see_to_the_printer(
        self, simulation: Simulation, client: Client
    ) -> None:
        printer, device = printer_of(simulation, "color-mfp"), client("color-mfp")
        image = firmware_image("081.230", ["PX C4150"])
        printer.raise_condition(Condition.JAM)
        assert refusal(device.post("firmware", content=image)) == (409, "unresolved_errors")
        printer.clear_condition(Condition.JAM)
        printer.knobs.busy = True
        assert refusal(device.post("firmware", content=image)) == (409, "busy")
        printer.knobs.busy = False

    def test_of_two_images_sent_at_a_time_only_one_is_taken(self, simulation: Simulation, client: Client) -> None:
        device, printer = client("color-mfp"), printer_of(simulation, "color-mfp")
        before = printer.device.firmware_updates
        image = firmware_image("230.400", ["PX C4150"])
        authorization = base64.b64encode(":".join(ADMINISTRATOR).encode()).decode()
        head = f"POST /device/v1/firmware HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {authorization}\r\n"
        with socket.create_connection((printer.address, simulation.http_port), timeout=10) as slower:
            slower.sendall(f"{head}Content-Length: {len(image)}\r\n\r\n".encode() + image[:-1])
            assert device.post("firmware", content=image).status_code == 202
            assert answer_after(slower, image[-1:]) == b""
        assert identity(device)["firmware_updates"] == before + 1

    def test_an_update_can_fail_after_the_restart(self, simulation: Simulation, client: Client) -> None:
        device = client("color-mfp")
        before = identity(device)
        with failing(simulation, "color-mfp", FailingStep.FIRMWARE_INSTALL):
            assert device.post("firmware", content=firmware_image("081.230", ["PX C4150"])).status_code == 202
        after = identity(device)
        assert after["firmware"] == before["firmware"]
        assert after["firmware_updates"] != before["firmware_updates"]


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
