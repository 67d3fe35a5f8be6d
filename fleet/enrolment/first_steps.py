"""What happens to newly enrolled printers: the first reading, and the default configuration (F-10, F-22)."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.agents.models import Agent
from fleet.configurations.deployment import deploy_default
from fleet.printers.models import Printer
from fleet.tasks.kinds import TaskKind
from fleet.tasks.service import NewTask, add_fleet_task


def welcome(session: Session, agent: Agent, printer_ids: Sequence[str], user_id: str | None) -> None:
    """Ask the agent to read the newcomers at once, and then to deploy the default configuration.

    The jobs of a printer run one after the other: its framework is known when the configuration is looked at (FL-501).
    """
    add_fleet_task(session, agent.organization_id, user_id, NewTask(TaskKind.REFRESH), printer_ids)
    session.flush()
    printers = session.scalars(select(Printer).where(Printer.id.in_(printer_ids))).all()
    deploy_default(session, agent.organization_id, printers)
