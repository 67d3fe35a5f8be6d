"""Feedback: sent by anybody, read by operators, mailed where that is wanted, limited, recorded, forgotten (FL-333)."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select, update

from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.feedback.models import Feedback
from domain.feedback.service import KEPT, LONGEST, MOST, WITHIN, forget_old_feedback, list_feedback, send_feedback
from domain.mail.delivery import claim_mail, send_mail
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.people.deletion import delete_people
from domain.people.own_data import own_data
from domain.tenancy import system_session
from tests.support.installation import Installation, installed
from tests.support.mail_server import mail_server

DESK = "desk@example.com"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


@pytest.fixture
def ann(office: Installation) -> Actor:
    return office.add_person("ann@example.com", Role.SOLUTIONS_USER)


def test_operators_read_what_people_of_all_organizations_send(office: Installation, ann: Actor) -> None:
    """The author's name only where an answer is welcome; of the page's address no more than its path."""
    send_feedback(ann, "  The tray is\nhidden.  ", page="/printers?search=secret")
    send_feedback(office.stranger, "More colours", may_contact=True, page="https://elsewhere.example/x")
    newest, oldest = list_feedback(office.administrator)
    assert (newest.organization, newest.text, newest.page) == (office.stranger.organization_name, "More colours", "")
    assert (newest.author, newest.email) == (office.stranger.name, office.stranger.email)
    assert (oldest.organization, oldest.text, oldest.page) == (
        ann.organization_name,
        "The tray is\nhidden.",
        "/printers",
    )
    assert (oldest.author, oldest.email) == ("", "")
    assert [one.id for one in list_feedback(office.administrator, before=newest.id)] == [oldest.id]
    assert len(list_feedback(office.administrator, limit=1)) == 1
    for other in (ann, office.stranger):
        with pytest.raises(PressroomError, match=r"role\.missing"):
            list_feedback(other)


def test_it_is_recorded_without_what_it_says(ann: Actor) -> None:
    send_feedback(ann, "My password is 4711", page="/account")
    with system_session(read_only=True) as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "feedback.sent"))
    assert event.user_id == ann.user_id
    assert event.facts == {"page": "/account", "may_contact": False, "characters": 19}


@pytest.mark.parametrize(
    ("text", "code"), [("", "feedback.empty"), (" \n ", "feedback.empty"), ("x" * (LONGEST + 1), "feedback.too_long")]
)
def test_it_says_something_and_not_too_much(office: Installation, ann: Actor, text: str, code: str) -> None:
    with pytest.raises(PressroomError, match=code):
        send_feedback(ann, text)
    assert list_feedback(office.administrator) == []


def test_one_person_sends_so_many_an_hour(office: Installation, ann: Actor) -> None:
    for number in range(MOST):
        send_feedback(ann, f"Number {number}")
    with pytest.raises(PressroomError, match=r"feedback\.too_often"):
        send_feedback(ann, "One more")
    send_feedback(office.administrator, "Others may.")
    with system_session() as session:
        session.execute(update(Feedback).values(created=now() - WITHIN))
    send_feedback(ann, "An hour later")
    assert len(list_feedback(office.administrator)) == MOST + 2


@pytest.mark.parametrize("may_contact", [True, False])
def test_it_is_mailed_where_an_address_is_set(tmp_path: Path, may_contact: bool) -> None:
    with (
        mail_server() as mailbox,
        installed(tmp_path, feedback_email=DESK, smtp_host="127.0.0.1", smtp_port=str(mailbox.port)) as office,
    ):
        person = office.administrator
        send_feedback(person, "A <b>bold</b> idea", may_contact=may_contact, page="/runs")
        with system_session(read_only=True) as session:
            (mail_id,) = session.scalars(select(OutgoingMail.id))
        work = claim_mail(mail_id, "tests:1")
        assert work is not None
        send_mail(work, lambda: None)
        (message,) = mailbox.messages
        assert mailbox.envelopes[0].rcpt_tos == [DESK]
        text = plain(message)
        assert "A <b>bold</b> idea" in text
        assert "/runs" in text
        assert person.organization_name in text
        assert (person.email in text) is may_contact


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_without_an_address_no_mail_is_made(ann: Actor) -> None:
    send_feedback(ann, "Fine")
    with system_session(read_only=True) as session:
        assert session.scalars(select(OutgoingMail.id)).all() == []


def test_it_goes_after_a_year_and_with_its_author(office: Installation, ann: Actor) -> None:
    """And its author gets it with everything else that is kept of them (AC-83, AC-198)."""
    send_feedback(office.administrator, "Old")
    with system_session() as session:
        session.execute(update(Feedback).values(created=now() - KEPT))
    send_feedback(ann, "New", page="/runs")
    assert [(one["text"], one["page"]) for one in own_data(ann)["feedback"]] == [("New", "/runs")]
    assert forget_old_feedback() == 1
    assert [one.text for one in list_feedback(office.administrator)] == ["New"]
    delete_people(office.administrator, [ann.user_id])
    assert list_feedback(office.administrator) == []
