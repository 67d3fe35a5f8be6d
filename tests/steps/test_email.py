"""The e-mail step against a real SMTP receiver: limits, the message as it arrives, and exactly one of it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from textwrap import dedent

import pytest
from pydantic import ValidationError

from connectors.documents.document import Document
from connectors.documents.file_names import safe_file_name
from connectors.errors import PressroomError
from steps.contract import CANCELLED, DOCX, DeliveryState, StepResult
from steps.email import EmailStep, send_email
from steps.local_context import LocalContext
from steps.samples import letter_docx
from tests.support.mail_server import Mailbox, mail_server

ANN, BOB, CLEO = "ann@example.com", "bob@example.com", "cleo@example.com"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def context(tmp_path: Path, mailbox: Mailbox) -> LocalContext:
    return LocalContext(tmp_path, settings=mailbox.settings())


@pytest.fixture
def letter(context: LocalContext, tmp_path: Path) -> Document:
    return context.take_in(letter_docx(tmp_path), DOCX)


def refusal(document: Document, step: EmailStep, context: LocalContext) -> PressroomError:
    with pytest.raises(PressroomError) as caught:
        send_email(document, step, context)
    return caught.value


def send(document: Document, context: LocalContext, addresses: str) -> StepResult:
    return send_email(document, EmailStep(addresses=addresses), context)


def many(count: int) -> str:
    return ",".join(f"{number:02}@b" for number in range(count))


@pytest.mark.parametrize(
    ("addresses", "wrong"),
    [
        ("", None),
        ("  ", None),
        ("ann@example.com", None),
        ("ann@example.com, bob@example.com ,cleo@example.com", None),
        ("printer@intranet.local", None),
        ("maria@bücher.example", None),
        (many(42), None),
        (many(50), None),
        (many(51), "mail.too_many_addresses"),
        ("a" * 64 + "@" + "b" * 60 + ".example," + "c" * 64 + "@" + "d" * 48 + ".example", None),
        (",".join(["a" * 60 + "@example.com"] * 3) + ",x@example.org" + " " * 24, "string_too_long"),
        ("ann@example.com;bob@example.com", "mail.bad_separator"),
        ("ann@example.com bob@example.com", "mail.bad_separator"),
        ("ann@example.com\nbob@example.com", "mail.bad_separator"),
        ("ann@example.com\r\nBcc: eve@example.com", "mail.bad_separator"),
        ("ann@example.com,", "mail.bad_address"),
        ("ann@example.com,,bob@example.com", "mail.bad_address"),
        ("ann", "mail.bad_address"),
        ("@example.com", "mail.bad_address"),
        ("ann@", "mail.bad_address"),
        ("<ann@example.com>", "mail.bad_address"),
        ("jürgen@example.com", "mail.bad_address"),
        ("ann@exa_mple..com", "mail.bad_address"),
        ("ann@example.com\x00", "mail.bad_address"),
    ],
)
def test_addresses(addresses: str, wrong: str | None) -> None:
    if wrong is None:
        EmailStep(addresses=addresses)
        return
    with pytest.raises(ValidationError) as caught:
        EmailStep(addresses=addresses)
    assert caught.value.errors()[0]["type"] == wrong


@pytest.mark.parametrize(
    ("addresses", "copy", "code"),
    [("", False, "mail.no_address"), ("  ", False, "mail.no_address"), ("", True, None), (ANN, False, None)],
)
def test_ready(addresses: str, copy: bool, code: str | None) -> None:
    error = EmailStep(addresses=addresses, send_me_a_copy=copy).unready()
    assert (error.code if error else None) == code


def attachment(message: EmailMessage) -> EmailMessage:
    (part,) = message.iter_attachments()
    assert isinstance(part, EmailMessage)
    return part


def test_the_message_as_it_arrives(context: LocalContext, letter: Document, mailbox: Mailbox, tmp_path: Path) -> None:
    step = EmailStep(addresses=f"{BOB}, maria@bücher.example, {BOB.upper()}", send_me_a_copy=True)
    result = send_email(letter, step, context)
    (message,) = mailbox.messages
    assert message["From"] == "Pressroom <pressroom@localhost>"
    assert message["To"] == f"{BOB}, maria@xn--bcher-kva.example"
    assert message["Cc"] == ANN
    assert message["Bcc"] is None
    assert mailbox.envelopes[0].rcpt_tos == [BOB, "maria@xn--bcher-kva.example", ANN]
    assert message["Subject"] == "letter.docx – Example"
    assert abs((parsedate_to_datetime(message["Date"]).timestamp()) - Path(tmp_path).stat().st_mtime) < 600
    assert message["Message-ID"].endswith("@localhost>")
    body = message.get_body(("plain",))
    assert body is not None
    assert "Ann Author" in body.get_content()
    part = attachment(message)
    assert part.get_content_type() == DOCX
    assert part.get_filename() == "letter.docx"
    assert part.get_content() == (tmp_path / "letter.docx").read_bytes()
    assert result.documents == (letter,)
    assert result.report.measures["recipients"] == 3


@pytest.mark.parametrize("name", [
    "Übersicht für Łódź 東京.docx",
    'quo"te; semi.docx',
    "x" * 150 + "ö.docx",
    "plain.docx",
])  # fmt: skip
def test_attachment_names(context: LocalContext, letter: Document, mailbox: Mailbox, name: str) -> None:
    send(letter.model_copy(update={"name": name}), context, BOB)
    assert attachment(mailbox.messages[0]).get_filename() == safe_file_name(name)
    raw = mailbox.envelopes[0].content
    assert isinstance(raw, bytes)
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


@pytest.mark.parametrize(
    "evil", ["a\r\nBcc: eve@example.com\r\n\r\nhello", "a\nX-Evil: 1", "../../etc/\x00passwd", "\u202ecod.exe"]
)
def test_names_cannot_add_headers(context: LocalContext, letter: Document, mailbox: Mailbox, evil: str) -> None:
    context.run = replace(context.run, solution_name=evil, user_name=evil)
    send(letter.model_copy(update={"name": evil}), context, BOB)
    (message,) = mailbox.messages
    allowed = {"from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type"}
    assert {header.lower() for header in message.keys()} == allowed  # noqa: SIM118
    assert mailbox.envelopes[0].rcpt_tos == [BOB]
    name = attachment(message).get_filename() or ""
    assert name.isprintable()
    assert "/" not in name


def test_a_message_type_is_sent_as_plain_bytes(context: LocalContext, tmp_path: Path, mailbox: Mailbox) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(b"From: x@example.com\n\n.dot\n..dots\n")
    send(context.take_in(path, "message/rfc822"), context, BOB)
    part = attachment(mailbox.messages[0])
    assert part.get_content_type() == "application/octet-stream"
    assert part.get_content() == path.read_bytes()


def test_copy_only_and_own_address(context: LocalContext, letter: Document, mailbox: Mailbox) -> None:
    send_email(letter, EmailStep(send_me_a_copy=True), context)
    assert mailbox.messages[0]["To"] == ANN
    context.run = replace(context.run, user_email="nobody")
    assert refusal(letter, EmailStep(send_me_a_copy=True), context).code == "mail.no_own_address"


def test_a_second_attempt_sends_nothing(context: LocalContext, letter: Document, mailbox: Mailbox) -> None:
    for _ in range(2):
        send(letter, context, f"{ANN},{BOB}")
    assert len(mailbox.messages) == 1
    assert {delivery.state for delivery in context.deliveries.values()} == {DeliveryState.DELIVERED}
    assert {delivery.receipt for delivery in context.deliveries.values()} == {"250 queued as 4711"}


def test_a_deferred_recipient_alone_is_tried_again_with_the_same_message(
    context: LocalContext, letter: Document, mailbox: Mailbox
) -> None:
    mailbox.refuse = {CLEO: "450 grey", BOB: "550 unknown"}
    error = refusal(letter, EmailStep(addresses=f"{ANN},{BOB},{CLEO}"), context)
    assert (error.code, error.transient) == ("mail.deferred", True)
    del mailbox.refuse[CLEO]
    result = send(letter, context, f"{ANN},{BOB},{CLEO}")
    assert [envelope.rcpt_tos for envelope in mailbox.envelopes] == [[ANN], [CLEO]]
    first, second = mailbox.messages
    assert first["Message-ID"] == second["Message-ID"]
    (warning,) = result.report.warnings
    assert BOB in str(warning)
    assert "550 unknown" in str(warning)
    assert result.report.measures["recipients"] == 2


def test_all_recipients_refused(context: LocalContext, letter: Document, mailbox: Mailbox) -> None:
    mailbox.refuse = {ANN: "550 unknown", BOB: "551 moved"}
    error = refusal(letter, EmailStep(addresses=f"{ANN},{BOB}"), context)
    assert error.code == "mail.refused_recipient"
    assert ANN in error.message
    assert BOB in error.message


def test_a_refused_message_may_be_sent_again(context: LocalContext, letter: Document, mailbox: Mailbox) -> None:
    mailbox.refuse["."] = "554 no"
    assert refusal(letter, EmailStep(addresses=ANN), context).code == "mail.refused_message"
    mailbox.refuse.clear()
    send(letter, context, ANN)
    assert len(mailbox.messages) == 1


def test_no_answer_is_uncertain_and_stays_so(context: LocalContext, letter: Document, mailbox: Mailbox) -> None:
    mailbox.hang_up_after_dot = True
    for _ in range(2):
        error = refusal(letter, EmailStep(addresses=ANN), context)
        assert (error.code, error.transient) == ("delivery.uncertain", False)
        assert ANN in error.message
    assert len(mailbox.messages) == 1


def test_cancelling_in_the_middle_of_the_message_sends_nothing(
    context: LocalContext, tmp_path: Path, mailbox: Mailbox
) -> None:
    (tmp_path / "noise.bin").write_bytes(os.urandom(1_000_000))
    document = context.take_in(tmp_path / "noise.bin", "application/octet-stream")
    context.cancel_after = 4
    error = refusal(document, EmailStep(addresses=ANN), context)
    assert error.fault is CANCELLED
    assert not mailbox.messages
    context.cancel_after = None
    send(document, context, ANN)
    assert len(mailbox.messages) == 1


@pytest.mark.parametrize("size", [2_000_000, 1_560_000])
def test_the_encoded_size_counts(tmp_path: Path, mailbox: Mailbox, size: int) -> None:
    """1,560,000 bytes are under the limit of 2 MB as a file, and above it with the line breaks of base64."""
    context = LocalContext(tmp_path, settings=mailbox.settings(mail_max_mb=2))
    (tmp_path / "big.bin").write_bytes(bytes(size))
    document = context.take_in(tmp_path / "big.bin", "application/octet-stream")
    error = refusal(document, EmailStep(addresses=ANN), context)
    assert error.code == "mail.too_large"
    assert "at most 2 MB" in error.message
    assert not mailbox.messages


def test_ten_megabytes_are_remarked(context: LocalContext, tmp_path: Path, mailbox: Mailbox) -> None:
    """TR-41."""
    (tmp_path / "big.bin").write_bytes(bytes(10 * 1024 * 1024 + 1))
    result = send(context.take_in(tmp_path / "big.bin", "application/octet-stream"), context, ANN)
    assert "10 MB" in str(result.report.warnings[0])
    assert len(mailbox.messages) == 1


WORKER = dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from steps.contract import DOCX, DeliveryState
    from steps.email import EmailStep, send_email
    from steps.samples import letter_docx
    from steps.local_context import LocalContext, LocalDelivery
    from connectors.settings import Settings

    folder, port, die = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    record = folder / "state"

    class DurableDelivery(LocalDelivery):
        def committing(self):
            if die == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            record.write_text("committing")
            super().committing()

        def delivered(self, receipt):
            if die == "after":
                os.kill(os.getpid(), signal.SIGKILL)
            record.write_text("delivered")
            super().delivered(receipt)

    context = LocalContext(folder, settings=Settings(_env_file=None, smtp_host="127.0.0.1", smtp_port=port))
    state = DeliveryState(record.read_text() if record.exists() else "prepared")
    context.delivery = lambda document, target: DurableDelivery("k" * 64, state)
    document = context.take_in(letter_docx(folder), DOCX)
    send_email(document, EmailStep(addresses="ann@example.com"), context)
    """
)


def worker(folder: Path, mailbox: Mailbox, die: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WORKER, str(folder), str(mailbox.port), die]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("die", "then", "arrived"), [("before", "", 1), ("after", "delivery.uncertain", 1)])
def test_a_worker_killed_at_the_critical_moment(
    tmp_path: Path, mailbox: Mailbox, die: str, then: str, arrived: int
) -> None:
    """Before the dot: repeated, and it arrives once. After it: not repeated, and said."""
    assert worker(tmp_path, mailbox, die).returncode == -signal.SIGKILL
    second = worker(tmp_path, mailbox, "never")
    assert then in second.stderr
    assert (second.returncode == 0) == (not then)
    assert len(mailbox.messages) == arrived
