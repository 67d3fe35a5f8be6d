"""Which printers may join the programme, and when a supply is to be ordered (FL-464…FL-472, FL-440)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Protocol

from connectors.messages import N_
from connectors.printers.reading import Condition, SupplyKind
from fleet.agents.models import Agent, AgentKind
from fleet.capabilities.levels import is_at_least
from fleet.printers.forecast import RENEWED
from fleet.printers.models import MspStatus, Printer

LOWEST_FLEET_AGENT = "1.3.49"
"""FL-472 (D): the requirement names no version; it is that of assignment and compliance (FL-603)."""


class Eligibility(StrEnum):
    """How a chosen printer stands with the programme, in the order in which it is decided (FL-464…FL-472)."""

    ELIGIBLE = "eligible"
    MANAGED = "already_managed"
    PENDING = "pending_management"
    ENROLMENT_FAILED = "enrolment_failed"
    MODEL_NOT_SUPPORTED = "model_not_supported"
    TOO_MANY_PAGES = "life_page_count_over_the_maximum"
    NO_PAGE_COUNT = "life_page_count_missing"
    NO_CONTACT = "no_delivery_contact"
    AGENT_TOO_OLD = "fleet_agent_too_old"


@dataclass(frozen=True, slots=True)
class EligibilityFacts:
    """What people read of it."""

    title: str
    remedy: str


ELIGIBILITY: Mapping[Eligibility, EligibilityFacts] = {
    Eligibility.ELIGIBLE: EligibilityFacts(N_("Eligible"), N_("It can be added.")),
    Eligibility.MANAGED: EligibilityFacts(N_("Already managed"), N_("It is in the programme.")),
    Eligibility.PENDING: EligibilityFacts(N_("Pending management"), N_("Its request waits for the programme.")),
    Eligibility.ENROLMENT_FAILED: EligibilityFacts(
        N_("Enrolment failed"),
        N_("No agent manages it, or it was never read. Enrol it again, or contact your partner."),
    ),
    Eligibility.MODEL_NOT_SUPPORTED: EligibilityFacts(
        N_("Model not supported"), N_("The programme does not take this model. Contact your partner.")
    ),
    Eligibility.TOO_MANY_PAGES: EligibilityFacts(
        N_("Life page count over the maximum"),
        N_("It has printed more than the programme takes. Contact your partner."),
    ),
    Eligibility.NO_PAGE_COUNT: EligibilityFacts(
        N_("Life page count missing"),
        N_("Update its agent or its firmware, or unenrol and enrol it. Contact your partner if it is still missing."),
    ),
    Eligibility.NO_CONTACT: EligibilityFacts(N_("No delivery contact"), N_("Assign a delivery contact to it.")),
    Eligibility.AGENT_TOO_OLD: EligibilityFacts(
        N_("Fleet agent too old"), N_("Update the fleet agent on the page “Agents”.")
    ),
}


def eligibility(printer: Printer, agent: Agent | None, models: Sequence[str], most_pages: int | None) -> Eligibility:
    """How the printer stands; `models` are patterns of the models that the programme takes, none: all."""
    if printer.msp is not None:
        return Eligibility.MANAGED if printer.msp == MspStatus.MEMBER else Eligibility.PENDING
    if agent is None or agent.deactivated is not None or printer.last_refresh is None:
        return Eligibility.ENROLMENT_FAILED
    if not takes_model(printer, models):
        return Eligibility.MODEL_NOT_SUPPORTED
    if printer.life_pages is None:
        return Eligibility.NO_PAGE_COUNT
    if most_pages is not None and printer.life_pages > most_pages:
        return Eligibility.TOO_MANY_PAGES
    if printer.delivery_contact_id is None:
        return Eligibility.NO_CONTACT
    return Eligibility.AGENT_TOO_OLD if _is_old(agent) else Eligibility.ELIGIBLE


def takes_model(printer: Printer, models: Sequence[str]) -> bool:
    """Whether one of the patterns fits the model, alone or behind the maker's name; case does not matter."""
    names = (printer.model.casefold(), f"{printer.manufacturer} {printer.model}".casefold())
    return not models or any(fnmatchcase(name, pattern.casefold()) for pattern in models for name in names)


def _is_old(agent: Agent) -> bool:
    if agent.kind != AgentKind.FLEET or agent.is_built_in:
        return False  # the built-in agent is always as new as we are
    return not is_at_least(agent.version, LOWEST_FLEET_AGENT)


class Level(Protocol):
    """A supply as it was read."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> SupplyKind: ...
    @property
    def colour(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def part_number(self) -> str: ...
    @property
    def serial_number(self) -> str: ...
    @property
    def percent(self) -> int | None: ...
    @property
    def condition(self) -> Condition: ...


def is_low(supply: Level, threshold: int) -> bool:
    """Whether it is time to order: by its level, or where it tells none by its condition."""
    if supply.percent is not None:
        return supply.percent <= threshold
    return supply.condition in (Condition.LOW, Condition.EMPTY)


def is_renewed(supply: Level, threshold: int, cartridge: str) -> bool:
    """Whether another cartridge is in the printer than `cartridge`, for which an order was made.

    It has another serial number, or its level has risen clearly above the threshold: a sensor's jitter, or toner that
    was shaken, is no new cartridge.
    """
    if cartridge and supply.serial_number and supply.serial_number != cartridge:
        return True
    if supply.percent is not None:
        return supply.percent > threshold + RENEWED
    return supply.condition is Condition.OK
