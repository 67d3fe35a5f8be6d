"""Customer organizations: who makes them, names, services, and who reaches them (AC-7, AC-12…AC-22, AC-75)."""

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.organizations.access_groups import (
    add_to_access_group,
    create_access_group,
    delete_access_groups,
    get_access_group,
    give_roles_to_access_group,
    list_access_groups,
    members_of_access_group,
    people_to_add,
    remove_from_access_group,
    rename_access_group,
    take_roles_from_access_group,
)
from domain.organizations.actor import Actor, actor_for, actor_of_user
from domain.organizations.children import create_child, entitle_child, get_child, list_children
from domain.organizations.entering import workplaces
from domain.organizations.entitlements import Entitlement
from domain.organizations.models import Group, GroupKind, Organization, User
from domain.organizations.names import checked_name
from domain.organizations.permissions import Permission
from domain.organizations.roles import Role
from domain.tenancy import system_session, tenant_session
from tests.support.people import become_partner, group, person

SERVICES = (
    *("fleet", "print_cloud", "print_hybrid", "print_direct", "scan", "solutions", "translation", "redaction"),
    *("ocr", "quota", "analytics"),
)
"""All but the managed-print programme."""
PARTNER, ADMINISTRATOR = Role.PARTNER_ADMINISTRATOR.value, Role.ORGANIZATION_ADMINISTRATOR.value


@pytest.fixture
def partner(administrator: Actor) -> Actor:
    """The administrator, in an access group with both roles that making customers takes."""
    return become_partner(administrator)


def visit(actor: Actor, child_id: str) -> Actor:
    with system_session(read_only=True) as session:
        return actor_for(session, session.get_one(User, actor.user_id), child_id)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Müller Söhne 2", "Müller Söhne 2"),
        ("  Two   words ", "Two words"),
        ("Отдел 5", "Отдел 5"),
        ("株式会社", "株式会社"),
        ("हिन्दी", "हिन्दी"),
        ("É".encode().decode() + "cole", "École"),
        ("x" * 100, "x" * 100),
    ],
)
def test_names_of_letters_digits_and_spaces_are_kept(typed: str, kept: str) -> None:
    """AC-18."""
    assert checked_name(typed) == kept


@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        ("", "organization.name_missing", ""),
        ("   ", "organization.name_missing", ""),
        ("x" * 101, "organization.name_long", "101"),
        ("Smith & Sons", "organization.name_character", "“&”"),
        ("A-B", "organization.name_character", "“-”"),
        ("A/B", "organization.name_character", "“/”"),
        ("A\tB", "organization.name_character", "U+0009"),
        ("A\u200bB", "organization.name_character", "U+200B"),
        ("A\u202eB", "organization.name_character", "U+202E"),
        ("Team 🦊", "organization.name_character", "“🦊”"),
        ("<b>", "organization.name_character", "“<”"),
    ],
)
def test_refused_names_tell_the_wrong_character(typed: str, code: str, told: str) -> None:
    """AC-18."""
    with pytest.raises(PressroomError) as error:
        checked_name(typed)
    assert error.value.code == code
    assert told in error.value.message


def test_a_customer_is_complete_from_the_start_and_recorded_in_both_trails(partner: Actor) -> None:
    """AC-16, AC-17: made from the partner's organization by its name alone, with every service that it may have."""
    child = create_child(partner, " Northern  Foods ")
    assert (child.name, child.status, child.people) == ("Northern Foods", "active", 0)
    assert child.entitlements == SERVICES
    assert get_child(partner, child.id) == child
    with tenant_session(child.id, read_only=True) as session:
        assert len(session.scalars(select(Group).where(Group.kind == GroupKind.PREDEFINED)).all()) == 5
    for organization_id in (partner.organization_id, child.id):
        with tenant_session(organization_id, read_only=True) as session:
            events = session.scalars(select(AuditEvent).where(AuditEvent.action == "organization.created")).all()
        assert [(event.user_id, event.target_id) for event in events] == [(partner.user_id, child.id)]


def test_names_are_unique_among_siblings_without_regard_to_case(partner: Actor, stranger: Actor) -> None:
    """AC-17, AC-18."""
    create_child(partner, "Northern Foods")
    with pytest.raises(PressroomError, match=r"organization\.name_taken"):
        create_child(partner, "NORTHERN foods")
    other = create_child(become_partner(stranger), "Northern Foods")
    assert other.name == "Northern Foods"


