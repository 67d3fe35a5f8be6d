"""The jobs of a fleet task as a CSV file: those that pass the filter, what came of them and why (FL-318, FL-499)."""

from collections.abc import Callable, Iterable, Iterator

from connectors.messages import N_, Message
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.printers.csv_rows import csv_pieces
from fleet.tasks.kinds import KINDS
from fleet.tasks.listing import JobFilter, JobView, every_job, get_fleet_task
from fleet.tasks.status import JOB_TITLES

Say = Callable[..., str]
TITLES = (
    N_("Printer or agent"),
    N_("Organization"),
    N_("Task id"),
    N_("Task"),
    N_("Status"),
    N_("Reason"),
    N_("Warnings"),
    N_("Remarks"),
    N_("Created"),
    N_("Sent"),
    N_("Ended"),
)


def export_jobs(actor: Actor, task_id: str, chosen: JobFilter, say: Say) -> Iterator[str]:
    """The file in pieces; raises `NOT_FOUND` and is recorded before the first piece is asked for."""
    actor.need(Permission.FLEET_MANAGE)
    task = get_fleet_task(actor, task_id)
    with actor.session() as session:
        record(session, actor, "fleet_task.exported", "fleet_task", task_id)
    title = say(KINDS[task.kind].title)
    rows = (_row(job, job.organization or task.organization, title, say) for job in every_job(actor, task_id, chosen))
    return csv_pieces([say(one) for one in TITLES], rows)


def _row(job: JobView, organization: str, title: str, say: Say) -> list[str]:
    moments = (job.created, job.delivered, job.finished)
    return [
        job.subject,
        organization,
        job.task_id,
        title,
        say(JOB_TITLES[job.status]),
        _sentences([job.reason] if job.reason else [], say),
        _sentences(job.warnings, say),
        _sentences(job.remarks, say),
        *(moment.isoformat(timespec="seconds") if moment else "" for moment in moments),
    ]


def _sentences(messages: Iterable[Message], say: Say) -> str:
    return " ".join(say(message.template, **message.facts) for message in messages)
