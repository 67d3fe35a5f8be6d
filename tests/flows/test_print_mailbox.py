"""Mail for printing fetched from a mailbox at a real IMAP server: taken once, put aside, tried again (F-11)."""

import os
import signal
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from connectors.documents.store import STORE_UNREACHABLE
from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.outbox.models import OutboxRow
from domain.print_mail import fetching, reception
from domain.print_mail.addresses import own_mail_address
from domain.print_mail.mailboxes import (
    MailboxSettings,
    MailboxView,
    fetch_now,
    get_mailbox,
    remove_mailbox,
    save_mailbox,
)
from domain.print_mail.models import MessageState, PrintMailbox
from domain.print_mail.provisioning import try_address
from domain.print_mail.sign_in import MailboxSecrets
from domain.print_settings.models import AddressState
from domain.print_settings.service import get_print_settings
from domain.printing.mail_address import mail_domain
from domain.printing.models import PrintJob
from flows.print_mail import fetch_print_mail
from pressroom.doctor import examine_mailboxes
from steps.samples import letter_pdf
from tests.support.imap_line import ImapLine
from tests.support.imap_server import PASSWORD, USER, ImapServer, imap_server
from tests.support.installation import Installation, installed
from tests.support.kill_points import process_of_its_own, was_killed
from tests.support.mail_server import make_authority
from tests.support.print_mail import RELAY, mail, messages, open_address, proven, wire, work_off
from tests.support.print_settings import set_print_settings
from tests.support.s3_server import free_ports

ANN, MAILBOX = "ann@one.example", "print@customer.example"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImapServer]:
    with imap_server(make_authority(tmp_path_factory.mktemp("authority"))) as one:
        yield one


@pytest.fixture
def installation(tmp_path: Path, server: ImapServer) -> Iterator[Installation]:
    options = {"mail_fetch_ca_file": str(server.authority.ca_file), "mail_in_max_mb": "1"}
    with installed(tmp_path / "home", allow_private_addresses="true", **options) as one:
        one.add_person(ANN, Role.PRINT_RELEASE_USER)
        yield one
    for folder in ("INBOX", "Printed", "Not printed"):
        server.empty(folder)


@pytest.fixture
def actor(installation: Installation, server: ImapServer) -> Actor:
    open_address(installation.administrator)
    save_mailbox(installation.administrator, settings(server), MailboxSecrets(PASSWORD))
    return installation.administrator


@pytest.fixture
def letter(tmp_path: Path) -> bytes:
    return letter_pdf(tmp_path).read_bytes()


def settings(server: ImapServer, **changes: object) -> MailboxSettings:
    known = {
        "address": MAILBOX,
        "host": "127.0.0.1",
        "port": server.tls_port,
        "user": USER,
        "authentication_server": RELAY,
    }
    return MailboxSettings.model_validate(known | changes)


def put(server: ImapServer, sender: str, *files: tuple[str, bytes], **headers: str) -> None:
    """A mail arrives in the mailbox, with what its server found out about the sender."""
    content = wire(mail(sender, MAILBOX, *files, **headers))
    server.put(proven(content, sender.rpartition("@")[2]))


def look(actor: Actor) -> MailboxView:
    """Look into the mailbox now, as the flow does."""
    with actor.session() as session:
        session.execute(update(PrintMailbox).values(due=now(), lease_owner=None, lease_until=None))
    fetch_print_mail.fn(actor.organization_id)
    view = get_mailbox(actor)
    assert view is not None
    return view


def test_documents_in_the_mailbox_are_printed_and_answered(actor: Actor, server: ImapServer, letter: bytes) -> None:
    """PR-141, PR-145: each attachment a job; the message leaves the folder, and the same mail is taken once."""
    put(server, ANN, ("a.pdf", letter), ("b.pdf", letter), Message_ID="<1@one>")
    put(server, ANN, ("a.pdf", letter), ("b.pdf", letter), Message_ID="<1@one>")
    view = look(actor)
    assert (view.fetched, view.put_aside, view.failures, view.error) == (2, 0, 0, None)
    assert server.contents() == []
    assert len(server.contents("Printed")) == 2
    [row] = work_off(actor)
    assert (row.state, row.accepted) == (MessageState.ACCEPTED, 2)
    with actor.session(read_only=True) as session:
        answer = session.get_one(OutgoingMail, row.mail_id)
        assert list(answer.recipients) == [ANN]


def test_the_address_counts_once_the_mailbox_could_be_looked_into(actor: Actor, server: ImapServer) -> None:
    """PR-139, PR-140: people are told the mailbox's address, and no test message goes anywhere."""
    view = get_print_settings(actor)
    assert (view.address, view.address_state) == (MAILBOX, AddressState.PROVISIONING)
    assert own_mail_address(actor) == ""
    assert try_address(actor.organization_id) is AddressState.PROVISIONING
    look(actor)
    assert own_mail_address(actor) == MAILBOX
    save_mailbox(actor, settings(server, interval_seconds=30))
    assert own_mail_address(actor) == MAILBOX, "what has come is printed while other things are changed"
    save_mailbox(actor, settings(server, address="scan@customer.example"))
    assert own_mail_address(actor) == ""
    remove_mailbox(actor)
    view = get_print_settings(actor)
    assert (view.address, view.address_state) == (f"office@{mail_domain()}", AddressState.PROVISIONING)


