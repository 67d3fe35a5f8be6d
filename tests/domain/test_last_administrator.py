"""An organization keeps an administrator, whichever way the last one would go and however many go at once."""

from collections.abc import Callable, Iterator
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from benchmarks.installation import PASSWORD, environment
from connectors.database import open_engine
from connectors.errors import PressroomError
from connectors.settings import get_settings
from domain.organizations.actor import Actor, actor_for, actor_of_user
from domain.organizations.grants import give_roles, take_roles
from domain.organizations.last_administrator import administrators_kept, is_administered
from domain.organizations.models import Group, GroupKind, GroupMember, Organization, User, UserStatus
from domain.organizations.roles import Role
from domain.organizations.service import create_organization, new_organization
from domain.tenancy import system_session
from pressroom.first_start import prepare
from tests.support.new_records import empty_database
from tests.support.people import admins_group, group, person

ADMINISTRATOR, PARTNER = Role.ORGANIZATION_ADMINISTRATOR.value, Role.PARTNER_ADMINISTRATOR.value


def take_own_role(actor: Actor) -> None:
    with actor.session() as session:
        take_roles(session, actor, session.get_one(User, actor.user_id), [ADMINISTRATOR])


def take_from_everybody(actor: Actor) -> None:
    with actor.session() as session:
        take_roles(session, actor, session.get_one(Organization, actor.organization_id), [ADMINISTRATOR])


def take_from_group(actor: Actor) -> None:
    with actor.session() as session:
        holder = session.scalars(select(Group).where(Group.kind == GroupKind.NORMAL)).one()
        take_roles(session, actor, holder, [ADMINISTRATOR])


def remove_member(actor: Actor) -> None:
    with actor.session() as session, administrators_kept(session, actor.organization_id):
        for member in session.scalars(select(GroupMember).where(GroupMember.user_id == actor.user_id)):
            session.delete(member)


def delete_group(actor: Actor) -> None:
    with actor.session() as session, administrators_kept(session, actor.organization_id):
        session.delete(session.scalars(select(Group).where(Group.kind == GroupKind.NORMAL)).one())


def deactivate(actor: Actor) -> None:
    with actor.session() as session, administrators_kept(session, actor.organization_id):
        session.get_one(User, actor.user_id).status = UserStatus.DEACTIVATED


def delete_person(actor: Actor) -> None:
    with actor.session() as session, administrators_kept(session, actor.organization_id):
        session.get_one(User, actor.user_id).status = UserStatus.DELETED


WAYS = [
    ("user", take_own_role),
    ("organization", take_from_everybody),
    ("group", take_from_group),
    ("group", remove_member),
    ("group", delete_group),
    ("predefined", remove_member),
    ("user", deactivate),
    ("user", delete_person),
    ("predefined", deactivate),
    ("organization", delete_person),
]


@pytest.mark.parametrize(("held_by", "way"), WAYS, ids=[f"{held}-{way.__name__}" for held, way in WAYS])
def test_the_last_administrator_stays_by_whichever_way_they_would_go(
    administrator: Actor, held_by: str, way: Callable[[Actor], None]
) -> None:
    """AC-2: an organization always has somebody who manages it."""
    home, user_id = administrator.organization_id, administrator.user_id
    with system_session() as session:
        session.get_one(User, user_id).roles = [ADMINISTRATOR] if held_by == "user" else []
        session.get_one(Organization, home).roles = [ADMINISTRATOR] if held_by == "organization" else []
    if held_by in ("group", "predefined"):
        admins = admins_group(administrator) if held_by == "predefined" else group(administrator, "G", ADMINISTRATOR)
        with administrator.session() as session:
            session.add(GroupMember(group_id=admins, user_id=user_id))
    actor = actor_of_user(user_id)
    with pytest.raises(PressroomError) as error:
        way(actor)
    assert error.value.code == "organization.last_administrator"
    assert actor_of_user(user_id) == actor, "nothing was changed"

    with administrator.session() as session:
        second = User(email="second@pressroom.example", name="Second", roles=[ADMINISTRATOR])
        session.add(second)
    way(actor)
    with system_session(read_only=True) as session:
        assert is_administered(session, session.get_one(Organization, home))


