"""A printer of any make asked over IPP without blocking: its attributes, and its restart where it offers that.

Nobody says beforehand at which path a printer prints: the usual ones are tried (PWG 5100.14 prescribes the first). A
printer restarts by Restart-Printer (RFC 3998 §3.5.1), or by Restart-System of its system object (PWG 5100.22 §6.3.14).
A certificate is verified where its authority is named, as printers make their own. Nothing here retries.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from connectors.errors import Fault, PressroomError
from connectors.ipp.client import LONGEST_ANSWER, NOT_ALLOWED, NOT_FOUND, NOT_NOW, SUCCESS, request_to, status_message
from connectors.ipp.wire import Attribute, Attributes, BadMessage, IppMessage, Tag, decode, encode
from connectors.messages import N_
from connectors.printers.device_connection import ACCESS_REFUSED, verification
from connectors.printers.ipp_values import numbers_of

USUAL_PORT = 631
PRINTER_PATHS = ("/ipp/print", "/ipp", "/ipp/printer", "/printer", "/")
SYSTEM_PATH = "/ipp/system"
USER = "pressroom"
CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 8.0
LIMITS = httpx.Limits(max_connections=1, max_keepalive_connections=1)

NO_ANSWER = Fault(
    "ipp.no_answer",
    504,
    N_("The printer at {address} does not answer IPP."),
    N_("Check that it is switched on with IPP turned on."),
    spec="FL-616",
    transient=True,
)
BAD_ANSWER = Fault(
    "ipp.bad_answer",
    502,
    N_("The printer at {address} gives an IPP answer that makes no sense: {reason}."),
    N_("Update its firmware, or turn IPP off if it is not used."),
)
NOT_OFFERED = Fault(
    "ipp.not_offered",
    404,
    N_("The printer at {address} offers no IPP."),
    N_("Turn IPP on at the printer, if it has it."),
)
REFUSED = Fault(
    "ipp.refused",
    409,
    N_("The printer at {address} refuses what IPP asks of it: {reason}."),
    N_("Look at the printer, and try again."),
)


class _Operation(IntEnum):
    """RFC 8011 §5.4.15, RFC 3998, PWG 5100.22."""

    GET_PRINTER_ATTRIBUTES = 0x000B
    RESTART_PRINTER = 0x0029
    GET_SYSTEM_ATTRIBUTES = 0x005B
    RESTART_SYSTEM = 0x0060


@dataclass(frozen=True, slots=True)
class IppAddress:
    """Where a printer answers IPP, and how its administrator signs in; both empty: no sign-in is needed."""

    host: str
    port: int = USUAL_PORT
    user: str = ""
    secret: str = field(default="", repr=False)
    tls: bool = False
    ca_file: Path | None = None


class IppDevice:
    """One printer; use it in an `async with` block.

    Every request raises `NO_ANSWER`, `NOT_OFFERED`, `BAD_ANSWER`, `REFUSED`, or `ACCESS_REFUSED` where the printer
    wants a sign-in.
    """

    def __init__(self, address: IppAddress) -> None:
        self.address = address
        host = f"[{address.host}]" if ":" in address.host else address.host
        signs_in = bool(address.user or address.secret)
        self._root = f"{host}:{address.port}"
        self._request_ids = count(1)
        self._path = ""
        self._http = httpx.AsyncClient(
            base_url=f"{'https' if address.tls else 'http'}://{self._root}",
            auth=httpx.BasicAuth(address.user, address.secret) if signs_in else None,
            transport=httpx.AsyncHTTPTransport(verify=verification(address.ca_file), limits=LIMITS),
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def attributes(self, names: Sequence[str]) -> Attributes:
        """The printer's attributes of these names (RFC 8011 §4.2.5); those that it does not have are absent."""
        wanted = {"requested-attributes": Attribute(Tag.KEYWORD, tuple(names))}
        for path in (self._path,) if self._path else PRINTER_PATHS:
            answer = await self._asked(path, _Operation.GET_PRINTER_ATTRIBUTES, wanted)
            if answer is not None and (found := answer.first(Tag.PRINTER)):
                self._path = path
                return found
        raise NOT_OFFERED(address=self.address.host)

    async def restart(self) -> bool:
        """Restart it by what it offers; False where it offers nothing."""
        offered = numbers_of(await self.attributes(("operations-supported",)), "operations-supported")
        if _Operation.RESTART_PRINTER in offered:
            return await self._asked(self._path, _Operation.RESTART_PRINTER, {}) is not None
        wanted = {"requested-attributes": Attribute(Tag.KEYWORD, ("operations-supported",))}
        try:
            system = await self._asked(SYSTEM_PATH, _Operation.GET_SYSTEM_ATTRIBUTES, wanted)
        except PressroomError as error:
            if error.fault in (REFUSED, BAD_ANSWER):
                return False  # it has no system object
            raise
        if system is None or _Operation.RESTART_SYSTEM not in numbers_of(
            system.first(Tag.SYSTEM), "operations-supported"
        ):
            return False
        return await self._asked(SYSTEM_PATH, _Operation.RESTART_SYSTEM, {}) is not None

    async def _asked(self, path: str, operation: _Operation, attributes: Attributes) -> IppMessage | None:
        """The answer; None where there is nothing at that path."""
        scheme = "ipps" if self.address.tls else "ipp"
        target = "system-uri" if path == SYSTEM_PATH else "printer-uri"
        message = request_to(
            {target: f"{scheme}://{self._root}{path}"}, operation, next(self._request_ids), USER, attributes
        )
        answer = await self._post(path, encode(message))
        if answer is None or answer.code == NOT_FOUND:
            return None
        if answer.code in NOT_ALLOWED:
            raise ACCESS_REFUSED(address=self.address.host)
        if answer.code in SUCCESS or (answer.code in NOT_NOW and operation is _Operation.GET_PRINTER_ATTRIBUTES):
            return answer
        raise REFUSED(address=self.address.host, reason=status_message(answer))

    async def _post(self, path: str, content: bytes) -> IppMessage | None:
        headers = {"Content-Type": "application/ipp", "Accept": "application/ipp"}
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self._http.stream("POST", path, content=content, headers=headers) as response,
            ):
                if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
                    raise ACCESS_REFUSED(address=self.address.host)
                if response.status_code != httpx.codes.OK:
                    return None
                body = await _body(response)
            return decode(body)[0]
        except (httpx.TransportError, TimeoutError) as error:
            raise NO_ANSWER(address=self.address.host) from error
        except (httpx.DecodingError, BadMessage) as error:
            raise BAD_ANSWER(address=self.address.host, reason=str(error)) from error


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > LONGEST_ANSWER:
            raise BadMessage("an endless answer")
    return bytes(body)
