"""People with print queues, and jobs in them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.printing.models import PrintJob
from domain.printing.states import JobKind, JobSource, JobState
from domain.tenancy import new_id, tenant_session


def add_held(owner: Actor, name: str = "a.pdf", **values: Any) -> str:
    """A held job without content; returns its id."""
    return add_many(owner, 1, name=name, **values)[0]


def add_many(owner: Actor, count: int, **values: Any) -> list[str]:
    """Many of them at once, submitted a second after each other up to now."""
    moment = now()
    rows = [_row(owner, number, moment - timedelta(seconds=count - number), values) for number in range(count)]
    with tenant_session(owner.organization_id) as session:
        for start in range(0, count, 1000):
            session.execute(insert(PrintJob), rows[start : start + 1000])
    return [row["id"] for row in rows]


def _row(owner: Actor, number: int, submitted: datetime, values: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "organization_id": owner.organization_id,
        "user_id": owner.user_id,
        "submission_key": new_id(),
        "name": f"Document {number:06}.pdf",
        "source": JobSource.WEB,
        "kind": JobKind.CLOUD,
        "state": JobState.HELD,
        "media_type": "application/pdf",
        "size": 1000 + number,
        "pages": number % 7 + 1,
        "is_color": True,
        "sides": "one-sided",
        "submitted": submitted,
        "held": submitted,
        "expires_at": submitted + timedelta(days=3),
        **values,
    }
