"""Mailboxes that mail is fetched from, at a real IMAP server (Dovecot), over TLS and STARTTLS."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import PressroomError
from connectors.mail_in.mailbox import KEYWORD, Afterwards, Mailbox, MailboxPlace, Waiting, open_mailbox
from tests.support.imap_server import PASSWORD, USER, WITHOUT_EXTENSIONS, ImapServer, imap_server
from tests.support.mail_server import TestAuthority, make_authority

LETTER = b"From: a@x.example\r\nSubject: S\r\n\r\n.hello\r\n..\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module", params=["", WITHOUT_EXTENSIONS], ids=["today", "of old"])
def server(request: pytest.FixtureRequest, authority: TestAuthority) -> Iterator[ImapServer]:
    with imap_server(authority, capabilities=request.param) as one:
        yield one


@pytest.fixture(scope="module")
def plain(authority: TestAuthority) -> Iterator[ImapServer]:
    with imap_server(authority) as one:
        yield one


def place(server: ImapServer, **changes: Any) -> MailboxPlace:
    folders = ("INBOX", Afterwards.MOVE, "Printed", "Not printed")
    there = MailboxPlace(
        "127.0.0.1",
        server.tls_port,
        "tls",
        USER,
        *folders,
        100_000,
        30,
        server.authority.ca_file,
        allow_private=True,
        secret=PASSWORD,
    )
    return replace(there, **changes)


def test_what_was_taken_leaves_the_folder(server: ImapServer) -> None:
    """Moved, deleted or marked; it stays unread, and other deleted messages stay where they are."""
    server.put(b"From: b@x.example\r\n\r\nother\r\n", flags="\\Deleted")
    for afterwards in Afterwards:
        server.put(LETTER)
        with open_mailbox(place(server, afterwards=afterwards)) as mailbox:
            [message] = mailbox.waiting(10)
            assert message.size == len(LETTER)
            assert mailbox.content(message) == LETTER
            assert len(mailbox.waiting(10)) == 1, "until it is taken"
            mailbox.taken(message)
            assert mailbox.waiting(10) == []
    assert server.contents("Printed") == [LETTER]
    assert "\\Seen" not in server.flags("Printed")[0]
    [marked] = server.flags()
    assert KEYWORD in marked
    with server.client() as client:
        client.select()
        assert len(client.search(None, "BODY", "other")[1][0].split()) == 1


def test_what_cannot_be_taken_is_put_aside(server: ImapServer) -> None:
    server.put(LETTER)
    with open_mailbox(place(server, tls="starttls", port=server.starttls_port)) as mailbox:
        [message] = mailbox.waiting(10)
        mailbox.put_aside(message)
        assert mailbox.waiting(10) == []
        assert mailbox.content(Waiting(9999, "", 0)) is None
    assert server.contents("Not printed") == [LETTER]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret": "wrong"}, "mailbox.sign_in_refused"),
        ({"folder": "Nowhere"}, "mailbox.folder_missing"),
        ({"done": "bad/./name"}, "mailbox.folder_missing"),
        ({"ca_file": None}, "mailbox.tls_failed"),
        ({"ca_file": Path("/nowhere.pem")}, "mailbox.tls_failed"),
        ({"host": "localhost"}, "mailbox.tls_failed"),
        ({"host": "no-such-host.invalid"}, "mailbox.unreachable"),
        ({"host": "no-such-host.invalid", "allow_private": False}, "mailbox.unreachable"),
        ({"allow_private": False}, "mailbox.unsafe_address"),
        ({"allow_private": False, "tls": "starttls"}, "mailbox.unsafe_address"),
        ({"allow_private": False, "host": "localhost"}, "mailbox.unsafe_address"),
        ({"allow_private": False, "host": "10.0.0.7"}, "mailbox.unsafe_address"),
    ],
)
def test_what_keeps_a_mailbox_from_being_opened(plain: ImapServer, changes: dict[str, Any], code: str) -> None:
    """Certificates are checked, by name too."""
    with pytest.raises(PressroomError) as refused, open_mailbox(place(plain, **changes)):
        pytest.fail("it was opened")
    assert refused.value.code == code


def test_tls_where_the_server_waits_for_starttls_and_the_other_way_round(plain: ImapServer) -> None:
    with (
        pytest.raises(PressroomError, match=r"mailbox\.tls_failed"),
        open_mailbox(place(plain, port=plain.starttls_port)),
    ):
        pytest.fail("it was opened")
    wrong = place(plain, tls="starttls", timeout=1)
    with pytest.raises(PressroomError, match=r"mailbox\.unreachable"), open_mailbox(wrong):
        pytest.fail("it was opened")


@contextmanager
def impostor(*answers: bytes) -> Iterator[int]:
    """A server that says these things whatever it is asked, without TLS, and hangs up; “@” is the question's tag."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            line, _ = listening.accept()
            with line, suppress(OSError):  # it was broken off
                tag = b""
                for answer in answers:
                    line.sendall(answer.replace(b"@", tag))
                    tag = line.recv(4096).partition(b" ")[0]

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(30)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([b"* OK hello\r\n", b"* CAPABILITY IMAP4rev1\r\n@ OK done\r\n"], "mailbox.tls_failed"),
        ([b"no IMAP at all\r\n"], "mailbox.unreachable"),
        ([b"* BYE come back later\r\n"], "mailbox.unreachable"),
    ],
    ids=["no STARTTLS", "another protocol", "busy"],
)
def test_servers_that_cannot_be_talked_to(plain: ImapServer, answers: list[bytes], code: str) -> None:
    """The password is never sent without encryption."""
    with impostor(*answers) as port:
        there = place(plain, port=port, tls="starttls", timeout=10)
        with pytest.raises(PressroomError) as refused, open_mailbox(there):
            pytest.fail("it was opened")
    assert refused.value.code == code


