"""What administrators do for people who cannot get in, or who must not: links, passwords, sessions, second factors."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from domain.federation.faults import SIGN_IN_ELSEWHERE
from domain.organizations.actor import ROLE_MISSING, Actor
from domain.organizations.permissions import Permission
from domain.sign_in import session_list
from domain.sign_in.confirmation import CONFIRMATION_NEEDED, SESSION_NEEDED
from domain.sign_in.links import send_link_to
from domain.sign_in.own_second_factor import reset_second_factor, second_factor_for
from domain.sign_in.password_changes import set_password_of
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.api.own_sign_in import PASSWORD_FAULTS, NewPassword, SignInSessionPublic
from portal_api.problems import documented

router = APIRouter(prefix="/users/{user_id}", tags=["users"])
Keeper = Annotated[Actor, needs(Permission.USERS_CREDENTIALS)]
_REFUSALS = (NOT_FOUND, ROLE_MISSING)


class PersonSecondFactor(BaseModel):
    """Somebody's second factor: since when it is in force; null where there is none."""

    since: datetime | None
    recovery_codes: int = Field(description="How many are left.")


@router.post(
    "/password-link",
    operation_id="send_password_link",
    status_code=202,
    responses=documented(SIGN_IN_ELSEWHERE, *_REFUSALS),
)
def send_password_link(actor: Keeper, user_id: str) -> None:
    """Mail the person a link to set a password: an invitation as long as they have none."""
    send_link_to(actor, user_id)


@router.put(
    "/password",
    operation_id="set_password",
    status_code=204,
    responses=documented(*PASSWORD_FAULTS, SIGN_IN_ELSEWHERE, *_REFUSALS),
)
def set_password(actor: Keeper, user_id: str, given: NewPassword) -> None:
    """Set the person's password; their sessions end, and they are told by mail."""
    set_password_of(actor, user_id, given.password.get_secret_value())


@router.get("/sessions", operation_id="list_sessions", responses=documented(*_REFUSALS))
def list_sessions(actor: Keeper, user_id: str) -> list[SignInSessionPublic]:
    """The person's sessions."""
    return [SignInSessionPublic.of(view) for view in session_list.sessions_of(actor, user_id)]


@router.delete("/sessions", operation_id="end_sessions", status_code=204, responses=documented(*_REFUSALS))
def end_sessions(actor: Keeper, user_id: str) -> None:
    """End all sessions of the person."""
    session_list.end_sessions_of(actor, user_id)


@router.delete("/sessions/{session_id}", operation_id="end_session", status_code=204, responses=documented(*_REFUSALS))
def end_session(actor: Keeper, user_id: str, session_id: str) -> None:
    """End one session of the person."""
    session_list.end_session_of(actor, user_id, session_id)


@router.get("/second-factor", operation_id="get_user_second_factor", responses=documented(*_REFUSALS))
def get_second_factor(actor: Keeper, user_id: str) -> PersonSecondFactor:
    """How the person's second factor stands."""
    view = second_factor_for(actor, user_id)
    return PersonSecondFactor(since=view.since, recovery_codes=view.recovery_codes)


@router.delete(
    "/second-factor",
    operation_id="reset_second_factor",
    status_code=204,
    responses=documented(CONFIRMATION_NEEDED, SESSION_NEEDED, *_REFUSALS),
)
def reset(actor: Keeper, user_id: str) -> None:
    """Take away the second factor of somebody who has lost it."""
    reset_second_factor(actor, user_id)
