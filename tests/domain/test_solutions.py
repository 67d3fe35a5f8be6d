"""Keeping solutions: who sees and changes what, names, versions, copies and exchange (SC-20, SC-30…SC-46, SC-102)."""

from dataclasses import replace

import pytest

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.roles import Role
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
from tests.domain.test_rules import DOWNLOAD, FOOTER, solution, with_values

SHARED = solution(DOWNLOAD).model_copy(update={"share_with_organization": True, "name": "Ours"})


def names(actor: Actor, type_: SolutionType | None = None, search: str = "") -> list[str]:
    return [view.definition.name for view in list_solutions(actor, type_, search)]


def test_personal_is_seen_by_its_owner_only_and_organizational_by_all(administrator: Actor, colleague: Actor) -> None:
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
