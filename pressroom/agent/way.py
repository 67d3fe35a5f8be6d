"""Where on the way to the cloud it ends: name, connection, certificate, answer (TS-21, TS-22).

Told by *Test agent connection* once the cloud cannot be reached, so that whoever looks after network and firewall knows
which of them to look at. With a proxy it is the way to the proxy: the rest is the proxy's.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from connectors.messages import N_, Message

NAME, CONNECTION, CERTIFICATE = N_("Name of the cloud"), N_("Port of the cloud"), N_("Certificate of the cloud")
NAME_UNKNOWN = N_("The name {host} cannot be looked up. Check the DNS servers of this network.")
NO_CONNECTION = N_(
    "{host} takes no connection on port {port}. Check address, gateway and proxy, and let the port through."
)
NOT_TRUSTED = N_(
    "The certificate of {host} is not trusted: {reason}. Give the agent the authority's file, or look for a proxy that "
    "opens connections."
)
SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of the way; `problem` is None where it was passed."""

    name: str
    problem: Message | None = None


async def way_to(server: str, proxy: str = "", ca_file: Path | None = None) -> AsyncIterator[Stage]:
    """Each part of the way until the first that is not passed."""
    parts = urlsplit(proxy or server)
    host, is_secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    try:
        async with asyncio.timeout(SECONDS):
            await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):  # the last one: no name at all, such as one with two dots
        yield Stage(NAME, Message.of(NAME_UNKNOWN, host=host))
        return
    yield Stage(NAME)
    try:
        async with asyncio.timeout(SECONDS):
            _reader, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        yield Stage(CONNECTION, Message.of(NO_CONNECTION, host=host, port=port))
        return
    writer.close()
    yield Stage(CONNECTION)
    if is_secure:
        yield Stage(CERTIFICATE, await _certificate_problem(host, port, ca_file))


async def _certificate_problem(host: str, port: int, ca_file: Path | None) -> Message | None:
    try:
        async with asyncio.timeout(SECONDS):
            trusted = ssl.create_default_context(cafile=ca_file)
            _reader, writer = await asyncio.open_connection(host, port, ssl=trusted, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        return Message.of(NOT_TRUSTED, host=host, reason=error.verify_message.rstrip("."))
    except (OSError, TimeoutError) as error:
        return Message.of(NOT_TRUSTED, host=host, reason=str(error).rstrip(".") or type(error).__name__)
    writer.close()
    return None
