"""The receiver within its limits, against real clients: smtplib, swaks, and sockets that do harm."""

import shutil
import smtplib
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from connectors.mail_in.probe import send_probe
from connectors.mail_in.receiver import ReceivedMail, ReceiverLimits
from tests.support.mail_server import make_authority
from tests.support.print_mail import receiving

LIMITS = ReceiverLimits(message_bytes=100_000, recipients=3, connections=3, per_address=2, silence=30, seconds=30)
LETTER = b"From: a@x.example\r\nSubject: S\r\n\r\n.hello\r\n..\r\n"


@dataclass
class Door:
    """A door that keeps what comes, refuses strangers and may be broken."""

    mails: list[ReceivedMail] = field(default_factory=list)
    is_broken: bool = False

    def recipient(self, address: str) -> str:
        return "250 fine" if address.startswith("office") else "550 5.1.1 No such address here"

    def take(self, mail: ReceivedMail) -> str:
        if self.is_broken:
            raise RuntimeError("the store is away")
        self.mails.append(mail)
        return "250 2.0.0 Taken"


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def port(door: Door) -> Iterator[int]:
    with receiving(door, LIMITS) as number:
        yield number


def client(port: int) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", port, timeout=20)


def test_a_message_comes_through_byte_by_byte(door: Door, port: int) -> None:
    with client(port) as server:
        server.sendmail("a@x.example", ["office@print.example", "office2@print.example"], LETTER)
    [mail] = door.mails
    assert (mail.peer, mail.mail_from, mail.content) == ("127.0.0.1", "a@x.example", LETTER)
    assert mail.recipients == ("office@print.example", "office2@print.example")


def test_reports_have_no_sender(door: Door, port: int) -> None:
    with client(port) as server:
        server.sendmail("", ["office@print.example"], LETTER)
    assert door.mails[0].mail_from == ""


@pytest.mark.parametrize(
    ("recipients", "content", "code"),
    [
        (["nobody@print.example"], LETTER, 550),
        (["office@print.example"], b"x" * 70 + b"\r\n" + b"y" * 900 + b"\r\n" + b"z\r\n" * 50_000, 552),
    ],
)
def test_what_is_refused_at_once(door: Door, port: int, recipients: list[str], content: bytes, code: int) -> None:
    with client(port) as server, pytest.raises(smtplib.SMTPException) as refused:
        server.sendmail("a@x.example", recipients, content)
    assert str(code) in repr(refused.value)
    assert door.mails == []


def test_a_size_that_is_announced_is_refused_before_it_comes(port: int) -> None:
    with client(port) as server:
        server.ehlo()
        assert server.mail("a@x.example", ["SIZE=100001"])[0] == 552


def test_more_recipients_than_allowed_are_put_off(door: Door, port: int) -> None:
    with client(port) as server:
        server.ehlo()
        server.mail("a@x.example")
        assert [server.rcpt(f"office{number}@print.example")[0] for number in range(4)] == [250, 250, 250, 452]


def test_more_connections_than_allowed_are_sent_away(port: int) -> None:
    with client(port), client(port):
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            client(port)
        assert refused.value.smtp_code == 421
    for _ in range(50):
        try:
            with client(port) as server:
                assert server.noop()[0] == 250
                break
        except smtplib.SMTPConnectError:
            continue  # the others are just leaving
    else:
        pytest.fail("nobody is let in again")


def test_trouble_behind_the_door_leaves_the_mail_with_its_sender(door: Door, port: int) -> None:
    door.is_broken = True
    with client(port) as server, pytest.raises(smtplib.SMTPDataError) as refused:
        server.sendmail("a@x.example", ["office@print.example"], LETTER)
    assert refused.value.smtp_code == 451
    door.is_broken = False
    with client(port) as server:
        server.sendmail("a@x.example", ["office@print.example"], LETTER)
    assert len(door.mails) == 1


def begin(port: int) -> socket.socket:
    """A connection that is in the middle of a message."""
    server = client(port)
    server.ehlo()
    server.mail("a@x.example")
    server.rcpt("office@print.example")
    assert server.docmd("DATA")[0] == 354
    assert server.sock is not None
    return server.sock


