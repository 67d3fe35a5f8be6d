"""What can go wrong at the print service of an identity cloud, in words for administrators."""

from connectors.errors import Fault
from connectors.messages import N_

UNREACHABLE = Fault(
    "cloud_print.unreachable",
    503,
    N_("{service} cannot be reached, or is busy."),
    N_("Nothing is lost: it is tried again by itself."),
    transient=True,
)
NO_CLIENT = Fault(
    "cloud_print.no_client",
    503,
    N_("This installation is not registered as an application at {service}."),
    N_("Operators: register one there, and set PRESSROOM_MICROSOFT_CLIENT_ID and PRESSROOM_MICROSOFT_CLIENT_SECRET."),
    spec="PR-287",
)
SIGNED_OUT = Fault(
    "cloud_print.signed_out",
    409,
    N_("The administrator's account at {service} is signed out."),
    N_("Sign in with it again on the page “Universal print”."),
    spec="PR-289",
)
SIGN_IN_REFUSED = Fault(
    "cloud_print.sign_in_refused",
    409,
    N_("{service} has not let the account in: {reason}"),
    N_("Sign in again with an account that has the role “Printer Administrator” there."),
    spec="PR-287",
)
SIGN_IN_OVER = Fault(
    "cloud_print.sign_in_over",
    409,
    N_("There is no sign-in to go on with: its time is over, or none was begun."),
    N_("Begin the sign-in again."),
)
NOT_ALLOWED = Fault(
    "cloud_print.not_allowed",
    403,
    N_("{service} does not allow it: {reason}"),
    N_(
        "Check that the tenant has a subscription of the service, that the account is a printer administrator, and "
        "that the application's permissions have been consented to."
    ),
    spec="PR-287",
)
REFUSED = Fault(
    "cloud_print.refused",
    409,
    N_("{service} has refused it: {reason}"),
    N_("Correct what it names, then register again."),
)
SHARE_TAKEN = Fault(
    "cloud_print.share_taken",
    409,
    N_("There is already a share “{share}” in the directory."),
    N_("Choose another name of the share in the print settings."),
    spec="PR-286",
)
STILL_REGISTERING = Fault(
    "cloud_print.still_registering",
    503,
    N_("{service} is still making the printer."),
    N_("Wait some minutes: it is looked at again by itself."),
    transient=True,
    spec="PR-289",
)
NOT_CREATED = Fault(
    "cloud_print.not_created",
    502,
    N_("{service} could not make the printer: {reason}"),
    N_("Register again; if it happens again, ask the service's support."),
)
TOO_LARGE = Fault(
    "cloud_print.too_large",
    413,
    N_("“{name}” is larger than the {limit} MB that a print job may have."),
    N_("Split the document, or save it with smaller pictures."),
    spec="PR-134",
)
