"""Delivery contacts: to whom supplies of printers are sent (FL-455…FL-462)."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.runs.planning import TOO_LARGE
from domain.tasks.models import TaskState
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate_message
from fleet.managed_supplies import contact_file
from fleet.managed_supplies.addresses import VALUE_FAULTS, ContactForm
from fleet.managed_supplies.contact_import import (
    ENDED,
    ImportReport,
    cancel_contact_import,
    import_report,
    start_contact_import,
)
from fleet.managed_supplies.contacts import (
    ASSIGNED,
    CONTACT_EXISTS,
    NO_DEFAULT,
    ContactFilter,
    ContactView,
    assign_contact,
    change_contact,
    create_contact,
    delete_contact,
    get_contact,
    list_contacts,
    make_default,
)
from fleet.printers.selection import selected_ids
from portal_api.access import needs
from portal_api.api.cursor import BAD_CURSOR, cursor, key_of
from portal_api.api.printer_models import Selection
from portal_api.api.reader import ReaderLocale
from portal_api.multipart_form import BAD_FORM, FILE_MISSING
from portal_api.problems import documented
from portal_api.uploads import received_upload

router = APIRouter(prefix="/delivery-contacts", tags=["managed supplies"])
Manager = Annotated[Actor, needs(Permission.FLEET_MANAGE)]
Text = Annotated[str, Query(max_length=255)]
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class ContactPublic(ContactForm):
    """A delivery contact. `is_default`: assigned where none is named; `printers`: how many it is assigned to."""

    id: str
    is_default: bool
    printers: int

    @classmethod
    def of(cls, view: ContactView) -> "ContactPublic":
        return cls(**view.form.model_dump(), id=view.id, is_default=view.is_default, printers=view.printers)


class ContactPage(BaseModel):
    """Some contacts, by last and first name. `next` is the `after` of the following page, null on the last."""

    items: list[ContactPublic]
    next: str | None


class AssignedPublic(BaseModel):
    """How many printers have the contact now."""

    printers: int


class ContactImportStarted(BaseModel):
    """The import; its id is that of the background task that adds the contacts."""

    id: str


class ExistingContactPublic(BaseModel):
    """A row whose contact there was already."""

    row: int
    first_name: str
    last_name: str


class InvalidValuePublic(BaseModel):
    """A value that is missing or not valid; `column` is empty where the row has another number of values."""

    row: int
    column: str
    reason: str


class RowRangePublic(BaseModel):
    """Rows that were not imported, and why: `cancelled` by a person, or `system_error`."""

    first: int
    last: int
    cause: str


class ContactImportPublic(BaseModel):
    """What became of the rows of a file so far (FL-461)."""

    state: TaskState
    rows: int
    done: int
    imported: int
    existing: list[ExistingContactPublic]
    invalid: list[InvalidValuePublic]
    not_imported: list[RowRangePublic]

    @classmethod
    def of(cls, report: ImportReport, locale: str) -> "ContactImportPublic":
        return cls(
            state=report.state,
            rows=report.rows,
            done=report.done,
            imported=report.imported,
            existing=[
                ExistingContactPublic(row=one.row, first_name=one.first_name, last_name=one.last_name)
                for one in report.existing
            ],
            invalid=[
                InvalidValuePublic(row=one.row, column=one.column, reason=translate_message(one.reason, locale))
                for one in report.invalid
            ],
            not_imported=[
                RowRangePublic(first=one.first, last=one.last, cause=one.cause) for one in report.not_imported
            ],
        )


@router.get("", operation_id="list_delivery_contacts", responses=documented(BAD_CURSOR))
def list_all(
    actor: Manager,
    search: Annotated[Text, Query(description="In names and companies.")] = "",
    company: Text = "",
    city: Text = "",
    after: Annotated[str, Query(max_length=2000, description="The `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ContactPage:
    """The organization's contacts."""
    found = list_contacts(actor, ContactFilter(search, company, city, key_of(after), limit))
    following = cursor(found[-1].key) if len(found) == limit else None
    return ContactPage(items=[ContactPublic.of(view) for view in found], next=following)


@router.post(
    "", operation_id="create_delivery_contact", status_code=201, responses=documented(CONTACT_EXISTS, *VALUE_FAULTS)
)
def create(actor: Manager, given: ContactForm) -> ContactPublic:
    """Make a contact; the first one is the default."""
    return ContactPublic.of(get_contact(actor, create_contact(actor, given.model_dump())))


