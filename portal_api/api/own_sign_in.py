"""How one's own account is protected: proving who one is, password, sessions, second factor, API tokens."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field, SecretStr

from domain.sign_in import session_list, tokens
from domain.sign_in.confirmation import CONFIRMATION_NEEDED, NOT_CONFIRMED, SESSION_NEEDED, confirm
from domain.sign_in.locks import SIGN_IN_LOCKED
from domain.sign_in.models import SignInMethod
from domain.sign_in.own_second_factor import (
    begin_own_second_factor,
    finish_own_second_factor,
    is_required,
    make_own_recovery_codes,
    own_second_factor,
    remove_own_second_factor,
)
from domain.sign_in.password_changes import change_own_password
from domain.sign_in.password_rules import COMMON, LACKS, PERSONAL, TOO_LONG, TOO_SHORT, USED_BEFORE
from domain.sign_in.second_factor import CODE_WRONG, NOT_BEGUN, REQUIRED
from domain.tenancy import NOT_FOUND
from portal_api.access import Anyone
from portal_api.problems import documented

router = APIRouter(prefix="/me", tags=["me"])
PASSWORD_FAULTS = (TOO_SHORT, TOO_LONG, LACKS, PERSONAL, COMMON, USED_BEFORE)
_SENSITIVE = (CONFIRMATION_NEEDED, SESSION_NEEDED)


class Confirmation(BaseModel):
    """One of the two proves who one is."""

    password: SecretStr | None = Field(None, max_length=1024)
    code: SecretStr | None = Field(None, max_length=64)


class NewPassword(BaseModel):
    """The password to be."""

    password: SecretStr = Field(max_length=1024)


class FirstCode(BaseModel):
    """The first code that the authenticator app shows."""

    code: SecretStr = Field(max_length=64)


class SignInSessionPublic(BaseModel):
    """A signed-in browser or program. `current`: the one that asks."""

    id: str
    method: SignInMethod
    address: str
    user_agent: str
    created: datetime
    last_seen: datetime = Field(description="To the minute.")
    expires: datetime
    current: bool

    @classmethod
    def of(cls, view: session_list.SessionView) -> "SignInSessionPublic":
        return cls(
            id=view.id,
            method=view.method,
            address=view.address,
            user_agent=view.user_agent,
            created=view.created,
            last_seen=view.last_seen,
            expires=view.expires,
            current=view.is_current,
        )


class SecondFactorPublic(BaseModel):
    """One's second factor: since when it is in force, and whether the organization requires it."""

    since: datetime | None
    recovery_codes: int = Field(description="How many are left.")
    required: bool


class EnrolmentPublic(BaseModel):
    """What an authenticator app needs."""

    secret: str
    address: str = Field(description="otpauth://… as QR codes hold it.")
    qr_svg: str


class RecoveryCodes(BaseModel):
    """Codes for the day the app is lost, each for one sign-in, told only here."""

    codes: list[str]


class TokenCreate(BaseModel):
    """What a token is for. `scopes` are permissions that one has; it must expire within a year."""

    name: str = Field(max_length=tokens.NAME_LENGTH)
    scopes: list[str] = Field(min_length=1, max_length=200)
    expires: AwareDatetime


class TokenPublic(BaseModel):
    """A personal API token, without itself."""

    id: str
    name: str
    scopes: list[str]
    created: datetime
    expires: datetime
    last_used: datetime | None

    @classmethod
    def of(cls, view: tokens.TokenView) -> "TokenPublic":
        return cls(
            id=view.id,
            name=view.name,
            scopes=list(view.scopes),
            created=view.created,
            expires=view.expires,
            last_used=view.last_used,
        )


class TokenMade(BaseModel):
    """A new token, told only here: send it as `Authorization: Bearer …`."""

    token: str
    details: TokenPublic


@router.post(
    "/confirmation",
    operation_id="confirm_identity",
    status_code=204,
    responses=documented(NOT_CONFIRMED, SIGN_IN_LOCKED, SESSION_NEEDED),
)
def confirm_identity(actor: Anyone, given: Confirmation) -> None:
    """Prove again who one is; for ten minutes the session may change what protects the account."""
    confirm(actor, _secret(given.password), _secret(given.code))