def test_nothing_is_fetched_while_printing_by_mail_is_off(actor: Actor, server: ImapServer, letter: bytes) -> None:
    put(server, ANN, ("a.pdf", letter))
    set_print_settings(actor, email={"enabled": False})
    view = look(actor)
    assert (view.fetched, view.is_used) == (0, False)
    with pytest.raises(PressroomError, match=r"print\.feature_disabled"):
        fetch_now(actor)
    assert len(server.contents()) == 1
    set_print_settings(actor, email={"enabled": True})
    assert look(actor).fetched == 1


@pytest.mark.parametrize(
    ("sender", "server_name", "state"),
    [
        (ANN, RELAY, MessageState.ACCEPTED),
        (ANN, "", MessageState.REFUSED),
        (ANN, "mx.other.example", MessageState.REFUSED),
        ("stranger@elsewhere.example", RELAY, MessageState.REFUSED),
        (MAILBOX, RELAY, MessageState.REFUSED),
    ],
)
def test_the_mailboxs_own_server_says_who_a_mail_is_from(
    actor: Actor, server: ImapServer, letter: bytes, sender: str, server_name: str, state: MessageState
) -> None:
    """PR-143; what the mailbox itself has sent goes round in no circle."""
    save_mailbox(actor, settings(server, authentication_server=server_name))
    put(server, sender, ("a.pdf", letter))
    look(actor)
    [row] = work_off(actor)
    assert row.state == state


def test_what_cannot_be_taken_is_put_aside_with_its_reason(actor: Actor, server: ImapServer, letter: bytes) -> None:
    """A mail that is too large is never downloaded (PR-134); the ones after it are taken."""
    put(server, ANN, ("big.pdf", b"x" * 1_200_000))
    put(server, ANN, ("a.pdf", letter))
    view = look(actor)
    assert (view.fetched, view.put_aside) == (1, 1)
    assert len(server.contents("Not printed")) == 1
    rows = {row.state: row for row in work_off(actor)}
    reason = rows[MessageState.REFUSED].reason
    assert reason is not None
    assert (reason["code"], reason["facts"]["limit"]) == ("print_mail.too_large", "1")
    with actor.session(read_only=True) as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "print_mail.refused"))
        assert [event.facts["reason"] for event in events] == ["print_mail.too_large"]