@pytest.mark.parametrize("roles", [[], [PARTNER], [ADMINISTRATOR]])
def test_making_a_customer_takes_both_roles_through_an_access_group(administrator: Actor, roles: list[str]) -> None:
    access = group(administrator, "Access", *roles, kind=GroupKind.CHILD_ACCESS)
    someone = person(administrator, "someone@pressroom.example", ADMINISTRATOR, groups=(access,))
    with pytest.raises(PressroomError) as error:
        create_child(someone, "Northern Foods")
    assert error.value.code == "role.missing"


def test_customers_have_no_customers_of_their_own(partner: Actor, administrator: Actor) -> None:
    """AC-20, AC-72: access groups and customers are for organizations that the operator allows to have some."""
    child = create_child(partner, "Northern Foods")
    visiting = visit(partner, child.id)
    with pytest.raises(PressroomError, match=r"organization\.no_children"):
        create_child(visiting, "Grandchild")
    with pytest.raises(PressroomError, match=r"organization\.no_children"):
        create_access_group(visiting, "Access to nothing")
    with system_session() as session:
        session.get_one(Organization, administrator.organization_id).may_have_children = False
    with pytest.raises(PressroomError, match=r"organization\.no_children"):
        create_child(partner, "One more")


def test_list_finds_by_name_and_goes_on_page_by_page(partner: Actor, stranger: Actor) -> None:
    for number in range(7):
        create_child(partner, f"Customer {number}")
    create_child(partner, "Åre 100")
    create_child(become_partner(stranger), "Customer of another")
    names, after = [], ""
    while True:
        page = list_children(partner, after=after, limit=3)
        assert page.total == 8
        names += [child.name for child in page.items]
        if not (after := page.after):
            break
    assert names == [*(f"Customer {number}" for number in range(7)), "Åre 100"]
    assert [child.name for child in list_children(partner, "åRE").items] == ["Åre 100"]
    assert list_children(partner, "%").items == []
    assert list_children(partner, partner.organization_id[:4]).items == [], "it looks in names only"


def test_another_partner_finds_nothing(partner: Actor, stranger: Actor) -> None:
    child = create_child(partner, "Northern Foods")
    other = become_partner(stranger)
    for call in (lambda: get_child(other, child.id), lambda: entitle_child(other, child.id, [])):
        with pytest.raises(PressroomError, match=r"not_found"):
            call()
    with pytest.raises(PressroomError, match=r"not_found"):
        visit(other, child.id)


def test_services_are_chosen_and_the_managed_print_programme_stays_for_good(partner: Actor) -> None:
    """AC-13."""
    child = create_child(partner, "Northern Foods", [Entitlement.SCAN])
    changed = entitle_child(partner, child.id, [Entitlement.OCR, Entitlement.MANAGED_PRINT])
    assert changed.entitlements == (Entitlement.OCR, Entitlement.MANAGED_PRINT)
    with pytest.raises(PressroomError, match="Managed-print programme") as error:
        entitle_child(partner, child.id, [Entitlement.OCR])
    assert error.value.code == "organization.service_irreversible"
    assert get_child(partner, child.id).entitlements == changed.entitlements
    with tenant_session(child.id, read_only=True) as session:
        facts = session.scalars(select(AuditEvent.facts).where(AuditEvent.action == "organization.entitled")).one()
    assert facts == {"added": ["mpp", "ocr"], "removed": ["scan"]}


def test_a_partner_gives_only_services_that_it_has(partner: Actor) -> None:
    with system_session() as session:
        session.get_one(Organization, partner.organization_id).entitlements = ["solutions", "ocr"]
    child = create_child(partner, "Northern Foods")
    assert child.entitlements == (Entitlement.SOLUTIONS, Entitlement.OCR)
    with pytest.raises(PressroomError, match=r"“Scan management”.*organization\.service_not_ours"):
        entitle_child(partner, child.id, [Entitlement.SCAN])
    with system_session() as session:
        session.get_one(Organization, child.id).entitlements = ["scan"]
    assert entitle_child(partner, child.id, [Entitlement.SCAN, Entitlement.OCR]).entitlements == (
        Entitlement.SCAN,
        Entitlement.OCR,
    ), "what it has from before may stay"


def test_a_role_whose_service_is_taken_away_has_no_effect_until_it_is_back(partner: Actor) -> None:
    child = create_child(partner, "Northern Foods", [Entitlement.OCR, Entitlement.SCAN])
    somebody = person(
        visit_as_administrator(partner, child.id), "eva@northern.example", "OCR User", "Scan Management User"
    )
    assert somebody.roles == {"User", "OCR User", "Scan Management User"}
    entitle_child(partner, child.id, [Entitlement.SCAN])
    assert actor_of_user(somebody.user_id).roles == {"User", "Scan Management User"}
    entitle_child(partner, child.id, [Entitlement.OCR])
    assert actor_of_user(somebody.user_id).roles == {"User", "OCR User"}


