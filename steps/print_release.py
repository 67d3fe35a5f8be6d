"""The release of a held job at a printer: one delivery, by the best protocol there is, followed to its end (F-5).

IPPS, then IPP, then a raw port with PJL, then LPR (PR-197). Nothing is printed twice: `ReleaseWatch.sending` is told
before the first byte goes and has to keep that; after a crash `resume` asks the printer for the job instead of sending
it again, and what the printer does not know ends as `UNKNOWN` (PR-344).
"""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from connectors.errors import PressroomError
from connectors.ipp import faults
from connectors.ipp.abilities import Abilities, read_abilities
from connectors.ipp.client import Printer
from connectors.ipp.jobs import Job, JobState
from connectors.ipp.ticket import JobTicket, ticket_attributes
from connectors.raw_printing import RawJob, print_lpr, print_raw
from steps.device_data import POSTSCRIPT, DeviceFile, device_file, fitted
from steps.ipp_delivery import POLL_SECONDS, Sight, follow, job_of_mark, marked_name

CONNECT_SECONDS = 3.0
PAUSES = (1.0, 3.0)
"""Between attempts to reach a printer: somebody stands before it (class I of PR-346)."""
CANCEL_SECONDS = 30.0
"""So long a printer has to end a job that was cancelled because it did not go on."""
RAW_ABILITIES = Abilities(
    formats=frozenset({POSTSCRIPT}),
    most_copies=999,
    sides=frozenset({"one-sided", "two-sided-long-edge", "two-sided-short-edge"}),
)
"""What is taken for granted of a printer that cannot be asked; pages are chosen and laid out for it."""


class End(StrEnum):
    """How a release ended at the printer."""

    PRINTED = "printed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PrinterAddress:
    """Where a printer takes jobs, best first; ports of 0 are not tried."""

    name: str
    ipp: tuple[str, ...]
    host: str = ""
    raw_port: int = 0
    lpr_port: int = 0


