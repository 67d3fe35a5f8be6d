"""Mail over SMTP (RFC 5321), one transaction that can be repeated safely up to its very last line.

`smtplib` gives the protocol's verbs; its own `sendmail` is not used, because a delivery must be recorded between the
message's text and the final dot: before the dot the server has nothing (RFC 5321, 4.1.1.4), from then on it may.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Literal, NoReturn

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import Settings

NOT_CONFIGURED = Fault(
    "mail.not_configured",
    503,
    N_("No mail server is set up, so nothing can be sent by e-mail."),
    N_("Administrators: set PRESSROOM_SMTP_HOST and PRESSROOM_MAIL_SENDER."),
)
UNREACHABLE = Fault(
    "mail.unreachable",
    503,
    N_("The mail server {server} cannot be reached: {reason}."),
    N_("Nothing was sent. Try again later. Administrators: check the mail server's address, port and network."),
    transient=True,
)
TLS_FAILED = Fault(
    "mail.tls_failed",
    502,
    N_("No safe connection to the mail server {server}: {reason}."),
    N_("Nothing was sent. Administrators: check its certificate, PRESSROOM_SMTP_CA_FILE and PRESSROOM_SMTP_TLS."),
)
AUTH_FAILED = Fault(
    "mail.auth_failed",
    502,
    N_("The mail server {server} refuses the sign-in: {reply}"),
    N_("Nothing was sent. Administrators: check PRESSROOM_SMTP_USER and PRESSROOM_SMTP_PASSWORD."),
)
REFUSED_SENDER = Fault(
    "mail.refused_sender",
    502,
    N_("The mail server refuses mail from {sender}: {reply}"),
    N_("Nothing was sent. Administrators: set PRESSROOM_MAIL_SENDER to an address this server sends for."),
)
REFUSED_RECIPIENT = Fault(
    "mail.refused_recipient",
    422,
    N_("The mail server refuses mail to {recipients}: {reply}"),
    N_("Nothing was sent to them. Check the addresses, then run the step again."),
)
REFUSED_MESSAGE = Fault(
    "mail.refused_message",
    502,
    N_("The mail server refuses the message: {reply}"),
    N_("Nothing was sent. The server may not allow this kind of file or content: ask its administrator."),
)
DEFERRED = Fault(
    "mail.deferred",
    503,
    N_("The mail server cannot take the message at the moment: {reply}"),
    N_("It will be tried again. If it stays, try later or ask the mail server's administrator."),
    transient=True,
)
TOO_LARGE = Fault(
    "mail.too_large",
    413,
    N_("As an e-mail “{name}” has {size} MB, and at most {limit} MB can be sent."),
    N_("Use the download or a cloud storage instead, or a smaller document."),
    spec="SC-84e",
)
UNANSWERED = Fault(
    "mail.unanswered",
    504,
    N_("The mail server {server} did not answer whether it took the message."),
    N_("Ask the recipients before you send it again."),
)

MB = 1 << 20
PIECE = 1 << 17
FINAL_REPLY_SECONDS = 600.0  # RFC 5321, 4.5.3.2.6: giving up earlier leads to doubled mail


@dataclass(frozen=True, slots=True)
class MailServer:
    """How to reach the mail server. `sender` is the bare address for the envelope."""

    host: str
    port: int
    tls: Literal["none", "starttls", "tls"]
    ca_file: Path | None
    user: str
    password: str
    timeout: float
    sender: str

    @classmethod
    def of(cls, settings: Settings) -> "MailServer":
        """The server that the settings name; raises `NOT_CONFIGURED`."""
        sender = parseaddr(settings.mail_sender)[1]
        if not settings.smtp_host or "@" not in sender:
            raise NOT_CONFIGURED()
        return cls(
            host=settings.smtp_host,
            port=settings.smtp_port,
            tls=settings.smtp_tls,
            ca_file=settings.smtp_ca_file,
            user=settings.smtp_user,
            password=settings.smtp_password.get_secret_value(),
            timeout=settings.smtp_timeout_seconds,
            sender=sender,
        )

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"MailServer({self})"


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer: its code and its text as one short line."""

    code: int
    text: str

    @classmethod
    def of(cls, answer: tuple[int, bytes]) -> "Reply":
        text = " ".join(answer[1].decode("utf-8", "replace").split())
        return cls(answer[0], "".join(filter(str.isprintable, text))[:200])

    @property
    def ok(self) -> bool:
        return 200 <= self.code < 400

    @property
    def transient(self) -> bool:
        return 400 <= self.code < 500

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Who got the message (`accepted`), who is refused for good and who for now (`deferred`), with the answers."""

    accepted: tuple[str, ...]
    refused: dict[str, Reply]
    deferred: dict[str, Reply]
    reply: Reply | None = None


class Witness:
    """Whoever must know how a transaction goes on; this one does nothing."""

    def sending(self, done: int, total: int) -> None:
        """`done` of `total` bytes are out. Raising here stops the transaction: the server then has nothing."""

    def committing(self, accepted: tuple[str, ...]) -> None:
        """All but the final dot is out. Raising here still stops the transaction."""

    def rejected(self, accepted: tuple[str, ...]) -> None:
        """The server answered the dot with a refusal: certainly nobody has the message."""


def send(server: MailServer, message: bytes, recipients: tuple[str, ...], name: str, witness: Witness) -> Dispatch:
    """Hand `message` (CRLF lines) to the server for those of `recipients` that it accepts, in one transaction.

    When it accepts none, nothing is sent and the result says who was refused and who deferred. `name` is the
    document's, for errors. Raises the faults of this module; `UNANSWERED` is the only one after which the message may
    be out.
    """
    with _session(server) as session:
        _check_announced_size(session, len(message), name)
        answer = Reply.of(session.mail(server.sender, _mail_options(session, len(message))))
        if not answer.ok:
            too_big = answer.code == 552  # RFC 1870, 6.1
            _refuse(answer, REFUSED_MESSAGE if too_big else REFUSED_SENDER, sender=server.sender)
        answers = {recipient: Reply.of(session.rcpt(recipient)) for recipient in recipients}
        accepted = tuple(recipient for recipient, answer in answers.items() if answer.ok)
        refused = {to: answer for to, answer in answers.items() if not answer.ok and not answer.transient}
        deferred = {to: answer for to, answer in answers.items() if answer.transient}
        reply = _transfer(session, message, accepted, witness, server) if accepted else None
        return Dispatch(accepted, refused, deferred, reply)


def check(server: MailServer) -> None:
    """Reach the server and sign in without sending anything; raises what is wrong."""
    with _session(server) as session:
        session.noop()


@contextmanager
def _session(server: MailServer) -> Iterator[smtplib.SMTP]:
    with ExitStack() as closing:
        try:
            session = _connect(server)
            closing.callback(session.close)
            _sign_in(session, server)
        except ssl.SSLError as exc:
            raise TLS_FAILED(server=server, reason=_tls_reason(exc)) from exc
        except (OSError, smtplib.SMTPException) as exc:
            raise UNREACHABLE(server=server, reason=_reason(exc)) from exc
        try:
            yield session
        except (OSError, smtplib.SMTPException) as exc:
            raise UNREACHABLE(server=server, reason=_reason(exc)) from exc
        _quit(session)


def _connect(server: MailServer) -> smtplib.SMTP:
    if server.tls == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=_tls_context(server))
    return smtplib.SMTP(server.host, server.port, timeout=server.timeout)


def _sign_in(session: smtplib.SMTP, server: MailServer) -> None:
    session.ehlo_or_helo_if_needed()
    if server.tls == "starttls":
        if not session.has_extn("starttls"):
            raise TLS_FAILED(server=server, reason="the server does not offer STARTTLS")
        session.starttls(context=_tls_context(server))
        session.ehlo_or_helo_if_needed()
    if not server.user:
        return
    try:
        session.login(server.user, server.password)
    except smtplib.SMTPAuthenticationError as exc:
        _refuse(Reply.of((exc.smtp_code, _bytes(exc.smtp_error))), AUTH_FAILED, server=server)
    except smtplib.SMTPNotSupportedError as exc:
        raise AUTH_FAILED(server=server, reply="it offers no sign-in that can be used here") from exc


def _tls_context(server: MailServer) -> ssl.SSLContext:
    """Certificates and names are always verified; the extra authority adds to the system's."""
    context = ssl.create_default_context()
    if server.ca_file:
        try:
            context.load_verify_locations(cafile=server.ca_file)
        except OSError as exc:
            raise TLS_FAILED(server=server, reason=f"{server.ca_file.name} holds no certificate authority") from exc
    return context


