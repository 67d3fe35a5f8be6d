"""Scheduled print reports: made when due, mailed as links that end, stopped with the right to them (F-28)."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import insert, select

from connectors.errors import INTERNAL, PressroomError
from connectors.settings import get_settings
from domain.audit.models import AuditEvent
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor
from domain.organizations.models import User, UserStatus, now
from domain.organizations.roles import Role
from domain.outbox.models import OutboxRow
from domain.print_reports.mails import SCHEDULES_PATH
from domain.print_reports.periods import ReportPeriod
from domain.print_reports.schedules.form import MOST_RECIPIENTS, ReportScheduleForm
from domain.print_reports.schedules.models import ReportSchedule
from domain.print_reports.schedules.service import (
    change_report_schedule,
    create_report_schedule,
    delete_report_schedule,
    get_report_schedule,
    list_report_schedules,
    pause_report_schedule,
)
from domain.print_reports.service import KIND, ReportState, received_report
from domain.printing.models import PrintRelease
from domain.recurrence.runs import hand_over_overdue
from domain.tasks.execution import claim, release_lost
from domain.tasks.files import forget_files, open_file
from domain.tasks.models import BackgroundTask
from domain.tenancy import system_session
from flows.keep_fleet_tasks import keep_fleet_tasks
from flows.print_reports import make_print_report, run_print_report_schedule
from flows.send_mail import send_mail
from tests.support.installation import Installation, installed
from tests.support.mail_server import Mailbox, mail_server

DUE = now().replace(hour=5, minute=30, second=0, microsecond=0)
"""Half past seven, or half past six, in Stockholm."""
TOMORROW = (DUE + timedelta(days=1)).date().isoformat()


@dataclass
class Office:
    """An installation with a mail server, an analyst who makes reports, and a reader who gets them."""

    installation: Installation
    mailbox: Mailbox
    analyst: Actor
    reader: Actor

    def run(self, schedule_id: str, due: datetime = DUE) -> str | None:
        """As the engine does when it is due: the report, then its mail."""
        with system_session() as session:
            session.get_one(ReportSchedule, schedule_id).next_run = due
        report_id = run_print_report_schedule.fn(schedule_id, due.isoformat())
        if report_id is not None:
            make_print_report.fn(report_id)
        return report_id

    def mails(self, to: Actor) -> list[EmailMessage]:
        """What has arrived for somebody once everything queued is sent."""
        with system_session(read_only=True) as session:
            waiting = session.scalars(select(OutgoingMail.id).where(OutgoingMail.ended.is_(None))).all()
        for mail_id in waiting:
            send_mail.fn(mail_id)
        return [one for one in self.mailbox.messages if one["To"] is None or to.email in str(one["To"])]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Mailbox]]:
    with (
        mail_server() as mailbox,
        installed(tmp_path_factory.mktemp("home"), smtp_host="127.0.0.1", smtp_port=str(mailbox.port)) as one,
    ):
        yield one, mailbox


@pytest.fixture
def office(installation: tuple[Installation, Mailbox], request: pytest.FixtureRequest) -> Office:
    """People of the test's own, so that no test meets another's mail."""
    one, mailbox = installation
    word = str(abs(hash(request.node.name)))
    analyst = one.add_person(f"analyst-{word}@one.example", Role.PRINT_RELEASE_REPORTING_ANALYST)
    reader = one.add_person(f"reader-{word}@one.example", Role.PRINT_RELEASE_USER)
    return Office(one, mailbox, analyst, reader)


def form(*recipients: Actor, **values: Any) -> ReportScheduleForm:
    facts: dict[str, Any] = {
        "name": "Every day",
        "kind": "released",
        "period": "day_before",
        "recurrence": "daily",
        "start": "2026-01-01",
        "at": "07:30",
        "time_zone": "Europe/Stockholm",
        "recipients": [one.email for one in recipients],
    }
    return ReportScheduleForm.model_validate(facts | values)


def add_release(person: Actor, at: datetime, **values: Any) -> str:
    job_id = f"{person.user_id[:20]}{at:%d%H%M%S}"
    facts = {
        **{"attempt_id": job_id, "job_id": job_id, "user_id": person.user_id, "released_by": person.user_id},
        **{"released": at, "printer_id": "p1", "printer_name": "Hall", "impressions": 3, "color_impressions": 0},
        **{"sheets": 3, "pages": 3, "copies": 1, "sides": "one-sided", "paper": "", "result": "printed"},
        **{"source": "device", "organization_id": person.organization_id},
    }
    with system_session() as session:
        session.execute(insert(PrintRelease), [facts | values])
    return job_id


def test_a_report_is_made_mailed_and_read(office: Office) -> None:
    """The day before in the schedule's time zone; a link, no attachment; each reader signs in; it ends after a week."""
    midnight = DUE.replace(hour=0, minute=0)
    yesterday = add_release(office.reader, midnight - timedelta(hours=4))
    add_release(office.reader, DUE - timedelta(minutes=1))
    schedule_id = create_report_schedule(
        office.analyst,
        form(office.reader, office.analyst, subject={"user_id": office.reader.user_id}, name="Ärenden, varje dag"),
    )
    report_id = office.run(schedule_id)
    assert report_id is not None
    for person in (office.reader, office.analyst):
        (mail,) = office.mails(person)
        text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "Ärenden, varje dag" in mail["Subject"]
        assert f"/print/reports/received/{report_id}" in text
        assert not list(mail.iter_attachments())
        ready = received_report(person, report_id)
        assert (ready.state, ready.rows) == (ReportState.READY, 1)
        with open_file(person, report_id, KIND, 0) as (_document, stream):
            rows = list(csv.DictReader(stream.read().decode("utf-8-sig").splitlines()))
        assert [row["job_id"] for row in rows] == [yesterday]
    for other in (office.installation.administrator, office.installation.stranger):
        with pytest.raises(PressroomError, match="not_found"):
            received_report(other, report_id)
        with pytest.raises(PressroomError, match="not_found"), open_file(other, report_id, KIND, 0):
            pass

    view = get_report_schedule(office.analyst, schedule_id)
    assert (view.last_report_id, view.last_state, view.note) == (report_id, ReportState.READY, None)
    assert view.next_run is not None
    assert view.next_run > now()
    assert run_print_report_schedule.fn(schedule_id, DUE.isoformat()) is None

    make_print_report.fn(report_id)
    assert [len(office.mails(person)) for person in (office.reader, office.analyst)] == [1, 1]
    with system_session() as session:
        task = session.get_one(BackgroundTask, report_id)
        task.finished = now() - timedelta(days=2)
        assert timedelta(days=6) < datetime.fromisoformat((task.result or {})["expires"]) - now() < timedelta(days=7.1)
    assert forget_files([KIND]) == 0
    with system_session() as session:
        task = session.get_one(BackgroundTask, report_id)
        task.result = {**(task.result or {}), "expires": (now() - timedelta(seconds=1)).isoformat()}
    with pytest.raises(PressroomError, match="files_expired"), open_file(office.reader, report_id, KIND, 0):
        pass
    assert forget_files([KIND]) == 1
    assert get_report_schedule(office.analyst, schedule_id).last_state is ReportState.EXPIRED


