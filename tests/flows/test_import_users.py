"""The import of people as the flow does it: every operation, every row error, resumption (AC-95…AC-110, check 6)."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.secrets import encrypt
from domain.federation.models import AuthenticationProvider
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor
from domain.organizations.models import MembershipPeriod, Organization, User, UserStatus
from domain.organizations.roles import Role
from domain.people import import_rows
from domain.people.export import export_people
from domain.people.fields import PersonFields
from domain.people.groups import add_to_group, list_groups, list_members
from domain.people.import_file import HEADER, LEGACY_HEADER
from domain.people.imports import forget_ended_imports, start_import
from domain.people.listing import PersonFilter, PersonView, list_people
from domain.people.models import UserImport
from domain.people.service import NewPerson, create_person, get_person
from domain.sign_in.models import PasswordLink
from domain.sign_in.passwords import needs_new_hash
from domain.sign_in.service import sign_in
from domain.tasks.execution import release_lost
from domain.tasks.models import BackgroundTask, TaskState
from domain.tasks.service import get_task, task_lines
from domain.tenancy import system_session
from flows import import_users as flow
from flows.background_task import perform_task
from flows.lease import lease_owner
from tests.support.installation import Installation, installed

NEW, OLD = ",".join(HEADER), ",".join(LEGACY_HEADER)
GOOD = "Blue-Kettle-72"


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


@pytest.fixture
def administrator(installation: Installation) -> Actor:
    return installation.administrator


def imported(actor: Actor, *lines: str, links: bool = False, header: str = NEW, name: str = "people.csv") -> str:
    """The id of a task whose flow has run to its end."""
    task_id = start_import(actor, name, "\n".join((header, *lines)).encode(), send_links=links)
    perform_task(task_id, flow._import)
    return task_id


def problems(actor: Actor, task_id: str) -> dict[int, str]:
    return {line.number: str(line.message) for line in task_lines(actor, task_id, problems_only=True)}


def person(actor: Actor, email: str) -> PersonView:
    (found,) = list_people(actor, PersonFilter(email))
    return found


def existing(actor: Actor, email: str, **facts: str) -> str:
    return create_person(actor, NewPerson(PersonFields(email, **facts))).view.id


def rows_of(model: type[Any]) -> list[Any]:
    with system_session(read_only=True) as session:
        return list(session.scalars(select(model)))


def test_people_are_created_with_everything_that_a_row_says(administrator: Actor) -> None:
    """AC-99, acceptance check 6: groups are made, `A/B` becomes `A_B`, the address lower case, the log is mailed."""
    attributes = "\"{'badge place':'north','k':'v'}\""
    task_id = imported(
        administrator,
        f'JDOE@Example.com,CREATE,{GOOD},John,Doe,Johnny,jdoe,"A/B,Group2",{attributes},CC100,Sales',
    )
    assert list(problems(administrator, task_id).values()) == [
        "jdoe@example.com: the group “A/B” is called “A_B” here, because some characters cannot be in names."
    ]
    view = person(administrator, "jdoe@example.com")
    assert (view.first_name, view.last_name, view.name, view.short_name) == ("John", "Doe", "Johnny", "jdoe")
    assert (view.department, view.cost_center) == ("Sales", "CC100")
    assert [group.name for group in view.groups] == ["A_B", "Group2"]
    assert get_person(administrator, view.id).custom_attributes == {"badge place": "north", "k": "v"}
    assert sign_in("jdoe@example.com", GOOD).actor.user_id == view.id
    assert {(row.kind, row.name) for row in rows_of(MembershipPeriod)} == {
        ("department", "Sales"),
        ("cost_center", "CC100"),
    }
    task = get_task(administrator, task_id)
    assert task.state is TaskState.FINISHED
    assert task.result == {"created": 1, "changed": 0, "deleted": 0, "problems": 0}
    assert [list(mail.recipients) for mail in rows_of(OutgoingMail)] == [[administrator.email]]
    assert rows_of(UserImport) == [], "the file with its passwords is gone"


def test_a_legacy_file_of_nine_columns_is_taken(administrator: Actor) -> None:
    imported(administrator, f"a@example.com,CREATE,{GOOD},Ann,Lee,,,,", header=OLD, name="people.txt")
    assert person(administrator, "a@example.com").first_name == "Ann"


def test_an_update_changes_what_the_row_says_and_adds_groups(administrator: Actor) -> None:
    """AC-100, AC-103."""
    facts = {"first_name": "Ann", "last_name": "Lee", "name": "Annie", "short_name": "al", "department": "Sales"}
    user_id = existing(administrator, "a@example.com", **facts)
    add_to_group(administrator, next(g.id for g in list_groups(administrator) if g.name == "Reporting"), [user_id])
    imported(
        administrator,
        'A@example.com,UPDATE,,Anna,,[delete],[delete],"Crew,Reporting",{"k":"1"},,Service'.replace(
            '{"k":"1"}', '"{""k"":""1""}"'
        ),
    )
    view = person(administrator, "a@example.com")
    assert (view.first_name, view.last_name, view.name, view.short_name) == ("Anna", "Lee", "", "")
    assert (view.department, view.cost_center) == ("Service", "")
    assert [group.name for group in view.groups] == ["Crew", "Reporting"]
    assert get_person(administrator, user_id).custom_attributes == {"k": "1"}
    imported(administrator, "a@example.com,UPDATE,,,,,,,{},,")
    assert get_person(administrator, user_id).custom_attributes == {}, "the whole set is replaced"
    assert {(row.name, row.end is None) for row in rows_of(MembershipPeriod)} == {("Sales", False), ("Service", True)}


def test_a_password_of_an_update_replaces_the_old_one(administrator: Actor) -> None:
    imported(administrator, f"a@example.com,CREATE,{GOOD},,,,,,,,")
    sign_in("a@example.com", GOOD)
    imported(administrator, 'a@example.com,UPDATE,"Pass,word2!",,,,,,,,')
    assert sign_in("a@example.com", "Pass,word2!").actor.email == "a@example.com"
    with system_session(read_only=True) as session:
        kept = session.scalars(select(User.password_hash).where(User.email == "a@example.com")).one()
    assert not needs_new_hash(kept)
    with pytest.raises(PressroomError, match=r"sign_in\.failed"):
        sign_in("a@example.com", GOOD)


def test_a_deletion_leaves_a_pseudonym_and_rows_run_in_order(administrator: Actor) -> None:
    """AC-101, AC-107: CREATE, UPDATE, DELETE and CREATE of one address in one file."""
    task_id = imported(
        administrator,
        f"a@example.com,CREATE,{GOOD},One,,,,,,,Sales",
        "a@example.com,UPDATE,,Two,,,,,,,",
        "a@example.com,DELETE,,,,,,,,,",
        "a@example.com,UPDATE,,Three,,,,,,,",
        f"a@example.com,CREATE,{GOOD},Four,,,,,,,",
    )
    assert list(problems(administrator, task_id)) == [5]
    assert person(administrator, "a@example.com").first_name == "Four"
    with system_session(read_only=True) as session:
        states = session.scalars(select(User.status).where(User.id != administrator.user_id)).all()
        named = session.scalars(select(User).where(User.first_name.in_(("One", "Two")))).all()
    assert sorted(states) == [UserStatus.ACTIVE, UserStatus.ACTIVE, UserStatus.DELETED]
    assert named == []
    assert get_task(administrator, task_id).result == {"created": 2, "changed": 1, "deleted": 1, "problems": 1}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a@example.com,CREATE,,,,,,,,,", "A new person needs a password."),
        ("a@example.com,CREATE,short,,,,,,,,", "characters"),
        ("a@example.com,CREATE,password2,,,,,,,,", "pass"),
        (f"known@example.com,CREATE,{GOOD},,,,,,,,", "Somebody has the e-mail address “known@example.com” already."),
        (f"administrator@another.example,CREATE,{GOOD},,,,,,,,", "already"),
        ("nobody@example.com,UPDATE,,,,,,,,,", "Nobody here has the e-mail address “nobody@example.com”."),
        ("administrator@another.example,UPDATE,,X,,,,,,,", "Nobody here has"),
        ("administrator@another.example,DELETE,,,,,,,,,", "Nobody here has"),
        ("admin@pressroom.example,DELETE,,,,,,,,,", "You cannot deactivate or delete your own account."),
        ("x,y", "The row has 2 values instead of 11."),
        (",CREATE,,,,,,,,,", "The e-mail address is missing."),
        ("a@example.com,Create,,,,,,,,,", "none of CREATE, UPDATE and DELETE"),
    ],
)
def test_a_row_that_cannot_be_done_says_why_and_stops_nothing(administrator: Actor, line: str, said: str) -> None:
    """Passwords of a file obey the rule as all others do (AC-91)."""
    existing(administrator, "known@example.com")
    task_id = imported(administrator, line, f"z@example.com,CREATE,{GOOD},,,,,,,,")
    told = problems(administrator, task_id)
    assert list(told) == [2]
    assert said in told[2]
    assert person(administrator, "z@example.com")
    assert get_task(administrator, task_id).state is TaskState.FINISHED_WITH_ERRORS
    assert GOOD not in str(told)


def test_links_go_to_new_people_only_and_the_log_says_so(administrator: Actor) -> None:
    """AC-98, AC-102."""
    existing(administrator, "old@example.com")
    task_id = imported(
        administrator, "new@example.com,CREATE,,New,,,,,,,", "old@example.com,UPDATE,,Old,,,,,,,", links=True
    )
    assert [link.user_id for link in rows_of(PasswordLink)] == [person(administrator, "new@example.com").id]
    assert "new@example.com" in [address for mail in rows_of(OutgoingMail) for address in mail.recipients]
    assert "old@example.com" not in [address for mail in rows_of(OutgoingMail) for address in mail.recipients]
    assert list(problems(administrator, task_id)) == [0]


def test_a_federated_organization_ignores_passwords_and_sends_no_links(administrator: Actor) -> None:
    """AC-94, AC-102."""
    with patch("domain.people.imports.is_federated", return_value=True):
        task_id = imported(administrator, "a@example.com,CREATE,,,,,,,,,", "b@example.com,CREATE,x,,,,,,,,", links=True)
    assert problems(administrator, task_id) == {}
    assert not get_person(administrator, person(administrator, "b@example.com").id).has_password
    assert rows_of(PasswordLink) == []
    assert rows_of(AuthenticationProvider) == []


class TestPower:
    """AC-46: an import is no way around what its starter may not do."""

    @pytest.fixture
    def user_administrator(self, installation: Installation) -> Actor:
        return installation.add_person("ua@example.com", Role.USER_ADMINISTRATOR)

    @pytest.mark.parametrize(
        "line",
        [
            "admin@pressroom.example,UPDATE,,Mine,,,,,,,",
            f"admin@pressroom.example,UPDATE,{GOOD},,,,,,,,",
            "admin@pressroom.example,DELETE,,,,,,,,,",
            "ua@example.com,UPDATE,,,,,,Admins,,,",
            f"new@example.com,CREATE,{GOOD},,,,,Admins,,,",
        ],
    )
    def test_a_user_administrator_gets_at_no_guarded_role(
        self, administrator: Actor, user_administrator: Actor, line: str
    ) -> None:
        task_id = imported(user_administrator, line, f"z@example.com,CREATE,{GOOD},,,,,Crew,,,")
        assert list(problems(user_administrator, task_id)) == [2]
        assert "Organization Administrator" in problems(user_administrator, task_id)[2]
        assert get_person(administrator, administrator.user_id).view.first_name == ""
        admins = next(group.id for group in list_groups(administrator) if group.name == "Admins")
        assert list_members(administrator, admins) == []
        assert list_people(administrator, PersonFilter("new@example.com")) == []
        assert person(administrator, "z@example.com")

    def test_the_last_administrator_is_the_end_of_one_row_only(
        self, installation: Installation, administrator: Actor
    ) -> None:
        """A visiting partner could delete the only administrator; the others of the file are done all the same."""
        with system_session() as session:
            session.get_one(User, administrator.user_id).is_operator = False
            customer = session.get_one(Organization, administrator.organization_id)
            customer.parent_id = installation.stranger.organization_id
        partner = _partner(installation, administrator.organization_id)
        existing(administrator, "a@example.com")
        task_id = imported(partner, "admin@pressroom.example,DELETE,,,,,,,,,", "a@example.com,DELETE,,,,,,,,,")
        told = problems(administrator, task_id)
        assert told == {2: "Then nobody would be left who administers the organization."}
        assert [view.email for view in list_people(administrator)] == [administrator.email]


def _partner(installation: Installation, organization_id: str) -> Actor:
    """The stranger at work in a customer's organization."""
    from domain.organizations.actor import actor_of_user
    from domain.organizations.models import Group, GroupKind, GroupMember

    stranger = installation.stranger
    with system_session() as session:
        roles = [Role.PARTNER_ADMINISTRATOR.value, Role.ORGANIZATION_ADMINISTRATOR.value]
        group = Group(
            organization_id=stranger.organization_id,
            name="Partners",
            name_key="partners",
            kind=GroupKind.CHILD_ACCESS,
            roles=roles,
        )
        session.add(group)
        session.flush()
        member = GroupMember(organization_id=stranger.organization_id, group_id=group.id, user_id=stranger.user_id)
        session.add(member)
    return actor_of_user(stranger.user_id, organization_id)


