"""Requests to a provider's API: sign-in by refresh token, patience where it is asked for, and faults for the rest."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.errors import Fault
from connectors.storage.connector import Account, setting
from connectors.storage.faults import (
    ACCOUNT_SIGNED_OUT,
    STORAGE_BUSY,
    STORAGE_FULL,
    STORAGE_REFUSED,
    STORAGE_UNREACHABLE,
)

MOST_ATTEMPTS = 3
LONGEST_PAUSE = 20.0
NOT_TAKEN_ON = frozenset({429, 503})
"""Statuses by which a server says that it has done nothing yet, so that even a POST may be sent again."""


@dataclass(frozen=True)
class Dialect:
    """How a provider says things: `token_url` is OAuth 2's, `quota` are words in the error that mean “full”, `rate`
    those that mean “too many requests” in an answer other than 429."""

    title: str
    token_url: str
    quota: tuple[str, ...]
    rate: tuple[str, ...] = ()


class WebApi:
    """One account at one provider. `pause` waits so many seconds; tests pass one that does not."""

    def __init__(
        self, account: Account, dialect: Dialect, client: httpx.Client, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.dialect, self._account, self._client, self._pause = dialect, account, client, pause
        self._secrets = dict(account.secrets)
        self._token_url = account.options.get("token_url") or dialect.token_url

    def ask(
        self,
        method: str,
        url: str,
        *,
        accept: tuple[int, ...] = (200,),
        signed: bool = True,
        **options: Any,  # httpx's own: json, content, params …
    ) -> httpx.Response:
        """The answer, if its status is one of `accept`; else the fault that it means.

        An expired token is refreshed once. `signed=False` is for addresses that carry their own permission.
        """
        headers: Mapping[str, str] = options.pop("headers", {})
        refreshed = False
        attempt = 1
        while True:
            bearer = {"Authorization": f"Bearer {self._token()}"} if signed else {}
            response = self._send(method, url, headers={**headers, **bearer}, **options)
            if response.status_code in accept:
                return response
            if response.status_code == httpx.codes.UNAUTHORIZED and signed and not refreshed:
                refreshed = self._refresh()
            elif response.status_code in NOT_TAKEN_ON and attempt < MOST_ATTEMPTS and self._may_wait(response, attempt):
                attempt += 1
            else:
                raise self.fault_of(response)(provider=self.dialect.title, status=response.status_code)

    def fault_of(self, response: httpx.Response) -> Fault:
        """The fault that an unwanted answer means."""
        status, words = response.status_code, response.text[:4000]
        if status == httpx.codes.UNAUTHORIZED:
            return ACCOUNT_SIGNED_OUT
        if status == httpx.codes.INSUFFICIENT_STORAGE or any(word in words for word in self.dialect.quota):
            return STORAGE_FULL
        if status in NOT_TAKEN_ON or any(word in words for word in self.dialect.rate):
            return STORAGE_BUSY
        return STORAGE_UNREACHABLE if status >= 500 else STORAGE_REFUSED

    def close(self) -> None:
        self._client.close()

    def _send(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            return self._client.request(method, url, **options)
        except httpx.TransportError as exc:
            raise STORAGE_UNREACHABLE(provider=self.dialect.title) from exc
        except httpx.InvalidURL as exc:
            raise STORAGE_REFUSED(provider=self.dialect.title) from exc

    def _may_wait(self, response: httpx.Response, attempt: int) -> bool:
        """Wait as the server asks; not if that is too long: then the whole step is repeated later."""
        asked = response.headers.get("Retry-After", "")
        seconds = float(asked) if asked.replace(".", "", 1).isdigit() else float(2**attempt)
        if seconds > LONGEST_PAUSE:
            return False
        self._pause(seconds)
        return True

    def _token(self) -> str:
        if not self._secrets.get("access_token"):
            self._refresh()
        return self._secrets["access_token"]

    def _refresh(self) -> bool:
        """Another access token (RFC 6749 §6), by one at a time and kept at once: some providers take each refresh
        token only once. What somebody else got meanwhile is tried first; returns whether the token is quite new."""
        with self._account.renewing() as kept:
            if kept and kept.get("access_token") not in (None, self._secrets.get("access_token")):
                self._secrets.update(kept)
                return False
            self._renew()
            return True

    def _renew(self) -> None:
        provider = self.dialect.title
        form = {"grant_type": "refresh_token", "refresh_token": self._secrets.get("refresh_token", "")}
        if not form["refresh_token"]:
            self._account.expire()
            raise ACCOUNT_SIGNED_OUT(provider=provider)
        form["client_id"] = setting({**self._account.options, **self._secrets}, "client_id", provider)
        if secret := self._secrets.get("client_secret"):
            form["client_secret"] = secret
        response = self._send("POST", self._token_url, data=form)
        if response.status_code in (400, 401, 403):
            if _error_of(response) == "invalid_grant":
                self._account.expire()
            raise ACCOUNT_SIGNED_OUT(provider=provider)
        if response.status_code != httpx.codes.OK:
            raise self.fault_of(response)(provider=provider, status=response.status_code)
        granted = json_of(response, provider)
        self._secrets["access_token"] = str(granted["access_token"])
        if "refresh_token" in granted:
            self._secrets["refresh_token"] = str(granted["refresh_token"])
        self._account.save_secrets(dict(self._secrets))


def _error_of(response: httpx.Response) -> str:
    """The error that a token endpoint names (RFC 6749 §5.2)."""
    try:
        found = response.json()
    except ValueError:
        return ""
    return str(found.get("error", "")) if isinstance(found, dict) else ""


def json_of(response: httpx.Response, provider: str) -> Any:
    """The JSON object in an answer; an answer without one did not come from the provider."""
    try:
        found = response.json()
    except ValueError as exc:
        raise STORAGE_UNREACHABLE(provider=provider) from exc
    if not isinstance(found, dict):
        raise STORAGE_UNREACHABLE(provider=provider)
    return found
