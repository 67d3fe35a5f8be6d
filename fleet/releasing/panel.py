"""What somebody who stands at a printer sees and changes: what the panel offers, the jobs, and their settings."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from connectors.ipp.ticket import JobTicket
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.printing.changes import check_ticket
from domain.printing.content import delete_content
from domain.printing.evaluation import Changes
from domain.printing.jobs import find_job, move
from domain.printing.models import PrintRemoval
from domain.printing.settings import print_settings
from domain.printing.states import RELEASABLE, JobState
from domain.printing.views import JobView
from fleet.releasing.features import Feature
from fleet.releasing.printers import ReleasePrinter, release_printer
from fleet.releasing.queue import chosen_jobs, need_release, oldest_first, releasable_jobs


@dataclass(frozen=True, slots=True)
class PanelOffer:
    """What the panel of a printer lets people do, by its apps and the organization's settings (PR-54, section 20).

    `grace_seconds`: so long Cancel is shown before auto-release begins.
    """

    printer: ReleasePrinter
    change_copies: bool
    print_and_keep: bool
    auto_release: bool
    oldest_first: bool
    grace_seconds: int
    delegation: bool


def panel_offer(organization_id: str, session: Session, named: str) -> PanelOffer:
    """What the printer of that id or serial number offers; raises `NOT_FOUND`."""
    printer = release_printer(session, named)
    settings = print_settings(session, organization_id)
    jobs, features = settings.jobs, printer.features
    return PanelOffer(
        printer=printer,
        change_copies=jobs.change_copies_enabled and Feature.CHANGE_COPIES in features,
        print_and_keep=jobs.print_and_keep_enabled and Feature.PRINT_AND_KEEP in features,
        auto_release=jobs.auto_release_enabled and Feature.AUTO_RELEASE in features,
        oldest_first=oldest_first(settings, printer),
        grace_seconds=jobs.auto_release_grace_seconds,
        delegation=jobs.delegation_enabled and Feature.FULL_PANEL in features,
    )


def jobs_at_printer(actor: Actor, printer_id: str = "", owner_id: str = "") -> list[JobView]:
    """The actor's jobs that can be released, as a printer lists them, or a phone without one.

    With `owner_id` those of somebody whose delegate they are (PR-170). Raises `ROLE_MISSING` or `NOT_FOUND`.
    """
    need_release(actor)
    with actor.session(read_only=True) as session:
        printer = release_printer(session, printer_id) if printer_id else None
        return [JobView.of(job) for job in releasable_jobs(session, actor, printer, owner_id)]


def change_settings(actor: Actor, job_id: str, changes: Changes) -> JobView:
    """Keep changes of one job for whenever it is released (PR-192, PR-193, PR-224).

    Raises the faults of `chosen_jobs` and of `check_ticket`.
    """
    need_release(actor)
    with actor.session() as session:
        [job] = chosen_jobs(session, actor, [job_id])
        ticket = changes.applied_to(JobTicket.model_validate(job.ticket))
        check_ticket(session, job, ticket)
        job.ticket = ticket.chosen()
        session.flush()
        return JobView.of(job)


def delete_jobs(actor: Actor, job_ids: Collection[str]) -> int:
    """Delete jobs that wait, for good; how many there were. Raises the faults of `chosen_jobs`: then none is."""
    need_release(actor)
    deleted = []
    with actor.session() as session:
        for job in chosen_jobs(session, actor, job_ids):
            if move(session, job.id, RELEASABLE, JobState.CANCELED, content_deleted=now()):
                deleted.append(job.id)
                session.add(_removal(session, job.id))
        if deleted:
            record(session, actor, "print_job.deleted", "print_job", deleted[0], {"jobs": len(deleted)})
    delete_content(actor.organization_id, deleted)
    return len(deleted)


def _removal(session: Session, job_id: str) -> PrintRemoval:
    job = find_job(session, job_id)
    return PrintRemoval(job_id=job.id, user_id=job.user_id, how="deleted", pages=job.pages or 0)
