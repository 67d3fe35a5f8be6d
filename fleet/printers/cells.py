"""What stands in a column of a list of printers as text, the same on pages and in files."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from connectors.messages import N_
from connectors.printers.reading import Unit
from fleet.agents.models import AgentKind
from fleet.printers.columns import Column
from fleet.printers.kept_reading import CONDITIONS, SUPPLY_KINDS, KeptAlert, KeptSupply
from fleet.printers.models import Communication, Compliance, MspStatus, Severity
from fleet.printers.reading_values import SUPPLY_GROUP, SUPPLY_KEYWORD
from fleet.printers.rows import PrinterView
from fleet.tasks.kinds import KINDS
from fleet.tasks.status import JOB_TITLES

AGENT_KINDS = {
    AgentKind.FLEET: N_("Fleet agent"),
    AgentKind.PRINTER: N_("Printer agent"),
    AgentKind.NATIVE: N_("Native agent"),
    AgentKind.LOCAL: N_("Local agent"),
}
COMMUNICATION = {
    Communication.COMMUNICATING: N_("Communicating"),
    Communication.SILENT: N_("Not communicating"),
    Communication.NEEDS_CREDENTIALS: N_("Agent needs credentials"),
}
SEVERITIES = {Severity.ERROR: N_("Error"), Severity.WARNING: N_("Warning")}
COMPLIANCE = {
    Compliance.COMPLIANT: N_("Compliant"),
    Compliance.NOT_COMPLIANT: N_("Not compliant"),
    Compliance.UNKNOWN: N_("Could not check"),
}
MSP = {MspStatus.PENDING: "MSP (pending)", MspStatus.MEMBER: "MSP"}
COLOURS = {
    "black": N_("Black"),
    "cyan": N_("Cyan"),
    "magenta": N_("Magenta"),
    "yellow": N_("Yellow"),
}
AUTHENTICITY = {True: N_("Genuine"), False: N_("Not genuine")}
AMOUNTS = {
    Unit.IMPRESSIONS: (1, N_("{amount} sides")),
    Unit.SHEETS: (1, N_("{amount} sheets")),
    Unit.ITEMS: (1, N_("{amount} items")),
    Unit.HOURS: (1, N_("{amount} hours")),
    Unit.TENTHS_OF_GRAMS: (10, N_("{amount} g")),
    Unit.TENTHS_OF_MILLILITRES: (10, N_("{amount} ml")),
}
"""Units that people know: how many of what is counted make one of them, and how an amount is said."""


@dataclass(frozen=True, slots=True)
class Words:
    """How a reader's language says a sentence with facts, and a point in time."""

    say: Callable[..., str]
    when: Callable[[datetime], str]


def cell_text(view: PrinterView, column: Column, words: Words) -> str:
    """The text of one cell; what is not known is empty."""
    say = words.say
    match column:
        case Column.TAGS:
            return ", ".join(tag.name for tag in view.tags)
        case Column.AGENT_KIND:
            return say(AGENT_KINDS[view.agent_kind])
        case Column.COMMUNICATION:
            return say(COMMUNICATION[view.communication])
        case Column.FIRMWARE_UPDATE:
            return view.firmware_update
        case Column.COMPLIANCE:
            return _compliance(view, words)
        case Column.LAST_TASK:
            return _task(view, say)
        case Column.SUPPLY_ALERTS:
            return _alerts(view.supply_severity, [alert for alert in view.alerts if is_of_supply(alert)], say)
        case Column.PRINTER_ALERTS:
            return _alerts(view.alert_severity, [alert for alert in view.alerts if not is_of_supply(alert)], say)
        case Column.DAYS_LEFT:
            return "; ".join(f"{supply_name(one, say)}: {days_left(one, say)}" for one in view.supplies)
        case Column.COVERAGE:
            covered = ((one, one.coverage_lifetime) for one in view.supplies)
            return "; ".join(f"{supply_name(one, say)}: {value:g} %" for one, value in covered if value is not None)
        case Column.DIAGNOSTIC_EVENTS:
            return "; ".join(dict.fromkeys(event.text for event in view.diagnostics))
        case Column.MSP:
            return MSP[view.msp] if view.msp else ""
        case Column.LAST_CONTACT | Column.LAST_REFRESH:
            moment: datetime | None = getattr(view, column.value)
            return words.when(moment) if moment else ""
    value = getattr(view, column.value, None)
    return "" if value is None else str(value)


def supply_name(supply: KeptSupply, say: Callable[..., str]) -> str:
    """What people call a supply: its colour and kind, or what the printer calls it."""
    kind = say(SUPPLY_KINDS[supply.kind])
    if not supply.colour:
        return supply.description or kind
    return f"{kind}, {say(COLOURS.get(supply.colour, supply.colour)).lower()}"


def days_left(supply: KeptSupply, say: Callable[..., str]) -> str:
    """The forecast, or the level where there is none, or else how it is."""
    if supply.days_left is not None:
        return say(N_("1 day")) if supply.days_left == 1 else say(N_("{count} days"), count=supply.days_left)
    return f"{supply.percent} %" if supply.percent is not None else say(CONDITIONS[supply.condition])


def supply_state(supply: KeptSupply, say: Callable[..., str]) -> str:
    """How a supply is, and whether the printer takes it for the vendor's own, where it tells (FL-216, FL-237)."""
    told = [say(CONDITIONS[supply.condition])]
    if supply.is_authentic is not None:
        told.append(say(AUTHENTICITY[supply.is_authentic]))
    return " · ".join(told)


def capacity_text(supply: KeptSupply, say: Callable[..., str]) -> str:
    """What a full supply holds; empty where the printer does not tell, or tells it in units that say nothing."""
    if supply.capacity is None or supply.unit not in AMOUNTS:
        return ""
    divisor, text = AMOUNTS[supply.unit]
    return say(text, amount=f"{supply.capacity / divisor:.10g}")


def is_of_supply(alert: KeptAlert) -> bool:
    """Whether the alert is about a supply; all others are about the printer (FL-247)."""
    return alert.group == SUPPLY_GROUP or alert.keyword.startswith(SUPPLY_KEYWORD)


def _alerts(severity: Severity | None, alerts: list[KeptAlert], say: Callable[..., str]) -> str:
    texts = list(dict.fromkeys(alert.text for alert in alerts if alert.text))
    return "; ".join(texts) if texts else say(SEVERITIES[severity]) if severity else ""


def _compliance(view: PrinterView, words: Words) -> str:
    """The result of the last check with its age, which a printer that is silent keeps (FL-424)."""
    if view.compliance is None:
        return ""
    result = words.say(COMPLIANCE[view.compliance])
    return f"{result} ({words.when(view.compliance_at)})" if view.compliance_at else result


def _task(view: PrinterView, say: Callable[..., str]) -> str:
    if view.last_task is None:
        return ""
    return f"{say(KINDS[view.last_task.kind].title)}: {say(JOB_TITLES[view.last_task.status])}"
