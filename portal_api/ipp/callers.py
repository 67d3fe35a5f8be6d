"""Who asks the print service: by HTTP Basic, by a bearer token, or by the address that was called (PR-324).

Secrets come over TLS only, unless a setting lets them through in the clear. Failures are counted by network address and
name, so that nobody can guess, and one computer with an old password does not shut out the others behind its router.
Names that clients merely say count for nothing.
"""

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.print_access.callers import (
    UNKNOWN_ADDRESS,
    WRONG_PASSWORD,
    actor_of_print_password,
    actor_of_queue_address,
    organization_name,
)
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.sessions import SIGN_IN_NEEDED
from portal_api.ipp.addresses import PrinterAddress
from portal_api.sign_in import FailureCount, client_address

SIGN_IN_TO_PRINT = Fault(
    "print_credential.needed",
    401,
    N_("Printing takes your e-mail address and a print password."),
    N_("Make one on the page “My account”."),
    spec="PR-328",
)
ALLOWED_FROM_ONE_PLACE = 300
LONGEST_NAME = 255
by_name = FailureCount()
"""Failures of a name from a network address."""
by_place = FailureCount(ALLOWED_FROM_ONE_PLACE)
"""Failures of anybody from a network address."""


def caller_of(request: Request, address: PrinterAddress) -> Actor | None:
    """Who asks; None where they do not say.

    Raises `WRONG_PASSWORD`, `SIGN_IN_NEEDED`, `ACCOUNT_ENDED`, `TOO_MANY_SIGN_INS`, and `UNKNOWN_ADDRESS` for a queue
    address of nobody or a queue of an organization that is not theirs, which look the same.
    """
    actor = _proven(request, address)
    if actor is not None and organization_name(actor.organization_id) != address.organization:
        raise UNKNOWN_ADDRESS()
    return actor


def _proven(request: Request, address: PrinterAddress) -> Actor | None:
    place = client_address(request)
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if address.secret:
        with _counted(place):
            return actor_of_queue_address(address.secret, place)
    if not scheme:
        return None
    if scheme.lower() == "basic":
        name, password = _basic(value)
        with _counted(place, name):
            return actor_of_print_password(name, password, place)
    if scheme.lower() == "bearer":
        with _counted(place):
            return actor_of_token(value.strip(), None, place)
    raise SIGN_IN_TO_PRINT()


@contextmanager
def _counted(place: str, name: str = "") -> Iterator[None]:
    """A block that looks at a secret; raises `TOO_MANY_SIGN_INS` where too many were wrong."""
    counts = [(by_place, place)] + ([(by_name, f"{place} {name.strip().lower()}")] if name else [])
    for count, key in counts:
        count.check(key)
    try:
        yield
    except PressroomError as error:
        if error.fault in (WRONG_PASSWORD, UNKNOWN_ADDRESS, SIGN_IN_NEEDED):
            for count, key in counts:
                count.add(key)
        raise


def _basic(value: str) -> tuple[str, str]:
    """Name and password of HTTP Basic (RFC 7617); raises `SIGN_IN_TO_PRINT`."""
    try:
        name, separator, password = base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SIGN_IN_TO_PRINT() from error
    if not separator or len(name) > LONGEST_NAME or len(password) > LONGEST_NAME:
        raise SIGN_IN_TO_PRINT()
    return name, password
