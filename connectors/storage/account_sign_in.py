"""Signing in to an account at a storage provider: authorization code with PKCE (RFC 6749 §4.1, RFC 7636, RFC 9700).

Whose account it is, an ID token says (OpenID Connect Core §3.1.3.7) where the provider gives one, else the provider
itself when it is asked with the access token.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from connectors.identity.id_token import Expected, checked_claims
from connectors.identity.oidc import Challenge
from connectors.identity.oidc_provider import OidcProvider
from connectors.identity.web import IdentityWeb
from connectors.storage.account_families import AccountFamily, RegisteredClient, Revocation
from connectors.storage.faults import (
    ACCOUNT_NAMELESS,
    ACCOUNT_REFUSED,
    CLIENT_UNKNOWN,
    NOT_CONNECTED,
    SCOPES_MISSING,
)

LONGEST_REASON = 200
LONGEST_ACCOUNT = 255
WRONG_CLIENT = ("invalid_client", "unauthorized_client")


@dataclass(frozen=True, slots=True)
class GrantedAccount:
    """What a sign-in gave: the account's name (an e-mail address) and the tokens to be kept encrypted."""

    account: str
    secrets: dict[str, str]


@dataclass(frozen=True, slots=True)
class AccountSignIn:
    """Pressroom at one family's provider. `redirect_uri` is exactly what the operator has registered there."""

    family: AccountFamily
    addresses: Mapping[str, str]
    client: RegisteredClient
    redirect_uri: str

    def address(self, challenge: Challenge) -> str:
        """Where the browser goes to sign in."""
        query = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(self.family.scopes),
            "state": challenge.state,
            "code_challenge": challenge.code_challenge,
            "code_challenge_method": "S256",
            **({"nonce": challenge.nonce} if self.family.is_openid else {}),
            **self.family.parameters,
        }
        endpoint = self.addresses["authorize"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    def granted(self, answer: Mapping[str, str], challenge: Challenge, web: IdentityWeb) -> GrantedAccount:
        """The account, by the query with which the browser came back; its `state` has been checked by the caller.

        Raises `ACCOUNT_REFUSED`, `CLIENT_UNKNOWN`, `NOT_CONNECTED`, `ACCOUNT_NAMELESS`, the faults of the ID token.
        """
        if error := answer.get("error"):
            raise ACCOUNT_REFUSED(provider=self.family.title, reason=_line(answer.get("error_description") or error))
        form = {
            "grant_type": "authorization_code",
            "code": answer.get("code", ""),
            "redirect_uri": self.redirect_uri,
            "code_verifier": challenge.verifier,
        }
        tokens = self._tokens(form, web)
        if not tokens.get("refresh_token"):
            raise SCOPES_MISSING(provider=self.family.title)
        kept = {name: str(tokens[name]) for name in ("access_token", "refresh_token")}
        claims = self._claims(tokens, challenge, web)
        account = next((str(claims[name]) for name in self.family.names if claims.get(name)), "")
        if "@" not in account or len(account) > LONGEST_ACCOUNT or claims.get("email_verified") in (False, "false"):
            raise ACCOUNT_NAMELESS(provider=self.family.title)
        return GrantedAccount(account, kept)

    def revoke(self, secrets: Mapping[str, str], web: IdentityWeb) -> bool:
        """Tell the provider that the tokens are not needed any more; whether it can be told and has taken it."""
        if (address := self.addresses.get("revoke")) is None or self.family.revocation is Revocation.NONE:
            return False
        if self.family.revocation is Revocation.BEARER:
            answer = web.post_form(address, {}, {"Authorization": f"Bearer {secrets.get('access_token', '')}"})
        else:
            form = {
                "token": secrets.get("refresh_token", ""),
                "token_type_hint": "refresh_token",
                **self._credentials(),
            }
            answer = web.post_form(address, form, {"Accept": "application/json"})
        return answer.is_success

    def _credentials(self) -> dict[str, str]:
        return {"client_id": self.client.client_id, "client_secret": self.client.client_secret}

    def _tokens(self, form: Mapping[str, str], web: IdentityWeb) -> dict[str, Any]:
        headers = {"Accept": "application/json"}
        answer = web.post_form(self.addresses["token"], {**form, **self._credentials()}, headers)
        found = _object(answer)
        if answer.status_code == httpx.codes.OK and isinstance(found.get("access_token"), str):
            return found
        if found.get("error") in WRONG_CLIENT:
            raise CLIENT_UNKNOWN(provider=self.family.title)
        if answer.is_client_error:
            reason = _line(str(found.get("error_description") or found.get("error") or answer.status_code))
            raise ACCOUNT_REFUSED(provider=self.family.title, reason=reason)
        raise NOT_CONNECTED(provider=self.family.title)

    def _claims(self, tokens: Mapping[str, Any], challenge: Challenge, web: IdentityWeb) -> Mapping[str, Any]:
        if not self.family.is_openid:
            headers = {"Authorization": f"Bearer {tokens['access_token']}", "Accept": "application/json"}
            address = self.addresses["account"]
            if self.family.account_method == "POST":
                return _object(web.post_form(address, {}, headers))
            try:
                return dict(json.loads(web.fetch(address, headers)))
            except ValueError as error:
                raise NOT_CONNECTED(provider=self.family.title) from error
        token = tokens.get("id_token")
        if not isinstance(token, str):
            raise SCOPES_MISSING(provider=self.family.title)
        expected = Expected(self.client.client_id, challenge.nonce, str(tokens["access_token"]))
        return checked_claims(token, self._provider(token), expected, web)

    def _provider(self, token: str) -> OidcProvider:
        """The issuer that the token must come from; which tenant of many it is, the token itself may say."""
        issuer = self.addresses["issuer"]
        if "{tenant}" in issuer:
            issuer = issuer.replace("{tenant}", _tenant(token))
        return OidcProvider(
            issuer=issuer,
            authorization_endpoint=self.addresses["authorize"],
            token_endpoint=self.addresses["token"],
            jwks_uri=self.addresses["keys"],
        )


def _tenant(token: str) -> str:
    """The tenant that an ID token names, not yet verified; letters, digits and dashes only."""
    try:
        found = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        tenant = str(found.get("tid", ""))
    except (ValueError, IndexError, AttributeError):
        return "unknown"
    return tenant if tenant.replace("-", "").isalnum() else "unknown"


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _line(text: str) -> str:
    """What the provider says, on one line and with a full stop."""
    line = " ".join(text.split())[:LONGEST_REASON]
    return line if line.endswith((".", "!", "?")) else f"{line}."
