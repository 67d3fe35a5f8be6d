"""Sign-in by OpenID Connect: authorization code flow with PKCE (AMB-28, RFC 6749 §4.1, RFC 7636)."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from connectors.errors import PressroomError
from connectors.identity.claims import Identity, identity_of, lacks_required
from connectors.identity.faults import (
    CLIENT_REFUSED,
    CODE_REFUSED,
    EMAIL_UNVERIFIED,
    MALFORMED_ANSWER,
    PROVIDER_ANSWERED,
    REFUSED_THERE,
    WRONG_ISSUER,
)
from connectors.identity.id_token import Expected, checked_claims
from connectors.identity.oidc_provider import OidcProvider
from connectors.identity.web import IdentityWeb

SCOPES = "openid email profile"
WRONG_CLIENT = ("invalid_client", "unauthorized_client")
LONGEST_REASON = 300
OF_THE_PROTOCOL = frozenset(
    {
        *("iss", "sub", "aud", "azp", "exp", "iat", "nbf", "jti", "nonce", "at_hash", "c_hash", "s_hash"),
        *("auth_time", "acr", "amr", "sid", "session_state", "typ", "ver"),
    }
)
"""Claims that say something about the token, not about the person."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """The secrets of one sign-in: `state` comes back with the code, `nonce` in the token, `verifier` proves to the
    provider that who redeems the code is who asked for it."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Challenge":
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))

    @property
    def code_challenge(self) -> str:
        """The verifier's hash (S256), which may be seen by others."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class OidcClient:
    """Pressroom as an application registered at `provider`. `redirect_uri` is exactly what is registered (AC-128)."""

    provider: OidcProvider
    client_id: str
    client_secret: str
    redirect_uri: str

    def address(self, challenge: Challenge, email: str = "") -> str:
        """Where the browser goes to sign in; `email` fills the provider's form in."""
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": SCOPES,
            "state": challenge.state,
            "nonce": challenge.nonce,
            "code_challenge": challenge.code_challenge,
            "code_challenge_method": "S256",
        }
        if email:
            query["login_hint"] = email
        endpoint = self.provider.authorization_endpoint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    def identity(self, answer: Mapping[str, str], challenge: Challenge, web: IdentityWeb) -> Identity:
        """Who signed in, by the query with which the browser came back; its `state` has been checked by the caller.

        Raises `REFUSED_THERE`, `CODE_REFUSED`, `CLIENT_REFUSED`, the faults of the ID token and of the claims.
        """
        code = self._code(answer)
        granted = self._redeem(code, challenge.verifier, web)
        token, access_token = granted.get("id_token"), granted.get("access_token", "")
        if not isinstance(token, str) or not isinstance(access_token, str):
            raise MALFORMED_ANSWER()
        expected = Expected(self.client_id, challenge.nonce, access_token)
        claims = checked_claims(token, self.provider, expected, web)
        received = told_values(claims)
        if lacks_required(received) and self.provider.userinfo_endpoint and access_token:
            more = self._userinfo(access_token, claims["sub"], web)
            claims, received = {**more, **claims}, {**told_values(more), **received}
        if claims.get("email_verified") in (False, "false"):
            raise EMAIL_UNVERIFIED()
        return identity_of(self.provider.issuer, claims["sub"], received)

    def check_secret(self, web: IdentityWeb) -> None:
        """Ask for tokens with a code that cannot be right: who says that the client is wrong means the secret.

        Raises `CLIENT_REFUSED`; a provider that looks at the code first says nothing about the secret.
        """
        try:
            self._redeem("-", secrets.token_urlsafe(48), web)
        except PressroomError as error:
            if error.fault is not CODE_REFUSED:
                raise

    def _code(self, answer: Mapping[str, str]) -> str:
        issuer = answer.get("iss")
        if issuer != self.provider.issuer and (
            issuer is not None or self.provider.authorization_response_iss_parameter_supported
        ):
            raise WRONG_ISSUER()  # RFC 9207: the answer of another provider
        if error := answer.get("error"):
            raise REFUSED_THERE(reason=_reason(answer.get("error_description") or error))
        if not answer.get("code"):
            raise MALFORMED_ANSWER()
        return answer["code"]

    def _redeem(self, code: str, verifier: str, web: IdentityWeb) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        headers = {"Accept": "application/json"}
        if "client_secret_post" in self.provider.token_endpoint_auth_methods_supported:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        else:
            pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"  # RFC 6749 §2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        response = web.post_form(self.provider.token_endpoint, form, headers)
        if response.status_code != httpx.codes.OK:
            raise _refusal(response, self.provider.token_endpoint)
        return _object(response.content)

    def _userinfo(self, access_token: str, subject: str, web: IdentityWeb) -> dict[str, Any]:
        """More claims from the provider, for one that keeps its ID tokens small (Core §5.3); same person, or none."""
        assert self.provider.userinfo_endpoint
        more = _object(web.fetch(self.provider.userinfo_endpoint, {"Authorization": f"Bearer {access_token}"}))
        if more.get("sub") != subject:
            raise MALFORMED_ANSWER()
        return more


def told_values(claims: Mapping[str, Any]) -> dict[str, list[str]]:
    """What `claims` say about the person, as texts."""
    return {name: _texts(value) for name, value in claims.items() if name not in OF_THE_PROTOCOL and _texts(value)}


def _texts(value: object) -> list[str]:
    if isinstance(value, bool):
        return [str(value).lower()]
    if isinstance(value, str | int | float):
        return [str(value)]
    return [text for part in value for text in _texts(part)] if isinstance(value, list) else []


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError as error:
        raise MALFORMED_ANSWER() from error
    if not isinstance(found, dict):
        raise MALFORMED_ANSWER()
    return found


def _refusal(response: httpx.Response, address: str) -> PressroomError:
    """The fault that an answer of the token endpoint means (RFC 6749 §5.2)."""
    try:
        error = _object(response.content).get("error")
    except PressroomError:  # not even JSON: the status says all there is
        error = None
    if error in WRONG_CLIENT:
        return CLIENT_REFUSED()
    if isinstance(error, str) and response.is_client_error:
        return CODE_REFUSED()
    return PROVIDER_ANSWERED(address=address, status=response.status_code)


def _reason(text: str) -> str:
    """What the provider says, on one line and with a full stop."""
    line = " ".join(text.split())[:LONGEST_REASON]
    return line if line.endswith((".", "!", "?")) else f"{line}."
