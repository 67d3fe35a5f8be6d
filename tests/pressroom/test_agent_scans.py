"""Scanners in other networks: the fleet agent there, a process of its own, scans there (FL-15, SCAN-117).

The person at the panel notices nothing of it; neither a broken line nor a killed agent loses a page.
"""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import update

from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.scanning.finishing import TOO_LARGE, finish_scan
from domain.scanning.jobs import PRINTER_LOST
from domain.scanning.models import ScanJob
from domain.scanning.service import Purpose, cancel_scan, scan_next, scan_view, start_scan
from domain.scanning.settings import ScanSettings
from domain.scanning.states import PurposeKind, ScanState, ScanWay
from domain.scanning.views import ScanView
from domain.tenancy import tenant_session
from fleet.agents.models import Agent
from fleet.agents.service import create_fleet_agent
from fleet.agents.settings import AgentSettings
from fleet.printers.models import Printer
from fleet.scanning.network import is_left_to_agent
from portal_api.app import create_service
from printers_sim.scanner.originals import Kind, Original
from printers_sim.scanner.scanner import Scanner
from printers_sim.simulation import Simulation, SimulationPlan
from tests.support.agent_processes import activate, agent_process, until
from tests.support.breaking_line import breaking_line
from tests.support.fleet import add_simulated
from tests.support.installation import Installation, installed
from tests.support.portal_server import serving
from tests.support.simulation import running_simulation

FOR_DESTINATION = Purpose(PurposeKind.DESTINATION)
PIECE = 40_000
"""The line carries so much and breaks: less than a page has."""


@dataclass
class Abroad:
    """A printer in another network, and somebody who stands before it."""

    installation: Installation
    simulation: Simulation
    service: FastAPI
    ann: Actor
    printer_id: str
    folder: Path

    def at_work(self, folder: Path, world: ExitStack) -> subprocess.Popen[bytes]:
        """The agent's process, once it has called in."""
        before = now()
        process = world.enter_context(agent_process(folder))
        until(lambda: self._last_contact() > before, "the agent did not call in")
        return process

    def _last_contact(self) -> datetime:
        with tenant_session(self.ann.organization_id, read_only=True) as session:
            printer = session.get_one(Printer, self.printer_id)
            contact = session.get_one(Agent, printer.agent_id).last_contact
            assert contact is not None
            return contact

    @contextmanager
    def agent(self, name: str, url: str) -> Iterator[Path]:
        """A new agent that manages the printer, activated but not at work; its folder."""
        settings = AgentSettings(discovery_minutes=0)
        agent_id, code = create_fleet_agent(self.installation.administrator, name, "", settings)
        activate(url, code, self.folder / name)
        with tenant_session(self.ann.organization_id) as session:
            printer = session.get_one(Printer, self.printer_id)
            former, printer.agent_id = printer.agent_id, agent_id
        yield self.folder / name
        with tenant_session(self.ann.organization_id) as session:
            session.get_one(Printer, self.printer_id).agent_id = former

    def scanner(self, pages: int = 3) -> Scanner:
        """The scanner as new, with so many originals in it."""
        self.simulation.printers[0].scanner = scanner = Scanner(refill=False)
        scanner.load([Original(Kind.LETTER, "sv", number) for number in range(pages)])
        return scanner

    def start(self, limit: int | None = None, **settings: object) -> ScanView:
        chosen = ScanSettings.model_validate({"resolution": 75, **settings})
        return start_scan(self.ann, self.printer_id, chosen, Purpose(PurposeKind.DESTINATION, limit=limit))

    def pages(self, scan_id: str) -> int:
        return len(scan_view(self.ann, scan_id).complete_pages)

    def ended(self, scan_id: str) -> ScanView:
        """The scan once the agent is done with it."""
        until(lambda: scan_view(self.ann, scan_id).state is ScanState.READY, "the agent did not scan")
        return scan_view(self.ann, scan_id)


@pytest.fixture(scope="module")
def abroad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Abroad]:
    folder = tmp_path_factory.mktemp("abroad")
    plan = SimulationPlan(1, profiles=("color-mfp",), http_port=0, snmp_port=0)
    with installed(folder / "home") as installation, running_simulation(plan) as simulation:
        ann = installation.add_person("ann@one.example", Role.SCAN_USER)
        (printer_id,) = add_simulated(ann.organization_id, simulation)
        yield Abroad(installation, simulation, create_service(installation.settings), ann, printer_id, folder)


