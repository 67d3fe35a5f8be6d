"""How far many runs are at once, for those who watch them: one look for all of them, whoever they belong to.

Who may see a run is asked before it is watched (`get_run`).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from domain.runs.models import Run, StepRun
from domain.runs.views import RunDetails, RunView, StepView
from domain.tenancy import system_session

AT_A_TIME = 500
UNSEEN = 0
"""The mark of a run that was not looked at yet."""
Marks = Mapping[str, int]
"""Something that is another number as soon as anything has changed, by the run's id."""


def changed_runs(marks: Marks) -> tuple[dict[str, RunDetails], Marks]:
    """Which of these runs changed since the marks were made, and the marks of now; a run that is gone has none.

    Details are without deliveries.
    """
    with system_session(read_only=True) as session:
        found: dict[str, int] = {}
        ids = list(marks)
        for start in range(0, len(ids), AT_A_TIME):
            found |= _marks(session, ids[start : start + AT_A_TIME])
        changed = [id_ for id_, mark in found.items() if marks[id_] != mark]
        return _details(session, changed), found


def _marks(session: Session, ids: Collection[str]) -> dict[str, int]:
    parts: dict[str, list[Any]] = {}
    runs = select(Run.id, Run.state, Run.cancel_requested, Run.attempt).where(Run.id.in_(ids))
    for id_, *facts in session.execute(runs):
        parts[id_] = facts
    steps = (
        select(
            *(StepRun.run_id, StepRun.position, StepRun.branch, StepRun.state, StepRun.attempts),
            *(StepRun.progress_done, StepRun.progress_total, cast(StepRun.message, String)),
        )
        .where(StepRun.run_id.in_(ids))
        .order_by(StepRun.run_id, StepRun.position, StepRun.branch)
    )
    for run_id, *facts in session.execute(steps):
        if run_id in parts:
            parts[run_id] += facts
    return {id_: hash(tuple(facts)) for id_, facts in parts.items()}


def _details(session: Session, ids: Collection[str]) -> dict[str, RunDetails]:
    if not ids:
        return {}
    steps: dict[str, list[StepView]] = defaultdict(list)
    rows = select(StepRun).where(StepRun.run_id.in_(ids)).order_by(StepRun.position, StepRun.branch)
    for row in session.scalars(rows):
        steps[row.run_id].append(StepView.of(row))
    runs = session.scalars(select(Run).where(Run.id.in_(ids)))
    return {run.id: RunDetails(RunView.of(run), tuple(steps[run.id]), ()) for run in runs}
