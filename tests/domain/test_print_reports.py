"""Reports on printing: sums, files, and a hundred thousand facts (section 34, F-28)."""

import csv
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, insert, literal, select

from connectors import spreadsheets
from connectors.errors import PressroomError
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import User, UserStatus, now
from domain.organizations.roles import Role
from domain.print_reports.kinds import MEDIA_TYPES, ReportFormat, ReportKind
from domain.print_reports.lines import HEADERS
from domain.print_reports.scope import ReportScope
from domain.print_reports.service import ReportState, report_of, start_report, write_report
from domain.print_reports.subjects import ReportLevel, deleted_people, first_day, is_subject_empty, subjects
from domain.print_reports.sums import GROUPS, By, Fact, add_up, total
from domain.printing.models import PrintRelease, PrintRemoval, PrintSubmission
from domain.tasks.files import open_file
from domain.tenancy import system_session, tenant_session
from flows.print_reports import make_print_report
from tests.support.installation import Installation, installed

TODAY = now().date()
MANY = 100_000
QUICK_SECONDS = 10.0
"""Ample for a machine under load; on a quiet one the sums take some tenths of a second."""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("home")) as one:
        yield one


@pytest.fixture(scope="module")
def people(installation: Installation) -> dict[str, Actor]:
    """Two who print, an analyst, and the facts of the two."""
    people = {
        name: installation.add_person(f"{name}@one.example", role)
        for name, role in (
            ("kim", Role.PRINT_RELEASE_USER),
            ("lee", Role.PRINT_RELEASE_USER),
            ("analyst", Role.PRINT_RELEASE_REPORTING_ANALYST),
        )
    }
    kim, lee = people["kim"].user_id, people["lee"].user_id
    noon = datetime.combine(TODAY, datetime.min.time(), UTC) + timedelta(hours=12)
    submitted = [
        _submission("1", kim, "Sales", "web", noon, pages=4, name="=cmd|'/C calc'!A0"),
        _submission("2", kim, "Sales", "ipp", noon, pages=1),
        _submission("3", lee, "Lab", "command_line", noon - timedelta(days=1), pages=10, is_color=False),
    ]
    released = [
        _release("1", kim, kim, "Sales", noon, pages=4, impressions=8, color=8, sheets=4, copies=2, sides="two-sided"),
        _release("2", kim, lee, "Sales", noon, pages=1, impressions=1, color=0, sheets=1),
        _release("3", lee, lee, "Lab", noon - timedelta(days=1), pages=10, impressions=10, color=0, sheets=10),
        _release("4", lee, lee, "Lab", noon - timedelta(days=40), pages=2, impressions=2, color=0, sheets=2),
    ]
    removed = [{"job_id": "5", "user_id": kim, "removed": noon, "how": "expired", "pages": 7}]
    with tenant_session(installation.administrator.organization_id) as session:
        owner = {"organization_id": installation.administrator.organization_id}
        session.execute(insert(PrintSubmission), [one | owner for one in submitted])
        session.execute(insert(PrintRelease), [one | owner for one in released])
        session.execute(insert(PrintRemoval), [one | owner for one in removed])
    return people


def days(first: int, last: int = 0, **more: str) -> ReportScope:
    """From so many days ago."""
    return ReportScope(first=TODAY - timedelta(days=first), last=TODAY - timedelta(days=last), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fact", "by", "expected"),
    [
        (Fact.RELEASED, By.PERSON, {"Lee": (1, 10, 10, 0, 10), "Kim": (2, 9, 9, 8, 5)}),
        (Fact.RELEASED, By.DEPARTMENT, {"Lab": (1, 10, 10, 0, 10), "Sales": (2, 9, 9, 8, 5)}),
        (
            Fact.RELEASED,
            By.SOURCE,
            {"web": (1, 8, 8, 8, 4), "ipp": (1, 1, 1, 0, 1), "command_line": (1, 10, 10, 0, 10)},
        ),
        (Fact.RELEASED, By.COLOR, {"color": (1, 8, 8, 8, 4), "monochrome": (2, 11, 11, 0, 11)}),
        (Fact.RELEASED, By.PRINTER, {"Hall": (3, 19, 19, 8, 15)}),
        (Fact.SUBMITTED, By.SOURCE, {"web": (1, 4, 0, 0, 0), "ipp": (1, 1, 0, 0, 0), "command_line": (1, 10, 0, 0, 0)}),
        (Fact.RELEASED, By.JOB_SIZE, {"1": (1, 1, 1, 0, 1), "5": (1, 8, 8, 8, 4), "10": (1, 10, 10, 0, 10)}),
        (Fact.SUBMITTED, By.MODE, {"cloud": (3, 15, 0, 0, 0)}),
        (Fact.DELETED, By.HOW, {"expired": (1, 7, 0, 0, 0)}),
    ],
)
def test_sums(people: dict[str, Actor], fact: Fact, by: By, expected: dict[str, tuple[int, ...]]) -> None:
    """PR-297, PR-298: jobs, pages, impressions, of these in colour, sheets."""
    rows = add_up(people["analyst"], fact, by, days(7))
    found = {row.label: (row.jobs, row.pages, row.impressions, row.color_impressions, row.sheets) for row in rows}
    assert found == expected
    everything = total(rows)
    assert (everything.jobs, everything.pages) == tuple(
        sum(numbers[place] for numbers in expected.values()) for place in (0, 1)
    )


