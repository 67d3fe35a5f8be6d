"""Printing, from a computer and from a browser to the paper: held, released at the printer's panel, counted.

Everything runs as it does for people: portal, print service, engine and worker are processes, CUPS is the computer's
own, the printer is simulated. Policies and quotas are tested where they live; here the count has to be right.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from benchmarks.cups_server import DAEMON, Cups, cups_server
from benchmarks.installation import RunningInstallation, free_port, running_installation
from domain.printer_login.configuration import change_settings
from domain.printer_login.rules import PrinterLoginSettings
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.web.requests import Timing
from tests.support.fleet import add_simulated
from tests.support.ipp_documents import pdf
from tests.support.main_job import Person
from tests.support.panels import PanelBrowser, install_panel_apps
from tests.support.simulation import running_simulation

SECONDS = 120.0


@pytest.fixture
def cups() -> Iterator[Cups]:
    if not Path(DAEMON).exists() or shutil.which("lpadmin") is None:
        pytest.skip("CUPS is not installed (Debian: cups, cups-client, cups-filters)")
    with cups_server() as server:
        yield server


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[RunningInstallation]:
    with running_installation(tmp_path / "home", ipp_port=str(free_port())) as system:
        yield system


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Simulation]:
    plan = SimulationPlan(
        1, ["color-mfp"], http_port=0, snmp_port=0, timing=Timing(page=0.02), folder=tmp_path / "printer"
    )
    with running_simulation(plan) as one:
        for tray in one.printers[0].trays:
            tray.sheets = tray.facts.capacity
        for supply in one.printers[0].supplies:
            supply.used = 0
        one.printers[0].review()
        yield one


def until(look: Callable[[], dict[str, Any] | None]) -> dict[str, Any]:
    """What `look` finds as soon as it finds something."""
    deadline = time.monotonic() + SECONDS
    while (found := look()) is None:
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.1)
    return found


def test_from_cups_and_from_the_browser_to_the_paper(
    installation: RunningInstallation, simulation: Simulation, cups: Cups, tmp_path: Path
) -> None:
    person, printer = Person(installation), simulation.printers[0]
    ask = Caller(person.client)
    change_settings(installation.administrator, PrinterLoginSettings(methods=("pin", "secure_login")))
    [printer_id] = add_simulated(installation.administrator.organization_id, simulation)
    apps = {"print-release": "5.10.21", "card-authentication": "5.6.31"}
    install_panel_apps(installation.administrator.organization_id, printer_id, **apps)
    report = tmp_path / "report.pdf"
    report.write_bytes(pdf("a4", 3))

    credential = ask("POST", "me/print-credentials", {"kind": "password", "label": "laptop"})
    address = credential["addresses"]["ipps"].removeprefix("ipps://")
    owner = quote(installation.administrator.email, safe="")
    cups.run(
        "lpadmin", "-p", "Mine", "-E", "-m", "everywhere", "-v", f"ipps://{owner}:{credential['password']}@{address}"
    )
    cups.run("lp", "-d", "Mine", "-t", "From the computer", "-n", "2", str(report))
    with report.open("rb") as content:
        answer = person.client.post("/api/v1/print-jobs", files={"file": ("From the browser.pdf", content)})
    assert answer.is_success, answer.text

    def both_held() -> dict[str, Any] | None:
        jobs = {job["name"]: job for job in ask("GET", "print-jobs")["items"]}
        return jobs if len(jobs) == 2 and {job["state"] for job in jobs.values()} == {"held"} else None

    jobs = until(both_held)
    assert set(jobs) == {"From the computer", "From the browser.pdf"}

    before = printer.life_count
    code = ask("POST", "me/login-code")["code"]
    with httpx.Client(base_url=installation.url, timeout=30, trust_env=False) as browser:
        panel = PanelBrowser(browser, installation.administrator.organization_id, printer_id)
        panel.open()
        panel.ask("POST", "sign-ins", {"method": "secure_login", "code": code})
        seen = panel.ask("GET", "release")["jobs"]
        assert {job["name"] for job in seen} == set(jobs)
        release = panel.ask("POST", "release/releases", {"job_ids": [job["id"] for job in seen]})

        def ended() -> dict[str, Any] | None:
            found: dict[str, Any] = panel.ask("GET", f"release/releases/{release['id']}")
            return found if found["ended"] else None

        assert until(ended)["state"] == "completed"
        assert panel.ask("GET", "release")["jobs"] == []
    assert printer.life_count - before == 2 * 3 + 3
    history = {one["job_name"]: one for one in ask("GET", "print-jobs/history")["items"]}
    assert {name: one["impressions"] for name, one in history.items()} == {
        "From the computer": 6,
        "From the browser.pdf": 3,
    }
    assert {one["printer_address"] for one in history.values()} == {printer.address}


class Caller:
    """The REST API as the person."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def __call__(self, method: str, path: str, content: object = None) -> Any:
        answer = self._client.request(method, f"/api/v1/{path}", json=content)
        assert answer.is_success, answer.text
        return answer.json()
