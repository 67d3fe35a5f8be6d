"""Mail for printing as print administrators see it: that it came, whose it was, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from domain.organizations.actor import Actor
from domain.organizations.models import User, UserStatus, shown_name
from domain.organizations.permissions import Permission
from domain.print_mail.models import MessageState, PrintMessage
from domain.recorded_errors import ErrorView

LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class MessageView:
    """A mail. `name` is the person's or the guest's, empty where nobody's; `accepted` and `refused` count documents."""

    id: str
    received: datetime
    state: MessageState
    name: str
    is_guest: bool
    accepted: int
    refused: int
    size: int
    reason: ErrorView | None


def list_messages(actor: Actor, *, limit: int = 50, after: str = "") -> list[MessageView]:
    """The latest mails, newest first, from the one after the mail `after` on."""
    actor.need(Permission.PRINT_QUEUES_MANAGE)
    with actor.session(read_only=True) as session:
        query = select(PrintMessage, User).outerjoin(User, User.id == PrintMessage.user_id)
        if after and (last := session.get(PrintMessage, after)) is not None:
            at_once = (PrintMessage.received == last.received) & (PrintMessage.id > last.id)
            query = query.where((PrintMessage.received < last.received) | at_once)
        query = query.order_by(PrintMessage.received.desc(), PrintMessage.id).limit(min(limit, LARGEST_PAGE))
        return [_view(message, user) for message, user in session.execute(query)]


def _view(message: PrintMessage, user: User | None) -> MessageView:
    return MessageView(
        id=message.id,
        received=message.received,
        state=MessageState(message.state),
        name=shown_name(user) if user is not None and user.status != UserStatus.DELETED else "",
        is_guest=message.is_guest,
        accepted=message.accepted,
        refused=message.refused,
        size=message.size,
        reason=ErrorView.of(message.reason),
    )
