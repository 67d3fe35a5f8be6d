"""What changes about the printer: its state and why, its supplies, trays and alerts (RFC 8011 §5.4, PWG 5100.9)."""

import time
from enum import IntEnum

from connectors.ipp.values import boolean, enums, integers, keywords, moment, octets, texts
from connectors.ipp.wire import Attributes
from printers_sim.ipp.queue import PrintQueue
from printers_sim.printer import Alert, Condition, SimulatedPrinter

REASONS = {
    Condition.JAM: "media-jam",
    Condition.COVER_OPEN: "cover-open",
    Condition.TRAY_EMPTY: "media-empty",
    Condition.SERVICE: "other",
}


class PrinterState(IntEnum):
    """RFC 8011 §5.4.11."""

    IDLE = 3
    PROCESSING = 4
    STOPPED = 5


def state_of(printer: SimulatedPrinter, queue: PrintQueue) -> PrinterState:
    """Idle, processing or stopped."""
    if printer.is_stopped or queue.lacks_media:
        return PrinterState.STOPPED
    return PrinterState.PROCESSING if printer.is_printing else PrinterState.IDLE


def reasons_of(printer: SimulatedPrinter, queue: PrintQueue) -> list[str]:
    """Why, as keywords with their severity."""
    found = [_reason(printer, alert) for alert in printer.alerts]
    if queue.lacks_media:
        found.append("media-needed-error")
    if printer.knobs.unresolved_error:
        found.append("other-warning")
    return list(dict.fromkeys(found)) or ["none"]


def status(printer: SimulatedPrinter, queue: PrintQueue) -> Attributes:
    """The state of the printer now."""
    message = printer.knobs.unresolved_error or "; ".join(alert.text for alert in printer.alerts)
    attributes: Attributes = {
        "printer-state": enums(state_of(printer, queue)),
        "printer-state-reasons": keywords(*reasons_of(printer, queue)),
        "printer-state-message": texts(message),
        "printer-is-accepting-jobs": boolean(True),
        "queued-job-count": integers(len(queue.waiting())),
        "printer-up-time": integers(up_time(printer)),
        "printer-current-time": moment(time.time()),
        "printer-state-change-time": integers(queue.changed_at(printer)),
        "printer-state-change-date-time": moment(time.time() - up_time(printer) + queue.changed_at(printer)),
        "printer-impressions-completed": integers(printer.life_count),
        "printer-media-sheets-completed": integers(printer.sheets),
        "printer-supply": octets(_supply(printer, place) for place in range(len(printer.supplies))),
        "printer-supply-description": texts(*(supply.facts.description for supply in printer.supplies)),
        "printer-input-tray": octets(_tray(printer, place) for place in range(len(printer.trays))),
        "marker-names": texts(*(supply.facts.description for supply in printer.supplies)),
        "marker-levels": integers(*(supply.percent for supply in printer.supplies)),
    }
    if printer.alerts:
        attributes["printer-alert"] = octets(_alert(alert) for alert in printer.alerts)
        attributes["printer-alert-description"] = texts(*(alert.text for alert in printer.alerts))
    return attributes


def up_time(printer: SimulatedPrinter) -> int:
    """Seconds since it was switched on, at least 1."""
    return printer.uptime_ticks() // 100 + 1


def _reason(printer: SimulatedPrinter, alert: Alert) -> str:
    severity = "error" if alert.is_critical else "warning"
    if alert.condition not in (Condition.SUPPLY_LOW, Condition.SUPPLY_EMPTY):
        return f"{REASONS[alert.condition]}-{severity}"
    facts = printer.supplies[alert.place - 1].facts
    is_empty = alert.condition is Condition.SUPPLY_EMPTY
    if facts.receptacle:
        return f"marker-waste-{'full' if is_empty else 'almost-full'}-{severity}"
    if facts.kind == "toner":
        return f"toner-{'empty' if is_empty else 'low'}-{severity}"
    if facts.kind == "opc":
        return f"opc-{'life-over' if is_empty else 'near-eol'}-{severity}"
    if facts.kind in ("fuser", "transferUnit"):
        return f"other-{severity}"
    return f"marker-supply-{'empty' if is_empty else 'low'}-{severity}"


def _supply(printer: SimulatedPrinter, place: int) -> str:
    supply = printer.supplies[place]
    supply_class = "receptacleThatIsFilled" if supply.facts.receptacle else "supplyThatIsConsumed"
    color = f"colorantname={supply.facts.color};" if supply.facts.color else ""
    return (
        f"index={place + 1};class={supply_class};type={supply.facts.kind};unit=percent;maxcapacity=100;"
        f"level={supply.percent};{color}"
    )


def _tray(printer: SimulatedPrinter, place: int) -> str:
    tray = printer.trays[place]
    return (
        f"type={tray.facts.kind};mediafeed=0;mediaxfeed=0;maxcapacity={tray.facts.capacity};level={tray.sheets};"
        f"status=0;name={tray.facts.name};"
    )


def _alert(alert: Alert) -> str:
    severity = "critical" if alert.is_critical else "warning"
    return f"code={alert.condition.title().replace(' ', '')};severity={severity};index={max(alert.place, 1)};"
