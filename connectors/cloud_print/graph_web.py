"""Requests to Microsoft Graph as an administrator who has signed in by device code, or as the application itself.

What registers and shares printers is allowed to people only, what takes jobs to applications only; so both ways are
needed. Access tokens live as long as this object, the administrator's refresh token is kept by the caller.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from connectors.cloud_print.faults import (
    NO_CLIENT,
    NOT_ALLOWED,
    REFUSED,
    SIGN_IN_OVER,
    SIGN_IN_REFUSED,
    SIGNED_OUT,
    TOO_LARGE,
    UNREACHABLE,
)
from connectors.cloud_print.service import SignInCode
from connectors.errors import PressroomError
from connectors.settings import Settings
from connectors.storage.account_families import ACCOUNT_FAMILIES, addresses_of, registered_client
from connectors.storage.faults import STORAGE_UNREACHABLE
from connectors.storage.network import web_client

TITLE = "Microsoft Universal Print"
GRAPH = "https://graph.microsoft.com"
SCOPES = (
    "offline_access",
    *(
        f"{GRAPH}/{name}"
        for name in (
            "User.Read",
            "Organization.Read.All",
            "Printer.Create",
            "Printer.ReadWrite.All",
            "PrinterShare.ReadWrite.All",
        )
    ),
)
"""What an administrator is asked to allow (PR-288)."""
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
LONGEST_REASON = 300
MB = 1 << 20


class GraphWeb:
    """One tenant. `tenant_id` is empty until somebody has signed in."""

    def __init__(
        self, settings: Settings, tenant_id: str, secrets: Mapping[str, str], save: Callable[[dict[str, str]], None]
    ) -> None:
        client = registered_client("microsoft", settings)
        if client is None:
            raise NO_CLIENT(service=TITLE)
        addresses = addresses_of(ACCOUNT_FAMILIES["microsoft"], settings)
        self._token_url = addresses["token"]
        self.api = addresses.get("api", f"{GRAPH}/v1.0").rstrip("/")
        self.client, self.tenant_id = client, tenant_id
        self._secrets, self._save = dict(secrets), save
        self._tokens: dict[bool, str] = {}
        self._http = web_client(TITLE, allow_private=settings.allow_private_addresses)

    def close(self) -> None:
        self._http.close()

    def begin_device_sign_in(self, moment: Callable[[timedelta], Any]) -> SignInCode:
        """A code for an administrator; `moment` tells when a span from now ends."""
        url = self._login("organizations").removesuffix("/token") + "/devicecode"
        answer = self._sign_in_answer(url, {"client_id": self.client.client_id, "scope": " ".join(SCOPES)})
        found = _object(answer)
        if answer.status_code != httpx.codes.OK:
            raise SIGN_IN_REFUSED(service=TITLE, reason=_reason(found, answer))
        return SignInCode(
            code=str(found["user_code"]),
            address=str(found["verification_uri"]),
            secret=str(found["device_code"]),
            expires=moment(timedelta(seconds=int(found["expires_in"]))),
        )

    def finish_device_sign_in(self, code: SignInCode) -> dict[str, str] | None:
        """The tokens, None while nobody has typed the code (RFC 8628 §3.5)."""
        form = {"grant_type": DEVICE_GRANT, "client_id": self.client.client_id, "device_code": code.secret}
        answer = self._sign_in_answer(self._login("organizations"), form)
        found = _object(answer)
        if answer.status_code == httpx.codes.OK and "refresh_token" in found:
            self._tokens[False] = str(found["access_token"])
            self._secrets = {"refresh_token": str(found["refresh_token"])}
            return dict(self._secrets)
        match found.get("error"):
            case "authorization_pending" | "slow_down":
                return None
            case "expired_token" | "bad_verification_code":
                raise SIGN_IN_OVER()
        raise SIGN_IN_REFUSED(service=TITLE, reason=_reason(found, answer))

    def ask(
        self, method: str, url: str, *, as_application: bool, accept: tuple[int, ...] = (200,), **options: Any
    ) -> httpx.Response:
        """The answer, if its status is one of `accept`; else the fault that it means."""
        address = url if url.startswith(("https:", "http:")) else f"{self.api}{url}"
        self._check_own(address)
        token = self._tokens.get(as_application) or self._renewed(as_application=as_application)
        answer = self._send(method, address, headers={"Authorization": f"Bearer {token}"}, **options)
        if answer.status_code in accept:
            return answer
        reason = _reason(_object(answer), answer)
        match answer.status_code:
            case httpx.codes.UNAUTHORIZED:
                raise SIGNED_OUT(service=TITLE)
            case httpx.codes.FORBIDDEN:
                raise NOT_ALLOWED(service=TITLE, reason=reason)
            case status if status >= 500 or status in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.REQUEST_TIMEOUT):
                raise UNREACHABLE(service=TITLE)
        raise REFUSED(service=TITLE, reason=reason)

    def json(self, method: str, url: str, *, as_application: bool, **options: Any) -> dict[str, Any]:
        """The JSON object of the answer."""
        return _object(self.ask(method, url, as_application=as_application, **options))

    def download(self, address: str, path: Path, name: str, most_bytes: int) -> None:
        """Write what is at an address that carries its own permission; raises `TOO_LARGE`."""
        try:
            with self._http.stream("GET", address) as answer, path.open("wb") as file:
                if answer.status_code != httpx.codes.OK:
                    raise UNREACHABLE(service=TITLE)
                size = 0
                for piece in answer.iter_bytes(MB):
                    size += len(piece)
                    if size > most_bytes:
                        raise TOO_LARGE(name=name, limit=most_bytes // MB)
                    file.write(piece)
        except httpx.TransportError as error:
            raise UNREACHABLE(service=TITLE) from error

    def _check_own(self, address: str) -> None:
        """Tokens go to the service's own address only, whatever an answer names."""
        own, other = httpx.URL(self.api), httpx.URL(address)
        if (own.scheme, own.host, own.port) != (other.scheme, other.host, other.port):
            raise REFUSED(service=TITLE, reason=f"{other.host}.")

    def _renewed(self, *, as_application: bool) -> str:
        form = {"client_id": self.client.client_id}
        if as_application:
            scope = f"{GRAPH}/.default"
            form |= {
                "grant_type": "client_credentials",
                "client_secret": self.client.client_secret,
                "scope": scope,
            }
        elif refresh := self._secrets.get("refresh_token"):
            form |= {"grant_type": "refresh_token", "refresh_token": refresh, "scope": " ".join(SCOPES)}
        else:
            raise SIGNED_OUT(service=TITLE)
        answer = self._sign_in_answer(self._login(self.tenant_id or "organizations"), form)
        found = _object(answer)
        if answer.status_code != httpx.codes.OK or "access_token" not in found:
            if as_application:
                raise NOT_ALLOWED(service=TITLE, reason=_reason(found, answer))
            raise SIGNED_OUT(service=TITLE)
        if not as_application and found.get("refresh_token"):
            self._secrets = {"refresh_token": str(found["refresh_token"])}
            self._save(dict(self._secrets))
        self._tokens[as_application] = str(found["access_token"])
        return self._tokens[as_application]

    def _sign_in_answer(self, url: str, form: Mapping[str, str]) -> httpx.Response:
        answer = self._send("POST", url, data=dict(form))
        if answer.status_code >= 500 or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise UNREACHABLE(service=TITLE)
        return answer

    def _login(self, tenant: str) -> str:
        return self._token_url.replace("/common/", f"/{tenant}/")

    def _send(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            return self._http.request(method, url, **options)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise UNREACHABLE(service=TITLE) from error
        except PressroomError as error:  # the guard of private addresses speaks of storage
            if error.fault is STORAGE_UNREACHABLE:
                raise UNREACHABLE(service=TITLE) from error
            raise


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json() if answer.content else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _reason(found: Mapping[str, Any], answer: httpx.Response) -> str:
    """What the service says, on one line and with a full stop."""
    error = found.get("error")
    said = error.get("message") if isinstance(error, dict) else found.get("error_description") or error
    line = " ".join(str(said or answer.status_code).split())[:LONGEST_REASON]
    return line if line.endswith((".", "!", "?")) else f"{line}."
