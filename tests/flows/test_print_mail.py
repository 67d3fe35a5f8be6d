"""From a mail at our receiver to jobs in a queue, the answer, and a guest's release at a printer (F-11 … F-14)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from smtplib import SMTPDataError

import pytest
from sqlalchemy import select

from connectors.documents.store import STORE_UNREACHABLE
from connectors.errors import PressroomError
from connectors.secrets import decrypt
from domain.audit.models import AuditEvent
from domain.mail.models import MailState, OutgoingMail
from domain.organizations.actor import Actor
from domain.organizations.models import User, UserStatus, now
from domain.organizations.roles import Role
from domain.outbox.models import OutboxRow
from domain.print_guests.administration import list_guests
from domain.print_guests.models import GuestState, PrintGuest
from domain.print_mail import upkeep, work
from domain.print_mail.models import MessageState, PrintMessage
from domain.printer_login.at_printers import PinProof, sign_in_at_printer
from domain.printer_login.configuration import change_settings
from domain.printer_login.printer_sessions import Panel, SignedIn
from domain.printer_login.rules import ExpiryUnit, LoginMethod, PinExpiry, PinGeneration, PrinterLoginSettings
from domain.printing.content import job_store
from domain.printing.models import PrintJob
from domain.printing.states import JobState
from domain.tenancy import system_session
from fleet.releasing.panel import jobs_at_printer
from flows.print_mail import expire_print_guests, receive_print_mail
from steps.samples import letter_pdf
from tests.support.installation import Installation, installed
from tests.support.print_mail import (
    RELAY,
    mail,
    messages,
    name_server,
    open_address,
    print_mail_receiver,
    proven,
    send,
    wire,
    work_off,
)

ANN = "ann@one.example"
GUEST = "visitor@elsewhere.example"


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    options = {"mail_in_relays": "127.0.0.0/8", "mail_in_authentication_servers": RELAY}
    with installed(tmp_path / "home", **options) as one:
        one.add_person(ANN, Role.PRINT_RELEASE_USER)
        yield one


@pytest.fixture
def administrator(installation: Installation) -> Actor:
    return installation.administrator


@pytest.fixture
def letter(tmp_path: Path) -> bytes:
    return letter_pdf(tmp_path).read_bytes()


@pytest.fixture
def port(installation: Installation) -> Iterator[int]:
    with print_mail_receiver() as number:
        yield number


def jobs(actor: Actor) -> list[PrintJob]:
    with actor.session(read_only=True) as session:
        return list(session.scalars(select(PrintJob).order_by(PrintJob.number)))


def answers(actor: Actor) -> list[tuple[list[str], str]]:
    """To whom, and the message."""
    with actor.session(read_only=True) as session:
        rows = session.scalars(select(OutgoingMail).order_by(OutgoingMail.created)).all()
        return [(list(row.recipients), decrypt(row.content)["message"]) for row in rows if row.content]


def let_guests_in(actor: Actor, expiry: PinExpiry | None = None, **email: object) -> str:
    methods = (LoginMethod.BADGE, LoginMethod.PIN)
    generation = PinGeneration.ADMINISTRATOR
    change_settings(actor, PrinterLoginSettings(methods=methods, pin_generation=generation, pin_expiry=expiry))
    return open_address(actor, guests_enabled=True, **email)


def told_pin(message: str) -> str:
    found = re.search(r"^(\d{6})\r?$", message, re.MULTILINE)
    assert found, message
    return found[1]


def test_each_attachment_is_a_job_of_its_sender_and_the_answer_says_so(
    administrator: Actor, port: int, letter: bytes
) -> None:
    """PR-141, PR-142: the address is compared without regard to case."""
    to = open_address(administrator)
    message = mail("Ann <Ann@One.example>", to, ("one.pdf", letter), ("two.txt", b"hello"), text="not printed")
    send(port, ANN, to.upper(), proven(message, "one.example"))
    [row] = work_off(administrator)
    assert (row.state, row.accepted, row.refused, row.is_guest) == (MessageState.ACCEPTED, 2, 0, False)
    assert [(job.name, job.source, job.state) for job in jobs(administrator)] == [
        ("one.pdf", "email", JobState.HELD),
        ("two.txt", "email", JobState.HELD),
    ]
    [(recipients, answer)] = answers(administrator)
    assert recipients == [ANN]
    assert "one.pdf, pages: 1" in answer
    assert (row.envelope, row.parts) == ("", []), "PR-146: nothing of the mail is kept"
    assert list(job_store().list(f"{administrator.organization_id}/print-mail")) == []


def test_the_text_is_one_job_with_its_pictures_and_only_where_it_is_wanted(administrator: Actor, port: int) -> None:
    """PR-36, PR-144: pictures that the text shows and signatures are no jobs."""
    to = open_address(administrator, body_enabled=True)
    message = mail(ANN, to, text="plain", Subject="Minutes: Monday / Tuesday")
    message.add_alternative("<p>Hello <img src='cid:logo@x'></p>", subtype="html")
    page = message.get_payload()[1]  # type: ignore[index]
    page.add_related(b"GIF89a\x01\x00\x01\x00", "image", "gif", cid="<logo@x>")  # type: ignore[union-attr]
    message.add_attachment(b"\x30\x82", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    send(port, ANN, to, proven(message, "one.example"))
    [row] = work_off(administrator)
    assert (row.state, row.accepted) == (MessageState.ACCEPTED, 1)
    [job] = jobs(administrator)
    assert (job.name, job.media_type, job.state) == ("Minutes_ Monday - Tuesday.html", "text/html", JobState.HELD)


def test_a_mail_without_anything_to_print_is_explained(administrator: Actor, port: int) -> None:
    to = open_address(administrator)
    send(port, ANN, to, proven(mail(ANN, to, text="only text"), "one.example"))
    [row] = work_off(administrator)
    assert row.state == MessageState.EMPTY
    [(recipients, answer)] = answers(administrator)
    assert (recipients, "nothing in the mail that is printed" in answer) == ([ANN], True)


def test_what_cannot_be_printed_is_told_with_the_formats_and_the_rest_is_printed(
    administrator: Actor, port: int, letter: bytes
) -> None:
    """PR-128; a forwarded message is an attachment in a format that is not printed."""
    to = open_address(administrator)
    message = mail(ANN, to, ("letter.pdf", letter), ("archive.zip", b"PK\x03\x04"), ("broken.pdf", b"%PDF-1.7\n"))
    message.add_attachment(mail(ANN, to, text="inside", Subject="Forwarded"))
    send(port, ANN, to, proven(message, "one.example"))
    [row] = work_off(administrator)
    assert (row.state, row.accepted, row.refused) == (MessageState.PARTIALLY_ACCEPTED, 1, 3)
    [(_, answer)] = answers(administrator)
    for told in ("archive.zip", "broken.pdf", "Forwarded.eml", "ODT, PDF"):
        assert told in answer


def test_the_same_mail_twice_is_printed_once(administrator: Actor, port: int, letter: bytes) -> None:
    """PR-145; another sender's mail under the same Message-ID is another mail."""
    to = open_address(administrator)
    content = proven(mail(ANN, to, ("a.pdf", letter), Message_ID="<1@one.example>"), "one.example")
    for _ in range(2):
        send(port, ANN, to, content)
    work_off(administrator)
    send(port, ANN, to, content)
    assert len(work_off(administrator)) == len(jobs(administrator)) == len(answers(administrator)) == 1
    send(port, "x@two.example", to, proven(mail("x@two.example", to, Message_ID="<1@one.example>"), "two.example"))
    assert len(messages(administrator)) == 2