def test_readers_are_told_that_there_was_nothing(office: Office) -> None:
    subject = {"department": "Nowhere"}
    schedule_id = create_report_schedule(office.analyst, form(office.reader, subject=subject, format="xlsx"))
    report_id = office.run(schedule_id)
    assert report_id is not None
    (mail,) = office.mails(office.reader)
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "nothing to report" in text
    assert report_id not in text
    assert get_report_schedule(office.analyst, schedule_id).last_state is ReportState.NO_DATA


@contextmanager
def no_room_for_files() -> Iterator[None]:
    """Where working files go, there is a file while this lasts."""
    place = get_settings().scratch_folder
    place.mkdir(parents=True, exist_ok=True)
    aside = place.rename(place.with_name("aside"))
    place.touch()
    try:
        yield
    finally:
        place.unlink()
        aside.rename(place)


def failures_told(office: Office, person: Actor) -> list[str]:
    """The texts of the mails to somebody that a report has failed."""
    mails = [one for one in office.mails(person) if "has failed" in str(one["Subject"])]
    return [mail.get_body(("plain",)).get_content() for mail in mails]  # type: ignore[union-attr]


def test_the_first_of_a_row_of_failures_is_told_with_the_reason_and_the_remedy(office: Office) -> None:
    """Only to whom it is made for, beside the list; after a report that worked, the next failure is told again."""
    schedule_id = create_report_schedule(office.analyst, form(office.reader, name="Ärenden"))
    told: list[int] = []
    for day, works in enumerate((False, False, True, False, False)):
        with nullcontext() if works else no_room_for_files():
            assert office.run(schedule_id, DUE + timedelta(days=day)) is not None
        told.append(len(failures_told(office, office.analyst)))
        view = get_report_schedule(office.analyst, schedule_id)
        assert (view.last_state is ReportState.FAILED) is (view.last_error is not None) is not works
    assert told == [1, 1, 1, 2, 2]
    assert failures_told(office, office.reader) == []
    text, _ = failures_told(office, office.analyst)
    yesterday = (DUE - timedelta(days=1)).date().isoformat()
    assert f"The report on {yesterday} to {yesterday} could not be made" in text
    assert INTERNAL.message.partition("{")[0] in text
    assert INTERNAL.remedy.partition("{")[0] in text
    assert "The schedule goes on." in text
    assert f"{get_settings().public_url}{SCHEDULES_PATH}" in text


