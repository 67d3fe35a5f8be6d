"""Firmware over the device management API (docs/device-protocol.md, FL-579)."""

import base64
import hashlib
import io
import json
import socket
import zipfile
from collections.abc import Iterator

import httpx
import pytest

from printers_sim.knobs import FailingStep
from printers_sim.packages import app_package, firmware_image
from printers_sim.printer import Condition
from printers_sim.simulation import Simulation
from tests.printers_sim.conftest import ADMINISTRATOR, Client, printer_of
from tests.printers_sim.device_answers import failing, identity, refusal


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