def test_a_message_that_breaks_the_worker_is_given_up_after_some_tries(
    actor: Actor, server: ImapServer, letter: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds up no other, and is not asked for for ever."""
    put(server, "poison@elsewhere.example", ("a.pdf", letter))
    put(server, ANN, ("a.pdf", letter))
    keep = fetching.keep_message

    def break_for_one(organization_id: str, received: reception.ReceivedMail, head: object) -> str | None:
        if received.mail_from.startswith("poison"):
            raise RecursionError("what a parser meets")
        return keep(organization_id, received, head)  # type: ignore[arg-type]

    monkeypatch.setattr(fetching, "keep_message", break_for_one)
    first = look(actor)
    assert (first.fetched, first.put_aside, len(server.contents())) == (1, 0, 1)
    assert first.error is not None
    for _ in range(fetching.MOST_TRIES):
        last = look(actor)
    assert (last.put_aside, last.error) == (1, None)
    assert server.contents() == []
    assert len(server.contents("Not printed")) == 1


def test_a_message_stays_until_it_is_safely_stored(
    actor: Actor, server: ImapServer, letter: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trouble of ours is none of the message's, however often it comes; killed between, it is taken once (PR-145)."""
    put(server, ANN, ("a.pdf", letter), Message_ID="<1@one>")

    def away() -> object:
        raise STORE_UNREACHABLE(store="the store", reason="it is away")

    with monkeypatch.context() as patched:
        patched.setattr(reception, "job_store", away)
        for failures in range(1, fetching.MOST_TRIES + 3):
            view = look(actor)
            assert (view.failures, len(server.contents())) == (failures, 1)
    with monkeypatch.context() as patched:
        patched.setattr(fetching.Mailbox, "taken", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            look(actor)
    assert (len(server.contents()), len(messages(actor))) == (1, 1), "kept, and killed before it was moved"
    view = look(actor)
    assert (view.failures, server.contents()) == (0, [])
    [row] = work_off(actor)
    assert (row.state, row.accepted) == (MessageState.ACCEPTED, 1)


@pytest.mark.parametrize(
    ("command", "is_heard", "kept", "left"),
    [
        pytest.param(b"BODY.PEEK", False, 0, 1, id="before it is read"),
        pytest.param(b"BODY.PEEK", True, 0, 1, id="read and not stored"),
        pytest.param(b"MOVE", False, 1, 1, id="stored and not moved"),
        pytest.param(b"MOVE", True, 1, 0, id="moved and not noted"),
    ],
)
def test_a_worker_killed_at_any_moment_neither_loses_a_job_nor_doubles_it(
    actor: Actor, server: ImapServer, letter: bytes, *, command: bytes, is_heard: bool, kept: int, left: int
) -> None:
    """PR-145: SIGKILL, just when the mail server hears (or is about to hear) what the worker wants."""
    put(server, ANN, ("a.pdf", letter), Message_ID="<1@one>")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        line = ImapLine(server, listening)
        save_mailbox(actor, settings(server, port=line.port), MailboxSecrets(PASSWORD))
        worker = process_of_its_own(lambda: fetch_print_mail.fn(actor.organization_id))
        line.pass_on_until(command, is_heard=is_heard, then=lambda: os.kill(worker, signal.SIGKILL))
        assert was_killed(worker)
    assert (len(messages(actor)), len(server.contents())) == (kept, left)
    with actor.session() as session:
        session.execute(update(PrintMailbox).values(port=server.tls_port))
    assert fetching.release_lost(f"local:{worker}") == [actor.organization_id]
    fetch_print_mail.fn(actor.organization_id)
    look(actor)
    [row] = work_off(actor)
    assert (row.state, row.accepted) == (MessageState.ACCEPTED, 1)
    with actor.session(read_only=True) as session:
        assert len(session.scalars(select(PrintJob.id)).all()) == 1
    assert (server.contents(), len(server.contents("Printed"))) == ([], 1)


def test_a_mailbox_that_cannot_be_reached_is_tried_again_later_and_later(
    actor: Actor, installation: Installation, server: ImapServer
) -> None:
    """The doctor names it with its remedy; half an hour is the longest pause."""
    look(actor)
    [finding] = examine_mailboxes(installation.settings)
    assert (finding.part, finding.ok) == (f"mailbox {MAILBOX}", True)
    [nobody_there] = free_ports(1)
    save_mailbox(actor, settings(server, port=nobody_there), MailboxSecrets(PASSWORD))
    views = [look(actor) for _ in range(8)]
    pauses = [round((view.due - now()).total_seconds() / 60) for view in views]
    assert pauses[:6] == [2, 4, 8, 16, 30, 30]
    assert [view.failures for view in views] == list(range(1, 9))
    assert {view.error.code for view in views if view.error} == {"mailbox.unreachable"}
    [finding] = examine_mailboxes(installation.settings)
    assert (finding.ok, bool(finding.remedy)) == (False, True)
    assert "cannot be reached" in finding.text
    save_mailbox(actor, settings(server), MailboxSecrets(PASSWORD))
    view = look(actor)
    assert (view.failures, view.error) == (0, None)


def test_a_password_goes_to_no_other_server(actor: Actor, server: ImapServer) -> None:
    """What is kept serves the same server and user only; a changed folder needs none."""
    save_mailbox(actor, settings(server, folder="Archive"))
    for change in ({"host": "localhost"}, {"user": "boss"}, {"port": 1}):
        with pytest.raises(PressroomError, match=r"mailbox\.password_needed"):
            save_mailbox(actor, settings(server, **change))
    view = look(actor)
    assert view.error is not None
    assert view.error.code == "mailbox.folder_missing"


def test_each_look_asks_for_the_next_and_a_lost_one_is_made_up_for(actor: Actor) -> None:
    """A worker that died, or an engine that lost a run, ends nothing."""

    def asked() -> int:
        with actor.session(read_only=True) as session:
            rows = session.scalars(
                select(OutboxRow.key).where(OutboxRow.deployment == "fetch-print-mail/fetch-print-mail")
            )
            return len(list(rows))

    before = asked()
    look(actor)
    assert asked() == before + 1
    fetch_print_mail.fn(actor.organization_id)
    assert asked() == before + 1, "it is not due"
    assert fetching.requeue_missed() == []
    work = claimed(actor, "one:1")
    assert claimed(actor, "two:2") is None
    assert fetching.release_lost("one:1") == [actor.organization_id]
    assert work is not None
    with pytest.raises(Exception, match=r"mailbox\.lease_lost"):
        fetching.finish(work, more=False)
    with actor.session() as session:
        session.execute(update(PrintMailbox).values(due=now() - timedelta(minutes=3)))
    assert fetching.requeue_missed() == [actor.organization_id]


def claimed(actor: Actor, owner: str) -> fetching.FetchWork | None:
    with actor.session() as session:
        session.execute(update(PrintMailbox).values(due=now()))
    return fetching.claim(actor.organization_id, owner)


def test_as_much_as_an_hour_allows_is_taken_and_the_rest_waits(
    actor: Actor, installation: Installation, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = installation.settings.model_copy(update={"mail_in_organization_hour": 2})
    monkeypatch.setattr(fetching, "get_settings", lambda: few)
    for number in range(3):
        put(server, ANN, ("a.txt", b"hello"), Message_ID=f"<{number}@one>")
    view = look(actor)
    assert (view.fetched, len(server.contents())) == (2, 1)
    assert view.due > now() + timedelta(seconds=30), "not at once again"
