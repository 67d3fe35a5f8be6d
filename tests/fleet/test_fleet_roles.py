"""Who may do what with fleets, by roles and where they are held (section 36: FL-518…FL-532)."""

from dataclasses import dataclass

import pytest

from domain.organizations.groups import PREDEFINED
from domain.organizations.permissions import Permission, allows
from domain.organizations.roles import Role

FLEET = {permission for permission in Permission if permission.value.startswith("fleet.")}
WORK = {Permission.FLEET_DISCOVER, Permission.FLEET_ENROL, Permission.FLEET_CONFIGURE, Permission.FLEET_MANAGE}
LOOK = {Permission.FLEET_VIEW, Permission.FLEET_VIEWS}
ADMINISTRATOR, PARTNER, FILES = Role.FLEET_ADMINISTRATOR, Role.PARTNER_ADMINISTRATOR, Role.FILE_SERVICE_ADMINISTRATOR


@dataclass(frozen=True)
class Somebody:
    """At home with `home`, through a child-organization access group with `partner`; visiting, these count there."""

    home: frozenset[str] = frozenset()
    partner: frozenset[str] = frozenset()
    is_visiting: bool = False
    is_operator: bool = False
    is_application: bool = False

    @property
    def roles(self) -> frozenset[str]:
        return self.partner if self.is_visiting else self.home

    @property
    def home_roles(self) -> frozenset[str]:
        return self.home

    @property
    def partner_roles(self) -> frozenset[str]:
        return self.partner


def may(
    *roles: Role, through_group: bool = False, visiting: bool = False, home: tuple[Role, ...] = ()
) -> set[Permission]:
    """What of the fleet somebody with these roles may do."""
    held = frozenset(role.value for role in roles)
    at_home = frozenset(role.value for role in home)
    somebody = Somebody(at_home, held, visiting) if through_group else Somebody(held)
    return {permission for permission in FLEET if allows(somebody, permission)}


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ((ADMINISTRATOR,), WORK | LOOK | {Permission.FLEET_REPORTS}),  # FL-518, FL-529
        ((Role.FLEET_VIEWER,), {Permission.FLEET_VIEW}),  # FL-519, FL-527
        ((Role.FLEET_REPORTING_ANALYST,), {Permission.FLEET_REPORTS}),  # FL-520
        ((FILES,), {Permission.FLEET_LOGS_DOWNLOAD}),  # FL-521: alone no rights in the fleet
        (
            (ADMINISTRATOR, FILES),
            WORK | LOOK | {Permission.FLEET_REPORTS, Permission.FLEET_LOGS_DOWNLOAD, Permission.FLEET_FILE_SERVICE},
        ),
        ((Role.ORGANIZATION_ADMINISTRATOR,), set()),  # FL-523
        ((Role.USER,), set()),  # FL-524
        ((Role.HELP_DESK,), set()),
        ((Role.USER_ADMINISTRATOR,), set()),
    ],
    ids=lambda value: " and ".join(value) if isinstance(value, tuple) else "",
)
def test_roles_in_ones_own_organization(roles: tuple[Role, ...], expected: set[Permission]) -> None:
    """FL-518…FL-521, FL-523, FL-524, FL-527, FL-529."""
    assert may(*roles) == expected


@pytest.mark.parametrize(
    ("roles", "enrols"),
    [((PARTNER, ADMINISTRATOR, FILES), True), ((PARTNER, ADMINISTRATOR), False), ((ADMINISTRATOR, FILES), False)],
)
def test_enrolling_for_customers_takes_three_roles_through_the_access_group(
    roles: tuple[Role, ...], enrols: bool
) -> None:
    """FL-526, FL-530, AC-77: at home they do not count for it; who works in the customer's organization needs them
    there.
    """
    assert (Permission.FLEET_ENROL_FOR_CUSTOMERS in may(*roles, through_group=True)) is enrols
    assert (Permission.FLEET_ENROL in may(*roles, through_group=True, visiting=True)) is enrols
    assert Permission.FLEET_ENROL_FOR_CUSTOMERS not in may(*roles)


@pytest.mark.parametrize(
    ("home", "partner", "updates"),
    [
        ((ADMINISTRATOR,), (PARTNER, ADMINISTRATOR), True),
        ((), (PARTNER, ADMINISTRATOR), False),
        ((ADMINISTRATOR,), (), False),
    ],
)
def test_updates_across_organizations_take_the_role_everywhere(
    home: tuple[Role, ...], partner: tuple[Role, ...], updates: bool
) -> None:
    """FL-532."""
    assert (Permission.FLEET_UPDATE_ACROSS in may(*partner, through_group=True, home=home)) is updates


@pytest.mark.parametrize(("role", "entitles"), [(PARTNER, True), (Role.ORGANIZATION_ADMINISTRATOR, False)])
def test_who_changes_the_organization_and_who_entitles_one_to_the_supplies_programme(
    role: Role, entitles: bool
) -> None:
    """FL-332, FL-538: partner administrators and administrators of several organizations change it, not those of one.

    FL-536: partner administrators entitle.
    """
    of_several, of_one = Somebody(partner=frozenset({role.value})), Somebody(home=frozenset({role.value}))
    assert allows(of_several, Permission.CHILDREN_ENTER)
    assert allows(of_several, Permission.CHILDREN_ENTITLE) is entitles
    assert not allows(of_one, Permission.CHILDREN_ENTER)
    assert not allows(of_one, Permission.CHILDREN_ENTITLE)


def test_the_predefined_groups_of_the_fleet() -> None:
    """FL-525: viewers may download logs that others requested, and do nothing else (A-40)."""
    fleet = {name: set(roles) for name, roles in PREDEFINED.items()}
    assert fleet["Fleet Management Administrators"] == {ADMINISTRATOR, FILES, Role.FLEET_REPORTING_ANALYST}
    assert fleet["Fleet Management Viewers"] == {Role.FLEET_VIEWER, FILES}
    assert Role.FLEET_REPORTING_ANALYST in fleet["Reporting"]
    viewers = may(*PREDEFINED["Fleet Management Viewers"])
    assert viewers == {Permission.FLEET_VIEW, Permission.FLEET_LOGS_DOWNLOAD}
