"""People: made, changed, found, let in and out; by whom, and with what history (AC-79…AC-89, AC-111…AC-117)."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import Group, GroupMember, Membership, User, UserStatus
from domain.organizations.roles import Role
from domain.people.fields import PersonFields
from domain.people.groups import add_to_group, create_group, give_group_roles, list_groups
from domain.people.listing import PersonFilter, PersonSort, count_people, list_people, membership_names
from domain.people.memberships import membership_history
from domain.people.roles import give_people_roles, take_people_roles
from domain.people.service import NewPerson, change_person, create_person, get_person, set_status
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.service import sign_in
from domain.tenancy import system_session

GOOD_PASSWORD = "Blue-Kettle-72"


def made(actor: Actor, email: str, *roles: str, **facts: str) -> str:
    return create_person(actor, NewPerson(PersonFields(email, **facts), roles=roles)).view.id


def person_with(administrator: Actor, email: str, *roles: Role) -> Actor:
    return actor_of_user(made(administrator, email, *(role.value for role in roles)))


@pytest.fixture
def user_administrator(administrator: Actor) -> Actor:
    return person_with(administrator, "ua@pressroom.example", Role.USER_ADMINISTRATOR)


@pytest.fixture
def help_desk(administrator: Actor) -> Actor:
    return person_with(administrator, "help@pressroom.example", Role.HELP_DESK)


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(PressroomError) as caught:
        call()
    return caught.value.code


class TestMaking:
    """AC-80, AC-86…AC-88."""

    def test_the_address_is_kept_in_lower_case_and_signs_in(self, administrator: Actor) -> None:
        facts = PersonFields(" JDoe@Example.COM ", "John", "Doe", "Johnny", "jdoe", "Sales", "CC100")
        details = create_person(administrator, NewPerson(facts, GOOD_PASSWORD))
        assert details.view.email == "jdoe@example.com"
        assert (details.view.name, details.view.department, details.view.cost_center) == ("Johnny", "Sales", "CC100")
        assert details.has_password
        actor = sign_in("JDOE@example.com", GOOD_PASSWORD).actor
        assert (actor.user_id, actor.name, actor.roles) == (details.view.id, "Johnny", {"User"})

    def test_nobody_signs_in_to_an_account_without_a_password(self, administrator: Actor) -> None:
        made(administrator, "new@example.com")
        assert code_of(lambda: sign_in("new@example.com", "")) == "sign_in.failed"

    @pytest.mark.parametrize(
        ("facts", "called"),
        [
            ({"name": "Johnny", "first_name": "John", "last_name": "Doe"}, "Johnny"),
            ({"first_name": "John", "last_name": "Doe"}, "John Doe"),
            ({"last_name": "Doe"}, "Doe"),
            ({}, "x@example.com"),
        ],
    )
    def test_a_display_name_is_not_derived_but_everybody_is_called_something(
        self, administrator: Actor, facts: Mapping[str, str], called: str
    ) -> None:
        user_id = made(administrator, "x@example.com", **facts)
        assert get_person(administrator, user_id).view.name == facts.get("name", "")
        assert actor_of_user(user_id).name == called

    @pytest.mark.parametrize(
        ("facts", "code"),
        [
            ({"email": ""}, "person.no_address"),
            ({"email": "nobody"}, "person.no_address"),
            ({"email": "a b@example.com"}, "person.no_address"),
            ({"email": "a@example.com\nBcc: b@example.com"}, "person.no_address"),
            ({"email": "a" * 250 + "@example.com"}, "person.no_address"),
            ({"email": "a@example.com", "name": "x" * 201}, "person.too_long"),
            ({"email": "a@example.com", "short_name": "x" * 65}, "person.too_long"),
            ({"email": "a@example.com", "first_name": "A\nB"}, "person.unprintable"),
            ({"email": "a@example.com", "department": "A\x00"}, "person.unprintable"),
        ],
    )
    def test_what_cannot_be_kept_is_refused(self, administrator: Actor, facts: Mapping[str, str], code: str) -> None:
        assert code_of(lambda: create_person(administrator, NewPerson(PersonFields(**facts)))) == code

    def test_an_address_belongs_to_one_account_of_the_whole_installation(
        self, administrator: Actor, stranger: Actor
    ) -> None:
        """AC-5: and so to one organization."""
        assert code_of(lambda: made(administrator, stranger.email.upper())) == "person.address_taken"
        assert code_of(lambda: made(administrator, administrator.email)) == "person.address_taken"
        user_id = made(administrator, "free@example.com")
        assert code_of(lambda: change_person(administrator, user_id, {"email": stranger.email})) == (
            "person.address_taken"
        )
        assert get_person(administrator, user_id).view.email == "free@example.com"

    def test_names_of_departments_have_single_spaces_because_they_are_keys(self, administrator: Actor) -> None:
        user_id = made(administrator, "a@example.com", department="  Sales   North ")
        assert get_person(administrator, user_id).view.department == "Sales North"

    def test_roles_may_be_given_at_once_by_whoever_may_give_them(
        self, administrator: Actor, user_administrator: Actor
    ) -> None:
        user_id = made(user_administrator, "a@example.com", Role.SOLUTIONS_USER)
        assert get_person(administrator, user_id).own_roles == (Role.SOLUTIONS_USER,)
        refused = code_of(lambda: made(user_administrator, "b@example.com", Role.ORGANIZATION_ADMINISTRATOR))
        assert refused == "role.missing"
        assert code_of(lambda: made(administrator, "c@example.com", Role.PARTNER_ADMINISTRATOR)) == (
            "role.access_groups_only"
        )


class TestChanging:
    """AC-81, AC-111, AC-116."""

    def test_only_what_is_given_changes(self, administrator: Actor) -> None:
        user_id = made(administrator, "a@example.com", first_name="Ann", last_name="Lee", department="Sales")
        view = change_person(administrator, user_id, {"last_name": "Li", "email": "Ann@Example.com"}).view
        assert (view.email, view.first_name, view.last_name, view.department) == (
            "ann@example.com",
            "Ann",
            "Li",
            "Sales",
        )
        with system_session(read_only=True) as session:
            event = session.scalars(select(AuditEvent).where(AuditEvent.action == "user.changed")).one()
        assert (event.user_id, event.target_id) == (administrator.user_id, user_id)
        assert sorted(event.facts["fields"]) == ["email", "last_name"]

    def test_a_change_of_department_leaves_a_row_of_history(self, administrator: Actor) -> None:
        """Acceptance check 12."""
        user_id = made(administrator, "a@example.com", department="Sales", cost_center="CC1")
        change_person(administrator, user_id, {"department": "Service"})
        change_person(administrator, user_id, {"department": "Service", "cost_center": ""})
        history = membership_history(administrator, user_id)
        assert {(one.kind, one.name, one.end is None) for one in history} == {
            (Membership.DEPARTMENT, "Sales", False),
            (Membership.DEPARTMENT, "Service", True),
            (Membership.COST_CENTER, "CC1", False),
        }
        sales, service = (next(one for one in history if one.name == name) for name in ("Sales", "Service"))
        assert sales.end is not None
        assert sales.begin < sales.end <= service.begin

    def test_people_of_other_organizations_are_not_there(self, administrator: Actor, stranger: Actor) -> None:
        for call in (
            lambda: get_person(administrator, stranger.user_id),
            lambda: change_person(administrator, stranger.user_id, {"name": "X"}),
            lambda: set_status(administrator, [stranger.user_id], UserStatus.DEACTIVATED),
            lambda: membership_history(administrator, stranger.user_id),
            lambda: give_people_roles(administrator, [stranger.user_id], [Role.OCR_USER]),
        ):
            assert code_of(call) == "not_found"


class TestPower:
    """AC-46 and roles.csv: who may touch whom."""

    @pytest.mark.parametrize(
        "call",
        [
            lambda actor, target: change_person(actor, target, {"name": "X"}),
            lambda actor, target: set_status(actor, [target], UserStatus.DEACTIVATED),
            lambda actor, target: give_people_roles(actor, [target], [Role.OCR_USER]),
            lambda actor, target: take_people_roles(actor, [target], [Role.ORGANIZATION_ADMINISTRATOR]),
        ],
    )
    @pytest.mark.parametrize("holds_it", ["user", "group"])
    def test_a_user_administrator_has_no_power_over_organization_administrators(
        self,
        administrator: Actor,
        user_administrator: Actor,
        call: Callable[[Actor, str], Any],
        holds_it: str,
    ) -> None:
        target = made(administrator, "chief@example.com")
        if holds_it == "user":
            give_people_roles(administrator, [target], [Role.ORGANIZATION_ADMINISTRATOR])
        else:
            (admins,) = [group.id for group in list_groups(administrator) if group.name == "Admins"]
            add_to_group(administrator, admins, [target])
        assert code_of(lambda: call(user_administrator, target)) == "role.missing"
        assert get_person(user_administrator, target).may_change is False
        call(administrator, target)

    def test_a_user_administrator_puts_nobody_into_a_group_with_a_guarded_role(
        self, administrator: Actor, user_administrator: Actor
    ) -> None:
        group = create_group(administrator, "Deputies").id
        give_group_roles(administrator, group, [Role.ORGANIZATION_ADMINISTRATOR])
        own = user_administrator.user_id
        assert code_of(lambda: add_to_group(user_administrator, group, [own])) == "role.missing"
        assert add_to_group(administrator, group, [own]) == 1

    def test_an_operator_is_changed_by_operators_only(self, administrator: Actor) -> None:
        """An administrator of the same organization could otherwise take over the installation."""
        other = person_with(administrator, "second@example.com", Role.ORGANIZATION_ADMINISTRATOR)
        assert administrator.is_operator
        assert code_of(lambda: change_person(other, administrator.user_id, {"email": "mine@example.com"})) == (
            "role.missing"
        )
        assert get_person(other, administrator.user_id).may_change is False

    @pytest.mark.parametrize(
        "call",
        [
            lambda actor: made(actor, "x@example.com"),
            lambda actor: change_person(actor, actor.user_id, {"name": "X"}),
            lambda actor: set_status(actor, [], UserStatus.ACTIVE),
            lambda actor: give_people_roles(actor, [actor.user_id], [Role.OCR_USER]),
            lambda actor: create_group(actor, "X"),
        ],
    )
    def test_the_help_desk_looks_and_changes_nothing(self, help_desk: Actor, call: Callable[[Actor], Any]) -> None:
        assert list_people(help_desk)
        assert code_of(lambda: call(help_desk)) == "role.missing"

    def test_others_do_not_even_look(self, colleague: Actor) -> None:
        assert code_of(lambda: list_people(colleague)) == "role.missing"
        assert code_of(lambda: get_person(colleague, colleague.user_id)) == "role.missing"


class TestStatus:
    def test_deactivating_ends_the_sessions_at_once(self, administrator: Actor) -> None:
        new = NewPerson(PersonFields("a@example.com"), GOOD_PASSWORD)
        user_id = create_person(administrator, new).view.id
        token = sign_in("a@example.com", GOOD_PASSWORD).session.token
        set_status(administrator, [user_id], UserStatus.DEACTIVATED)
        assert code_of(lambda: actor_of_token(token)) == "sign_in.needed"
        assert code_of(lambda: sign_in("a@example.com", GOOD_PASSWORD)) == "sign_in.failed"
        set_status(administrator, [user_id], UserStatus.ACTIVE)
        sign_in("a@example.com", GOOD_PASSWORD)

    def test_nobody_locks_themselves_out(self, administrator: Actor) -> None:
        own = [administrator.user_id]
        assert code_of(lambda: set_status(administrator, own, UserStatus.DEACTIVATED)) == "person.yourself"

    def test_the_last_administrator_stays(self, administrator: Actor) -> None:
        """A partner's person or an operator could otherwise leave the organization without one."""
        second = person_with(administrator, "second@example.com", Role.ORGANIZATION_ADMINISTRATOR)
        with system_session() as session:
            session.get_one(User, administrator.user_id).is_operator = False
        set_status(second, [administrator.user_id], UserStatus.DEACTIVATED)
        assert (
            code_of(lambda: take_people_roles(second, [second.user_id], [Role.ORGANIZATION_ADMINISTRATOR]))
            == "organization.last_administrator"
        )

    def test_all_or_nobody(self, administrator: Actor, stranger: Actor) -> None:
        user_id = made(administrator, "a@example.com")
        wanted = [user_id, stranger.user_id]
        assert code_of(lambda: set_status(administrator, wanted, UserStatus.DEACTIVATED)) == "not_found"
        assert get_person(administrator, user_id).view.status is UserStatus.ACTIVE


