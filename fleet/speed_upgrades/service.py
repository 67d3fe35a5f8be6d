"""Speed upgrades: what a code would do to a printer, everything that stands in its way, and the deployment (F-30)."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_, Message
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.agents.models import Agent
from fleet.printers.models import Printer
from fleet.speed_upgrades.licence import Licence, check_licence, read_licence
from fleet.speed_upgrades.models import UsedLicence
from fleet.tasks.gates import refusals
from fleet.tasks.kinds import TaskKind
from fleet.tasks.service import NewTask, start_fleet_task

USED = Fault(
    "speed_upgrade.used",
    409,
    N_("The licence code has been used."),
    N_("Every code works once: enter another one."),
    spec="FL-412",
)
NOT_NOW = Fault(
    "speed_upgrade.refused",
    409,
    N_("The printer cannot be upgraded: {reasons}"),
    N_("Do what the reasons say, and try again."),
    spec="FL-409",
)


@dataclass(frozen=True, slots=True)
class SpeedReview:
    """What the dialog shows before it deploys (FL-410). `reasons` are all that stand in the way, not only the first."""

    serial_number: str
    model: str
    speed: int | None
    new_model: str
    new_speed: int
    reasons: tuple[Message, ...]


def review_upgrade(actor: Actor, printer_id: str, code: str) -> SpeedReview:
    """What the code does to the printer; raises `NOT_FOUND`, `USED`, and the faults of the module `licence`."""
    actor.need(Permission.FLEET_PRINT_SPEED)
    with actor.session(read_only=True) as session:
        return _review(session, printer_id, read_licence(code))


def deploy_upgrade(actor: Actor, printer_id: str, code: str) -> str:
    """Start the task over one printer; returns its id. Raises what `review_upgrade` raises, and `NOT_NOW`."""
    actor.need(Permission.FLEET_PRINT_SPEED)
    licence = read_licence(code)
    with actor.session(read_only=True) as session:
        reasons = _review(session, printer_id, licence).reasons
    if reasons:
        raise NOT_NOW(reasons=" ".join(str(reason) for reason in reasons))
    parameters = {"code": licence.code, "slower": licence.slower, "faster": licence.faster}
    return start_fleet_task(actor, NewTask(TaskKind.SPEED_UPGRADE, parameters), [printer_id])


def _review(session: Session, printer_id: str, licence: Licence) -> SpeedReview:
    printer = session.scalar(select(Printer).where(Printer.id == printer_id))
    if printer is None:
        raise NOT_FOUND(what="printer")
    check_licence(licence, printer.serial_number, printer.pages_per_minute)
    if session.scalar(select(UsedLicence.id).where(UsedLicence.code == licence.code)) is not None:
        raise USED()
    agent = session.get(Agent, printer.agent_id) if printer.agent_id else None
    found = refusals(TaskKind.SPEED_UPGRADE, printer, agent)
    return SpeedReview(
        serial_number=printer.serial_number,
        model=printer.model,
        speed=printer.pages_per_minute,
        new_model=_faster_model(printer.model, licence),
        new_speed=licence.faster,
        reasons=tuple(refusal.reason for refusal in found),
    )


def _faster_model(model: str, licence: Licence) -> str:
    """Models that can be upgraded end in their speed; the printer tells its true name afterwards (FL-410)."""
    ending = str(licence.slower)
    return f"{model.removesuffix(ending)}{licence.faster}" if model.endswith(ending) else model