@dataclass(frozen=True, slots=True)
class ReleaseOrder:
    """One job for one printer. `fetch` gives the printable file and is called only if it is sent."""

    printer: PrinterAddress
    mark: str
    name: str
    user: str
    ticket: JobTicket
    media_type: str
    fetch: Callable[[], Path]
    scratch: Path
    timeout_seconds: float
    ca_file: Path | None = None
    tls: Callable[[str], ssl.SSLContext] | None = None
    """How an `ipps` address is spoken to, where that is more than `ca_file` says."""

    @property
    def marked_name(self) -> str:
        return marked_name(self.name, self.mark)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended. `impressions` and `sheets` are None where the printer does not count; `error` says what it was."""

    end: End
    impressions: int | None = None
    sheets: int | None = None
    error: PressroomError | None = None


class ReleaseWatch(Protocol):
    """Who keeps what happens; each call that returns is kept for good."""

    def sending(self, protocol: str, ticket: JobTicket) -> None:
        """From now on the printer may have the job."""

    def taken(self, printer_job: int) -> None:
        """The printer has the job under this number."""

    def seen(self, sight: Sight) -> None:
        """The job as it stands."""

    def is_cancelled(self) -> bool:
        """Whether somebody wants it stopped; raises when this process must not go on."""

    def unreachable(self, trouble: PressroomError) -> None:
        """The printer that has the job cannot be asked; raises to ask it later."""


def deliver(order: ReleaseOrder, watch: ReleaseWatch) -> Outcome:
    """Send the job and follow it; raises what kept it from being sent: then nothing was printed."""
    try:
        printer, abilities = _reached(order)
    except PressroomError as error:
        if error.fault is not faults.UNREACHABLE or not order.printer.host:
            raise
        return _without_ipp(order, watch, error)
    with printer:
        ticket = fitted(order.ticket, abilities, printer.label)
        source = DeviceFile(order.fetch(), order.media_type, ticket)
        ready = device_file(source, order.name, abilities, printer.label, order.scratch)
        watch.sending(printer.address.partition(":")[0], ticket)
        try:
            attributes = ticket_attributes(ready.ticket)
            job = printer.print_file(ready.path, ready.media_type, order.marked_name, attributes, _no_progress)
        except PressroomError as error:
            if error.fault is not faults.LOST:
                raise
            return _found_again(printer, order, watch, error)
        watch.taken(job.id)
        return _followed(printer, job, order, watch)


def resume(order: ReleaseOrder, protocol: str, watch: ReleaseWatch) -> Outcome:
    """Take up a job that a printer may have, after a pause or a crash; nothing is sent."""
    if not protocol.startswith("ipp"):
        return Outcome(End.UNKNOWN, error=faults.LOST(printer=order.printer.name))
    try:
        printer, _ = _reached(order, needs_acceptance=False)
    except PressroomError as error:
        watch.unreachable(error)
        return Outcome(End.UNKNOWN, error=error)
    with printer:
        return _found_again(printer, order, watch, faults.LOST(printer=printer.label))


def _reached(order: ReleaseOrder, *, needs_acceptance: bool = True) -> tuple[Printer, Abilities]:
    """The printer at the first address that answers, and takes jobs if that is needed."""
    for pause in PAUSES:
        try:
            return _first_that_answers(order, needs_acceptance=needs_acceptance)
        except PressroomError as error:
            if not error.transient:
                raise
        time.sleep(pause)
    return _first_that_answers(order, needs_acceptance=needs_acceptance)


def _first_that_answers(order: ReleaseOrder, *, needs_acceptance: bool) -> tuple[Printer, Abilities]:
    failed: PressroomError = faults.UNREACHABLE(printer=order.printer.name, reason="–")
    for address in order.printer.ipp:
        tls = order.tls(address) if order.tls is not None and address.startswith("ipps:") else None
        printer = Printer(address, order.user, order.ca_file, CONNECT_SECONDS, tls)
        printer.label = order.printer.name or printer.label
        try:
            abilities = read_abilities(printer)
            if needs_acceptance and not abilities.accepting:
                raise faults.BUSY(printer=printer.label)
        except PressroomError as error:
            printer.__exit__(None, None, None)
            failed = error
            if error.fault is not faults.UNREACHABLE:
                raise
            continue
        return printer, abilities
    raise failed


def _followed(printer: Printer, job: Job, order: ReleaseOrder, watch: ReleaseWatch) -> Outcome:
    """The end of a job that the printer has; one that does not go on is cancelled there after the timeout."""
    sighted = _Sighted(printer, job, order.mark, watch)
    while True:
        try:
            ended = follow(printer, sighted.job, order.timeout_seconds, sighted.look)
            return _outcome(printer, ended, sighted) if ended else _vanished(printer, order, sighted)
        except PressroomError as error:
            if error.fault is faults.LOST:
                return _vanished(printer, order, sighted)
            if not error.transient:
                return _given_up(printer, sighted, error)
            if time.monotonic() - sighted.at > order.timeout_seconds:
                return Outcome(End.UNKNOWN, sighted.job.impressions, sighted.job.sheets, error)
            sighted.tell(error)
        time.sleep(POLL_SECONDS)


class _Sighted:
    """The job as it was last seen; asks the printer to cancel it, once, when somebody wants that."""

    def __init__(self, printer: Printer, job: Job, mark: str, watch: ReleaseWatch) -> None:
        self.job, self.at, self.is_cancelled = job, time.monotonic(), False
        self._printer, self._mark, self._watch = printer, mark, watch

    def look(self, sight: Sight) -> None:
        """Raises `LOST` where the number is another job's by now: a printer was restarted and counts anew."""
        if sight.job.name and self._mark not in sight.job.name:
            raise faults.LOST(printer=self._printer.label)
        self.job, self.at = sight.job, time.monotonic()
        self._watch.seen(sight)
        if not self.is_cancelled and self._watch.is_cancelled():
            self._printer.cancel(self.job.id)
            self.is_cancelled = True

    def tell(self, trouble: PressroomError) -> None:
        self._watch.seen(Sight(self.job, trouble))
        self._watch.is_cancelled()


