"""What can go wrong at a cloud storage provider, in words for the person who sent the document."""

from connectors.errors import Fault
from connectors.messages import N_

ACCOUNT_SIGNED_OUT = Fault(
    "storage.account_signed_out",
    409,
    N_("Your account at {provider} is signed out."),
    N_("Sign in again on the page “Cloud storage accounts”, then run the step again."),
    spec="SC-E20",
)
DUPLICATE_FOLDER = Fault(
    "storage.duplicate_folder",
    409,
    N_("There is already a folder “{folder}” at {provider}."),
    N_("Use the existing folder, or choose another name."),
    spec="SC-E23",
)
PATH_TOO_LONG = Fault(
    "storage.path_too_long",
    422,
    N_("The folder path is too long: a name may have 255 characters and the whole path 400."),
    N_("Use shorter folder names."),
    spec="SC-E24",
)
BAD_PATH = Fault(
    "storage.bad_path",
    422,
    N_("“{folder}” is not a folder path."),
    N_("Write folder names with “/” between them, without “..” or control characters."),
)
FOLDER_UNAVAILABLE = Fault(
    "storage.folder_unavailable",
    409,
    N_("The folder “{folder}” at {provider} is not available: it was deleted, or you have no access to it."),
    N_("Choose another folder, or ask its owner for access."),
    spec="SC-E25",
)
STORAGE_UNREACHABLE = Fault(
    "storage.unreachable",
    503,
    N_("{provider} cannot be reached."),
    N_("The document is kept. Try again in a few minutes."),
    transient=True,
)
STORAGE_BUSY = Fault(
    "storage.busy",
    503,
    N_("{provider} is busy or limits the number of requests."),
    N_("The document is kept. Try again in a few minutes."),
    transient=True,
)
UPLOAD_INTERRUPTED = Fault(
    "storage.upload_interrupted",
    503,
    N_("The upload to {provider} was interrupted before it was confirmed."),
    N_("The document is kept. Run the step again: what has arrived already is not sent twice."),
    transient=True,
)
STORAGE_REFUSED = Fault(
    "storage.refused",
    409,
    N_("{provider} refuses the request."),
    N_("Check that your account may write there, and that the file is of a kind and size the provider takes."),
)
STORAGE_FULL = Fault(
    "storage.full",
    409,
    N_("Your storage at {provider} is full."),
    N_("Free some space there, then run the step again."),
)
TOO_MANY_COPIES = Fault(
    "storage.too_many_copies",
    409,
    N_("The folder holds too many files of the name “{name}” already."),
    N_("Move some of them elsewhere, or choose another folder."),
)
UNSAFE_ADDRESS = Fault(
    "storage.unsafe_address",
    422,
    N_("The address of {provider} leads into a private network or is not encrypted."),
    N_("Use a public https address. Administrators can allow others with PRESSROOM_ALLOW_PRIVATE_ADDRESSES."),
)
UNKNOWN_PROVIDER = Fault(
    "storage.unknown_provider",
    422,
    N_("There is no storage provider “{provider}”."),
    N_("Use one of: {known}."),
)
INCOMPLETE_ACCOUNT = Fault(
    "storage.incomplete_account",
    409,
    N_("The account at {provider} lacks the setting “{setting}”."),
    N_("Complete it on the page “Cloud storage accounts”."),
)
NO_CLIENT = Fault(
    "storage.no_client",
    409,
    N_("This installation is not registered at {provider}, so nobody can sign in there."),
    N_("Operators: register Pressroom at the provider and set its client ID and secret; docs/scan-management.md."),
)
CLIENT_UNKNOWN = Fault(
    "storage.client_unknown",
    502,
    N_("{provider} does not accept this installation's client ID and secret."),
    N_("Operators: compare them with the registration at the provider; a secret may have expired."),
    spec="SCAN-E05",
)
ACCOUNT_REFUSED = Fault(
    "storage.account_refused",
    409,
    N_("{provider} has not connected the account: {reason}"),
    N_("Choose the account again, and allow access where the provider asks for it."),
    spec="SCAN-E04",
)
NOT_CONNECTED = Fault(
    "storage.not_connected",
    502,
    N_("The account at {provider} cannot be connected: its answer makes no sense."),
    N_("Reload the page and try again. If it stays, have the network connection checked."),
    spec="SCAN-E04",
)
SCOPES_MISSING = Fault(
    "storage.scopes_missing",
    502,
    N_("{provider} gave no lasting access to the account."),
    N_("Choose the account again and allow everything asked for. Operators: compare the registration's permissions."),
    spec="SCAN-E04",
)
ACCOUNT_NAMELESS = Fault(
    "storage.account_nameless",
    409,
    N_("{provider} does not tell a confirmed e-mail address of the account."),
    N_("Confirm the address at the provider, or choose another account."),
    spec="SCAN-E04",
)
