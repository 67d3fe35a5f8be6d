"""Giving and taking roles: what is refused where and to whom, and where a person's roles come from."""

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.effective_roles import RoleSource, effective_roles
from domain.organizations.entitlements import Entitlement
from domain.organizations.grants import (
    Level,
    check_grant,
    check_membership,
    check_power_over,
    check_removal,
    give_roles,
    role_choices,
    take_roles,
)
from domain.organizations.models import Group, GroupKind, Organization, User, UserStatus
from domain.organizations.roles import FACTS, Role
from domain.organizations.service import new_organization
from domain.tenancy import system_session
from tests.support.people import admins_group, group, person

ADMINISTRATOR, USER_ADMINISTRATOR = Role.ORGANIZATION_ADMINISTRATOR.value, Role.USER_ADMINISTRATOR.value
PARTNER, GUEST, SCAN_USER = Role.PARTNER_ADMINISTRATOR.value, Role.PRINT_GUEST.value, Role.SCAN_USER.value


def entitle(organization_id: str, *services: Entitlement) -> None:
    with system_session() as session:
        session.get_one(Organization, organization_id).entitlements = [service.value for service in services]


@pytest.mark.parametrize(
    ("giver", "role", "level", "code"),
    [
        (ADMINISTRATOR, "Chief of Printing", Level.USER, "role.unknown"),
        (ADMINISTRATOR, GUEST, Level.USER, "role.guests_only"),
        (ADMINISTRATOR, GUEST, Level.GROUP, "role.guests_only"),
        (ADMINISTRATOR, GUEST, Level.ORGANIZATION, "role.guests_only"),
        (ADMINISTRATOR, GUEST, Level.ACCESS_GROUP, "role.guests_only"),
        (ADMINISTRATOR, PARTNER, Level.USER, "role.access_groups_only"),
        (ADMINISTRATOR, PARTNER, Level.GROUP, "role.access_groups_only"),
        (ADMINISTRATOR, PARTNER, Level.ORGANIZATION, "role.access_groups_only"),
        (ADMINISTRATOR, PARTNER, Level.ACCESS_GROUP, None),
        (ADMINISTRATOR, SCAN_USER, Level.ORGANIZATION, "role.not_entitled"),
        (ADMINISTRATOR, SCAN_USER, Level.GROUP, "role.not_entitled"),
        (ADMINISTRATOR, SCAN_USER, Level.USER, "role.not_entitled"),
        (ADMINISTRATOR, SCAN_USER, Level.ACCESS_GROUP, "role.not_entitled"),
        (ADMINISTRATOR, Role.OCR_USER, Level.ORGANIZATION, None),
        (ADMINISTRATOR, Role.HELP_DESK, Level.ORGANIZATION, "role.for_everybody"),
        (ADMINISTRATOR, ADMINISTRATOR, Level.ORGANIZATION, "role.for_everybody"),
        (ADMINISTRATOR, Role.FLEET_ADMINISTRATOR, Level.GROUP, None),
        (ADMINISTRATOR, ADMINISTRATOR, Level.USER, None),
        (ADMINISTRATOR, Role.USER, Level.ORGANIZATION, None),
        (USER_ADMINISTRATOR, Role.FLEET_ADMINISTRATOR, Level.USER, None),
        (USER_ADMINISTRATOR, USER_ADMINISTRATOR, Level.USER, None),
        (USER_ADMINISTRATOR, ADMINISTRATOR, Level.USER, "role.missing"),
        (USER_ADMINISTRATOR, Role.OCR_USER, Level.GROUP, "role.missing"),
        (USER_ADMINISTRATOR, Role.OCR_USER, Level.ORGANIZATION, "role.missing"),
        (USER_ADMINISTRATOR, Role.OCR_USER, Level.ACCESS_GROUP, "role.missing"),
        (Role.HELP_DESK, Role.OCR_USER, Level.USER, "role.missing"),
        (Role.USER, Role.OCR_USER, Level.USER, "role.missing"),
    ],
)
def test_what_may_be_given_at_which_level_and_by_whom(
    administrator: Actor, giver: str, role: str, level: Level, code: str | None
) -> None:
    entitle(administrator.organization_id, Entitlement.OCR, Entitlement.FLEET)
    actor = person(administrator, "giver@pressroom.example", giver)
    with actor.session(read_only=True) as session:
        if code is None:
            given = check_grant(session, actor, [role], level)
            assert given == (() if role == Role.USER else (Role(role),))
            return
        with pytest.raises(PressroomError) as error:
            check_grant(session, actor, [Role.OCR_USER, role], level)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("taker", "role", "level", "code"),
    [
        (ADMINISTRATOR, Role.USER, Level.USER, "role.automatic"),
        (ADMINISTRATOR, PARTNER, Level.ACCESS_GROUP, "role.always_there"),
        (ADMINISTRATOR, ADMINISTRATOR, Level.ACCESS_GROUP, None),
        (ADMINISTRATOR, "A label of a former release", Level.USER, None),
        (USER_ADMINISTRATOR, ADMINISTRATOR, Level.USER, "role.missing"),
        (USER_ADMINISTRATOR, Role.OCR_USER, Level.USER, None),
        (USER_ADMINISTRATOR, Role.OCR_USER, Level.GROUP, "role.missing"),
        (Role.HELP_DESK, Role.OCR_USER, Level.USER, "role.missing"),
    ],
)
def test_what_may_be_taken_at_which_level_and_by_whom(
    administrator: Actor, taker: str, role: str, level: Level, code: str | None
) -> None:
    actor = person(administrator, "taker@pressroom.example", taker)
    if code is None:
        check_removal(actor, [role], level)
        return
    with pytest.raises(PressroomError) as error:
        check_removal(actor, [role], level)
    assert error.value.code == code


