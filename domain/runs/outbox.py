"""Runs in the outbox: handing one to the engine, and finding those that it has had for too long."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.outbox.models import OutboxRow
from domain.outbox.service import enqueue
from domain.runs.models import Run, RunState

RUN_SOLUTION = "run-solution/run-solution"


def enqueue_run(session: Session, run: Run) -> None:
    """Ask the engine to run `run`; each attempt has a key of its own, the first is the run's id."""
    tags = [f"solution:{run.solution_name}", f"client:{run.client_type}", *(["dry-run"] if run.dry_run else [])]
    enqueue(
        session,
        run.organization_id,
        RUN_SOLUTION,
        key=run.id if run.attempt == 0 else f"{run.id}/{run.attempt}",
        name=f"{run.solution_name} · {run.original['name']}",
        parameters={"run_id": run.id},
        tags=tags,
    )


def flow_runs_of(session: Session, run_ids: list[str]) -> list[str]:
    """Ids of the engine's flow runs that these runs were handed to."""
    query = select(OutboxRow.flow_run_id).where(
        OutboxRow.parameters["run_id"].as_string().in_(run_ids), OutboxRow.flow_run_id.is_not(None)
    )
    return [flow_run_id for flow_run_id in session.scalars(query) if flow_run_id]


def queued_since(session: Session, limit: datetime) -> list[tuple[str, str]]:
    """Queued runs whose latest hand-over was before `limit`: run id and flow run id."""
    run_id = OutboxRow.parameters["run_id"].as_string()
    newest = select(func.max(OutboxRow.id)).group_by(run_id)
    query = (
        select(Run.id, OutboxRow.flow_run_id)
        .join(OutboxRow, run_id == Run.id)
        .where(Run.state == RunState.QUEUED, OutboxRow.id.in_(newest), OutboxRow.dispatched < limit)
        .limit(100)
    )
    return [(run, flow_run) for run, flow_run in session.execute(query) if flow_run]
