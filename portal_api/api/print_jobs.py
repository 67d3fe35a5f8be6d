"""Documents that wait in one's own cloud print queue (SC-86a)."""

from fastapi import APIRouter
from pydantic import BaseModel

from domain.printing.service import held_jobs
from portal_api.access import Anyone
from portal_api.api.document_models import DocumentPublic

router = APIRouter(prefix="/print-jobs", tags=["print jobs"])


class HeldJobPublic(BaseModel):
    """One document that waits to be released at a printer."""

    id: str
    document: DocumentPublic


@router.get("", operation_id="list_held_print_jobs")
def list_held_print_jobs(actor: Anyone) -> list[HeldJobPublic]:
    """The actor's held jobs, oldest first."""
    return [HeldJobPublic(id=job_id, document=DocumentPublic.of(document)) for job_id, document in held_jobs(actor)]
