"""What people do at a printer, from end to end: release what a computer and a browser sent; scan into a solution.

Everything runs as it does for people: portal, print service, engine and worker are processes, CUPS is the computer's
own, the printer is simulated. Policies and quotas are tested where they live; here the count has to be right.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from benchmarks.cups_server import DAEMON, Cups, cups_server
from benchmarks.installation import RunningInstallation, free_port, running_installation
from domain.printer_login.configuration import change_settings
from domain.printer_login.rules import PrinterLoginSettings
from fleet.phones.codes import CODE_PATH, scanned, sticker_code
from fleet.phones.solutions import run_at_printer
from fleet.phones.turns import enter_printer, leave_printer
from printers_sim.printer import SimulatedPrinter
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.web.requests import Timing
from steps.registry import step_kinds
from steps.samples import letter_pdf
from tests.support.fleet import add_simulated
from tests.support.ipp_documents import pdf
from tests.support.main_job import Person
from tests.support.panels import PanelBrowser, connect_touch_screen, install_panel_apps, key_of
from tests.support.print_settings import set_print_settings
from tests.support.simulation import running_simulation

SECONDS = 120.0
APPS = {"print-release": "5.10.21", "card-authentication": "5.6.31", "solution-center": "1.0.0"}
"""Without the usage app: what the printer itself tells is what counts."""


@pytest.fixture
def cups() -> Iterator[Cups]:
    if not Path(DAEMON).exists() or shutil.which("lpadmin") is None:
        pytest.skip("CUPS is not installed (Debian: cups, cups-client, cups-filters)")
    with cups_server() as server:
        yield server


@dataclass(frozen=True)
class Office:
    """An installation with one printer, at which one signs in by login code. `ask` calls the REST API."""

    system: RunningInstallation
    simulation: Simulation
    printer_id: str
    person: Person

    @property
    def printer(self) -> SimulatedPrinter:
        return self.simulation.printers[0]

    def ask(self, method: str, path: str, content: object = None) -> Any:
        answer = self.person.client.request(method, f"/api/v1/{path}", json=content)
        assert answer.is_success, answer.text
        return answer.json()

    @contextmanager
    def panel(self) -> Iterator[PanelBrowser]:
        """The printer's panel, where the administrator has signed in."""
        code = self.ask("POST", "me/login-code")["code"]
        with httpx.Client(base_url=self.system.url, timeout=30, trust_env=False) as browser:
            panel = PanelBrowser(browser, self.system.administrator.organization_id, self.printer_id)
            panel.open()
            panel.ask("POST", "sign-ins", {"method": "secure_login", "code": code})
            yield panel


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    timing = Timing(page=0.02)
    plan = SimulationPlan(1, ["color-mfp"], http_port=0, snmp_port=0, timing=timing, folder=folder / "printer")
    with (
        running_installation(folder / "home", ipp_port=str(free_port())) as system,
        running_simulation(plan) as simulation,
    ):
        [printer] = simulation.printers
        for tray in printer.trays:
            tray.sheets = tray.facts.capacity
        for supply in printer.supplies:
            supply.used = 0
        printer.review()
        organization_id = system.administrator.organization_id
        change_settings(system.administrator, PrinterLoginSettings(methods=("pin", "secure_login")))
        [printer_id] = add_simulated(organization_id, simulation)
        install_panel_apps(organization_id, printer_id, **APPS)
        connect_touch_screen(printer, key_of(organization_id, printer_id), system.url)
        yield Office(system, simulation, printer_id, Person(system))


