"""The table of roles: what each role, and each combination with a special effect, allows and refuses (AC-37…AC-60).

`role_rows.csv` restates every row of the specification's table: which roles somebody has (`@partner`: through a
child-organization access group), where they work (at home, in a partner organization, or in a customer of it), and
which permissions that gives or does not give. All services are active. `spec` and `digest` name the row meant.
"""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from domain.organizations.actor import Actor, actor_for
from domain.organizations.entitlements import Entitlement
from domain.organizations.models import Group, GroupKind, GroupMember, Organization, User
from domain.organizations.permissions import Permission
from domain.organizations.roles import Role
from domain.organizations.service import new_organization
from domain.tenancy import system_session
from tests.support.installation import installed


@dataclass(frozen=True)
class RoleRow:
    """One row of our table."""

    spec: str
    digest: str
    roles: tuple[str, ...]
    place: str
    permissions: tuple[Permission, ...]
    outcome: str
    note: str


def _rows() -> list[RoleRow]:
    with (Path(__file__).parent / "role_rows.csv").open(encoding="utf-8", newline="") as file:
        return [
            RoleRow(
                row["spec"],
                row["digest"],
                tuple(row["roles"].split(" + ")),
                row["place"],
                tuple(map(Permission, row["permissions"].split())),
                row["outcome"],
                row["note"],
            )
            for row in csv.DictReader(file)
        ]


ROWS = _rows()
SINGLE = sorted({row.roles[0] for row in ROWS if len(row.roles) == 1 and " @" not in row.roles[0]})


@dataclass(frozen=True)
class Partner:
    """A partner and its customer; all services are active in both."""

    session: Session
    home: Organization
    customer: Organization

    def somebody(self, roles: tuple[str, ...], place: str) -> Actor:
        """A person with just these roles, at work in that place."""
        own = [role for role in roles if " @" not in role and role != "Operator"]
        shared = [role.removesuffix(" @partner") for role in roles if role.endswith(" @partner")]
        user = User(organization_id=self.home.id, email="x@partner.example", name="X", roles=own)
        user.is_operator = "Operator" in roles
        self.session.add(user)
        self.session.flush()
        if shared:
            group = Group(name="A", name_key="a", kind=GroupKind.CHILD_ACCESS, roles=shared)
            group.organization_id = self.home.id
            self.session.add(group)
            self.session.flush()
            self.session.add(GroupMember(organization_id=self.home.id, group_id=group.id, user_id=user.id))
            self.session.flush()
        return actor_for(self.session, user, self.customer.id if place == "customer" else None)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with installed(tmp_path_factory.mktemp("roles")):
        yield


@pytest.fixture
def partner(records: None) -> Iterator[Partner]:
    with system_session() as session:
        home = new_organization(session, "Partner", may_have_children=True)
        customer = new_organization(session, "Customer", home.id)
        home.entitlements = customer.entitlements = [service.value for service in Entitlement]
        yield Partner(session, home, customer)
        session.rollback()


def _name(row: RoleRow) -> str:
    return f"{row.spec or 'ours'}-{'+'.join(row.roles)}-{row.place}-{row.outcome}".replace(" ", "_")


@pytest.mark.parametrize("row", [pytest.param(row, id=_name(row)) for row in ROWS])
def test_row(partner: Partner, row: RoleRow) -> None:
    actor = partner.somebody(row.roles, row.place)
    answers = {permission.value: actor.may(permission) for permission in row.permissions}
    assert answers == dict.fromkeys(answers, row.outcome == "allowed")


@pytest.mark.parametrize("role", SINGLE)
def test_a_role_alone_allows_what_its_rows_say_and_nothing_else(partner: Partner, role: str) -> None:
    told = {
        permission
        for row in ROWS
        if row.roles in {(role,), ("User",)} and row.place == "home" and row.outcome == "allowed"
        for permission in row.permissions
    }
    actor = partner.somebody((role,), "home")
    assert {permission for permission in Permission if actor.may(permission)} == told


def test_every_role_has_rows_and_every_permission_is_allowed_to_somebody() -> None:
    named = {role.partition(" @")[0] for row in ROWS for role in row.roles}
    assert named == {*(role.value for role in Role), "Operator"}
    allowed = {permission for row in ROWS for permission in row.permissions if row.outcome == "allowed"}
    of_applications = {Permission.BADGES_AUTH, Permission.HYBRID_STORAGE}
    assert allowed == set(Permission) - of_applications, "those belong to applications, not to roles"
    assert {row.outcome for row in ROWS} == {"allowed", "refused"}
    assert {row.place for row in ROWS} == {"home", "customer"}


def test_the_rows_cover_the_specification(shared_data: Path) -> None:
    """Where the specification is at hand, each of its rows has one of ours, made for its present text."""
    table = shared_data.parent / "spec" / "roles.csv"
    if not table.is_file():
        pytest.skip(f"no specification in {table}")
    with table.open(encoding="utf-8", newline="") as file:
        rows = {str(number): row for number, row in enumerate(csv.DictReader(file), 1)}
    assert {row.spec for row in ROWS if row.spec} == set(rows)
    for ours in (row for row in ROWS if row.spec):
        theirs = rows[ours.spec]
        assert hashlib.sha256(theirs["permission_summary"].encode()).hexdigest()[:8] == ours.digest, ours.spec
    for number, theirs in rows.items():
        roles = {role.partition(" @")[0] for row in ROWS if row.spec == number for role in row.roles}
        named = {label.partition(" (held")[0] for label in theirs["role"].split(" + ")} - {
            "System administrator (implicit)"
        }
        assert named <= roles | {"Operator"}, number
