"""The client of the device management API, against the simulated printers and against servers that misbehave."""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connectors.errors import PressroomError
from connectors.printers.device import Device
from connectors.printers.device_connection import DeviceAddress
from printers_sim.device.account import new_account
from printers_sim.device.speed import speed_licence
from printers_sim.knobs import Behaviour, FailingStep
from printers_sim.packages import app_package, firmware_image, settings_bundle, settings_file
from printers_sim.printer import SimulatedPrinter
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.web.requests import Timing
from tests.support.certificates import certificate_of
from tests.support.simulation import running_simulation

USER, SECRET = "admin", "a right password"
Work = Callable[[Device], Awaitable[object]]


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    """One printer of each model, with an administrator account."""
    account = new_account("user_password", USER, SECRET)
    plan = SimulationPlan(5, http_port=0, snmp_port=0, account=account, timing=Timing(restart=0.2, slow_answer=0.3))
    with running_simulation(plan) as running:
        yield running


def printer_of(simulation: Simulation, profile: str = "color-mfp") -> SimulatedPrinter:
    """The printer of that profile."""
    return next(printer for printer in simulation.printers if printer.profile.name == profile)


def address_of(simulation: Simulation, profile: str = "color-mfp", **values: object) -> DeviceAddress:
    """Where that printer is, signed in as its administrator."""
    facts: dict[str, object] = {"port": simulation.http_port, "user": USER, "secret": SECRET} | values
    return DeviceAddress(printer_of(simulation, profile).address, **facts)  # type: ignore[arg-type]


def with_device(address: DeviceAddress, work: Work) -> object:
    """Do something with one printer."""

    async def do() -> object:
        async with Device(address) as device:
            return await work(device)

    return asyncio.run(do())


def refusal(address: DeviceAddress, work: Work) -> PressroomError:
    """How it is refused."""
    with pytest.raises(PressroomError) as refused:
        with_device(address, work)
    return refused.value


def file_of(folder: Path, content: bytes) -> tuple[Path, str]:
    """A file of that content, and its digest."""
    path = folder / hashlib.sha256(content).hexdigest()[:12]
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


def test_identity_settings_and_apps(simulation: Simulation, tmp_path: Path) -> None:
    printer = printer_of(simulation)

    async def work(device: Device) -> None:
        identity = await device.identity()
        assert (identity.serial_number, identity.firmware) == (printer.serial, printer.firmware)
        assert (identity.framework, identity.authentication_type) == ("5.1", "user_password")
        catalogue = {facts.name: facts for facts in await device.settings_catalogue()}
        assert set(await device.settings()) <= set(catalogue)
        outcome = await device.change_settings({"general.location": "Hall 3", "no.such": 1})
        assert outcome.applied == {"general.location": "Hall 3"}
        assert list(outcome.refused) == ["no.such"]
        ucf, digest = file_of(tmp_path, settings_file({"general.location": "Hall 4"}).encode())
        assert (await device.apply_settings_file(ucf, digest)).applied == {"general.location": "Hall 4"}
        await device.replace_settings({})
        bundle, digest = file_of(tmp_path, settings_bundle(settings={"general.location": "Hall 5"}))
        assert [item.is_applied for item in await device.import_bundle(bundle, digest, only_check=True)] == [True]
        assert (await device.settings())["general.location"] == "Hall 4"
        await device.import_bundle(bundle, digest)
        assert (await device.settings())["general.location"] == "Hall 5"
        await device.export_bundle(tmp_path / "bundle.zip")
        await device.export_settings_file(tmp_path / "all.ucf")
        assert b"general.location=Hall 5" in (tmp_path / "all.ucf").read_bytes()
        package, digest = file_of(tmp_path, app_package("forms", "Forms", "1.2", settings={"server": ""}))
        assert (await device.install_app(package, digest)).is_started
        assert not (await device.stop_app("forms")).is_started
        assert (await device.start_app("forms")).is_started
        assert (await device.change_app_settings("forms", {"server": "a"})).applied == {"server": "a"}
        assert await device.app_settings("forms") == {"server": "a"}
        await device.uninstall_app("forms")
        assert "forms" not in {app.id for app in await device.apps()}

    with_device(address_of(simulation), work)


def test_panel_logs_and_account(simulation: Simulation, tmp_path: Path) -> None:
    async def work(device: Device) -> None:
        assert (await device.panel_message()).text is None
        assert (await device.show_message("Service is on its way.", 1)).expires is not None
        await device.clear_message()
        screen = await device.home_screen()
        changed = await device.set_home_screen([["copy"], ["blank", "fax"]])
        assert (changed.pages, changed.is_default) == ([["copy"], ["blank", "fax"]], False)
        assert await device.reset_home_screen() == screen
        assert await device.save_log("history", tmp_path / "log") == "text/plain"
        assert await device.save_log("gzip", tmp_path / "log.gz") == "application/gzip"
        assert (tmp_path / "log.gz").read_bytes()[:2] == b"\x1f\x8b"
        await device.set_login_methods({"public": {"copy": True}})
        assert (await device.login_methods())["public"] == {"copy": True}
        assert (await device.change_enrolment(communication=True)).communication
        await device.leave_enrolment()
        await device.change_credentials("pin", "", "123456")

    with_device(address_of(simulation), work)
    with_device(address_of(simulation, user="", secret="123456"), Device.apps)


