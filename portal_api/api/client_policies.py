"""Client policies and for whom they hold (section 29)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_clients.rules import ClientRules
from domain.print_clients.subject import CLIENT_POLICIES
from domain.print_definitions import assignments, definitions
from domain.print_definitions.assignments import ASSIGNMENT_MODE_CONFLICT, TARGET_UNKNOWN
from domain.print_definitions.definitions import DEFINITION_IN_USE, NAME_MISSING, NAME_NOT_UNIQUE, Definition
from domain.print_definitions.models import TargetKind
from domain.printing.features import FEATURE_DISABLED
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.api.print_definition_models import (
    Name,
    PrintAssignmentForm,
    PrintAssignmentPublic,
    PrintAssignmentsPublic,
)
from portal_api.problems import documented

router = APIRouter(prefix="/client-policies", tags=["workstations"])
Manager = Annotated[Actor, needs(Permission.PRINT_PACKAGES_MANAGE)]
Id = Annotated[str, Path(max_length=32)]
OFF = documented(FEATURE_DISABLED)


class ClientPolicyForm(BaseModel):
    """A client policy."""

    name: str = Name
    rules: ClientRules = ClientRules()


class ClientPolicyPublic(ClientPolicyForm):
    """A client policy. `assignments` counts to how many people and groups it is assigned."""

    id: str
    assignments: int
    changed: datetime | None

    @classmethod
    def of(cls, one: Definition[ClientRules]) -> "ClientPolicyPublic":
        return cls(id=one.id, name=one.name, rules=one.content, assignments=one.assignments, changed=one.changed)


class DefaultClientPolicy(BaseModel):
    """The policy of every workstation that has no other; *organization* means none (PR-269)."""

    rules: ClientRules


@router.get("", operation_id="list_client_policies", responses=OFF)
def list_client_policies(actor: Manager) -> list[ClientPolicyPublic]:
    """The client policies by name; the default stands apart."""
    return [ClientPolicyPublic.of(one) for one in definitions.list_definitions(actor, CLIENT_POLICIES)]


@router.post(
    "",
    operation_id="create_client_policy",
    status_code=201,
    responses=documented(FEATURE_DISABLED, NAME_MISSING, NAME_NOT_UNIQUE),
)
def create_client_policy(actor: Manager, given: ClientPolicyForm) -> ClientPolicyPublic:
    """A new client policy."""
    return ClientPolicyPublic.of(definitions.create_definition(actor, CLIENT_POLICIES, given.name, given.rules))


@router.get("/default", operation_id="get_default_client_policy", responses=OFF)
def get_default_client_policy(actor: Manager) -> DefaultClientPolicy:
    """The default client policy."""
    return DefaultClientPolicy(rules=definitions.get_default(actor, CLIENT_POLICIES).content)


@router.put("/default", operation_id="update_default_client_policy", responses=OFF)
def update_default_client_policy(actor: Manager, given: DefaultClientPolicy) -> DefaultClientPolicy:
    """Set the default client policy, or remove it with the mode *organization*."""
    return DefaultClientPolicy(rules=definitions.change_default(actor, CLIENT_POLICIES, given.rules).content)


@router.get("/assignments", operation_id="list_client_policy_assignments", responses=OFF)
def list_client_policy_assignments(
    actor: Manager,
    kind: Annotated[TargetKind | None, Query()] = None,
    definition_id: Annotated[str, Query(max_length=32, description="Only those of this policy.")] = "",
) -> PrintAssignmentsPublic:
    """To whom client policies are assigned (PR-273)."""
    found = assignments.list_assignments(actor, CLIENT_POLICIES, kind, definition_id)
    return PrintAssignmentsPublic(
        assignments=[PrintAssignmentPublic.of(one) for one in found],
        open_kinds=list(assignments.open_targets(actor, CLIENT_POLICIES)),
    )


@router.post(
    "/assignments",
    operation_id="assign_client_policy",
    status_code=201,
    responses=documented(FEATURE_DISABLED, TARGET_UNKNOWN, ASSIGNMENT_MODE_CONFLICT, NOT_FOUND),
)
def assign_client_policy(actor: Manager, given: PrintAssignmentForm) -> PrintAssignmentPublic:
    """Assign a policy to a person or a group; cost centres and departments exclude each other (PR-271)."""
    one = assignments.assign(actor, CLIENT_POLICIES, given.kind, given.name, given.definition_id)
    return PrintAssignmentPublic.of(one)


@router.delete(
    "/assignments/{assignment_id}",
    operation_id="remove_client_policy_assignment",
    status_code=204,
    responses=documented(FEATURE_DISABLED, NOT_FOUND),
)
def remove_client_policy_assignment(actor: Manager, assignment_id: Id) -> None:
    """Remove an assignment; what comes next in order holds from then on."""
    assignments.remove_assignment(actor, CLIENT_POLICIES, assignment_id)


@router.get("/{policy_id}", operation_id="get_client_policy", responses=documented(FEATURE_DISABLED, NOT_FOUND))
def get_client_policy(actor: Manager, policy_id: Id) -> ClientPolicyPublic:
    """One client policy."""
    return ClientPolicyPublic.of(definitions.get_definition(actor, CLIENT_POLICIES, policy_id))


@router.put(
    "/{policy_id}",
    operation_id="update_client_policy",
    responses=documented(FEATURE_DISABLED, NOT_FOUND, NAME_MISSING, NAME_NOT_UNIQUE),
)
def update_client_policy(actor: Manager, policy_id: Id, given: ClientPolicyForm) -> ClientPolicyPublic:
    """Change a client policy; workstations hear of it when they next call in."""
    one = definitions.change_definition(actor, CLIENT_POLICIES, policy_id, given.name, given.rules)
    return ClientPolicyPublic.of(one)


@router.delete(
    "/{policy_id}",
    operation_id="delete_client_policy",
    status_code=204,
    responses=documented(FEATURE_DISABLED, NOT_FOUND, DEFINITION_IN_USE),
)
def delete_client_policy(actor: Manager, policy_id: Id) -> None:
    """Delete a client policy that nothing uses (PR-275)."""
    definitions.delete_definition(actor, CLIENT_POLICIES, policy_id)
