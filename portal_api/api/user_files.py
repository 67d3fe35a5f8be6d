"""People by file: import and export in one format (AC-95…AC-110, AC-200)."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.people.export import export_people
from domain.people.import_file import BAD_HEADER, LIMIT, NO_ROWS, NOT_TEXT, WRONG_TYPE
from domain.people.import_file import TOO_LARGE as FILE_TOO_LARGE
from domain.people.imports import start_import
from domain.runs.planning import TOO_LARGE
from portal_api.access import needs
from portal_api.api.users import Chosen
from portal_api.multipart_form import BAD_FORM, FILE_MISSING
from portal_api.problems import documented
from portal_api.uploads import file_form, received_upload

router = APIRouter(prefix="/users", tags=["users"])
Importer = Annotated[Actor, needs(Permission.USERS_IMPORT)]
LINKS = "Send people whom the file creates a link to set a password (AC-98)."
FORM = file_form(send_links={"type": "boolean", "default": False, "description": LINKS})


class ImportStarted(BaseModel):
    """An import that was taken in."""

    task_id: str = Field(description="The background task that does its rows.")


@router.post(
    "/imports",
    operation_id="import_users",
    status_code=202,
    openapi_extra=FORM,
    responses=documented(TOO_LARGE, FILE_TOO_LARGE, WRONG_TYPE, NOT_TEXT, BAD_HEADER, NO_ROWS, FILE_MISSING, BAD_FORM),
)
async def import_users(request: Request, actor: Importer, response: Response) -> ImportStarted:
    """Create, change and delete people by a CSV file; follow the task at the address in Location."""
    async with received_upload(request, get_settings().scratch_folder, LIMIT) as upload:
        content = await run_in_threadpool(upload.path.read_bytes)
        links = upload.fields.get("send_links", "").strip().lower() in ("true", "1", "on")
        task_id = await run_in_threadpool(start_import, actor, upload.name, content, send_links=links)
    response.headers["Location"] = f"/api/v1/tasks/{task_id}"
    return ImportStarted(task_id=task_id)


@router.get(
    "/export",
    operation_id="export_users",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def export_users(actor: Importer, chosen: Chosen) -> StreamingResponse:
    """The people whom the filters let through, as a CSV file that imports read; without passwords."""
    headers = {"Content-Disposition": 'attachment; filename="people.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(export_people(actor, chosen), media_type="text/csv; charset=utf-8", headers=headers)
