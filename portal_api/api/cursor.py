"""Cursors of lists that are paged by keys: opaque to clients, the key of the last item to us."""

import base64
import binascii
import json

from connectors.errors import Fault
from connectors.messages import N_

BAD_CURSOR = Fault(
    "request.bad_cursor",
    422,
    N_("“after” is not the “next” of a page of this list."),
    N_("Send the value of “next” as it was received, with the same sorting."),
)


def cursor(key: tuple[str, str]) -> str:
    """The cursor of the item with that key."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def key_of(text: str) -> tuple[str, str] | None:
    """The key that `cursor` was given; None for an empty text; raises `BAD_CURSOR`."""
    if not text:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError) as error:
        raise BAD_CURSOR() from error
    match key:
        case [str(value), str(item)]:
            return value, item
    raise BAD_CURSOR()
