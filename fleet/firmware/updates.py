"""Starting firmware updates (F-26): now or at a time in a zone, within a window, in stages, never down by accident."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from fleet.capabilities.models_table import model_key
from fleet.firmware.offers import offers_for
from fleet.operations.update_firmware import FirmwareTask
from fleet.printers.models import Printer
from fleet.tasks.kinds import TaskKind
from fleet.tasks.rollout import Rollout
from fleet.tasks.service import NewTask, start_fleet_task

MINUTES_EACH = 10
"""What one update is reckoned to take, for the hint about short windows."""
CHUNK = 500
NO_SUCH_ZONE = Fault(
    "firmware.no_such_zone",
    422,
    N_("There is no time zone “{zone}”."),
    N_("Choose one by its name, such as Europe/Stockholm."),
)
IN_THE_PAST = Fault(
    "firmware.in_the_past",
    422,
    N_("The start, {start}, has passed already."),
    N_("Choose a start in the future, in the time zone that is chosen with it."),
    spec="FL-309",
)
SHORT_WINDOW = N_(
    "The window of {minutes} minutes may be too short for {count} printers: about {needed} minutes are needed. "
    "Printers that are not begun when it closes are left as they are."
)


class UpdateTime(BaseModel):
    """When to update: name of the task, start and time zone, and for how long jobs may be started (FL-306)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=255)
    day: date
    at: time = Field(description="Without a zone: the time of day in `zone`.")
    zone: str = Field(max_length=64)
    window_minutes: int = Field(ge=10, le=7 * 24 * 60)


@dataclass(frozen=True, slots=True)
class FirmwareUpdate:
    """What is asked for. `image_id`: one image for all; None: what is offered for each model. `when` None: now."""

    image_id: str | None = None
    allow_downgrade: bool = False
    when: UpdateTime | None = None
    rollout: Rollout | None = None


def start_update(actor: Actor, printer_ids: Sequence[str], wanted: FirmwareUpdate) -> str:
    """Start an update of these printers; returns the task's id. What is offered now is what the task brings.

    Raises `NO_SUCH_ZONE`, `IN_THE_PAST`, and what `start_fleet_task` raises.
    """
    actor.need(Permission.FLEET_MANAGE)
    images = {} if wanted.image_id else _offered_now(actor, printer_ids)
    task = FirmwareTask(image_id=wanted.image_id, images=images, allow_downgrade=wanted.allow_downgrade)
    starts = starting(wanted.when) if wanted.when else None
    closes = starts + timedelta(minutes=wanted.when.window_minutes) if wanted.when and starts else None
    new = NewTask(
        TaskKind.UPDATE_FIRMWARE,
        task.model_dump(mode="json"),
        name=wanted.when.name if wanted.when else "",
        starts=starts,
        window_end=closes,
        rollout=wanted.rollout,
    )
    return start_fleet_task(actor, new, printer_ids)


def starting(when: UpdateTime) -> datetime:
    """The moment; a local time that does not exist is the next that does, of two equal ones it is the first."""
    try:
        zone = ZoneInfo(when.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise NO_SUCH_ZONE(zone=when.zone) from error
    moment = datetime.combine(when.day, when.at.replace(tzinfo=None, fold=0), zone).astimezone(ZoneInfo("UTC"))
    if moment <= now():
        raise IN_THE_PAST(start=f"{when.day} {when.at:%H:%M} {when.zone}")
    return moment


def window_hint(count: int, minutes: int) -> Message | None:
    """A warning where a window is short for that many printers (FL-308)."""
    rounds = -(-count // get_settings().fleet_in_flight)
    needed = rounds * MINUTES_EACH
    if needed <= minutes:
        return None
    return Message.of(SHORT_WINDOW, minutes=minutes, count=count, needed=needed)


def _offered_now(actor: Actor, printer_ids: Sequence[str]) -> dict[str, str]:
    """The image for each model of these printers, by model key."""
    offers = offers_for(actor.organization_id)
    ids = list(printer_ids)
    with actor.session(read_only=True) as session:
        models: set[str] = set()
        for start in range(0, len(ids), CHUNK):
            query = select(Printer.model).where(Printer.id.in_(ids[start : start + CHUNK])).distinct()
            models |= set(session.scalars(query))
    offered = {model_key(model): offers.of_model(model) for model in models}
    return {key: image.id for key, image in offered.items() if image is not None}
