"""What the programme's answers do to printers: they become members, or are free again."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from connectors.supplies.programme import Answer, Membership
from domain.audit.service import record_unattended
from domain.organizations.models import now
from fleet.managed_supplies.models import MembershipRequestRow, RequestState
from fleet.managed_supplies.orders import add_event, order_last_read
from fleet.managed_supplies.programme import ProgrammeSettings
from fleet.printers.models import MspStatus, Printer

EVENT = "managed_supplies"
JOINED = N_("The printer is in the supplies programme.")
DECLINED = N_("The supplies programme does not take the printer. {reason}")


def apply_answers(
    session: Session, settings: ProgrammeSettings, answers: Sequence[tuple[MembershipRequestRow, Answer]]
) -> int:
    """Do what the programme says to these requests; returns how many of them are settled by that.

    What has run low already in those that join is ordered at once.
    """
    joined = []
    for request, answer in answers:
        request.reference, request.problem = answer.reference, None
        request.handed_over = request.handed_over or now()
        printer = session.get_one(Printer, request.printer_id)
        if answer.state is Membership.PENDING:
            request.state = RequestState.PENDING
            continue
        request.answered, request.reason = now(), answer.reason
        if answer.state is Membership.ACCEPTED:
            request.state, printer.msp = RequestState.ACCEPTED, MspStatus.MEMBER
            joined.append(printer)
            add_event(session, printer.organization_id, printer.id, Message.of(JOINED), EVENT)
        else:
            request.state, printer.msp = RequestState.DECLINED, None
            message = Message.of(DECLINED, reason=answer.reason)
            add_event(session, printer.organization_id, printer.id, message, EVENT)
        facts = {"serial_number": printer.serial_number, "reason": answer.reason}
        action = f"managed_supplies.{request.state.value}"
        record_unattended(session, printer.organization_id, action, "printer", printer.id, facts)
    session.flush()
    if joined:
        order_last_read(session, settings, joined)
    return sum(answer.state is not Membership.PENDING for _, answer in answers)
