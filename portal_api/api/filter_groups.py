"""Filter groups of the list of printers (FL-181…FL-185)."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.printers.filter_groups import (
    IN_USE,
    NO_FILTERS,
    FilterGroupView,
    change_filter_group,
    create_filter_group,
    delete_filter_group,
    get_filter_group,
    list_filter_groups,
)
from fleet.printers.filters import PrinterFilter
from fleet.printers.models import Communication
from fleet.printers.names import NAME_TAKEN, NO_NAME
from portal_api.access import needs
from portal_api.api.printer_models import Name
from portal_api.problems import documented

router = APIRouter(prefix="/printer-filter-groups", tags=["printer filter groups"])
Viewer = Annotated[Actor, needs(Permission.FLEET_VIEW)]
Manager = Annotated[Actor, needs(Permission.FLEET_MANAGE)]
FORM_FAULTS = (NO_NAME, NAME_TAKEN, NO_FILTERS)


class FilterGroupForm(BaseModel):
    """A name and the filters that it stands for; a search is not kept."""

    name: Name
    chosen: PrinterFilter = PrinterFilter(communication=(Communication.SILENT,))


class FilterGroupPublic(BaseModel):
    """A filter group."""

    id: str
    name: str
    chosen: PrinterFilter

    @classmethod
    def of(cls, group: FilterGroupView) -> "FilterGroupPublic":
        return cls(id=group.id, name=group.name, chosen=group.chosen)


@router.get("", operation_id="list_printer_filter_groups")
def list_all(actor: Viewer) -> list[FilterGroupPublic]:
    """The organization's filter groups by name."""
    return [FilterGroupPublic.of(group) for group in list_filter_groups(actor)]


@router.post("", operation_id="create_printer_filter_group", status_code=201, responses=documented(*FORM_FAULTS))
def create(actor: Manager, given: FilterGroupForm, response: Response) -> FilterGroupPublic:
    """Keep filters under a name."""
    group = create_filter_group(actor, given.name, given.chosen)
    response.headers["Location"] = f"/api/v1/printer-filter-groups/{group.id}"
    return FilterGroupPublic.of(group)


@router.get("/{group_id}", operation_id="get_printer_filter_group", responses=documented(NOT_FOUND))
def read(actor: Viewer, group_id: str) -> FilterGroupPublic:
    """One filter group."""
    return FilterGroupPublic.of(get_filter_group(actor, group_id))


@router.put("/{group_id}", operation_id="update_printer_filter_group", responses=documented(NOT_FOUND, *FORM_FAULTS))
def update(actor: Manager, group_id: str, given: FilterGroupForm) -> FilterGroupPublic:
    """Give it another name or other filters (FL-182)."""
    return FilterGroupPublic.of(change_filter_group(actor, group_id, given.name, given.chosen))


@router.delete(
    "/{group_id}", operation_id="delete_printer_filter_group", status_code=204, responses=documented(NOT_FOUND, IN_USE)
)
def delete(actor: Manager, group_id: str) -> None:
    """Delete it; one that a schedule uses is not deleted (A-16)."""
    delete_filter_group(actor, group_id)
