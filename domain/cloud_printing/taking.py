"""Taking what was printed at the service into its owners' queues (F-1 for universal print, PR-290).

A job is answered only once it is in the queue. Whatever happens in between, it is looked at again under the same key,
so it is neither lost nor doubled.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import structlog
from sqlalchemy import select

from connectors.cloud_print import CloudPrintService
from connectors.cloud_print.service import CloudDocument, CloudJob
from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import get_settings
from domain.cloud_printing.lease import claim, free, hold
from domain.cloud_printing.models import CloudPrinter, RegistrationState
from domain.cloud_printing.registration import open_service
from domain.organizations.actor import Actor, actor_for
from domain.organizations.models import NO_ACCOUNT, User
from domain.printing.states import JobSource
from domain.printing.submission import Client, Submission, check_may_submit, submit_file
from domain.recorded_errors import error_record
from domain.tenancy import system_session, tenant_session
from domain.texts.catalogue import SOURCE_LANGUAGE, translate, translate_error

UNKNOWN_OWNER = Fault(
    "cloud_print.unknown_owner",
    403,
    N_("Nobody of the organization has the e-mail address “{owner}”."),
    N_("Administrators: add the person, or correct their e-mail address."),
    spec="PR-287",
)
NO_DOCUMENT = Fault(
    "cloud_print.no_document",
    422,
    N_("“{name}” came without a document."),
    N_("Print it again."),
)
HELD = N_("It is in your print queue: release it at a printer.")
CLIENT = Client(type="universal print")
MB = 1 << 20
log = structlog.get_logger(__name__)


def registered_organizations() -> list[str]:
    """The organizations whose queue is registered."""
    query = select(CloudPrinter.organization_id).where(CloudPrinter.state == RegistrationState.REGISTERED)
    with system_session(read_only=True) as session:
        return list(session.scalars(query.order_by(CloudPrinter.organization_id)))


def take_jobs(organization_id: str) -> int:
    """Take what waits at the service; returns how many jobs were answered. Trouble is noted, and gone when it is."""
    claimed = claim(organization_id, (RegistrationState.REGISTERED,))
    if claimed is None:
        return 0
    error: PressroomError | None = None
    count = 0
    try:
        with open_service(organization_id) as service:
            for job in service.waiting_jobs(claimed.places):
                count += _taken(organization_id, service, job)
                hold(organization_id)
    except PressroomError as found:
        log.warning("jobs of a cloud printer cannot be taken", organization_id=organization_id, code=found.code)
        error = found
    finally:
        free(organization_id)
    _note(organization_id, error)
    return count


def _taken(organization_id: str, service: CloudPrintService, job: CloudJob) -> bool:
    """Take one job or refuse it; what may pass leaves it for the next time."""
    locale = SOURCE_LANGUAGE
    try:
        owner = _owner(organization_id, job)
        locale = owner.locale
        for document, submission in _submissions(job):
            _submit(service, owner, job, document, submission)
    except PressroomError as error:
        if error.transient:
            log.warning("a job of a cloud printer waits", organization_id=organization_id, code=error.code)
            return False
        service.refuse(job, " ".join(translate_error(error, locale)))
        return True
    service.accept(job, translate(HELD, locale))
    return True


def _submissions(job: CloudJob) -> Sequence[tuple[CloudDocument, Submission]]:
    if not job.documents:
        raise NO_DOCUMENT(name=job.name)
    return [
        (
            one,
            Submission(
                one.name if len(job.documents) > 1 else job.name,
                JobSource.UNIVERSAL_PRINT,
                ticket=job.ticket,
                client=CLIENT,
                key=f"universal-print/{job.id}/{one.id}",
            ),
        )
        for one in job.documents
    ]


def _submit(
    service: CloudPrintService, owner: Actor, job: CloudJob, document: CloudDocument, submission: Submission
) -> None:
    settings = get_settings()
    check_may_submit(owner, submission.source)
    settings.scratch_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="universal-", dir=settings.scratch_folder) as folder:
        path = Path(folder) / "document"
        service.fetch(job, document, path, settings.print_max_mb * MB)
        submit_file(owner, submission, path)


def _owner(organization_id: str, job: CloudJob) -> Actor:
    """Whoever has printed it; raises `UNKNOWN_OWNER` or `ACCOUNT_ENDED`."""
    with tenant_session(organization_id, read_only=True) as session:
        user = session.scalar(select(User).where(User.email == job.owner, User.status.not_in(NO_ACCOUNT)))
        if user is None or not job.owner:
            raise UNKNOWN_OWNER(owner=job.owner)
        return actor_for(session, user)


def _note(organization_id: str, error: PressroomError | None) -> None:
    with tenant_session(organization_id) as session:
        row = session.get(CloudPrinter, organization_id, with_for_update=True)
        if row is not None and row.state == RegistrationState.REGISTERED:
            row.error = error_record(error) if error is not None else None
