"""Printers that join the supplies programme and run low, and the mails of the desk."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.printers.reading import CounterName, Counters, Identity, PrinterReading, Status, Supply, SupplyKind
from domain.mail.delivery import claim_mail, send_mail
from domain.mail.models import OutgoingMail
from domain.tenancy import system_session, tenant_session
from fleet.managed_supplies.answers import answer_requests
from fleet.managed_supplies.joining import add_printers as join
from fleet.managed_supplies.listing import RequestFilter, list_requests_of_customers
from fleet.managed_supplies.models import RequestState
from fleet.printers.details import get_printer
from fleet.printers.models import MspStatus
from fleet.printers.readings import Observation, store_readings
from flows.managed_supplies import add_to_managed_supplies
from tests.support.supplies import SuppliesWorld


def refused(code: str) -> pytest.RaisesExc[PressroomError]:
    return pytest.RaisesExc(PressroomError, check=lambda error: error.code == code)


def deliver() -> None:
    """Send the mail that waits, as its own flow does."""
    with system_session(read_only=True) as session:
        waiting = list(session.scalars(select(OutgoingMail.id).where(OutgoingMail.ended.is_(None))))
    for mail_id in waiting:
        work = claim_mail(mail_id, "test")
        assert work is not None
        send_mail(work, lambda: None)


def words(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def toner(percent: int | None, serial: str = "", colour: str = "black") -> Supply:
    return Supply(
        f"toner-{colour}", SupplyKind.TONER, f"{colour.title()} toner", colour, serial, "T-100", percent=percent
    )


def read(world: SuppliesWorld, printer_id: str, *supplies: Supply) -> None:
    reading = PrinterReading(
        Identity(), Status(), Counters({CounterName.LIFE: 1200}), supplies, (), (), datetime.now(UTC)
    )
    with tenant_session(world.home) as session:
        store_readings(session, [Observation(printer_id, reading)])


def msp(world: SuppliesWorld, printer_id: str) -> MspStatus | None:
    return get_printer(world.customer, printer_id).view.msp


def members(world: SuppliesWorld, count: int = 1) -> list[str]:
    """Printers that asked and were accepted at the desk."""
    ids = world.printers(count)
    join(world.customer, ids, world.terms)
    add_to_managed_supplies.fn(world.home)
    pending = list_requests_of_customers(world.partner, RequestFilter(RequestState.PENDING))
    answer_requests(world.partner, [view.id for view in pending], accept=True)
    return ids
