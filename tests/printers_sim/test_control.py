"""The operator's control over the simulation, and the state that is kept between simulations."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from printers_sim.device.account import new_account
from printers_sim.packages import app_package, firmware_image
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.store import InUse, reset
from printers_sim.web.requests import Timing
from tests.printers_sim.conftest import ADMINISTRATOR, printer_of
from tests.printers_sim.ipp_client import IppClient
from tests.support.simulation import device_address, running_simulation

FIRST = "127.20.0.1"


def plan_in(folder: Path) -> SimulationPlan:
    """Two printers that keep their state."""
    account = new_account("user_password", *ADMINISTRATOR)
    return SimulationPlan(
        2, ["color-mfp"], http_port=0, snmp_port=0, account=account, timing=Timing(0.05, 0.3), folder=folder
    )


@pytest.fixture
def control(simulation: Simulation) -> Iterator[httpx.Client]:
    """The control of the running simulation; afterwards all printers are as new."""
    with httpx.Client(base_url=f"http://127.0.0.1:{simulation.http_port}/sim/v1", timeout=10) as client:
        yield client
        client.post("reset")


def identity(simulation: Simulation, address: str, seconds: float = 2) -> httpx.Response:
    """Ask a printer who it is."""
    return httpx.get(f"http://{address}:{simulation.http_port}/device/v1/identity", timeout=seconds)


def test_conditions_come_and_go(simulation: Simulation, control: httpx.Client) -> None:
    address = printer_of(simulation, "color-mfp").address
    jammed = control.post(f"printers/{address}/conditions", json={"condition": "jam"}).json()
    assert [alert["condition"] for alert in jammed["alerts"] if alert["critical"]] == ["jam"]
    assert identity(simulation, address).json()["unresolved_errors"] == ["Paper jam"]
    mended = control.delete(f"printers/{address}/conditions/jam").json()
    assert "jam" not in [alert["condition"] for alert in mended["alerts"]]
    empty = control.post(f"printers/{address}/conditions", json={"condition": "tray empty", "place": 2}).json()
    assert empty["trays"][1]["sheets"] == 0
    full = control.delete(f"printers/{address}/conditions/tray empty", params={"place": 2}).json()
    assert full["trays"][1]["sheets"] == 550
    wrong = control.post(f"printers/{address}/conditions", json={"condition": "tray empty", "place": 9})
    assert wrong.json()["code"] == "invalid_value"


def test_printers_can_be_gone_silent_or_slow(simulation: Simulation, control: httpx.Client) -> None:
    address = printer_of(simulation, "mono-mfp").address
    control.patch(f"printers/{address}", json={"offline": True})
    with pytest.raises(httpx.TransportError):
        identity(simulation, address)
    control.patch(f"printers/{address}", json={"offline": False, "behaviour": "silent"})
    with pytest.raises(httpx.ReadTimeout):
        identity(simulation, address, 0.3)
    control.patch(f"printers/{address}", json={"behaviour": "slow"})
    with pytest.raises(httpx.ReadTimeout):
        identity(simulation, address, 0.1)
    assert identity(simulation, address).elapsed.total_seconds() >= 0.3
    control.patch(f"printers/{address}", json={"behaviour": ""})
    assert identity(simulation, address).status_code == 200


def test_an_open_connection_also_ends_when_the_printer_goes(simulation: Simulation, control: httpx.Client) -> None:
    address = printer_of(simulation, "mono-mfp").address
    with httpx.Client(base_url=f"http://{address}:{simulation.http_port}/device/v1") as open_one:
        assert open_one.get("identity").status_code == 200
        control.patch(f"printers/{address}", json={"offline": True})
        with pytest.raises(httpx.TransportError):
            open_one.get("identity")


def test_turning_is_all_or_nothing(simulation: Simulation, control: httpx.Client) -> None:
    """FL-580: the knobs of an operator; an unresolved error, the version of the printer agent."""
    address = printer_of(simulation, "color-mfp").address
    before = control.get(f"printers/{address}").json()
    for wrong in (
        {"busy": True, "colour": "red"},
        {"busy": True, "offline": "yes"},
        {"busy": True, "behaviour": "rude"},
        {"busy": True, "fail_at": ["everything"]},
        {"busy": True, "printer_agent": 3},
    ):
        assert control.patch(f"printers/{address}", json=wrong).json()["code"] == "invalid_value", wrong
    assert control.get(f"printers/{address}").json() == before
    agent = control.patch(f"printers/{address}", json={"printer_agent": "3.1", "unresolved_error": "Call service"})
    assert agent.json()["printer_agent"] == "3.1"
    assert identity(simulation, address).json()["unresolved_errors"] == ["Call service"]
    assert control.patch("printers/127.20.0.200", json={}).json()["code"] == "not_found"


def test_printing_wears(simulation: Simulation, control: httpx.Client) -> None:
    address = printer_of(simulation, "color-mfp").address
    before = control.get(f"printers/{address}").json()
    worn = control.post(f"printers/{address}/wear", json={"mono": 1000, "color": 3000, "sheets": 100}).json()
    assert worn["sides"] == before["sides"] + 4000
    assert worn["trays"][0]["sheets"] == before["trays"][0]["sheets"] - 100
    assert all(
        now["percent"] <= then["percent"] for now, then in zip(worn["supplies"], before["supplies"], strict=True)
    )
    control.post(f"printers/{address}/reset")
    assert control.get(f"printers/{address}").json() == before


def test_pages_of_other_sites_change_nothing(simulation: Simulation, control: httpx.Client) -> None:
    foreign = {"Origin": "http://elsewhere.example.com"}
    assert control.post("reset", headers=foreign).status_code == 403
    address = printer_of(simulation, "color-mfp").address
    restart = f"http://{address}:{simulation.http_port}/device/v1/restart"
    assert httpx.post(restart, headers=foreign, auth=ADMINISTRATOR).status_code == 403
    assert control.get("printers", headers=foreign).status_code == 200


def test_control_is_not_at_the_printers_and_printers_not_at_control(simulation: Simulation) -> None:
    assert httpx.get(f"http://{FIRST}:{simulation.http_port}/sim/v1/printers").status_code == 404
    assert httpx.get(f"http://127.0.0.1:{simulation.http_port}/device/v1/identity").status_code == 404
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.20.0.99:{simulation.http_port}/device/v1/identity")


def test_state_outlives_the_simulation_until_it_is_reset(tmp_path: Path) -> None:
    with running_simulation(plan_in(tmp_path)) as running:
        fresh = identity(running, FIRST).json()
        with httpx.Client(base_url=f"http://{FIRST}:{running.http_port}/device/v1", auth=ADMINISTRATOR) as device:
            device.patch("settings", json={"general.location": "Room 9", "fax.rings": 7})
            device.post("apps", content=app_package("quote", "Quote", "1.0", settings={"retries": 3}))
            device.put("apps/quote/settings", json={"retries": 4})
            device.put("panel-message", json={"text": "Hello"})
            device.put("home-screen", json={"pages": [["quote"]]})
            device.put("login-methods", json={"local": {"accounts": [{"type": "pin", "pin": "4321"}]}})
            device.post("credentials", json={"authentication_type": "pin", "password": "482913"})
        running.printers[0].wear(10, 20, 30)
        control = f"http://127.0.0.1:{running.http_port}/sim/v1/printers/{FIRST}"
        httpx.post(f"{control}/conditions", json={"condition": "jam"})
        httpx.patch(control, json={"fail_at": ["firmware"], "behaviour": "slow"})
        with pytest.raises(InUse):
            reset(tmp_path)
        before = httpx.get(control).json()
    with running_simulation(plan_in(tmp_path)) as running:
        control = f"http://127.0.0.1:{running.http_port}/sim/v1/printers/{FIRST}"
        assert httpx.get(control).json() == before
        pin = ("", "482913")
        with httpx.Client(base_url=f"http://{FIRST}:{running.http_port}/device/v1", auth=pin, timeout=10) as device:
            assert device.get("settings").json()["fax.rings"] == 7
            assert device.get("apps/quote/settings").json() == {"retries": 4}
            assert device.get("home-screen").json()["pages"] == [["quote"]]
            assert device.get("panel-message").json()["text"] == "Hello"
            assert device.get("login-methods").json()["local"]["accounts"] == [{"type": "pin"}]
    reset(tmp_path)
    with running_simulation(plan_in(tmp_path)) as running:
        volatile = ("restarted_at",)
        now = identity(running, FIRST).json()
        assert {k: v for k, v in now.items() if k not in volatile} == {
            k: v for k, v in fresh.items() if k not in volatile
        }


def test_a_change_is_kept_before_it_is_answered(tmp_path: Path) -> None:
    """Whoever has been told of a flash finds it again, even if the simulation is killed in that moment."""
    with running_simulation(plan_in(tmp_path)) as running:
        url = f"{device_address(running, running.printers[0])}/device/v1/firmware"
        assert httpx.post(url, content=firmware_image("300.1", ["PX C4150"]), auth=ADMINISTRATOR).status_code == 202
        with sqlite3.connect(tmp_path / "printers.sqlite3") as other:
            (kept,) = other.execute("SELECT state FROM printer").fetchone()
        assert b'"firmware_updates":1' in kept


def test_everything_is_also_there_by_https(tmp_path: Path) -> None:
    plan = SimulationPlan(1, http_port=0, snmp_port=0, https_port=0, folder=tmp_path)
    with running_simulation(plan) as running:
        secure = httpx.get(f"https://{FIRST}:{running.https_port}/device/v1/identity", verify=False)
        assert secure.json() == identity(running, FIRST).json()
        from_outside = IppClient(running, running.printers[0]).status("printer-uri-supported", "uri-security-supported")
        assert from_outside["printer-uri-supported"].values == (
            f"ipp://{FIRST}:{running.http_port}/ipp/print",
            f"ipps://{FIRST}:{running.https_port}/ipp/print",
        )
        assert from_outside["uri-security-supported"].values == ("none", "tls")
        running.printers[0].knobs.offline = True
        with pytest.raises(httpx.TransportError):
            httpx.get(f"https://{FIRST}:{running.https_port}/device/v1/identity", verify=False)


def test_a_simulation_that_cannot_go_on_says_so(tmp_path: Path) -> None:
    simulation = Simulation(plan_in(tmp_path))
    simulation.printers[0].changes += 1
    with sqlite3.connect(tmp_path / "printers.sqlite3") as other:
        other.execute("DROP TABLE printer")
    with pytest.raises(sqlite3.OperationalError):
        asyncio.run(simulation.serve())
