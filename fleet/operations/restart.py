"""Restarting printers (F-12)."""

from fleet.tasks.kinds import TaskKind
from fleet.tasks.operations import Operation

OPERATIONS = (Operation(TaskKind.RESTART),)