def test_a_department_stays_in_the_choice_for_two_years(people: dict[str, Actor]) -> None:
    """TS-60: whether anybody is in it now or not."""
    assert set(subjects(people["analyst"], ReportLevel.DEPARTMENT)) == {"Lab", "Sales"}


def test_an_empty_report_tells_whether_it_is_the_period_or_the_subject(people: dict[str, Actor]) -> None:
    """TS-56: others have printed in these days, or nobody has."""
    analyst = people["analyst"]
    assert is_subject_empty(analyst, Fact.RELEASED, days(7, department="Finance"))
    assert not is_subject_empty(analyst, Fact.RELEASED, days(300, 200, department="Finance"))
    assert not is_subject_empty(analyst, Fact.RELEASED, days(300, 200))
    assert not is_subject_empty(people["kim"], Fact.RELEASED, days(7, department="Finance"))


def test_no_report_begins_before_the_first_day_that_is_offered(people: dict[str, Actor]) -> None:
    """TS-63: the date picker's first day is the last one that the server takes."""
    first = first_day(people["kim"])
    add_up(people["kim"], Fact.RELEASED, By.DAY, ReportScope(first=first, last=first))
    before = first - timedelta(days=2)
    with pytest.raises(PressroomError, match=r"print_report\.bad_period"):
        add_up(people["kim"], Fact.RELEASED, By.DAY, ReportScope(first=before, last=before))


def test_single_pages_are_neither_simplex_nor_duplex(people: dict[str, Actor]) -> None:
    row = total(add_up(people["analyst"], Fact.RELEASED, By.DAY, days(7)))
    assert (row.jobs, row.duplex_jobs, row.simplex_jobs) == (3, 1, 1)


def test_every_way_of_adding_up_gives_the_same_sum(people: dict[str, Actor]) -> None:
    for fact, groups in GROUPS.items():
        sums = {total(add_up(people["analyst"], fact, by, days(7))).pages for by in (By.DAY, By.MONTH, *groups)}
        assert len(sums) == 1, fact
    with pytest.raises(PressroomError, match=r"cannot_group"):
        add_up(people["analyst"], Fact.DELETED, By.PRINTER, days(7))


def test_days_are_those_of_whoever_asks(installation: Installation, people: dict[str, Actor]) -> None:
    """Half an hour matters where the time zone has one."""
    person = installation.add_person("asha@one.example", Role.PRINT_RELEASE_USER)
    with person.session() as session:
        session.get_one(User, person.user_id).time_zone = "Asia/Kolkata"
        moment = datetime.combine(TODAY - timedelta(days=3), datetime.min.time(), UTC)
        for number, (hour, minute) in enumerate(((18, 29), (18, 31))):
            at = moment.replace(hour=hour, minute=minute)
            values = _release(f"tz{number}", person.user_id, person.user_id, "", at, pages=1, impressions=1, sheets=1)
            session.execute(insert(PrintRelease), [values | {"organization_id": person.organization_id}])
    asked = actor_of_user(person.user_id)
    rows = add_up(asked, Fact.RELEASED, By.DAY, days(5))
    day = TODAY - timedelta(days=3)
    assert [(row.key, row.jobs) for row in rows] == [(day.isoformat(), 1), ((day + timedelta(days=1)).isoformat(), 1)]
    with person.session() as session:
        for one in session.query(PrintRelease).filter_by(user_id=person.user_id):
            session.delete(one)


