"""Quotas of people: default and custom ones, who may set them, and how they work together (SQ-40…SQ-53)."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor
from domain.organizations.models import User, UserStatus
from domain.organizations.roles import Role
from domain.quotas.distributions import get_distribution
from domain.quotas.models import QuotaKind
from domain.quotas.usage import list_usage
from domain.quotas.user_quotas import (
    create_custom_quota,
    default_quota,
    delete_custom_quota,
    get_custom_quota,
    group_names,
    list_custom_quotas,
    set_default_quota,
    update_custom_quota,
)
from domain.runs.execution import begin_step, complete_step
from domain.tenancy import system_session
from steps.contract import Service
from tests.support.people import person
from tests.support.quotas import OCR, claimed, document, new_run, person_of, result

FIVE = {Service.OCR: 5}


@pytest.fixture
def ann(administrator: Actor) -> Actor:
    return person_of(administrator, "ann@pressroom.example", department="Sales", cost_center="CC 1")


def code_of(action: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(PressroomError) as error:
        action()
    return error.value.code, error.value.fault.spec


def use(actor: Actor, pages: int) -> None:
    work = claimed(new_run(actor))
    begin_step(work, OCR, "0", document(pages))
    complete_step(work, OCR, "0", result(pages * 1800))


def test_the_default_is_set_for_some_services_and_unset_again(administrator: Actor, ann: Actor) -> None:
    assert default_quota(administrator) == {}
    set_default_quota(administrator, {Service.OCR: 2, Service.TRANSLATION: None})
    assert default_quota(administrator) == {Service.OCR: 2, Service.TRANSLATION: None}
    use(ann, 2)
    assert code_of(lambda: use(ann, 1)) == ("quota.exceeded", "SQ-E11")
    set_default_quota(administrator, {})
    assert default_quota(administrator) == {}
    use(ann, 50)


def test_the_default_is_an_amount_for_each_person(administrator: Actor, ann: Actor) -> None:
    """SQ-5, SQ-43."""
    bob = person_of(administrator, "bob@pressroom.example")
    set_default_quota(administrator, {Service.OCR: 2})
    use(ann, 2)
    use(bob, 2)
    assert code_of(lambda: use(bob, 1))[0] == "quota.exceeded"


def test_a_personal_quota_names_somebody_of_the_organization_by_their_address(
    administrator: Actor, ann: Actor, stranger: Actor
) -> None:
    """TS-67: somebody who is registered."""
    quota = create_custom_quota(administrator, QuotaKind.PERSONAL, " Ann@Pressroom.example ", FIVE)
    assert (quota.name, quota.pages, quota.members) == (ann.email, FIVE, 1)
    for nobody in ("nobody@pressroom.example", stranger.email):
        assert code_of(lambda nobody=nobody: create_custom_quota(administrator, QuotaKind.PERSONAL, nobody, FIVE)) == (  # type: ignore[misc]
            "quota.not_registered", "SQ-E06",
        )  # fmt: skip
    again = lambda: create_custom_quota(administrator, QuotaKind.PERSONAL, ann.email, FIVE)  # noqa: E731
    assert code_of(again) == ("quota.set_already", "SQ-E08")


def test_departments_or_cost_centres_until_the_last_of_a_kind_is_deleted(administrator: Actor) -> None:
    """SQ-48, SQ-50, AC-113, TS-68."""
    assert list_custom_quotas(administrator).open_kinds == (QuotaKind.COST_CENTER, QuotaKind.DEPARTMENT)
    first = create_custom_quota(administrator, QuotaKind.DEPARTMENT, "Sales", FIVE)
    second = create_custom_quota(administrator, QuotaKind.DEPARTMENT, "sales", FIVE)
    assert list_custom_quotas(administrator).open_kinds == (QuotaKind.DEPARTMENT,)
    other = lambda: create_custom_quota(administrator, QuotaKind.COST_CENTER, "CC 1", FIVE)  # noqa: E731
    assert code_of(other) == ("quota.other_kind", "SQ-E07")
    delete_custom_quota(administrator, first.id)
    assert code_of(other)[0] == "quota.other_kind"
    delete_custom_quota(administrator, second.id)
    create_custom_quota(administrator, QuotaKind.COST_CENTER, "CC 1", FIVE)
    assert list_custom_quotas(administrator).open_kinds == (QuotaKind.COST_CENTER,)


def test_precedence_in_practice(administrator: Actor, ann: Actor) -> None:
    """SQ-6, SQ-47, AC-113, TS-67: one after the other the stronger quota is added, and each time it decides."""
    set_default_quota(administrator, {Service.OCR: 1})
    use(ann, 1)
    assert code_of(lambda: use(ann, 1))[0] == "quota.exceeded"
    create_custom_quota(administrator, QuotaKind.DEPARTMENT, "Sales", {Service.OCR: 2})
    use(ann, 1)
    assert code_of(lambda: use(ann, 1))[0] == "quota.exceeded"
    personal = create_custom_quota(administrator, QuotaKind.PERSONAL, ann.email, {Service.REDACTION: 9})
    assert code_of(lambda: use(ann, 1))[0] == "quota.exceeded", "a service left empty does not override (SQ-52)"
    update_custom_quota(administrator, personal.id, {Service.OCR: None})
    use(ann, 100)
    update_custom_quota(administrator, personal.id, {Service.OCR: 0})
    assert code_of(lambda: use(ann, 1))[0] == "quota.exceeded", "0 is no pages"


def test_members_have_an_amount_each_unless_they_share_it(administrator: Actor, ann: Actor) -> None:
    """SQ-51."""
    bob = person_of(administrator, "bob@pressroom.example", department="Sales")
    quota = create_custom_quota(administrator, QuotaKind.DEPARTMENT, "Sales", {Service.OCR: 3})
    assert quota.members == 2
    use(ann, 3)
    use(bob, 2)
    update_custom_quota(administrator, quota.id, {Service.OCR: 6}, pooled=True)
    use(bob, 1)
    assert code_of(lambda: use(ann, 1)) == ("quota.group_exceeded", "SQ-E11")


def test_a_personal_quota_is_never_shared(administrator: Actor, ann: Actor) -> None:
    assert not create_custom_quota(administrator, QuotaKind.PERSONAL, ann.email, FIVE, pooled=True).pooled


@pytest.mark.parametrize(
    ("pages", "name", "code"),
    [
        ({}, "Sales", "quota.nothing_set"),
        ({Service.OCR: -1}, "Sales", "quota.bad_limit"),
        (FIVE, "  ", "quota.name_missing"),
        (FIVE, "x" * 256, "quota.name_missing"),
    ],
)
def test_what_a_custom_quota_cannot_be(
    administrator: Actor, pages: dict[Service, int | None], name: str, code: str
) -> None:
    assert code_of(lambda: create_custom_quota(administrator, QuotaKind.DEPARTMENT, name, pages))[0] == code


def test_a_name_that_nobody_has_is_seen_by_its_members(administrator: Actor, ann: Actor) -> None:
    """AC-112."""
    create_custom_quota(administrator, QuotaKind.DEPARTMENT, "Sales", FIVE)
    create_custom_quota(administrator, QuotaKind.DEPARTMENT, "Gone", FIVE)
    assert {quota.name: quota.members for quota in list_custom_quotas(administrator).quotas} == {"Sales": 1, "Gone": 0}
    assert group_names(administrator, QuotaKind.DEPARTMENT) == ["Sales"]
    assert group_names(administrator, QuotaKind.COST_CENTER) == ["CC 1"]


def test_the_list_is_searched_and_filtered(administrator: Actor, ann: Actor) -> None:
    create_custom_quota(administrator, QuotaKind.DEPARTMENT, "Sales", FIVE)
    create_custom_quota(administrator, QuotaKind.DEPARTMENT, "Annexe", FIVE)
    create_custom_quota(administrator, QuotaKind.PERSONAL, ann.email, FIVE)
    names = lambda **chosen: [quota.name for quota in list_custom_quotas(administrator, **chosen).quotas]  # noqa: E731
    assert names() == [ann.email, "Annexe", "Sales"]
    assert names(search="ANN") == [ann.email, "Annexe"]
    assert names(kind=QuotaKind.DEPARTMENT) == ["Annexe", "Sales"]


def test_a_deleted_person_s_quota_is_gone_and_a_new_person_of_that_address_starts_without(
    administrator: Actor, ann: Actor
) -> None:
    quota = create_custom_quota(administrator, QuotaKind.PERSONAL, ann.email, FIVE)
    with system_session() as session:
        row = session.get_one(User, ann.user_id)
        row.status, row.email = UserStatus.DELETED, f"deleted-{ann.user_id}"
    assert list_custom_quotas(administrator).quotas == ()
    assert code_of(lambda: get_custom_quota(administrator, quota.id))[0] == "not_found"
    person_of(administrator, "ann@pressroom.example")
    assert create_custom_quota(administrator, QuotaKind.PERSONAL, "ann@pressroom.example", FIVE).members == 1


def test_another_organization_s_quotas_do_not_exist(administrator: Actor, stranger: Actor) -> None:
    quota = create_custom_quota(administrator, QuotaKind.DEPARTMENT, "Sales", FIVE)
    for action in (
        lambda: get_custom_quota(stranger, quota.id),
        lambda: update_custom_quota(stranger, quota.id, FIVE),
        lambda: delete_custom_quota(stranger, quota.id),
    ):
        assert code_of(action)[0] == "not_found"
    assert list_custom_quotas(stranger).quotas == ()
    create_custom_quota(stranger, QuotaKind.COST_CENTER, "Sales", FIVE)


def test_who_lacks_the_role_manages_nothing(ann: Actor) -> None:
    """SQ-E13."""
    for action in (
        lambda: default_quota(ann),
        lambda: set_default_quota(ann, FIVE),
        lambda: list_custom_quotas(ann),
        lambda: create_custom_quota(ann, QuotaKind.DEPARTMENT, "Sales", FIVE),
        lambda: group_names(ann, QuotaKind.DEPARTMENT),
    ):
        assert code_of(action)[0] == "role.missing"


def test_the_quota_administrators_role_alone_is_enough(administrator: Actor, ann: Actor) -> None:
    """SQ-10: default quota, custom quotas, use, and what the organization was given."""
    bob = person(administrator, "bob@pressroom.example", Role.QUOTA_ADMINISTRATOR)
    set_default_quota(bob, FIVE)
    assert create_custom_quota(bob, QuotaKind.PERSONAL, ann.email, {Service.OCR: 7}).pages == {Service.OCR: 7}
    assert default_quota(bob) == FIVE
    assert ann.email in {one.email for one in list_usage(bob)}
    assert get_distribution(bob, bob.organization_id).distribution is not None


def test_every_change_is_in_the_audit_trail(administrator: Actor, ann: Actor) -> None:
    set_default_quota(administrator, {Service.OCR: None})
    quota = create_custom_quota(administrator, QuotaKind.PERSONAL, ann.email, FIVE)
    update_custom_quota(administrator, quota.id, {Service.OCR: 6})
    delete_custom_quota(administrator, quota.id)
    with system_session(read_only=True) as session:
        query = select(AuditEvent).where(AuditEvent.target_kind == "user_quota").order_by(AuditEvent.id)
        events = session.scalars(query).all()
    assert [(event.action, event.facts.get("ocr")) for event in events] == [
        ("user_quota.default_set", "unlimited"),
        ("user_quota.created", 5),
        ("user_quota.changed", 6),
        ("user_quota.deleted", None),
    ]
    assert ann.email not in str([event.facts for event in events])
