"""Finding printers of our own make by words, to choose some of them for a command."""

from sqlalchemy import or_, select

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.printers.models import Printer

SHOWN = 100


def find_printers(actor: Actor, search: str) -> list[tuple[str, str, str]]:
    """Id, address with serial number, and model of printers with all the words, at most a hundred by address."""
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        query = select(Printer.id, Printer.address, Printer.serial_number, Printer.model).where(Printer.is_vendor)
        for word in search.split():
            columns = Printer.address, Printer.serial_number, Printer.model, Printer.host_name, Printer.name
            query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
        found = session.execute(query.order_by(Printer.address, Printer.id).limit(SHOWN))
        return [(one, f"{address} · {serial}", model) for one, address, serial, model in found]
