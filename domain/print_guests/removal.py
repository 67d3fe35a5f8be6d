"""The end of guests and of what they have: their PIN runs out, their time is over, or they are sent away (F-14)."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from domain.audit.service import record_unattended
from domain.organizations.models import User, now
from domain.print_guests.models import GuestState, PrintGuest
from domain.printer_login.models import Pin, PrinterSession
from domain.printing.models import PrintJob
from domain.printing.removal import removal_fact, remove_content
from domain.printing.states import INCOMING, RELEASABLE, JobState
from domain.tenancy import system_session, tenant_session

BATCH = 200
LIVING = (GuestState.ACTIVE, GuestState.PIN_EXPIRED)


def expire_guests() -> int:
    """End a batch of PINs and guests whose time is over, with their jobs; returns how many (PR-155, PR-159)."""
    with system_session(read_only=True) as session:
        over = (PrintGuest.state.in_(LIVING)) & (PrintGuest.expires <= now())
        pin_over = (PrintGuest.state == GuestState.ACTIVE) & (PrintGuest.pin_expires <= now())
        columns = (PrintGuest.organization_id, PrintGuest.id)
        due = session.execute(select(*columns).where(over | pin_over).limit(BATCH)).tuples().all()
    for organization_id, guest_id in due:
        _expire(organization_id, guest_id)
    return len(due)


def _expire(organization_id: str, guest_id: str) -> None:
    with tenant_session(organization_id) as session:
        guest = session.scalar(select(PrintGuest).where(PrintGuest.id == guest_id).with_for_update())
        if guest is None or guest.state not in LIVING:
            return
        if guest.expires <= now():
            ended = end_guest(session, guest, GuestState.REMOVED)
            record_unattended(session, organization_id, "print_guest.removed", "print_guest", guest.id)
        elif guest.pin_expires is not None and guest.pin_expires <= now():
            ended = _take_pin(session, guest)
            guest.state = GuestState.PIN_EXPIRED
        else:
            return  # a new mail has brought a new PIN meanwhile
    remove_content(organization_id, ended)


def end_guest(session: Session, guest: PrintGuest, state: GuestState) -> list[str]:
    """Take the guest's PIN, sessions and jobs away; the identifier stays for reports, and the hash for ever (PR-158).

    Returns the jobs whose content is to be removed once this is committed.
    """
    ended = _take_pin(session, guest)
    user = session.get(User, guest.user_id) if guest.user_id else None
    if user is not None:
        user.ended, user.roles = now(), []
    guest.state, guest.user_id = state, None
    return ended


def _take_pin(session: Session, guest: PrintGuest) -> list[str]:
    session.execute(delete(Pin).where(Pin.guest_id == guest.user_id))
    session.execute(delete(PrinterSession).where(PrinterSession.user_id == guest.user_id))
    guest.pin, guest.pin_expires = "", None
    return end_jobs(session, PrintJob.user_id == guest.user_id)


def end_jobs(session: Session, which: ColumnElement[bool]) -> list[str]:
    """End those of the jobs that wait; one at a printer is left to it. Returns their ids."""
    ended: list[str] = []
    for states, target in ((RELEASABLE, JobState.EXPIRED), (INCOMING, JobState.CANCELED)):
        jobs = session.scalars(select(PrintJob).where(which, PrintJob.state.in_(states)).with_for_update()).all()
        ended += _end(session, jobs, states, target)
    return ended


def _end(session: Session, jobs: Sequence[PrintJob], states: Collection[JobState], target: JobState) -> list[str]:
    session.add_all(removal_fact(job, "expired") for job in jobs if job.state == JobState.HELD)
    ids = [job.id for job in jobs]
    gone = update(PrintJob).where(PrintJob.id.in_(ids), PrintJob.state.in_(states))
    session.execute(gone.values(state=target, changed=now()))
    return ids
