"""Where the code of a printer leads, and where one's turn there is ended; both go on to the page for phones."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from fleet.phones.codes import CODE_PATH, scanned
from portal_api.phone_turn import end_turn, keep_ticket
from portal_api.sign_in import CurrentActor, is_secure

PHONE_PAGE = "/phone"
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

router = APIRouter(include_in_schema=False)


@router.get(CODE_PATH + "{code}")
def at_printer(code: str) -> Response:
    """A code was scanned: keep it while its owner signs in (MOB-1). Raises `CODE_UNKNOWN`, `CODE_OLD`."""
    response = RedirectResponse(PHONE_PAGE, 303, headers=PRIVATE)
    keep_ticket(response, scanned(code), secure=is_secure())
    return response


@router.post(PHONE_PAGE + "/end")
def end_session(request: Request, actor: CurrentActor) -> Response:
    """The session at the printer is over: it is free for the next person (MOB-9)."""
    response = RedirectResponse(PHONE_PAGE, 303, headers=PRIVATE)
    end_turn(request, response, actor, secure=is_secure())
    return response