def sent_until_it_is_cut(line: socket.socket) -> int:
    sent = 0
    try:
        while sent < 50_000_000:
            sent += line.send(b"x" * 65_536)
    except (ConnectionError, TimeoutError):
        return sent
    return sent


def test_a_line_that_never_ends_is_cut_off(door: Door, port: int) -> None:
    with begin(port) as line:
        assert sent_until_it_is_cut(line) < 20_000_000
    assert door.mails == []


def test_a_message_that_takes_too_long_is_ended(door: Door) -> None:
    limits = ReceiverLimits(message_bytes=100_000, silence=30, seconds=0.5)
    with receiving(door, limits) as port, begin(port) as line:
        assert line.recv(4096) == b""
    assert door.mails == []


def test_silence_ends_a_connection(door: Door) -> None:
    limits = ReceiverLimits(message_bytes=100_000, silence=0.5)
    with receiving(door, limits) as port, socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.recv(4096)
        while answer := line.recv(4096):
            assert answer.startswith(b"421")


def test_a_message_that_is_broken_off_is_not_taken(door: Door, port: int) -> None:
    with begin(port) as line:
        line.sendall(b"From: a@x.example\r\n\r\nhalf")
    with client(port) as server:
        server.sendmail("b@x.example", ["office@print.example"], LETTER)
    assert [mail.mail_from for mail in door.mails] == ["b@x.example"]


def test_lines_of_others_cannot_be_smuggled_in(door: Door, port: int) -> None:
    """A dot between bare line feeds does not end a message (“SMTP smuggling”)."""
    smuggled = b"\n.\nMAIL FROM:<boss@x.example>\nRCPT TO:<office@print.example>\nDATA\nevil\n"
    with begin(port) as line:
        line.sendall(b"From: a@x.example\r\n\r\nhello" + smuggled + b"\r\n.\r\n")
        assert line.recv(4096).startswith(b"250")
    assert [mail.mail_from for mail in door.mails] == ["a@x.example"]
    assert b"MAIL FROM:<boss@x.example>" in door.mails[0].content


def test_lmtp_answers_for_each_recipient(door: Door) -> None:
    with receiving(door, LIMITS, speaks_lmtp=True) as port:
        with smtplib.LMTP("127.0.0.1", port) as server:
            server.ehlo()
            server.mail("a@x.example")
            for recipient in ("office@print.example", "office2@print.example"):
                server.rcpt(recipient)
            server.docmd("DATA")
            server.send(LETTER + b".\r\n")
            assert [server.getreply()[0] for _ in range(2)] == [250, 250]
        assert len(door.mails) == 1
        send_probe("127.0.0.1", port, "office@print.example", "token", speaks_lmtp=True)
    assert b"Pressroom-Probe: token" in door.mails[1].content


def test_a_test_message_that_does_not_arrive_says_why(door: Door, port: int) -> None:
    send_probe("127.0.0.1", port, "office@print.example", "token")
    with pytest.raises(PressroomError) as refused:
        send_probe("127.0.0.1", port, "nobody@print.example", "token")
    assert "550" in refused.value.message
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(PressroomError, match=r"print_mail\.not_arrived"):
            send_probe("127.0.0.1", free.getsockname()[1], "office@print.example", "token")


@pytest.mark.skipif(shutil.which("swaks") is None, reason="swaks is not installed")
def test_swaks_sends_over_starttls(door: Door, tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*authority.server)
    document = tmp_path / "note.txt"
    document.write_text("Print me")
    with receiving(door, LIMITS, tls=tls) as port:
        done = subprocess.run(
            [
                *("swaks", "--server", f"127.0.0.1:{port}", "--from", "a@x.example", "--to", "office@print.example"),
                *("--tls", "--attach", f"@{document}", "--header", "Subject: From swaks"),
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert b"Subject: From swaks" in door.mails[0].content


def test_many_at_a_time_all_arrive(door: Door) -> None:
    def post(number: int) -> None:
        with client(port) as server:
            server.sendmail(f"{number}@x.example", ["office@print.example"], LETTER)

    with receiving(door, ReceiverLimits(message_bytes=100_000, connections=40, per_address=40)) as port:
        threads = [threading.Thread(target=post, args=(number,)) for number in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert {mail.mail_from for mail in door.mails} == {f"{number}@x.example" for number in range(30)}
