"""Rolling a task out in stages: a few printers first, and the rest only while what was tried has gone well."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from domain.organizations.models import now
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.status import OPEN, JobStatus

MOST_STAGES = 10
WHOLE = 100
HALTED = N_("The rollout was halted: {failed} of {tried} printers have failed, more than {limit} percent.")


class Rollout(BaseModel):
    """`percentages` of all printers that are reached with each stage, the last is 100.

    After each stage the rollout is halted if more than `most_failures` percent of the printers that were tried have
    failed. Those that were silent or cannot do it say nothing about whether it goes well, and are not counted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    percentages: tuple[int, ...] = Field(min_length=1, max_length=MOST_STAGES)
    most_failures: int = Field(10, ge=0, le=WHOLE)

    @model_validator(mode="after")
    def _ascend(self) -> Self:
        rising = all(before < after for before, after in zip(self.percentages, self.percentages[1:], strict=False))
        if not rising or self.percentages[0] < 1 or self.percentages[-1] != WHOLE:
            raise ValueError("percentages have to rise from at least 1 to 100")
        return self

    def stages(self, count: int) -> list[int]:
        """The stage of each of `count` printers in their order; every stage has one at least while there are any."""
        ends = [max(stage + 1, -(-count * percent // WHOLE)) for stage, percent in enumerate(self.percentages)]
        stages: list[int] = []
        for stage, end in enumerate(ends):
            stages += [stage] * (min(end, count) - len(stages))
        return stages


def advance_rollout(session: Session, task: FleetTask) -> bool:
    """Open the next stage once the open ones are done, or stop what is left; returns whether a stage was opened."""
    if task.rollout is None or task.finished is not None:
        return False
    rollout = Rollout.model_validate(task.rollout)
    opened = False
    while task.stage < len(rollout.percentages) - 1:
        counts = _counts(session, task)
        if any(counts.get(status) for status in OPEN):
            break
        failed = counts.get(JobStatus.FAILED, 0) + counts.get(JobStatus.EXPIRED, 0)
        tried = failed + counts.get(JobStatus.COMPLETED, 0)
        if failed * WHOLE > tried * rollout.most_failures:
            reason = Message.of(HALTED, failed=failed, tried=tried, limit=rollout.most_failures)
            _halt(session, task, reason)
            return False
        task.stage += 1
        opened = True
    session.flush()
    return opened


def _counts(session: Session, task: FleetTask) -> Mapping[JobStatus, int]:
    query = select(Job.status, func.count()).where(Job.task_id == task.id, Job.stage <= task.stage)
    return {JobStatus(status): count for status, count in session.execute(query.group_by(Job.status))}


def _halt(session: Session, task: FleetTask, reason: Message) -> None:
    waiting = update(Job).where(Job.task_id == task.id, Job.status == JobStatus.PENDING)
    session.execute(waiting.values(status=JobStatus.STOPPED, finished=now(), reason=reason.model_dump()))