def _check_announced_size(session: smtplib.SMTP, size: int, name: str) -> None:
    announced = session.esmtp_features.get("size", "")
    if announced.isdigit() and 0 < int(announced) < size:
        raise too_large(name, size, int(announced))


def too_large(name: str, size: int, limit: float) -> PressroomError:
    """`TOO_LARGE` for a message of `size` bytes where `limit` bytes are allowed."""
    return TOO_LARGE(name=name, size=f"{size / MB:.1f}", limit=f"{limit / MB:g}")


def _mail_options(session: smtplib.SMTP, size: int) -> list[str]:
    return [f"SIZE={size}"] if session.has_extn("size") else []


def _transfer(
    session: smtplib.SMTP, message: bytes, accepted: tuple[str, ...], witness: Witness, server: MailServer
) -> Reply:
    answer = Reply.of(session.docmd("DATA"))
    if answer.code != 354:
        _refuse(answer, REFUSED_MESSAGE)
    stuffed = re.sub(rb"^\.", b"..", message, flags=re.MULTILINE)
    for start in range(0, len(stuffed), PIECE):
        witness.sending(start, len(stuffed))
        session.send(stuffed[start : start + PIECE])
    witness.sending(len(stuffed), len(stuffed))
    witness.committing(accepted)
    answer = _end_of_data(session, stuffed, server)
    if not answer.ok:
        witness.rejected(accepted)
        _refuse(answer, REFUSED_MESSAGE)
    return answer


