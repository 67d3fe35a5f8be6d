"""A task's status follows from its jobs' (FL-488…FL-496, A-32)."""

import pytest

from fleet.tasks.status import JobStatus as J
from fleet.tasks.status import TaskStatus as T
from fleet.tasks.status import task_status

CASES = [
    ({J.PENDING: 3}, T.PENDING),
    ({J.PENDING: 1, J.COMPLETED: 1}, T.IN_PROGRESS),
    ({J.IN_PROGRESS: 1}, T.IN_PROGRESS),
    ({J.NOT_SUPPORTED: 2}, T.NOT_SUPPORTED),
    ({J.NOT_COMMUNICATING: 2}, T.NOT_COMMUNICATING),
    ({J.COMPLETED: 1, J.FAILED: 1}, T.COMPLETED_WITH_ERRORS),
    ({J.STOPPED: 1, J.EXPIRED: 1}, T.COMPLETED_WITH_ERRORS),
    ({J.COMPLETED: 1, J.NOT_SUPPORTED: 1}, T.COMPLETED_WITH_ERRORS),
    ({J.FAILED: 1, J.NOT_SUPPORTED: 1}, T.FAILED),
    ({J.EXPIRED: 2}, T.FAILED),
    ({J.NOT_COMMUNICATING: 1, J.NOT_SUPPORTED: 1}, T.FAILED),
    ({J.COMPLETED: 2, J.STOPPED: 1}, T.COMPLETED),
    ({J.STOPPED: 2}, T.COMPLETED),
    ({J.COMPLETED: 1, J.FAILED: 0}, T.COMPLETED),
    ({}, T.COMPLETED),
]


@pytest.mark.parametrize(("counts", "status"), CASES)
def test_by_counts(counts: dict[J, int], status: T) -> None:
    assert task_status(counts, warnings=False, remarks=False) is status


def test_warnings_and_remarks_of_completed_jobs() -> None:
    done = {J.COMPLETED: 2}
    assert task_status(done, warnings=True, remarks=True) is T.COMPLETED_WITH_WARNING
    assert task_status(done, warnings=False, remarks=True) is T.COMPLETED_WITH_INFORMATION
    assert task_status({J.COMPLETED: 1, J.FAILED: 1}, warnings=True, remarks=True) is T.COMPLETED_WITH_ERRORS