def test_who_may_report_on_whom(installation: Installation, people: dict[str, Actor]) -> None:
    """PR-180, PR-300, PR-301: a person only on themselves, two years back; another organization sees nothing."""
    own = add_up(people["kim"], Fact.RELEASED, By.PERSON, days(7))
    assert [row.label for row in own] == ["Kim"]
    with pytest.raises(PressroomError, match=r"role\.missing"):
        add_up(people["kim"], Fact.RELEASED, By.PERSON, days(7, user_id=people["lee"].user_id))
    lees = add_up(people["analyst"], Fact.RELEASED, By.PERSON, days(60, user_id=people["lee"].user_id))
    assert total(lees).jobs == 2
    assert add_up(installation.stranger, Fact.RELEASED, By.PERSON, days(7)) == []
    assert total(add_up(people["analyst"], Fact.RELEASED, By.PERSON, days(730))).jobs == 4
    for scope in (days(0, 1), days(800), ReportScope(first=date(1, 1, 1), last=TODAY)):
        with pytest.raises(PressroomError, match=r"bad_period"):
            add_up(people["analyst"], Fact.RELEASED, By.PERSON, scope)
    with pytest.raises(PressroomError, match=r"bad_period"):
        start_report(people["analyst"], ReportKind.FULL, days(31))


def test_files_are_harmless_and_forget_who_was_deleted(people: dict[str, Actor], tmp_path: Path) -> None:
    """PR-15, PR-299, PR-340, CWE-1236; TS-43, TS-62: a mark says that they are UTF-8.

    TS-59: who was deleted is offered apart from the others, without a name, and can still be reported on.
    """
    assert deleted_people(people["analyst"]) == []
    made, count = write_report(people["analyst"], ReportKind.FULL, days(7), tmp_path)
    assert count == 6
    submitted, released = (one.path.read_bytes() for one in made)
    assert submitted.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(submitted.decode("utf-8-sig").splitlines()))
    assert {row["file_name"] for row in rows} == {"'=cmd|'/C calc'!A0", ""}
    first = next(row for row in csv.DictReader(released.decode("utf-8-sig").splitlines()) if row["job_id"] == "2")
    assert (first["user"], first["released_by"], first["mono_impressions"]) == ("Kim", "Lee", "1")
    with people["lee"].session() as session:
        session.get_one(User, people["lee"].user_id).status = UserStatus.DELETED
    try:
        made, _ = write_report(people["analyst"], ReportKind.RELEASED, days(7), tmp_path)
        text = made[0].path.read_text(encoding="utf-8-sig")
        lee = people["lee"].user_id
        assert deleted_people(people["analyst"]) == [lee]
        assert lee not in subjects(people["analyst"], ReportLevel.PERSON)
        assert total(add_up(people["analyst"], Fact.RELEASED, By.DAY, days(7, user_id=lee))).jobs == 1
        assert "lee@one.example" not in text
        assert "Lee" not in text
        assert {row.label for row in add_up(people["analyst"], Fact.RELEASED, By.PERSON, days(7))} == {"", "Kim"}
    finally:
        with people["lee"].session() as session:
            session.get_one(User, people["lee"].user_id).status = UserStatus.ACTIVE


