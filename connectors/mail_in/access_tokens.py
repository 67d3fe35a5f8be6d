"""Access tokens for a mailbox, from the server at which its organization has registered this program (RFC 6749).

By the program's own right (client credentials, §4.4) or by what a person has allowed it (a refresh token, §6). Whoever
sets a mailbox up must not reach into our network by it: `IdentityWeb` guards the address. No secret is in a fault.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from connectors.errors import Fault, PressroomError
from connectors.identity.faults import PROVIDER_UNREACHABLE, UNSAFE_PROVIDER
from connectors.identity.web import IdentityWeb
from connectors.messages import N_

TOKEN_UNREACHABLE = Fault(
    "mailbox.token_unreachable",
    503,
    N_("The server {server}, which gives access tokens for the mailbox, cannot be reached or is busy."),
    N_("It is tried again by itself. Check the token address and the network."),
    transient=True,
)
TOKEN_UNSAFE = Fault(
    "mailbox.token_unsafe",
    422,
    N_("The token address {address} leads into a private network or is not encrypted."),
    N_("Use a public https address. Operators can allow others with PRESSROOM_ALLOW_PRIVATE_ADDRESSES."),
)
CLIENT_REFUSED = Fault(
    "mailbox.client_refused",
    502,
    N_("{server} does not accept the client ID and secret of the mailbox: {reason}"),
    N_("Compare them with the registration there. A secret may have expired: make a new one and put it in."),
)
SCOPE_REFUSED = Fault(
    "mailbox.scope_refused",
    502,
    N_("{server} gives no access token for the scope “{scope}”: {reason}"),
    N_("Check how the scope is written, and that the program is permitted to use IMAP where it is registered."),
)
GRANT_OVER = Fault(
    "mailbox.grant_over",
    502,
    N_("{server} does not accept the refresh token of the mailbox any more: {reason}"),
    N_("Whoever the mailbox is of signs in there again and allows access; put the new refresh token in."),
)
NO_TOKEN = Fault(
    "mailbox.no_token",
    502,
    N_("{server} gives no access token for the mailbox: {reason}"),
    N_("Check the token address (or the directory) and the client ID, and what the program is permitted to do there."),
)
USUAL_SECONDS, LONGEST_SECONDS, LONGEST_REASON = 300, 86_400, 300
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_WRONG_CLIENT = ("invalid_client", "unauthorized_client")


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """By what access tokens are asked for; without a refresh token by the program's own right."""

    address: str
    client_id: str
    client_secret: str
    scope: str
    refresh_token: str = ""

    @property
    def server(self) -> str:
        """The host that is asked."""
        return urlsplit(self.address).hostname or self.address

    @property
    def form(self) -> dict[str, str]:
        """What is asked."""
        kind = "refresh_token" if self.refresh_token else "client_credentials"
        values = {
            "grant_type": kind,
            "refresh_token": self.refresh_token,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": self.scope,
        }
        return {name: value for name, value in values.items() if value}

    def __repr__(self) -> str:
        return f"TokenGrant({self.server})"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token that lives for so many `seconds`, and the refresh token that serves from now on."""

    text: str
    seconds: int
    refresh_token: str

    def __repr__(self) -> str:
        return f"AccessToken({self.seconds} s)"


def check_token_address(address: str, web: IdentityWeb) -> None:
    """Raise `TOKEN_UNSAFE` for an address to which no secret may be sent, as far as that can be seen by itself."""
    try:
        web.require_safe(address)
    except PressroomError as error:
        raise TOKEN_UNSAFE(address=address) from error


def new_access_token(grant: TokenGrant, web: IdentityWeb) -> AccessToken:
    """Ask for a token. Raises `TOKEN_UNREACHABLE`, `TOKEN_UNSAFE`, `CLIENT_REFUSED`, `SCOPE_REFUSED`, `GRANT_OVER`,
    `NO_TOKEN`.
    """
    try:
        answer = web.post_form(grant.address, grant.form, {"Accept": "application/json"})
    except PressroomError as error:
        if error.fault is UNSAFE_PROVIDER:
            raise TOKEN_UNSAFE(address=grant.address) from error
        if error.fault is PROVIDER_UNREACHABLE:
            raise TOKEN_UNREACHABLE(server=grant.server) from error
        raise
    found = _object(answer)
    if answer.status_code != httpx.codes.OK or "error" in found:
        raise _refusal(grant, answer, found)
    token, renewed = str(found.get("access_token", "")), str(found.get("refresh_token") or grant.refresh_token)
    if not _TOKEN.fullmatch(token):
        raise NO_TOKEN(server=grant.server, reason="its answer makes no sense.")
    return AccessToken(token, _seconds(found.get("expires_in")), renewed)


def _refusal(grant: TokenGrant, answer: httpx.Response, found: Mapping[str, Any]) -> PressroomError:
    said = str(found.get("error_description") or found.get("error") or f"status {answer.status_code}")
    reason, error = _line(said, grant), found.get("error")
    if error in _WRONG_CLIENT:
        return CLIENT_REFUSED(server=grant.server, reason=reason)
    if error == "invalid_scope":
        return SCOPE_REFUSED(server=grant.server, scope=grant.scope, reason=reason)
    if error == "invalid_grant" and grant.refresh_token:
        return GRANT_OVER(server=grant.server, reason=reason)
    if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return TOKEN_UNREACHABLE(server=grant.server)
    return NO_TOKEN(server=grant.server, reason=reason)


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(given: object) -> int:
    """How long a token lives; a server need not tell (RFC 6749 §5.1)."""
    text = str(given)
    return min(int(text), LONGEST_SECONDS) if text.isascii() and text.isdecimal() else USUAL_SECONDS


def _line(said: str, grant: TokenGrant) -> str:
    """What the server says, on one line, with a full stop and without what was sent to it."""
    for secret in filter(None, (grant.client_secret, grant.refresh_token)):
        said = said.replace(secret, "…")
    line = "".join(filter(str.isprintable, " ".join(said.split())))[:LONGEST_REASON]
    return line if line.endswith((".", "!", "?")) else f"{line}."
