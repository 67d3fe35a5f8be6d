"""What can go wrong with a scanner on the network, in the words of the person who stands before it."""

from connectors.errors import Fault
from connectors.messages import N_

BAD_ADDRESS = Fault(
    "scanner.bad_address",
    422,
    N_("“{address}” is not the address of a scanner."),
    N_("It looks like http://printer.example/eSCL. Administrators: correct the printer's address."),
)
UNREACHABLE = Fault(
    "scanner.unreachable",
    503,
    N_("The scanner {scanner} cannot be reached: {reason}."),
    N_("Check that the printer is switched on and connected, then scan again."),
    transient=True,
)
BAD_ANSWER = Fault(
    "scanner.bad_answer",
    502,
    N_("The scanner {scanner} gives an answer that makes no sense: {reason}."),
    N_("Check that scanning over the network (eSCL, AirScan) is turned on, and that the firmware is up to date."),
)
NO_SCANNER = Fault(
    "scanner.none",
    409,
    N_("{scanner} cannot be used as a scanner over the network."),
    N_("Turn eSCL or AirScan on in the printer's settings, or use a printer that scans."),
)
SIGN_IN = Fault(
    "scanner.sign_in",
    403,
    N_("The scanner {scanner} does not let Pressroom scan."),
    N_("Ask the printer's administrator to allow scanning from this server."),
)
BUSY = Fault(
    "scanner.busy",
    503,
    N_("The scanner {scanner} is in use."),
    N_("Wait until it is done, then scan again."),
    transient=True,
)
JAM = Fault(
    "scanner.jam",
    409,
    N_("An original is jammed in the feeder of {scanner}."),
    N_("Take it out, put it back with those that follow it, and scan them as next pages."),
)
EMPTY = Fault(
    "scanner.empty",
    409,
    N_("There is nothing to scan in {scanner}."),
    N_("Put the original into the feeder or on the glass, then scan again."),
)
COVER_OPEN = Fault(
    "scanner.cover_open",
    409,
    N_("The cover of the feeder of {scanner} is open."),
    N_("Close it, then scan the remaining pages."),
)
STOPPED = Fault(
    "scanner.stopped",
    502,
    N_("The scanner {scanner} stopped: {reason}."),
    N_("Look at the printer's panel. The pages that came are kept."),
)
PAGE_TOO_LARGE = Fault(
    "scanner.page_too_large",
    413,
    N_("A page from {scanner} has more than {limit} MB."),
    N_("Scan with a lower resolution or in grey."),
)
