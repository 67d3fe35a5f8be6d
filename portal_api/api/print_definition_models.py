"""What the API takes and gives of print policies, print quotas and their assignments."""

from datetime import datetime

from pydantic import BaseModel, Field

from domain.print_definitions.assignments import Assignment
from domain.print_definitions.definitions import LONGEST_NAME, Definition
from domain.print_definitions.models import TargetKind
from domain.print_policies.rules import PolicyRules
from domain.print_quotas.limits import QuotaLimits

Name = Field(min_length=1, max_length=LONGEST_NAME, description="Unique, without regard to upper and lower case.")


class NewName(BaseModel):
    """The name of a copy."""

    name: str = Name


class PrintPolicyForm(BaseModel):
    """A print policy; parts of the rules that are missing restrict nothing."""

    name: str = Name
    rules: PolicyRules = PolicyRules()


class PrintPolicyPublic(PrintPolicyForm):
    """A print policy. `assignments` counts to how many it is assigned."""

    id: str
    assignments: int
    changed: datetime | None

    @classmethod
    def of(cls, one: Definition[PolicyRules]) -> "PrintPolicyPublic":
        return cls(id=one.id, name=one.name, rules=one.content, assignments=one.assignments, changed=one.changed)


class DefaultPrintPolicy(BaseModel):
    """The policy of everybody to whom no other is assigned."""

    rules: PolicyRules


class PrintQuotaForm(BaseModel):
    """A quota definition."""

    name: str = Name
    limits: QuotaLimits = QuotaLimits()


class PrintQuotaPublic(PrintQuotaForm):
    """A quota definition. `assignments` counts to how many it is assigned."""

    id: str
    assignments: int
    changed: datetime | None

    @classmethod
    def of(cls, one: Definition[QuotaLimits]) -> "PrintQuotaPublic":
        return cls(id=one.id, name=one.name, limits=one.content, assignments=one.assignments, changed=one.changed)


class DefaultPrintQuota(BaseModel):
    """The quota of everybody to whom no other is assigned."""

    limits: QuotaLimits


class PrintAssignmentForm(BaseModel):
    """For whom something is to hold; what held for them before is replaced."""

    kind: TargetKind
    name: str = Field(
        max_length=255, description="The person's e-mail address, or the exact name of the cost centre or department."
    )
    definition_id: str = Field(max_length=32)


class PrintAssignmentPublic(BaseModel):
    """One assignment. `members`: how many people it concerns now."""

    id: str
    kind: TargetKind
    name: str
    definition_id: str
    definition: str
    members: int
    changed: datetime

    @classmethod
    def of(cls, one: Assignment) -> "PrintAssignmentPublic":
        return cls(
            id=one.id,
            kind=one.target_kind,
            name=one.name,
            definition_id=one.definition_id,
            definition=one.definition_name,
            members=one.members,
            changed=one.changed,
        )


class PrintAssignmentsPublic(BaseModel):
    """The assignments that count, and for whom can be assigned now."""

    assignments: list[PrintAssignmentPublic]
    open_kinds: list[TargetKind]
