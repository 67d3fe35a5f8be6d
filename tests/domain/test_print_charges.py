"""Charging to print quotas: each release once, whatever is told how often, also by many at once, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, now
from domain.organizations.roles import Role
from domain.print_definitions.definitions import change_default
from domain.print_quotas.ledger import Usage, charge, wrong_months
from domain.print_quotas.limits import MonthLimit, QuotaLimits, QuotaStatus
from domain.print_quotas.models import PrintCharge, PrintQuotaMonth
from domain.print_quotas.standing import month_of, standing_of
from domain.print_quotas.subject import QUOTAS
from domain.printing.settings import print_settings
from domain.tenancy import system_session
from tests.support.databases import new_records
from tests.support.people import person
from tests.support.print_settings import set_print_settings

MOMENT = datetime(2026, 11, 10, 12, tzinfo=UTC)
AT_ONCE = 12


@pytest.fixture(params=["sqlite", "postgresql"])
def somebody(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Actor]:
    """A person who prints, with quotas switched on: 100 impressions a month, 20 of them in colour."""
    url = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    with new_records(tmp_path, url) as administrator:
        set_print_settings(administrator, quotas={"enabled": True})
        set_default(administrator, 100, 20)
        yield person(administrator, "ann@pressroom.example", Role.PRINT_RELEASE_USER.value)


@pytest.fixture
def administrator(somebody: Actor) -> Actor:
    from domain.organizations.service import local_administrator

    return local_administrator()


def set_default(administrator: Actor, total: int, color: int) -> None:
    limit = MonthLimit(total="limited", total_limit=total, color="limited", color_limit=color)
    change_default(administrator, QUOTAS, QuotaLimits(months=(limit,)))


def tell(actor: Actor, attempt: str, impressions: int, color: int = 0, printed: datetime | None = None) -> None:
    with actor.session() as session:
        usage = Usage(f"job of {attempt}", attempt, actor.user_id, impressions, color, printed or now())
        charge(session, actor.organization_id, usage)


def month(actor: Actor, name: str = "") -> tuple[int, int, QuotaStatus]:
    with actor.session(read_only=True) as session:
        row = session.get_one(PrintQuotaMonth, (actor.user_id, name or month_of(session, actor.organization_id)))
        assert wrong_months(session) == []
        return row.impressions, row.color_impressions, QuotaStatus(row.status)


def mails(actor: Actor) -> int:
    with system_session(read_only=True) as session:
        query = select(func.count()).select_from(OutgoingMail).where(OutgoingMail.key.like("print-quota/%"))
        return session.scalar(query) or 0


def test_a_release_is_charged_once_however_often_it_is_told(somebody: Actor) -> None:
    """PR-86."""
    for _ in range(3):
        tell(somebody, "a", 10, 2)
    tell(somebody, "b", 5)
    assert month(somebody) == (15, 2, QuotaStatus.OK)


def test_a_later_report_replaces_the_charge(somebody: Actor) -> None:
    """PR-83, F-7: what the device reports comes over what was intended."""
    tell(somebody, "a", 30, 30)
    assert month(somebody) == (30, 30, QuotaStatus.EXCEEDED)
    tell(somebody, "a", 12, 1)
    assert month(somebody) == (12, 1, QuotaStatus.OK)
    tell(somebody, "a", 0, 0)
    assert month(somebody) == (0, 0, QuotaStatus.OK)


def test_the_month_is_that_of_the_organizations_time_zone_and_a_correction_stays_in_it(somebody: Actor) -> None:
    """AM-9: 23:30 UTC on 31 October is November in Stockholm."""
    with system_session() as session:
        session.get_one(Organization, somebody.organization_id).time_zone = "Europe/Stockholm"
    tell(somebody, "a", 10, printed=datetime(2026, 10, 31, 23, 30, tzinfo=UTC))
    tell(somebody, "b", 10, printed=datetime(2026, 10, 31, 22, 30, tzinfo=UTC))
    tell(somebody, "b", 7, printed=datetime(2026, 11, 1, 9, tzinfo=UTC))
    assert month(somebody, "2026-11")[0] == 10
    assert month(somebody, "2026-10")[0] == 7


def test_nothing_is_carried_over(somebody: Actor) -> None:
    tell(somebody, "a", 150, printed=MOMENT - timedelta(days=40))
    with somebody.session(read_only=True) as session:
        settings = print_settings(session, somebody.organization_id)
        standing = standing_of(session, settings, somebody.organization_id, somebody.user_id)
        assert standing is not None
        assert (standing.left, standing.color_left) == (100, 20)


def test_the_person_is_told_when_the_status_changes_and_only_then(somebody: Actor) -> None:
    tell(somebody, "a", 80)
    assert mails(somebody) == 0
    tell(somebody, "b", 10)
    assert (month(somebody)[2], mails(somebody)) == (QuotaStatus.WARNING, 1)
    tell(somebody, "c", 5)
    assert mails(somebody) == 1
    tell(somebody, "d", 7)
    assert (month(somebody)[2], mails(somebody)) == (QuotaStatus.EXCEEDED, 2)
    tell(somebody, "e", 7)
    assert mails(somebody) == 2
    tell(somebody, "a", 1)
    assert (month(somebody)[2], mails(somebody)) == (QuotaStatus.OK, 3)


def test_another_limit_counts_at_once(somebody: Actor, administrator: Actor) -> None:
    """PR-66: what was used is kept."""
    tell(somebody, "a", 100)
    set_default(administrator, 250, 20)
    with somebody.session(read_only=True) as session:
        settings = print_settings(session, somebody.organization_id)
        standing = standing_of(session, settings, somebody.organization_id, somebody.user_id)
        assert standing is not None
        assert standing.left == 150


def test_charges_are_kept_while_quotas_are_off(somebody: Actor, administrator: Actor) -> None:
    set_print_settings(administrator)
    tell(somebody, "a", 95)
    assert (month(somebody)[0], mails(somebody)) == (95, 0)


def test_many_at_once_lose_nothing_and_double_nothing(somebody: Actor) -> None:
    """Serialisable for each person and month: 30 releases, each told four times, twice with another number."""
    attempts = [str(number) for number in range(30)]
    told = [(attempt, impressions) for impressions in (9, 4, 9, 4) for attempt in attempts]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda one: tell(somebody, one[0], one[1], 1), told))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda attempt: tell(somebody, attempt, 3, 1), attempts))
    assert month(somebody) == (90, 30, QuotaStatus.EXCEEDED)
    with system_session(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(PrintCharge)) == 30


def test_the_same_release_told_by_many_at_once_is_one_charge(somebody: Actor) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda _: tell(somebody, "a", 7, 2), range(40)))
    assert month(somebody)[:2] == (7, 2)
    assert mails(somebody) == 0
