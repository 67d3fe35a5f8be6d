"""Where programs get the codes by which people let them in, and end their sign-in (RFC 8628 §3.1, RFC 7009)."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse

from connectors.errors import PressroomError
from connectors.settings import get_settings
from domain.organizations.actor import ACCOUNT_ENDED
from domain.sign_in import program_codes
from domain.sign_in.program_codes import INTERVAL, LIFETIME
from domain.sign_in.sessions import SIGN_IN_NEEDED
from portal_api.sign_in import FailureCount, client_address

PAGE = "/programs/sign-in"
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
router = APIRouter(include_in_schema=False)
begun = FailureCount(60)
"""Sign-ins that were begun from one network address within the window."""


@router.post("/oauth/device_authorization")
def device_authorization(
    request: Request,
    client_id: Annotated[str, Form(max_length=32)],
    host: Annotated[str, Form(max_length=200)] = "",
) -> JSONResponse:
    """The two codes, and the page where the second is typed."""
    address = client_address(request)
    begun.check(address)
    begun.add(address)
    codes = program_codes.begin(client_id, host, address)
    page = f"{get_settings().public_url}{PAGE}"
    content = {
        "device_code": codes.device_code,
        "user_code": codes.user_code,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?code={codes.user_code}",
        "expires_in": int(LIFETIME.total_seconds()),
        "interval": int(INTERVAL.total_seconds()),
    }
    return JSONResponse(content, headers=NO_STORE)


@router.post("/oauth/revoke")
def revoke(request: Request, token: Annotated[str, Form(max_length=512)]) -> JSONResponse:
    """End the sign-in of the program that has this token; a token that does not count is no error (RFC 7009 §2.2)."""
    try:
        program_codes.revoke(token, client_address(request))
    except PressroomError as error:
        if error.fault not in (SIGN_IN_NEEDED, ACCOUNT_ENDED):
            raise
    return JSONResponse({}, headers=NO_STORE)
