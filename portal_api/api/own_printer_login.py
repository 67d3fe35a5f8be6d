"""One's own PIN, login code and badges (AC-32, AC-158…AC-163, AC-176)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, SecretStr

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.printer_login import own
from domain.printer_login.badges import BADGE_NUMBER_INVALID, BADGE_TAKEN, LONGEST_DESCRIPTION
from domain.printer_login.card_numbers import LONGEST_NUMBER
from domain.printer_login.guards import PIN_CHANGES_LOCKED
from domain.printer_login.login_codes import CODES_BUSY, SECURE_LOGIN_OFF, CodeView, current_code, new_code
from domain.printer_login.own import BADGES_OFF, OwnPrinterLogin
from domain.printer_login.pins import SET_BY_ADMINISTRATORS
from domain.printer_login.rules import LONGEST_PIN, LoginMethod, LoginMode, PinWay
from domain.tenancy import NOT_FOUND
from portal_api.access import Anyone, needs
from portal_api.api.badges import PIN_FAULTS, BadgePublic, PinPublic
from portal_api.problems import documented

PinOwner = Annotated[Actor, needs(Permission.OWN_PIN)]
CodeOwner = Annotated[Actor, needs(Permission.OWN_LOGIN_CODE)]
BadgeOwner = Annotated[Actor, needs(Permission.OWN_BADGE)]
NO_CODE = Fault(
    "login_code.none",
    404,
    N_("You have no login code that is still good."),
    N_("Ask for a new one."),
)

router = APIRouter(prefix="/me", tags=["me"])


class OwnPrinterLoginPublic(BaseModel):
    """How one can sign in at the printers of one's organization, and what one has for it."""

    mode: LoginMode
    methods: list[LoginMethod]
    pin_length: int
    pin_way: PinWay | None = Field(description="How one may set one's own PIN; null: not at all.")
    pin: PinPublic | None
    badges: list[BadgePublic]

    @classmethod
    def of(cls, mine: OwnPrinterLogin) -> "OwnPrinterLoginPublic":
        return cls(
            mode=mine.settings.mode,
            methods=list(mine.settings.methods),
            pin_length=mine.settings.pin_length,
            pin_way=mine.pin_way,
            pin=PinPublic.of(mine.pin) if mine.pin else None,
            badges=[BadgePublic.of(view) for view in mine.badges],
        )


class OwnPinSet(BaseModel):
    """The PIN to have from now on; without `pin` one is made and sent by e-mail."""

    pin: SecretStr | None = Field(None, max_length=LONGEST_PIN)


class OwnBadgeCreate(BaseModel):
    """A badge of one's own."""

    number: str = Field(min_length=1, max_length=LONGEST_NUMBER, description="The badge ID.")
    description: str = Field("", max_length=LONGEST_DESCRIPTION)


class LoginCodePublic(BaseModel):
    """A code that signs its owner in at a printer once."""

    code: str
    expires: datetime

    @classmethod
    def of(cls, view: CodeView) -> "LoginCodePublic":
        return cls(code=view.code, expires=view.expires)


@router.get("/printer-login", operation_id="get_my_printer_login")
def get_my_printer_login(actor: Anyone) -> OwnPrinterLoginPublic:
    """How one can sign in at printers, one's PIN (never its digits) and one's badges."""
    return OwnPrinterLoginPublic.of(own.own_printer_login(actor))


@router.put(
    "/pin",
    operation_id="set_my_pin",
    responses=documented(SET_BY_ADMINISTRATORS, PIN_CHANGES_LOCKED, *PIN_FAULTS),
)
def set_my_pin(actor: PinOwner, given: OwnPinSet) -> PinPublic:
    """Set one's own PIN, in the way that the organization lets people do."""
    return PinPublic.of(own.set_own_pin(actor, given.pin.get_secret_value() if given.pin else None))


@router.delete("/pin", operation_id="remove_my_pin", status_code=204, responses=documented(NOT_FOUND))
def remove_my_pin(actor: PinOwner) -> None:
    """Have no PIN any more."""
    own.remove_own_pin(actor)


@router.get("/login-code", operation_id="get_my_login_code", responses=documented(NO_CODE, SECURE_LOGIN_OFF))
def get_my_login_code(actor: CodeOwner) -> LoginCodePublic:
    """The login code that one has, as long as it is good."""
    if (code := current_code(actor)) is None:
        raise NO_CODE()
    return LoginCodePublic.of(code)


@router.post(
    "/login-code",
    operation_id="make_my_login_code",
    status_code=201,
    responses=documented(SECURE_LOGIN_OFF, CODES_BUSY),
)
def make_my_login_code(actor: CodeOwner) -> LoginCodePublic:
    """A new login code, good once and for fifteen minutes, in place of the one before."""
    return LoginCodePublic.of(new_code(actor))


@router.post(
    "/badges",
    operation_id="register_my_badge",
    status_code=201,
    responses=documented(BADGES_OFF, BADGE_TAKEN, BADGE_NUMBER_INVALID),
)
def register_my_badge(actor: BadgeOwner, given: OwnBadgeCreate) -> BadgePublic:
    """Register a badge of one's own."""
    return BadgePublic.of(own.register_own_badge(actor, given.number, given.description))


@router.delete("/badges/{badge_id}", operation_id="remove_my_badge", status_code=204, responses=documented(NOT_FOUND))
def remove_my_badge(actor: BadgeOwner, badge_id: str) -> None:
    """Remove a badge of one's own, such as a lost one."""
    own.remove_own_badge(actor, badge_id)