@pytest.mark.parametrize(
    ("sender", "envelope", "headers", "verdict", "code"),
    [
        (ANN, ANN, {}, "fail", "print_mail.not_authentic"),
        (ANN, ANN, {}, "", "print_mail.not_authentic"),
        ("who@else.example", "who@else.example", {}, "pass", "print_mail.unknown_sender"),
        (ANN, "", {}, "pass", "print_mail.automatic"),
        (ANN, ANN, {"Auto_Submitted": "auto-replied"}, "pass", "print_mail.automatic"),
        ("office@print.127.0.0.1", ANN, {}, "pass", "print_mail.own"),
        ("pressroom@localhost", ANN, {}, "pass", "print_mail.own"),
        ("a@one.example, b@one.example", ANN, {}, "pass", "print_mail.no_sender"),
    ],
)
def test_who_is_not_proven_or_not_known_is_dropped_and_noted_and_never_answered(
    administrator: Actor,
    port: int,
    letter: bytes,
    sender: str,
    envelope: str,
    headers: dict[str, str],
    verdict: str,
    code: str,
) -> None:
    """PR-143, and no loop of answers to answers."""
    to = open_address(administrator)
    message = mail(sender, to, ("a.pdf", letter), **headers)
    domain = sender.rpartition("@")[2]
    content = proven(message, domain, verdict) if verdict else wire(message)
    send(port, envelope, to, content)
    [row] = work_off(administrator)
    assert row.state == MessageState.REFUSED
    assert row.reason is not None
    assert row.reason["code"] == code
    assert (jobs(administrator), answers(administrator)) == ([], [])
    with administrator.session(read_only=True) as session:
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.action == "print_mail.refused"))
        assert event.facts["reason"] == code
        assert "@" not in str(event.facts), "no address of strangers is kept"


