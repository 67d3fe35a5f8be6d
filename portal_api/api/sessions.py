"""Signing in and out for programs, and the person behind the session."""

from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, SecretStr

from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.permissions import Permission
from domain.sign_in.locks import SIGN_IN_LOCKED
from domain.sign_in.second_factor import CODE_WRONG
from domain.sign_in.service import CODE_NEEDED, ENROLMENT_NEEDED, SIGN_IN_FAILED, set_preferences
from domain.sign_in.sessions import sign_out
from portal_api.access import Anyone
from portal_api.api.known_values import Locale, TimeZone
from portal_api.api.reader import SIGNED_IN
from portal_api.problems import documented
from portal_api.sign_in import COOKIE, TOO_MANY_SIGN_INS, open_session, session_token

router = APIRouter()


class SessionCreate(BaseModel):
    """What to sign in with."""

    email: str = Field(max_length=255)
    password: SecretStr = Field(max_length=1024)
    code: SecretStr | None = Field(
        None, max_length=64, description="Where a second factor is in force: a code of the app, or a recovery code."
    )


class PersonPublic(BaseModel):
    """The person behind a session."""

    id: str
    organization_id: str = Field(description="Where they work: their own organization or a customer of it.")
    organization_name: str
    home_organization_id: str
    home_organization_name: str
    email: str
    name: str
    roles: list[str] = Field(description="Those that count where they work.")
    permissions: list[str] = Field(description="What that allows, as operations name it by their `x-permission`.")
    locale: str = Field(description="Language of texts, such as en or sv.")
    time_zone: str = Field(description="IANA time zone, such as Europe/Stockholm.")

    @classmethod
    def of(cls, actor: Actor) -> "PersonPublic":
        return cls(
            id=actor.user_id,
            organization_id=actor.organization_id,
            organization_name=actor.organization_name,
            home_organization_id=actor.home_organization_id,
            home_organization_name=actor.home_organization_name,
            email=actor.email,
            name=actor.name,
            roles=sorted(actor.roles),
            permissions=[permission.value for permission in Permission if actor.may(permission)],
            locale=actor.locale,
            time_zone=actor.time_zone,
        )


class SessionPublic(BaseModel):
    """An open session. The token is told only here."""

    token: str
    expires: datetime
    person: PersonPublic


class PersonUpdate(BaseModel):
    """What people set for themselves; what is left out stays."""

    locale: Locale | None = None
    time_zone: TimeZone | None = None


@router.post(
    "/sessions",
    operation_id="create_session",
    tags=["sessions"],
    status_code=201,
    responses=documented(SIGN_IN_FAILED, CODE_NEEDED, CODE_WRONG, ENROLMENT_NEEDED, SIGN_IN_LOCKED, TOO_MANY_SIGN_INS),
)
def create_session(request: Request, given: SessionCreate) -> SessionPublic:
    """Sign in with an e-mail address and a password."""
    code = given.code.get_secret_value() if given.code else ""
    signed_in = open_session(request, given.email, given.password.get_secret_value(), code)
    opened = signed_in.session
    return SessionPublic(token=opened.token, expires=opened.expires, person=PersonPublic.of(signed_in.actor))


@router.delete(
    "/sessions/current",
    operation_id="delete_session",
    tags=["sessions"],
    status_code=204,
    dependencies=SIGNED_IN,
)
def delete_session(request: Request, response: Response) -> None:
    """Sign out: the token is worthless at once."""
    sign_out(session_token(request) or "")
    response.delete_cookie(COOKIE, path="/")


@router.get("/me", operation_id="get_me", tags=["me"])
def get_me(actor: Anyone) -> PersonPublic:
    """Who is signed in, with the roles that count now."""
    return PersonPublic.of(actor)


@router.patch("/me", operation_id="update_me", tags=["me"])
def update_me(actor: Anyone, given: PersonUpdate) -> PersonPublic:
    """Set one's own language and time zone."""
    set_preferences(actor, given.locale or actor.locale, given.time_zone or actor.time_zone)
    return PersonPublic.of(actor_of_user(actor.user_id, actor.organization_id))
