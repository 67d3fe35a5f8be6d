"""The faults of files that cannot be taken in, whatever step would come next."""

from connectors.errors import Fault
from connectors.messages import N_

EMPTY = Fault(
    "document.empty",
    422,
    N_("“{name}” is empty."),
    N_("Check the file on your side: the scan or copy may have failed. Then hand it in again."),
)
DAMAGED_FILE = Fault(
    "document.damaged_file",
    422,
    N_("“{name}” is damaged or was cut off: it cannot be read to its end."),
    N_("Open it in the program that made it, save it again, and hand in the new file."),
)
ENCRYPTED = Fault(
    "document.encrypted",
    422,
    N_("“{name}” is protected by a password."),
    N_("Remove the protection in the program that made it, and hand in the unprotected file."),
)
WRONG_EXTENSION = Fault(
    "document.wrong_extension",
    422,
    N_("“{name}” ends in “.{extension}”, but its content is of type {media_type}."),
    N_("Give it the extension that fits its content ({expected}), or hand in the right file."),
)
TOO_MANY_PIXELS = Fault(
    "document.too_many_pixels",
    422,
    N_("“{name}” holds an image of {pixels} pixels; at most {limit} are allowed."),
    N_("Scan or export it with a lower resolution."),
)
TOO_MANY_PAGES = Fault(
    "document.too_many_pages",
    422,
    N_("“{name}” has more than {limit} pages."),
    N_("Split it into smaller documents."),
)
ZIP_BOMB = Fault(
    "document.zip_bomb",
    422,
    N_("“{name}” would unpack to far more than an ordinary document does."),
    N_("If you trust the file, save it again in the program that made it, with smaller pictures or fewer rows."),
)
MALFORMED = Fault(
    "document.malformed",
    422,
    N_("The inside of “{name}” does not follow the rules of its format."),
    N_("Open it in the program that made it, save it again, and hand in the new file."),
)
UNSUPPORTED = Fault(
    "document.unsupported",
    415,
    N_("“{name}” is of a kind that cannot be examined."),
    N_("Hand in a PDF, an image (PNG, JPEG, TIFF), an office document or a text file."),
)