def test_an_address_taken_at_the_same_moment_is_the_end_of_one_row_only(
    installation: Installation, administrator: Actor
) -> None:
    """Somebody else's transaction commits between the look and the write."""
    content = "\n".join((NEW, *(f"p{n}@example.com,CREATE,{GOOD},,,,,,,," for n in range(3)))).encode()
    task_id = start_import(administrator, "people.csv", content)
    do_rows = flow.do_rows

    def overtaken(*arguments: Any) -> Any:
        """The look found the address free; the write does not."""
        with patch.object(import_rows._Rows, "_look_up"):
            return do_rows(*arguments)

    with system_session() as session:
        session.add(User(organization_id=installation.stranger.organization_id, email="p1@example.com", name="Quick"))
    with patch.object(flow, "do_rows", overtaken):
        perform_task(task_id, flow._import)
    assert list(problems(administrator, task_id)) == [3]
    assert {view.email for view in list_people(administrator, PersonFilter("example.com"))} >= {
        "p0@example.com",
        "p2@example.com",
    }


def test_after_a_lost_worker_no_row_is_done_twice(administrator: Actor) -> None:
    """The process dies between two parts: the next one begins behind what was committed."""
    lines = [f"p{number}@example.com,CREATE,{GOOD},,,,,Crew,,,Sales" for number in range(5)]
    task_id = start_import(administrator, "people.csv", "\n".join((NEW, *lines)).encode())
    done: list[int] = []

    class DiedError(BaseException):
        """What a killed process looks like from inside."""

    do = flow._do

    def dying(task: Any, choices: Any, rows: Any, hashes: Any, end: int, total: int) -> None:
        if end > 2:
            raise DiedError
        do(task, choices, rows, hashes, end, total)
        done.append(end)

    with patch.object(flow, "ROWS_AT_ONCE", 2):
        with patch.object(flow, "_do", dying), pytest.raises(DiedError):
            perform_task(task_id, flow._import)
        assert get_task(administrator, task_id).done == 2
        assert release_lost(lease_owner()) == [task_id]
        perform_task(task_id, flow._import)
    assert get_task(administrator, task_id).result == {"created": 5, "changed": 0, "deleted": 0, "problems": 0}
    assert [line.number for line in task_lines(administrator, task_id)] == [2, 3, 4, 5, 6]
    assert len(rows_of(OutgoingMail)) == 1


