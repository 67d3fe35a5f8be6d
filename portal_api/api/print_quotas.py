"""print quotas and for whom they hold (PR-57…PR-86)."""

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_definitions import assignments, definitions
from domain.print_definitions.assignments import ASSIGNMENT_MODE_CONFLICT, TARGET_UNKNOWN
from domain.print_definitions.definitions import DEFINITION_IN_USE, NAME_MISSING, NAME_NOT_UNIQUE
from domain.print_definitions.models import TargetKind
from domain.print_quotas.limits import MonthLimit, QuotaStatus, Standing
from domain.print_quotas.own import own_quota
from domain.print_quotas.status import PersonStanding, StatusFilter, export_status, list_status
from domain.print_quotas.subject import QUOTAS
from domain.printing.features import FEATURE_DISABLED
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate
from fleet.printers.csv_rows import csv_pieces
from portal_api.access import needs
from portal_api.api.print_definition_models import (
    DefaultPrintQuota,
    NewName,
    PrintAssignmentForm,
    PrintAssignmentPublic,
    PrintAssignmentsPublic,
    PrintQuotaForm,
    PrintQuotaPublic,
)
from portal_api.api.printers import csv_answer
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

router = APIRouter(prefix="/print-quotas", tags=["print quotas"])
Manager = Annotated[Actor, needs(Permission.PRINT_QUOTAS_MANAGE)]
OFF = documented(FEATURE_DISABLED)
StatusViewer = Annotated[Actor, needs(Permission.PRINT_QUOTA_STATUS_VIEW)]
PrintOwner = Annotated[Actor, needs(Permission.PRINT_OWN_QUEUE)]
Month = Annotated[str, Query(pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$", description="Such as 2026-11; empty: now.")]
Source = Annotated[Literal["", "personal", "cost_center", "department", "default"], Query()]
Of = Annotated[str, Query(max_length=32, description="Only people with this definition; “default” for the default.")]
Search = Annotated[str, Query(max_length=255, description="Part of the name or address.")]


class StandingPublic(BaseModel):
    """What somebody has used and has left of a month's quota; what is left may be negative."""

    status: QuotaStatus
    impressions: int
    color_impressions: int
    limit: MonthLimit
    left: int | None = Field(description="None: unlimited.")
    color_left: int | None = Field(description="None: colour has no limit of its own.")

    @classmethod
    def of(cls, one: Standing) -> "StandingPublic":
        return cls(
            status=one.status,
            impressions=one.impressions,
            color_impressions=one.color_impressions,
            limit=one.limit,
            left=one.left,
            color_left=one.color_left,
        )


class OwnPrintQuota(BaseModel):
    """One's own print quota of the present month."""

    month: str
    standing: StandingPublic | None = Field(description="None: the organization has no print quotas.")


class PersonStatus(BaseModel):
    """Where somebody stands. An empty definition is the default."""

    user_id: str
    email: str
    name: str
    standing: StandingPublic
    definition_id: str
    definition: str
    source: str

    @classmethod
    def of(cls, one: PersonStanding) -> "PersonStatus":
        return cls(
            user_id=one.user_id,
            email=one.email,
            name=one.name,
            standing=StandingPublic.of(one.standing),
            definition_id=one.definition_id,
            definition=one.definition,
            source=one.source,
        )


class StatusPage(BaseModel):
    """Some of the people; `next` is where the following page begins."""

    items: list[PersonStatus]
    next: str | None


@router.get("/mine", operation_id="get_own_print_quota")
def get_own_print_quota(actor: PrintOwner) -> OwnPrintQuota:
    """What one may still print this month."""
    own = own_quota(actor)
    return OwnPrintQuota(month=own.month if own else "", standing=StandingPublic.of(own.standing) if own else None)


@router.get("/status", operation_id="list_print_quota_status", responses=OFF)
def list_print_quota_status(
    actor: StatusViewer,
    month: Month = "",
    status: QuotaStatus | None = None,
    definition: Of = "",
    source: Source = "",
    search: Search = "",
    after: Annotated[str, Query(max_length=255, description="The `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> StatusPage:
    """Where everybody stands in a month, by e-mail address."""
    found = list_status(actor, StatusFilter(month, status, definition, source, search, after, limit))
    return StatusPage(
        items=[PersonStatus.of(one) for one in found], next=found[-1].email if len(found) == limit else None
    )


@router.get(
    "/status.csv",
    operation_id="export_print_quota_status",
    response_class=Response,
    responses={**OFF, 200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def export_print_quota_status(
    actor: StatusViewer,
    locale: ReaderLocale,
    month: Month = "",
    status: QuotaStatus | None = None,
    definition: Of = "",
    source: Source = "",
    search: Search = "",
) -> Response:
    """The same as a file for spreadsheets: everybody whom the filter lets through."""
    chosen = StatusFilter(month, status, definition, source, search)
    titles, rows = export_status(actor, chosen, partial(say, locale))
    return csv_answer(f"print-quotas-{month or 'now'}.csv", csv_pieces(titles, rows))


@router.get("/definitions", operation_id="list_print_quotas", responses=OFF)
def list_print_quotas(actor: Manager) -> list[PrintQuotaPublic]:
    """The print quotas by name; the default stands apart."""
    return [PrintQuotaPublic.of(one) for one in definitions.list_definitions(actor, QUOTAS)]


@router.post(
    "/definitions",
    operation_id="create_print_quota",
    status_code=201,
    responses=documented(FEATURE_DISABLED, NAME_MISSING, NAME_NOT_UNIQUE),
)
def create_print_quota(actor: Manager, given: PrintQuotaForm) -> PrintQuotaPublic:
    """A new quota definition."""
    return PrintQuotaPublic.of(definitions.create_definition(actor, QUOTAS, given.name, given.limits))


@router.get("/default", operation_id="get_default_print_quota", responses=OFF)
def get_default_print_quota(actor: Manager) -> DefaultPrintQuota:
    """The default quota definition."""
    return DefaultPrintQuota(limits=definitions.get_default(actor, QUOTAS).content)


@router.put("/default", operation_id="update_default_print_quota", responses=OFF)
def update_default_print_quota(actor: Manager, given: DefaultPrintQuota) -> DefaultPrintQuota:
    """Change the default quota definition."""
    return DefaultPrintQuota(limits=definitions.change_default(actor, QUOTAS, given.limits).content)


@router.get("/assignments", operation_id="list_print_quota_assignments", responses=OFF)
def list_print_quota_assignments(
    actor: Manager,
    kind: Annotated[TargetKind | None, Query()] = None,
    definition_id: Annotated[str, Query(max_length=32, description="Only those of this definition.")] = "",
) -> PrintAssignmentsPublic:
    """To whom print quotas are assigned."""
    found = assignments.list_assignments(actor, QUOTAS, kind, definition_id)
    return PrintAssignmentsPublic(
        assignments=[PrintAssignmentPublic.of(one) for one in found],
        open_kinds=list(assignments.open_targets(actor, QUOTAS)),
    )


@router.post(
    "/assignments",
    operation_id="assign_print_quota",
    status_code=201,
    responses=documented(FEATURE_DISABLED, TARGET_UNKNOWN, ASSIGNMENT_MODE_CONFLICT, NOT_FOUND),
)
def assign_print_quota(actor: Manager, given: PrintAssignmentForm) -> PrintAssignmentPublic:
    """Assign a quota definition to a person, a cost centre or a department; by what is a setting."""
    return PrintAssignmentPublic.of(assignments.assign(actor, QUOTAS, given.kind, given.name, given.definition_id))


@router.delete(
    "/assignments/{assignment_id}",
    operation_id="remove_print_quota_assignment",
    status_code=204,
    responses=documented(FEATURE_DISABLED, NOT_FOUND),
)
def remove_print_quota_assignment(actor: Manager, assignment_id: str) -> None:
    """Remove an assignment; what comes next in order holds from then on."""
    assignments.remove_assignment(actor, QUOTAS, assignment_id)


@router.get(
    "/definitions/{quota_id}", operation_id="get_print_quota", responses=documented(FEATURE_DISABLED, NOT_FOUND)
)
def get_print_quota(actor: Manager, quota_id: str) -> PrintQuotaPublic:
    """One quota definition."""
    return PrintQuotaPublic.of(definitions.get_definition(actor, QUOTAS, quota_id))


@router.put(
    "/definitions/{quota_id}",
    operation_id="update_print_quota",
    responses=documented(FEATURE_DISABLED, NOT_FOUND, NAME_MISSING, NAME_NOT_UNIQUE),
)
def update_print_quota(actor: Manager, quota_id: str, given: PrintQuotaForm) -> PrintQuotaPublic:
    """Change a quota definition; it counts for releases from now on."""
    return PrintQuotaPublic.of(definitions.change_definition(actor, QUOTAS, quota_id, given.name, given.limits))


@router.delete(
    "/definitions/{quota_id}",
    operation_id="delete_print_quota",
    status_code=204,
    responses=documented(FEATURE_DISABLED, NOT_FOUND, DEFINITION_IN_USE),
)
def delete_print_quota(actor: Manager, quota_id: str) -> None:
    """Delete a quota definition that is assigned to nobody."""
    definitions.delete_definition(actor, QUOTAS, quota_id)


@router.post(
    "/definitions/{quota_id}/copies",
    operation_id="duplicate_print_quota",
    status_code=201,
    responses=documented(FEATURE_DISABLED, NOT_FOUND, NAME_MISSING, NAME_NOT_UNIQUE),
)
def duplicate_print_quota(actor: Manager, quota_id: str, given: NewName) -> PrintQuotaPublic:
    """A copy of a quota definition under a new name."""
    return PrintQuotaPublic.of(definitions.duplicate_definition(actor, QUOTAS, quota_id, given.name))


def say(locale: str, template: str, **facts: object) -> str:
    """A text in the reader's language."""
    return translate(template, locale, **facts)