class TestList:
    """AC-79."""

    @pytest.fixture
    def crowd(self, administrator: Actor) -> Mapping[str, str]:
        group = create_group(administrator, "Crew").id
        give_group_roles(administrator, group, [Role.TRANSLATION_USER])
        people = {
            "anna": made(administrator, "anna.berg@example.com", name="Anna Berg", department="Sales"),
            "bo": made(administrator, "bo@example.com", first_name="Bo", last_name="Ek", cost_center="CC1"),
            "cleo": made(administrator, "cleo@example.com", Role.OCR_USER, short_name="Kleopatra"),
            "dan": made(administrator, "dan@example.com", name="Dan 100%_x"),
        }
        add_to_group(administrator, group, [people["bo"], people["cleo"]])
        set_status(administrator, [people["dan"]], UserStatus.DEACTIVATED)
        return {**people, "group": group}

    @pytest.mark.parametrize(
        ("chosen", "found"),
        [
            ({"search": "BERG"}, "anna"),
            ({"search": "anna example"}, "anna"),
            ({"search": "anna bo"}, ""),
            ({"search": "ek"}, "bo"),
            ({"search": "kleo"}, "cleo"),
            ({"search": "100%_"}, "dan"),
            ({"search": "1__%"}, ""),
            ({"department": "Sales"}, "anna"),
            ({"cost_center": "CC1"}, "bo"),
            ({"status": UserStatus.DEACTIVATED}, "dan"),
            ({"status": UserStatus.ACTIVE, "search": "example.com"}, "anna bo cleo"),
            ({"role": Role.OCR_USER, "search": "example.com"}, "cleo"),
            ({"role": Role.TRANSLATION_USER, "search": "example.com"}, "bo cleo"),
            ({"role": Role.USER, "search": "example.com"}, "anna bo cleo dan"),
        ],
    )
    def test_it_is_searched_and_filtered(
        self, administrator: Actor, crowd: Mapping[str, str], chosen: dict[str, Any], found: str
    ) -> None:
        names = {user_id: name for name, user_id in crowd.items()}
        listed = [names[view.id] for view in list_people(administrator, PersonFilter(**chosen)) if view.id in names]
        assert sorted(listed) == found.split()
        bootstrap = sum(view.id not in names for view in list_people(administrator, PersonFilter(**chosen)))
        assert count_people(administrator, PersonFilter(**chosen)) == len(listed) + bootstrap

    def test_rows_show_groups_and_the_roles_that_count(self, administrator: Actor, crowd: Mapping[str, str]) -> None:
        (cleo,) = list_people(administrator, PersonFilter(search="cleo"))
        assert [group.name for group in cleo.groups] == ["Crew"]
        assert cleo.roles == (Role.USER, Role.TRANSLATION_USER, Role.OCR_USER)

    def test_a_group_is_a_filter(self, administrator: Actor, crowd: Mapping[str, str]) -> None:
        chosen = PersonFilter(group_id=crowd["group"])
        assert {view.id for view in list_people(administrator, chosen)} == {crowd["bo"], crowd["cleo"]}

    @pytest.mark.parametrize("sort", PersonSort)
    @pytest.mark.parametrize("descending", [False, True])
    @pytest.mark.parametrize("search", ["", "e"])
    def test_pages_follow_each_other_without_gap_or_repetition(
        self, administrator: Actor, crowd: Mapping[str, str], sort: PersonSort, descending: bool, search: str
    ) -> None:
        whole = list_people(administrator, PersonFilter(search, sort=sort, descending=descending))
        keys = [view.key for view in whole]
        assert keys == sorted(keys, reverse=descending)
        read, after = [], None
        while page := list_people(
            administrator, PersonFilter(search, sort=sort, descending=descending, after=after, limit=2)
        ):
            read += page
            after = page[-1].key
        assert read == whole

    def test_names_are_sorted_without_regard_to_case(self, administrator: Actor) -> None:
        for name in ("beta", "Alpha", "Gamma"):
            made(administrator, f"{name}@sort.example", name=name)
        listed = list_people(administrator, PersonFilter("sort.example"))
        assert [view.name for view in listed] == ["Alpha", "beta", "Gamma"]

    def test_departments_and_cost_centres_are_told_by_name(
        self, administrator: Actor, stranger: Actor, crowd: Mapping[str, str]
    ) -> None:
        made(stranger, "x@contoso.example", department="Theirs")
        assert membership_names(administrator, Membership.DEPARTMENT) == ["Sales"]
        assert membership_names(administrator, Membership.COST_CENTER) == ["CC1"]


