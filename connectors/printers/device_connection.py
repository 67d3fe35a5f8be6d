"""Requests to the device management API of one printer: who asks, how long, and what a refusal means.

httpx, because it streams both ways. Only the given address is asked: no proxy, no redirection. A printer makes its own
certificate, so https is encrypted but verified only where its authority is named. Nothing here retries.
"""

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from connectors.errors import Fault, PressroomError
from connectors.messages import N_

PIECE = 1 << 18
LONGEST_ANSWER = 16 << 20
LONGEST_FILE = 512 << 20
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 30.0
UPLOAD_SECONDS = 1800.0
LIMITS = httpx.Limits(max_connections=2, max_keepalive_connections=1)
"""For one printer. Many printers are asked at a time, each through a client of its own."""

ACCESS_REFUSED = Fault(
    "device.access_refused",
    403,
    N_("The printer at {address} does not accept the agent's credentials."),
    N_("Update the agent's credentials for this printer."),
    spec="FL-267",
)
SILENT = Fault(
    "device.silent",
    504,
    N_("The printer at {address} does not answer."),
    N_("Check that it is switched on and that its web server can be reached, then try again."),
    spec="FL-616",
    transient=True,
)
BUSY = Fault(
    "device.busy",
    409,
    N_("The printer cannot do it now: {reason}"),
    N_("See to the printer, or wait until it is no longer in use, and try again."),
    spec="FL-571",
)
NOT_SUPPORTED = Fault(
    "device.not_supported",
    422,
    N_("The printer cannot do it: {reason}"),
    N_("Choose another file or another printer, or update the printer's firmware."),
    spec="FL-43",
)
UNMANAGED = Fault(
    "device.unmanaged",
    422,
    N_("The printer at {address} has no management interface."),
    N_("Only data can be collected from this printer."),
    spec="FL-573",
)
REFUSED = Fault(
    "device.refused",
    409,
    N_("The printer refuses: {reason}"),
    N_("Correct what it says and try again."),
)
BAD_ANSWER = Fault(
    "device.bad_answer",
    502,
    N_("The printer at {address} gives an answer that makes no sense: {reason}."),
    N_("Update its firmware, or restart it, and try again."),
)

NOT_NOW = frozenset({"busy", "unresolved_errors"})
NEVER = frozenset({"not_supported", "wrong_model", "framework_too_old", "firmware_too_old"})


