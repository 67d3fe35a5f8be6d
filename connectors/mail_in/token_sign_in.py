"""Signing in to an IMAP server by an access token: OAUTHBEARER (RFC 7628), or XOAUTH2, which it was made of."""

import json
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from connectors.errors import Fault, PressroomError
from connectors.messages import N_

TOKEN_REFUSED = Fault(
    "mailbox.token_refused",
    502,
    N_("The mail server {server} does not let the program into the mailbox of {user}: {reason}."),
    N_(
        "Check the user, and that the program may open this mailbox. Microsoft 365 wants the permission "
        "IMAP.AccessAsApp, and the program's service principal among those who may read the mailbox."
    ),
)
SCOPE_MISSING = Fault(
    "mailbox.scope_missing",
    502,
    N_("The access token does not reach as far as the mail server {server} wants: “{scope}”."),
    N_("Permit the program to use IMAP where it is registered, and put the scope in that the mail server wants."),
)
NO_TOKENS = Fault(
    "mailbox.no_tokens",
    502,
    N_("The mail server {server} takes no access tokens: it offers neither OAUTHBEARER nor XOAUTH2."),
    N_("Have OAuth 2 switched on there, or choose another way to sign in."),
)
LONGEST_REASON = 200


def sign_in_by_token(client: IMAPClient, server: str, user: str, token: str) -> None:
    """Sign in as `user`. `server` is host and port, for people.

    Raises `NO_TOKENS`, `TOKEN_REFUSED`, `SCOPE_MISSING`; a connection that breaks raises what the library does.
    """
    host, _, port = server.rpartition(":")
    if client.has_capability("AUTH=OAUTHBEARER"):
        name = user.replace("=", "=3D").replace(",", "=2C")
        where = f"host={host}\x01port={port}\x01"
        mechanism, saying = "OAUTHBEARER", _Saying(f"n,a={name},\x01{where}auth=Bearer {token}\x01\x01", "\x01")
    elif client.has_capability("AUTH=XOAUTH2"):
        mechanism, saying = "XOAUTH2", _Saying(f"user={user}\x01auth=Bearer {token}\x01\x01", "")
    else:
        raise NO_TOKENS(server=server)
    try:
        client.sasl_login(mechanism, saying)
    except LoginError as error:
        if isinstance(error.__context__, IMAPClient.AbortError):
            raise error.__context__ from None
        raise _refusal(server, user, saying.refusal, str(error).replace(token, "…")) from error


class _Saying:
    """The token first; where the server then says why it is refused, that is kept and acknowledged (RFC 7628 §3.2)."""

    def __init__(self, token: str, acknowledgement: str) -> None:
        self._texts = [token, acknowledgement]
        self.refusal = b""

    def __call__(self, challenge: bytes) -> str | None:
        if len(self._texts) == 1:
            self.refusal = challenge
        return self._texts.pop(0) if self._texts else None


def _refusal(server: str, user: str, challenge: bytes, answer: str) -> PressroomError:
    """By the server's reason in JSON (RFC 7628 §3.2.2), or by what it says in its answer."""
    found: dict[str, Any] = {}
    try:
        given = json.loads(challenge or b"{}")
        found = given if isinstance(given, dict) else {}
    except ValueError:
        answer = f"{answer} {challenge.decode('utf-8', 'replace')}"
    if found.get("status") == "insufficient_scope":
        return SCOPE_MISSING(server=server, scope=_short(str(found.get("scope", ""))))
    status = f"{found['status']}, " if found.get("status") else ""
    return TOKEN_REFUSED(server=server, user=user, reason=_short(status + answer))


def _short(said: str) -> str:
    return "".join(filter(str.isprintable, " ".join(said.split())))[:LONGEST_REASON].rstrip(".")
