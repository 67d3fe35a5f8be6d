"""Statuses of jobs and tasks, and how a task's follows from its jobs' (FL-482…FL-497, A-32)."""

from collections.abc import Mapping
from enum import StrEnum

from connectors.messages import N_


class JobStatus(StrEnum):
    """Where a job is (FL-482…FL-487), with the two outcomes of FL-497."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"
    EXPIRED = "expired"
    NOT_COMMUNICATING = "not_communicating"
    NOT_SUPPORTED = "not_supported"

    @property
    def is_final(self) -> bool:
        return self not in OPEN


class TaskStatus(StrEnum):
    """Where a task is (FL-488…FL-494)."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    COMPLETED_WITH_INFORMATION = "completed_with_information"
    COMPLETED_WITH_WARNING = "completed_with_warning"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    FAILED = "failed"
    NOT_COMMUNICATING = "not_communicating"
    NOT_SUPPORTED = "not_supported"

    @property
    def is_final(self) -> bool:
        return self not in (TaskStatus.PENDING, TaskStatus.IN_PROGRESS)


OPEN = (JobStatus.PENDING, JobStatus.IN_PROGRESS)
GOOD = (JobStatus.COMPLETED, JobStatus.STOPPED)
JOB_TITLES = {
    JobStatus.PENDING: N_("Pending"),
    JobStatus.IN_PROGRESS: N_("In progress"),
    JobStatus.COMPLETED: N_("Completed"),
    JobStatus.FAILED: N_("Failed"),
    JobStatus.STOPPED: N_("Stopped"),
    JobStatus.EXPIRED: N_("Expired"),
    JobStatus.NOT_COMMUNICATING: N_("Not communicating"),
    JobStatus.NOT_SUPPORTED: N_("Not supported"),
}
TASK_TITLES = {
    TaskStatus.PENDING: N_("Pending"),
    TaskStatus.IN_PROGRESS: N_("In progress"),
    TaskStatus.COMPLETED: N_("Completed"),
    TaskStatus.COMPLETED_WITH_INFORMATION: N_("Completed with information"),
    TaskStatus.COMPLETED_WITH_WARNING: N_("Completed with warning"),
    TaskStatus.COMPLETED_WITH_ERRORS: N_("Completed with errors"),
    TaskStatus.FAILED: N_("Failed"),
    TaskStatus.NOT_COMMUNICATING: N_("Printer not communicating"),
    TaskStatus.NOT_SUPPORTED: N_("Not supported"),
}


def task_status(counts: Mapping[JobStatus, int], *, warnings: bool, remarks: bool) -> TaskStatus:
    """The task's status by how many jobs it has of each status, and whether any carries a warning or a remark."""
    present = {status for status, count in counts.items() if count}
    if not present:
        return TaskStatus.COMPLETED
    if present & set(OPEN):
        return TaskStatus.PENDING if present == {JobStatus.PENDING} else TaskStatus.IN_PROGRESS
    if present == {JobStatus.NOT_SUPPORTED}:
        return TaskStatus.NOT_SUPPORTED
    if present == {JobStatus.NOT_COMMUNICATING}:
        return TaskStatus.NOT_COMMUNICATING
    if not present & set(GOOD):
        return TaskStatus.FAILED
    if present - set(GOOD):
        return TaskStatus.COMPLETED_WITH_ERRORS
    if warnings:
        return TaskStatus.COMPLETED_WITH_WARNING
    return TaskStatus.COMPLETED_WITH_INFORMATION if remarks else TaskStatus.COMPLETED
