"""What can go wrong with a printer, in the words of the person who stands before it."""

from collections.abc import Iterable

from connectors.errors import Fault, PressroomError
from connectors.messages import N_

BAD_ADDRESS = Fault(
    "printer.bad_address",
    422,
    N_("“{address}” is not the IPP address of a printer."),
    N_("It looks like ipp://printer.example/ipp/print. Administrators: correct it in the printer's settings."),
)
BAD_AUTHORITY = Fault(
    "printer.bad_authority",
    500,
    N_("The file {file} holds no certificate authority for printers."),
    N_("Administrators: correct PRESSROOM_IPP_CA_FILE."),
)
UNREACHABLE = Fault(
    "printer.unreachable",
    503,
    N_("The printer {printer} cannot be reached: {reason}."),
    N_("Nothing was printed. Check that it is switched on and connected, then try again."),
    transient=True,
)
LOST = Fault(
    "printer.lost",
    503,
    N_("The connection to the printer {printer} broke while the document was handed over."),
    N_("The printer is asked again whether it has the job. Look at its output tray before you print again."),
    transient=True,
)
BAD_ANSWER = Fault(
    "printer.bad_answer",
    502,
    N_("The printer {printer} gives an answer that makes no sense: {reason}."),
    N_("Check that the address is that of a printer with IPP, and that its firmware is up to date."),
)
SIGN_IN = Fault(
    "printer.sign_in",
    403,
    N_("The printer {printer} does not let Pressroom print."),
    N_("Ask the printer's administrator to allow jobs from this server."),
)
BUSY = Fault(
    "printer.busy",
    503,
    N_("The printer {printer} takes no jobs at the moment."),
    N_("Nothing was printed. Wait until it is ready, then try again."),
    transient=True,
)
FORMAT = Fault(
    "printer.format",
    415,
    N_("The printer {printer} cannot print files of type {media_type}."),
    N_("It prints: {formats}. Hand in such a file, or let an earlier step make one."),
    spec="SC-87",
)
COPIES = Fault(
    "printer.copies",
    422,
    N_("The printer {printer} makes at most {most} copies of a job."),
    N_("Choose fewer copies."),
)
REFUSED = Fault(
    "printer.refused",
    502,
    N_("The printer {printer} refuses the job: {reason}."),
    N_("Nothing was printed. Look at the printer's own messages; the file may be damaged."),
)
ABORTED = Fault(
    "printer.aborted",
    502,
    N_("The printer {printer} gave up the job: {reason}."),
    N_("Look at the printer's own messages, then run the step again."),
)
CANCELED = Fault(
    "printer.canceled",
    409,
    N_("The job was deleted at the printer {printer}."),
    N_("Run the step again if you still want it."),
)
NO_PROGRESS = Fault(
    "printer.no_progress",
    504,
    N_("The printer {printer} has the job, but has not gone on with it for {minutes} minutes."),
    N_("Look at the printer. Running the step again follows the same job, it does not print twice."),
)

_GOES_ON = N_("The job is kept at the printer and goes on by itself afterwards.")
_TROUBLES = {
    "media_empty": (N_("The printer {printer} has no paper."), N_("Load paper."), ("media-empty", "media-needed")),
    "media_jam": (N_("Paper is jammed in the printer {printer}."), N_("Remove the jam."), ("media-jam",)),
    "toner_empty": (
        N_("The printer {printer} has no toner or ink left."),
        N_("Replace the cartridge."),
        ("toner-empty", "marker-supply-empty", "developer-empty"),
    ),
    "cover_open": (
        N_("A cover or door of the printer {printer} is open."),
        N_("Close it."),
        ("cover-open", "door-open", "interlock-open"),
    ),
    "output_full": (N_("The output tray of the printer {printer} is full."), N_("Empty it."), ("output-area-full",)),
    "tray_missing": (
        N_("A tray of the printer {printer} is missing."),
        N_("Put the tray back."),
        ("input-tray-missing", "output-tray-missing"),
    ),
    "waste_full": (
        N_("The waste toner box of the printer {printer} is full."),
        N_("Replace it."),
        ("marker-waste-full",),
    ),
    "worn_out": (
        N_("A part of the printer {printer} has reached the end of its life."),
        N_("Ask for service."),
        ("opc-life-over", "fuser-over-temp"),
    ),
    "spool_full": (N_("The memory of the printer {printer} is full."), N_("Delete other jobs."), ("spool-area-full",)),
    "paused": (
        N_("The printer {printer} is paused or shutting down."),
        N_("Let it go on."),
        ("paused", "moving-to-paused", "shutdown"),
    ),
}
TROUBLES: dict[str, Fault] = {
    reason: fault
    for code, (message, remedy, reasons) in _TROUBLES.items()
    for fault in [Fault(f"printer.{code}", 409, message, remedy + " " + _GOES_ON)]
    for reason in reasons
}
"""Faults by `printer-state-reasons` keyword (RFC 8011, 5.4.12) without its severity; what people must do first."""


def trouble(reasons: Iterable[str], printer: str, *, stuck: bool = False) -> PressroomError | None:
    """What keeps the printer from going on, or None.

    A reason that is only a warning (another tray is empty) keeps no printer from printing; of one that is `stuck`, it
    may be the only hint.
    """
    for reason in reasons:
        keyword, _, severity = reason.rpartition("-")
        if severity == "report" or (severity == "warning" and not stuck):
            continue
        if fault := TROUBLES.get(keyword if severity in ("error", "warning") else reason):
            return fault(printer=printer)
    return None
