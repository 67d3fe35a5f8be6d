"""Who stands at which printer, for operations of the Solution Center there: programs of printers show the session's
token, the pages of panels a cookie (`portal_api.panel` puts its own dependency in the place of `visitor`).
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from domain.organizations.actor import Actor
from domain.panel_solutions.printers import PanelPrinter
from domain.printer_login.printer_sessions import PrinterVisitor
from domain.texts.catalogue import language_of
from fleet.panel_apps.solution_center import solution_printer
from portal_api.api.printer_release import visitor


@dataclass(frozen=True, slots=True)
class PersonAtPrinter:
    """Somebody at a printer. Texts are in their own language, whatever the printer's program speaks."""

    actor: Actor
    printer_id: str

    @property
    def locale(self) -> str:
        return language_of(self.actor.locale)

    @property
    def printer(self) -> PanelPrinter:
        """The printer as it is now; raises `NOT_FOUND`."""
        with self.actor.session(read_only=True) as session:
            return solution_printer(session, self.printer_id)


def person_at_printer(at: Annotated[PrinterVisitor, Depends(visitor)]) -> PersonAtPrinter:
    """Who is signed in; raises `SESSION_ENDED`, `PERSON_REFUSED`."""
    return PersonAtPrinter(at.actor, at.printer_id)


AtPrinter = Annotated[PersonAtPrinter, Depends(person_at_printer)]
