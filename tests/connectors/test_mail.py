"""The SMTP transaction against a real receiver: safe connections, sign-in, refusals, and the moment of no return."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import mail
from connectors.errors import PressroomError
from connectors.settings import Settings
from tests.support.mail_server import PASSWORD, USER, Mailbox, TestAuthority, mail_server, make_authority

MESSAGE = b"Subject: hello\r\n\r\nfirst\r\n.second line starts with a dot\r\n..third with two\r\nlast\r\n"
ANN, BOB = "ann@example.com", "bob@example.com"


class Recorder(mail.Witness):
    """Writes down what happens, and dies where it is told to."""

    def __init__(self, die_at: str = "") -> None:
        self.seen: list[str] = []
        self.die_at = die_at

    def sending(self, done: int, total: int) -> None:
        self._saw("sending")

    def committing(self, accepted: tuple[str, ...]) -> None:
        self._saw("committing")

    def rejected(self, accepted: tuple[str, ...]) -> None:
        self._saw("rejected")

    def _saw(self, moment: str) -> None:
        self.seen.append(moment)
        if moment == self.die_at:
            raise Killed


class Killed(BaseException):
    """The worker is lost here."""


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return make_authority(tmp_path_factory.mktemp("authority"))


def send(settings: Settings, *recipients: str, witness: mail.Witness | None = None) -> mail.Dispatch:
    server = mail.MailServer.of(settings)
    return mail.send(server, MESSAGE, recipients or (ANN,), "letter.pdf", witness or mail.Witness())


def refusal(settings: Settings, *recipients: str, witness: mail.Witness | None = None) -> PressroomError:
    with pytest.raises(PressroomError) as caught:
        send(settings, *recipients, witness=witness)
    return caught.value


def test_a_message_arrives_byte_for_byte(mailbox: Mailbox) -> None:
    recorder = Recorder()
    dispatch = send(mailbox.settings(), ANN, BOB, witness=recorder)
    assert dispatch.accepted == (ANN, BOB)
    assert str(dispatch.reply) == "250 queued as 4711"
    (envelope,) = mailbox.envelopes
    assert envelope.content == MESSAGE
    assert (envelope.mail_from, envelope.rcpt_tos) == ("pressroom@localhost", [ANN, BOB])
    assert recorder.seen[-1] == "committing"
    assert "sending" in recorder.seen


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("mode", ["starttls", "tls"])
def test_a_verified_connection_and_sign_in(authority: TestAuthority, mode: str) -> None:
    with mail_server(mode, authority.server, sign_in=True) as mailbox:
        safe = {"smtp_tls": mode, "smtp_ca_file": authority.ca_file, "smtp_user": USER, "smtp_password": PASSWORD}
        mail.check(mail.MailServer.of(mailbox.settings(**safe)))
        send(mailbox.settings(**safe))
        assert len(mailbox.envelopes) == 1
        assert refusal(mailbox.settings(**safe | {"smtp_ca_file": None})).code == "mail.tls_failed"
        assert refusal(mailbox.settings(**safe | {"smtp_ca_file": authority.server[1]})).code == "mail.tls_failed"
        wrong = refusal(mailbox.settings(**safe | {"smtp_password": "wrong"}))
        assert wrong.code == "mail.auth_failed"
        assert "wrong" not in str(wrong)
        assert len(mailbox.envelopes) == 1


def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    other = make_authority(tmp_path, "mail.example.com")
    with mail_server("tls", other.server) as mailbox:
        error = refusal(mailbox.settings(smtp_tls="tls", smtp_ca_file=other.ca_file))
    assert error.code == "mail.tls_failed"


@pytest.mark.parametrize("mode", ["starttls", "tls"])
def test_a_server_without_tls_gets_nothing(mailbox: Mailbox, mode: str) -> None:
    assert refusal(mailbox.settings(smtp_tls=mode)).code == "mail.tls_failed"
    assert not mailbox.envelopes


def test_a_server_without_sign_in(mailbox: Mailbox) -> None:
    assert refusal(mailbox.settings(smtp_user=USER, smtp_password=PASSWORD)).code == "mail.auth_failed"


@pytest.mark.parametrize(
    ("stage", "answer", "code", "seen"),
    [
        ("MAIL", "550 not from you", "mail.refused_sender", []),
        ("MAIL", "552 too big", "mail.refused_message", []),
        ("MAIL", "451 later", "mail.deferred", []),
        ("DATA", "554 no", "mail.refused_message", []),
        ("DATA", "451 later", "mail.deferred", []),
        (".", "554 looks like a virus", "mail.refused_message", ["sending", "sending", "committing", "rejected"]),
        (".", "452 disk full", "mail.deferred", ["sending", "sending", "committing", "rejected"]),
    ],
)
def test_refusals(mailbox: Mailbox, stage: str, answer: str, code: str, seen: list[str]) -> None:
    mailbox.refuse[stage] = answer
    recorder = Recorder()
    error = refusal(mailbox.settings(), witness=recorder)
    assert error.code == code
    assert error.transient == answer.startswith("4")
    assert answer in error.message
    assert recorder.seen == seen
    assert not mailbox.envelopes


def test_refused_recipients_do_not_keep_it_from_the_others(mailbox: Mailbox) -> None:
    mailbox.refuse |= {ANN: "550 unknown", "cleo@example.com": "450 grey"}
    dispatch = send(mailbox.settings(), ANN, BOB, "cleo@example.com")
    assert dispatch.accepted == (BOB,)
    assert {to: str(reply) for to, reply in dispatch.refused.items()} == {ANN: "550 unknown"}
    assert list(dispatch.deferred) == ["cleo@example.com"]
    assert mailbox.envelopes[0].rcpt_tos == [BOB]


def test_no_recipient_left_sends_nothing(mailbox: Mailbox) -> None:
    mailbox.refuse[ANN] = "550 unknown"
    recorder = Recorder()
    assert send(mailbox.settings(), witness=recorder).accepted == ()
    assert recorder.seen == []


@pytest.mark.parametrize("moment", ["sending", "committing"])
def test_lost_before_the_dot_means_not_sent(mailbox: Mailbox, moment: str) -> None:
    with pytest.raises(Killed):
        send(mailbox.settings(), witness=Recorder(die_at=moment))
    assert not mailbox.envelopes
    send(mailbox.settings())
    assert len(mailbox.envelopes) == 1


def test_no_answer_after_the_dot_is_said_and_not_repeated(mailbox: Mailbox) -> None:
    mailbox.hang_up_after_dot = True
    error = refusal(mailbox.settings())
    assert error.code == "mail.unanswered"
    assert not error.transient
    assert len(mailbox.envelopes) == 1


def test_the_size_that_a_server_announces_is_kept() -> None:
    with mail_server(limit=50) as mailbox:
        assert refusal(mailbox.settings()).code == "mail.too_large"
        assert not mailbox.envelopes


def test_an_unreachable_server(mailbox: Mailbox) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = probe.getsockname()[1]
    error = refusal(mailbox.settings(smtp_port=closed))
    assert (error.code, error.transient) == ("mail.unreachable", True)
    error = refusal(mailbox.settings(smtp_host="no-such-host.invalid"))
    assert error.code == "mail.unreachable"


def test_a_silent_server_and_one_that_hangs_up(mailbox: Mailbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert refusal(mailbox.settings(smtp_port=port, smtp_timeout_seconds=0.2)).code == "mail.unreachable"
        silent.accept()[0].close()
        greeter = threading.Thread(target=_greet_and_hang_up, args=(silent,))
        greeter.start()
        assert refusal(mailbox.settings(smtp_port=port)).code == "mail.unreachable"
        greeter.join()


def _greet_and_hang_up(server: socket.socket) -> None:
    connection, _ = server.accept()
    connection.sendall(b"220 here\r\n")
    connection.recv(100)
    connection.sendall(b"250 hello\r\n")
    connection.close()


@pytest.mark.parametrize("values", [{"smtp_host": ""}, {"smtp_host": "localhost", "mail_sender": "nobody"}])
def test_without_a_server_or_sender(values: dict[str, str]) -> None:
    with pytest.raises(PressroomError) as caught:
        mail.MailServer.of(Settings(_env_file=None, **values))  # type: ignore[arg-type]
    assert caught.value.code == "mail.not_configured"


def test_the_password_is_never_shown() -> None:
    server = mail.MailServer.of(Settings(_env_file=None, smtp_host="mail", smtp_password="hidden"))  # type: ignore[arg-type]
    assert "hidden" not in repr(server)
