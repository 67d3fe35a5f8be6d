"""In which time zone printers stand: times of print policies are read in it (PR-91)."""

from collections.abc import Sequence
from zoneinfo import available_timezones

from sqlalchemy import update

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.printers.models import Printer

AT_ONCE = 500
UNKNOWN_ZONE = Fault(
    "printer.unknown_time_zone",
    422,
    N_("There is no time zone “{name}”."),
    N_("Choose one of the list, such as Europe/Stockholm."),
    spec="PR-91",
)


def set_time_zone(actor: Actor, printer_ids: Sequence[str], time_zone: str) -> None:
    """Say where printers stand; empty: where the organization is.

    Raises `ROLE_MISSING`, `UNKNOWN_ZONE`, or `NOT_FOUND` where one is no printer of the organization: nothing changes.
    """
    actor.need(Permission.FLEET_MANAGE)
    if time_zone and time_zone not in available_timezones():
        raise UNKNOWN_ZONE(name=time_zone)
    ids = sorted(set(printer_ids))
    with actor.session() as session:
        for start in range(0, len(ids), AT_ONCE):
            part = ids[start : start + AT_ONCE]
            moved = update(Printer).where(Printer.id.in_(part)).values(time_zone=time_zone)
            if len(session.execute(moved.returning(Printer.id)).all()) != len(part):
                raise NOT_FOUND(what="printer")
        only = ids[0] if len(ids) == 1 else ""
        facts: Facts = {"time_zone": time_zone, "printers": len(ids)}
        record(session, actor, "printer.time_zone_set", "printer", only, facts)
