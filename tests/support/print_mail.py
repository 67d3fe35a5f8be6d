"""Mail for printing: our real receiver in a thread of its own, messages, and a name server with keys of signatures."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTP
from typing import Any

import dkim
import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import select

from connectors.mail_in.receiver import MailDoor, ReceiverLimits, start_receiver
from domain.organizations.actor import Actor
from domain.print_mail.models import PrintMessage
from domain.print_mail.reception import PrintMailDoor
from domain.print_settings.models import AddressState, PrintMailAddress
from domain.printing.mail_address import mail_domain
from flows.prepare_print_jobs import prepare_batch
from flows.print_mail import receive_print_mail
from tests.support.print_settings import set_print_settings

RELAY = "mx.our.example"
LIMITS = ReceiverLimits(message_bytes=1 << 20)


@contextmanager
def receiving(door: MailDoor, limits: ReceiverLimits = LIMITS, **options: Any) -> Iterator[int]:
    """The receiver on a free port of loopback."""
    loop, ready, found = asyncio.new_event_loop(), threading.Event(), list[asyncio.Server]()

    async def start() -> None:
        found.append(await start_receiver(door, "127.0.0.1", 0, limits, hostname="print.test", **options))
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(start())
        loop.run_forever()

    thread = threading.Thread(target=run, name="mail receiver", daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield int(found[0].sockets[0].getsockname()[1])
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        found[0].close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def open_address(actor: Actor, local_part: str = "office", **email: Any) -> str:
    """Switch printing by e-mail on, with an address that can be used; returns the address."""
    set_print_settings(actor, email={"enabled": True, "local_part": local_part, **email})
    with actor.session() as session:
        row = session.scalar(select(PrintMailAddress))
        row = row or PrintMailAddress(organization_id=actor.organization_id)
        row.local_part, row.state = local_part, AddressState.AVAILABLE
        session.add(row)
    return f"{local_part}@{mail_domain()}"


def mail(sender: str, to: str, *files: tuple[str, bytes], text: str = "", **headers: str) -> EmailMessage:
    """A message as an ordinary program writes it; `headers` replace underscores by hyphens."""
    message = EmailMessage()
    message["From"], message["To"] = sender, to
    message["Subject"] = headers.pop("Subject", "Please print")
    message["Message-ID"] = headers.pop("Message_ID", f"<{threading.get_ident()}.{id(message)}@sender.example>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text or "\n")
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


def proven(message: bytes | EmailMessage, domain: str, result: str = "pass") -> bytes:
    """The message as our relay passes it on, with what it found out about the sender."""
    content = message if isinstance(message, bytes) else wire(message)
    return f"Authentication-Results: {RELAY}; dmarc={result} header.from={domain}\r\n".encode() + content


def wire(message: EmailMessage) -> bytes:
    """As it goes over the wire."""
    return b"\r\n".join(message.as_bytes().splitlines()) + b"\r\n"


def send(port: int, sender: str, to: str | Sequence[str], content: bytes) -> None:
    """Hand a message to the receiver by a real client."""
    with SMTP("127.0.0.1", port, timeout=30) as server:
        server.sendmail(sender, to, content)


@contextmanager
def print_mail_receiver(limits: ReceiverLimits = LIMITS) -> Iterator[int]:
    """The receiver with the door of the product."""
    with receiving(PrintMailDoor(), limits) as port:
        yield port


def messages(actor: Actor) -> list[PrintMessage]:
    """What came, oldest first."""
    with actor.session(read_only=True) as session:
        return list(session.scalars(select(PrintMessage).order_by(PrintMessage.received)))


def work_off(actor: Actor) -> list[PrintMessage]:
    """Do what the worker does with every mail that has come, until each is answered."""
    for _ in range(4):
        for message in messages(actor):
            if message.ended is None:
                receive_print_mail.fn(message.id)
        prepare_batch.fn(actor.organization_id)
        if all(message.ended for message in messages(actor)):
            break
    return messages(actor)


class Signer:
    """A domain that signs its mail; `record` is the key that its name server tells."""

    def __init__(self, domain: str, size: int = 2048) -> None:
        self.domain = domain
        key = rsa.generate_private_key(65537, size)
        self._private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        from base64 import b64encode

        self.record = f"v=DKIM1; k=rsa; p={b64encode(public).decode()}"

    def signed(
        self, content: bytes, headers: Sequence[bytes] = (b"from", b"subject"), *, length: bool = False
    ) -> bytes:
        signature = dkim.sign(
            content, b"mail", self.domain.encode(), self._private, include_headers=list(headers), length=length
        )
        return bytes(signature) + content


@contextmanager
def name_server(records: dict[str, str]) -> Iterator[str]:
    """A name server on loopback that knows these records; yields its address and port.

    They are TXT records, or of the kind that precedes the name, such as “A mx.one.example”. A record that is “silent”
    is not answered at all; several of a name stand in lines.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.2)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    data, client = server.recvfrom(4096)
                except TimeoutError:
                    continue
                if (answer := _answer(dns.message.from_wire(data), records)) is not None:
                    server.sendto(answer, client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            stop.set()
            thread.join(10)


def _answer(query: dns.message.Message, records: dict[str, str]) -> bytes | None:
    [question] = query.question
    kind, name = dns.rdatatype.to_text(question.rdtype), question.name.to_text(omit_final_dot=True)
    text = records.get(name) if kind == "TXT" else records.get(f"{kind} {name}")
    if text == "silent":
        return None
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.AA | dns.flags.RA
    if text is None:
        is_known = any(known.rpartition(" ")[2] == name for known in records)
        answer.set_rcode(0 if is_known else 3)
    else:
        lines = [_quoted(line) if kind == "TXT" else line for line in text.splitlines()]
        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *lines))
    return answer.to_wire()


def _quoted(text: str) -> str:
    return " ".join(f'"{text[start : start + 200]}"' for start in range(0, len(text), 200))


def pdf(path: Path) -> bytes:
    """The bytes of a file."""
    return path.read_bytes()