def test_administrative_roles_go_to_everybody_only_once_that_is_confirmed(administrator: Actor) -> None:
    with administrator.session() as session:
        home = session.get_one(Organization, administrator.organization_id)
        with pytest.raises(PressroomError, match="Help Desk, Translation Administrator"):
            give_roles(session, administrator, home, ["Help Desk", "OCR User", "Translation Administrator"])
        assert home.roles == []
        give_roles(session, administrator, home, ["OCR User", "Help Desk"], confirmed=True)
    anybody = person(administrator, "anybody@pressroom.example")
    assert {"Help Desk", "OCR User", "User"} == anybody.roles


def test_changes_are_audited_and_what_changes_nothing_is_not(administrator: Actor, colleague: Actor) -> None:
    with administrator.session() as session:
        user = session.get_one(User, colleague.user_id)
        give_roles(session, administrator, user, ["OCR User", "Scan Management User", "User"])
        take_roles(session, administrator, user, ["Scan Management User", "Redaction User"])
        take_roles(session, administrator, user, ["Redaction User"])
    assert user.roles == ["Solutions User", "OCR User"]
    with administrator.session(read_only=True) as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action.like("roles.%")).order_by(AuditEvent.id))
        told = [(event.action, event.target_kind, event.target_id, event.facts["roles"]) for event in events]
    assert told == [
        ("roles.given", "user", colleague.user_id, ["Scan Management User"]),
        ("roles.taken", "user", colleague.user_id, ["Scan Management User"]),
    ]


def test_roles_of_predefined_groups_stay_as_they_are(administrator: Actor) -> None:
    with administrator.session() as session:
        admins = session.get_one(Group, admins_group(administrator))
        for change in (give_roles, take_roles):
            with pytest.raises(PressroomError, match=r"“Admins”.*\[role\.fixed\]"):
                change(session, administrator, admins, ["Help Desk"])


def test_another_organization_and_a_deleted_person_are_given_nothing(administrator: Actor, stranger: Actor) -> None:
    gone = person(administrator, "gone@pressroom.example")
    with administrator.session() as session:
        session.get_one(User, gone.user_id).status = UserStatus.DELETED
    with system_session() as session:
        for holder in (session.get_one(Organization, stranger.organization_id), session.get_one(User, gone.user_id)):
            with pytest.raises(PressroomError, match=r"not_found"):
                give_roles(session, administrator, holder, ["OCR User"])


def test_an_access_group_may_have_roles_of_services_that_only_customers_have(administrator: Actor) -> None:
    entitle(administrator.organization_id, Entitlement.SOLUTIONS)
    with system_session() as session:
        new_organization(session, "Customer", administrator.organization_id).entitlements = ["scan"]
    with administrator.session() as session:
        assert check_grant(session, administrator, [SCAN_USER], Level.ACCESS_GROUP) == (Role.SCAN_USER,)
        with pytest.raises(PressroomError, match=r"role\.not_entitled"):
            check_grant(session, administrator, [SCAN_USER], Level.USER)


