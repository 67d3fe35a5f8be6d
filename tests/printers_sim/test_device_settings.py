"""Settings, apps, bundles and login methods over the device management API (docs/device-protocol.md, FL-579)."""

import base64
import io
import socket
import zipfile

import pytest

from printers_sim.packages import app_package, firmware_image, settings_bundle, settings_file
from printers_sim.simulation import Simulation
from tests.printers_sim.conftest import ADMINISTRATOR, Client, printer_of
from tests.printers_sim.device_answers import identity, refusal


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
        """FL-276: neither bundle nor flat file holds them."""
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

    def test_what_one_printer_exports_is_edited_and_imported_into_another(self, client: Client) -> None:
        """FL-277."""
        client("color-mfp").patch("settings", json={"print.copies": 4})
        exported = client("color-mfp").get("settings-files").text.splitlines()
        assert "print.copies=4" in [line.replace(" ", "") for line in exported]
        edited = [line.replace("4", "7") for line in exported if line.startswith("print.copies")]
        answer = client("mono-mfp").post("settings-files", content="\n".join(edited)).json()
        assert answer == {"applied": {"print.copies": 7}, "refused": {}}
        assert client("mono-mfp").get("settings").json()["print.copies"] == 7

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