def test_members_of_access_groups_and_inactive_people_do_not_count_as_administrators(administrator: Actor) -> None:
    access = group(administrator, "Access", PARTNER, ADMINISTRATOR, kind=GroupKind.CHILD_ACCESS)
    person(administrator, "partner@pressroom.example", groups=(access,))
    idle = person(administrator, "idle@pressroom.example", ADMINISTRATOR)
    with administrator.session() as session:
        session.get_one(User, idle.user_id).status = UserStatus.DEACTIVATED
    with pytest.raises(PressroomError, match=r"last_administrator"):
        take_own_role(administrator)


def test_a_customer_without_an_administrator_of_its_own_is_free_to_change(administrator: Actor) -> None:
    """It is administered by its partner's people until it has one."""
    with system_session() as session:
        child = new_organization(session, "Customer", administrator.organization_id)
    access = group(administrator, "Access", PARTNER, ADMINISTRATOR, kind=GroupKind.CHILD_ACCESS)
    partner = person(administrator, "partner@pressroom.example", groups=(access,))
    with system_session() as session:
        visiting = actor_for(session, session.get_one(User, partner.user_id), child.id)
    somebody = person(visiting, "somebody@customer.example", "OCR User")
    with visiting.session() as session:
        take_roles(session, visiting, session.get_one(User, somebody.user_id), ["OCR User"])
        give_roles(session, visiting, session.get_one(User, somebody.user_id), [ADMINISTRATOR])
    with pytest.raises(PressroomError, match=r"last_administrator"), visiting.session() as session:
        take_roles(session, visiting, session.get_one(User, somebody.user_id), [ADMINISTRATOR])


@pytest.fixture(params=["sqlite", "postgresql"])
def two_administrators(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Actor]]:
    """Two people of one organization, on each of the databases."""
    home = tmp_path_factory.mktemp("race")
    values = {"PRESSROOM_HOME": str(home), "PRESSROOM_ADMIN_PASSWORD": PASSWORD, "PRESSROOM_DOORBELLS": ""}
    if request.param == "sqlite":
        with environment(values):
            yield _pair()
        return
    with environment({**values, "PRESSROOM_DATABASE_URL": request.getfixturevalue("postgres")}):
        empty_database(get_settings().records_url)
        yield _pair()
        open_engine(get_settings().records_url).dispose()


def _pair() -> list[Actor]:
    prepare(get_settings())
    first = create_organization("Race", "one@race.example", "One", PASSWORD)
    return [first, person(first, "two@race.example", ADMINISTRATOR)]


def test_of_two_administrators_who_remove_each_other_at_once_one_stays(two_administrators: list[Actor]) -> None:
    for _ in range(10):
        _set_roles(two_administrators)
        codes = _at_once(two_administrators)
        assert sorted(codes) == ["", "organization.last_administrator"]
        with system_session(read_only=True) as session:
            home = session.get_one(Organization, two_administrators[0].organization_id)
            assert is_administered(session, home)


def _set_roles(people: list[Actor]) -> None:
    with people[0].session() as session:
        for actor in people:
            session.get_one(User, actor.user_id).roles = [ADMINISTRATOR]


def _at_once(people: list[Actor]) -> list[str]:
    """Each takes the other's role; both have opened the transaction, where the database lets two, before one writes."""
    together, codes = Barrier(2), []

    def remove(actor: Actor, other: Actor) -> None:
        together.wait(30)
        try:
            with actor.session() as session:
                take_roles(session, actor, session.get_one(User, other.user_id), [ADMINISTRATOR])
            codes.append("")
        except PressroomError as error:
            codes.append(error.code)

    first, second = people
    threads = [Thread(target=remove, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return codes


def test_two_who_change_one_person_at_once_lose_neither_change(two_administrators: list[Actor]) -> None:
    target = person(two_administrators[0], "target@race.example")
    together = Barrier(2)

    def give(actor: Actor, role: str) -> None:
        together.wait(30)
        with actor.session() as session:
            give_roles(session, actor, session.get_one(User, target.user_id), [role])

    pairs = zip(two_administrators, (Role.OCR_USER.value, Role.REDACTION_USER.value), strict=True)
    threads = [Thread(target=give, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {"OCR User", "Redaction User"} <= actor_of_user(target.user_id).roles
