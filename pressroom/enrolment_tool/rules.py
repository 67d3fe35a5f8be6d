"""Which agent a printer gets, and which may be chosen (FL-70, FL-78, FL-92…FL-99)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connectors.messages import N_, Message
from connectors.printers.levels import is_at_least
from pressroom.enrolment_tool.settings import PreferredAgent
from steps.found_printers import FoundPrinter

NATIVE, PRINTER, FLEET, LOCAL = "native", "printer", "fleet", "local"
LOWEST_NATIVE, LOWEST_FRAMEWORK = "075.001", "3.0"
OTHER_MAKE = N_("Printers of other makes are managed by a fleet agent.")
NO_SERIAL = N_("The printer does not tell its serial number.")
TOO_LOW = N_(
    "The firmware {level} is too low. Update it at the printer's web page: check for updates there, or upload a "
    "firmware file."
)
BY_FLEET = N_("A fleet agent manages the printer.")
BY_NATIVE = N_("The native agent manages the printer in this organization already.")
BY_LOCAL = N_("A local agent manages the printer.")
HELD_BY = {FLEET: BY_FLEET, NATIVE: BY_NATIVE, LOCAL: BY_LOCAL}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A printer that was found. `agent` is the kind it gets, `enrolled` the kind that manages it here, or empty.

    `reason` says why it may not be chosen.
    """

    found: FoundPrinter
    agent: str
    enrolled: str = ""
    printer_id: str = ""
    reason: Message | None = None

    @property
    def may_be_chosen(self) -> bool:
        return self.reason is None


def candidates(
    found: Iterable[FoundPrinter], known: Mapping[str, tuple[str, str]], preferred: PreferredAgent
) -> list[Candidate]:
    """The rows of the list by address; `known` has id and agent kind of those enrolled here, by serial number."""
    return [candidate(one, *known.get(one.serial_number, ("", "")), preferred) for one in found]


def candidate(found: FoundPrinter, printer_id: str, enrolled: str, preferred: PreferredAgent) -> Candidate:
    """One row."""
    agent = agent_for(found, preferred)
    reason = None
    if not found.is_vendor:
        reason = Message.of(OTHER_MAKE)
    elif not found.serial_number:
        reason = Message.of(NO_SERIAL)
    elif enrolled in HELD_BY:
        reason = Message.of(HELD_BY[enrolled])
    elif not agent:
        reason = Message.of(TOO_LOW, level=found.firmware_level or "–")
    return Candidate(found, agent, enrolled, printer_id, reason)


def agent_for(found: FoundPrinter, preferred: PreferredAgent) -> str:
    """The agent kind for a printer of our own make; empty where its firmware is too low for any."""
    has_native = is_at_least(found.firmware_level, LOWEST_NATIVE)
    has_framework = is_at_least(found.framework_version, LOWEST_FRAMEWORK)
    if not found.is_vendor or not (has_native or has_framework):
        return ""
    if has_native and (preferred is PreferredAgent.NATIVE or not has_framework):
        return NATIVE
    return PRINTER