def test_pickers_learn_why_a_role_cannot_be_given(administrator: Actor) -> None:
    entitle(administrator.organization_id, Entitlement.OCR)
    actor = person(administrator, "giver@pressroom.example", USER_ADMINISTRATOR)
    with actor.session(read_only=True) as session:
        choices = {choice.role: choice for choice in role_choices(session, actor, Level.USER)}
        everybody = {choice.role: choice for choice in role_choices(session, administrator, Level.ORGANIZATION)}
    assert list(choices) == [role for role in FACTS if role != Role.USER]
    codes = {role: choice.refusal.code if choice.refusal else None for role, choice in choices.items()}
    assert codes[Role.OCR_USER] is codes[Role.HELP_DESK] is None
    assert codes[Role.SCAN_USER] == "role.not_entitled"
    assert codes[Role.PARTNER_ADMINISTRATOR] == "role.access_groups_only"
    assert codes[Role.ORGANIZATION_ADMINISTRATOR] == "role.missing"
    assert everybody[Role.HELP_DESK].needs_care
    assert not everybody[Role.OCR_USER].needs_care


def test_nobody_gets_a_guarded_role_by_way_of_a_group_or_of_another_person(administrator: Actor) -> None:
    """A User Administrator who joined Admins, or set an administrator's password, would have got the role (AC-46)."""
    actor = person(administrator, "people@pressroom.example", USER_ADMINISTRATOR)
    normal, access = group(administrator, "Normal"), group(administrator, "A", PARTNER, kind=GroupKind.CHILD_ACCESS)
    simple = person(administrator, "simple@pressroom.example")
    by_group = person(administrator, "chief@pressroom.example", groups=(admins_group(administrator),))
    by_access = person(administrator, "partner@pressroom.example", groups=(access,))
    with actor.session(read_only=True) as session:
        check_membership(actor, session.get_one(Group, normal))
        for group_id in (admins_group(administrator), access):
            with pytest.raises(PressroomError, match="Organization Administrator"):
                check_membership(actor, session.get_one(Group, group_id))
            check_membership(administrator, session.get_one(Group, group_id))
        check_power_over(session, actor, [simple.user_id, actor.user_id])
        for other in (administrator, by_group, by_access):
            with pytest.raises(PressroomError, match=r"Organization Administrator|Operator"):
                check_power_over(session, actor, [simple.user_id, other.user_id])
            check_power_over(session, administrator, [other.user_id])
            check_power_over(session, other, [other.user_id])


def test_effective_roles_tell_where_each_comes_from(administrator: Actor) -> None:
    """AC-3, AC-6, AC-45, PR-14, SC-18, acceptance check 1: roles of organization, group and person add up; what one
    level no longer gives may still come from another.
    """
    entitle(administrator.organization_id, Entitlement.OCR, Entitlement.FLEET)
    readers = group(administrator, "Readers", "OCR User", SCAN_USER)
    access = group(administrator, "Access", PARTNER, "Fleet Management Administrator", kind=GroupKind.CHILD_ACCESS)
    someone = person(administrator, "someone@pressroom.example", "OCR User", "Help Desk", groups=(readers, access))
    with administrator.session() as session:
        home = session.get_one(Organization, administrator.organization_id)
        give_roles(session, administrator, home, ["OCR User"])
        user = session.get_one(User, someone.user_id)
        found = {role.role: role for role in effective_roles(session, user)}
        by_group = RoleSource(Level.GROUP, readers, "Readers")
        by_access = RoleSource(Level.ACCESS_GROUP, access, "Access")
        assert {role: one.sources for role, one in found.items()} == {
            Role.USER: (),
            Role.HELP_DESK: (RoleSource(Level.USER),),
            Role.PARTNER_ADMINISTRATOR: (by_access,),
            Role.FLEET_ADMINISTRATOR: (by_access,),
            Role.SCAN_USER: (by_group,),
            Role.OCR_USER: (RoleSource(Level.ORGANIZATION), by_group, RoleSource(Level.USER)),
        }
        assert found[Role.SCAN_USER].lacking == Entitlement.SCAN
        counting = {role.value for role, one in found.items() if one.counts_at_home}
        assert {role for role, one in found.items() if one.in_customers} == {
            Role.PARTNER_ADMINISTRATOR,
            Role.FLEET_ADMINISTRATOR,
        }
    assert actor_of_user(someone.user_id).roles == counting == {"User", "Help Desk", "OCR User"}

    steps = [(Organization, administrator.organization_id), (User, someone.user_id), (Group, readers)]
    for number, (kind, holder_id) in enumerate(steps, 1):
        with administrator.session() as session:
            take_roles(session, administrator, session.get_one(kind, holder_id), ["OCR User"])
        assert ("OCR User" in actor_of_user(someone.user_id).roles) is (number < len(steps))
