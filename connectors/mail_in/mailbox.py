"""A mailbox whose messages are fetched for printing (IMAP4rev1, RFC 3501; MOVE, RFC 6851; UIDPLUS, RFC 4315).

`IMAPClient` speaks the protocol: it is kept by the people of many mail programs and gives typed answers, which the
standard library does not. Connections are always encrypted and the server's certificate is always verified.
"""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from imaplib import IMAP4
from pathlib import Path
from typing import Any, Literal, cast

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from connectors.errors import Fault, PressroomError
from connectors.mail_in.token_sign_in import sign_in_by_token
from connectors.messages import N_
from connectors.storage.faults import UNSAFE_ADDRESS
from connectors.storage.network import public_address

KEYWORD = "$PressroomTaken"
"""The mark of messages that are left where they are, once they are taken."""
SLACK, DEFAULT_PORTS = 1 << 20, {"tls": 993, "starttls": 143}

MAILBOX_UNREACHABLE = Fault(
    "mailbox.unreachable",
    503,
    N_("The mail server {server} cannot be reached: {reason}."),
    N_("It is tried again by itself. Check the name of the server, its port and the network."),
    transient=True,
)
MAILBOX_TLS = Fault(
    "mailbox.tls_failed",
    502,
    N_("No safe connection to the mail server {server}: {reason}."),
    N_("Check the server's name and certificate; operators can name an authority in PRESSROOM_MAIL_FETCH_CA_FILE."),
)
MAILBOX_UNSAFE = Fault(
    "mailbox.unsafe_address",
    422,
    N_("The mail server {server} is in a private network."),
    N_("Use a server at a public address. Operators can allow others with PRESSROOM_ALLOW_PRIVATE_ADDRESSES."),
)
MAILBOX_SIGN_IN = Fault(
    "mailbox.sign_in_refused",
    502,
    N_("The mail server {server} refuses the sign-in of the mailbox."),
    N_("Check user and password. Servers that let no program in with a password, as Microsoft's, want OAuth 2."),
)
MAILBOX_FOLDER = Fault(
    "mailbox.folder_missing",
    422,
    N_("The mailbox has no folder “{folder}” that can be used."),
    N_("Check how the folder is written; some servers want “INBOX.Name” or “INBOX/Name”."),
)
MAILBOX_NO_MARKS = Fault(
    "mailbox.no_marks",
    422,
    N_("The mail server {server} keeps no marks, so messages that were taken could not be told from others."),
    N_("Have messages moved to a folder, or deleted, once they are taken."),
)
MESSAGE_REFUSED = Fault(
    "mailbox.message_refused",
    502,
    N_("The mail server does not give or move one of the messages."),
    N_("Look at the message in the mailbox, and delete or move it there."),
)


