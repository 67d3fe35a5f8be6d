"""Messages of 48 hours on printers that do not drop them by themselves: the portal clears them in time (FL-251).

Printers of our own make do that alone. On others a job takes the message away; where it could not be done, or the
printer is silent, it is tried again a day later, and as soon as the printer communicates.
"""

from datetime import timedelta
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.organizations.models import now
from fleet.printers.models import Communication, Printer
from fleet.tasks.kinds import TaskKind
from fleet.tasks.service import NewTask, add_fleet_task
from steps.printer_work import Outcome, Report
from steps.printers.panel_message import HOURS

TRY_AGAIN = timedelta(days=1)


def note_shown(printer: Printer, report: Report) -> None:
    """A message has been sent to the printer: note when it has to be gone, where the printer does not see to that."""
    if report.outcome is Outcome.COMPLETED and not printer.is_vendor:
        printer.panel_message_ends = now() + timedelta(hours=HOURS)


def note_cleared(printer: Printer, report: Report) -> None:
    """The message is gone, or can never be taken away."""
    if report.outcome in (Outcome.COMPLETED, Outcome.NOT_SUPPORTED):
        printer.panel_message_ends = None


def clear_old_messages(session: Session) -> int:
    """Start a task for each organization with messages that have stood their time; returns over how many printers.

    It needs a session of the system.
    """
    due = select(Printer).where(
        Printer.panel_message_ends <= now(), Printer.communication == Communication.COMMUNICATING
    )
    found = session.scalars(due.order_by(Printer.organization_id, Printer.id).with_for_update(skip_locked=True)).all()
    for organization_id, printers in groupby(found, lambda printer: printer.organization_id):
        ids = []
        for printer in printers:
            printer.panel_message_ends = now() + TRY_AGAIN
            ids.append(printer.id)
        add_fleet_task(session, organization_id, None, NewTask(TaskKind.CLEAR_PANEL), ids)
    return len(found)
