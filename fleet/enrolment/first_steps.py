"""What happens to printers that have just been enrolled: the default configuration, then the first reading."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.agents.models import Agent
from fleet.configurations.deployment import deploy_default
from fleet.printers.models import Printer
from fleet.tasks.kinds import TaskKind
from fleet.tasks.service import NewTask, add_fleet_task


def welcome(session: Session, agent: Agent, printer_ids: Sequence[str], user_id: str | None) -> None:
    """Give newcomers the default configuration (F-22), and have them read at once (F-10)."""
    printers = session.scalars(select(Printer).where(Printer.id.in_(printer_ids)).order_by(Printer.id)).all()
    deploy_default(session, agent.organization_id, printers)
    add_fleet_task(session, agent.organization_id, user_id, NewTask(TaskKind.REFRESH), printer_ids)
