"""The hardware report of a printer: all that it counts and reports, line by line, for pages and files (FL-213)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.messages import N_
from connectors.printers.reading import CounterName
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.printers.cells import Words, capacity_text, supply_name, supply_state
from fleet.printers.csv_rows import csv_pieces
from fleet.printers.details import PrinterDetails, get_printer
from fleet.printers.kept_reading import CONDITIONS

KINDS = {
    "total": N_("All pages"),
    "": N_("All pages"),
    "print": N_("Printed"),
    "copy": N_("Copied"),
    "fax": N_("Faxes printed"),
    "large_format": N_("Large format"),
    "duplex": N_("Two-sided"),
    "business": N_("Business coverage"),
    "graphics": N_("Graphics coverage"),
    "highlight": N_("Highlight coverage"),
    "blank_copy": N_("Copied blank"),
    "blank_fax": N_("Faxed blank"),
}
INKS = {"mono": N_("mono"), "colour": N_("colour")}
UNITS = {"sides": N_("sides"), "sheets": N_("sheets")}
SCANS = {
    CounterName.SCANS: N_("Scans"),
    CounterName.SCANS_MONO: N_("Scans, mono"),
    CounterName.SCANS_COLOUR: N_("Scans, colour"),
    CounterName.SCANS_ADF: N_("Scans from the feeder"),
    CounterName.SCANS_ADF_SIMPLEX: N_("Scans from the feeder, one-sided"),
    CounterName.SCANS_ADF_DUPLEX: N_("Scans from the feeder, two-sided"),
    CounterName.SCANS_FLATBED: N_("Scans from the glass"),
    CounterName.SCANS_TO_COPY: N_("Scans to copy"),
    CounterName.SCANS_TO_FAX: N_("Scans to fax"),
    CounterName.SCANS_TO_HOST: N_("Scans to a computer"),
}


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One fact of a section, in the reader's words."""

    section: str
    name: str
    value: str


def report_lines(details: PrinterDetails, words: Words) -> list[ReportLine]:
    """The report of a printer as it was last read; what it does not report is left out."""
    return [line for part in (_identity, _counters, _papers, _supplies, _trays, _apps) for line in part(details, words)]


def export_report(actor: Actor, printer_id: str, words: Words) -> Iterator[str]:
    """The report as a CSV file; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_MANAGE)
    details = get_printer(actor, printer_id, Permission.FLEET_MANAGE)
    with actor.session() as session:
        record(session, actor, "printers.exported", "printer", printer_id)
    titles = [words.say(title) for title in (N_("Section"), N_("Name"), N_("Value"))]
    return csv_pieces(titles, ((one.section, one.name, one.value) for one in report_lines(details, words)))


def _identity(details: PrinterDetails, words: Words) -> Iterator[ReportLine]:
    view, say = details.view, words.say
    facts = {
        N_("Serial number"): view.serial_number,
        N_("Manufacturer"): view.manufacturer,
        N_("Model"): view.model,
        N_("IP address"): view.address,
        N_("Host name"): view.host_name,
        N_("Hardware address"): view.mac,
        N_("Asset tag"): view.asset_tag,
        N_("Location"): view.location,
        N_("Firmware level"): view.firmware_level,
        N_("App framework"): view.framework_version,
        N_("Pages per minute"): str(details.pages_per_minute or ""),
        N_("Last data refresh"): words.when(details.read_at) if details.read_at else "",
        N_("Last restart"): words.when(view.last_restart) if view.last_restart else "",
    }
    section = say(N_("Identification"))
    yield from (ReportLine(section, say(name), value) for name, value in facts.items() if value)


def _counters(details: PrinterDetails, words: Words) -> Iterator[ReportLine]:
    section = words.say(N_("Counters"))
    for name in CounterName:
        count = details.reading.counters.get(name)
        if count is not None:
            yield ReportLine(section, counter_title(name, words), str(count))


def counter_title(name: CounterName, words: Words) -> str:
    """What people call a count."""
    if name is CounterName.LIFE:
        return words.say(N_("Life page count"))
    if name in SCANS:
        return words.say(SCANS[name])
    kind, _, unit = name.value.rpartition("_")
    ink = next((one for one in INKS if kind == one or kind.endswith(f"_{one}")), "")
    what = KINDS[kind.removesuffix(ink).removesuffix("_")]
    return ", ".join(words.say(part) for part in (what, INKS.get(ink, ""), UNITS[unit]) if part)


def _papers(details: PrinterDetails, words: Words) -> Iterator[ReportLine]:
    section = words.say(N_("Paper"))
    for paper in details.reading.papers:
        counted = {
            N_("picked"): paper.picked,
            N_("delivered, mono"): paper.delivered_mono,
            N_("delivered, colour"): paper.delivered_colour,
        }
        for way, count in counted.items():
            if count is not None:
                name = ", ".join(part for part in (paper.size, paper.type, words.say(way)) if part)
                yield ReportLine(section, name, str(count))


def _supplies(details: PrinterDetails, words: Words) -> Iterator[ReportLine]:
    section, say = words.say(N_("Supplies")), words.say
    for supply in details.reading.supplies:
        told: Sequence[str] = (
            f"{supply.percent} %" if supply.percent is not None else "",
            supply_state(supply, say),
            capacity_text(supply, say),
            say(N_("{count} days left"), count=supply.days_left) if supply.days_left is not None else "",
            say(N_("coverage {value} %"), value=f"{supply.coverage_lifetime:g}")
            if supply.coverage_lifetime is not None
            else "",
            say(N_("coverage of the last job {value} %"), value=f"{supply.coverage_last_job:g}")
            if supply.coverage_last_job is not None
            else "",
            say(N_("{count} sides"), count=supply.sides) if supply.sides is not None else "",
            supply.serial_number,
            supply.installed.isoformat() if supply.installed else "",
        )
        yield ReportLine(section, supply_name(supply, say), " · ".join(filter(None, told)))


def _trays(details: PrinterDetails, words: Words) -> Iterator[ReportLine]:
    section, say = words.say(N_("Trays")), words.say
    for tray in details.reading.trays:
        level = f"{tray.level}/{tray.capacity}" if tray.level is not None and tray.capacity else ""
        told = (tray.media, level, say(CONDITIONS[tray.condition]))
        yield ReportLine(section, tray.name or tray.key, " · ".join(filter(None, told)))


def _apps(details: PrinterDetails, words: Words) -> Iterator[ReportLine]:
    section, say = words.say(N_("Installed apps")), words.say
    for app in details.apps:
        state = say(N_("Started") if app.is_started else N_("Stopped"))
        yield ReportLine(section, app.name, f"{app.version} · {state}")
