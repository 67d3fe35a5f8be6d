"""Views of the list of printers (FL-186…FL-202)."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate
from fleet.printers.columns import Column
from fleet.printers.filters import Id
from fleet.printers.names import NAME_TAKEN, NO_NAME
from fleet.printers.views import (
    BAD_COLUMNS,
    SYSTEM_VIEW,
    ViewInfo,
    change_view,
    choose_view,
    create_view,
    current_view,
    delete_views,
    list_views,
)
from portal_api.access import needs
from portal_api.api.printer_models import ViewForm
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

router = APIRouter(prefix="/printer-views", tags=["printer views"])
Viewer = Annotated[Actor, needs(Permission.FLEET_VIEW)]
Maker = Annotated[Actor, needs(Permission.FLEET_VIEWS)]


class ViewCreate(ViewForm):
    """A new view."""

    is_chosen: bool = Field(False, description="Make it the default of whoever asks.")


class ViewPublic(BaseModel):
    """A view. `may_change`: by whoever asks, where they work."""

    id: str
    name: str
    columns: list[Column]
    is_system: bool
    may_change: bool

    @classmethod
    def of(cls, view: ViewInfo, locale: str) -> "ViewPublic":
        name = translate(view.name, locale) if view.is_system else view.name
        return cls(
            id=view.id,
            name=name,
            columns=list(view.columns),
            is_system=view.is_system,
            may_change=view.may_change,
        )


class ChosenViewForm(BaseModel):
    """The view to show first."""

    view_id: Id


@router.get("", operation_id="list_printer_views")
def list_all(actor: Viewer, locale: ReaderLocale) -> list[ViewPublic]:
    """The views that may be used: those of the system first."""
    return [ViewPublic.of(view, locale) for view in list_views(actor)]


@router.post(
    "",
    operation_id="create_printer_view",
    status_code=201,
    responses=documented(NO_NAME, NAME_TAKEN, BAD_COLUMNS),
)
def create(actor: Maker, given: ViewCreate, locale: ReaderLocale, response: Response) -> ViewPublic:
    """Create a view; a copy is one with the other's columns (FL-197, FL-199)."""
    view = create_view(actor, given.name, given.columns, is_chosen=given.is_chosen)
    response.headers["Location"] = f"/api/v1/printer-views/{view.id}"
    return ViewPublic.of(view, locale)


@router.delete("", operation_id="delete_printer_views", status_code=204, responses=documented(NOT_FOUND, SYSTEM_VIEW))
def delete_many(actor: Maker, view_id: Annotated[list[Id], Query(min_length=1, max_length=200)]) -> None:
    """Delete views, all of them or none; who uses one falls back to Standard (FL-200)."""
    delete_views(actor, view_id)


@router.get("/chosen", operation_id="get_chosen_printer_view")
def read_chosen(actor: Viewer, locale: ReaderLocale) -> ViewPublic:
    """The view that whoever asks sees first (FL-195)."""
    return ViewPublic.of(current_view(actor), locale)


@router.put("/chosen", operation_id="choose_printer_view", responses=documented(NOT_FOUND))
def choose(actor: Viewer, given: ChosenViewForm, locale: ReaderLocale) -> ViewPublic:
    """Make a view one's default (FL-195)."""
    return ViewPublic.of(choose_view(actor, given.view_id), locale)


@router.patch(
    "/{view_id}",
    operation_id="update_printer_view",
    responses=documented(NOT_FOUND, SYSTEM_VIEW, NO_NAME, NAME_TAKEN, BAD_COLUMNS),
)
def update(actor: Maker, view_id: str, given: ViewForm, locale: ReaderLocale) -> ViewPublic:
    """Give a view that somebody made another name or other columns (FL-198)."""
    return ViewPublic.of(change_view(actor, view_id, given.name, given.columns), locale)