def test_an_agent_scans_over_a_line_that_breaks(abroad: Abroad) -> None:
    """Pages, what the scanner cannot do, next pages, a jam, and too many pages, as with a scanner of our own."""
    scanner = abroad.scanner()
    with ExitStack() as world:
        port = int(world.enter_context(serving(abroad.service)).rpartition(":")[2])
        line = world.enter_context(breaking_line("127.0.0.1", port, PIECE))
        folder = world.enter_context(abroad.agent("North", f"http://127.0.0.1:{line}"))
        abroad.at_work(folder, world)

        started = abroad.start()
        view = abroad.ended(started.id)
        assert (view.way, view.problem, len(view.complete_pages)) == (ScanWay.AGENT, None, 3)
        assert view.size > 3 * PIECE, "no page goes through at once"
        assert is_left_to_agent(abroad.ann.organization_id, started.id), "our worker keeps its hands off"
        bilevel = {"source": "glass", "sides": "two_sided_long_edge", "color_mode": "black_and_white", "resolution": 75}
        scan_next(abroad.ann, started.id, ScanSettings.model_validate(bilevel))
        more = abroad.ended(started.id)
        assert [page.media_type for page in more.pages] == ["image/jpeg"] * 3 + ["image/png"]
        assert more.ignored == ("sides",)
        assert finish_scan(abroad.ann, started.id).pages == 4

        abroad.scanner().jam_at = 2
        jammed = abroad.ended(abroad.start().id)
        assert jammed.problem is not None
        assert (jammed.problem.code, len(jammed.complete_pages)) == ("scanner.jam", 1)

        scanner = abroad.scanner(8)
        scanner.slow = 0.2
        large = abroad.ended(abroad.start(limit=view.size * 2 // 3).id)
        assert large.problem is not None
        assert large.problem.code == TOO_LARGE.code
        assert scanner.feeder, "the scanner was told to stop"
        until(lambda: not list((folder / "scans").iterdir()), "the agent keeps what nobody wants")


def test_neither_a_lost_connection_nor_a_killed_agent_loses_a_page(abroad: Abroad) -> None:
    """The portal goes away in the middle, for longer than a printer is waited for, and comes back."""
    scanner = abroad.scanner(4)
    scanner.slow = 0.5
    with ExitStack() as world:
        with serving(abroad.service) as url:
            folder = world.enter_context(abroad.agent("South", url))
            agent = abroad.at_work(folder, world)
            started = abroad.start()
            until(lambda: abroad.pages(started.id) >= 1, "no page came")
        port = int(url.rpartition(":")[2])
        kept = folder / "scans" / started.id
        until((kept / "ending.json").exists, "the scanner waited for the line")
        before = abroad.pages(started.id)
        assert before + len(list(kept.glob("*.page"))) >= 4, "of one that has come the answer may be lost"
        with tenant_session(abroad.ann.organization_id) as session:
            late = now() - timedelta(seconds=1)
            session.execute(update(ScanJob).where(ScanJob.id == started.id).values(due=late))
        lost = scan_view(abroad.ann, started.id)
        assert lost.problem is not None
        assert (lost.state, lost.problem.code) == (ScanState.READY, PRINTER_LOST.code)
        agent.kill()
        agent.wait()
        with serving(abroad.service, port), agent_process(folder):
            until(lambda: abroad.pages(started.id) == 4, "a page was lost")
            until(lambda: not kept.exists(), "the end was not told")
            view = abroad.ended(started.id)
            assert (view.problem, scanner.sides) == (None, 4)

            scanner = abroad.scanner(30)
            scanner.slow = 0.3
            cancelled = abroad.start()
            until(lambda: abroad.pages(cancelled.id) >= 1, "no page came")
            cancel_scan(abroad.ann, cancelled.id)
            until(lambda: not (folder / "scans" / cancelled.id).exists(), "the agent goes on for nobody")


def test_an_agent_that_ended_in_the_middle_says_so(abroad: Abroad) -> None:
    """Nobody else may pull originals through: the pages before are kept, and the person reads why."""
    abroad.scanner(30).slow = 0.3
    with ExitStack() as world:
        url = world.enter_context(serving(abroad.service))
        folder = world.enter_context(abroad.agent("East", url))
        agent = abroad.at_work(folder, world)
        started = abroad.start()
        until(lambda: abroad.pages(started.id) >= 1, "no page came")
        agent.kill()
        agent.wait()
        before = abroad.pages(started.id)
        with agent_process(folder):
            view = abroad.ended(started.id)
    assert view.problem is not None
    assert (view.problem.code, len(view.complete_pages) >= before) == (PRINTER_LOST.code, True)
