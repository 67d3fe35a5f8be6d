"""Printing directly from a workstation, and offline while the portal is away; what was printed is told afterwards.

Directly: at printers that are assigned to the person; while the portal can be reached it says first how, by policies
and quota (AM-14, AM-18). Offline (section 28): only while it cannot be reached, by a person who is signed in and whose
settings were fetched before, at assigned printers or at one whose address is typed.
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import structlog

from connectors.documents.media_types import media_type_of
from connectors.errors import Fault, PressroomError
from connectors.ipp.ticket import JobTicket
from connectors.messages import N_
from pressroom.workstation.cloud import BUSY, NO_ROUTE, Told
from pressroom.workstation.folder import WorkstationFolder
from pressroom.workstation.modules import Workstation
from pressroom.workstation.node.hybrid import TOLD, node_identity, way_of
from pressroom.workstation.node.portal import NodePortal
from pressroom.workstation.node.printer_trust import PrinterTrust
from pressroom.workstation.node.usage import AT_ONCE, Print, UsageJournal, moment
from steps.ipp_delivery import MARK_LENGTH, Sight
from steps.node_work import NO_PRINTER_OF_OURS, PrinterPlace
from steps.print_preparation import PreparationLimits, PreparedFile, prepare_for_print
from steps.print_release import Outcome, PrinterAddress, ReleaseOrder, deliver, resume

log = structlog.get_logger(__name__)

MOST_PAGES = 100_000
TIMEOUT_SECONDS = 600.0
LONGEST_OFFLINE = 30 * 86_400
"""Seconds; the portal takes no older records (PR-265), so that no print may be made of which it would not hear."""
RAW_PORT, LPR_PORT = 9100, 515
LOOK_SECONDS = 1.0
NOT_ASKED = "not asked"
"""By what policy was printed where the portal was away."""
NOT_ALLOWED = Fault(
    "workstation.mode_not_allowed",
    403,
    N_("You cannot print {mode} from this workstation."),
    N_("Ask a print administrator. What is allowed is fetched every four hours and by “printctl update check”."),
    spec="PR-261",
)
NOT_FETCHED = Fault(
    "workstation.settings_not_fetched",
    409,
    N_("The settings of this workstation were fetched too long ago, or never."),
    N_("Start the agent while the portal can be reached: offline printing needs settings from before the outage."),
    spec="PR-262",
)
NOT_OFFLINE = Fault(
    "workstation.not_offline",
    409,
    N_("The portal can be reached: nothing is printed offline."),
    N_("Print as usual, to your print queue."),
    spec="PR-312",
)
NOT_ENCRYPTED = Fault(
    "workstation.not_encrypted",
    409,
    N_("The printer {printer} takes no encrypted documents, and this workstation sends no others."),
    N_("Have IPPS switched on at the printer, or “printEncrypted” off in client.json."),
    spec="PR-314",
)
NOT_ASSIGNED = Fault(
    "workstation.not_assigned",
    404,
    N_("No printer “{name}” is assigned to you."),
    N_("“printctl direct printers” lists those that are."),
    spec="PR-226",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants printed at a printer, by its queue's name, its own name, its id or its address."""

    path: Path
    name: str
    printer: str
    ticket: JobTicket
    mode: str


