"""What a worker may lose (runs, background tasks, mail, print jobs, releases): how it is found and queued again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from domain.mail import delivery as mail
from domain.print_mail import fetching
from domain.print_mail import work as print_mail
from domain.printing import preparation
from domain.runs import execution as runs
from domain.runs import outbox as run_outbox
from domain.tasks import execution as tasks
from domain.tasks import outbox as task_outbox
from fleet.releasing import execution as releases


@dataclass(frozen=True, slots=True)
class LeasedWork:
    """One kind of work under a lease; everything is told by the work's id.

    `release_lost` and `requeue_expired` queue again what a dead process held or what shows no sign of life,
    `unclaimed` names what the engine has had for too long (id and flow run id). Work of which one flow run takes
    whatever waits has no flow run of its own: the last three then keep to their defaults.
    """

    noun: str
    release_lost: Callable[[str], list[str]]
    requeue_expired: Callable[[], list[str]]
    unclaimed: Callable[[], list[tuple[str, str]]] = list
    requeue_unclaimed: Callable[[str], bool] = bool
    flow_runs_of: Callable[[Session, list[str]], list[str]] = lambda _session, _ids: []


LEASED: Sequence[LeasedWork] = (
    LeasedWork(
        "run",
        runs.release_lost,
        runs.requeue_expired,
        runs.unclaimed_runs,
        runs.requeue_unclaimed,
        run_outbox.flow_runs_of,
    ),
    LeasedWork(
        "task",
        tasks.release_lost,
        tasks.requeue_expired,
        tasks.unclaimed_tasks,
        tasks.requeue_unclaimed,
        task_outbox.flow_runs_of,
    ),
    LeasedWork(
        "mail",
        mail.release_lost,
        mail.requeue_expired,
        mail.unclaimed_mail,
        mail.requeue_unclaimed,
        mail.flow_runs_of,
    ),
    LeasedWork("print job", preparation.release_lost, preparation.requeue_missed),
    LeasedWork(
        "print mail",
        print_mail.release_lost,
        print_mail.requeue_expired,
        print_mail.unclaimed_messages,
        print_mail.requeue_unclaimed,
        print_mail.flow_runs_of,
    ),
    LeasedWork("print mailbox", fetching.release_lost, fetching.requeue_missed),
    LeasedWork("print release", releases.release_lost, releases.requeue_missed),
)


def release_lost(owner: str) -> list[str]:
    """A worker process died: queue everything again whose lease it held; returns the ids."""
    return [one for work in LEASED for one in work.release_lost(owner)]
