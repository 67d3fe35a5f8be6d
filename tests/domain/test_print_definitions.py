"""Print policies and quota definitions, and for whom they hold: both kinds go by the same rules."""

from typing import Any

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.people.deletion import delete_people
from domain.print_definitions.assignments import (
    assign,
    list_assignments,
    open_targets,
    remove_assignment,
    target_names,
)
from domain.print_definitions.definitions import (
    change_default,
    change_definition,
    create_definition,
    delete_definition,
    duplicate_definition,
    get_default,
    get_definition,
    list_definitions,
)
from domain.print_definitions.models import TargetKind
from domain.print_definitions.resolution import Person, resolve_one
from domain.print_definitions.subject import Subject
from domain.print_policies.rules import MonochromeRule, PolicyRules
from domain.print_policies.subject import POLICIES
from domain.print_quotas.limits import MonthLimit, QuotaLimits
from domain.print_quotas.subject import QUOTAS
from domain.printing.settings import print_settings
from tests.support.people import person
from tests.support.print_settings import set_print_settings

PERSONAL, COST_CENTER, DEPARTMENT = TargetKind.PERSONAL, TargetKind.COST_CENTER, TargetKind.DEPARTMENT
MONO, TIGHT = (
    PolicyRules(monochrome=MonochromeRule()),
    QuotaLimits(months=(MonthLimit(total="limited", total_limit=100),)),
)


@pytest.fixture(params=["policy", "quota"])
def subject(request: pytest.FixtureRequest, administrator: Actor) -> Subject[Any]:
    """Either kind, switched on, assigned by cost centre."""
    set_print_settings(
        administrator,
        policies={"print_enabled": True, "print_assignment_mode": "cost_center"},
        quotas={"enabled": True, "assignment_mode": "cost_center"},
    )
    return POLICIES if request.param == "policy" else QUOTAS


@pytest.fixture
def content(subject: Subject[Any]) -> Any:
    return MONO if subject is POLICIES else TIGHT


@pytest.fixture
def ann(administrator: Actor) -> Actor:
    return member(administrator, "ann@pressroom.example", cost_center="CC7", department="Sales")


def member(actor: Actor, email: str, **belongs: str) -> Actor:
    one = person(actor, email, Role.PRINT_RELEASE_USER.value)
    with actor.session() as session:
        user = session.get_one(User, one.user_id)
        for name, value in belongs.items():
            setattr(user, name, value)
    return one


def refused(code: str, action: Any, *arguments: Any) -> PressroomError:
    with pytest.raises(PressroomError) as found:
        action(*arguments)
    assert found.value.code == code
    return found.value


def holds_for(actor: Actor, subject: Subject[Any], somebody: Actor) -> tuple[str, str]:
    """The name of what holds for somebody, and by what."""
    with actor.session(read_only=True) as session:
        settings = print_settings(session, actor.organization_id)
        one = Person.of(session.get_one(User, somebody.user_id))
        found = resolve_one(session, subject, settings, one)
        return found.definition.name, found.source


def test_a_definition_is_made_changed_copied_and_deleted(
    administrator: Actor, subject: Subject[Any], content: Any
) -> None:
    """PR-87."""
    made = create_definition(administrator, subject, "  Sparing   people ", content)
    assert (made.name, made.content, made.assignments) == ("Sparing people", content, 0)
    copy = duplicate_definition(administrator, subject, made.id, "A copy")
    assert (copy.content, copy.id != made.id) == (content, True)
    changed = change_definition(administrator, subject, copy.id, "Free", subject.content())
    assert [one.name for one in list_definitions(administrator, subject)] == ["Free", "Sparing people"]
    assert get_definition(administrator, subject, copy.id) == changed
    delete_definition(administrator, subject, copy.id)
    refused("not_found", get_definition, administrator, subject, copy.id)
    with administrator.session(read_only=True) as session:
        words = session.scalars(select(AuditEvent.action).where(AuditEvent.target_kind == subject.word))
        assert sorted(words) == sorted(
            f"{subject.word}.{word}" for word in ("created", "created", "changed", "deleted")
        )


