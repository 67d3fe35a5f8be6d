"""Direct and offline prints, told by workstations afterwards: accounted exactly once (F-23, F-24)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.ipp.ticket import JobTicket
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.print_quotas.models import PrintCharge
from domain.printing.history import list_releases
from domain.printing.models import PrintRelease, PrintSubmission
from domain.printing.states import JobKind, JobSource
from domain.workstation_printing.callers import CallingNode
from fleet.releasing.direct import DirectPrint, check_print, take_prints
from fleet.releasing.usage import UsageReport, report_usage
from tests.support import nodes
from tests.support.fleet import add_printers
from tests.support.installation import Installation, installed

ASSIGNMENTS = {"enabled": True, "use_with": "direct_and_offline"}
MARK = "0123456789abcdef"


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as installation:
        nodes.set_settings(installation.administrator.organization_id, assignments=ASSIGNMENTS)
        yield installation


@pytest.fixture
def dan(one: Installation) -> Actor:
    return one.add_person("dan@one.example", Role.DIRECT_PRINT_USER, Role.PRINT_RELEASE_USER)


@pytest.fixture
def desk(dan: Actor) -> CallingNode:
    return nodes.workstation(dan, "desk")


@pytest.fixture
def printer(dan: Actor) -> str:
    return add_printers(dan.organization_id, 1)[0]


def print_of(printer: str, local_id: str = "1", printed: datetime | None = None) -> DirectPrint:
    return DirectPrint(
        local_id,
        MARK,
        "direct",
        "Plan.pdf",
        printed or now(),
        pages=4,
        copies=2,
        is_color=True,
        sides="two-sided-long-edge",
        printer_id=printer,
    )


def statuses(desk: CallingNode, *records: DirectPrint) -> list[str]:
    return [taken.status for taken in take_prints(desk, records)]


def release_of(actor: Actor) -> PrintRelease:
    with actor.session(read_only=True) as session:
        row = session.scalars(select(PrintRelease).where(PrintRelease.user_id == actor.user_id)).one()
        session.expunge(row)
        return row


def charged(actor: Actor) -> dict[str, int]:
    with actor.session(read_only=True) as session:
        mine = select(PrintCharge.month, PrintCharge.impressions).where(PrintCharge.user_id == actor.user_id)
        return dict(session.execute(mine).tuples().all())


def test_a_print_is_accounted_once_however_often_it_is_told(dan: Actor, desk: CallingNode, printer: str) -> None:
    """PR-240, PR-265, PR-296: the intent counts, and says so."""
    record = print_of(printer)
    assert statuses(desk, record) == ["accepted"]
    assert statuses(desk, record, record) == ["duplicate", "duplicate"]
    fact = release_of(dan)
    assert (fact.impressions, fact.color_impressions, fact.sheets, fact.pages, fact.copies) == (8, 8, 4, 4, 2)
    assert (fact.source, fact.printer_address.endswith("(Direct)")) == ("intent", True)
    assert sum(charged(dan).values()) == 8
    [shown] = list_releases(dan)
    assert (shown.job_name, shown.source, shown.impressions) == ("Plan.pdf", JobSource.DIRECT, 8)


@pytest.mark.parametrize("device_first", [False, True])
def test_the_printers_own_report_counts_whichever_comes_first(
    dan: Actor, desk: CallingNode, printer: str, device_first: bool
) -> None:
    """PR-241: a colour job that came out of a monochrome printer, one side of it left away."""
    told = UsageReport(MARK, impressions=7, color_impressions=0, sheets=4)
    ways = [lambda: report_usage(dan.organization_id, printer, told), lambda: statuses(desk, print_of(printer))]
    for way in ways if device_first else reversed(ways):
        way()
    fact = release_of(dan)
    assert (fact.impressions, fact.color_impressions, fact.source) == (7, 0, "device")
    assert not fact.printer_address.endswith("(Direct)")
    assert not report_usage(dan.organization_id, printer, told), "the same report changes nothing"
    assert statuses(desk, print_of(printer)) == ["duplicate"]
    assert sum(charged(dan).values()) == 7


def test_offline_prints_come_late_and_are_charged_to_their_month(dan: Actor, desk: CallingNode, printer: str) -> None:
    """PR-263, PR-265, PR-266, PR-295: a submission and a release; at an unknown printer too; old ones are refused."""
    when = now() - timedelta(days=29)
    late = replace(print_of("", printed=when), mode="offline", address="10.1.2.3", mark="f" * 16)
    old = replace(print_of(printer, "2", now() - timedelta(days=31)), mode="offline")
    ahead = replace(print_of(printer, "3", now() + timedelta(hours=1)), mode="offline")
    assert statuses(desk, late, old, ahead) == ["accepted", "rejected", "rejected"]
    assert charged(dan) == {when.strftime("%Y-%m"): 8}
    fact = release_of(dan)
    assert (fact.printer_id, fact.printer_address, fact.released) == ("", "10.1.2.3", when)
    with dan.session(read_only=True) as session:
        submitted = session.get_one(PrintSubmission, fact.job_id)
        assert (submitted.kind, submitted.source) == (JobKind.OFFLINE, JobSource.OFFLINE)


def test_policies_and_quota_are_asked_before_while_the_portal_is_there(
    one: Installation, dan: Actor, desk: CallingNode, printer: str
) -> None:
    """AM-14, AM-18, PR-6."""
    decision, _ = check_print(desk, print_of(printer), JobTicket(copies=2))
    assert (decision.ticket.copies, decision.is_color) == (2, True)
    nodes.set_settings(dan.organization_id, assignments={"enabled": True, "use_with": "offline"})
    with pytest.raises(PressroomError) as caught:
        check_print(desk, print_of(printer), JobTicket())
    assert caught.value.code == "print.feature_disabled"
    storage = one.administrator.organization_id
    assert storage == dan.organization_id
