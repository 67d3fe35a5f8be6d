"""Tags of printers (FL-255…FL-266)."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.runs.planning import TOO_LARGE
from domain.tenancy import NOT_FOUND
from fleet.printers.filters import Id
from fleet.printers.names import NAME_TAKEN, NO_NAME
from fleet.printers.selection import selected_ids
from fleet.printers.tags.by_file import FAULTS, LARGEST, tag_by_file
from fleet.printers.tags.service import (
    IN_USE,
    NO_TAG,
    TagView,
    change_tags,
    create_tag,
    delete_tags,
    list_tags,
    rename_tag,
)
from portal_api.access import needs
from portal_api.api.printer_models import Name, TagsOfPrinters
from portal_api.multipart_form import BAD_FORM, FILE_MISSING
from portal_api.problems import documented
from portal_api.uploads import file_form, received_upload

router = APIRouter(prefix="/printer-tags", tags=["printer tags"])
Manager = Annotated[Actor, needs(Permission.FLEET_MANAGE)]
FORM = file_form("tag_ids", tag_ids={"type": "string", "description": "Ids of the tags, separated by commas."})


class TagForm(BaseModel):
    """A tag's name."""

    name: Name


class TagPublic(BaseModel):
    """A tag with how many printers carry it."""

    id: str
    name: str
    printers: int

    @classmethod
    def of(cls, tag: TagView) -> "TagPublic":
        return cls(id=tag.id, name=tag.name, printers=tag.printers)


class TaggedByFilePublic(BaseModel):
    """How many printers were tagged, and how many entries are no printers of the organization."""

    tagged: int
    not_tagged: int


@router.get("", operation_id="list_printer_tags")
def list_all(actor: Annotated[Actor, needs(Permission.FLEET_VIEW)]) -> list[TagPublic]:
    """The organization's tags by name."""
    return [TagPublic.of(tag) for tag in list_tags(actor)]


@router.post("", operation_id="create_printer_tag", status_code=201, responses=documented(NO_NAME, NAME_TAKEN))
def create(actor: Manager, given: TagForm, response: Response) -> TagPublic:
    """Create a tag."""
    tag = create_tag(actor, given.name)
    response.headers["Location"] = f"/api/v1/printer-tags/{tag.id}"
    return TagPublic.of(tag)


@router.delete("", operation_id="delete_printer_tags", status_code=204, responses=documented(NOT_FOUND, IN_USE))
def delete_many(actor: Manager, tag_id: Annotated[list[Id], Query(min_length=1, max_length=200)]) -> None:
    """Delete tags, all of them or none; one that a policy or schedule uses is not deleted (A-16)."""
    delete_tags(actor, tag_id)


@router.post("/apply", operation_id="apply_printer_tags", status_code=204, responses=documented(NOT_FOUND))
def apply(actor: Manager, given: TagsOfPrinters) -> None:
    """Give tags to printers and take others from them (FL-257)."""
    change_tags(actor, selected_ids(actor, given.selection()), give=given.give, take=given.take)


@router.post(
    "/by-file",
    operation_id="tag_printers_by_file",
    openapi_extra=FORM,
    responses=documented(NOT_FOUND, NO_TAG, TOO_LARGE, FILE_MISSING, BAD_FORM, *FAULTS),
)
async def by_file(request: Request, actor: Manager) -> TaggedByFilePublic:
    """Give tags to the printers that a file lists by address or serial number (FL-258…FL-266)."""
    async with received_upload(request, get_settings().scratch_folder, LARGEST) as upload:
        content = await run_in_threadpool(upload.path.read_bytes)
        ids = [one for one in upload.fields.get("tag_ids", "").replace(" ", "").split(",") if one]
        found = await run_in_threadpool(tag_by_file, actor, ids, upload.name, content)
    return TaggedByFilePublic(tagged=found.tagged, not_tagged=found.not_tagged)


@router.patch(
    "/{tag_id}",
    operation_id="rename_printer_tag",
    status_code=204,
    responses=documented(NOT_FOUND, NO_NAME, NAME_TAKEN),
)
def rename(actor: Manager, tag_id: str, given: TagForm) -> None:
    """Give a tag another name."""
    rename_tag(actor, tag_id, given.name)
