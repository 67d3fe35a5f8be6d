"""The printer's administrator account: five ways of telling who one is, checked as HTTP Basic (FL-97, FL-268)."""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum

from printers_sim.device.refusal import Refusal

PIN_LENGTHS = range(4, 17)
LONGEST = 128
CHALLENGE = 'Basic realm="Printer administration", charset="UTF-8"'


class AuthenticationType(StrEnum):
    """What the administrator account asks for; what it does not ask for has to be empty (FL-98)."""

    NONE = "none"
    USER_PASSWORD = "user_password"  # noqa: S105 — a name
    USER_NAME = "user_name"
    PASSWORD = "password"  # noqa: S105 — a name
    PIN = "pin"


ASKS_NAME = frozenset({AuthenticationType.USER_PASSWORD, AuthenticationType.USER_NAME})
ASKS_SECRET = frozenset({AuthenticationType.USER_PASSWORD, AuthenticationType.PASSWORD, AuthenticationType.PIN})


@dataclass(frozen=True, slots=True)
class Account:
    """The administrator account; of the secret only a salted digest is kept."""

    type: AuthenticationType = AuthenticationType.NONE
    user_name: str = ""
    salt: str = ""
    digest: str = ""

    def admits(self, authorization: str | None) -> bool:
        """Whether that Authorization header is the administrator's. There is no lock-out."""
        if self.type is AuthenticationType.NONE:
            return True
        given = _basic(authorization)
        if given is None:
            return False
        name_fits = hmac.compare_digest(given[0].encode(), self.user_name.encode())
        digest = _digest(self.salt, given[1]) if self.type in ASKS_SECRET else given[1]
        return hmac.compare_digest(digest.encode(), self.digest.encode()) and name_fits


def new_account(kind: str, user_name: str = "", secret: str = "") -> Account:
    """An account; raises `Refusal` where what it asks for is missing or more is given than it asks for."""
    try:
        chosen = AuthenticationType(kind)
    except ValueError as error:
        raise Refusal(422, "invalid_account", f"“{kind}” is no type of authentication.") from error
    if bool(user_name) != (chosen in ASKS_NAME) or bool(secret) != (chosen in ASKS_SECRET):
        raise Refusal(422, "invalid_account", f"What is given does not fit the authentication type “{chosen}”.")
    if chosen is AuthenticationType.PIN and not (secret.isascii() and secret.isdigit() and len(secret) in PIN_LENGTHS):
        raise Refusal(422, "invalid_account", "A PIN has 4 to 16 digits.")
    if max(len(user_name), len(secret)) > LONGEST or ":" in user_name:
        raise Refusal(422, "invalid_account", "User name or password is too long, or the user name has a colon.")
    salt = secrets.token_hex(8) if secret else ""
    return Account(chosen, user_name, salt, _digest(salt, secret) if secret else "")


def _digest(salt: str, secret: str) -> str:
    return hashlib.sha256(f"{salt}:{secret}".encode()).hexdigest()


def _basic(authorization: str | None) -> tuple[str, str] | None:
    scheme, _, content = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(content, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, secret) if colon else None
