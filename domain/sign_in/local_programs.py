"""Letting a program on a person's own computer in through their browser (RFC 8252, RFC 7636).

The program opens a page of the portal with the hash of a secret of its own (the challenge). Whoever is signed in there
says yes; the browser goes back to the program with a code, which is worth something only together with that secret,
and only for a moment. What it is exchanged for is an ordinary personal token of a few hours, seen and revoked with
the person's other tokens.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.secrets import decrypt, encrypt
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.sign_in.tokens import create_token, offered_scopes

CODE_REFUSED = Fault(
    "local_program.code_refused",
    401,
    N_("The program could not be signed in: its code does not count any more."),
    N_("Sign in from the program again."),
)
BAD_CHALLENGE = Fault(
    "local_program.bad_request",
    422,
    N_("The program has not asked as it should."),
    N_("Start the program again, and open the address that it shows."),
)
LIFETIME = timedelta(hours=12)
CODE_SECONDS = 120
CHALLENGE_LENGTH = 43
"""Of a SHA-256 in Base64 for addresses, without padding (RFC 7636 §4.2)."""


@dataclass(frozen=True, slots=True)
class ProgramToken:
    """What the program gets."""

    token: str
    expires: datetime


def let_in(actor: Actor, name: str, scopes: Sequence[Permission], challenge: str) -> str:
    """The code for the program; raises `BAD_CHALLENGE`, and what `create_token` raises.

    Of `scopes` the token has those that the person has.
    """
    if len(challenge) != CHALLENGE_LENGTH:
        raise BAD_CHALLENGE()
    offered = set(offered_scopes(actor))
    expires = now() + LIFETIME
    token, _view = create_token(actor, name, [scope.value for scope in scopes if scope in offered], expires)
    until = now() + timedelta(seconds=CODE_SECONDS)
    return encrypt({"token": token, "expires": expires.isoformat(), "challenge": challenge, "until": until.isoformat()})


def exchange(code: str, verifier: str) -> ProgramToken:
    """The token for a code and the secret whose hash was shown before; raises `CODE_REFUSED`."""
    try:
        kept = decrypt(code)
        challenge, until = kept["challenge"], datetime.fromisoformat(kept["until"])
    except (PressroomError, KeyError, ValueError) as error:
        raise CODE_REFUSED() from error
    if not hmac.compare_digest(challenge_of(verifier), challenge) or until < now():
        raise CODE_REFUSED()
    return ProgramToken(kept["token"], datetime.fromisoformat(kept["expires"]))


def challenge_of(verifier: str) -> str:
    """The hash of a program's secret, as it is shown (RFC 7636 §4.2, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