class DirectPrinting:
    """Prints for the person who is signed in, without the portal where it is away."""

    def __init__(self, folder: WorkstationFolder, portal: NodePortal | None) -> None:
        self._folder, self._portal = folder, portal
        self._told = self._fetched()
        self.journal = journal_of(folder)

    def print(self, wanted: Wanted, is_cancelled: Callable[[], bool] = lambda: False) -> tuple[Outcome, Print | None]:
        """Print it; how that ended, and what is to be told of it. Raises why nothing was sent."""
        if wanted.mode not in self._told.modes:
            raise NOT_ALLOWED(mode=wanted.mode)
        known = self._printer(wanted)
        with TemporaryDirectory(dir=self._folder.subfolder("usage-scratch")) as scratch:
            limits = PreparationLimits(MOST_PAGES, measures=True)
            media_type = media_type_of(wanted.path, wanted.name)
            made = prepare_for_print(wanted.path, wanted.name, media_type, Path(scratch), limits)
            entry = self._entry(wanted, made, known)
            entry, ticket = self._decided(wanted, entry)
            order = _order(self._folder, entry, ticket, made, Path(scratch))
            order = replace(order, printer=_allowed(self._folder, order.printer))
            try:
                outcome = deliver(order, _Noted(self.journal, entry, is_cancelled))
            except PressroomError:
                self.journal.forget(entry.local_id)
                raise
            return outcome, self.journal.end(entry, outcome)

    def _fetched(self) -> Told:
        """What the portal said last; raises `NOT_FETCHED`, and `SIGN_IN_FIRST` where nobody is signed in."""
        identity = self._folder.identity()
        known = self._folder.unsealed(TOLD)
        age = time.time() - (self._folder.path / TOLD).stat().st_mtime if known is not None else LONGEST_OFFLINE + 1
        if known is None or known["portal"] != identity.portal or age > LONGEST_OFFLINE:
            raise NOT_FETCHED()
        return Told.of(known)

    def _printer(self, wanted: Wanted) -> Mapping[str, Any]:
        name = wanted.printer.casefold()
        for one in self._told.answer.get("printers", ()):
            if name in (str(one.get(key, "")).casefold() for key in ("queue", "name", "id", "address", "host_name")):
                found: Mapping[str, Any] = one
                return found
        if wanted.mode == "offline":  # free entry of an address (PR-312)
            return {"id": "", "name": wanted.printer, "address": wanted.printer}
        raise NOT_ASSIGNED(name=wanted.printer)

    def _entry(self, wanted: Wanted, made: PreparedFile, printer: Mapping[str, Any]) -> Print:
        ticket = wanted.ticket
        local_id = f"{time.time_ns():020}-{uuid4().hex[:16]}"
        return Print(
            local_id=local_id,
            user_id=self._told.user_id,
            mark=uuid4().hex[:MARK_LENGTH],
            mode=wanted.mode,
            name=wanted.name,
            printed=moment(),
            pages=made.pages,
            copies=ticket.copies or 1,
            is_color=made.is_color and ticket.color_mode != "monochrome",
            sides=ticket.sides or made.sides,
            printer_id=str(printer["id"]),
            address=str(printer["address"]),
            media_type=made.media_type,
            size=made.path.stat().st_size,
            paper=ticket.media or "",
            policy="",
            process=os.getpid(),
            place=place_at(str(printer["address"]), str(printer["name"])).model_dump(mode="json"),
        )

    def _decided(self, wanted: Wanted, entry: Print) -> tuple[Print, JobTicket]:
        """How it is printed: by the portal where it can be reached, else as it is wanted.

        Raises `NOT_OFFLINE`, and what the portal has against it.
        """
        try:
            if self._portal is None:
                raise NO_ROUTE(portal=self._folder.identity().portal)
            if wanted.mode == "offline":
                self._portal.usage([])
                raise NOT_OFFLINE()
            answer = self._portal.check_print(entry.told(), wanted.ticket)
        except PressroomError as error:
            if error.fault not in (NO_ROUTE, BUSY):
                raise
            return replace(entry, policy=NOT_ASKED), wanted.ticket
        ticket = JobTicket.model_validate(answer["ticket"])
        decided = replace(
            entry,
            copies=ticket.copies or 1,
            is_color=bool(answer["is_color"]),
            sides=ticket.sides or entry.sides,
            policy=",".join(answer["forced"]),
            place=answer["printer"],
        )
        return decided, ticket


class UsageRecords:
    """The module that tells the portal of direct and offline prints, as soon as it can be reached (AM-44)."""

    name, mode = "usage records", ""

    async def run(self, workstation: Workstation) -> None:
        journal = journal_of(workstation.folder)
        while True:
            if any(True for _ in journal.entries(workstation.told.user_id)):
                identity = await node_identity(workstation)
                with NodePortal(way_of(workstation), identity.credential) as portal:
                    await asyncio.to_thread(tell, workstation.folder, journal, portal, workstation.told.user_id)
            await asyncio.sleep(LOOK_SECONDS)