class Afterwards(StrEnum):
    """What becomes of a message in the mailbox once it is taken."""

    DELETE = "delete"
    MOVE = "move"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class MailboxPlace:
    """How to reach a mailbox, and where things are in it. `secret` is the password of `user`, or an access token where
    the sign-in is `by_token`. `done` is the folder of what was taken (`MOVE`),
    `aside` that of what cannot be taken. Messages of more than `largest` bytes are never downloaded. Whoever sets a
    mailbox up must not reach into our network by it, unless operators `allow_private` addresses.
    """

    host: str
    port: int
    tls: Literal["tls", "starttls"]
    user: str
    folder: str
    afterwards: Afterwards
    done: str
    aside: str
    largest: int
    timeout: float
    ca_file: Path | None = None
    allow_private: bool = False
    secret: str = ""
    by_token: bool = False

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"MailboxPlace({self})"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits: its number in this folder for good, `key` in any session, and its size in bytes."""

    number: int
    key: str
    size: int


class Mailbox:
    """An open folder."""

    def __init__(self, client: IMAPClient, place: MailboxPlace) -> None:
        self._client, self._place = client, place
        answer = self._select()
        self._validity = int(answer.get(b"UIDVALIDITY", 0))
        marks = [str(mark, "ascii", "replace").lower() for mark in answer.get(b"PERMANENTFLAGS", ())]
        self._keeps_marks = "\\*" in marks or KEYWORD.lower() in marks
        if place.afterwards is Afterwards.MARK and not self._keeps_marks:
            raise MAILBOX_NO_MARKS(server=place)
        needed = [place.aside, *([place.done] if place.afterwards is Afterwards.MOVE else [])]
        for folder in needed:
            self._have(folder)

    def waiting(self, limit: int) -> list[Waiting]:
        """The oldest messages that nobody has taken or deleted yet."""
        criteria: list[Any] = ["UNDELETED", *(("UNKEYWORD", KEYWORD) if self._keeps_marks else ())]
        numbers = sorted(self._client.search(criteria))[:limit]
        if not numbers:
            return []
        found = self._client.fetch(numbers, ["RFC822.SIZE"])
        return [
            Waiting(number, f"{self._validity}:{number}", int(found[number].get(b"RFC822.SIZE", 0)))
            for number in numbers
            if number in found
        ]

    def content(self, message: Waiting) -> bytes | None:
        """All of a message, which stays unread; None where it is gone. Raises `MESSAGE_REFUSED`."""
        with _refusals():
            found = self._client.fetch([message.number], ["BODY.PEEK[]"]).get(message.number)
        content = found.get(b"BODY[]") if found else None
        return bytes(content) if content is not None else None

    def taken(self, message: Waiting) -> None:
        """The message is safe with us: move it away, delete or mark it. Raises `MESSAGE_REFUSED`."""
        with _refusals():
            if self._place.afterwards is Afterwards.MOVE:
                self._move(message, self._place.done)
            elif self._place.afterwards is Afterwards.DELETE:
                self._delete(message)
            else:
                self._client.add_flags([message.number], [KEYWORD])

    def put_aside(self, message: Waiting) -> None:
        """The message cannot be taken: move it to the folder for those. Raises `MESSAGE_REFUSED`."""
        with _refusals():
            self._move(message, self._place.aside)

    def _select(self) -> dict[bytes, Any]:
        try:
            return cast(dict[bytes, Any], self._client.select_folder(self._place.folder))
        except IMAPClientError as error:
            if _is_broken(error):
                raise
            raise MAILBOX_FOLDER(folder=self._place.folder) from error

    def _have(self, folder: str) -> None:
        try:
            if not self._client.folder_exists(folder):
                self._client.create_folder(folder)
        except IMAPClientError as error:
            if _is_broken(error):
                raise
            raise MAILBOX_FOLDER(folder=folder) from error

    def _move(self, message: Waiting, folder: str) -> None:
        if self._client.has_capability("MOVE"):
            self._client.move([message.number], folder)
        else:
            self._client.copy([message.number], folder)
            self._delete(message)

    def _delete(self, message: Waiting) -> None:
        """Without UIDPLUS others' deleted messages would go too: it stays then, as deleted."""
        self._client.delete_messages([message.number])
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge([message.number])


@contextmanager
def open_mailbox(place: MailboxPlace) -> Iterator[Mailbox]:
    """Sign in and open the folder.

    Raises `MAILBOX_UNREACHABLE`, `MAILBOX_UNSAFE`, `MAILBOX_TLS`, `MAILBOX_SIGN_IN`, what `sign_in_by_token` raises,
    `MAILBOX_FOLDER` or `MAILBOX_NO_MARKS`. A connection that breaks later is `MAILBOX_UNREACHABLE` too.
    """
    with _connection_faults(place):
        client = _connected(place)
        try:
            _sign_in(client, place)
            yield Mailbox(client, place)
        except BaseException:
            client.shutdown()
            raise
        _say_good_bye(client)


class _Client(IMAPClient):  # type: ignore[misc]  # the package has no types
    """Connects to the very address that was found to be allowed; the certificate is checked against the name."""

    def __init__(self, place: MailboxPlace, context: ssl.SSLContext) -> None:
        self._place = place
        super().__init__(
            place.host, place.port, ssl=place.tls == "tls", ssl_context=context, timeout=cast(Any, place.timeout)
        )

    def _create_IMAP4(self) -> IMAP4:  # noqa: N802 — the library's name
        return _TlsSession(self._place, self.ssl_context) if self.ssl else _Session(self._place)