class TestRoles:
    """AC-43…AC-45, AC-85."""

    def test_the_page_tells_where_each_role_comes_from(self, administrator: Actor) -> None:
        user_id = made(administrator, "a@example.com", Role.OCR_USER)
        group = create_group(administrator, "Readers").id
        give_group_roles(administrator, group, [Role.OCR_USER, Role.SCAN_USER])
        add_to_group(administrator, group, [user_id])
        told = {one.role: [source.level for source in one.sources] for one in _effective(administrator, user_id)}
        assert told == {Role.USER: [], Role.OCR_USER: ["group", "user"], Role.SCAN_USER: ["group"]}
        take_people_roles(administrator, [user_id], [Role.OCR_USER])
        assert Role.OCR_USER in get_person(administrator, user_id).view.roles, "the group still gives it (AC-45)"

    def test_many_people_get_a_role_at_once_or_nobody(self, administrator: Actor, stranger: Actor) -> None:
        people = [made(administrator, f"{name}@example.com") for name in "abc"]
        give_people_roles(administrator, people, [Role.OCR_USER])
        assert all(get_person(administrator, one).own_roles == (Role.OCR_USER,) for one in people)
        refused = code_of(lambda: give_people_roles(administrator, [*people, stranger.user_id], [Role.SCAN_USER]))
        assert refused == "not_found"
        assert all(get_person(administrator, one).own_roles == (Role.OCR_USER,) for one in people)


def _effective(actor: Actor, user_id: str) -> Any:
    return get_person(actor, user_id).effective_roles


def test_keys_of_lists_follow_every_change(administrator: Actor) -> None:
    """Whoever writes a person's row, the list finds and sorts it by what it holds now."""
    with administrator.session() as session:
        person = User(email="x@example.com", name="")
        session.add(person)
        session.flush()
        session.add(Group(name="G", name_key="g", roles=[]))
        person.last_name = "Öberg"
    (found,) = list_people(administrator, PersonFilter("öberg"))
    assert found.key[0] == "öberg"
    with system_session(read_only=True) as session:
        assert session.scalars(select(GroupMember)).all() == []