def test_a_report_that_ends_without_its_flow_is_told_too(office: Office) -> None:
    """A worker that is lost again and again; whoever changes the schedule is told of its next failure."""
    schedule_id = create_report_schedule(office.analyst, form(office.reader, recurrence="daily"))
    for failures in (1, 2):
        with system_session() as session:
            session.get_one(ReportSchedule, schedule_id).next_run = DUE
        report_id = run_print_report_schedule.fn(schedule_id, DUE.isoformat())
        assert report_id is not None
        for attempt in range(get_settings().max_attempts):
            assert claim(report_id, f"lost:{attempt}") is not None
            assert release_lost(f"lost:{attempt}") == [report_id]
        assert len(failures_told(office, office.analyst)) == failures - 1
        for _ in range(2):
            keep_fleet_tasks.fn()
            assert len(failures_told(office, office.analyst)) == failures
        assert "worker was lost" in failures_told(office, office.analyst)[-1]
        change_report_schedule(office.analyst, schedule_id, form(office.reader))


def test_a_report_refused_between_being_due_and_being_made_is_told(office: Office) -> None:
    """The last one of a schedule says so."""
    schedule_id = create_report_schedule(office.analyst, form(office.reader, recurrence="once", start=TOMORROW))
    with system_session() as session:
        session.get_one(ReportSchedule, schedule_id).next_run = DUE + timedelta(days=2)
    report_id = run_print_report_schedule.fn(schedule_id, (DUE + timedelta(days=2)).isoformat())
    assert report_id is not None
    with system_session() as session:
        session.get_one(User, office.analyst.user_id).roles = []
    make_print_report.fn(report_id)
    [text] = failures_told(office, office.analyst)
    assert "It was the last one of this schedule." in text


def _lose_the_role(office: Office) -> None:
    with system_session() as session:
        session.get_one(User, office.analyst.user_id).roles = []


def _be_deleted(office: Office) -> None:
    with system_session() as session:
        session.get_one(User, office.analyst.user_id).status = UserStatus.DELETED


def _lose_readers(office: Office) -> None:
    with system_session() as session:
        session.get_one(User, office.reader.user_id).status = UserStatus.DEACTIVATED


@pytest.mark.parametrize(
    ("happens", "note", "told"),
    [
        (_lose_the_role, "may no longer make this report", ("analyst", "reader")),
        (_be_deleted, "may no longer make this report", ("reader",)),
        (_lose_readers, "none of its recipients", ("analyst",)),
    ],
)
def test_it_stops_and_says_so(office: Office, happens: Any, note: str, told: tuple[str, ...]) -> None:
    """The permission is that of the moment of the run; whoever may can let it go on, on their own behalf."""
    subject = {"department": "Sales"}
    schedule_id = create_report_schedule(office.analyst, form(office.reader, subject=subject))
    happens(office)
    assert office.run(schedule_id) is None
    administrator = office.installation.administrator
    view = get_report_schedule(administrator, schedule_id)
    assert (view.is_paused, view.next_run) == (True, None)
    assert note in str(view.note)
    for name in ("analyst", "reader"):
        subjects = [str(mail["Subject"]) for mail in office.mails(getattr(office, name))]
        assert [True for text in subjects if "has stopped" in text] == [True] * (name in told)
    with system_session(read_only=True) as session:
        events = session.scalars(select(AuditEvent.action).where(AuditEvent.target_id == schedule_id)).all()
    assert events == ["print_report_schedule.created", "print_report_schedule.stopped"]
    pause_report_schedule(administrator, schedule_id, paused=False)
    view = get_report_schedule(administrator, schedule_id)
    assert (view.issuer_id, view.is_paused, view.note) == (administrator.user_id, False, None)


