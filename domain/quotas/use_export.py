"""Every single use as CSV, with exactly the columns that the report is to have (SQ-96…SQ-98)."""

import csv
import io
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import Row, tuple_

from connectors.spreadsheets import BYTE_ORDER_MARK
from domain.organizations.actor import Actor
from domain.organizations.models import User, UserStatus
from domain.quotas.models import LedgerEntry
from domain.quotas.report_scope import Period, Uses, organization_scope, organizations_scope
from domain.tenancy import system_session
from steps.contract import Service
from steps.registry import step_kinds

COLUMNS = ("date of use", "operation", "page count", "department", "cost center", "user e-mail", "client type")
UNKNOWN = "unknown"
AT_A_TIME = 2000
OPERATIONS = {Service.TRANSLATION: "translation", Service.REDACTION: "redaction", Service.OCR: "OCR"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a cell a formula in spreadsheet programs: names of departments come from people."""


def organization_csv(actor: Actor, period: Period, organization_id: str | None = None) -> Iterator[str]:
    """The uses of one organization, oldest first, in pieces of CSV. Who may read it is checked at once."""
    with system_session(read_only=True) as session:
        scope = organization_scope(session, actor, period, organization_id)
    return _pieces(scope.uses, scope.zone)


def organizations_csv(actor: Actor, period: Period) -> Iterator[str]:
    """The uses of the partner and all its customers."""
    with system_session(read_only=True) as session:
        scope = organizations_scope(session, actor, period)
    return _pieces(scope.uses, scope.zone)


def _pieces(uses: Uses, zone: ZoneInfo) -> Iterator[str]:
    yield BYTE_ORDER_MARK + _csv([COLUMNS])
    for rows in _batches(uses):
        yield _csv([_cells(row, zone) for row in rows])


def _batches(uses: Uses) -> Iterator[list[Row[tuple[LedgerEntry, str, str]]]]:
    """Some uses at a time, each time in a transaction of its own: none lasts as long as a slow reader."""
    query = (
        uses.add_columns(User.email, User.status)
        .outerjoin(User, User.id == LedgerEntry.user_id)
        .order_by(LedgerEntry.closed, LedgerEntry.id)
        .limit(AT_A_TIME)
    )
    following = query
    while True:
        with system_session(read_only=True) as session:
            rows = list(session.execute(following).all())
        yield rows
        if len(rows) < AT_A_TIME:
            return
        last: LedgerEntry = rows[-1][0]
        following = query.where(tuple_(LedgerEntry.closed, LedgerEntry.id) > (last.closed, last.id))


def _cells(row: Row[tuple[LedgerEntry, str, str]], zone: ZoneInfo) -> tuple[str, ...]:
    entry, email, status = row
    return (
        (entry.closed or entry.at).astimezone(zone).date().isoformat(),
        _operation(entry),
        str(entry.pages) if entry.service is not None else UNKNOWN,
        entry.department,
        entry.cost_center,
        "" if status in (None, UserStatus.DELETED) else email,
        entry.client_type,
    )


def _operation(entry: LedgerEntry) -> str:
    """The service, or else the kind of step; unknown for a kind that is not installed any more."""
    if entry.service is not None:
        return OPERATIONS[Service(entry.service)]
    return entry.operation.replace("_", " ") if entry.operation in step_kinds() else UNKNOWN


def _csv(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([[f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row] for row in rows])
    return text.getvalue()
