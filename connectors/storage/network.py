"""Connections to addresses that users choose: never into a private network (SSRF), unless the settings allow it.

The name is resolved once, every address it has must be public, and the connection goes to the address that was
checked: a second look-up cannot give another answer. Certificates are still checked against the name.
"""

import ipaddress
import socket
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from connectors.storage.faults import STORAGE_UNREACHABLE, UNSAFE_ADDRESS

if TYPE_CHECKING:
    import urllib3

TIMEOUT = httpx.Timeout(60, connect=10)


def public_address(host: str, port: int, provider: str) -> str:
    """One address of `host`; raises `UNSAFE_ADDRESS` if any of them is not public, `STORAGE_UNREACHABLE` if none."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise STORAGE_UNREACHABLE(provider=provider) from exc
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(_is_public(address) for address in addresses):
        raise UNSAFE_ADDRESS(provider=provider)
    return addresses[0]


def _is_public(address: str) -> bool:
    """Whether the address is on the public internet; IPv4 inside IPv6 (mapped, 6to4, NAT64) is looked at as IPv4."""
    parsed = ipaddress.ip_address(address.split("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if parsed in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            parsed = inner
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def web_client(provider: str, *, allow_private: bool, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """A client with time-outs that follows no redirects; `transport` stands in for the network in tests."""
    if transport is None:
        transport = httpx.HTTPTransport() if allow_private else GuardedTransport(provider)
    return httpx.Client(transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False)


class GuardedTransport(httpx.BaseTransport):
    """Sends requests to public addresses over TLS only; `tls` names other authorities than the usual ones."""

    def __init__(self, provider: str, tls: ssl.SSLContext | None = None) -> None:
        self._provider = provider
        self._inner = httpx.HTTPTransport(verify=tls or True)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        require_tls(str(url), self._provider)
        address = public_address(url.host, url.port or 443, self._provider)
        pinned = httpx.Request(
            request.method,
            url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": url.host},
        )
        return self._inner.handle_request(pinned)

    def close(self) -> None:
        self._inner.close()


def require_tls(url: str, provider: str) -> None:
    """Raise `UNSAFE_ADDRESS` for an address that would carry credentials in the clear."""
    if urlsplit(url).scheme != "https":
        raise UNSAFE_ADDRESS(provider=provider)


def guarded_pool(provider: str, **options: Any) -> "urllib3.PoolManager":
    """The same guard for clients on urllib3 (S3)."""
    import urllib3
    from urllib3.connection import HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    class GuardedConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            port = self.port or 443
            address = public_address(self.host, port, provider)
            try:
                return socket.create_connection((address, port), 10, self.source_address)
            except TimeoutError as exc:
                raise ConnectTimeoutError(self, "timed out") from exc
            except OSError as exc:
                raise NewConnectionError(self, "no connection") from exc

    class GuardedPool(HTTPSConnectionPool):
        ConnectionCls = GuardedConnection

    class NoPool(HTTPConnectionPool):
        def __init__(self, *_arguments: Any, **_options: Any) -> None:
            raise UNSAFE_ADDRESS(provider=provider)

    pools = urllib3.PoolManager(**options)
    pools.pool_classes_by_scheme = {"https": GuardedPool, "http": NoPool}
    return pools
