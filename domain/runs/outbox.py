"""The outbox: what the engine is to start, written in the same transaction as the record that causes it.

If Prefect is down the row waits; nothing is lost. A row is handed to Prefect under its `key`, so that handing it over
twice starts one flow run.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from domain.organizations.models import now
from domain.runs.models import OutboxRow, Run, RunState

RUN_SOLUTION = "run-solution/run-solution"
LONGEST_WAIT = timedelta(minutes=1)
KEPT = timedelta(days=2)


def enqueue_run(session: Session, run: Run) -> None:
    """Ask the engine to run `run`; each attempt has a key of its own, the first is the run's id."""
    key = run.id if run.attempt == 0 else f"{run.id}/{run.attempt}"
    session.add(
        OutboxRow(
            organization_id=run.organization_id,
            deployment=RUN_SOLUTION,
            key=key,
            name=f"{run.solution_name} · {run.original['name']}"[:512],
            parameters={"run_id": run.id},
            tags=[
                f"organization:{run.organization_id}",
                f"solution:{run.solution_name}",
                f"client:{run.client_type}",
                *(["dry-run"] if run.dry_run else []),
            ],
        )
    )


def waiting_rows(session: Session, limit: int = 50) -> list[OutboxRow]:
    """Rows due now, oldest first. Two dispatchers may see the same row: its key makes that harmless."""
    query = (
        select(OutboxRow)
        .where(OutboxRow.dispatched.is_(None), OutboxRow.available <= now())
        .order_by(OutboxRow.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def mark_dispatched(session: Session, row_id: int, flow_run_id: str) -> None:
    """The engine has it."""
    session.execute(update(OutboxRow).where(OutboxRow.id == row_id).values(dispatched=now(), flow_run_id=flow_run_id))


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


def postpone(session: Session, row_id: int) -> None:
    """The engine did not take the row: try again later, with growing pauses up to a minute."""
    row = session.get_one(OutboxRow, row_id)
    row.tries += 1
    row.available = now() + min(timedelta(seconds=0.5 * 2 ** min(row.tries, 10)), LONGEST_WAIT)


def forget_dispatched(session: Session) -> None:
    """Remove rows that were handed over long ago."""
    session.execute(delete(OutboxRow).where(OutboxRow.dispatched < now() - KEPT))
