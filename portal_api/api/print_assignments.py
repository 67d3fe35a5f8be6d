"""Print assignments: which printers people print to directly or offline (section 24)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_definitions.assignments import ASSIGNMENT_MODE_CONFLICT, TARGET_UNKNOWN
from domain.print_definitions.definitions import LONGEST_NAME, NAME_MISSING, NAME_NOT_UNIQUE
from domain.print_definitions.models import TargetKind
from domain.printing.features import FEATURE_DISABLED
from domain.tenancy import NOT_FOUND
from fleet.print_assignments import service
from fleet.print_assignments.evaluation import MOST_IN_PACKAGE, AssignedPrinter, own_assignments, own_printers
from fleet.print_assignments.models import QueueNaming
from fleet.print_assignments.service import NO_DIRECT_ACCESS, NO_PEOPLE, NO_TAGS, AssignmentForm, AssignmentView
from portal_api.access import needs
from portal_api.problems import documented

router = APIRouter(prefix="/print-assignments", tags=["print assignments"])
Manager = Annotated[Actor, needs(Permission.PRINT_ASSIGNMENTS_MANAGE)]
Owner = Annotated[Actor, needs(Permission.OWN_ACCOUNT)]
Id = Annotated[str, Path(max_length=32)]
ShortId = Annotated[str, Field(max_length=32)]
REFUSALS = (
    *(FEATURE_DISABLED, NAME_MISSING, NAME_NOT_UNIQUE, ASSIGNMENT_MODE_CONFLICT, TARGET_UNKNOWN),
    *(NO_DIRECT_ACCESS, NO_PEOPLE, NO_TAGS, NOT_FOUND),
)


class PrintAssignmentUpdate(BaseModel):
    """An assignment: for a cost centre or department (`holder` is its name), or for people by their addresses."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    kind: TargetKind
    holder: str = Field("", max_length=255)
    emails: list[Annotated[str, Field(max_length=255)]] = Field(default=[], max_length=service.MOST_PEOPLE)
    naming: QueueNaming = QueueNaming.ADDRESS
    tag_ids: list[ShortId] = Field(min_length=1, max_length=100)

    def form(self) -> AssignmentForm:
        """As the service takes it."""
        return AssignmentForm(self.name, self.kind, self.holder, tuple(self.emails), self.naming, tuple(self.tag_ids))


class AssignmentTagPublic(BaseModel):
    """A tag of an assignment."""

    id: str
    name: str


class AssignmentPublic(BaseModel):
    """An assignment. `printers` counts those behind its tags; `downloadable`: a package can be made of it (PR-230)."""

    id: str
    name: str
    kind: TargetKind
    holder: str
    emails: list[str]
    naming: QueueNaming
    tags: list[AssignmentTagPublic]
    printers: int
    downloadable: bool
    changed: datetime

    @classmethod
    def of(cls, one: AssignmentView) -> "AssignmentPublic":
        return cls(
            id=one.id,
            name=one.name,
            kind=one.kind,
            holder=one.holder,
            emails=list(one.emails),
            naming=one.naming,
            tags=[AssignmentTagPublic(id=tag, name=name) for tag, name in one.tags],
            printers=one.printers,
            downloadable=one.is_downloadable,
            changed=one.changed,
        )


class AssignedPrinterPublic(BaseModel):
    """A printer, and what its queue on workstations is called."""

    id: str
    queue: str
    name: str
    address: str
    host_name: str
    model: str
    location: str
    is_color: bool | None

    @classmethod
    def of(cls, one: AssignedPrinter) -> "AssignedPrinterPublic":
        return cls.model_validate(one, from_attributes=True)


class TagSum(BaseModel):
    """How many printers tags stand for, each counted once, and how many a package may have."""

    printers: int
    most: int = MOST_IN_PACKAGE


@router.get("", operation_id="list_print_assignments", responses=documented(FEATURE_DISABLED))
def list_print_assignments(
    actor: Manager,
    kind: Annotated[TargetKind | None, Query()] = None,
    tag_id: Annotated[str, Query(max_length=32, description="Only those with this tag.")] = "",
) -> list[AssignmentPublic]:
    """The assignments that count, by name (PR-227)."""
    return [AssignmentPublic.of(one) for one in service.list_assignments(actor, kind, tag_id)]


@router.post("", operation_id="create_print_assignment", status_code=201, responses=documented(*REFUSALS))
def create_print_assignment(actor: Manager, given: PrintAssignmentUpdate) -> AssignmentPublic:
    """A new assignment (PR-228)."""
    return AssignmentPublic.of(service.create_assignment(actor, given.form()))


@router.get("/mine", operation_id="list_own_assigned_printers")
def list_own_printers(actor: Owner) -> list[AssignedPrinterPublic]:
    """The printers that one's own assignments stand for now (PR-231)."""
    return [AssignedPrinterPublic.of(one) for one in own_printers(own_assignments(actor))]


@router.get("/printer-count", operation_id="count_assigned_printers", responses=documented(FEATURE_DISABLED))
def count_printers(actor: Manager, tag_id: Annotated[list[ShortId], Query(min_length=1, max_length=100)]) -> TagSum:
    """How many printers tags stand for (PR-228)."""
    return TagSum(printers=service.count_printers(actor, tag_id))


@router.get("/{assignment_id}", operation_id="get_print_assignment", responses=documented(FEATURE_DISABLED, NOT_FOUND))
def get_print_assignment(actor: Manager, assignment_id: Id) -> AssignmentPublic:
    """One assignment."""
    return AssignmentPublic.of(service.get_assignment(actor, assignment_id))


@router.get(
    "/{assignment_id}/printers",
    operation_id="list_assigned_printers",
    responses=documented(FEATURE_DISABLED, NOT_FOUND),
)
def list_printers(actor: Manager, assignment_id: Id) -> list[AssignedPrinterPublic]:
    """The printers behind its tags now, each once (PR-229, PR-233)."""
    return [AssignedPrinterPublic.of(one) for one in service.printers_of(actor, assignment_id).printers]


@router.put("/{assignment_id}", operation_id="update_print_assignment", responses=documented(*REFUSALS))
def update_print_assignment(actor: Manager, assignment_id: Id, given: PrintAssignmentUpdate) -> AssignmentPublic:
    """Change an assignment; workstations get it when they next call in (PR-232)."""
    return AssignmentPublic.of(service.change_assignment(actor, assignment_id, given.form()))


@router.delete(
    "/{assignment_id}",
    operation_id="delete_print_assignment",
    status_code=204,
    responses=documented(FEATURE_DISABLED, NOT_FOUND),
)
def delete_print_assignment(actor: Manager, assignment_id: Id) -> None:
    """Delete an assignment."""
    service.delete_assignment(actor, assignment_id)
