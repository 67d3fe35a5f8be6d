"""Print jobs as the rest of the house sees them."""

from dataclasses import dataclass
from datetime import datetime

from connectors.documents.document import Document
from connectors.ipp.ticket import JobTicket
from domain.printing.models import PrintJob
from domain.printing.states import JobKind, JobSource, JobState
from domain.recorded_errors import ErrorView


@dataclass(frozen=True, slots=True)
class JobView:
    """One job. `number` is its job-id in IPP; `pages`, `is_color` and `sides` are None or empty until prepared."""

    id: str
    number: int
    user_id: str
    name: str
    description: str
    source: JobSource
    kind: JobKind
    state: JobState
    reason: ErrorView | None
    original: Document | None
    printable: Document | None
    preview: Document | None
    media_type: str
    size: int
    pages: int | None
    is_color: bool | None
    sides: str
    ticket: JobTicket
    submitted: datetime
    changed: datetime
    expires_at: datetime | None

    @classmethod
    def of(cls, job: PrintJob) -> "JobView":
        return cls(
            id=job.id,
            number=job.number,
            user_id=job.user_id,
            name=job.name,
            description=job.description,
            source=JobSource(job.source),
            kind=JobKind(job.kind),
            state=JobState(job.state),
            reason=ErrorView.of(job.reason),
            original=Document.model_validate(job.original) if job.original else None,
            printable=Document.model_validate(job.printable) if job.printable else None,
            preview=Document.model_validate(job.preview) if job.preview else None,
            media_type=job.media_type,
            size=job.size,
            pages=job.pages,
            is_color=job.is_color,
            sides=job.sides,
            ticket=JobTicket.model_validate(job.ticket),
            submitted=job.submitted,
            changed=job.changed,
            expires_at=job.expires_at,
        )
