"""Keeping solutions: who sees and changes what, names, versions, copies and exchange (SC-20, SC-30…SC-46, SC-102)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.models import Organization
from domain.organizations.roles import Role
from domain.runs.service import HandIn, list_runs, start_run
from domain.solutions.definition import SolutionDefinition, SolutionType
from domain.solutions.service import (
    create_solution,
    delete_solution,
    duplicate_solution,
    export_yaml,
    find_solution,
    get_solution,
    import_yaml,
    list_solutions,
    list_versions,
    update_solution,
)
from domain.solutions.sharing import customers_to_share_with
from domain.tenancy import system_session
from steps.samples import letter_docx
from tests.domain.test_rules import DOWNLOAD, FOOTER, TRANSLATE, solution, with_values
from tests.support.installation import installed
from tests.support.quotas import customer_of, give, partner_of, person_of

SHARED = solution(DOWNLOAD).model_copy(update={"share_with_organization": True, "name": "Ours"})


def names(actor: Actor, type_: SolutionType | None = None, search: str = "") -> list[str]:
    return [view.definition.name for view in list_solutions(actor, type_, search)]


def test_personal_is_seen_by_its_owner_only_and_organizational_by_all(administrator: Actor, colleague: Actor) -> None:
    """SC-5, SC-30, SC-31."""
    personal = create_solution(administrator, solution(DOWNLOAD, name="Mine"))
    create_solution(administrator, SHARED)
    assert names(administrator) == ["Mine", "Ours"]
    assert names(colleague) == ["Ours"]
    with pytest.raises(PressroomError) as error:
        get_solution(colleague, personal.id)
    assert error.value.code == "not_found"


def test_another_organization_finds_nothing(administrator: Actor, stranger: Actor) -> None:
    view = create_solution(administrator, SHARED)
    assert names(stranger) == []
    for attempt in (get_solution, delete_solution, duplicate_solution, list_versions):
        with pytest.raises(PressroomError) as error:
            attempt(stranger, view.id)
        assert error.value.fault.status == 404
    assert names(administrator) == ["Ours"]


@pytest.mark.parametrize(
    ("role", "personal", "organizational"),
    [
        (Role.SOLUTIONS_USER, False, False),
        (Role.SOLUTIONS_ADVANCED_USER, True, False),
        (Role.SOLUTIONS_ADMINISTRATOR, True, True),
    ],
)
def test_permission_matrix_of_section_2_2(
    administrator: Actor, role: Role, personal: bool, organizational: bool
) -> None:
    """SC-10, SC-12, SC-13."""
    actor = replace(administrator, roles=frozenset({role.value}))
    for definition, allowed in ((solution(DOWNLOAD, name="P"), personal), (SHARED, organizational)):
        if allowed:
            view = create_solution(actor, definition)
            update_solution(actor, view.id, definition)
            delete_solution(actor, view.id)
        else:
            with pytest.raises(PressroomError) as error:
                create_solution(actor, definition)
            assert error.value.code == "role.missing"


# --- sharing with customers


@pytest.fixture
def partner(administrator: Actor) -> Actor:
    """Somebody who shares with customers: administrator of solutions, and of the partner by an access group (SC-11)."""
    return partner_of(administrator)


@pytest.fixture(params=["sqlite", "postgresql"])
def partner_on(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Actor]:
    """The same on either kind of records: on PostgreSQL, rows of customers are beyond a session of their partner."""
    if request.param == "sqlite":
        yield request.getfixturevalue("partner")
    else:
        with installed(tmp_path, database_url=request.getfixturevalue("postgres")) as one:
            yield partner_of(one.administrator)


def for_customers(*customers: Actor, name: str = "Theirs", organization: bool = False) -> SolutionDefinition:
    return solution(DOWNLOAD, name=name).model_copy(
        update={
            "shared_with": frozenset(customer.organization_id for customer in customers),
            "share_with_organization": organization,
        }
    )


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(PressroomError) as error:
        call()
    return error.value.code


def test_a_solution_is_shared_with_the_customers_that_are_named(partner_on: Actor) -> None:
    """SC-11, SC-32: all users of those customers see and run it, and nobody of another; each change reaches them."""
    partner = partner_on
    first, second, third = (customer_of(partner, name) for name in ("Adams", "Bell", "Cole"))
    user = person_of(first, "user@adams.example", Role.SOLUTIONS_USER)
    shared = create_solution(partner, for_customers(first, second))
    assert shared.type is SolutionType.SHARED
    (received,) = list_solutions(user)
    assert (received.definition.name, received.type, received.may_edit) == ("Theirs", SolutionType.SHARED, False)
    assert received.owner_name == "Administrator (Pressroom)"
    assert second.organization_id not in received.definition.model_dump_json(), "who else has it is not told"
    assert [names(one, SolutionType.SHARED) for one in (first, second, third)] == [["Theirs"], ["Theirs"], []]

    changed = for_customers(second, third).model_copy(update={"steps": solution(FOOTER, DOWNLOAD).steps})
    update_solution(partner, shared.id, changed, based_on=1)
    assert [names(one) for one in (first, second, third)] == [[], ["Theirs"], ["Theirs"]]
    (renewed,) = list_solutions(second)
    assert (renewed.version, [step.kind for step in renewed.definition.steps]) == (2, ["footer", "download"])
    assert [version for version, _ in list_versions(second, renewed.id)] == [2, 1]
    delete_solution(partner, shared.id)
    assert [names(one) for one in (first, second, third)] == [[], [], []]


def test_sharing_with_customers_shows_it_to_nobody_else_at_home(partner: Actor, colleague: Actor) -> None:
    """SC-33, SC-34: the two kinds of sharing do not depend on each other, and not sharing is what one begins with."""
    customer = customer_of(partner, "Adams")
    assert create_solution(partner, solution(DOWNLOAD, name="Nobody's")).type is SolutionType.PERSONAL
    create_solution(partner, for_customers(customer))
    create_solution(partner, for_customers(customer, name="Everybody's", organization=True))
    assert names(partner) == ["Everybody's", "Nobody's", "Theirs"]
    assert names(colleague) == ["Everybody's"]
    assert names(customer) == ["Everybody's", "Theirs"]


def test_customers_run_what_is_shared_as_their_own_and_cannot_change_it(partner: Actor, tmp_path: Path) -> None:
    """SC-35, SC-21: the run, its roles and its pages are those of the customer; a duplicate is the customer's own."""
    customer = customer_of(partner, "Adams")
    create_solution(partner, for_customers(customer).model_copy(update={"steps": solution(TRANSLATE, DOWNLOAD).steps}))
    (received,) = list_solutions(customer)
    assert refused(lambda: update_solution(customer, received.id, solution(DOWNLOAD))) == "solution.received"
    assert refused(lambda: delete_solution(customer, received.id)) == "solution.received"
    letter = letter_docx(tmp_path)
    hand_in = HandIn(letter, letter.name)
    assert refused(lambda: start_run(customer, received.id, hand_in)) == "quota.missing"
    give(partner, customer)
    run = start_run(customer, received.id, hand_in)
    assert (run.solution_name, run.solution_version) == ("Theirs", 1)
    assert [one.id for one in list_runs(customer)] == [run.id]
    assert list_runs(partner) == []
    copy = duplicate_solution(customer, received.id)
    assert (copy.type, copy.may_edit, copy.definition.shared_with) == (SolutionType.PERSONAL, True, frozenset())


