"""What people do with jobs in a queue: other settings, deletion, and the defaults of jobs to come (PR-107…PR-113)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.ipp.ticket import JobTicket
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.printing.jobs import WRONG_STATE, move
from domain.printing.models import PrintDefaults, PrintJob, search_key
from domain.printing.queue import own_job, queue_owner
from domain.printing.queue_pages import REFUSED
from domain.printing.removal import removal_fact, remove_content
from domain.printing.settings import print_settings
from domain.printing.states import INCOMING, RELEASABLE, JobState
from domain.printing.views import JobView

COPIES_FIXED = Fault(
    "print_job.copies_fixed",
    409,
    N_("The number of copies of “{name}” cannot be changed any more."),
    N_("Your organization wants it so. Send the document again with the right number of copies."),
    spec="PR-27",
)
SETTING_UNAVAILABLE = Fault(
    "print_job.setting_unavailable",
    409,
    N_("“{name}” came in a form for which {settings} cannot be set."),
    N_("Send the document itself, such as a PDF, instead of what a driver made of it."),
    spec="PR-110",
)
MOST_AT_ONCE = 500

RASTERS = frozenset({"image/pwg-raster", "image/urf"})
OF_RASTERS = frozenset({"number_up", "number_up_direction", "orientation", "page_ranges"})
"""What nobody can do any more to pages that a driver has drawn already."""


@dataclass(frozen=True, slots=True)
class JobChange:
    """New settings of a job; None leaves them. `ticket` is the whole ticket, not a part of it."""

    description: str | None = None
    ticket: JobTicket | None = None


@dataclass(frozen=True, slots=True)
class Deletion:
    """What became of one job that was to be deleted: `error` says why it is still there."""

    job_id: str
    error: PressroomError | None = None


def unavailable_settings(job: JobView) -> frozenset[str]:
    """Settings that this job cannot have, by their names in a `JobTicket`; pages show them disabled (PR-110).

    Those of hybrid jobs are kept here as well: the node that prints one is told them then, so that a change waits for
    no computer (PR-116).
    """
    found = OF_RASTERS if job.media_type in RASTERS else frozenset()
    return found | {"color_mode"} if job.is_color is False else frozenset(found)


def closed_settings(actor: Actor, job: JobView) -> frozenset[str]:
    """What nobody can change of it now: what it cannot have, and copies where the organization fixes them (PR-27)."""
    with actor.session(read_only=True) as session:
        may_change_copies = print_settings(session, actor.organization_id).jobs.change_copies_enabled
    return unavailable_settings(job) if may_change_copies else unavailable_settings(job) | {"copies"}


def change_job(actor: Actor, job_id: str, change: JobChange) -> JobView:
    """Change the settings of a held job; raises `NOT_FOUND`, `WRONG_STATE`, `COPIES_FIXED`, `SETTING_UNAVAILABLE`."""
    with actor.session() as session:
        job = own_job(session, actor, job_id)
        if change.ticket is not None:
            check_ticket(session, job, change.ticket)
        values = dict(_values(change))
        fields = sorted(values)
        if change.description is not None:
            values["search_key"] = search_key(job.name, change.description)
        held = (PrintJob.id == job_id) & PrintJob.state.in_(RELEASABLE)
        changed = update(PrintJob).where(held).values(**values, changed=now()).returning(PrintJob.number)
        if session.execute(changed).first() is None:
            session.refresh(job)
            raise WRONG_STATE(name=job.name, state=str(job.state))
        record(session, actor, "print_job.changed", "print_job", job_id, {"fields": fields})
        session.refresh(job)
        return JobView.of(job)


def delete_jobs(actor: Actor, job_ids: Sequence[str]) -> list[Deletion]:
    """Delete jobs and their content at once, each by itself: one at a printer or unknown keeps no other (PR-107)."""
    results, emptied = [], []
    with actor.session() as session:
        for job_id in dict.fromkeys(job_ids):
            try:
                _delete(session, actor, job_id)
            except PressroomError as error:
                results.append(Deletion(job_id, error))
            else:
                results.append(Deletion(job_id))
                emptied.append(job_id)
        if emptied:
            target = emptied[0] if len(emptied) == 1 else ""
            record(session, actor, "print_job.deleted", "print_job", target, {"jobs": len(emptied)})
    remove_content(actor.organization_id, emptied)
    return results


def delete_job(actor: Actor, job_id: str) -> None:
    """Delete one job; raises `NOT_FOUND`, or `WRONG_STATE` while it is at a printer."""
    [result] = delete_jobs(actor, [job_id])
    if result.error is not None:
        raise result.error


def get_defaults(actor: Actor, user_id: str = "") -> JobTicket:
    """What incoming jobs of the actor (or of `user_id`) get where they choose nothing (PR-111)."""
    with actor.session(read_only=True) as session:
        row = session.get(PrintDefaults, queue_owner(session, actor, user_id))
        return JobTicket.model_validate(row.ticket) if row is not None else JobTicket()


def set_defaults(actor: Actor, ticket: JobTicket, user_id: str = "") -> JobTicket:
    """Set them, for jobs that come from now on (PR-112)."""
    with actor.session() as session:
        owner_id = queue_owner(session, actor, user_id)
        row = session.get(PrintDefaults, owner_id)
        if row is None:
            session.add(PrintDefaults(user_id=owner_id, ticket=ticket.chosen()))
        else:
            row.ticket = ticket.chosen()
        record(session, actor, "print_defaults.changed", "user", owner_id, {"fields": sorted(ticket.chosen())})
    return ticket


def _values(change: JobChange) -> Mapping[str, object]:
    found: dict[str, object] = {}
    if change.description is not None:
        found["description"] = change.description
    if change.ticket is not None:
        found["ticket"] = change.ticket.chosen()
    return MappingProxyType(found)


def check_ticket(session: Session, job: PrintJob, ticket: JobTicket) -> None:
    """Raise `COPIES_FIXED` or `SETTING_UNAVAILABLE` where the job cannot have these settings (PR-27, PR-193).

    A document without colour stays as it is: black and white may be asked for, since nothing is changed by it.
    """
    before, after = JobTicket.model_validate(job.ticket).chosen(), ticket.chosen()
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    if "copies" in changed and not print_settings(session, job.organization_id).jobs.change_copies_enabled:
        raise COPIES_FIXED(name=job.name)
    if after.get("color_mode") == "monochrome":
        changed.discard("color_mode")
    if refused := changed & unavailable_settings(JobView.of(job)):
        raise SETTING_UNAVAILABLE(name=job.name, settings=", ".join(sorted(refused)))


def _delete(session: Session, actor: Actor, job_id: str) -> None:
    job = own_job(session, actor, job_id)
    if job.state in REFUSED:
        session.execute(delete(PrintJob).where(PrintJob.id == job_id))
        return
    if move(session, job_id, [JobState.HELD], JobState.CANCELED):
        session.add(removal_fact(job, "deleted"))
    elif not move(session, job_id, INCOMING | {JobState.KEPT}, JobState.CANCELED):
        session.refresh(job)
        raise WRONG_STATE(name=job.name, state=str(job.state))
