"""What is looked at, and how the answer is put."""

from dataclasses import dataclass
from enum import StrEnum

from connectors.errors import PressroomError
from connectors.messages import N_, Message


class Area(StrEnum):
    """What people do here."""

    PRINTER_LOGIN = "printer_login"
    PRINTING = "printing"
    SCANNING = "scanning"
    SOLUTIONS = "solutions"


TITLES = {
    Area.PRINTER_LOGIN: N_("Signing in at printers"),
    Area.PRINTING: N_("Printing"),
    Area.SCANNING: N_("Scanning to destinations"),
    Area.SOLUTIONS: N_("Running solutions"),
}
"""In people's words."""


@dataclass(frozen=True, slots=True)
class AreaState:
    """How it stands for a person. An `obstacle` keeps them from all of it, `hints` from a part of it.

    `facts` are good to know. Obstacles and hints are errors with their remedies, as the person meets them on trying.
    """

    area: Area
    obstacle: PressroomError | None = None
    hints: tuple[PressroomError, ...] = ()
    facts: tuple[Message, ...] = ()

    @property
    def works(self) -> bool:
        return self.obstacle is None
