"""Which versions agents are to have: of the program, of the printer support library, of the printer agent (FL-55)."""

from dataclasses import dataclass

from connectors.printers.levels import level
from fleet.agents.models import AgentKind
from fleet.packages.offers import current_version
from fleet.panel_apps.catalogue import CatalogueApp, catalogue_for
from steps.agent_packages import PackageKind
from steps.printers.apps import PRINTER_AGENT


@dataclass(frozen=True, slots=True)
class CurrentVersions:
    """The newest versions that an organization's agents can have. `printer` is empty where the catalogue has none."""

    program: str
    library: str
    printer: str

    def is_newer(self, kind: AgentKind, present: str) -> bool:
        """Whether an agent that has the version `present` can be updated; native agents are firmware."""
        newest = {AgentKind.PRINTER: self.printer, AgentKind.NATIVE: ""}.get(kind, self.program)
        return bool(present) and level(newest) > level(present)

    def is_newer_library(self, present: str) -> bool:
        """Whether an agent with that library can have a newer one."""
        return bool(present) and level(self.library) > level(present)


def current_versions(organization_id: str) -> CurrentVersions:
    """The versions as they are offered now; read in sessions of its own."""
    apps = catalogue_for(organization_id).packages.get(PRINTER_AGENT, ())
    newest = max((app.version for app in apps), key=level, default="")
    return CurrentVersions(current_version(PackageKind.AGENT), current_version(PackageKind.LIBRARY), newest)


def printer_agent_for(organization_id: str, framework: str) -> CatalogueApp | None:
    """The newest printer agent that a printer with that framework can run."""
    return catalogue_for(organization_id).newest(PRINTER_AGENT, framework)