def _outcome(printer: Printer, ended: Job, sighted: _Sighted) -> Outcome:
    reason = ", ".join(ended.reasons) or "–"
    if ended.state is JobState.COMPLETED:
        # A printer that has completed a job without an impression does not count them.
        return Outcome(End.PRINTED, ended.impressions or None, ended.sheets or None)
    if ended.state is JobState.CANCELED:
        error = None if sighted.is_cancelled else faults.CANCELED(printer=printer.label, reason=reason)
        return Outcome(End.CANCELLED, ended.impressions, ended.sheets, error)
    return Outcome(End.FAILED, ended.impressions, ended.sheets, faults.ABORTED(printer=printer.label, reason=reason))


def _vanished(printer: Printer, order: ReleaseOrder, sighted: _Sighted) -> Outcome:
    """The printer does not know the number any more: it may have been restarted and know the job by its mark."""
    last = sighted.job
    found = job_of_mark(printer, order.mark)
    if found is not None and found.state.final:
        return _outcome(printer, found, sighted)
    return Outcome(End.UNKNOWN, last.impressions, last.sheets, faults.LOST(printer=printer.label))


def _given_up(printer: Printer, sighted: _Sighted, error: PressroomError) -> Outcome:
    """The printer stood still too long, or speaks nonsense: the job is taken back, as far as that is possible."""
    if error.fault not in (faults.NO_PROGRESS, *faults.TROUBLES.values()):
        return Outcome(End.UNKNOWN, sighted.job.impressions, sighted.job.sheets, error)
    try:
        printer.cancel(sighted.job.id)
        deadline = time.monotonic() + CANCEL_SECONDS
        job: Job | None = sighted.job
        while job is not None and not job.state.final and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            job = printer.job(job.id)
    except PressroomError:
        job = None
    if job is None or not job.state.final:
        return Outcome(End.UNKNOWN, sighted.job.impressions, sighted.job.sheets, error)
    if job.state is JobState.COMPLETED:
        return _outcome(printer, job, sighted)
    return Outcome(End.FAILED, job.impressions, job.sheets, error)


def _found_again(printer: Printer, order: ReleaseOrder, watch: ReleaseWatch, error: PressroomError) -> Outcome:
    """Follow the job if the printer has it; nobody knows whether it was printed if it has not."""
    try:
        job = job_of_mark(printer, order.mark)
    except PressroomError as trouble:
        return Outcome(End.UNKNOWN, error=trouble)
    if job is None:
        return Outcome(End.UNKNOWN, error=error)
    watch.taken(job.id)
    return _followed(printer, job, order, watch)


def _without_ipp(order: ReleaseOrder, watch: ReleaseWatch, unreachable: PressroomError) -> Outcome:
    """By a raw port, else by LPR; raises that the printer cannot be reached where neither answers."""
    name, host = order.printer.name, order.printer.host
    ticket = fitted(order.ticket, RAW_ABILITIES, name)
    source = DeviceFile(order.fetch(), order.media_type, ticket)
    ready = device_file(source, order.name, RAW_ABILITIES, name, order.scratch)
    job = RawJob(ready.path, ready.media_type, order.marked_name, order.user, ready.ticket)
    for protocol, port in (("raw", order.printer.raw_port), ("lpr", order.printer.lpr_port)):
        if not port:
            continue
        try:
            if protocol == "raw":
                pages = print_raw(host, port, name, job, lambda: watch.sending("raw", ticket))
                return Outcome(End.PRINTED, pages)
            print_lpr(host, port, name, job, lambda: watch.sending("lpr", ticket))
            return Outcome(End.PRINTED)
        except PressroomError as error:
            if error.fault is faults.LOST:
                return Outcome(End.UNKNOWN, error=error)
            if error.fault is not faults.UNREACHABLE:
                raise
    raise unreachable


def _no_progress(_done: int, _total: int) -> None:
    """Bytes on their way are not told: the printer counts sides soon enough."""
