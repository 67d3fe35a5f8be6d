"""Client policies, workstations and updates (sections 29 and 30, F-26)."""

from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.print_clients.checkin import Status, check_in, check_out, modes_of
from domain.print_clients.rules import ClientRules, UpdateMode
from domain.print_clients.status import assign_client_policy, forget_client, list_clients
from domain.print_clients.subject import CLIENT_POLICIES
from domain.print_clients.updates import update_for
from domain.print_definitions.assignments import assign, list_assignments, remove_assignment
from domain.print_definitions.definitions import change_default, create_definition, delete_definition
from domain.print_definitions.models import TargetKind
from domain.printing.settings import ClientSettings, PrintSettings
from steps.versions import VERSION
from tests.support.installation import Installation, installed
from tests.support.print_settings import set_print_settings

KEY = "k" * 43


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        set_print_settings(one.administrator, policies={"client_enabled": True})
        yield one


@pytest.fixture
def person(installation: Installation) -> Actor:
    person = installation.add_person("kim@one.example", Role.PRINT_RELEASE_USER)
    with person.session() as session:
        user = session.get_one(User, person.user_id)
        user.department, user.cost_center = "Sales", "4711"
    return person


@pytest.mark.parametrize(
    ("mode", "timing", "version", "expected"),
    [
        (UpdateMode.AUTOMATIC, "at_once", "2.1.0", ("update_now", VERSION, 0)),
        (UpdateMode.AUTOMATIC, "within", "2.1.0", ("update_within", VERSION, 3)),
        (UpdateMode.AUTOMATIC, "at_once", VERSION, ("up_to_date", VERSION, 0)),
        (UpdateMode.AUTOMATIC, "within", "1.9", ("too_old", VERSION, 0)),
        (UpdateMode.PREVENT, "at_once", "1.9", ("too_old", VERSION, 0)),
        (UpdateMode.PREVENT, "at_once", "2.1.0", ("update_blocked", VERSION, 0)),
        (UpdateMode.PREVENT, "at_once", VERSION, ("up_to_date", VERSION, 0)),
        (UpdateMode.CURRENT, "at_once", "2.1.0", ("update_now", VERSION, 0)),
        (UpdateMode.ORGANIZATION, "at_once", "2.1.0", ("update_blocked", VERSION, 0)),
    ],
)
def test_what_a_workstation_is_told_about_its_version(
    mode: UpdateMode, timing: str, version: str, expected: tuple[str, str, int]
) -> None:
    """F-26, PR-268."""
    rules = ClientRules.model_validate({"update": mode, "timing": timing, "days": 3})
    update = update_for(version, rules, PrintSettings())
    assert (update.state, update.version, update.days) == expected
    wanted = mode in (UpdateMode.AUTOMATIC, UpdateMode.CURRENT) and update.state != "up_to_date"
    assert update.is_automatic == wanted, "who prevents updates gets none, however old the version is"


def test_the_organizations_setting_counts_without_a_policy() -> None:
    """PR-20, PR-21, AM-5: at once, or at the time of day that it names."""
    for at in (None, time(3, 30)):
        settings = PrintSettings(clients=ClientSettings(auto_update_enabled=True, auto_update_time=at))
        update = update_for("2.1.0", ClientRules(), settings)
        assert (update.state, update.at) == ("update_now", at)
        by_policy = update_for("2.1.0", ClientRules(update=UpdateMode.AUTOMATIC), settings)
        assert (by_policy.state, by_policy.at) == ("update_now", None), "a policy goes before it"


def test_a_pinned_version_stays_when_there_is_a_newer_one() -> None:
    """AM-46."""
    pinned = ClientRules(update=UpdateMode.CURRENT, version="2.1.0")
    assert ClientRules(update=UpdateMode.CURRENT).version == VERSION
    assert update_for("2.1.0", pinned, PrintSettings()).state == "up_to_date"
    assert update_for("2.0.5", pinned, PrintSettings()).version == "2.1.0"
    lost = ClientRules(update=UpdateMode.CURRENT, version="1.2.0")
    assert update_for("1.1.0", lost, PrintSettings()).version == VERSION, "the portal speaks with 1.2.0 no more"