def tell(folder: WorkstationFolder, journal: UsageJournal, portal: NodePortal, user_id: str) -> int:
    """Tell of what has ended, after finding out what became of prints whose process was killed; how many were taken."""
    for entry in list(journal.entries(user_id)):
        if entry.is_left:
            _settle(folder, journal, entry)
    ended = [entry for entry in journal.entries(user_id) if entry.is_over]
    taken = 0
    for start in range(0, len(ended), AT_ONCE):
        for result in portal.usage([entry.told() for entry in ended[start : start + AT_ONCE]]):
            if result["status"] == "rejected":
                log.warning("the portal does not take a record of usage", reason=result["reason"])
            journal.forget(result["local_id"])
            taken += result["status"] == "accepted"
    return taken


def journal_of(folder: WorkstationFolder) -> UsageJournal:
    """The journal of the person who is signed in; it stays when they sign out."""
    return UsageJournal(folder.subfolder("usage"), folder.box())


def place_at(address: str, name: str) -> PrinterPlace:
    """Where a printer takes jobs of which only the address is known, with a port for IPP if there is one, or a URI."""
    if address.startswith(("ipp://", "ipps://")):
        return PrinterPlace(name=name, ipp=(address,))
    host, colon, port = address.rpartition(":") if address.count(":") == 1 else (address, "", "")
    at = f"[{host}]" if ":" in host else host
    if colon:
        return PrinterPlace(name=name, ipp=(f"ipp://{at}:{port}/ipp/print",), host=host)
    ipp = (f"ipps://{at}:631/ipp/print", f"ipp://{at}:631/ipp/print")
    return PrinterPlace(name=name, ipp=ipp, host=host, raw_port=RAW_PORT, lpr_port=LPR_PORT)


class _Noted:
    """Keeps in the journal that a printer may have the job, before it does."""

    def __init__(self, journal: UsageJournal, entry: Print, is_cancelled: Callable[[], bool] = lambda: False) -> None:
        self._journal, self._entry, self._is_cancelled = journal, entry, is_cancelled

    def sending(self, protocol: str, ticket: JobTicket) -> None:
        del ticket
        self._journal.keep(replace(self._entry, protocol=protocol))

    def taken(self, printer_job: int) -> None:
        log.info("the printer has the job", printer_job=printer_job)

    def seen(self, sight: Sight) -> None:
        if sight.trouble is not None:
            log.warning("the printer needs attention", code=sight.trouble.code)

    def is_cancelled(self) -> bool:
        return self._is_cancelled()

    def unreachable(self, trouble: PressroomError) -> None:
        raise trouble


def _settle(folder: WorkstationFolder, journal: UsageJournal, entry: Print) -> None:
    """Ask the printer what became of a print whose process was killed (PR-344)."""
    if not entry.protocol:
        journal.forget(entry.local_id)
        return
    scratch = folder.subfolder("usage-scratch")
    order = _order(folder, entry, JobTicket(), None, scratch)
    try:
        outcome = resume(order, entry.protocol, _Noted(journal, entry))
    except PressroomError as error:
        if not error.transient and error.fault not in NO_PRINTER_OF_OURS:
            raise
        return  # asked again later
    journal.end(entry, outcome)


def _order(
    folder: WorkstationFolder, entry: Print, ticket: JobTicket, made: PreparedFile | None, scratch: Path
) -> ReleaseOrder:
    def fetch() -> Path:
        assert made is not None, "what may have been sent is not sent again"
        return made.path

    return ReleaseOrder(
        printer=entry.printer().address,
        mark=entry.mark,
        name=entry.name,
        user=entry.user_id,
        ticket=ticket,
        media_type=entry.media_type,
        fetch=fetch,
        scratch=scratch,
        timeout_seconds=TIMEOUT_SECONDS,
        tls=PrinterTrust.of(folder).context,
    )


def _allowed(folder: WorkstationFolder, place: PrinterAddress) -> PrinterAddress:
    """Where the printer takes jobs, as far as the configuration lets; raises `NOT_ENCRYPTED`."""
    if not folder.configuration().direct_print_settings.print_encrypted:
        return place
    secure = tuple(one for one in place.ipp if one.startswith("ipps:"))
    if not secure:
        raise NOT_ENCRYPTED(printer=place.name)
    return PrinterAddress(place.name, secure)