def test_names_are_unique_without_regard_to_case(administrator: Actor, subject: Subject[Any], content: Any) -> None:
    """PR-58, PR-63: also that of a copy (PR-87), with 1 to 100 characters."""
    first = create_definition(administrator, subject, "Sparing", content)
    other = create_definition(administrator, subject, "Other", content)
    refused("print_definition.name_not_unique", create_definition, administrator, subject, "SPARING", content)
    refused("print_definition.name_not_unique", duplicate_definition, administrator, subject, first.id, "sparing")
    refused("print_definition.name_not_unique", change_definition, administrator, subject, other.id, "sparinG", content)
    change_definition(administrator, subject, first.id, "SPARING", content)
    for name in ("", "   ", "x" * 101):
        refused("print_definition.name", create_definition, administrator, subject, name, content)


def test_the_default_restricts_nothing_until_it_is_changed(
    administrator: Actor, subject: Subject[Any], content: Any
) -> None:
    """PR-65, PR-100."""
    assert get_default(administrator, subject).content == subject.content()
    change_default(administrator, subject, content)
    assert get_default(administrator, subject).content == content
    assert list_definitions(administrator, subject) == []
    assert duplicate_definition(administrator, subject, "", "As the default").content == content
    refused("not_found", delete_definition, administrator, subject, "")


def test_what_is_assigned_is_not_deleted(administrator: Actor, subject: Subject[Any], content: Any, ann: Actor) -> None:
    made = create_definition(administrator, subject, "Sparing", content)
    one = assign(administrator, subject, PERSONAL, "Ann@Pressroom.example", made.id)
    assign(administrator, subject, COST_CENTER, "CC7", made.id)
    assert get_definition(administrator, subject, made.id).assignments == 2
    error = refused("print_definition.definition_in_use", delete_definition, administrator, subject, made.id)
    assert error.facts["holders"] == f"CC7, {ann.email}"
    remove_assignment(administrator, subject, one.id)
    refused("print_definition.definition_in_use", delete_definition, administrator, subject, made.id)


def test_the_personal_one_replaces_the_groups_and_that_the_default(
    administrator: Actor, subject: Subject[Any], content: Any, ann: Actor
) -> None:
    """PR-62, PR-71, PR-98: replaced as a whole, one holds."""
    group, own = (create_definition(administrator, subject, name, content) for name in ("Group", "Own"))
    assert holds_for(administrator, subject, ann) == ("", "default")
    assign(administrator, subject, COST_CENTER, "CC7", group.id)
    assert holds_for(administrator, subject, ann) == ("Group", "cost_center")
    personal = assign(administrator, subject, PERSONAL, ann.email, own.id)
    assert holds_for(administrator, subject, ann) == ("Own", "personal")
    again = assign(administrator, subject, PERSONAL, ann.email, group.id)  # assigning again replaces (PR-72)
    assert (again.id, holds_for(administrator, subject, ann)) == (personal.id, ("Group", "personal"))
    remove_assignment(administrator, subject, personal.id)
    assert holds_for(administrator, subject, ann) == ("Group", "cost_center")
    assert holds_for(administrator, subject, administrator) == ("", "default")


def test_targets_must_exist(
    administrator: Actor, subject: Subject[Any], content: Any, ann: Actor, stranger: Actor
) -> None:
    """PR-68, PR-70, PR-96, PR-99."""
    made = create_definition(administrator, subject, "Sparing", content)
    for kind, name in (
        (PERSONAL, "nobody@pressroom.example"),
        (PERSONAL, stranger.email),
        (COST_CENTER, "cc7"),
        (COST_CENTER, ""),
        (COST_CENTER, "Sales"),
    ):
        refused("print_definition.target_unknown", assign, administrator, subject, kind, name, made.id)
    refused("not_found", assign, administrator, subject, PERSONAL, ann.email, "0" * 32)
    assert target_names(administrator, subject, COST_CENTER) == ["CC7"]
    assert ann.email in target_names(administrator, subject, PERSONAL)


