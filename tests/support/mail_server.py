"""A real SMTP receiver in a thread of its own, which can speak TLS, ask for a sign-in, refuse and die at any stage."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session, syntax
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.settings import Settings

USER, PASSWORD = "pressroom", "open sesame"


@dataclass
class Mailbox:
    """What arrived, and how the server behaves.

    `refuse` maps a stage ("MAIL", "DATA", "." or a recipient's address) to the server's answer. `after_dot` runs when
    the whole message is there and before it is acknowledged.
    """

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    hang_up_after_dot: bool = False
    after_dot: Callable[[], None] | None = None

    @property
    def messages(self) -> list[EmailMessage]:
        return [cast(EmailMessage, message_from_bytes(cast(bytes, e.content), policy=default)) for e in self.envelopes]

    def settings(self, **more: Any) -> Settings:
        """Settings that use this server."""
        values = {"smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_timeout_seconds": 5} | more
        return Settings(_env_file=None, **values)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "MAIL" not in self.refuse:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.refuse.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address not in self.refuse:
            envelope.rcpt_tos.append(address)
        return self.refuse.get(address, "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "." in self.refuse:
            return self.refuse["."]
        self.envelopes.append(envelope)
        if self.after_dot:
            self.after_dot()
        if self.hang_up_after_dot:
            server.transport.abort()  # type: ignore[union-attr]
        return "250 queued as 4711"


class _Server(SMTP):
    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        refusal = cast(Mailbox, self.event_handler).refuse.get("DATA")
        if refusal:
            await self.push(refusal)
        else:
            await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


@contextmanager
def mail_server(
    mode: str = "none",
    certificate: tuple[Path, Path] | None = None,
    sign_in: bool = False,
    limit: int = 100_000_000,
    port: int = 0,
) -> Iterator[Mailbox]:
    """A running server, on a free port unless `port` names one.

    `mode` is "none", "starttls" or "tls", and `certificate` its chain and key.
    """
    mailbox = Mailbox(port=port or _free_port())
    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate)
    options: dict[str, Any] = {"data_size_limit": limit}
    if mode == "starttls":
        options |= {"tls_context": tls, "require_starttls": True}
    if sign_in:
        options |= {"authenticator": _authenticate, "auth_required": True, "auth_require_tls": mode == "starttls"}
    controller = _Controller(
        mailbox, hostname="127.0.0.1", port=mailbox.port, ssl_context=tls if mode == "tls" else None, **options
    )
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    right = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=data == right, handled=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class TestAuthority:
    """A certificate authority of the tests' own: its certificate, and a server's chain and key signed by it."""

    __test__ = False

    ca_file: Path
    server: tuple[Path, Path]


def make_authority(folder: Path, host: str = "127.0.0.1") -> TestAuthority:
    """Write a new authority and a certificate for `host` (an address or a name) into `folder`."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Pressroom tests")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    is_address = host.replace(".", "").isdigit()
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host)) if is_address else x509.DNSName(host)])
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    ca = _certificate(issuer, issuer, ca_key, ca_key, (x509.BasicConstraints(ca=True, path_length=None), usage))
    leaf = _certificate(subject, issuer, key, ca_key, (names,))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    (folder / "server.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    (folder / "server.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return TestAuthority(folder / "ca.pem", (folder / "server.pem", folder / "server.key"))


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    extensions: tuple[x509.ExtensionType, ...],
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return builder.sign(signer, hashes.SHA256())
