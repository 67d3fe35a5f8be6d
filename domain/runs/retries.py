"""Runs that are kept and tried again when their delivery fails for now (SCAN-117)."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connectors.errors import PressroomError, is_transient
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.organizations.models import now
from domain.recorded_errors import error_record
from domain.runs.models import Run, RunState
from domain.runs.outbox import enqueue_run

LONGEST_PAUSE = timedelta(hours=1)
TRIED_AGAIN = N_("The document is kept and sent again by itself in {minutes} min.")
MOST_DOUBLINGS = 12


def retry_until() -> datetime:
    """Until when a run that begins now is tried again."""
    return now() + timedelta(hours=get_settings().scan_give_up_hours)


def postponed(session: Session, run: Run, error: PressroomError | None) -> Message | None:
    """Queue a run again that failed with what may pass, later and later; None where it has ended for good.

    Its error stays, so that people see the reason. `session` holds the run's row.
    """
    if error is None or not is_transient(error) or run.retry_until is None or run.cancel_requested:
        return None
    pause = min(
        timedelta(seconds=get_settings().scan_retry_seconds * 2 ** min(run.attempt, MOST_DOUBLINGS)), LONGEST_PAUSE
    )
    if now() + pause > run.retry_until:
        return None
    run.attempt += 1
    run.state, run.error, run.next_attempt = RunState.QUEUED, error_record(error), now() + pause
    enqueue_run(session, run, not_before=run.next_attempt)
    return Message.of(TRIED_AGAIN, minutes=max(1, round(pause.total_seconds() / 60)))