def visit_as_administrator(partner: Actor, child_id: str) -> Actor:
    visiting = visit(partner, child_id)
    assert visiting.may(Permission.USERS_CREATE)
    return visiting


def test_members_work_in_every_customer_even_one_made_later_and_nowhere_else(partner: Actor, stranger: Actor) -> None:
    """AC-4, AC-76, SQ-14, and acceptance check 3: all customers of the partner, none of them chosen."""
    access = create_access_group(partner, "Access Fleet")
    assert access.roles == (PARTNER,)
    fleet = person(partner, "fleet@pressroom.example")
    assert add_to_access_group(partner, access.id, [fleet.user_id]) == 1
    give_roles_to_access_group(partner, access.id, ["Fleet Management Administrator"])
    later = create_child(partner, "Made later")
    assert visit(fleet, later.id).roles == {"User", PARTNER, "Fleet Management Administrator"}
    assert actor_of_user(fleet.user_id).roles == {"User"}, "at home it gives nothing"
    foreign = create_child(become_partner(stranger), "Unrelated")
    for organization_id in (foreign.id, stranger.organization_id):
        with pytest.raises(PressroomError, match=r"not_found"):
            visit(fleet, organization_id)
    assert [place.name for place in workplaces(actor_of_user(fleet.user_id)).items] == ["Pressroom", "Made later"]
    remove_from_access_group(partner, access.id, [fleet.user_id])
    with pytest.raises(PressroomError, match=r"not_found"):
        visit(fleet, later.id)
    assert [place.name for place in workplaces(actor_of_user(fleet.user_id)).items] == ["Pressroom"]


def test_roles_in_a_customer_are_those_of_its_own_services(partner: Actor) -> None:
    access = create_access_group(partner, "Access")
    give_roles_to_access_group(partner, access.id, ["Scan Management Administrator", "Fleet Management Administrator"])
    member = person(partner, "member@pressroom.example", groups=(access.id,))
    scans = create_child(partner, "Scans", [Entitlement.SCAN])
    assert visit(member, scans.id).roles == {"User", PARTNER, "Scan Management Administrator"}


def test_access_groups_keep_partner_administrator_and_are_managed_by_name(partner: Actor) -> None:
    """AC-73, AC-74, AC-78."""
    one = create_access_group(partner, "Access one")
    two = create_access_group(partner, "Access two")
    with pytest.raises(PressroomError, match=r"role\.always_there"):
        take_roles_from_access_group(partner, one.id, [PARTNER])
    with pytest.raises(PressroomError, match=r"group\.name_taken"):
        rename_access_group(partner, one.id, "ACCESS  two")
    with pytest.raises(PressroomError, match=r"“/”.*group\.name_character"):
        create_access_group(partner, "A/B")
    assert rename_access_group(partner, one.id, "Zeta").name == "Zeta"
    assert [view.name for view in list_access_groups(partner)] == ["Access two", "Partners", "Zeta"]
    assert [view.name for view in list_access_groups(partner, after="Access two", limit=1)] == ["Partners"]
    assert [view.name for view in list_access_groups(partner, "ZE")] == ["Zeta"]
    assert delete_access_groups(partner, [one.id, two.id]) == 2
    with pytest.raises(PressroomError, match=r"not_found"):
        get_access_group(partner, one.id)


def test_members_come_from_the_partner_only_and_deleting_a_group_keeps_them(partner: Actor, stranger: Actor) -> None:
    access = create_access_group(partner, "Access")
    ann, bob = (person(partner, f"{name}@pressroom.example") for name in ("ann", "bob"))
    assert {view.email for view in people_to_add(partner, access.id)} >= {ann.email, bob.email, partner.email}
    with pytest.raises(PressroomError, match=r"not_found"):
        add_to_access_group(partner, access.id, [ann.user_id, stranger.user_id])
    assert add_to_access_group(partner, access.id, [bob.user_id, ann.user_id]) == 2
    assert add_to_access_group(partner, access.id, [bob.user_id]) == 0
    assert [view.email for view in members_of_access_group(partner, access.id)] == [ann.email, bob.email]
    assert [view.email for view in members_of_access_group(partner, access.id, "BOB")] == [bob.email]
    assert get_access_group(partner, access.id).members == 2
    assert ann.email not in {view.email for view in people_to_add(partner, access.id)}
    delete_access_groups(partner, [access.id])
    assert actor_of_user(ann.user_id).partner_roles == frozenset()