def test_the_mode_says_by_what_and_keeps_what_does_not_count(
    administrator: Actor, subject: Subject[Any], content: Any, ann: Actor
) -> None:
    """PR-41, PR-43, PR-52, PR-67, PR-95: cost centre and department exclude each other, people are always there."""
    made = create_definition(administrator, subject, "Sparing", content)
    assert open_targets(administrator, subject) == (PERSONAL, COST_CENTER)
    assign(administrator, subject, COST_CENTER, "CC7", made.id)
    refused("print_definition.assignment_mode_conflict", assign, administrator, subject, DEPARTMENT, "Sales", made.id)
    set_print_settings(
        administrator,
        policies={"print_enabled": True, "print_assignment_mode": "department"},
        quotas={"enabled": True, "assignment_mode": "department"},
    )
    assert open_targets(administrator, subject) == (PERSONAL, DEPARTMENT)
    assert list_assignments(administrator, subject) == []
    assert holds_for(administrator, subject, ann) == ("", "default")
    refused("print_definition.definition_in_use", delete_definition, administrator, subject, made.id)
    refused("print_definition.target_unknown", assign, administrator, subject, DEPARTMENT, "CC7", made.id)
    other = create_definition(administrator, subject, "Of the department", content)
    assign(administrator, subject, DEPARTMENT, "Sales", other.id)  # PR-69
    assert holds_for(administrator, subject, ann) == ("Of the department", "department")
    for mode, targets, held in (
        ("personal", (PERSONAL,), ("", "default")),
        ("cost_center", (PERSONAL, COST_CENTER), ("Sparing", "cost_center")),
    ):
        set_print_settings(
            administrator,
            policies={"print_enabled": True, "print_assignment_mode": mode},
            quotas={"enabled": True, "assignment_mode": mode},
        )
        assert open_targets(administrator, subject) == targets
        assert holds_for(administrator, subject, ann) == held


def test_assignments_are_listed_by_kind_and_definition(
    administrator: Actor, subject: Subject[Any], content: Any, ann: Actor
) -> None:
    """PR-97."""
    first, second = (create_definition(administrator, subject, name, content) for name in ("First", "Second"))
    member(administrator, "bo@pressroom.example", cost_center="CC7")
    assign(administrator, subject, COST_CENTER, "CC7", first.id)
    assign(administrator, subject, PERSONAL, ann.email, second.id)
    shown = [
        (one.target_kind, one.name, one.definition_name, one.members)
        for one in list_assignments(administrator, subject)
    ]
    assert shown == [(PERSONAL, ann.email, "Second", 1), (COST_CENTER, "CC7", "First", 2)]
    assert [one.name for one in list_assignments(administrator, subject, COST_CENTER)] == ["CC7"]
    assert [one.name for one in list_assignments(administrator, subject, None, second.id)] == [ann.email]


def test_a_deleted_persons_assignment_goes_with_them(
    administrator: Actor, subject: Subject[Any], content: Any, ann: Actor
) -> None:
    made = create_definition(administrator, subject, "Sparing", content)
    assign(administrator, subject, PERSONAL, ann.email, made.id)
    delete_people(administrator, [ann.user_id])
    assert list_assignments(administrator, subject) == []
    delete_definition(administrator, subject, made.id)


def test_nothing_of_it_is_there_while_the_feature_is_off(
    administrator: Actor, subject: Subject[Any], content: Any
) -> None:
    """PR-40, PR-42, PR-57, PR-87."""
    made = create_definition(administrator, subject, "Sparing", content)
    set_print_settings(administrator)
    for action, arguments in (
        (list_definitions, ()),
        (get_default, ()),
        (create_definition, ("Name", content)),
        (change_default, (content,)),
        (delete_definition, (made.id,)),
        (list_assignments, ()),
        (assign, (PERSONAL, administrator.email, made.id)),
    ):
        refused("print.feature_disabled", action, administrator, subject, *arguments)


def test_who_may_not_manage_them_is_refused_and_nobody_reaches_anothers(
    administrator: Actor, subject: Subject[Any], content: Any, ann: Actor, stranger: Actor
) -> None:
    made = create_definition(administrator, subject, "Sparing", content)
    refused("role.missing", list_definitions, ann, subject)
    refused("role.missing", assign, ann, subject, PERSONAL, ann.email, made.id)
    set_print_settings(stranger, policies={"print_enabled": True}, quotas={"enabled": True})
    assert list_definitions(stranger, subject) == []
    refused("not_found", get_definition, stranger, subject, made.id)
    refused("not_found", assign, stranger, subject, PERSONAL, stranger.email, made.id)
    assert create_definition(stranger, subject, "Sparing", content).name == "Sparing"
