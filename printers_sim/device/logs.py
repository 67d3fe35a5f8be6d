"""The logs that a printer gives out (FL-227…FL-233)."""

import gzip
import random
from datetime import UTC, datetime

from printers_sim.device.refusal import Refusal, not_supported
from printers_sim.device.state import DeviceEvent, EventKind
from printers_sim.printer import SimulatedPrinter

KINDS = ("history", "framework", "security", "fax", "fax-last-10", "fax-errors-last-10", "gzip")
FAXES_BEFORE = 24
FIRST_FAX = datetime(2026, 1, 12, 8, 0, tzinfo=UTC).timestamp()
BETWEEN_FAXES = 40 * 3600.0


def log(printer: SimulatedPrinter, kind: str) -> bytes:
    """A log as text, one line an event, oldest first; `gzip` is all of them, compressed."""
    if kind not in KINDS:
        raise Refusal(404, "no_such_log", f"There is no log “{kind}”.")
    if kind == "gzip":
        events = sorted([*printer.device.events, *_faxes(printer)], key=lambda event: event.at)
        return gzip.compress(_text(printer, events), mtime=0)
    if kind.startswith("fax") and not printer.profile.fax:
        raise not_supported("faxes")
    if kind == "framework" and not printer.profile.framework:
        raise not_supported("apps")
    return _text(printer, _events(printer, kind))


def _events(printer: SimulatedPrinter, kind: str) -> list[DeviceEvent]:
    if kind == "fax-errors-last-10":
        return [event for event in _faxes(printer) if event.failed][-10:]
    if kind.startswith("fax"):
        return _faxes(printer)[-10 if kind == "fax-last-10" else 0 :]
    return [event for event in printer.device.events if event.kind == kind]


def _faxes(printer: SimulatedPrinter) -> list[DeviceEvent]:
    """The faxes before the printer was first switched on here, and those since; the same printer has the same ones."""
    if not printer.profile.fax:
        return []
    chance = random.Random(printer.serial)  # noqa: S311 — believable, not secret
    before = []
    for number in range(FAXES_BEFORE):
        way = chance.choice(("sent to", "received from"))
        failed = chance.random() < 0.25
        result = chance.choice(("busy", "no answer", "line error")) if failed else f"{chance.randint(1, 9)} pages"
        text = f"Fax {way} +46 8 555 {chance.randint(0, 9999):04d}: {result}"
        before.append(DeviceEvent(FIRST_FAX + number * BETWEEN_FAXES, EventKind.FAX, text, failed))
    return before + [event for event in printer.device.events if event.kind is EventKind.FAX]


def _text(printer: SimulatedPrinter, events: list[DeviceEvent]) -> bytes:
    head = f"{printer.profile.make} {printer.model}, serial number {printer.serial}, firmware {printer.firmware}"
    lines = [
        f"{datetime.fromtimestamp(event.at, UTC):%Y-%m-%dT%H:%M:%SZ} {event.kind}: {event.text}" for event in events
    ]
    return ("\n".join([head, *lines]) + "\n").encode()
