"""Where the enrolment tool exchanges the code that the browser brought it (RFC 7636 §4.5)."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from connectors.errors import PressroomError
from domain.sign_in.local_programs import CODE_REFUSED, exchange
from portal_api.sign_in import FailureCount, client_address

router = APIRouter(include_in_schema=False)
refusals = FailureCount()


class CodeShown(BaseModel):
    """The code, and the secret whose hash was shown to the page."""

    code: str = Field(max_length=4000)
    verifier: str = Field(min_length=43, max_length=128)


@router.post("/enrolment-tool/token")
def token(request: Request, shown: CodeShown) -> dict[str, str]:
    """A personal token of some hours."""
    address = client_address(request)
    refusals.check(address)
    try:
        given = exchange(shown.code, shown.verifier)
    except PressroomError as error:
        if error.fault is CODE_REFUSED:
            refusals.add(address)
        raise
    return {"token": given.token, "expires": given.expires.isoformat()}