def test_somebody_who_may_report_on_nobody_else_gets_their_own(office: Office) -> None:
    """PR-300: also after they have more roles, or somebody else takes the schedule over."""
    schedule_id = create_report_schedule(office.reader, form(office.reader))
    assert get_report_schedule(office.reader, schedule_id).subject.user_id == office.reader.user_id
    for about in ({"user_id": office.analyst.user_id}, {"customer_id": "0" * 32}):
        with pytest.raises(PressroomError, match=r"role\.missing"):
            create_report_schedule(office.reader, form(office.reader, subject=about))
    another = office.installation.add_person(f"b{office.reader.email}", Role.PRINT_RELEASE_USER)
    assert list_report_schedules(another) == []
    with pytest.raises(PressroomError, match="not_found"):
        delete_report_schedule(another, schedule_id)
    with pytest.raises(PressroomError, match="not_found"):
        get_report_schedule(office.installation.stranger, schedule_id)


def test_pause_change_and_delete(office: Office) -> None:
    schedule_id = create_report_schedule(office.analyst, form(office.reader))
    pause_report_schedule(office.analyst, schedule_id, paused=True)
    assert get_report_schedule(office.analyst, schedule_id).next_run is None
    change_report_schedule(
        office.analyst, schedule_id, form(office.analyst, recurrence="monthly", month_day=31, period="month_before")
    )
    view = get_report_schedule(office.analyst, schedule_id)
    assert (view.is_paused, view.period, view.recipients) == (
        False, ReportPeriod.MONTH_BEFORE, (office.analyst.email,)
    )  # fmt: skip
    with system_session() as session:
        keys = session.scalars(select(OutboxRow.key).where(OutboxRow.key.startswith(f"report/{schedule_id}/"))).all()
        assert len(keys) == 2
        session.get_one(ReportSchedule, schedule_id).next_run = now() - timedelta(hours=1)
    with system_session() as session:
        assert hand_over_overdue(session, ReportSchedule) == 1
    delete_report_schedule(office.analyst, schedule_id)
    assert run_print_report_schedule.fn(schedule_id, DUE.isoformat()) is None


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"kind": "full", "period": "quarter_before"}, "print_report_schedule.too_long"),
    ({"kind": "customers"}, "role.missing"),
    ({"recipients": ["nobody@outside.example"]}, "print_report_schedule.recipient"),
    ({"recipients": ["administrator@another.example"]}, "print_report_schedule.recipient"),
    ({"time_zone": "Europe/Nowhere"}, "schedule.time_zone"),
    ({"recurrence": "weekly"}, "schedule.days_needed"),
    ({"end": "2026-01-31"}, "schedule.in_the_past"),
]


@pytest.mark.parametrize(("values", "code"), REFUSED)
def test_refused(office: Office, values: dict[str, Any], code: str) -> None:
    with pytest.raises(PressroomError) as refused:
        create_report_schedule(office.analyst, form(office.analyst, **values))
    assert refused.value.code == code


@pytest.mark.parametrize(
    "recipients", [[], [f"p{number}@one.example" for number in range(MOST_RECIPIENTS + 1)]], ids=["none", "too many"]
)
def test_one_to_ten_recipients(recipients: list[str]) -> None:
    with pytest.raises(PressroomError, match="incomplete"):
        ReportScheduleForm.read(form(recipients=["a@one.example"]).model_dump() | {"recipients": recipients})


@pytest.mark.parametrize(
    ("period", "today", "first", "last"),
    [
        (ReportPeriod.DAY_BEFORE, "2026-03-01", "2026-02-28", "2026-02-28"),
        (ReportPeriod.WEEK_BEFORE, "2026-11-26", "2026-11-16", "2026-11-22"),
        (ReportPeriod.WEEK_BEFORE, "2026-11-23", "2026-11-16", "2026-11-22"),
        (ReportPeriod.MONTH_BEFORE, "2026-01-31", "2025-12-01", "2025-12-31"),
        (ReportPeriod.MONTH_BEFORE, "2028-03-01", "2028-02-01", "2028-02-29"),
        (ReportPeriod.QUARTER_BEFORE, "2026-02-14", "2025-10-01", "2025-12-31"),
        (ReportPeriod.QUARTER_BEFORE, "2026-12-31", "2026-07-01", "2026-09-30"),
        (ReportPeriod.YEAR_BEFORE, "2026-01-01", "2025-01-01", "2025-12-31"),
        (ReportPeriod.SEVEN_DAYS, "2026-01-03", "2025-12-27", "2026-01-02"),
        (ReportPeriod.THIRTY_DAYS, "2026-03-02", "2026-01-31", "2026-03-01"),
    ],
)
def test_periods(period: ReportPeriod, today: str, first: str, last: str) -> None:
    found = period.days(date.fromisoformat(today))
    assert found == (date.fromisoformat(first), date.fromisoformat(last))
