"""Who scans at a printer: itself, if it has asked for orders lately, or else our worker over the network."""

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.organizations.models import now
from domain.scanning.models import ScanDevice
from domain.scanning.states import ScanWay
from domain.tenancy import system_session

NOTED_EVERY = timedelta(seconds=60)
"""How exactly it is known when a printer last asked: not every poll writes."""
STILL_ASKS = timedelta(seconds=180)
"""A printer that has not asked for so long does not do so any more: longest poll, pause and `NOTED_EVERY` together."""
FORGOTTEN = timedelta(days=1)


def way_of(session: Session, printer_id: str) -> ScanWay:
    """Who is to scan at the printer now."""
    asked = (ScanDevice.printer_id == printer_id) & (ScanDevice.asked > now() - STILL_ASKS)
    found = session.scalar(select(ScanDevice.printer_id).where(asked))
    return ScanWay.DEVICE if found is not None else ScanWay.NETWORK


def note_asked(session: Session, printer_id: str) -> None:
    """The printer asks for orders by itself."""
    device = session.get(ScanDevice, printer_id)
    if device is None:
        try:
            with session.begin_nested():
                session.add(ScanDevice(printer_id=printer_id))
        except IntegrityError:
            return  # it asks twice at the same time
    elif device.asked < now() - NOTED_EVERY:
        session.execute(update(ScanDevice).where(ScanDevice.printer_id == printer_id).values(asked=now()))


def forget_devices() -> None:
    """Forget printers that have not asked for a day."""
    with system_session() as session:
        session.execute(delete(ScanDevice).where(ScanDevice.asked < now() - FORGOTTEN))
