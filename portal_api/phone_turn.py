"""What a phone keeps of the code that it scanned: a cookie, until its owner's turn at the printer is over (MOB-1)."""

from fastapi import Request, Response

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.printer_login.printer_sessions import LONGEST_SESSION
from fleet.phones.codes import CODE_UNKNOWN, Ticket, ticket
from fleet.phones.turns import leave_with

TURN_COOKIE = "pressroom_at_printer"


def keep_ticket(response: Response, at: Ticket, *, secure: bool) -> None:
    """Hand the phone what was scanned: no script can read it."""
    seconds = int(LONGEST_SESSION.total_seconds())
    response.set_cookie(TURN_COOKIE, at.text, max_age=seconds, path="/", httponly=True, samesite="lax", secure=secure)


def kept_ticket(text: str) -> Ticket | None:
    """What the cookie holds; None where there is none of ours."""
    try:
        return ticket(text) if text else None
    except PressroomError as error:
        if error.fault is CODE_UNKNOWN:
            return None
        raise


def end_turn(request: Request, response: Response, actor: Actor, *, secure: bool) -> None:
    """End the actor's turn at the printer, if they have one, and forget what was scanned (MOB-9)."""
    at = kept_ticket(request.cookies.get(TURN_COOKIE, ""))
    if at is not None and at.organization_id == actor.organization_id:
        leave_with(actor, at)
    response.delete_cookie(TURN_COOKIE, path="/", httponly=True, samesite="lax", secure=secure)
