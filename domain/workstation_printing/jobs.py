"""Hybrid jobs come into the queue: what is known of them, while their content stays where it is (F-17, PR-247)."""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from connectors.documents.file_names import safe_file_name
from connectors.errors import Fault
from connectors.ipp.ticket import JobTicket
from connectors.messages import N_
from connectors.secrets import encrypt
from connectors.settings import get_settings
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.print_quotas.own import check_may_print
from domain.printing.models import PrintJob
from domain.printing.preparation import submission_fact
from domain.printing.settings import print_settings
from domain.printing.states import JobKind, JobSource, JobState
from domain.printing.submission import default_ticket, known_job
from domain.printing.views import JobView
from domain.tenancy import new_id
from domain.workstation_printing.callers import NOT_A_WORKSTATION, CallingNode
from domain.workstation_printing.models import HybridCopy, HybridJob, PrintNode
from domain.workstation_printing.outbox import enqueue_replication
from domain.workstation_printing.states import CopyState
from steps.node_work import NodeKind

CONFLICT = Fault(
    "hybrid_job.conflict",
    409,
    N_("“{name}” was told before under the same number, with another content."),
    N_("Print the document again; the computer may have been put back to an older state."),
)
TOO_MANY_PAGES = Fault(
    "hybrid_job.too_many_pages",
    422,
    N_("“{name}” has {pages} pages; a print job may have {limit}."),
    N_("Print it in parts."),
    spec="PR-134",
)


@dataclass(frozen=True, slots=True)
class HybridSubmission:
    """A job that waits at a workstation. `local_id` is its number there; told again, it stays the same job.

    `size` and `sha256` are those of the sealed content, `key` (base64) opens it.
    """

    local_id: str
    name: str
    key: str
    size: int
    sha256: str
    media_type: str
    pages: int
    is_color: bool
    sides: str
    ticket: JobTicket = field(default_factory=JobTicket)
    client_version: str = ""


def register_hybrid_job(caller: CallingNode, given: HybridSubmission) -> JobView:
    """Put a job into the queue of whoever is signed in at the workstation.

    Raises `ROLE_MISSING`, `PRINTING_DISABLED`, `TOO_MANY_PAGES`, `CONFLICT`, `NOT_A_WORKSTATION`.
    """
    actor = caller.person()
    if caller.kind is not NodeKind.WORKSTATION:
        raise NOT_A_WORKSTATION()
    actor.need(Permission.HYBRID_SUBMIT)
    check_may_print(actor)
    limit = get_settings().print_max_pages
    if given.pages > limit:
        raise TOO_MANY_PAGES(name=given.name, pages=given.pages, limit=limit)
    key = f"hybrid/{caller.id}/{given.local_id}"
    with actor.session() as session:
        session.get_one(PrintNode, caller.id, with_for_update=True)  # one after the other: told twice, it is one job
        if (known := known_job(session, key)) is not None:
            _check_same(session, known, given)
            return JobView.of(known)
        settings = print_settings(session, actor.organization_id)
        storage = settings.hybrid_storage
        moment = now()
        job = PrintJob(
            id=new_id(),
            organization_id=actor.organization_id,
            user_id=actor.user_id,
            submission_key=key,
            name=safe_file_name(given.name),
            source=JobSource.HYBRID,
            kind=JobKind.HYBRID,
            state=JobState.HELD,
            media_type=given.media_type,
            size=given.size,
            pages=given.pages,
            is_color=given.is_color,
            sides=given.sides,
            ticket=given.ticket.over(default_ticket(session, actor.user_id)).chosen(),
            client={"type": "workstation", "version": given.client_version[:64], "node": caller.id},
            submitted=moment,
            held=moment,
            expires_at=moment + settings.jobs.retention_unreleased.length,
        )
        session.add(job)
        session.flush()
        wanted = storage.copies if storage.enabled else 0
        session.add(
            HybridJob(
                organization_id=actor.organization_id,
                job_id=job.id,
                node_id=caller.id,
                local_id=given.local_id,
                sha256=given.sha256,
                size=given.size,
                key=encrypt({"key": given.key}),
                wanted=wanted,
                is_short=wanted > 0,
            )
        )
        session.add(
            HybridCopy(
                organization_id=actor.organization_id,
                job_id=job.id,
                node_id=caller.id,
                is_primary=True,
                state=CopyState.STORED,
            )
        )
        session.add(submission_fact(session, job, settings))
        if wanted:
            enqueue_replication(session, actor.organization_id, job.id)
        session.flush()
        return JobView.of(job)


def _check_same(session: Session, known: PrintJob, given: HybridSubmission) -> None:
    kept = session.get(HybridJob, known.id)
    if kept is not None and kept.sha256 != given.sha256:
        raise CONFLICT(name=given.name)