@dataclass(frozen=True, slots=True)
class DeviceAddress:
    """Where a printer's web server is and how its administrator signs in; both empty: no sign-in is needed.

    With `tls` it is asked by https, and its certificate verified when `ca_file` names the authority. Files may take
    longer than `answer_seconds`.
    """

    host: str
    port: int = 80
    user: str = ""
    secret: str = field(default="", repr=False)
    tls: bool = False
    ca_file: Path | None = None
    answer_seconds: float = ANSWER_SECONDS

    @property
    def url(self) -> str:
        """The root of the management API."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}/device/v1/"


class DeviceConnection:
    """The connection to one printer; use it in an `async with` block.

    Every request raises `SILENT`, `ACCESS_REFUSED`, `BUSY`, `NOT_SUPPORTED`, `UNMANAGED`, `REFUSED` (with the device's
    own code as the fact `device_code`) or `BAD_ANSWER`.
    """

    def __init__(self, address: DeviceAddress) -> None:
        self.address = address
        signs_in = bool(address.user or address.secret)
        self._http = httpx.AsyncClient(
            base_url=address.url,
            auth=httpx.BasicAuth(address.user, address.secret) if signs_in else None,
            transport=httpx.AsyncHTTPTransport(verify=verification(address.ca_file), limits=LIMITS),
            timeout=httpx.Timeout(UPLOAD_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def ask(self, method: str, path: str, content: Any = None) -> Any:
        """The JSON that the printer answers, None where it answers without content."""
        options: dict[str, Any] = {} if content is None else {"json": content}
        async with self._answer(method, path, self.address.answer_seconds, options) as response:
            return self._parsed(await self._body(response))

    async def clock(self) -> datetime | None:
        """What time it is at the printer, as its web server says; None where it does not say."""
        async with self._answer("GET", "identity", self.address.answer_seconds, {}) as response:
            await self._body(response)
            try:
                told = parsedate_to_datetime(response.headers.get("date", ""))
            except ValueError:
                return None
        return told if told.tzinfo else told.replace(tzinfo=UTC)

    async def send_file(self, path: str, file: Path, sha256: str = "") -> Any:
        """Post a file as it is; with `sha256` (hex) the printer checks it. Returns the JSON that it answers."""
        headers = {"Content-Length": str(file.stat().st_size), "Content-Type": "application/octet-stream"}
        if sha256:
            headers["Content-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
        options = {"content": _pieces(file), "headers": headers}
        async with self._answer("POST", path, UPLOAD_SECONDS, options) as response:
            return self._parsed(await self._body(response))

    async def save_file(self, path: str, target: Path) -> str:
        """Write what the printer gives to `target`; returns its media type."""
        async with self._answer("GET", path, UPLOAD_SECONDS, {}) as response:
            size = 0
            with target.open("wb") as file:
                async for piece in response.aiter_bytes(PIECE):
                    size += len(piece)
                    if size > LONGEST_FILE:
                        raise self._makes_no_sense("the file is too large")
                    await asyncio.to_thread(file.write, piece)
            return str(response.headers.get("content-type", "application/octet-stream")).partition(";")[0].strip()

    @asynccontextmanager
    async def _answer(
        self, method: str, path: str, seconds: float, options: Mapping[str, Any]
    ) -> AsyncIterator[httpx.Response]:
        """The answer to a request that has all of `seconds`, however slowly it drips."""
        try:
            async with asyncio.timeout(seconds), self._http.stream(method, path, **options) as response:
                if not response.is_success:
                    raise self._refusal(response, await self._body(response))
                yield response
        except (httpx.TransportError, TimeoutError) as error:
            raise SILENT(address=self.address.host) from error
        except httpx.DecodingError as error:
            raise self._makes_no_sense("it cannot be decoded") from error

    async def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for piece in response.aiter_bytes(PIECE):
            body += piece
            if len(body) > LONGEST_ANSWER:
                raise self._makes_no_sense("it is too long")
        return bytes(body)

    def _parsed(self, body: bytes) -> Any:
        if not body:
            return None
        try:
            return json.loads(body)
        except ValueError as error:
            raise self._makes_no_sense("it is no JSON") from error

    def _refusal(self, response: httpx.Response, body: bytes) -> PressroomError:
        if response.status_code == httpx.codes.UNAUTHORIZED:
            return ACCESS_REFUSED(address=self.address.host)
        try:
            told = json.loads(body)
            code, reason = str(told["code"]), str(told["reason"])
        except (ValueError, KeyError, TypeError):
            if response.status_code == httpx.codes.NOT_FOUND:
                return UNMANAGED(address=self.address.host)
            return self._makes_no_sense(f"status {response.status_code}")
        if code == "not_found":
            return UNMANAGED(address=self.address.host)
        fault = BUSY if code in NOT_NOW else NOT_SUPPORTED if code in NEVER else REFUSED
        return fault(address=self.address.host, reason=reason, device_code=code)

    def _makes_no_sense(self, reason: str) -> PressroomError:
        return BAD_ANSWER(address=self.address.host, reason=reason)


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as source:
        while piece := await asyncio.to_thread(source.read, PIECE):
            yield piece


@lru_cache(maxsize=8)
def verification(ca_file: Path | None) -> ssl.SSLContext:
    """How certificates of printers are verified: one context for all, as making one takes longer than a request."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(ca_file)
    return context
