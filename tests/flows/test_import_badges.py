"""The import of badges and PINs as a background task: rows, log, mail, and a worker that is lost in between."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.mail.delivery import claim_mail, send_mail
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.printer_login import own
from domain.printer_login.at_printers import PinProof, sign_in_at_printer
from domain.printer_login.badges import NewBadge, list_badges, register_badge
from domain.printer_login.configuration import change_settings, settings_of
from domain.printer_login.expiry import expire_printer_logins
from domain.printer_login.imports import do_row, rows_of_import, start_import
from domain.printer_login.models import BadgeImport
from domain.printer_login.pins import list_pins
from domain.printer_login.printer_sessions import Panel, SignedIn
from domain.printer_login.rules import PrinterLoginSettings
from domain.tasks.execution import add_line, claim, progress, release_lost
from domain.tasks.models import TaskState
from domain.tasks.service import get_task, task_lines
from domain.tenancy import system_session, tenant_session
from flows import import_badges as flow_module
from flows.import_badges import import_badges
from tests.support.installation import Installation, installed
from tests.support.mail_server import mail_server

HEADER = "BADGE,OPERATION,EMAIL,TEMPORARY,PIN\n"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        configure(one, methods=["badge", "pin"], pin_generation="administrator")
        one.add_person("jdoe@example.com")
        one.add_person("ckent@example.com")
        yield one


def configure(office: Installation, **values: object) -> None:
    change_settings(office.administrator, PrinterLoginSettings.model_validate(values))


def imported(actor: Actor, text: str, name: str = "badges.csv") -> str:
    task_id = start_import(actor, name, text.encode())
    import_badges.fn(task_id)
    return task_id


def log(actor: Actor, task_id: str) -> list[tuple[int, str, str]]:
    return [(line.number, line.level, str(line.message)) for line in task_lines(actor, task_id)]


def files_kept() -> int:
    with system_session(read_only=True) as session:
        return len(session.scalars(select(BadgeImport)).all())


def delivered(port: int) -> None:
    """Send what waits, as the flow does."""
    with system_session(read_only=True) as session:
        waiting = list(session.scalars(select(OutgoingMail.id)))
    for mail_id in waiting:
        work = claim_mail(mail_id, "test")
        assert work is not None
        send_mail(work, lambda: None)


def attachment(message: EmailMessage) -> str:
    (part,) = message.iter_attachments()
    return str(part.get_content())


def test_rows_are_done_and_the_log_is_mailed(office: Installation, tmp_path: Path) -> None:
    """Acceptance check 7: permuted columns, leading zeros, an unknown address is a row error and makes nobody."""
    with (
        mail_server() as mailbox,
        installed(tmp_path / "mailing", smtp_host="127.0.0.1", smtp_port=str(mailbox.port)) as one,
    ):
        configure(one, methods=["badge", "pin"], pin_generation="administrator")
        jdoe = one.add_person("jdoe@example.com")
        actor = one.administrator
        task_id = imported(
            actor,
            "PIN,OPERATION,EMAIL,BADGE,TEMPORARY\n"
            "001234,CREATE,JDoe@Example.com,,\n"
            ",CREATE,jdoe@example.com,20171a,true\n"
            "482915,CREATE,nobody@example.com,20172b,false\n"
            "123456,CREATE,jdoe@example.com\n",
        )
        view = get_task(actor, task_id)
        assert (view.state, view.result) == (TaskState.FINISHED_WITH_ERRORS, {"rows": 4, "problems": 2})
        assert str(view.summary) == "2 of 4 rows could not be done."
        assert log(actor, task_id) == [
            (2, "info", "jdoe@example.com: the PIN is set."),
            (3, "info", "jdoe@example.com: the badge is registered."),
            (4, "error", "This person does not exist."),
            (5, "error", "The row has 3 values instead of 5."),
        ]
        (badge,) = list_badges(actor)
        assert (badge.user_id, badge.number, badge.expires is not None) == (jdoe.user_id, None, True)
        assert [pin.user_id for pin in list_pins(actor)] == [jdoe.user_id]
        own_pin_is(actor, jdoe, "001234")
        assert files_kept() == 0
        delivered(mailbox.port)
        (message,) = mailbox.messages
    assert message["To"] == actor.email
    assert message["Subject"] == "Import of badges and PINs from “badges.csv”"
    text = attachment(message)
    assert "Row 4: Error: This person does not exist." in text
    assert "001234" not in str(message) + text
    assert "20171a" not in str(message) + text


def own_pin_is(actor: Actor, person: Actor, pin: str) -> None:
    outcome = sign_in_at_printer(Panel(actor.organization_id, "printer"), PinProof(pin))
    assert isinstance(outcome, SignedIn)
    assert outcome.actor.user_id == person.user_id


def test_rows_delete_what_they_name(office: Installation) -> None:
    """AC-180"""
    actor = office.administrator
    imported(
        actor,
        HEADER
        + "1,CREATE,jdoe@example.com,,482915\n2,CREATE,jdoe@example.com,,\n3,CREATE,ckent@example.com,,582915\n"
        + "4,CREATE,ckent@example.com,,\n",
    )
    task_id = imported(
        actor,
        HEADER
        + "1,DELETE,ckent@example.com,,\n"
        + "1,DELETE,jdoe@example.com,,\n"
        + "1,DELETE,jdoe@example.com,,\n"
        + "2,DELETE,,,\n"
        + "2,DELETE,,,\n"
        + ",DELETE,jdoe@example.com,,482915\n"
        + ",DELETE,jdoe@example.com,,\n"
        + "3,DELETE,ckent@example.com,,582915\n",
    )
    assert log(actor, task_id) == [
        (2, "error", "ckent@example.com has no such badge."),
        (3, "info", "jdoe@example.com: the badge is removed."),
        (4, "error", "jdoe@example.com has no such badge."),
        (5, "info", "The badge is removed."),
        (6, "error", "This badge is not registered."),
        (7, "info", "jdoe@example.com: the PIN is removed."),
        (8, "error", "jdoe@example.com has no PIN."),
        (9, "info", "ckent@example.com: the badge and the PIN are removed."),
    ]
    assert [badge.email for badge in list_badges(actor, search="4")] == ["ckent@example.com"]
    assert len(list_badges(actor)) == 1
    assert list_pins(actor) == []


def test_what_somebody_else_has_is_a_row_error_and_the_row_leaves_nothing(office: Installation) -> None:
    """AC-184"""
    actor = office.administrator
    task_id = imported(
        actor,
        HEADER
        + "1,CREATE,jdoe@example.com,,482915\n"
        + "1,CREATE,ckent@example.com,,582915\n"
        + "2,CREATE,ckent@example.com,,482915\n"
        + ",CREATE,ckent@example.com,,123456\n",
    )
    assert log(actor, task_id) == [
        (2, "info", "jdoe@example.com: the badge is registered and the PIN is set."),
        (3, "error", "This badge is registered for somebody else."),
        (4, "error", "This PIN cannot be used."),
        (5, "warning", "ckent@example.com: done, but the PIN is easy to guess."),
    ]
    assert [badge.email for badge in list_badges(actor)] == ["jdoe@example.com"]
    assert len(list_pins(actor)) == 2


def test_a_badge_that_is_imported_again_keeps_what_was_written_by_hand(office: Installation) -> None:
    actor = office.administrator
    register_badge(actor, "jdoe@example.com", NewBadge("20171a", "Front door", show_number=True))
    imported(actor, "BADGE,OPERATION,EMAIL\n20171a,CREATE,jdoe@example.com\n")
    (badge,) = list_badges(actor)
    assert (badge.description, badge.number) == ("Front door", "20171a")


def test_the_configuration_of_the_moment_decides(office: Installation) -> None:
    configure(office, methods=["badge", "pin"], pin_generation="user")
    task_id = imported(office.administrator, HEADER + "1,CREATE,jdoe@example.com,,482915\n")
    assert [level for _, level, _ in log(office.administrator, task_id)] == ["error"]
    assert list_badges(office.administrator) == []


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("badges.xlsx", HEADER + "1,CREATE,jdoe@example.com,,\n", "badge_import.wrong_type"),
        ("badges.csv", "nonsense", "badge_import.header"),
        ("badges.txt", HEADER, "badge_import.empty"),
    ],
)
def test_a_file_that_cannot_be_meant_starts_nothing(office: Installation, name: str, text: str, code: str) -> None:
    with pytest.raises(PressroomError) as caught:
        start_import(office.administrator, name, text.encode())
    assert caught.value.code == code
    assert files_kept() == 0


def test_whoever_may_not_import_starts_nothing_and_whoever_lost_the_right_does_nothing(office: Installation) -> None:
    desk = office.add_person("desk@example.com", Role.HELP_DESK)
    clerk = office.add_person("clerk@example.com", Role.USER_ADMINISTRATOR)
    with pytest.raises(PressroomError, match=r"role\.missing"):
        start_import(desk, "badges.csv", (HEADER + "1,CREATE,jdoe@example.com,,\n").encode())
    task_id = start_import(clerk, "badges.csv", (HEADER + "1,CREATE,jdoe@example.com,,\n").encode())
    with system_session() as session:
        session.get_one(User, clerk.user_id).roles = []
    import_badges.fn(task_id)
    assert get_task(office.administrator, task_id).state is TaskState.REJECTED
    assert list_badges(office.administrator) == []
    assert files_kept() == 1
    expire_printer_logins()
    assert files_kept() == 0


def test_the_file_is_kept_encrypted(office: Installation) -> None:
    start_import(office.administrator, "badges.csv", (HEADER + "20171a,CREATE,jdoe@example.com,,482915\n").encode())
    with system_session(read_only=True) as session:
        kept = session.scalars(select(BadgeImport)).one().content
    assert "482915" not in kept
    assert "20171a" not in kept


def test_a_lost_worker_is_continued_behind_the_last_row_done(
    office: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_module, "ROWS_AT_ONCE", 2)
    actor = office.administrator
    rows = "".join(f"{number},CREATE,jdoe@example.com,,\n" for number in range(5))
    task_id = start_import(actor, "badges.csv", (HEADER + rows).encode())
    work = claim(task_id, "worker:1")
    assert work is not None
    with tenant_session(actor.organization_id) as session:  # what the worker did before it was killed
        settings = settings_of(session, actor.organization_id)
        for row in rows_of_import(session, task_id)[:2]:
            done = do_row(session, actor, settings, row)
            add_line(session, work, done.message, number=row.number, level=done.level, subject=done.email)
        progress(session, work, 2, 5)
    release_lost("worker:1")
    import_badges.fn(task_id)
    assert get_task(actor, task_id).result == {"rows": 5, "problems": 0}
    assert [number for number, _, _ in log(actor, task_id)] == [2, 3, 4, 5, 6]
    assert len(list_badges(actor)) == 5
    with system_session(read_only=True) as session:
        assert len(session.scalars(select(OutgoingMail)).all()) == 1


def test_many_rows_are_done(office: Installation) -> None:
    actor = office.administrator
    rows = "".join(f"card-{number:06},CREATE,jdoe@example.com,false,\n" for number in range(500))
    task_id = imported(actor, HEADER + rows)
    assert get_task(actor, task_id).result == {"rows": 500, "problems": 0}
    assert len(own.own_printer_login(office.add_person("other@example.com")).badges) == 0
    assert len(list_badges(actor, limit=5000)) == 500
