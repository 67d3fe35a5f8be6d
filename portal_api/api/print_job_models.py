"""Print jobs, delegates and history as the API shows them."""

from datetime import datetime

from pydantic import BaseModel, Field

from connectors.ipp.ticket import JobTicket
from domain.printing.changes import Deletion, unavailable_settings
from domain.printing.history import ReleaseView
from domain.printing.queue import QueueOwner
from domain.printing.states import JobKind, JobSource, JobState
from domain.printing.views import JobView
from domain.texts.catalogue import translate_error
from portal_api.api.error_models import ErrorPublic


class PrintJobPublic(BaseModel):
    """One job of a print queue. `pages`, `is_color` and `sides` are known once it was prepared; `size` in bytes.

    `number` is its job-id in IPP. `reason`: why it was not accepted, failed, or came back from the printer.
    `unavailable` names the settings that this job cannot have (PR-110).
    """

    id: str
    number: int
    user_id: str
    name: str
    description: str
    source: JobSource
    kind: JobKind
    state: JobState
    reason: ErrorPublic | None
    media_type: str
    size: int
    pages: int | None
    is_color: bool | None
    sides: str
    ticket: JobTicket
    unavailable: list[str]
    has_preview: bool
    submitted: datetime
    expires_at: datetime | None

    @classmethod
    def of(cls, job: JobView, locale: str) -> "PrintJobPublic":
        return cls(
            id=job.id,
            number=job.number,
            user_id=job.user_id,
            name=job.name,
            description=job.description,
            source=job.source,
            kind=job.kind,
            state=job.state,
            reason=ErrorPublic.of(job.reason, locale),
            media_type=job.media_type,
            size=job.size,
            pages=job.pages,
            is_color=job.is_color,
            sides=job.sides,
            ticket=job.ticket,
            unavailable=sorted(unavailable_settings(job)),
            has_preview=job.preview is not None,
            submitted=job.submitted,
            expires_at=job.expires_at,
        )


class PrintJobPage(BaseModel):
    """Some jobs of a queue. `next` is the `after` of the following page, null on the last."""

    items: list[PrintJobPublic]
    next: str | None


class UploadedFile(BaseModel):
    """What became of one file of an upload: its job, or why it was not taken in."""

    name: str
    job: PrintJobPublic | None
    error: ErrorPublic | None


class UploadResult(BaseModel):
    """What became of the files, in the order in which they were sent."""

    items: list[UploadedFile]


class PrintJobUpdate(BaseModel):
    """New settings of a held job; what is left out stays. `ticket` replaces the whole ticket."""

    description: str | None = Field(None, max_length=1000)
    ticket: JobTicket | None = None


class PrintJobsChosen(BaseModel):
    """Jobs by their ids."""

    ids: list[str] = Field(min_length=1, max_length=500)


class PrintJobDeletion(BaseModel):
    """What became of one job that was to be deleted."""

    id: str
    deleted: bool
    error: ErrorPublic | None

    @classmethod
    def of(cls, one: Deletion, locale: str) -> "PrintJobDeletion":
        error = None
        if one.error is not None:
            message, remedy = translate_error(one.error, locale)
            error = ErrorPublic(code=one.error.code, message=message, remedy=remedy)
        return cls(id=one.job_id, deleted=error is None, error=error)


class QueueOwnerPublic(BaseModel):
    """Somebody with a print queue and how many jobs are in it."""

    user_id: str
    name: str
    email: str
    jobs: int

    @classmethod
    def of(cls, owner: QueueOwner) -> "QueueOwnerPublic":
        return cls.model_validate(owner, from_attributes=True)


class ReleasePublic(BaseModel):
    """One line of the print history (PR-179). `released_by` is set where a delegate released the job."""

    id: str
    job_id: str
    job_name: str
    source: JobSource | None
    impressions: int
    pages: int
    copies: int
    is_color: bool
    is_duplex: bool
    printer_name: str
    printer_address: str
    released: datetime
    released_by: str

    @classmethod
    def of(cls, release: ReleaseView) -> "ReleasePublic":
        return cls.model_validate(release, from_attributes=True)


class ReleasePage(BaseModel):
    """Some releases, the latest first. `next` is the `after` of the following page, null on the last."""

    items: list[ReleasePublic]
    next: str | None
