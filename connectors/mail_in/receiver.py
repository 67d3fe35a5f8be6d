"""Taking mail in over SMTP (RFC 5321) or LMTP (RFC 2033), within limits; `aiosmtpd` speaks the protocol.

A message is acknowledged only after `MailDoor.take` has kept it: whatever happens before that, the sender has it still
and sends it again. What the door raises is answered with a temporary refusal.
"""

import asyncio
import ssl
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

log = structlog.get_logger(__name__)

BUSY = "421 4.7.0 Too many connections, try again later"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients"
TROUBLE = "451 4.3.0 The message could not be kept, try again later"
MOST_CALLS = {"*": 1000, "NOOP": 20, "HELP": 20, "VRFY": 20, "RSET": 200, "EHLO": 20, "HELO": 20}
"""Commands of one connection; more than that is nobody who wants to send mail."""
SLACK = 1 << 20


@dataclass(frozen=True, slots=True)
class ReceiverLimits:
    """`message_bytes` of a message, `seconds` for all of it, `silence` in seconds, connections at a time."""

    message_bytes: int
    recipients: int = 20
    connections: int = 20
    per_address: int = 10
    silence: float = 60
    seconds: float = 300


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """A message as it came: from which network address, with which envelope. `mail_from` is empty for reports.

    `helo` is how the peer called itself. A message that was fetched from a mailbox has no peer; `vouching` is then the
    name under which the mailbox's own server says who it is from.
    """

    peer: str
    mail_from: str
    recipients: tuple[str, ...]
    content: bytes
    helo: str = ""
    vouching: str = ""


class MailDoor(Protocol):
    """Who decides about mail; both answer with an SMTP reply and may take their time, in a thread."""

    def recipient(self, address: str) -> str: ...

    def take(self, mail: ReceivedMail) -> str: ...


@dataclass
class _Traffic:
    """The connections that there are now, by network address."""

    limits: ReceiverLimits
    present: Counter[str] = field(default_factory=Counter)

    def has_room(self, peer: str) -> bool:
        return self.present.total() < self.limits.connections and self.present[peer] < self.limits.per_address

    def leave(self, peer: str) -> None:
        self.present[peer] -= 1
        if self.present[peer] <= 0:
            del self.present[peer]


class _Handler:
    """Asks the door, apart from the loop that serves the other connections."""

    def __init__(self, door: MailDoor, limits: ReceiverLimits) -> None:
        self._door, self._limits = door, limits

    async def handle_RCPT(  # noqa: N802 — aiosmtpd's names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= self._limits.recipients:
            return TOO_MANY_RECIPIENTS
        answer = await _asked(self._door.recipient, address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        peer = str(session.peer[0]) if session.peer else ""
        content = cast(bytes, envelope.content)
        sender = (envelope.mail_from or "").strip("<>")  # reports come from “<>” (RFC 5321, 4.5.5)
        mail = ReceivedMail(peer, sender, tuple(envelope.rcpt_tos), content, str(session.host_name or ""))
        answer = await _asked(self._door.take, mail)
        if isinstance(server, LMTP):  # an answer for each recipient (RFC 2033, 4.2)
            return "\r\n".join([answer] * len(envelope.rcpt_tos))
        return answer


async def _asked(ask: Any, about: Any) -> str:
    try:
        return str(await asyncio.to_thread(ask, about))
    except Exception:
        log.exception("a message could not be taken in; its sender keeps it")
        return TROUBLE


class _Limits:
    """What a connection may cost, mixed into aiosmtpd's protocols."""

    def __init__(self, *arguments: Any, traffic: _Traffic, **options: Any) -> None:
        self._traffic, self._counted, self._came = traffic, "", 0
        super().__init__(*arguments, **options)

    def connection_made(self, transport: Any) -> None:
        """aiosmtpd calls it once more after STARTTLS."""
        if not self._counted:
            name = transport.get_extra_info("peername")
            peer = str(name[0]) if name else "local"
            if not self._traffic.has_room(peer):
                transport.write(f"{BUSY}\r\n".encode())
                transport.close()
                return
            self._counted = peer
            self._traffic.present[peer] += 1
        super().connection_made(transport)  # type: ignore[misc]

    def connection_lost(self, error: Exception | None) -> None:
        if self._counted:
            self._traffic.leave(self._counted)
            self._counted = ""
            super().connection_lost(error)  # type: ignore[misc]

    def data_received(self, data: bytes) -> None:
        """A line that never ends is kept by aiosmtpd until it ends: cut it off."""
        if not self._counted:
            return
        self._came += len(data)
        if self._came > 2 * self._traffic.limits.message_bytes + SLACK:
            log.warning("a connection was cut: endless data", peer=self._counted)
            cast(Any, self).transport.abort()
            return
        super().data_received(data)  # type: ignore[misc]

    def eof_received(self) -> bool | None:
        return bool(super().eof_received()) if self._counted else None  # type: ignore[misc]

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Count anew for each message, and bound the time that one may take."""
        self._came = 0
        try:
            async with asyncio.timeout(self._traffic.limits.seconds):
                await super().smtp_DATA(arg)  # type: ignore[misc]
        except TimeoutError:  # aiosmtpd has closed the connection when it was told to stop
            log.warning("a connection was cut: its message took too long", peer=self._counted)


class _Smtp(_Limits, SMTP):
    """SMTP within limits."""


class _Lmtp(_Limits, LMTP):
    """LMTP within limits."""


async def start_receiver(
    door: MailDoor,
    host: str,
    port: int,
    limits: ReceiverLimits,
    *,
    hostname: str,
    speaks_lmtp: bool = False,
    tls: ssl.SSLContext | None = None,
) -> asyncio.Server:
    """Listen on `host` and `port` (0: a free one); STARTTLS is offered where there is `tls`."""
    loop, traffic, handler = asyncio.get_running_loop(), _Traffic(limits), _Handler(door, limits)
    kind = _Lmtp if speaks_lmtp else _Smtp

    def protocol() -> asyncio.Protocol:
        return kind(
            handler,
            traffic=traffic,
            data_size_limit=limits.message_bytes,
            hostname=hostname,
            ident="Pressroom",
            timeout=limits.silence,
            command_call_limit=MOST_CALLS,
            tls_context=tls,
            loop=loop,
        )

    return await loop.create_server(protocol, host, port)
