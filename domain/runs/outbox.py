"""Runs in the outbox: handing one to the engine, and finding those that it has had for too long."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.outbox.service import enqueue, flow_runs_with, last_hand_overs
from domain.runs.models import Run, RunState

RUN_SOLUTION = "run-solution/run-solution"


def enqueue_run(session: Session, run: Run, not_before: datetime | None = None) -> None:
    """Ask the engine to run `run`, now or then; each attempt has a key of its own, the first is the run's id."""
    of = "destination" if run.scan_destination_id else "solution"
    tags = [f"{of}:{run.solution_name}", f"client:{run.client_type}", *(["dry-run"] if run.dry_run else [])]
    tags += [f"printer:{run.printer_name}"] if run.printer_name else []
    enqueue(
        session,
        run.organization_id,
        RUN_SOLUTION,
        key=run.id if run.attempt == 0 else f"{run.id}/{run.attempt}",
        name=f"{run.solution_name} · {run.original['name']}",
        parameters={"run_id": run.id},
        tags=tags,
        not_before=not_before,
    )


def flow_runs_of(session: Session, run_ids: list[str]) -> list[str]:
    """Ids of the engine's flow runs that these runs were handed to, oldest first."""
    return flow_runs_with(session, "run_id", run_ids)


def queued_since(session: Session, limit: datetime) -> list[tuple[str, str]]:
    """Queued runs whose latest hand-over was before `limit`: run id and flow run id."""
    handed = last_hand_overs("run_id", limit)
    query = (
        select(Run.id, handed.c.flow_run_id)
        .join(handed, handed.c.value == Run.id)
        .where(Run.state == RunState.QUEUED)
        .limit(100)
    )
    return [(run, flow_run) for run, flow_run in session.execute(query) if flow_run]