@pytest.mark.parametrize(
    "values", [{"days": 0}, {"days": 8}, {"update": "prevent", "timing": "within"}, {"when": "now"}]
)
def test_rules_that_cannot_be(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ClientRules.model_validate(values)


@pytest.mark.parametrize(
    ("use_with", "role", "modes"),
    [
        ("direct", Role.DIRECT_PRINT_USER, {"direct"}),
        ("offline", Role.DIRECT_PRINT_USER, {"offline"}),
        ("direct_and_offline", Role.DIRECT_PRINT_USER, {"direct", "offline"}),
        ("direct", Role.PRINT_RELEASE_USER, {"cloud"}),
        ("offline", Role.HYBRID_PRINT_USER, {"hybrid", "offline"}),
        ("", Role.DIRECT_PRINT_USER, set()),
    ],
)
def test_by_which_ways_people_print_from_a_workstation(
    installation: Installation, use_with: str, role: Role, modes: set[str]
) -> None:
    """PR-45, PR-46: what assignments are used with, and the role for each way."""
    somebody = installation.add_person("ways@one.example", role)
    given = {"enabled": bool(use_with), "use_with": use_with or "direct_and_offline"}
    assert modes_of(somebody, PrintSettings.model_validate({"assignments": given})) == modes


def test_which_policy_holds_for_a_workstation(installation: Installation, person: Actor) -> None:
    """PR-44, PR-272, PR-274: client › personal › cost centre or department › default › the organization's setting.

    PR-267, PR-270, PR-271, PR-273, PR-275: assigned by department and by person, found by either and by the policy, a
    cost centre beside a department is refused, so is the end of a policy in use; and nothing counts while they are off.
    """
    administrator = installation.administrator
    check_in(person, Status(KEY, "kims-laptop", version=VERSION))

    def holds() -> tuple[str, str]:
        one = list_clients(administrator)[0]
        return one.policy, one.policy_source

    made = {
        name: create_definition(administrator, CLIENT_POLICIES, name, ClientRules(update=UpdateMode.AUTOMATIC))
        for name in ("of the client", "of the person", "of the department")
    }
    assert holds() == ("", "organization")
    change_default(administrator, CLIENT_POLICIES, ClientRules(update=UpdateMode.PREVENT))
    assert holds() == ("", "default")
    assign(administrator, CLIENT_POLICIES, TargetKind.DEPARTMENT, "Sales", made["of the department"].id)
    assert holds() == ("of the department", "department")
    personal = assign(administrator, CLIENT_POLICIES, TargetKind.PERSONAL, person.email, made["of the person"].id)
    assert holds() == ("of the person", "personal")
    found = list_assignments(administrator, CLIENT_POLICIES, TargetKind.PERSONAL)
    assert [(one.name, one.definition_name) for one in found] == [(person.email, "of the person")]
    found = list_assignments(administrator, CLIENT_POLICIES, None, made["of the department"].id)
    assert [(one.name, one.target_kind) for one in found] == [("Sales", TargetKind.DEPARTMENT)]
    client_id = list_clients(administrator)[0].id
    assign_client_policy(administrator, [client_id], made["of the client"].id)
    assert holds() == ("of the client", "client")

    with pytest.raises(PressroomError, match=r"definition_in_use") as refused:
        delete_definition(administrator, CLIENT_POLICIES, made["of the client"].id)
    assert "kims-laptop" in refused.value.message
    with pytest.raises(PressroomError, match=r"assignment_mode_conflict"):
        assign(administrator, CLIENT_POLICIES, TargetKind.COST_CENTER, "4711", made["of the client"].id)

    assign_client_policy(administrator, [client_id], "")
    remove_assignment(administrator, CLIENT_POLICIES, personal.id)
    assert holds() == ("of the department", "department")
    set_print_settings(administrator)
    assert holds() == ("", "organization"), "a feature that is off counts for nothing"


def test_a_workstation_is_known_by_its_secret_and_belongs_to_whoever_signed_in_last(
    installation: Installation, person: Actor
) -> None:
    """PR-276, PR-277, PR-304."""
    administrator = installation.administrator
    other = installation.add_person("lee@one.example", Role.PRINT_RELEASE_USER)
    first = check_in(person, Status(KEY, "pc-1", "Linux 6.1", version="2.1.0", queues=("Cloud Print",)))
    again = check_in(other, Status(KEY, "pc-1b", "Linux 6.1", version=VERSION))
    assert first.client_id == again.client_id
    assert [(one.host, one.email, one.version, one.state) for one in list_clients(administrator)] == [
        ("pc-1b", "lee@one.example", VERSION, "online")
    ]
    check_out(person, KEY)
    assert list_clients(administrator), "somebody else works there now"
    check_out(other, KEY)
    assert list_clients(administrator) == []

    check_in(installation.stranger, Status(KEY, "elsewhere"))
    assert list_clients(administrator) == [], "another organization's"
    with pytest.raises(PressroomError, match=r"not_found"):
        forget_client(administrator, list_clients(installation.stranger)[0].id)
    with pytest.raises(PressroomError, match=r"role\.missing"):
        list_clients(person)
