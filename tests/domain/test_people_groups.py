"""Groups of an organization: names, members, roles, deletion (AC-64…AC-71)."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.groups import PREDEFINED, checked_name, imported_name
from domain.organizations.models import Group, GroupKind
from domain.organizations.roles import Role
from domain.people.groups import (
    GroupView,
    add_to_group,
    create_group,
    delete_groups,
    get_group,
    give_group_roles,
    list_groups,
    remove_from_group,
    rename_group,
    take_group_roles,
)
from domain.people.service import get_person
from tests.domain.test_people import code_of, made, person_with


@pytest.fixture
def user_administrator(administrator: Actor) -> Actor:
    return person_with(administrator, "ua@pressroom.example", Role.USER_ADMINISTRATOR)


def predefined(actor: Actor, name: str) -> GroupView:
    return next(group for group in list_groups(actor) if group.name == name)


class TestNames:
    """AC-65, AC-69."""

    @pytest.mark.parametrize("character", "!@#$%^&*;+?/\\[],\x00")
    def test_forbidden_characters_are_refused_when_typed(self, administrator: Actor, character: str) -> None:
        assert code_of(lambda: create_group(administrator, f"A{character}B")) == "group.name_character"

    @pytest.mark.parametrize(
        ("imported", "kept"),
        [
            ("A/B", "A_B"),
            ("!@#$%^&*;+?/\\[]", "_" * 15),
            ("  Crew   North ", "Crew North"),
            ("Räksmörgås – (2:a)", "Räksmörgås – (2:a)"),
            ("Cre\u0300me", "Cr\u00e8me"),
        ],
    )
    def test_forbidden_characters_are_replaced_when_imported(self, imported: str, kept: str) -> None:
        assert imported_name(imported) == kept
        assert checked_name(kept) == kept

    @pytest.mark.parametrize(("name", "code"), [("", "missing"), ("   ", "missing"), ("x" * 101, "long")])
    def test_a_name_has_between_one_and_a_hundred_characters(self, administrator: Actor, name: str, code: str) -> None:
        assert code_of(lambda: create_group(administrator, name)) == f"group.name_{code}"

    def test_names_are_unique_in_the_organization_without_regard_to_case(
        self, administrator: Actor, stranger: Actor
    ) -> None:
        create_group(administrator, "Crew")
        assert code_of(lambda: create_group(administrator, "cREW")) == "group.name_taken"
        assert code_of(lambda: create_group(administrator, "help desk")) == "group.name_taken"
        other = create_group(administrator, "Other")
        assert code_of(lambda: rename_group(administrator, other.id, "CREW")) == "group.name_taken"
        assert rename_group(administrator, other.id, "OTHER").name == "OTHER"
        create_group(stranger, "Crew")


class TestPredefined:
    """AC-70, AC-71."""

    def test_every_organization_has_the_five_with_their_roles(self, administrator: Actor) -> None:
        found = {group.name: group for group in list_groups(administrator)}
        assert {name: group.roles for name, group in found.items()} == PREDEFINED
        assert {group.kind for group in found.values()} == {GroupKind.PREDEFINED}

    @pytest.mark.parametrize(
        ("call", "code"),
        [
            (lambda actor, group: rename_group(actor, group, "X"), "group.predefined"),
            (lambda actor, group: delete_groups(actor, [group]), "group.predefined"),
            (lambda actor, group: give_group_roles(actor, group, [Role.OCR_USER]), "role.fixed"),
            (lambda actor, group: take_group_roles(actor, group, [Role.HELP_DESK]), "role.fixed"),
        ],
    )
    def test_names_and_roles_stay(self, administrator: Actor, call: Callable[[Actor, str], Any], code: str) -> None:
        assert code_of(lambda: call(administrator, predefined(administrator, "Help Desk").id)) == code

    def test_members_change_and_get_the_roles(self, administrator: Actor) -> None:
        user_id = made(administrator, "a@example.com")
        group = predefined(administrator, "Help Desk")
        assert add_to_group(administrator, group.id, [user_id]) == 1
        assert Role.HELP_DESK in actor_of_user(user_id).roles
        assert remove_from_group(administrator, group.id, [user_id]) == 1
        assert Role.HELP_DESK not in actor_of_user(user_id).roles


class TestMembers:
    """AC-67."""

    def test_adding_twice_and_removing_strangers_to_the_group_is_harmless(self, administrator: Actor) -> None:
        group = create_group(administrator, "Crew").id
        first, second = made(administrator, "a@example.com"), made(administrator, "b@example.com")
        assert add_to_group(administrator, group, [first]) == 1
        assert add_to_group(administrator, group, [first, second, second]) == 1
        assert get_group(administrator, group).members == 2
        assert remove_from_group(administrator, group, [first]) == 1
        assert remove_from_group(administrator, group, [first]) == 0

    def test_members_and_groups_are_of_one_organization(self, administrator: Actor, stranger: Actor) -> None:
        group = create_group(administrator, "Crew").id
        assert code_of(lambda: add_to_group(administrator, group, [stranger.user_id])) == "not_found"
        assert code_of(lambda: add_to_group(stranger, group, [stranger.user_id])) == "not_found"
        assert code_of(lambda: get_group(stranger, group)) == "not_found"
        assert code_of(lambda: delete_groups(stranger, [group])) == "not_found"
        assert group not in [view.id for view in list_groups(stranger)]

    def test_the_last_administrator_stays_in_the_group_that_makes_one(self, administrator: Actor) -> None:
        from domain.organizations.models import User
        from domain.tenancy import system_session

        admins = predefined(administrator, "Admins").id
        add_to_group(administrator, admins, [administrator.user_id])
        with system_session() as session:
            session.get_one(User, administrator.user_id).roles = []
        refused = code_of(lambda: remove_from_group(administrator, admins, [administrator.user_id]))
        assert refused == "organization.last_administrator"


class TestDeletion:
    """AC-66."""

    def test_several_go_at_once_and_their_members_stay_in_the_organization(self, administrator: Actor) -> None:
        groups = [create_group(administrator, name).id for name in ("One", "Two")]
        user_id = made(administrator, "a@example.com")
        for group in groups:
            add_to_group(administrator, group, [user_id])
        delete_groups(administrator, groups)
        assert get_person(administrator, user_id).view.groups == ()
        assert {view.kind for view in list_groups(administrator)} == {GroupKind.PREDEFINED}

    def test_one_that_must_stay_keeps_all(self, administrator: Actor) -> None:
        group = create_group(administrator, "One").id
        refused = code_of(lambda: delete_groups(administrator, [group, predefined(administrator, "Admins").id]))
        assert refused == "group.predefined"
        assert get_group(administrator, group).name == "One"

    def test_a_group_with_a_guarded_role_is_deleted_by_organization_administrators(
        self, administrator: Actor, user_administrator: Actor
    ) -> None:
        group = create_group(user_administrator, "Deputies").id
        assert code_of(lambda: give_group_roles(user_administrator, group, [Role.OCR_USER])) == "role.missing"
        give_group_roles(administrator, group, [Role.ORGANIZATION_ADMINISTRATOR])
        assert code_of(lambda: delete_groups(user_administrator, [group])) == "role.missing"
        delete_groups(administrator, [group])


def test_access_groups_are_not_among_the_groups(administrator: Actor) -> None:
    with administrator.session() as session:
        group = Group(name="Partners", name_key="partners", kind=GroupKind.CHILD_ACCESS, roles=[])
        session.add(group)
    assert "Partners" not in [view.name for view in list_groups(administrator)]
    for call in (
        lambda: get_group(administrator, group.id),
        lambda: add_to_group(administrator, group.id, []),
        lambda: rename_group(administrator, group.id, "X"),
        lambda: delete_groups(administrator, [group.id]),
    ):
        assert code_of(call) == "not_found"


def test_groups_are_searched_by_name(administrator: Actor) -> None:
    create_group(administrator, "Night crew")
    create_group(administrator, "Day crew")
    assert [view.name for view in list_groups(administrator, "CREW")] == ["Day crew", "Night crew"]
    assert [view.name for view in list_groups(administrator, "crew nig")] == ["Night crew"]
    assert list_groups(administrator, "%") == []
