"""What identity providers tell about a person, under the many names they have for it (AC-140…AC-145)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from connectors.identity.faults import BAD_CLAIM, MISSING_CLAIM


class Claim(StrEnum):
    """The claims by their canonical names."""

    EMAIL = "email"
    FIRST_NAME = "firstname"
    LAST_NAME = "lastname"
    BADGE = "badge"
    PIN = "pin"
    COST_CENTER = "costCenter"
    DEPARTMENT = "department"


REQUIRED = (Claim.EMAIL, Claim.FIRST_NAME, Claim.LAST_NAME)
ADDITIONAL = (Claim.BADGE, Claim.PIN, Claim.COST_CENTER, Claim.DEPARTMENT)

ACCEPTED_NAMES: Mapping[Claim, tuple[str, ...]] = MappingProxyType(
    {
        Claim.EMAIL: ("email", "e-mail", "emailaddress", "mail", "urn:oid:0.9.2342.19200300.100.1.3"),
        Claim.FIRST_NAME: ("firstname", "given_name", "givenname", "first name", "urn:oid:2.5.4.42"),
        Claim.LAST_NAME: ("lastname", "family_name", "surname", "last name", "sn", "urn:oid:2.5.4.4"),
        Claim.BADGE: ("badge",),
        Claim.PIN: ("pin",),
        Claim.COST_CENTER: ("costCenter", "cost_center", "cost center", "cost centre"),
        Claim.DEPARTMENT: ("department", "urn:oid:2.5.4.11"),
    }
)
"""Names of each claim, the canonical one first. Case, spaces, hyphens and underscores in them make no difference."""

NAMESPACES = (
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/",
)
"""XML namespaces that may stand before a name."""

LONGEST_VALUE = 255
_SEPARATORS = re.compile(r"[\s_-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as an identity provider describes them, after every check of the protocol.

    `subject` is the provider's own, stable name of the person (empty: it has none, as with transient NameIDs);
    `email` is in lower case. Additional claims are None where they were not sent, and empty where they were sent empty.
    `received` is everything that was sent, for the administrator who tries the configuration (AC-124).
    """

    issuer: str
    subject: str
    email: str
    first_name: str
    last_name: str
    badge: str | None
    pin: str | None
    cost_center: str | None
    department: str | None
    received: tuple[tuple[str, str], ...]


def identity_of(issuer: str, subject: str, received: Mapping[str, Sequence[str]]) -> Identity:
    """The person whom `received` (names and values as sent) describes; raises `MISSING_CLAIM`, `BAD_CLAIM`."""
    found = {claim: _value(claim, received) for claim in Claim}
    for claim in REQUIRED:
        if not found[claim]:
            raise MISSING_CLAIM(claim=claim.value, names=", ".join(ACCEPTED_NAMES[claim]))
    email = (found[Claim.EMAIL] or "").lower()
    if not _ADDRESS.fullmatch(email):
        raise BAD_CLAIM(claim=Claim.EMAIL.value)
    return Identity(
        issuer=issuer,
        subject=subject,
        email=email,
        first_name=found[Claim.FIRST_NAME] or "",
        last_name=found[Claim.LAST_NAME] or "",
        badge=found[Claim.BADGE],
        pin=found[Claim.PIN],
        cost_center=found[Claim.COST_CENTER],
        department=found[Claim.DEPARTMENT],
        received=tuple((name, ", ".join(values)) for name, values in received.items()),
    )


def lacks_required(received: Mapping[str, Sequence[str]]) -> bool:
    """Whether a required claim is not among what was sent."""
    return not all(_value(claim, received) for claim in REQUIRED)


def claim_named(name: str) -> Claim | None:
    """The claim that a provider means by `name`, if it means any."""
    return _CLAIMS.get(_folded(name))


def _value(claim: Claim, received: Mapping[str, Sequence[str]]) -> str | None:
    """The claim's value, empty where it was sent without one, None where it was not sent.

    Among several names for one claim the first accepted name with a value counts, as the table lists them.
    """
    by_name: dict[str, Sequence[str]] = {}
    for name, values in received.items():
        by_name.setdefault(_folded(name), values)
    for name in ACCEPTED_NAMES[claim]:
        told = [value.strip() for value in by_name.get(_folded(name), ()) if value.strip()]
        if told:
            if len(told[0]) > LONGEST_VALUE or _CONTROL.search(told[0]):
                raise BAD_CLAIM(claim=claim.value)
            return told[0]
    return "" if any(_folded(name) in by_name for name in ACCEPTED_NAMES[claim]) else None


def _folded(name: str) -> str:
    for namespace in NAMESPACES:
        if name.lower().startswith(namespace):
            name = name[len(namespace) :]
    return _SEPARATORS.sub("", name).casefold()


_CLAIMS = {_folded(name): claim for claim, names in ACCEPTED_NAMES.items() for name in names}
