"""The jobs of one's own print queue (SC-86a, PR-105)."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from domain.printing.service import queued_jobs
from domain.printing.states import JobKind, JobSource, JobState
from domain.printing.views import JobView
from portal_api.access import Anyone

router = APIRouter(prefix="/print-jobs", tags=["print jobs"])


class PrintJobPublic(BaseModel):
    """One job of a print queue. `pages`, `is_color` and `sides` are known once it was prepared; `size` in bytes."""

    id: str
    name: str
    description: str
    source: JobSource
    kind: JobKind
    state: JobState
    media_type: str
    size: int
    pages: int | None
    is_color: bool | None
    sides: str
    submitted: datetime
    expires_at: datetime | None

    @classmethod
    def of(cls, job: JobView) -> "PrintJobPublic":
        return cls.model_validate(job, from_attributes=True)


@router.get("", operation_id="list_held_print_jobs")
def list_held_print_jobs(actor: Anyone) -> list[PrintJobPublic]:
    """The actor's own jobs that wait or are being printed, oldest first."""
    return [PrintJobPublic.of(job) for job in queued_jobs(actor)]
