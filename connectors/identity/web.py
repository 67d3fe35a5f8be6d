"""Requests to identity providers whose addresses administrators choose: guarded, small, without redirections."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from connectors.errors import PressroomError
from connectors.identity.faults import (
    BAD_AUTHORITY_FILE,
    PROVIDER_ANSWERED,
    PROVIDER_UNREACHABLE,
    UNSAFE_PROVIDER,
)
from connectors.settings import Settings
from connectors.storage.faults import STORAGE_UNREACHABLE, UNSAFE_ADDRESS
from connectors.storage.network import GuardedTransport

TIMEOUT = httpx.Timeout(15, connect=5)
LONGEST_ANSWER = 4 << 20
PIECE = 1 << 16


class IdentityWeb:
    """A client for identity providers; use it in a `with` block.

    Only https to public addresses, unless the settings allow private ones, which then may also be plain http (for an
    identity provider in the house). `PRESSROOM_IDENTITY_CA_FILE` adds the authority of its certificate.
    """

    def __init__(self, settings: Settings) -> None:
        self._allow_private = settings.allow_private_addresses
        tls = _trust(settings.identity_ca_file)
        transport = httpx.HTTPTransport(verify=tls) if self._allow_private else GuardedTransport("", tls)
        self._client = httpx.Client(transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def require_safe(self, url: str) -> None:
        """Raise `UNSAFE_PROVIDER` for an address to which nobody may be sent: not https, or not an address at all."""
        parts = urlsplit(url)
        schemes = ("https", "http") if self._allow_private else ("https",)
        if parts.scheme not in schemes or not parts.hostname or parts.username is not None:
            raise UNSAFE_PROVIDER(address=url)

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> bytes:
        """The document at `url`; raises `UNSAFE_PROVIDER`, `PROVIDER_UNREACHABLE`, `PROVIDER_ANSWERED`."""
        response = self._send("GET", url, headers=dict(headers or {}))
        if response.status_code != httpx.codes.OK:
            raise PROVIDER_ANSWERED(address=url, status=response.status_code)
        return response.content

    def post_form(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> httpx.Response:
        """The answer to a form, whatever its status; raises `UNSAFE_PROVIDER`, `PROVIDER_UNREACHABLE`."""
        return self._send("POST", url, data=dict(form), headers=dict(headers))

    def _send(self, method: str, url: str, **options: Any) -> httpx.Response:
        self.require_safe(url)
        try:
            with self._client.stream(method, url, **options) as response:
                body = bytearray()
                for piece in response.iter_bytes(PIECE):
                    body += piece
                    if len(body) > LONGEST_ANSWER:
                        raise PROVIDER_UNREACHABLE(address=url)
            return httpx.Response(response.status_code, content=bytes(body), request=response.request)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise PROVIDER_UNREACHABLE(address=url) from error
        except PressroomError as error:
            raise _own_fault(error, url) from error


def _own_fault(error: PressroomError, url: str) -> PressroomError:
    """The guard speaks of storage; here its faults get the words of this room."""
    if error.fault is UNSAFE_ADDRESS:
        return UNSAFE_PROVIDER(address=url)
    if error.fault is STORAGE_UNREACHABLE:
        return PROVIDER_UNREACHABLE(address=url)
    return error


def _trust(authority: Path | None) -> ssl.SSLContext:
    """The usual certificate authorities, and `authority` besides."""
    context = httpx.create_ssl_context(trust_env=False)
    if authority is not None:
        try:
            context.load_verify_locations(cafile=authority)
        except OSError as error:  # ssl.SSLError is one too
            raise BAD_AUTHORITY_FILE(file=authority) from error
    return context