def test_only_partner_administrators_share_and_only_with_their_customers(
    administrator: Actor, partner: Actor, stranger: Actor
) -> None:
    """SC-10, SC-11: an administrator of solutions shares in the own organization only; foreign ones do not exist."""
    customer = customer_of(partner, "Adams")
    assert refused(lambda: create_solution(administrator, for_customers(customer))) == "role.missing"
    assert refused(lambda: create_solution(partner, for_customers(customer, stranger))) == "not_found"
    assert names(customer) == names(stranger) == names(partner) == []
    shared = create_solution(partner, for_customers(customer, organization=True))
    (seen,) = list_solutions(administrator)
    assert not seen.may_edit
    for attempt in (
        lambda: update_solution(administrator, shared.id, SHARED),
        lambda: delete_solution(administrator, shared.id),
    ):
        assert refused(attempt) == "role.missing"
    assert names(customer) == ["Theirs"]
    assert customers_to_share_with(partner) == {customer.organization_id: "Adams"}
    assert customers_to_share_with(administrator) == {}


def test_a_customer_that_is_gone_keeps_nobody_from_changing_what_was_shared_with_it(partner: Actor) -> None:
    first, second = customer_of(partner, "Adams"), customer_of(partner, "Bell")
    shared = create_solution(partner, for_customers(first, second))
    with system_session() as session:
        session.delete(session.get_one(Organization, first.organization_id))
    saved = update_solution(partner, shared.id, get_solution(partner, shared.id).definition)
    assert saved.definition.shared_with == {second.organization_id}


