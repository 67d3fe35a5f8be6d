"""Where everybody stands with their print quota: the list, its filters, the file, and months that have passed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.models import User, now
from domain.organizations.roles import Role
from domain.people.deletion import delete_people
from domain.print_definitions.assignments import assign
from domain.print_definitions.definitions import change_default, change_definition, create_definition
from domain.print_definitions.models import TargetKind
from domain.print_quotas.ledger import Usage, charge
from domain.print_quotas.limits import MonthLimit, QuotaLimits, QuotaStatus
from domain.print_quotas.models import PrintQuotaMonth
from domain.print_quotas.own import own_quota
from domain.print_quotas.status import (
    StatusFilter,
    export_status,
    keep_status,
    list_status,
    months_known,
    organizations_with_quotas,
)
from domain.print_quotas.subject import QUOTAS
from tests.support.people import person
from tests.support.print_settings import set_print_settings

FORMER = datetime(2026, 3, 10, tzinfo=UTC)


def limits(**values: Any) -> QuotaLimits:
    return QuotaLimits(months=(MonthLimit(**values),))


@pytest.fixture
def people(administrator: Actor) -> dict[str, Actor]:
    """Four people: a limit of their own, that of a cost centre, the default, and no printing at all."""
    set_print_settings(administrator, quotas={"enabled": True, "assignment_mode": "cost_center"})
    named = {
        name: person(administrator, f"{name}@pressroom.example", Role.PRINT_RELEASE_USER.value)
        for name in ("ann", "bo", "cy", "di")
    }
    with administrator.session() as session:
        for user in session.scalars(select(User).where(User.id.in_([named["ann"].user_id, named["bo"].user_id]))):
            user.cost_center = "CC1"
    hundred = create_definition(administrator, QUOTAS, "Hundred", limits(total="limited", total_limit=100))
    colour = limits(total="limited", total_limit=1000, color="limited", color_limit=10)
    own = create_definition(administrator, QUOTAS, "Own", colour)
    none = create_definition(administrator, QUOTAS, "None", limits(total="disabled"))
    assign(administrator, QUOTAS, TargetKind.COST_CENTER, "CC1", hundred.id)
    assign(administrator, QUOTAS, TargetKind.PERSONAL, named["ann"].email, own.id)
    assign(administrator, QUOTAS, TargetKind.PERSONAL, named["di"].email, none.id)
    tell(named["ann"], 10, 9)
    tell(named["bo"], 104)
    tell(named["cy"], 7)
    return named


def tell(actor: Actor, impressions: int, color: int = 0, printed: datetime | None = None) -> None:
    with actor.session() as session:
        usage = Usage("job", f"{actor.user_id}{printed}", actor.user_id, impressions, color, printed or now())
        charge(session, actor.organization_id, usage)


def shown(actor: Actor, **chosen: Any) -> list[str]:
    return [one.email.partition("@")[0] for one in list_status(actor, StatusFilter(**chosen))]


def test_everybody_stands_somewhere(administrator: Actor, people: dict[str, Actor]) -> None:
    """PR-73."""
    found = {one.email.partition("@")[0]: one for one in list_status(administrator, StatusFilter())}
    lines = {
        name: (one.standing.status.value, one.standing.left, one.standing.color_left, one.definition, one.source)
        for name, one in found.items()
    }
    assert lines == {
        "admin": ("ok", None, None, "", "default"),
        "ann": ("warning", 990, 1, "Own", "personal"),
        "bo": ("exceeded", -4, None, "Hundred", "cost_center"),
        "cy": ("ok", None, None, "", "default"),
        "di": ("exceeded", 0, None, "None", "personal"),
    }


def test_the_quota_of_a_group_is_each_members_own(administrator: Actor, people: dict[str, Actor]) -> None:
    """PR-71, AM-11: what one has used up is not taken from the others."""
    with administrator.session() as session:
        session.get_one(User, people["cy"].user_id).cost_center = "CC1"
    found = {one.email.partition("@")[0]: one for one in list_status(administrator, StatusFilter(source="cost_center"))}
    assert {name: one.standing.left for name, one in found.items()} == {"bo": -4, "cy": 93}


def test_filters_go_together(administrator: Actor, people: dict[str, Actor]) -> None:
    assert shown(administrator, status=QuotaStatus.EXCEEDED) == ["bo", "di"]
    assert shown(administrator, status=QuotaStatus.EXCEEDED, source="personal") == ["di"]
    assert shown(administrator, definition_id="default") == ["admin", "cy"]
    assert shown(administrator, source="cost_center") == ["bo"]
    assert shown(administrator, search="CY@") == ["cy"]
    assert shown(administrator, limit=2) == ["admin", "ann"]
    assert shown(administrator, limit=2, after=people["ann"].email) == ["bo", "cy"]


def test_the_file_holds_what_the_filter_lets_through(administrator: Actor, people: dict[str, Actor]) -> None:
    """PR-76, PR-77."""
    titles, rows = export_status(administrator, StatusFilter(status=QuotaStatus.EXCEEDED), str)
    assert list(titles) == ["Person", "Status", "Total remaining", "Colour remaining", "Quota definition", "Type"]
    assert list(rows) == [
        [people["bo"].email, "Used up", "-4", "Unlimited", "Hundred", "Cost centre"],
        [people["di"].email, "Used up", "0", "Not allowed", "None", "Personal"],
    ]


def test_a_month_that_has_passed_keeps_its_limits(administrator: Actor, people: dict[str, Actor]) -> None:
    """F-27: another limit counts from the present month on."""
    assert keep_status(administrator.organization_id) == 2  # the others' rows were kept when they printed
    assert keep_status(administrator.organization_id) == 0
    change_default(administrator, QUOTAS, limits(total="limited", total_limit=5))
    assert shown(administrator, status=QuotaStatus.EXCEEDED) == ["bo", "cy", "di"]
    assert keep_status(administrator.organization_id) == 2
    tell(people["cy"], 3, printed=FORMER)
    with administrator.session() as session:
        row = session.get_one(PrintQuotaMonth, (people["cy"].user_id, "2026-03"))
        row.month_limit = MonthLimit(total="limited", total_limit=30).model_dump(mode="json")
        row.definition = "Spring"
    (former,) = list_status(administrator, StatusFilter(month="2026-03"))
    assert (former.standing.left, former.definition, former.standing.status) == (27, "Spring", QuotaStatus.OK)
    assert months_known(administrator)[-1] == "2026-03"
    assert organizations_with_quotas() == [administrator.organization_id]


def test_an_edit_tells_whom_it_gives_another_status(administrator: Actor, people: dict[str, Actor]) -> None:
    keep_status(administrator.organization_id)
    (hundred,) = {one.definition_id for one in list_status(administrator, StatusFilter(source="cost_center"))}
    change_definition(administrator, QUOTAS, hundred, "Hundred", limits(total="limited", total_limit=500))
    assert keep_status(administrator.organization_id) == 1
    with administrator.session(read_only=True) as session:
        month = months_known(administrator)[0]
        row = session.get_one(PrintQuotaMonth, (people["bo"].user_id, month))
        assert (row.status, row.notices) == (QuotaStatus.OK, 2)


def test_who_is_deleted_is_not_listed(administrator: Actor, people: dict[str, Actor]) -> None:
    tell(people["cy"], 3, printed=FORMER)
    delete_people(administrator, [people["cy"].user_id])
    assert "cy" not in shown(administrator)
    assert shown(administrator, month="2026-03") == []


def test_ones_own_quota(people: dict[str, Actor], stranger: Actor) -> None:
    own = own_quota(people["ann"])
    assert own is not None
    assert (own.standing.left, own.standing.color_left) == (990, 1)
    assert own_quota(stranger) is None


def test_only_print_administrators_see_it(administrator: Actor, people: dict[str, Actor]) -> None:
    """PR-9: hybrid administrators manage quotas, but do not see the status."""
    hybrid = person(administrator, "hybrid@pressroom.example", Role.HYBRID_PRINT_ADMINISTRATOR.value)
    for actor in (people["ann"], hybrid):
        with pytest.raises(PressroomError, match=r"role\.missing"):
            list_status(actor, StatusFilter())
    set_print_settings(administrator)
    with pytest.raises(PressroomError, match="feature_disabled"):
        list_status(administrator, StatusFilter())