@router.get("/sample", operation_id="get_delivery_contact_sample", response_class=PlainTextResponse)
def sample(_actor: Manager) -> PlainTextResponse:
    """A file to begin an import with: all columns in their order, and one contact."""
    headers = {"Content-Disposition": 'attachment; filename="delivery-contacts.csv"'}
    return PlainTextResponse(contact_file.sample_file(), headers=headers, media_type="text/csv; charset=utf-8")


@router.post(
    "/imports",
    operation_id="start_delivery_contact_import",
    status_code=202,
    openapi_extra=FORM,
    responses=documented(
        TOO_LARGE,
        contact_file.WRONG_TYPE,
        contact_file.NOT_TEXT,
        contact_file.BAD_HEADER,
        contact_file.EMPTY,
        contact_file.TOO_MANY,
        FILE_MISSING,
        BAD_FORM,
    ),
)
async def start_import(request: Request, actor: Manager, response: Response) -> ContactImportStarted:
    """Add the contacts of a CSV file in the background; follow the import at the address in Location (F-39)."""
    async with received_upload(request, get_settings().scratch_folder, contact_file.LARGEST) as upload:
        content = await run_in_threadpool(upload.path.read_bytes)
        task_id = await run_in_threadpool(start_contact_import, actor, upload.name, content)
    response.headers["Location"] = f"/api/v1/delivery-contacts/imports/{task_id}"
    return ContactImportStarted(id=task_id)


@router.get("/imports/{import_id}", operation_id="get_delivery_contact_import", responses=documented(NOT_FOUND))
def read_import(actor: Manager, import_id: str, locale: ReaderLocale) -> ContactImportPublic:
    """What became of the rows so far."""
    return ContactImportPublic.of(import_report(actor, import_id), locale)


@router.post(
    "/imports/{import_id}/cancel",
    operation_id="cancel_delivery_contact_import",
    status_code=204,
    responses=documented(NOT_FOUND, ENDED),
)
def cancel_import(actor: Manager, import_id: str) -> None:
    """Do no further row; what was added stays."""
    cancel_contact_import(actor, import_id)


@router.post(
    "/default/printers",
    operation_id="assign_default_delivery_contact",
    responses=documented(NOT_FOUND, NO_DEFAULT),
)
def assign_default(actor: Manager, given: Selection) -> AssignedPublic:
    """Have the supplies of printers sent to the default contact."""
    return AssignedPublic(printers=assign_contact(actor, "", selected_ids(actor, given.selection())))


@router.get("/{contact_id}", operation_id="get_delivery_contact", responses=documented(NOT_FOUND))
def read(actor: Manager, contact_id: str) -> ContactPublic:
    """One contact."""
    return ContactPublic.of(get_contact(actor, contact_id))


@router.put(
    "/{contact_id}",
    operation_id="update_delivery_contact",
    responses=documented(NOT_FOUND, CONTACT_EXISTS, *VALUE_FAULTS),
)
def update(actor: Manager, contact_id: str, given: ContactForm) -> ContactPublic:
    """Change a contact; orders that are not placed yet go there too."""
    change_contact(actor, contact_id, given.model_dump())
    return ContactPublic.of(get_contact(actor, contact_id))


@router.delete(
    "/{contact_id}",
    operation_id="delete_delivery_contact",
    status_code=204,
    responses=documented(NOT_FOUND, ASSIGNED),
)
def delete(actor: Manager, contact_id: str) -> None:
    """Delete a contact that no printer has."""
    delete_contact(actor, contact_id)


@router.post("/{contact_id}/default", operation_id="make_delivery_contact_default", responses=documented(NOT_FOUND))
def choose_default(actor: Manager, contact_id: str) -> ContactPublic:
    """Make it the one that is assigned where none is named."""
    make_default(actor, contact_id)
    return ContactPublic.of(get_contact(actor, contact_id))


@router.post("/{contact_id}/printers", operation_id="assign_delivery_contact", responses=documented(NOT_FOUND))
def assign(actor: Manager, contact_id: str, given: Selection) -> AssignedPublic:
    """Have the supplies of printers sent to this contact."""
    return AssignedPublic(printers=assign_contact(actor, contact_id, selected_ids(actor, given.selection())))