def test_mail_of_programs_is_printed_for_people_and_not_answered(
    administrator: Actor, port: int, letter: bytes
) -> None:
    to = open_address(administrator)
    message = mail(ANN, to, ("report.pdf", letter), Auto_Submitted="auto-generated")
    send(port, ANN, to, proven(message, "one.example"))
    [row] = work_off(administrator)
    assert (row.state, answers(administrator)) == (MessageState.ACCEPTED, [])


def test_a_person_without_the_right_is_told_which(installation: Installation, port: int, letter: bytes) -> None:
    """PR-142, PR-161."""
    administrator = installation.administrator
    installation.add_person("bob@one.example")
    to = open_address(administrator, guests_enabled=True)
    send(port, "bob@one.example", to, proven(mail("bob@one.example", to, ("a.pdf", letter)), "one.example"))
    [row] = work_off(administrator)
    assert row.state == MessageState.REFUSED
    [(recipients, answer)] = answers(administrator)
    assert (recipients, "Print Release Management User" in answer) == (["bob@one.example"], True)
    assert (jobs(administrator), list_guests(administrator)) == ([], []), "who is known is never a guest"


def test_too_many_attachments_are_refused_together(administrator: Actor, port: int) -> None:
    to = open_address(administrator)
    files = [(f"{number}.txt", b"x") for number in range(1000)]
    send(port, ANN, to, proven(mail(ANN, to, *files), "one.example"))
    [row] = work_off(administrator)
    assert row.state == MessageState.REFUSED
    assert jobs(administrator) == []
    [(_, answer)] = answers(administrator)
    assert "1000 attachments" in answer


