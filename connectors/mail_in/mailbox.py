"""A mailbox whose messages are fetched for printing (IMAP4rev1, RFC 3501; MOVE, RFC 6851; UIDPLUS, RFC 4315).

`IMAPClient` speaks the protocol: it is kept by the people of many mail programs and gives typed answers, which the
standard library does not. Connections are always encrypted and the server's certificate is always verified.

Organizations choose the servers, and a worker serves all organizations: a server that answers without end, or so slowly
that it never ends, is broken off.
"""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from imaplib import IMAP4
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any, Literal, Self, cast

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
    the sign-in is `by_token`. `done` is the folder of what was taken (`MOVE`), `aside` that of what cannot be taken.
    Messages of more than `largest` bytes are never downloaded. An answer is waited for `timeout` seconds, and all of it
    may take `longest`. Whoever sets a mailbox up must not reach into our network by it, unless operators
    `allow_private` addresses.
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
    longest: float = 600

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
    with _Patience(place.longest) as patience, _connection_faults(place, patience):
        client = _connected(place, patience)
        try:
            _sign_in(client, place)
            yield Mailbox(client, place)
        except BaseException:
            client.shutdown()
            raise
        _say_good_bye(client)


class _Patience:
    """Cuts the connection after so many seconds, wherever it is then: each piece of an answer may come in time and the
    last one never.
    """

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._line: socket.socket | None = None
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._line is not None:
            self._line.close()

    def hold(self, line: socket.socket) -> None:
        """Have this connection in hand, whatever becomes of the object (TLS takes it over)."""
        self._line = line.dup()

    def _cut(self) -> None:
        self.is_over = True
        if self._line is not None:
            with suppress(OSError):  # it has ended by itself
                self._line.shutdown(socket.SHUT_RDWR)


class _Client(IMAPClient):  # type: ignore[misc]  # the package has no types
    """Connects to the very address that was found to be allowed; the certificate is checked against the name."""

    def __init__(self, place: MailboxPlace, context: ssl.SSLContext, patience: _Patience) -> None:
        self._place, self._patience = place, patience
        super().__init__(
            place.host, place.port, ssl=place.tls == "tls", ssl_context=context, timeout=cast(Any, place.timeout)
        )

    def _create_IMAP4(self) -> IMAP4:  # noqa: N802 — the library's name
        return _Session(self._place, self._patience, self.ssl_context if self.ssl else None)


class _Session(IMAP4):
    """The library reads into memory whatever comes until a command is answered, so that the answer to each is bounded
    here.
    """

    def __init__(self, place: MailboxPlace, patience: _Patience, context: ssl.SSLContext | None) -> None:
        self._place, self._patience, self._context = place, patience, context
        self._left = self._most = place.largest + SLACK
        super().__init__(place.host, place.port)

    def send(self, data: Any) -> None:
        """Part of a command: what is answered from now on is counted anew."""
        self._left = self._most
        super().send(data)

    def read(self, size: int) -> bytes:
        """So many bytes as the server has announced."""
        self._spend(size)
        return super().read(size)

    def readline(self) -> bytes:
        """A line, whose length the library bounds."""
        line = super().readline()
        self._spend(len(line))
        return line

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise OSError(f"an answer of more than {self._most} bytes")

    def _create_socket(self, timeout: float | None) -> socket.socket:
        line = socket.create_connection((_address(self._place), self._place.port), self._place.timeout)
        self._patience.hold(line)
        return self._context.wrap_socket(line, server_hostname=self._place.host) if self._context else line


def _address(place: MailboxPlace) -> str:
    if place.allow_private:
        return place.host
    try:
        return public_address(place.host, place.port, str(place))
    except PressroomError as error:
        if error.fault is UNSAFE_ADDRESS:
            raise MAILBOX_UNSAFE(server=place) from error
        raise MAILBOX_UNREACHABLE(server=place, reason="its name is not known") from error


def _connected(place: MailboxPlace, patience: _Patience) -> IMAPClient:
    context = _tls_context(place)
    client = _Client(place, context, patience)
    try:
        if place.tls == "starttls":
            _start_tls(client, place, context)
    except BaseException:
        client.shutdown()
        raise
    return client


def _start_tls(client: IMAPClient, place: MailboxPlace, context: ssl.SSLContext) -> None:
    if not client.has_capability("STARTTLS"):
        raise MAILBOX_TLS(server=place, reason="the server does not offer STARTTLS")
    client.starttls(context)


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
def _connection_faults(place: MailboxPlace, patience: _Patience) -> Iterator[None]:
    try:
        yield
    except (OSError, IMAPClientError) as error:
        if not patience.is_over:
            raise _fault(place, error) from error
        raise MAILBOX_UNREACHABLE(server=place, reason=f"it takes more than {place.longest:g} seconds") from error


def _fault(place: MailboxPlace, error: Exception) -> PressroomError:
    if isinstance(error, ssl.SSLError):
        checked = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error.reason
        return MAILBOX_TLS(server=place, reason=checked or "handshake failed")
    if isinstance(error, OSError):
        return MAILBOX_UNREACHABLE(server=place, reason=error.strerror or str(error) or type(error).__name__)
    return MAILBOX_UNREACHABLE(server=place, reason=_short(error))


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
