"""What people write down about a printer: asset tag, place, contact, name and description (FL-217, FL-226)."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.printers.models import Printer

TITLES = {
    "asset_tag": N_("Asset tag"),
    "location": N_("Location"),
    "contact": N_("Contact information"),
    "name": N_("Printer name"),
    "description": N_("Description"),
}
LIMITS = {name: 1000 if name == "description" else 255 for name in TITLES}
BAD_VALUE = Fault(
    "printer.bad_value",
    422,
    N_("“{field}” is too long, or holds characters that cannot be shown."),
    N_("Use at most {limit} characters, without control characters."),
)


def change_identification(actor: Actor, printer_id: str, given: Mapping[str, str]) -> None:
    """Write down other values; raises `NOT_FOUND`, `BAD_VALUE`. Names are those of `TITLES`."""
    actor.need(Permission.FLEET_MANAGE)
    values = {name: _checked(name, value) for name, value in given.items()}
    with actor.session() as session:
        printer = printer_row(session, printer_id)
        changed = [name for name, value in values.items() if getattr(printer, name) != value]
        for name in changed:
            setattr(printer, name, values[name])
        if changed:
            record(session, actor, "printer.changed", "printer", printer.id, {"fields": sorted(changed)})


def printer_row(session: Session, printer_id: str) -> Printer:
    """The printer of that id in the session's organization; raises `NOT_FOUND`."""
    printer = session.scalar(select(Printer).where(Printer.id == printer_id))
    if printer is None:
        raise NOT_FOUND(what="printer")
    return printer


def _checked(name: str, value: str) -> str:
    value = " ".join(value.split())
    if len(value) > LIMITS[name] or not (value.isprintable() or not value):
        raise BAD_VALUE(field=TITLES[name], limit=LIMITS[name])
    return value
