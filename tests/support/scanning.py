"""A printer that scans for a portal: simulated, enrolled, with its key, and the portal on a socket."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from portal_api.app import create_service
from printers_sim.device.state import InstalledApp
from printers_sim.panel.touch import CARD_APP, KEY, PORTAL
from printers_sim.printer import SimulatedPrinter
from printers_sim.scanner.scanner import Scanner
from printers_sim.simulation import Simulation, SimulationPlan
from tests.support.fleet import add_simulated
from tests.support.installation import Installation, installed
from tests.support.panels import key_of
from tests.support.portal_server import serving
from tests.support.simulation import device_address, running_simulation


@dataclass
class ScanOffice:
    """A portal at `address`; `simulated` is the printer that scans, `printer_id` its id, `key` its own key."""

    installation: Installation
    simulation: Simulation
    address: str
    printers: list[str]
    ann: Actor

    @property
    def simulated(self) -> SimulatedPrinter:
        return self.simulation.printers[0]

    @property
    def printer_id(self) -> str:
        return self.printers[0]

    @property
    def organization_id(self) -> str:
        return self.ann.organization_id

    @property
    def key(self) -> str:
        return key_of(self.organization_id, self.printer_id)

    @property
    def printer_web(self) -> str:
        return device_address(self.simulation, self.simulated)

    def fresh(self) -> Scanner:
        """The scanner as new."""
        self.simulated.scanner = Scanner()
        return self.simulated.scanner

    def connect(self) -> None:
        """Have the printer's scan app ask this portal for orders, as a configuration would."""
        settings: dict[str, Any] = {PORTAL: self.address, KEY: self.key}
        self.simulated.device.apps[CARD_APP] = InstalledApp(CARD_APP, CARD_APP, "5.6.31", settings=settings)


@contextmanager
def scan_office(folder: Path, profiles: tuple[str, ...] = ("color-mfp",), **settings: str) -> Iterator[ScanOffice]:
    """Somebody who may scan, and simulated printers."""
    plan = SimulationPlan(len(profiles), profiles=profiles, http_port=0, snmp_port=0)
    with (
        installed(folder / "home", **settings) as installation,
        running_simulation(plan) as simulation,
        serving(create_service()) as address,
    ):
        ann = installation.add_person("ann@one.example", Role.SCAN_USER, Role.SOLUTIONS_USER)
        printers = add_simulated(ann.organization_id, simulation)
        yield ScanOffice(installation, simulation, address, printers, ann)