def test_in_xlsx_texts_are_texts_numbers_are_numbers_and_moments_are_moments(
    people: dict[str, Actor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PR-340, CWE-1236; what one sheet has no room for is on the next."""
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 3)
    made, count = write_report(people["analyst"], ReportKind.FULL, days(7), tmp_path, ReportFormat.XLSX)
    assert (count, [one.name[-5:] for one in made]) == (6, [".xlsx"] * 2)
    submitted, released = (load_workbook(one.path) for one in made)
    assert submitted.sheetnames == ["submitted", "submitted 2"]
    lines = [line for sheet in submitted for line in list(sheet.iter_rows())[1:]]
    named = dict(zip(HEADERS[Fact.SUBMITTED], zip(*lines, strict=True), strict=True))
    assert {cell.value for cell in named["file_name"]} == {"=cmd|'/C calc'!A0", None}
    assert {cell.data_type for cell in named["file_name"] if cell.value} == {"s"}
    assert all(isinstance(cell.value, int) for cell in named["pages"])
    assert all(isinstance(cell.value, datetime) for cell in named["submitted"])
    assert [cell.value for cell in released["released"][1]] == list(HEADERS[Fact.RELEASED])


@pytest.mark.parametrize("form", ReportFormat)
def test_the_latest_version_of_each_client_of_each_person(
    installation: Installation, people: dict[str, Actor], tmp_path: Path, form: ReportFormat
) -> None:
    """AN-44, PR-278: one line for two versions of the same client, none for what was handed in without one."""
    person = installation.add_person(f"client-{form}@one.example", Role.PRINT_RELEASE_USER)
    handed_in = (
        ("agent", "1.9", 3),
        ("agent", "1.10", 1),
        ("agent", "1.8", 2),
        ("browser extension", "4", 5),
        ("", "", 0),
    )
    facts = [
        _submission(
            *(f"{form}{number}", person.user_id, "Sales", "client", now() - timedelta(days=days_ago)),
            **{"pages": 1, "client_type": client, "client_version": version},
        )
        for number, (client, version, days_ago) in enumerate(handed_in)
    ]
    with person.session() as session:
        session.execute(insert(PrintSubmission), [one | {"organization_id": person.organization_id} for one in facts])
    scope = days(7, user_id=person.user_id)
    made, count = write_report(people["analyst"], ReportKind.CLIENTS, scope, tmp_path, form)
    if form is ReportFormat.CSV:
        lines = list(csv.reader(made[0].path.read_text(encoding="utf-8-sig").splitlines()))[1:]
    else:
        lines = [[cell.value for cell in line] for line in list(load_workbook(made[0].path).active.iter_rows())[1:]]
    assert count == 2
    assert [(line[1], line[4], line[5]) for line in lines] == [
        (person.email, "agent", "1.10"),
        (person.email, "browser extension", "4"),
    ]
    with person.session() as session:
        session.execute(delete(PrintSubmission).where(PrintSubmission.user_id == person.user_id))


def test_a_report_is_made_by_its_flow(people: dict[str, Actor]) -> None:
    """F-28: its states, its file for who asked alone, and a period without anything."""
    analyst = people["analyst"]
    asked = start_report(analyst, ReportKind.RELEASED, days(7))
    assert asked.state is ReportState.QUEUED
    make_print_report.fn(asked.id)
    ready = report_of(analyst, asked.id)
    assert (ready.state, ready.rows) == (ReportState.READY, 3)
    with open_file(analyst, asked.id, "print-report", 0) as (document, stream):
        assert (document.name, stream.read(3)) == (ready.files[0][0], b"\xef\xbb\xbf")
    asked = start_report(analyst, ReportKind.RELEASED, days(7), ReportFormat.XLSX)
    make_print_report.fn(asked.id)
    with open_file(analyst, asked.id, "print-report", 0) as (document, stream):
        assert (document.media_type, stream.read(2)) == (MEDIA_TYPES[ReportFormat.XLSX], b"PK")
    empty = start_report(analyst, ReportKind.FULL, days(30, 25))
    make_print_report.fn(empty.id)
    assert report_of(analyst, empty.id).state is ReportState.NO_DATA


def test_a_hundred_thousand_facts_are_added_up_quickly(installation: Installation, tmp_path: Path) -> None:
    stranger = installation.stranger
    noon = datetime.combine(TODAY, datetime.min.time(), UTC)
    owner, user_id = {"organization_id": stranger.organization_id}, stranger.user_id
    rows = [
        _release(f"many{number}", user_id, user_id, f"D{number % 40}", noon - timedelta(minutes=number * 43)) | owner
        for number in range(1000)
    ]
    columns = list(rows[0])
    with tenant_session(stranger.organization_id) as session:
        session.execute(insert(PrintRelease), rows)
    with system_session() as session:
        others = [getattr(PrintRelease, name) for name in columns[1:]]
        for copy in range(1, MANY // 1000):
            first = PrintRelease.attempt_id.like("amany%")
            again = select((literal(f"c{copy}") + PrintRelease.attempt_id).label("attempt_id"), *others).where(first)
            session.execute(insert(PrintRelease).from_select(columns, again))
    for by in (By.DEPARTMENT, By.DAY, By.SOURCE):
        begun = time.perf_counter()
        assert total(add_up(stranger, Fact.RELEASED, by, days(31))).jobs == MANY
        took = time.perf_counter() - begun
        print(f"{by}: {took:.2f} s")
        assert took < QUICK_SECONDS, by


def _submission(
    job_id: str, user_id: str, department: str, source: str, at: datetime, *, pages: int, name: str = "", **more: Any
) -> dict[str, Any]:
    return {
        "job_id": job_id,
        "user_id": user_id,
        "department": department,
        "source": source,
        "kind": "cloud",
        "submitted": at,
        "file_name": name,
        "media_type": "application/pdf",
        "pages": pages,
        "is_color": True,
        "sides": "one-sided",
        "size": 1000,
        **more,
    }


def _release(
    job_id: str,
    user_id: str,
    released_by: str,
    department: str,
    at: datetime,
    *,
    pages: int = 2,
    impressions: int = 2,
    color: int = 0,
    sheets: int = 1,
    copies: int = 1,
    sides: str = "one-sided",
) -> dict[str, Any]:
    return {
        "attempt_id": f"a{job_id}"[:32],
        "job_id": job_id,
        "user_id": user_id,
        "released_by": released_by,
        "department": department,
        "released": at,
        "printer_id": "p1",
        "printer_name": "Hall",
        "impressions": impressions,
        "color_impressions": color,
        "sheets": sheets,
        "pages": pages,
        "copies": copies,
        "sides": sides,
        "paper": "iso_a4_210x297mm",
        "result": "printed",
        "source": "device",
    }
