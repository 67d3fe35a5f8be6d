"""What comes in on a raw port: documents, between Universal Exit Language marks, with PJL commands before them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.ipp.values import integers, keywords
from connectors.ipp.wire import Attribute
from printers_sim.ipp.description import template_attributes
from printers_sim.ipp.media import media_attributes
from printers_sim.ipp.ticket import Ticket, read_ticket
from printers_sim.printer import SimulatedPrinter

UEL = b"\x1b%-12345X"
PREFIX = b"@PJL"
NAMED = re.compile(r'NAME *= *"([^"]*)"')
TRUTHS = {"ON": True, "OFF": False}
MEDIA = {
    "A3": "iso_a3_297x420mm",
    "A4": "iso_a4_210x297mm",
    "A5": "iso_a5_148x210mm",
    "LETTER": "na_letter_8.5x11in",
    "LEGAL": "na_legal_8.5x14in",
}
MODES = {"COLOR": "color", "GRAYSCALE": "monochrome"}
BINDINGS = {"LONGEDGE": "two-sided-long-edge", "SHORTEDGE": "two-sided-short-edge"}


@dataclass(slots=True)
class Wishes:
    """What PJL commands have said so far on a connection; `tells_end` is USTATUS JOB."""

    job_name: str = ""
    user: str = ""
    tells_end: bool = False
    values: dict[str, str] = field(default_factory=dict)

    def obey(self, line: str) -> None:
        """Take one command; those that change nothing about a job are left aside, as printers do."""
        if line.startswith("JOB"):
            self.job_name, self.values = _name_in(line), {}
        elif line.startswith("USTATUS JOB"):
            self.tells_end = TRUTHS.get(line.partition("=")[2].strip(), False)
        elif line.startswith("SET "):
            name, _, value = line.removeprefix("SET ").partition("=")
            self.values[name.strip().upper()] = value.strip().strip('"')
            self.user = self.values.get("USERNAME", self.user)

    def ticket(self, printer: SimulatedPrinter) -> Ticket:
        """The same as job attributes, as far as the printer supports them."""
        asked: dict[str, Attribute] = {}
        if self.values.get("COPIES", "").isdigit():
            asked["copies"] = integers(int(self.values["COPIES"]))
        if (duplex := TRUTHS.get(self.values.get("DUPLEX", ""))) is not None:
            side = BINDINGS.get(self.values.get("BINDING", ""), BINDINGS["LONGEDGE"])
            asked["sides"] = keywords(side if duplex else "one-sided")
        for name, attribute, known in (("RENDERMODE", "print-color-mode", MODES), ("PAPER", "media", MEDIA)):
            if (value := known.get(self.values.get(name, ""))) is not None:
                asked[attribute] = keywords(value)
        return read_ticket(asked, template_attributes(printer) | media_attributes(printer))


@dataclass(frozen=True, slots=True)
class Section:
    """What stands between two marks: commands, and the document that follows them."""

    commands: Sequence[str]
    document: bytes


def read_section(content: bytes) -> Section:
    """Take a section apart; without commands it is a document as a whole."""
    commands, rest = [], content
    while rest.startswith(PREFIX):
        line, _, rest = rest.partition(b"\n")
        command = line.removeprefix(PREFIX).strip().decode("latin-1")
        commands.append(command)
        if command.startswith("ENTER LANGUAGE"):
            break
    return Section(commands, rest if rest.strip() else b"")


def end_report(name: str, pages: int) -> bytes:
    """What a printer says at the end of a job where USTATUS JOB is on."""
    return f'@PJL USTATUS JOB\r\nEND\r\nNAME="{name}"\r\nPAGES={pages}\r\n\f'.encode("latin-1", "replace")


def _name_in(line: str) -> str:
    found = NAMED.search(line)
    return found[1] if found else ""