def _end_of_data(session: smtplib.SMTP, stuffed: bytes, server: MailServer) -> Reply:
    """The server's verdict. Whatever breaks from here on leaves open whether it has the message."""
    try:
        if session.sock is not None:
            session.sock.settimeout(max(server.timeout, FINAL_REPLY_SECONDS))
        session.send(b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n")
        return Reply.of(session.getreply())
    except (OSError, smtplib.SMTPException) as exc:
        raise UNANSWERED(server=server) from exc


def _refuse(answer: Reply, fault: Fault, **facts: object) -> NoReturn:
    if answer.transient:
        raise DEFERRED(reply=answer)
    raise fault(reply=answer, **facts)


def _quit(session: smtplib.SMTP) -> None:
    try:
        session.quit()
    except (OSError, smtplib.SMTPException):
        return  # the message is taken: a server that hangs up without a good-bye does no harm


def _reason(exc: Exception) -> str:
    """The cause in a few words without what a server may have said in private."""
    if isinstance(exc, smtplib.SMTPResponseException):
        return str(Reply.of((exc.smtp_code, _bytes(exc.smtp_error))))
    if isinstance(exc, OSError) and exc.strerror:
        return str(exc.strerror)
    return str(exc) or type(exc).__name__


def _tls_reason(exc: ssl.SSLError) -> str:
    return exc.verify_message if isinstance(exc, ssl.SSLCertVerificationError) else exc.reason or "handshake failed"


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