def until(condition: Callable[[], object]) -> None:
    """Wait for something that others do."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.1)


def test_from_cups_and_from_the_browser_to_the_paper(office: Office, cups: Cups, tmp_path: Path) -> None:
    report = tmp_path / "report.pdf"
    report.write_bytes(pdf("a4", 3))
    credential = office.ask("POST", "me/print-credentials", {"kind": "password", "label": "laptop"})
    address = credential["addresses"]["ipps"].removeprefix("ipps://")
    uri = f"ipps://{quote(office.system.administrator.email, safe='')}:{credential['password']}@{address}"
    cups.add_driverless("Mine", uri)
    cups.run("lp", "-d", "Mine", "-t", "From the computer", "-n", "2", str(report))
    with report.open("rb") as content:
        answer = office.person.client.post("/api/v1/print-jobs", files={"file": ("From the browser.pdf", content)})
    assert answer.is_success, answer.text
    names = {"From the computer", "From the browser.pdf"}
    until(
        lambda: (
            {job["name"]: job["state"] for job in office.ask("GET", "print-jobs")["items"]}
            == dict.fromkeys(names, "held")
        )
    )

    before = office.printer.life_count
    with office.panel() as panel:
        jobs = panel.ask("GET", "release")["jobs"]
        assert {job["name"] for job in jobs} == names
        release = panel.ask("POST", "release/releases", {"job_ids": [job["id"] for job in jobs]})["id"]
        until(lambda: panel.ask("GET", f"release/releases/{release}")["ended"])
        assert panel.ask("GET", f"release/releases/{release}")["state"] == "completed"
        assert panel.ask("GET", "release")["jobs"] == []
    assert office.printer.life_count - before == 2 * 3 + 3
    history = {one["job_name"]: one for one in office.ask("GET", "print-jobs/history")["items"]}
    assert {name: history[name]["impressions"] for name in names} == {"From the computer": 6, "From the browser.pdf": 3}
    assert {history[name]["printer_address"] for name in names} == {office.printer.address}


def test_a_solution_run_with_a_phone_ends_on_the_printers_paper(office: Office, tmp_path: Path) -> None:
    """MOB-1, SC-87: the sticker's code is scanned, a file of the phone is handed in, the result comes out there."""
    chief = office.system.administrator
    set_print_settings(chief, jobs={"phone_stickers_enabled": True})
    solution = office.person.compose("Print what the phone has", {"kind": "print_document"})
    before = office.printer.life_count
    code = sticker_code(chief, office.printer_id).address.rpartition(CODE_PATH)[2]
    visit = enter_printer(chief, scanned(code))
    run = run_at_printer(chief, visit, solution, letter_pdf(tmp_path), "letter.pdf", {})
    assert office.person.wait(run.id)["run"]["state"] == "COMPLETED"
    leave_printer(chief, visit.token)
    assert office.printer.life_count > before


def test_a_quick_run_scans_reads_mails_and_comes_back_to_the_printer(office: Office) -> None:
    """The originals lie in the simulated feeder; what was read in them ends on the printer's own paper."""
    steps = [
        {"kind": "ocr", "parameters": {"output_type": "pdf"}, "locked": ["output_type", "language"]},
        {"kind": "email", "parameters": {"send_me_a_copy": True}, "locked": ["addresses", "send_me_a_copy"]},
        {"kind": "print_document", "locked": sorted(step_kinds()["print_document"].parameters.model_fields)},
    ]
    solution = office.person.compose("Scan, mail and copy", *steps)
    before = office.printer.life_count
    with office.panel() as panel:
        solutions = panel.ask("GET", "solution-center/solutions")["solutions"]
        (offered,) = (one for one in solutions if one["id"] == solution)
        assert offered["is_quick"]
        draft = panel.ask("POST", "run-drafts", {"solution_id": solution, "version": offered["version"]})["id"]
        panel.ask("POST", f"run-drafts/{draft}/scan", {})
        until(lambda: not panel.ask("GET", f"run-drafts/{draft}")["scan"]["is_busy"])
        scan = panel.ask("GET", f"run-drafts/{draft}")["scan"]
        assert scan["problem"] is None
        pages = scan["pages"]
        assert pages
        run = panel.ask("POST", f"run-drafts/{draft}/send")["id"]
    details = office.person.wait(run)
    assert details["run"]["state"] == "COMPLETED"
    assert (details["run"]["client_type"], details["run"]["original"]["pages"]) == ("printer", len(pages))
    read = next(step for step in details["steps"] if step["kind"] == "ocr")
    assert f"recognised on {len(pages)} of {len(pages)} pages" in str(read), read
    assert office.printer.life_count - before == len(pages)
    assert list((office.system.settings.home / "mail").glob("*.eml"))
