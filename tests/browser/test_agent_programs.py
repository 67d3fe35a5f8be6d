"""The agent's own page and the enrolment tool in a browser, as processes on this computer (FL-76, FL-127…FL-130)."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from domain.organizations.service import local_administrator
from fleet.agents.service import create_fleet_agent
from fleet.agents.settings import AgentSettings
from printers_sim.simulation import Simulation, SimulationPlan
from tests.browser.conftest import Visitor
from tests.support.agent_processes import agent_process, environment, until
from tests.support.simulation import running_simulation

PASSWORD = "a long password"
ELSEWHERE = ("left the machine: http://localhost:", "left the machine: http://127.0.0.1:")
"""These programs serve pages of their own on this machine, beside the portal."""


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    with running_simulation(SimulationPlan(count=3, http_port=0, snmp_port=0)) as one:
        yield one


def test_an_agent_is_activated_and_set_at_its_page(visitor: Visitor, tmp_path: Path) -> None:
    """FL-127…FL-130: with a password, which is asked for from then on."""
    _, code = create_fleet_agent(local_administrator(), "At its page", "", AgentSettings(discovery_minutes=0))
    visitor.expected = ELSEWHERE
    page, log = visitor.page, tmp_path / "agent.log"
    with agent_process(tmp_path / "agent", "--page-port", "0", page="--page"):
        opened = until(lambda: re.search(r"http://localhost:\d+", log.read_text()), "the page did not open")
        page.goto(opened[0])
        page.get_by_label("Address of the portal").fill(visitor.url)
        page.get_by_label("Activation code").fill(code)
        page.get_by_label("Password of this page").fill(PASSWORD)
        page.get_by_role("button", name="Activate agent").click()
        expect(page.get_by_role("status")).to_have_text("The agent is activated.")
        page.goto(opened[0])
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="State")).to_be_visible()
        page.get_by_role("link", name="Log level").click()
        page.get_by_label("Log level").select_option("Detailed")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status")).to_have_text("Saved.")
        page.get_by_role("link", name="Security settings").click()
        expect(page.get_by_role("checkbox", name=re.compile("local host only"))).to_be_checked()
    assert json.loads((tmp_path / "agent" / "page.json").read_text())["log_level"] == "detailed"


@contextmanager
def tool_process(folder: Path) -> Iterator[str]:
    """The tool's address with its key."""
    command = [sys.executable, "-m", "pressroom", "enrol", "--no-browser", "--folder", str(folder)]
    with folder.with_suffix(".out").open("wb") as out:
        process = subprocess.Popen(
            command, env={**environment(folder), "PYTHONUNBUFFERED": "1"}, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        said = folder.with_suffix(".out")
        yield until(lambda: re.search(r"http://127\.0\.0\.1:\d+/\?key=\S+", said.read_text()), "no page")[0]
    finally:
        process.terminate()
        process.wait(20)


def test_the_tool_signs_in_through_the_browser_and_finds_printers(
    visitor: Visitor, simulation: Simulation, tmp_path: Path
) -> None:
    """F-1, FL-76, FL-86…FL-91: in the local network or by entries (FL-87); the firewall is spoken of (FL-90).

    FL-80: the log in full or in short; FL-92: one or more may be chosen; FL-96 and FL-100 are told before one enrols.
    FL-319: the entries are exported as CSV.
    AC-30: with the session that the browser has, and an organization that is chosen.
    """
    visitor.expected = ELSEWHERE
    page = visitor.page
    with tool_process(tmp_path / "tool") as address:
        page.goto(address)
        page.get_by_role("link", name="Settings").click()
        page.get_by_label("Web port of the printers").fill(str(simulation.http_port))
        page.get_by_label("SNMP port of the printers").fill(str(simulation.snmp_port))
        page.get_by_label("Detailed log").check()
        page.get_by_role("button", name="Save settings").click()
        expect(page.get_by_role("status")).to_have_text("Saved.")
        page.get_by_role("link", name="Sign in").click()
        page.get_by_label("Address of the portal").fill(visitor.url)
        page.get_by_role("button", name="Sign in with the browser").click()
        page.get_by_role("button", name="Let it in").click()
        page.wait_for_url(re.compile(r"^http://127\.0\.0\.1:\d+/$"))
        page.get_by_label("Organization").select_option(index=0)
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_text("If a firewall asks about the tool, allow it.")).to_be_visible()
        page.get_by_role("combobox", name="Search").select_option("Local network")
        page.get_by_role("combobox", name="Search").select_option("Advanced search")
        page.get_by_label("Entries of the advanced search").fill("\n".join(one.address for one in simulation.printers))
        page.get_by_role("button", name="Search").click()
        for printer in simulation.printers:
            expect(page.get_by_role("cell", name=printer.serial, exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Enrol")).to_be_visible()
        boxes = page.get_by_role("checkbox", name=re.compile("^Choose "))
        for box in boxes.all():
            box.check()
        expect(page.get_by_text("Enrolment takes some minutes")).to_be_visible()
        expect(page.get_by_text("are best unenrolled there first")).to_be_visible()
        assert boxes.count() > 1
        page.get_by_role("link", name="Log", exact=True).click()
        expect(page.locator("pre")).to_contain_text("search done")
        expect(page.locator("pre")).to_contain_text("printer found")
        page.get_by_role("link", name="Search", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Export").click()
        assert download.value.path().read_text().split() == [one.address for one in simulation.printers]
    assert json.loads((tmp_path / "tool" / "settings.json").read_text())["detailed_log"] is True
    assert json.loads((tmp_path / "tool" / "settings.json").read_text())["http_port"] == simulation.http_port
