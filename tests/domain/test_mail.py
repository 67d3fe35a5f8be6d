"""Mail to people, handed to a real SMTP receiver: in their language, never lost, doubled only under the same id."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import partial

import pytest
from sqlalchemy import select, update

from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.mail.delivery import (
    claim_mail,
    flow_runs_of,
    release_lost,
    renew_mail,
    requeue_expired,
    requeue_unclaimed,
    send_mail,
    unclaimed_mail,
)
from domain.mail.message import MailAttachment
from domain.mail.models import MailState, OutgoingMail
from domain.mail.service import MOST_CONDITIONS, forget_old_mail, forget_recipients, queue_mail
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, now
from domain.outbox.models import OutboxRow
from domain.tenancy import system_session, tenant_session
from tests.support.mail_server import Mailbox, mail_server

ANN, BOB = "ann@example.com", "bob@example.com"
SUBJECT = Message.of(N_("{step} began on “{name}”."), step="footer", name="Ärende")
SECRET = "token-4711"
LINK = f"https://print.example.com/set-password?token={SECRET}&x=<1>"


@pytest.fixture
def mailbox(administrator: Actor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        _use(mailbox, monkeypatch)
        yield mailbox


def _use(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mailbox.port), "MAIL_RETRY_SECONDS": "30"}
    for name, value in values.items():
        monkeypatch.setenv(f"PRESSROOM_{name}", value)
    get_settings.cache_clear()


def queue(actor: Actor, *to: str, key: str | None = None, subject: Message = SUBJECT, locale: str = "sv") -> str:
    with tenant_session(actor.organization_id) as session:
        return queue_mail(
            session,
            actor.organization_id,
            to or (ANN,),
            subject,
            [Message.of(N_("The run is complete.")), Message.of("Hello {who},\nbye.", who="<b>Ann</b>")],
            locale=locale,
            link=LINK,
            attachments=[MailAttachment("log\r\n.csv", "text/csv", b"row;1\r\n")],
            key=key,
        )


def hand_over(mail_id: str, owner: str = "tests:1") -> MailState:
    work = claim_mail(mail_id, owner)
    assert work is not None
    return send_mail(work, lambda: None)


def kept(mail_id: str) -> OutgoingMail:
    with system_session(read_only=True) as session:
        return session.get_one(OutgoingMail, mail_id)


def outbox() -> list[OutboxRow]:
    with system_session(read_only=True) as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_mail_arrives_in_the_readers_language_as_plain_text_and_html(administrator: Actor, mailbox: Mailbox) -> None:
    mail_id = queue(administrator, ANN, "maria@bücher.example", ANN.upper())
    assert hand_over(mail_id) is MailState.SENT
    (message,) = mailbox.messages
    assert mailbox.envelopes[0].rcpt_tos == [ANN, "maria@xn--bcher-kva.example"]
    assert message["From"] == get_settings().mail_sender
    assert message["Subject"] == "Infoga sidfot började med ”Ärende”."
    assert message["Message-ID"] == f"<{mail_id}@localhost>"
    assert message["Content-Language"] == "sv"
    assert abs(parsedate_to_datetime(message["Date"]) - now()) < timedelta(minutes=5)
    plain, html = body(message, "plain"), body(message, "html")
    assert LINK in plain.splitlines()
    assert "Körningen är klar." in plain
    assert "<b>Ann</b>" in plain
    assert "&lt;b&gt;Ann&lt;/b&gt;" in html
    assert 'href="https://print.example.com/set-password?token=token-4711&amp;x=&lt;1&gt;"' in html
    assert '<html lang="sv">' in html
    (attachment,) = message.iter_attachments()
    assert isinstance(attachment, EmailMessage)
    assert attachment.get_content_type() == "text/csv"
    assert attachment.get_content_charset() == "utf-8"
    assert "\n" not in str(attachment.get_filename())
    raw = mailbox.envelopes[0].content
    assert isinstance(raw, bytes)
    assert raw.isascii()


@pytest.mark.parametrize("name", ["x\r\nBcc: eve@example.com", "x\nBcc: eve@example.com\n\nHello", "x\x00\x0by"])
def test_nothing_in_a_subject_becomes_a_header(administrator: Actor, mailbox: Mailbox, name: str) -> None:
    hand_over(queue(administrator, subject=Message.of(N_("{step} began on “{name}”."), step="footer", name=name)))
    (message,) = mailbox.messages
    assert message["Bcc"] is None
    assert str(message["Subject"]).startswith("Infoga sidfot började med ”x")
    assert mailbox.envelopes[0].rcpt_tos == [ANN]


@pytest.mark.parametrize("address", ["ann@example.com\r\nBcc: eve@example.com", "<ann@example.com>", "ann", ""])
def test_what_is_no_address_is_recorded_as_refused_and_goes_nowhere(
    administrator: Actor, mailbox: Mailbox, address: str
) -> None:
    mail_id = queue(administrator, address)
    assert claim_mail(mail_id, "tests:1") is None
    row = kept(mail_id)
    assert (row.state, row.error, row.content) == (MailState.FAILED, "mail.bad_address", "")
    assert outbox() == []
    partly = queue(administrator, address, BOB)
    assert hand_over(partly) is MailState.SENT
    assert kept(partly).recipients[address]["state"] == "refused"
    assert mailbox.envelopes[0].rcpt_tos == [BOB]


def test_only_ids_leave_for_the_engine_and_the_content_is_encrypted_and_then_gone(
    administrator: Actor, mailbox: Mailbox
) -> None:
    mail_id = queue(administrator)
    (row,) = outbox()
    assert row.parameters == {"mail_id": mail_id}
    assert ANN not in f"{row.name}{row.tags}"
    before = kept(mail_id)
    assert before.content
    assert SECRET not in before.content
    hand_over(mail_id)
    after = kept(mail_id)
    assert (after.state, after.content, after.lease_owner) == (MailState.SENT, "", None)
    assert after.recipients == {ANN: {"state": "accepted", "reply": "250 queued as 4711"}}
    assert claim_mail(mail_id, "tests:2") is None


def test_one_occasion_is_one_mail_and_organizations_share_no_occasions(
    administrator: Actor, stranger: Actor, mailbox: Mailbox
) -> None:
    first = queue(administrator, key="quota/80/2027-01")
    assert queue(administrator, key="quota/80/2027-01") == first
    assert queue(stranger, key="quota/80/2027-01") != first
    assert queue(administrator) != queue(administrator)
    assert len(outbox()) == 4


def test_a_fault_that_passes_is_tried_again_with_growing_pauses(administrator: Actor, mailbox: Mailbox) -> None:
    mail_id = queue(administrator)
    mailbox.refuse["."] = "451 come back later"
    assert hand_over(mail_id) is MailState.QUEUED
    first = kept(mail_id)
    assert (first.error, first.attempt) == ("mail.deferred", 1)
    assert hand_over(mail_id) is MailState.QUEUED
    second = kept(mail_id)
    assert timedelta(seconds=25) < first.due - now() < timedelta(seconds=31)
    assert timedelta(seconds=50) < second.due - now() < timedelta(seconds=61)
    assert [row.available for row in outbox()][1:] == [first.due, second.due]
    mailbox.refuse.clear()
    assert hand_over(mail_id) is MailState.SENT
    (message,) = mailbox.messages
    assert message["Message-ID"] == f"<{mail_id}@localhost>"
    assert kept(mail_id).error == ""


def test_who_has_the_mail_does_not_get_it_again_for_the_sake_of_others(administrator: Actor, mailbox: Mailbox) -> None:
    mail_id = queue(administrator, ANN, BOB)
    mailbox.refuse[BOB] = "450 mailbox busy"
    assert hand_over(mail_id) is MailState.QUEUED
    mailbox.refuse.clear()
    assert hand_over(mail_id) is MailState.SENT
    assert [envelope.rcpt_tos for envelope in mailbox.envelopes] == [[ANN], [BOB]]


@pytest.mark.parametrize(
    ("stage", "code"),
    [(ANN, "mail.refused_recipient"), ("DATA", "mail.refused_message"), (".", "mail.refused_message")],
)
def test_a_refusal_for_good_is_recorded_and_ends_it(
    administrator: Actor, mailbox: Mailbox, stage: str, code: str
) -> None:
    mail_id = queue(administrator)
    mailbox.refuse[stage] = "550 no such thing"
    assert hand_over(mail_id) is MailState.FAILED
    row = kept(mail_id)
    assert (row.error, row.content) == (code, "")
    assert len(outbox()) == 1, "it is not tried again"


def test_a_server_that_is_gone_too_long_ends_it_too(administrator: Actor, mailbox: Mailbox) -> None:
    mail_id = queue(administrator)
    mailbox.refuse["MAIL"] = "421 closing"
    with system_session() as session:
        session.execute(update(OutgoingMail).values(created=now() - timedelta(hours=24)))
    assert hand_over(mail_id) is MailState.FAILED
    assert (kept(mail_id).error, kept(mail_id).content) == ("mail.deferred", "")


def test_an_installation_without_a_mail_server_may_still_get_one(
    administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSROOM_SMTP_HOST", "")
    get_settings.cache_clear()
    mail_id = queue(administrator)
    assert hand_over(mail_id) is MailState.QUEUED
    assert kept(mail_id).error == "mail.not_configured"
    with mail_server() as mailbox:
        _use(mailbox, monkeypatch)
        assert hand_over(mail_id) is MailState.SENT
        assert len(mailbox.messages) == 1


def test_a_worker_that_dies_between_the_servers_answer_and_the_record_loses_no_mail(
    administrator: Actor, mailbox: Mailbox
) -> None:
    """The doubt is unavoidable: the second mail carries the id of the first, so that receivers may drop it."""
    mail_id = queue(administrator)
    program = (
        "import sys; from domain.mail.delivery import claim_mail, send_mail; "
        "send_mail(claim_mail(sys.argv[1], 'dead:1'), lambda: None)"
    )
    worker = subprocess.Popen([sys.executable, "-c", program, mail_id], env=os.environ.copy())
    mailbox.after_dot = lambda: os.kill(worker.pid, signal.SIGKILL)
    assert worker.wait(60) == -signal.SIGKILL
    mailbox.after_dot = None
    assert kept(mail_id).state == MailState.SENDING
    assert claim_mail(mail_id, "tests:1") is None, "its lease still holds"
    assert release_lost("dead:1") == [mail_id]
    assert hand_over(mail_id) is MailState.SENT
    assert [message["Message-ID"] for message in mailbox.messages] == [f"<{mail_id}@localhost>"] * 2


def test_a_server_that_hangs_up_after_the_message_is_asked_again(administrator: Actor, mailbox: Mailbox) -> None:
    mail_id = queue(administrator)
    mailbox.hang_up_after_dot = True
    assert hand_over(mail_id) is MailState.QUEUED
    assert kept(mail_id).error == "mail.unanswered"
    mailbox.hang_up_after_dot = False
    assert hand_over(mail_id) is MailState.SENT
    assert len({message["Message-ID"] for message in mailbox.messages}) == 1


def test_mail_whose_worker_is_silent_or_that_nobody_began_is_queued_again(
    administrator: Actor, mailbox: Mailbox
) -> None:
    silent, forgotten, waiting = queue(administrator), queue(administrator), queue(administrator)
    assert claim_mail(silent, "silent:1") is not None
    assert (requeue_expired(), unclaimed_mail()) == ([], [])
    past = now() - timedelta(hours=1)
    with system_session() as session:
        session.execute(update(OutgoingMail).where(OutgoingMail.id == silent).values(lease_until=past))
        of_forgotten = OutboxRow.parameters["mail_id"].as_string() == forgotten
        session.execute(update(OutboxRow).where(of_forgotten).values(dispatched=past, flow_run_id="f"))
        assert flow_runs_of(session, [forgotten]) == ["f"]
    assert requeue_expired() == [silent]
    assert unclaimed_mail() == [(forgotten, "f")], "the third still waits for the engine"
    assert requeue_unclaimed(forgotten)
    assert [kept(each).attempt for each in (silent, forgotten, waiting)] == [1, 1, 0]
    assert kept(silent).error == "mail.unanswered"


def test_a_worker_that_was_overtaken_stops_before_the_server_has_anything(
    administrator: Actor, mailbox: Mailbox
) -> None:
    mail_id = queue(administrator)
    work = claim_mail(mail_id, "slow:1")
    assert work is not None
    renew_mail(work)
    with system_session() as session:
        session.execute(update(OutgoingMail).values(lease_owner="quick:2"))
    with pytest.raises(Exception, match=r"mail\.taken_over"):
        send_mail(work, partial(renew_mail, work))
    assert mailbox.messages == []


def test_records_are_forgotten_after_their_time_and_with_the_organization(
    administrator: Actor, stranger: Actor, mailbox: Mailbox
) -> None:
    sent, waiting, foreign = queue(administrator), queue(administrator), queue(stranger)
    hand_over(sent)
    assert forget_old_mail() == 0
    with system_session() as session:
        session.execute(update(OutgoingMail).where(OutgoingMail.id == sent).values(ended=now() - timedelta(days=31)))
    assert forget_old_mail() == 1
    with system_session() as session:
        session.delete(session.get_one(Organization, stranger.organization_id))
    with system_session(read_only=True) as session:
        assert session.scalars(select(OutgoingMail.id)).all() == [waiting]
    assert foreign != waiting


@pytest.mark.parametrize("others", [0, MOST_CONDITIONS])
def test_who_is_deleted_goes_from_what_is_kept_of_mail(mailbox: Mailbox, administrator: Actor, others: int) -> None:
    """Mail to nobody else goes wholly, also what waits; the others of a mail get it. Few people or many at once."""
    gone = "Jürgen@bücher.example".lower()
    own, shared, longer = queue(administrator, gone), queue(administrator, gone, BOB), queue(administrator, f"x{ANN}")
    work = claim_mail(shared, "tests:1")
    assert work is not None
    with system_session() as session:
        forget_recipients(session, [gone, ANN, *(f"{number}@example.com" for number in range(others))])
    assert send_mail(work, lambda: None) is MailState.SENT
    assert list(kept(shared).recipients) == [BOB], "an answer of the server writes no address down again"
    assert list(kept(longer).recipients) == [f"x{ANN}"]
    with system_session(read_only=True) as session:
        assert session.get(OutgoingMail, own) is None
