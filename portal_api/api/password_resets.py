"""Links to set a password, for programs that sign people in: asking for one, and using it (AC-93)."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, SecretStr

from domain.sign_in.links import LINK_REFUSED, request_reset, set_password_by_link
from portal_api.api.own_sign_in import PASSWORD_FAULTS
from portal_api.problems import documented
from portal_api.sign_in import TOO_MANY_SIGN_INS, client_address, count_link_request

router = APIRouter(prefix="/password-resets", tags=["sessions"])


class PasswordResetCreate(BaseModel):
    """For whom."""

    email: str = Field(max_length=255)


class PasswordResetUse(BaseModel):
    """The token of the link, and the password to be."""

    token: SecretStr = Field(max_length=128)
    password: SecretStr = Field(max_length=1024)


@router.post("", operation_id="create_password_reset", status_code=202, responses=documented(TOO_MANY_SIGN_INS))
def create_password_reset(request: Request, given: PasswordResetCreate) -> None:
    """Have a link mailed, if there is such a person; the answer is the same in every case."""
    count_link_request(request)
    request_reset(given.email, client_address(request))


@router.post(
    "/use",
    operation_id="use_password_reset",
    status_code=204,
    responses=documented(LINK_REFUSED, *PASSWORD_FAULTS),
)
def use_password_reset(request: Request, given: PasswordResetUse) -> None:
    """Set the password by a link; all sessions of the person end."""
    set_password_by_link(given.token.get_secret_value(), given.password.get_secret_value(), client_address(request))
