"""Names that people give to tags, views and filter groups: trimmed, and each only once whatever the case."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from connectors.errors import Fault
from connectors.messages import N_

NO_NAME = Fault(
    "printer_name.missing",
    422,
    N_("A name is missing."),
    N_("Type a name of at most 255 characters, without control characters."),
)
NAME_TAKEN = Fault(
    "printer_name.taken",
    409,
    N_("“{name}” exists already."),
    N_("Choose another name."),
)
LONGEST = 255


def checked_name(name: str) -> str:
    """The name in one line; raises `NO_NAME`."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST or not name.isprintable():
        raise NO_NAME()
    return name


def folded(name: str) -> str:
    """What names are compared by."""
    return name.casefold()[:LONGEST]


@contextmanager
def once_only(name: str) -> Iterator[None]:
    """Around a transaction that gives the name: `NAME_TAKEN` where the database knows it already."""
    try:
        yield
    except IntegrityError as error:
        raise NAME_TAKEN(name=name) from error
