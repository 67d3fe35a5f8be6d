"""Solutions run with a phone that is held to a printer: what needs a printer goes to this one (SC-87, SC-106)."""

from pathlib import Path

from domain.camera_scans.keeping import scanned_pdf
from domain.camera_scans.service import delete_scan
from domain.organizations.actor import Actor
from domain.runs.models import ClientType
from domain.runs.planning import Overrides
from domain.runs.service import HandIn, RunPrinter, start_run
from domain.runs.views import RunView
from domain.solutions.definition import SolutionDefinition
from domain.solutions.service import SolutionView, list_solutions
from fleet.phones.turns import PhoneVisit, touch_printer
from steps.contract import Surface
from steps.registry import step_kinds


def solutions_at_printer(actor: Actor) -> list[SolutionView]:
    """The solutions that the actor sees and a printer can run, by name (SC-103, SC-106)."""
    return [view for view in list_solutions(actor) if _runs_at_printers(view.definition)]


def run_at_printer(
    actor: Actor, visit: PhoneVisit, solution_id: str, path: Path, name: str, given: Overrides
) -> RunView:
    """Hand a file in for a solution at the printer; the caller removes the file.

    Raises `TURN_OVER` and the faults of `start_run`.
    """
    touch_printer(actor, visit.token)
    printer = RunPrinter(visit.printer.id, visit.printer.name, visit.printer.delivery.ipp[0])
    return start_run(actor, solution_id, HandIn(path, name, ClientType.PRINTER, printer=printer), given)


def run_scan_at_printer(
    actor: Actor, visit: PhoneVisit, solution_id: str, scan_id: str, name: str, given: Overrides
) -> RunView:
    """Hand a scan with the camera in as a PDF, and forget it where it was made.

    Raises `NOT_FOUND`, `NO_PAGES` and the faults of `run_at_printer`; the scan stays then.
    """
    with scanned_pdf(actor, scan_id) as path:
        run = run_at_printer(actor, visit, solution_id, path, name, given)
    delete_scan(actor, scan_id)
    return run


def _runs_at_printers(definition: SolutionDefinition) -> bool:
    kinds = step_kinds()
    return all(step.kind in kinds and Surface.PRINTER in kinds[step.kind].surfaces for step in definition.steps)