class _Session(IMAP4):
    def __init__(self, place: MailboxPlace) -> None:
        self._place = place
        super().__init__(place.host, place.port)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return socket.create_connection((_address(self._place), self._place.port), self._place.timeout)


class _TlsSession(_Session):
    def __init__(self, place: MailboxPlace, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(place)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._context.wrap_socket(super()._create_socket(timeout), server_hostname=self._place.host)


def _address(place: MailboxPlace) -> str:
    if place.allow_private:
        return place.host
    try:
        return public_address(place.host, place.port, str(place))
    except PressroomError as error:
        if error.fault is UNSAFE_ADDRESS:
            raise MAILBOX_UNSAFE(server=place) from error
        raise MAILBOX_UNREACHABLE(server=place, reason="its name is not known") from error


def _connected(place: MailboxPlace) -> IMAPClient:
    context = _tls_context(place)
    client = _Client(place, context)
    try:
        if place.tls == "starttls":
            _start_tls(client, place, context)
        _bound(client, place.largest + SLACK)
    except BaseException:
        client.shutdown()
        raise
    return client


def _start_tls(client: IMAPClient, place: MailboxPlace, context: ssl.SSLContext) -> None:
    if not client.has_capability("STARTTLS"):
        raise MAILBOX_TLS(server=place, reason="the server does not offer STARTTLS")
    client.starttls(context)


def _bound(client: IMAPClient, largest: int) -> None:
    """A server may announce a literal of any length, which would be read into memory as a whole: break off there."""
    protocol: Any = client._imap  # the library has no limit of its own
    protocol.read = partial(_read, protocol.read, largest)


def _read(read: Any, largest: int, size: int) -> bytes:
    if size > largest:
        raise OSError(f"an answer of {size} bytes")
    return cast(bytes, read(size))


def _tls_context(place: MailboxPlace) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if place.ca_file is not None:
        try:
            context.load_verify_locations(cafile=place.ca_file)
        except OSError as error:
            reason = f"{place.ca_file.name} holds no certificate authority"
            raise MAILBOX_TLS(server=place, reason=reason) from error
    return context


def _sign_in(client: IMAPClient, place: MailboxPlace) -> None:
    if place.by_token:
        sign_in_by_token(client, str(place), place.user, place.secret)
        return
    try:
        client.login(place.user, place.secret)
    except LoginError as error:
        if isinstance(error.__context__, IMAPClient.AbortError):
            raise error.__context__ from None  # the line broke: nothing was refused
        raise MAILBOX_SIGN_IN(server=place) from error


def _say_good_bye(client: IMAPClient) -> None:
    try:
        client.logout()
    except (OSError, IMAPClientError):
        client.shutdown()  # everything is done: a server that hangs up without a good-bye does no harm


@contextmanager
def _connection_faults(place: MailboxPlace) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError as error:
        checked = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error.reason
        reason = checked or "handshake failed"
        raise MAILBOX_TLS(server=place, reason=reason) from error
    except OSError as error:
        raise MAILBOX_UNREACHABLE(server=place, reason=error.strerror or str(error) or type(error).__name__) from error
    except IMAPClientError as error:
        raise MAILBOX_UNREACHABLE(server=place, reason=_short(error)) from error


@contextmanager
def _refusals() -> Iterator[None]:
    """A refusal of one command (NO, BAD) is about the message; a connection that is broken is not."""
    try:
        yield
    except IMAPClientError as error:
        if _is_broken(error):
            raise
        raise MESSAGE_REFUSED() from error


def _is_broken(error: Exception) -> bool:
    return isinstance(error, IMAPClient.AbortError)


def _short(error: Exception) -> str:
    """What the server said, as one short line."""
    return "".join(filter(str.isprintable, " ".join(str(error).split())))[:200].rstrip(".") or type(error).__name__
