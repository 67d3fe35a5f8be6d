"""Checking printers for what keeps them from being managed (section 37): the result is the job's components."""

from fleet.tasks.kinds import TaskKind
from fleet.tasks.operations import Operation

OPERATIONS = (Operation(TaskKind.CHECK_PRINTER),)
