"""The process that takes mail for printing: what it acknowledged is kept, whatever becomes of it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from smtplib import SMTP, SMTPException

import pytest

from connectors.errors import PressroomError
from connectors.settings import Settings
from domain.print_mail.models import MessageState
from pressroom.mail_in import serve
from steps.samples import letter_pdf
from tests.support.installation import Installation, installed
from tests.support.print_mail import mail, messages, open_address, send, wire, work_off

WAIT = 120


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with installed(tmp_path / "home", mail_in_port=str(port), mail_in_sender_check="none") as one:
        yield one


@contextmanager
def running() -> Iterator["subprocess.Popen[bytes]"]:
    """The process as `pressroom up` starts it, ready."""
    process = subprocess.Popen([sys.executable, "-m", "pressroom", "mail-in"], env=dict(os.environ))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def greeted(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until it answers."""
    for _ in range(WAIT * 5):
        assert process.poll() is None, "it ended"
        try:
            with SMTP("127.0.0.1", port, timeout=20) as server:
                assert server.noop()[0] == 250
                return
        except (OSError, SMTPException):
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.2)
    pytest.fail("it never answered")


def test_what_was_acknowledged_is_printed_though_the_process_is_killed(
    installation: Installation, tmp_path: Path
) -> None:
    actor, port = installation.administrator, installation.settings.mail_in_port
    to = open_address(actor)
    document = letter_pdf(tmp_path).read_bytes()
    with running() as process:
        greeted(port, process)
        send(port, actor.email, to, wire(mail(actor.email, to, ("a.pdf", document), Message_ID="<1@x>")))
        process.send_signal(signal.SIGKILL)
        process.wait(WAIT)
    [row] = messages(actor)
    assert row.state == MessageState.RECEIVED
    with running() as process:
        greeted(port, process)
        send(port, actor.email, to, wire(mail(actor.email, to, ("a.pdf", document), Message_ID="<1@x>")))
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT) == 0
    [row] = work_off(actor)
    assert (row.state, row.accepted) == (MessageState.ACCEPTED, 1), "sent twice, printed once"


@pytest.mark.parametrize("half", ["mail_in_certificate", "mail_in_certificate_key"])
def test_half_a_certificate_is_refused_at_the_start(tmp_path: Path, half: str) -> None:
    with pytest.raises(PressroomError, match=r"mail_in\.certificate"):
        serve(Settings(_env_file=None, **{half: tmp_path / "missing.pem"}))  # type: ignore[arg-type]
