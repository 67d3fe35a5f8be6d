"""Guests as print administrators see them, and sending them away."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.organizations.permissions import Permission
from domain.print_guests.models import GuestState, PrintGuest
from domain.print_guests.removal import end_guest
from domain.printing.models import PrintJob
from domain.printing.queue_pages import shown_in_queue
from domain.printing.removal import remove_content
from domain.tenancy import NOT_FOUND

LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class GuestView:
    """A guest. `name` is the identifier that reports use; `jobs` wait. Blocked ones have neither PIN nor jobs."""

    id: str
    user_id: str
    name: str
    state: GuestState
    department: str
    cost_center: str
    jobs: int
    first_seen: datetime
    expires: datetime | None
    pin_expires: datetime | None


def list_guests(actor: Actor, *, limit: int = 100, after: str = "") -> list[GuestView]:
    """Guests who may print now or are blocked, newest first, from the one after the guest `after` on."""
    actor.need(Permission.PRINT_QUEUES_MANAGE)
    with actor.session(read_only=True) as session:
        waiting = (
            select(func.count(PrintJob.number))
            .where(PrintJob.user_id == PrintGuest.user_id, shown_in_queue())
            .scalar_subquery()
        )
        query = select(PrintGuest, User, waiting).outerjoin(User, User.id == PrintGuest.user_id)
        query = query.where(PrintGuest.state != GuestState.REMOVED)
        if after and (last := session.get(PrintGuest, after)) is not None:
            at_once = (PrintGuest.first_seen == last.first_seen) & (PrintGuest.id > last.id)
            query = query.where((PrintGuest.first_seen < last.first_seen) | at_once)
        query = query.order_by(PrintGuest.first_seen.desc(), PrintGuest.id)
        return [
            _view(guest, user, jobs) for guest, user, jobs in session.execute(query.limit(min(limit, LARGEST_PAGE)))
        ]


def remove_guests(actor: Actor, guest_ids: Collection[str], *, block: bool = False) -> None:
    """Send guests away at once, with their PINs and jobs; with `block` nothing more is taken from them.

    All or none; raises `NOT_FOUND`.
    """
    actor.need(Permission.PRINT_QUEUES_MANAGE)
    ended: list[str] = []
    with actor.session() as session:
        for guest_id in dict.fromkeys(guest_ids):
            guest = session.scalar(select(PrintGuest).where(PrintGuest.id == guest_id).with_for_update())
            if guest is None or guest.state == GuestState.REMOVED:
                raise NOT_FOUND(what="guest")
            ended += end_guest(session, guest, GuestState.BLOCKED if block else GuestState.REMOVED)
            action = "print_guest.blocked" if block else "print_guest.removed"
            record(session, actor, action, "print_guest", guest.id)
    remove_content(actor.organization_id, ended)


def unblock_guests(actor: Actor, guest_ids: Collection[str]) -> None:
    """Take mail from these guests again; raises `NOT_FOUND`."""
    actor.need(Permission.PRINT_QUEUES_MANAGE)
    with actor.session() as session:
        for guest_id in dict.fromkeys(guest_ids):
            guest = session.scalar(select(PrintGuest).where(PrintGuest.id == guest_id).with_for_update())
            if guest is None or guest.state != GuestState.BLOCKED:
                raise NOT_FOUND(what="guest")
            guest.state = GuestState.REMOVED
            record(session, actor, "print_guest.unblocked", "print_guest", guest.id)


def _view(guest: PrintGuest, user: User | None, jobs: int) -> GuestView:
    is_living = user is not None
    return GuestView(
        id=guest.id,
        user_id=guest.user_id or "",
        name=user.name if user is not None else "",
        state=GuestState(guest.state),
        department=user.department if user is not None else "",
        cost_center=user.cost_center if user is not None else "",
        jobs=jobs,
        first_seen=guest.first_seen,
        expires=guest.expires if is_living else None,
        pin_expires=guest.pin_expires,
    )
