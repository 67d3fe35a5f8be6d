"""What happens to printers that have just been enrolled: the first reading (F-10)."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from fleet.agents.models import Agent
from fleet.tasks.kinds import TaskKind
from fleet.tasks.operations import operations
from fleet.tasks.service import NewTask, add_fleet_task


def welcome(session: Session, agent: Agent, printer_ids: Sequence[str], user_id: str | None) -> None:
    """Ask the agent to read the newcomers at once."""
    if TaskKind.REFRESH in operations():
        add_fleet_task(session, agent.organization_id, user_id, NewTask(TaskKind.REFRESH), printer_ids)