def code_of(there: MailboxPlace, then: Callable[[Mailbox], object]) -> str:
    """How a look into the mailbox ends."""
    try:
        with open_mailbox(there) as mailbox:
            then(mailbox)
    except PressroomError as error:
        return error.code
    return ""


def test_an_answer_without_end_is_broken_off(plain: ImapServer) -> None:
    """A server may announce any length, which would be read into memory as a whole."""
    plain.put(b"From: a@x.example\r\n\r\n" + b"x" * 1_900_000)

    def read(mailbox: Mailbox) -> None:
        [message] = mailbox.waiting(1)
        mailbox.content(message)

    assert code_of(place(plain, largest=1000), read) == "mailbox.unreachable"
    assert code_of(place(plain, largest=2_000_000), read) == ""


def test_answers_without_end_are_broken_off_whatever_they_are_made_of(plain: ImapServer) -> None:
    """Many short lines are kept until the command is answered, as one long one is."""
    lines = (b"* OK " + b"x" * 500_000 + b"\r\n") * 3
    with impostor(b"* OK hello\r\n", lines + b"@ OK done\r\n") as port:
        there = place(plain, port=port, tls="starttls", timeout=10, largest=1000)
        assert code_of(there, lambda _: None) == "mailbox.unreachable"


def test_a_server_that_drips_its_answer_is_broken_off(plain: ImapServer) -> None:
    """Every byte comes within the time-out: a worker would be held as long as the server likes."""
    is_over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            line, _ = listening.accept()
            with line, suppress(OSError):
                line.sendall(b"* OK ")
                while not is_over.wait(0.05):
                    line.sendall(b"x")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        there = place(plain, port=listening.getsockname()[1], tls="starttls", timeout=30, longest=0.5)
        with pytest.raises(PressroomError, match=r"takes more than 0\.5 seconds") as refused, open_mailbox(there):
            pytest.fail("it was opened")
        is_over.set()
        thread.join(30)
    assert refused.value.code == "mailbox.unreachable"


def test_a_connection_that_breaks_is_told_as_such(authority: TestAuthority) -> None:
    with ExitStack() as server_lives:
        server = server_lives.enter_context(imap_server(authority))

        def look(mailbox: Mailbox) -> None:
            server_lives.close()
            mailbox.waiting(10)

        assert code_of(place(server), look) == "mailbox.unreachable"
