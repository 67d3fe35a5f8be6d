"""What can go wrong with a supplies programme."""

from connectors.errors import Fault
from connectors.messages import N_

UNKNOWN_PROGRAMME = Fault(
    "supplies.unknown_programme",
    422,
    N_("There is no supplies programme “{name}”."),
    N_("Use one of: {known}. A programme of another package must be installed on this machine."),
)
INCOMPLETE_PROGRAMME = Fault(
    "supplies.incomplete",
    409,
    N_("The supplies programme lacks the setting “{setting}”."),
    N_("The partner's people complete it on the page “Supplies desk”."),
)
UNSAFE_PROGRAMME = Fault(
    "supplies.unsafe_address",
    422,
    N_("The address of the supplies programme leads into a private network, is not encrypted, or is none."),
    N_("Use a public https address. Administrators can allow others with PRESSROOM_ALLOW_PRIVATE_ADDRESSES."),
)
PROGRAMME_UNREACHABLE = Fault(
    "supplies.unreachable",
    503,
    N_("The supplies programme cannot be reached."),
    N_("Nothing is lost. It is asked again by itself."),
    transient=True,
)
PROGRAMME_BUSY = Fault(
    "supplies.busy",
    503,
    N_("The supplies programme is busy or limits the number of requests."),
    N_("Nothing is lost. It is asked again by itself."),
    transient=True,
)
PROGRAMME_SIGNED_OUT = Fault(
    "supplies.signed_out",
    409,
    N_("The supplies programme does not accept the credentials."),
    N_("The partner's people correct the token on the page “Supplies desk”; it is asked again by itself."),
    transient=True,
)
PROGRAMME_REFUSED = Fault(
    "supplies.refused",
    409,
    N_("The supplies programme refuses the request with status {status}."),
    N_("Ask the operator of the programme for the reason."),
)
BAD_ANSWER = Fault(
    "supplies.bad_answer",
    502,
    N_("The supplies programme answered something that could not be understood."),
    N_("Check its address. What was asked is asked again by itself."),
    transient=True,
)