def test_a_sender_who_sends_too_often_is_stopped_without_answers(
    installation: Installation, port: int, letter: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = installation.administrator
    monkeypatch.setattr(installation.settings, "mail_in_sender_hour", 2)
    to = open_address(administrator)
    for number in range(3):
        message = mail(ANN, to, ("a.pdf", letter), Message_ID=f"<{number}@one.example>")
        send(port, ANN, to, proven(message, "one.example"))
    rows = work_off(administrator)
    assert sorted(row.state for row in rows) == [MessageState.ACCEPTED, MessageState.ACCEPTED, MessageState.REFUSED]
    assert len(answers(administrator)) == 2


def test_trouble_that_passes_loses_nothing_and_doubles_nothing(
    administrator: Actor, port: int, letter: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies, or a store that is away, after one of two documents was taken."""
    to = open_address(administrator)
    send(port, ANN, to, proven(mail(ANN, to, ("a.pdf", letter), ("b.pdf", letter)), "one.example"))
    [row] = messages(administrator)
    with monkeypatch.context() as broken:
        from domain.print_mail import processing

        real, calls = processing.submit_file, []

        def once(*arguments: object) -> object:
            calls.append(arguments)
            if len(calls) > 1:
                raise STORE_UNREACHABLE()
            return real(*arguments)  # type: ignore[arg-type]

        broken.setattr(processing, "submit_file", once)
        receive_print_mail.fn(row.id)
    [row] = messages(administrator)
    assert (row.state, row.ended, row.lease_owner) == (MessageState.RECEIVED, None, None)
    assert row.due > now()
    [row] = work_off(administrator)
    assert (row.state, row.accepted) == (MessageState.ACCEPTED, 2)
    assert [job.name for job in jobs(administrator)] == ["a.pdf", "b.pdf"]
    assert len(answers(administrator)) == 1


def test_a_guest_gets_a_pin_and_sees_the_jobs_at_the_printer(administrator: Actor, port: int, letter: bytes) -> None:
    """PR-147 … PR-159: the sequence, the role, the same PIN with the next mail, and what is not kept."""
    to = let_guests_in(administrator, guest_cost_center="Reception")
    for name in ("first.pdf", "second.pdf"):
        message = mail(GUEST.title(), to, (name, letter), Message_ID=f"<{name}@elsewhere.example>")
        send(port, GUEST, to, proven(message, "elsewhere.example"))
        work_off(administrator)
    (first_to, first), (_, second) = answers(administrator)
    pin = told_pin(first)
    assert (first_to, told_pin(second)) == ([GUEST], pin)
    assert "have already" not in first.replace("=\r\n", "")
    assert "have already" in second.replace("=\r\n", "")
    signed_in = sign_in_at_printer(Panel(administrator.organization_id, "printer"), PinProof(pin))
    assert isinstance(signed_in, SignedIn)
    assert (signed_in.actor.roles, signed_in.pin_must_be_reset) == ({"User", Role.PRINT_GUEST.value}, False)
    assert [job.name for job in jobs_at_printer(signed_in.actor)] == ["second.pdf", "first.pdf"]
    with administrator.session(read_only=True) as session:
        user = session.get_one(User, signed_in.actor.user_id)
        assert (user.status, user.cost_center, user.ended) == (UserStatus.GUEST, "Reception", None)
        [guest] = session.scalars(select(PrintGuest))
        assert guest.expires - guest.created == timedelta(days=14)
        assert GUEST not in f"{vars(guest)} {vars(user)}"
        assert "elsewhere" not in f"{vars(guest)} {vars(user)}"
    retention = jobs(administrator)[0].submitted + timedelta(days=3)
    assert jobs(administrator)[0].expires_at == retention, "the shorter of both (PR-155)"


def test_a_guests_jobs_end_with_the_pin_and_the_address_is_forgotten_with_the_answer(
    administrator: Actor, port: int, letter: bytes
) -> None:
    """PR-155, PR-158, PR-159, F-14."""
    to = let_guests_in(administrator, PinExpiry(amount=2, unit=ExpiryUnit.HOURS))
    send(port, GUEST, to, proven(mail(GUEST, to, ("a.pdf", letter)), "elsewhere.example"))
    work_off(administrator)
    pin = told_pin(answers(administrator)[0][1])
    [job] = jobs(administrator)
    with administrator.session() as session:
        [guest] = session.scalars(select(PrintGuest))
        assert job.expires_at == job.expires_latest == guest.pin_expires
        guest.pin_expires = now() - timedelta(seconds=1)
    assert expire_print_guests.fn() == 1
    [job] = jobs(administrator)
    assert (job.state, job.content_deleted is not None) == (JobState.EXPIRED, True)
    panel = Panel(administrator.organization_id, "printer")
    with pytest.raises(Exception, match=r"pin\.refused"):
        sign_in_at_printer(panel, PinProof(pin))
    send(port, GUEST, to, proven(mail(GUEST, to, ("b.pdf", letter), Message_ID="<2@x>"), "elsewhere.example"))
    work_off(administrator)
    again = jobs(administrator)[-1]
    assert again.user_id == job.user_id, "the same queue for 14 days, with a new PIN"
    with administrator.session() as session:
        [guest] = session.scalars(select(PrintGuest))
        guest.expires = now() - timedelta(seconds=1)
    assert expire_print_guests.fn() == 1
    with administrator.session(read_only=True) as session:
        [guest] = session.scalars(select(PrintGuest))
        assert (guest.state, guest.user_id, bool(guest.address_hash)) == (GuestState.REMOVED, None, True)
        user = session.get_one(User, job.user_id)
        assert (user.ended is not None, user.name) == (True, f"Guest {user.id[:8]}"), "reports keep the identifier"
    send(port, GUEST, to, proven(mail(GUEST, to, ("c.pdf", letter), Message_ID="<3@x>"), "elsewhere.example"))
    work_off(administrator)
    assert jobs(administrator)[-1].user_id != job.user_id


def test_a_guests_job_over_the_page_limit_is_not_printed_and_the_others_are(
    administrator: Actor, port: int, letter: bytes, tmp_path: Path
) -> None:
    """PR-152, PR-38."""
    from tests.support.releasing import write_pdf

    to = let_guests_in(administrator, guest_page_limit_enabled=True, guest_page_limit=2)
    long = write_pdf(tmp_path / "long.pdf", 3).read_bytes()
    send(port, GUEST, to, proven(mail(GUEST, to, ("long.pdf", long), ("a.pdf", letter)), "elsewhere.example"))
    [row] = work_off(administrator)
    assert (row.state, row.accepted, row.refused) == (MessageState.PARTIALLY_ACCEPTED, 1, 1)
    assert {job.name: job.state for job in jobs(administrator)} == {
        "long.pdf": JobState.REJECTED,
        "a.pdf": JobState.HELD,
    }
    assert "has 3 pages; a job may have 2" in answers(administrator)[0][1].replace("=\r\n", "")


def test_a_guest_whose_pin_cannot_be_delivered_has_no_jobs(administrator: Actor, port: int, letter: bytes) -> None:
    """F-13: nobody could ever release them."""
    to = let_guests_in(administrator)
    send(port, GUEST, to, proven(mail(GUEST, to, ("a.pdf", letter)), "elsewhere.example"))
    work_off(administrator)
    with system_session() as session:
        for one in session.scalars(select(OutgoingMail)):
            one.state = MailState.FAILED
    assert expire_print_guests.fn() == 1
    [job] = jobs(administrator)
    assert (job.state, job.content_deleted is not None) == (JobState.EXPIRED, True)
    assert messages(administrator)[0].state == MessageState.FAILED
    assert expire_print_guests.fn() == 0


@pytest.mark.parametrize("switched_off", ["guests", "pin"])
def test_guests_are_out_while_what_they_need_is_off(
    administrator: Actor, port: int, letter: bytes, switched_off: str
) -> None:
    """PR-37, PR-50: what they have sent stays, and is there again once it is on."""
    to = let_guests_in(administrator)
    send(port, GUEST, to, proven(mail(GUEST, to, ("a.pdf", letter)), "elsewhere.example"))
    work_off(administrator)
    pin = told_pin(answers(administrator)[0][1])
    if switched_off == "guests":
        open_address(administrator, guests_enabled=False)
    else:
        change_settings(administrator, PrinterLoginSettings(methods=(LoginMethod.BADGE,)))
    panel = Panel(administrator.organization_id, "printer")
    with pytest.raises(Exception, match=r"person_refused|method_off"):
        sign_in_at_printer(panel, PinProof(pin))
    send(port, GUEST, to, proven(mail(GUEST, to, ("b.pdf", letter), Message_ID="<2@x>"), "elsewhere.example"))
    assert work_off(administrator)[-1].state == MessageState.REFUSED
    let_guests_in(administrator)
    assert isinstance(sign_in_at_printer(panel, PinProof(pin)), SignedIn)


def test_mail_that_lost_its_worker_is_looked_at_again(administrator: Actor, port: int, letter: bytes) -> None:
    to = open_address(administrator)
    send(port, ANN, to, proven(mail(ANN, to, ("a.pdf", letter)), "one.example"))
    [row] = messages(administrator)
    assert work.claim(row.id, "dead:1") is not None
    assert work.claim(row.id, "other:2") is None, "one worker at a time"
    assert work.release_lost("other:2") == []
    assert work.release_lost("dead:1") == [row.id]
    taken = work.claim(row.id, "slow:3")
    assert taken is not None
    with administrator.session() as session:
        session.get_one(PrintMessage, row.id).lease_until = now() - timedelta(seconds=1)
    assert work.requeue_expired() == [row.id]
    with pytest.raises(PressroomError, match=r"print_mail\.lease_lost"):
        work.renew(taken)
    with system_session(read_only=True) as session:
        keys = session.scalars(select(OutboxRow.key).where(OutboxRow.key.startswith(f"print-mail/{row.id}/"))).all()
    assert len(set(keys)) == 3
    [row] = work_off(administrator)
    assert (row.state, len(jobs(administrator))) == (MessageState.ACCEPTED, 1)


def test_mail_that_fails_for_a_day_is_given_up_and_deleted(
    administrator: Actor, port: int, letter: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = open_address(administrator)
    send(port, ANN, to, proven(mail(ANN, to, ("a.pdf", letter)), "one.example"))
    [row] = messages(administrator)
    with administrator.session() as session:
        session.get_one(PrintMessage, row.id).received = now() - timedelta(hours=24)
    monkeypatch.setattr("domain.print_mail.processing.read_mail", lambda *_: 1 / 0)
    receive_print_mail.fn(row.id)
    [row] = messages(administrator)
    assert (row.state, row.envelope) == (MessageState.FAILED, "")
    assert list(job_store().list(f"{administrator.organization_id}/print-mail")) == []


def test_old_records_and_what_a_crash_left_are_forgotten(
    administrator: Actor, port: int, letter: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = open_address(administrator)
    for number in range(2):
        message = mail(ANN, to, ("a.pdf", letter), Message_ID=f"<{number}@one.example>")
        send(port, ANN, to, proven(message, "one.example"))
    first, second = messages(administrator)
    receive_print_mail.fn(first.id)
    with administrator.session() as session:
        session.get_one(PrintMessage, first.id).ended = now() - timedelta(days=31)
    assert upkeep.forget_old_messages() == 1
    assert [row.id for row in messages(administrator)] == [second.id]
    assert upkeep.delete_left_mail() == 0
    monkeypatch.setattr("domain.print_mail.upkeep.GIVE_UP", timedelta(hours=-2))
    assert upkeep.delete_left_mail() == 1


def test_an_organization_that_gets_too_much_has_the_rest_sent_later(
    installation: Installation, port: int, letter: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = installation.administrator
    monkeypatch.setattr(installation.settings, "mail_in_organization_hour", 1)
    to = open_address(administrator)
    send(port, ANN, to, proven(mail(ANN, to, Message_ID="<1@x>"), "one.example"))
    with pytest.raises(SMTPDataError) as refused:
        send(port, ANN, to, proven(mail(ANN, to, Message_ID="<2@x>"), "one.example"))
    assert refused.value.smtp_code == 451


def test_one_mail_to_two_organizations_is_each_ones_own(installation: Installation, port: int, letter: bytes) -> None:
    one, other = installation.administrator, installation.stranger
    addresses = [open_address(one, "one"), open_address(other, "other")]
    send(port, ANN, addresses, proven(mail(ANN, addresses[0], ("a.pdf", letter)), "one.example"))
    assert [row.state for row in work_off(one)] == [MessageState.ACCEPTED]
    assert [row.state for row in work_off(other)] == [MessageState.REFUSED], "Ann is nobody there"
    assert jobs(other) == []


def test_senders_servers_that_connect_themselves_are_checked_by_their_policy(tmp_path: Path, letter: bytes) -> None:
    """PR-143: the envelope's domain lets the server that connects send, and it is the domain that people see."""
    policies = {"one.example": "v=spf1 ip4:127.0.0.1 -all", "two.example": "v=spf1 ip4:192.0.2.1 -all"}
    with name_server(policies) as names:
        options = {"mail_in_direct": "true", "mail_in_name_servers": names}
        with installed(tmp_path / "home", **options) as one, print_mail_receiver() as port:
            one.add_person(ANN, Role.PRINT_RELEASE_USER)
            one.add_person("bob@two.example", Role.PRINT_RELEASE_USER)
            to = open_address(one.administrator)
            for envelope, seen in ((ANN, ANN), (ANN, "bob@two.example"), ("bob@two.example", "bob@two.example")):
                send(port, envelope, to, wire(mail(seen, to, ("a.pdf", letter), Message_ID=f"<{envelope}.{seen}>")))
            found = [(row.state, row.accepted) for row in work_off(one.administrator)]
    refused = (MessageState.REFUSED, 0)
    assert found == [(MessageState.ACCEPTED, 1), refused, refused]
