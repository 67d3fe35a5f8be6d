"""The Solution Center summary and its export (SQ-90…SQ-99)."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.messages import Message
from connectors.spreadsheets import BYTE_ORDER_MARK
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import User, UserStatus, now
from domain.organizations.roles import Role
from domain.quotas.models import LedgerEntry
from domain.quotas.report_scope import Period, first_day
from domain.quotas.reports import organization_report, organizations_report
from domain.quotas.use_export import organization_csv, organizations_csv
from domain.tenancy import new_id, system_session
from steps.contract import Service
from tests.support.quotas import customer_of, give, partner_of, person_of, use

TODAY = now().date()
MONTH = Period(TODAY - timedelta(days=30), TODAY)


@pytest.fixture
def partner(administrator: Actor) -> Actor:
    return partner_of(administrator, Role.PARTNER_ADMINISTRATOR, Role.SOLUTIONS_ADMINISTRATOR, Role.QUOTA_ADMINISTRATOR)


@pytest.fixture
def customer(partner: Actor) -> Actor:
    """Two people used OCR, translation and a footer, from a browser and two printers."""
    one = customer_of(partner, "Contoso")
    give(partner, one)
    ann = person_of(one, "ann@contoso.example", department="Sales", cost_center="CC 1")
    use(ann, 3, client_type="printer", printer_address="ipp://one")
    use(ann, 2, "translate", client_type="printer", printer_address="ipp://two")
    use(ann, 1, "footer")
    use(person_of(one, "bob@contoso.example"), 4, client_type="printer", printer_address="ipp://one")
    return one


def code_of(action: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(PressroomError) as error:
        action()
    return error.value.code, error.value.fault.spec


def rows(pieces: Iterator[str]) -> list[dict[str, str]]:
    return list(csv.DictReader("".join(pieces).removeprefix(BYTE_ORDER_MARK).splitlines()))


def test_one_organization_in_sum_and_by_person(customer: Actor) -> None:
    report = organization_report(customer, MONTH)
    assert (report.organization_name, report.sums.printers) == ("Contoso", 2)
    assert report.sums.operations == {Service.TRANSLATION: 2, Service.REDACTION: 0, Service.OCR: 2}
    assert report.sums.pages == {Service.TRANSLATION: 4, Service.REDACTION: 0, Service.OCR: 7}
    lines = {line.email: (line.sums.pages[Service.OCR], line.sums.printers) for line in report.lines}
    assert lines == {"ann@contoso.example": (3, 2), "bob@contoso.example": (4, 1)}


def test_search_by_address_narrows_the_lines_not_the_sums(customer: Actor) -> None:
    report = organization_report(customer, MONTH, search="BOB@")
    assert [line.email for line in report.lines] == ["bob@contoso.example"]
    assert report.sums.pages[Service.OCR] == 7


def test_all_organizations_in_sum_and_by_organization(partner: Actor, customer: Actor) -> None:
    use(partner, 5)
    customer_of(partner, "Idle")
    report = organizations_report(partner, MONTH)
    assert {line.name: line.sums.pages[Service.OCR] for line in report.lines} == {
        "Contoso": 7, "Idle": 0, "Pressroom": 5,
    }  # fmt: skip
    assert (report.sums.pages[Service.OCR], report.sums.operations[Service.OCR], report.sums.printers) == (12, 3, 2)
    assert [line.name for line in organizations_report(partner, MONTH, "conto").lines] == ["Contoso"]
    (line,) = organizations_report(partner, MONTH, "conto").lines
    assert organization_report(partner, MONTH, line.id).sums.pages[Service.OCR] == 7, "a name leads to its report"


def test_both_roles_and_a_customer_that_used_something_are_needed(
    partner: Actor, administrator: Actor, customer: Actor, stranger: Actor
) -> None:
    """SQ-90, AC-56."""
    for holder in (administrator, customer, person_of(customer, "user@contoso.example")):
        assert code_of(lambda holder=holder: organizations_report(holder, MONTH))[0] == "role.missing"  # type: ignore[misc]
    other = partner_of(stranger, Role.SOLUTIONS_ADMINISTRATOR)
    customer_of(other, "Fabrikam")
    assert code_of(lambda: organizations_report(other, MONTH)) == ("report.no_customer_used_any", "SQ-90")


def test_the_administrator_of_a_customer_is_enough_for_its_report(
    administrator: Actor, customer: Actor, stranger: Actor
) -> None:
    """SQ-91."""
    with system_session() as session:
        session.get_one(User, administrator.user_id).roles = []
    partner = actor_of_user(administrator.user_id)
    assert organization_report(partner, MONTH, customer.organization_id).organization_name == "Contoso"
    assert code_of(lambda: organization_report(partner, MONTH))[0] == "role.missing"
    assert code_of(lambda: organization_report(stranger, MONTH, customer.organization_id))[0] == "not_found"
    assert code_of(lambda: organization_csv(stranger, MONTH, customer.organization_id))[0] == "not_found"
    program = replace(partner, user_id="", application_id=new_id())
    asked = lambda: organization_report(program, MONTH, customer.organization_id)  # noqa: E731
    assert code_of(asked)[0] == "application.person_needed", "it names the customer in its request's header"


def test_the_export_has_exactly_the_columns_and_every_use(customer: Actor) -> None:
    """SQ-96…SQ-98; TS-43: the mark by which spreadsheets know the encoding comes first."""
    pieces = "".join(organization_csv(customer, MONTH))
    columns = "date of use,operation,page count,department,cost center,user e-mail,client type"
    assert pieces.splitlines()[0] == BYTE_ORDER_MARK + columns
    found = [
        (row["operation"], row["page count"], row["user e-mail"], row["client type"]) for row in rows(iter([pieces]))
    ]
    assert found == [
        ("OCR", "3", "ann@contoso.example", "printer"),
        ("translation", "2", "ann@contoso.example", "printer"),
        ("translation", "2", "ann@contoso.example", "printer"),
        ("footer", "unknown", "ann@contoso.example", "browser"),
        ("OCR", "4", "bob@contoso.example", "printer"),
    ]
    first = rows(iter([pieces]))[0]
    assert (first["date of use"], first["department"], first["cost center"]) == (TODAY.isoformat(), "Sales", "CC 1")


def test_a_kind_of_step_that_is_not_installed_any_more_is_an_unknown_operation(customer: Actor) -> None:
    """SQ-97."""
    with system_session() as session:
        for entry in session.scalars(select(LedgerEntry).where(LedgerEntry.operation == "footer")):
            entry.operation = "fax"
    assert ("unknown", "unknown") in [
        (row["operation"], row["page count"]) for row in rows(organization_csv(customer, MONTH))
    ]


def test_the_export_of_all_organizations_is_read_some_at_a_time(
    partner: Actor, customer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.quotas.use_export.AT_A_TIME", 2)
    use(partner, 1)
    assert len(rows(organizations_csv(partner, MONTH))) == 6
    assert code_of(lambda: organizations_csv(customer, MONTH))[0] == "role.missing"


def test_nothing_that_people_entered_becomes_a_formula(partner: Actor) -> None:
    one = customer_of(partner, "Evil")
    give(partner, one)
    use(person_of(one, "eve@evil.example", department='=HYPERLINK("x")', cost_center="@SUM(1)"))
    (row,) = rows(organization_csv(one, MONTH))
    assert (row["department"], row["cost center"]) == ('\'=HYPERLINK("x")', "'@SUM(1)")


def test_a_deleted_person_s_name_is_gone_and_the_numbers_stay(customer: Actor) -> None:
    """AC-83."""
    with system_session() as session:
        user = session.scalars(select(User).where(User.email == "ann@contoso.example")).one()
        user.status, user.email = UserStatus.DELETED, f"{user.id}@deleted.invalid"
    report = organization_report(customer, MONTH)
    gone = next(line for line in report.lines if line.email == "")
    assert isinstance(gone.name, Message)
    assert gone.sums.pages[Service.OCR] == 3
    assert {row["user e-mail"] for row in rows(organization_csv(customer, MONTH))} == {"", "bob@contoso.example"}


def test_only_the_period_counts(partner: Actor) -> None:
    one = customer_of(partner, "Past")
    give(partner, one)
    for days_ago in (0, 10, 400, 800):
        use(one, 1, days_ago=days_ago)
    for period, pages in (
        (Period(TODAY, TODAY), 1),
        (Period(TODAY - timedelta(days=10), TODAY), 2),
        (Period(TODAY - timedelta(days=10), TODAY - timedelta(days=1)), 1),
        (Period(first_day(TODAY), TODAY), 3),
    ):
        assert organization_report(one, period).sums.pages[Service.OCR] == pages, period


@pytest.mark.parametrize(
    ("period", "code"),
    [
        (Period(TODAY, TODAY - timedelta(days=1)), ("report.bad_period", "")),
        (Period(TODAY, TODAY + timedelta(days=2)), ("report.bad_period", "")),
        (Period(first_day(TODAY) - timedelta(days=1), TODAY), ("report.too_far_back", "SQ-99")),
    ],
)
def test_periods_that_cannot_be_reported(customer: Actor, period: Period, code: tuple[str, str]) -> None:
    assert code_of(lambda: organization_report(customer, period)) == code
    assert code_of(lambda: organization_csv(customer, period)) == code


def test_two_years_back_from_a_leap_day() -> None:
    assert first_day(date(2028, 2, 29)) == date(2026, 2, 28)
    assert first_day(date(2026, 11, 25)) == date(2024, 11, 25)
