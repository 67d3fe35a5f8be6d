"""Names of organizations: which are allowed, and which are taken (AC-17, AC-18)."""

import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.models import Organization, sibling_key

LONGEST = 100

NAME_MISSING = Fault(
    "organization.name_missing", 422, N_("The organization needs a name."), N_("Enter a name with letters or digits.")
)
NAME_LONG = Fault(
    "organization.name_long",
    422,
    N_("The name has {length} characters; {longest} are allowed."),
    N_("Shorten the name."),
)
NAME_CHARACTER = Fault(
    "organization.name_character",
    422,
    N_("The name cannot contain {character}."),
    N_("Use letters, digits and spaces only."),
)
NAME_TAKEN = Fault(
    "organization.name_taken",
    409,
    N_("There is an organization “{name}” already."),
    N_("Choose another name; capital and small letters count as the same."),
)


def checked_name(text: str) -> str:
    """The name as it is kept: trimmed, single spaces between words.

    Letters of any script with their marks, digits and spaces are allowed; the first other character is named.
    Raises `NAME_MISSING`, `NAME_LONG` or `NAME_CHARACTER`.
    """
    name = " ".join(part for part in unicodedata.normalize("NFC", text).strip().split(" ") if part)
    if not name:
        raise NAME_MISSING()
    for character in name:
        if not (character == " " or unicodedata.category(character) in _ALLOWED):
            raise NAME_CHARACTER(character=shown_character(character))
    if len(name) > LONGEST:
        raise NAME_LONG(length=len(name), longest=LONGEST)
    return name


def check_free(session: Session, name: str, parent_id: str | None, besides: str = "") -> None:
    """Raise `NAME_TAKEN` if another sibling than `besides` has that name; `session` sees the siblings."""
    query = select(Organization.id).where(Organization.sibling_key == sibling_key(name, parent_id))
    if session.scalar(query) not in (None, besides):
        raise NAME_TAKEN(name=name)


_ALLOWED = {"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"}


def shown_character(character: str) -> str:
    """The character itself, in quotes, where it can be seen, else its number in Unicode; for messages."""
    if unicodedata.category(character)[0] in "CZM":
        return f"U+{ord(character):04X}"
    return f"“{character}”"
