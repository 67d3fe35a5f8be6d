"""Print policies and for whom they hold (PR-87…PR-100)."""

from typing import Annotated

from fastapi import APIRouter, Query

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_definitions import assignments, definitions
from domain.print_definitions.assignments import ASSIGNMENT_MODE_CONFLICT, TARGET_UNKNOWN
from domain.print_definitions.definitions import DEFINITION_IN_USE, NAME_MISSING, NAME_NOT_UNIQUE
from domain.print_definitions.models import TargetKind
from domain.print_policies.subject import POLICIES
from domain.printing.features import FEATURE_DISABLED
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.api.print_definition_models import (
    DefaultPrintPolicy,
    NewName,
    PrintAssignmentForm,
    PrintAssignmentPublic,
    PrintAssignmentsPublic,
    PrintPolicyForm,
    PrintPolicyPublic,
)
from portal_api.problems import documented

router = APIRouter(prefix="/print-policies", tags=["print policies"])
Manager = Annotated[Actor, needs(Permission.PRINT_SETTINGS_MANAGE)]
OFF = documented(FEATURE_DISABLED)


@router.get("", operation_id="list_print_policies", responses=OFF)
def list_print_policies(actor: Manager) -> list[PrintPolicyPublic]:
    """The print policies by name; the default stands apart."""
    return [PrintPolicyPublic.of(one) for one in definitions.list_definitions(actor, POLICIES)]


@router.post(
    "",
    operation_id="create_print_policy",
    status_code=201,
    responses=documented(FEATURE_DISABLED, NAME_MISSING, NAME_NOT_UNIQUE),
)
def create_print_policy(actor: Manager, given: PrintPolicyForm) -> PrintPolicyPublic:
    """A new print policy."""
    return PrintPolicyPublic.of(definitions.create_definition(actor, POLICIES, given.name, given.rules))


@router.get("/default", operation_id="get_default_print_policy", responses=OFF)
def get_default_print_policy(actor: Manager) -> DefaultPrintPolicy:
    """The default print policy."""
    return DefaultPrintPolicy(rules=definitions.get_default(actor, POLICIES).content)


@router.put("/default", operation_id="update_default_print_policy", responses=OFF)
def update_default_print_policy(actor: Manager, given: DefaultPrintPolicy) -> DefaultPrintPolicy:
    """Change the default print policy."""
    return DefaultPrintPolicy(rules=definitions.change_default(actor, POLICIES, given.rules).content)


@router.get("/assignments", operation_id="list_print_policy_assignments", responses=OFF)
def list_print_policy_assignments(
    actor: Manager,
    kind: Annotated[TargetKind | None, Query()] = None,
    definition_id: Annotated[str, Query(max_length=32, description="Only those of this policy.")] = "",
) -> PrintAssignmentsPublic:
    """To whom print policies are assigned."""
    found = assignments.list_assignments(actor, POLICIES, kind, definition_id)
    return PrintAssignmentsPublic(
        assignments=[PrintAssignmentPublic.of(one) for one in found],
        open_kinds=list(assignments.open_targets(actor, POLICIES)),
    )


@router.post(
    "/assignments",
    operation_id="assign_print_policy",
    status_code=201,
    responses=documented(FEATURE_DISABLED, TARGET_UNKNOWN, ASSIGNMENT_MODE_CONFLICT, NOT_FOUND),
)
def assign_print_policy(actor: Manager, given: PrintAssignmentForm) -> PrintAssignmentPublic:
    """Assign a policy to a person, a cost centre or a department; by what is a setting."""
    return PrintAssignmentPublic.of(assignments.assign(actor, POLICIES, given.kind, given.name, given.definition_id))


@router.delete(
    "/assignments/{assignment_id}",
    operation_id="remove_print_policy_assignment",
    status_code=204,
    responses=documented(FEATURE_DISABLED, NOT_FOUND),
)
def remove_print_policy_assignment(actor: Manager, assignment_id: str) -> None:
    """Remove an assignment; what comes next in order holds from then on."""
    assignments.remove_assignment(actor, POLICIES, assignment_id)


@router.get("/{policy_id}", operation_id="get_print_policy", responses=documented(FEATURE_DISABLED, NOT_FOUND))
def get_print_policy(actor: Manager, policy_id: str) -> PrintPolicyPublic:
    """One print policy."""
    return PrintPolicyPublic.of(definitions.get_definition(actor, POLICIES, policy_id))


@router.put(
    "/{policy_id}",
    operation_id="update_print_policy",
    responses=documented(FEATURE_DISABLED, NOT_FOUND, NAME_MISSING, NAME_NOT_UNIQUE),
)
def update_print_policy(actor: Manager, policy_id: str, given: PrintPolicyForm) -> PrintPolicyPublic:
    """Change a print policy; it counts for releases from now on."""
    return PrintPolicyPublic.of(definitions.change_definition(actor, POLICIES, policy_id, given.name, given.rules))


@router.delete(
    "/{policy_id}",
    operation_id="delete_print_policy",
    status_code=204,
    responses=documented(FEATURE_DISABLED, NOT_FOUND, DEFINITION_IN_USE),
)
def delete_print_policy(actor: Manager, policy_id: str) -> None:
    """Delete a print policy that is assigned to nobody."""
    definitions.delete_definition(actor, POLICIES, policy_id)


@router.post(
    "/{policy_id}/copies",
    operation_id="duplicate_print_policy",
    status_code=201,
    responses=documented(FEATURE_DISABLED, NOT_FOUND, NAME_MISSING, NAME_NOT_UNIQUE),
)
def duplicate_print_policy(actor: Manager, policy_id: str, given: NewName) -> PrintPolicyPublic:
    """A copy of a print policy under a new name."""
    return PrintPolicyPublic.of(definitions.duplicate_definition(actor, POLICIES, policy_id, given.name))