@router.put(
    "/password",
    operation_id="set_own_password",
    status_code=204,
    responses=documented(*PASSWORD_FAULTS, *_SENSITIVE),
)
def set_own_password(actor: Anyone, given: NewPassword) -> None:
    """Set one's own password; all other sessions end."""
    change_own_password(actor, given.password.get_secret_value())


@router.get("/sessions", operation_id="list_own_sessions")
def list_own_sessions(actor: Anyone) -> list[SignInSessionPublic]:
    """One's sessions, the one used last first."""
    return [SignInSessionPublic.of(view) for view in session_list.own_sessions(actor)]


@router.delete("/sessions", operation_id="end_other_sessions", status_code=204)
def end_other_sessions(actor: Anyone) -> None:
    """End all of one's sessions but this one."""
    session_list.end_own_other_sessions(actor)


@router.delete(
    "/sessions/{session_id}", operation_id="end_own_session", status_code=204, responses=documented(NOT_FOUND)
)
def end_own_session(actor: Anyone, session_id: str) -> None:
    """End one of one's sessions."""
    session_list.end_own_session(actor, session_id)


@router.get("/second-factor", operation_id="get_second_factor")
def get_second_factor(actor: Anyone) -> SecondFactorPublic:
    """How one's second factor stands."""
    view = own_second_factor(actor)
    return SecondFactorPublic(since=view.since, recovery_codes=view.recovery_codes, required=is_required(actor))


@router.post("/second-factor", operation_id="begin_second_factor", responses=documented(*_SENSITIVE))
def begin_second_factor(actor: Anyone) -> EnrolmentPublic:
    """What to give the authenticator app; nothing changes until `PUT` brings its first code."""
    enrolment = begin_own_second_factor(actor)
    return EnrolmentPublic(secret=enrolment.secret, address=enrolment.address, qr_svg=enrolment.qr_svg())


@router.put(
    "/second-factor",
    operation_id="finish_second_factor",
    responses=documented(CODE_WRONG, NOT_BEGUN, *_SENSITIVE),
)
def finish_second_factor(actor: Anyone, given: FirstCode) -> RecoveryCodes:
    """Put the second factor in force; the answer holds the recovery codes."""
    return RecoveryCodes(codes=list(finish_own_second_factor(actor, given.code.get_secret_value())))


@router.delete(
    "/second-factor",
    operation_id="remove_second_factor",
    status_code=204,
    responses=documented(REQUIRED, *_SENSITIVE),
)
def remove_second_factor(actor: Anyone) -> None:
    """Sign in with the password alone from now on."""
    remove_own_second_factor(actor)


@router.post(
    "/second-factor/recovery-codes",
    operation_id="create_recovery_codes",
    responses=documented(NOT_BEGUN, *_SENSITIVE),
)
def create_recovery_codes(actor: Anyone) -> RecoveryCodes:
    """Make new recovery codes; those before are worthless."""
    return RecoveryCodes(codes=list(make_own_recovery_codes(actor)))


@router.get("/tokens", operation_id="list_own_tokens")
def list_own_tokens(actor: Anyone) -> list[TokenPublic]:
    """One's API tokens, the newest first."""
    return [TokenPublic.of(view) for view in tokens.own_tokens(actor)]


@router.post(
    "/tokens",
    operation_id="create_own_token",
    status_code=201,
    responses=documented(tokens.NO_NAME, tokens.SCOPE_NOT_YOURS, tokens.BAD_EXPIRY, tokens.TOO_MANY, *_SENSITIVE),
)
def create_own_token(actor: Anyone, given: TokenCreate) -> TokenMade:
    """Make a token by which a program acts for one; it is told only in this answer."""
    token, view = tokens.create_token(actor, given.name, given.scopes, given.expires)
    return TokenMade(token=token, details=TokenPublic.of(view))


@router.delete("/tokens/{token_id}", operation_id="delete_own_token", status_code=204, responses=documented(NOT_FOUND))
def delete_own_token(actor: Anyone, token_id: str) -> None:
    """Make one of one's tokens worthless at once."""
    tokens.revoke_token(actor, token_id)


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""
