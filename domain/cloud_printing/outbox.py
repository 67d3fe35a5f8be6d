"""Registrations at the print service of an identity cloud in the outbox."""

from datetime import datetime

from sqlalchemy.orm import Session

from domain.cloud_printing.models import CloudPrinter
from domain.outbox.service import enqueue
from domain.tenancy import new_id

REGISTER = "register-universal-printer/register-universal-printer"


def enqueue_registration(session: Session, row: CloudPrinter, due: datetime | None = None) -> None:
    """Have the registration brought to the state that it is to have, now or when it is due (F-29)."""
    enqueue(
        session,
        row.organization_id,
        REGISTER,
        key=f"cloud-printer/{row.organization_id}/{new_id()[:12]}",
        name="universal print",
        parameters={"organization_id": row.organization_id},
        not_before=due,
    )
