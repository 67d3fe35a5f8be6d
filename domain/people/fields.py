"""What a person's facts may look like, wherever they are entered (AC-80, AC-86, AC-88, AC-111)."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from connectors.errors import Fault
from connectors.mail_addresses import wire_address
from connectors.messages import N_

NO_ADDRESS = Fault(
    "person.no_address",
    422,
    N_("“{address}” is not an e-mail address."),
    N_("Enter an address such as name@example.com: people sign in with it."),
)
TOO_LONG = Fault(
    "person.too_long",
    422,
    N_("“{field}” has more than {limit} characters."),
    N_("Shorten the value."),
)
UNPRINTABLE = Fault(
    "person.unprintable",
    422,
    N_("“{field}” contains a line break or another character that cannot be shown."),
    N_("Type the value anew."),
)

TITLES: Mapping[str, str] = {
    "email": N_("E-mail address"),
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "name": N_("Display name"),
    "short_name": N_("Short name"),
    "department": N_("Department"),
    "cost_center": N_("Cost centre"),
}
LIMITS: Mapping[str, int] = {
    "first_name": 100,
    "last_name": 100,
    "name": 200,
    "short_name": 64,
    "department": 200,
    "cost_center": 200,
}
LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class PersonFields:
    """What is known of a person besides roles and groups. Everything but the address may be empty."""

    email: str
    first_name: str = ""
    last_name: str = ""
    name: str = ""
    short_name: str = ""
    department: str = ""
    cost_center: str = ""

    def checked(self) -> "PersonFields":
        """The values as they are kept: trimmed, the address in lower case.

        Raises `NO_ADDRESS`, `TOO_LONG` or `UNPRINTABLE` for the first value that cannot be kept.
        """
        texts = {one.name: checked_text(one.name, getattr(self, one.name)) for one in fields(self)[1:]}
        return replace(self, email=checked_address(self.email), **texts)


def checked_address(text: str) -> str:
    """The address in lower case (AC-86); raises `NO_ADDRESS`."""
    address = text.strip().lower()
    if len(address) > LONGEST_ADDRESS or wire_address(address) is None:
        raise NO_ADDRESS(address=text.strip()[:100])
    return address


def checked_text(field: str, text: str) -> str:
    """The value trimmed, with composed letters; names that are keys elsewhere also with single spaces (AC-112).

    Raises `TOO_LONG` or `UNPRINTABLE`.
    """
    value = unicodedata.normalize("NFC", text).strip(" ")
    if not value.isprintable():
        raise UNPRINTABLE(field=TITLES[field])
    if field in ("department", "cost_center"):
        value = " ".join(value.split())
    if len(value) > LIMITS[field]:
        raise TOO_LONG(field=TITLES[field], limit=LIMITS[field])
    return value