def test_firmware_restart_and_speed(simulation: Simulation, tmp_path: Path) -> None:
    printer = printer_of(simulation)
    image, digest = file_of(tmp_path, firmware_image("230.500", ["PX C4150"]))

    async def flash(device: Device) -> object:
        return (await device.install_firmware(image, digest)).level

    assert with_device(address_of(simulation), flash) == "230.500"
    assert printer.device.firmware_updates == 1
    mono = address_of(simulation, "mono-mfp")
    assert with_device(mono, Device.restart) == pytest.approx(0.2)
    upgradable = printer_of(simulation, "color-mfp-upgradable")
    upgradable.firmware = "230.347"
    code = speed_licence(upgradable.serial, 25, 35)

    async def speed(device: Device) -> object:
        return (await device.upgrade_speed(code, 25, 35)).model

    assert with_device(address_of(simulation, "color-mfp-upgradable"), speed) == "PX C3035"


REFUSALS: list[tuple[str, dict[str, object], Work, str]] = [
    ("color-mfp", {"secret": "wrong"}, Device.apps, "device.access_refused"),
    ("color-mfp", {"user": "", "secret": ""}, Device.apps, "device.access_refused"),
    ("third-party-color", {}, Device.identity, "device.unmanaged"),
    ("color-mfp", {}, lambda device: device.start_app("address-book"), "device.refused"),
    ("color-mfp", {}, lambda device: device.uninstall_app("../identity"), "device.unmanaged"),
    ("color-mfp", {}, lambda device: device.uninstall_app("scan-center"), "device.refused"),
    ("mono-printer", {}, lambda device: device.save_log("fax", Path("/dev/null")), "device.not_supported"),
]


@pytest.mark.parametrize(("profile", "values", "work", "code"), REFUSALS)
def test_refusals(simulation: Simulation, profile: str, values: dict[str, object], work: Work, code: str) -> None:
    error = refusal(address_of(simulation, profile, **values), work)
    assert (error.code, error.transient) == (code, False)
    assert SECRET not in str(error)


@pytest.mark.parametrize(("knob", "code"), [("busy", "busy"), ("unresolved_error", "unresolved_errors")])
def test_a_printer_that_is_not_ready_says_why(simulation: Simulation, tmp_path: Path, knob: str, code: str) -> None:
    setattr(printer_of(simulation).knobs, knob, "Fuser missing")
    image, _ = file_of(tmp_path, firmware_image("230.500", ["PX C4150"]))
    error = refusal(address_of(simulation), lambda device: device.install_firmware(image))
    assert (error.code, error.facts["device_code"]) == ("device.busy", code)
    assert error.message.endswith(str(error.facts["reason"]))


def test_a_file_that_changed_on_the_way_is_refused(simulation: Simulation, tmp_path: Path) -> None:
    package, _ = file_of(tmp_path, app_package("forms", "Forms", "1.2"))
    error = refusal(address_of(simulation), lambda device: device.install_app(package, "0" * 64))
    assert error.facts["device_code"] == "wrong_digest"


def test_a_device_that_fails_tells_so(simulation: Simulation) -> None:
    printer_of(simulation).knobs.fail_at = {FailingStep.RESTART}
    error = refusal(address_of(simulation), Device.restart)
    assert (error.code, error.facts["device_code"]) == ("device.refused", "internal_error")


@pytest.mark.parametrize("state", ["offline", "silent", "slow"])
def test_silence_may_pass_by_itself(simulation: Simulation, state: str) -> None:
    printer = printer_of(simulation)
    printer.knobs.offline = state == "offline"
    if state != "offline":
        printer.behaviour = Behaviour(state)
    error = refusal(address_of(simulation, answer_seconds=0.2), Device.identity)
    assert (error.code, error.transient) == ("device.silent", True)


ANSWERS = [
    (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "device.bad_answer"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nno json!!", "device.bad_answer"),
    (b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"model": 12}', "device.bad_answer"),
    (b"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno", "device.bad_answer"),
    (b"HTTP/1.1 404 Oh\r\nContent-Length: 2\r\n\r\nno", "device.unmanaged"),
    (b"SSH-2.0-OpenSSH_9.6\r\n", "device.silent"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "device.silent"),
]


@asynccontextmanager
async def answering(content: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that answers everything with these bytes; yields its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(content)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls) as server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize(("content", "code"), ANSWERS)
def test_answers_that_make_no_sense(content: bytes, code: str) -> None:
    """Whatever is at the address: a fault, and nobody else is asked."""

    async def ask() -> object:
        async with answering(content) as port, Device(DeviceAddress("127.0.0.1", port)) as device:
            return await device.identity()

    with pytest.raises(PressroomError) as refused:
        asyncio.run(ask())
    assert refused.value.code == code


def test_https_is_encrypted_and_verified_when_the_authority_is_known(tmp_path: Path) -> None:
    """FL-606."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem, keys = tmp_path / "printer.pem", tmp_path / "printer.key"
    pem.write_bytes(certificate_of(key))
    keys.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem, keys)
    empty = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"

    async def apps(ca_file: Path | None) -> object:
        async with answering(empty, tls) as port:
            address = DeviceAddress("127.0.0.1", port, tls=True, ca_file=ca_file)
            async with Device(address) as device:
                return await device.apps()

    assert asyncio.run(apps(None)) == []
    with pytest.raises(PressroomError) as refused:
        asyncio.run(apps(pem))  # its certificate is for another name
    assert refused.value.code == "device.silent"


def test_many_printers_at_a_time() -> None:
    """200 in flight, each through a client of its own."""
    with running_simulation(SimulationPlan(200, ["color-mfp"], http_port=0, snmp_port=0)) as simulation:

        async def serial(printer: SimulatedPrinter) -> str:
            async with Device(DeviceAddress(printer.address, simulation.http_port)) as device:
                return (await device.identity()).serial_number

        async def every() -> list[str]:
            return await asyncio.gather(*(serial(printer) for printer in simulation.printers))

        assert asyncio.run(every()) == [printer.serial for printer in simulation.printers]