def test_a_starter_who_lost_the_role_meanwhile_imports_nothing(
    installation: Installation, administrator: Actor
) -> None:
    starter = installation.add_person("ua@example.com", Role.USER_ADMINISTRATOR)
    task_id = start_import(starter, "people.csv", f"{NEW}\na@example.com,CREATE,{GOOD},,,,,,,,".encode())
    with system_session() as session:
        session.get_one(User, starter.user_id).roles = []
    perform_task(task_id, flow._import)
    task = get_task(administrator, task_id)
    assert task.state is TaskState.REJECTED
    assert task.error is not None
    assert task.error.code == "role.missing"
    with system_session() as session:
        forget_ended_imports(session)
    assert rows_of(UserImport) == []


def test_the_file_is_kept_encrypted_and_nothing_tells_its_passwords(administrator: Actor) -> None:
    start_import(administrator, "people.csv", f"{NEW}\na@example.com,CREATE,{GOOD},,,,,,,,".encode())
    (kept,) = rows_of(UserImport)
    (task,) = rows_of(BackgroundTask)
    assert GOOD not in kept.content
    assert GOOD not in str((task.parameters, task.title))
    assert encrypt({"file": "x"}) != encrypt({"file": "x"})


def test_an_export_imports_as_no_change(administrator: Actor) -> None:
    """AC-200."""
    attributes = "\"{'k':'it is; a, b'}\""
    imported(
        administrator,
        f'a@example.com,CREATE,{GOOD},=1+1,+46,"Ann ""A"" Lee",@x,"A/B,Crew",{attributes},-7,\'=x',
        f"b@example.com,CREATE,{GOOD},,,,,,,,",
    )
    text = "".join(export_people(administrator))
    assert text.startswith("\ufeff" + NEW)
    cells = [cell for row in csv.reader(io.StringIO(text[1:])) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert not [cell for row in csv.reader(io.StringIO(text[1:])) for cell in row[2:3] if cell not in ("", "PASSWORD")]
    before = [(view, get_person(administrator, view.id).custom_attributes) for view in list_people(administrator)]
    task_id = start_import(administrator, "people.csv", text.encode())
    perform_task(task_id, flow._import)
    assert problems(administrator, task_id) == {}
    after = [(view, get_person(administrator, view.id).custom_attributes) for view in list_people(administrator)]
    assert after == before