def test_name_is_unique_per_owner_and_type_without_regard_to_case(administrator: Actor) -> None:
    create_solution(administrator, solution(DOWNLOAD, name="Straße"))
    with pytest.raises(PressroomError) as error:
        create_solution(administrator, solution(DOWNLOAD, name=" STRASSE "))
    assert error.value.code == "solution.name_taken"
    create_solution(administrator, SHARED.model_copy(update={"name": "Straße"}))


def test_invalid_composition_is_not_kept(administrator: Actor) -> None:
    with pytest.raises(PressroomError) as error:
        create_solution(administrator, solution(FOOTER))
    assert error.value.fault.spec == "SC-E01"
    assert names(administrator) == []


def test_each_save_is_a_version_and_a_stale_edit_is_refused(administrator: Actor) -> None:
    first = create_solution(administrator, solution(DOWNLOAD))
    second = update_solution(administrator, first.id, solution(FOOTER, DOWNLOAD), based_on=1)
    assert second.version == 2
    with pytest.raises(PressroomError) as error:
        update_solution(administrator, first.id, solution(DOWNLOAD), based_on=1)
    assert error.value.code == "solution.changed_meanwhile"
    assert [version for version, _ in list_versions(administrator, first.id)] == [2, 1]


def test_duplicate_is_a_personal_copy_with_steps_and_locks(administrator: Actor) -> None:
    original = create_solution(
        administrator, SHARED.model_copy(update={"steps": solution(with_values(FOOTER, ("text",)), DOWNLOAD).steps})
    )
    copy = duplicate_solution(administrator, original.id)
    again = duplicate_solution(administrator, original.id)
    assert (copy.definition.name, again.definition.name) == ("Ours (copy)", "Ours (copy 2)")
    assert copy.definition.steps == original.definition.steps
    assert copy.type is SolutionType.PERSONAL


def test_search_and_type_narrow_the_list(administrator: Actor) -> None:
    create_solution(administrator, solution(DOWNLOAD, name="Invoices 100%"))
    create_solution(administrator, SHARED)
    assert names(administrator, search="INVOICES") == ["Invoices 100%"]
    assert names(administrator, search="%") == ["Invoices 100%"]
    assert names(administrator, SolutionType.ORGANIZATIONAL) == ["Ours"]
    assert find_solution(administrator, "ours").definition.name == "Ours"


def test_yaml_round_trip_leaves_sharing_behind() -> None:
    definition = SHARED.model_copy(update={"steps": solution(with_values(FOOTER, ("text",)), DOWNLOAD).steps})
    assert import_yaml(export_yaml(definition)) == definition.model_copy(update={"share_with_organization": False})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "line 1"),
        ("name: x", "format"),
        ("format: pressroom-solution/1\nname: x\nsteps: 7", "steps"),
        ("format: pressroom-solution/1\nname: x\ncolor: red", "color"),
        ("!!python/object/apply:os.system ['true']", "line 1"),
    ],
)
def test_bad_file_is_refused_with_the_place(text: str, problem: str) -> None:
    with pytest.raises(PressroomError) as error:
        import_yaml(text)
    assert error.value.code == "solution.bad_file"
    assert problem in error.value.message


def test_definition_refuses_unknown_fields() -> None:
    with pytest.raises(ValueError, match="extra"):
        SolutionDefinition.model_validate({"name": "x", "stepz": []})
