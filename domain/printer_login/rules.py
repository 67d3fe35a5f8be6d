"""How an organization's people sign in at its printers, and what follows from it: every rule as data (AC-147…AC-157).

`violations` tells all that is wrong with a configuration, so that the form shows it while it is filled in; `notices`
tells what a valid one means for people.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from domain.printer_login.card_numbers import CardForm, CardReader

NO_METHOD = Fault(
    "printer_login.no_method",
    422,
    N_("No way to sign in at printers is selected."),
    N_("Select at least one of badge, PIN and secure login."),
    spec="AC-149",
)
EXPIRY_OUT_OF_RANGE = Fault(
    "printer_login.expiry_out_of_range",
    422,
    N_("A PIN cannot expire after {duration}."),
    N_("Choose from 1 hour to 180 days, or let PINs never expire."),
    spec="AC-152",
)
BYTES_OF_TEXT = Fault(
    "printer_login.bytes_of_text",
    422,
    N_("Only numbers can be converted or have their bytes reversed."),
    N_("Say whether the card readers send hexadecimal or decimal numbers."),
)
SHORTEST_PIN, LONGEST_PIN, USUAL_PIN = 4, 12, 6
SHORTEST_EXPIRY, LONGEST_EXPIRY = timedelta(hours=1), timedelta(days=180)


class LoginMode(StrEnum):
    """The two modes, of which an organization has exactly one (AC-148)."""

    STANDARD = "standard"
    BADGE_AND_PIN = "badge_and_pin"


class LoginMethod(StrEnum):
    """What people can sign in with at a printer (AC-149)."""

    BADGE = "badge"
    PIN = "pin"
    SECURE_LOGIN = "secure_login"


class PinGeneration(StrEnum):
    """Where PINs come from (AC-151)."""

    AUTO = "auto"
    ADMINISTRATOR = "administrator"
    USER = "user"


class ExpiryUnit(StrEnum):
    """In what an expiry is counted."""

    HOURS = "hours"
    DAYS = "days"


class Screen(StrEnum):
    """What a printer's panel has room for; a small one takes no badge (AC-156, PR-206)."""

    FULL = "full"
    SMALL = "small"


_DURATIONS = {ExpiryUnit.HOURS: N_("{amount} hours"), ExpiryUnit.DAYS: N_("{amount} days")}
METHODS_OF_SCREEN: Mapping[Screen, frozenset[LoginMethod]] = {
    Screen.FULL: frozenset(LoginMethod),
    Screen.SMALL: frozenset({LoginMethod.PIN, LoginMethod.SECURE_LOGIN}),
}


class PinExpiry(BaseModel):
    """After how long a PIN must be set anew."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: int = Field(ge=1, le=100_000)
    unit: ExpiryUnit = ExpiryUnit.DAYS

    @property
    def duration(self) -> timedelta:
        return timedelta(**{self.unit.value: self.amount})


class PrinterLoginSettings(BaseModel):
    """How people sign in at the organization's printers; it overrides what is set at the printers (AC-147).

    With badge + PIN as second factor both of them always count among the methods; secure login is the only choice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: LoginMode = LoginMode.STANDARD
    methods: tuple[LoginMethod, ...] = (LoginMethod.BADGE, LoginMethod.SECURE_LOGIN)
    pin_length: int = Field(USUAL_PIN, ge=SHORTEST_PIN, le=LONGEST_PIN)
    pin_generation: PinGeneration = PinGeneration.USER
    pin_expiry: PinExpiry | None = Field(None, description="None: PINs never expire. Ignored with “auto” (AC-153).")
    session_seconds: int = Field(
        120, ge=15, le=3600, description="Seconds without a touch after which people are signed out at a printer."
    )
    card_reader: CardReader = CardReader()

    @model_validator(mode="after")
    def _methods_in_order(self) -> Self:
        chosen = set(self.methods)
        if self.mode is LoginMode.BADGE_AND_PIN:
            chosen |= {LoginMethod.BADGE, LoginMethod.PIN}
        object.__setattr__(self, "methods", tuple(method for method in LoginMethod if method in chosen))
        return self

    @property
    def needs_second_factor(self) -> bool:
        """Whether a PIN is asked for after the badge (AC-150)."""
        return self.mode is LoginMode.BADGE_AND_PIN

    @property
    def pins_expire(self) -> bool:
        """Whether the expiry that is kept with a PIN counts: generated ones never expire (AC-153)."""
        return self.pin_generation is not PinGeneration.AUTO

    @property
    def effective_expiry(self) -> timedelta | None:
        """How long a new PIN is good for; None: for ever."""
        return self.pin_expiry.duration if self.pin_expiry and self.pins_expire else None

    def takes(self, method: LoginMethod) -> bool:
        """Whether it is among the methods."""
        return method in self.methods

    def offered_at(self, screen: Screen) -> tuple[LoginMethod, ...]:
        """What a panel of that size offers to begin with."""
        return self.offered_with(METHODS_OF_SCREEN[screen])

    def offered_with(self, possible: frozenset[LoginMethod]) -> tuple[LoginMethod, ...]:
        """What a printer that can do `possible` offers to begin with (PR-186).

        A PIN that is the second factor is asked for after the badge only, so a badge leads nowhere without it.
        """
        offered = set(self.methods) & possible
        if self.needs_second_factor:
            offered -= {LoginMethod.PIN} if LoginMethod.PIN in possible else {LoginMethod.PIN, LoginMethod.BADGE}
        return tuple(method for method in self.methods if method in offered)


class PinWay(StrEnum):
    """How somebody may set a PIN: type it, or have one made and mailed."""

    TYPED = "typed"
    MAILED = "mailed"


@dataclass(frozen=True, slots=True)
class PinSetters:
    """Who may set PINs and how (None: not at all), and whether they can be imported (AC-176, AC-184)."""

    administrator: PinWay | None
    owner: PinWay | None
    importable: bool = False


PIN_SETTERS: Mapping[PinGeneration, PinSetters] = {
    PinGeneration.AUTO: PinSetters(PinWay.MAILED, PinWay.MAILED),
    PinGeneration.ADMINISTRATOR: PinSetters(PinWay.TYPED, None, importable=True),
    PinGeneration.USER: PinSetters(None, PinWay.TYPED),
}


def violations(settings: PrinterLoginSettings) -> list[PressroomError]:
    """Everything that is wrong, at once."""
    return list(_violations(settings))


def check_settings(settings: PrinterLoginSettings) -> None:
    """Raise the first violation."""
    for violation in _violations(settings):
        raise violation


def _violations(settings: PrinterLoginSettings) -> Iterator[PressroomError]:
    if not settings.methods:
        yield NO_METHOD()
    expiry = settings.pin_expiry
    if expiry is not None and not SHORTEST_EXPIRY <= expiry.duration <= LONGEST_EXPIRY:
        yield EXPIRY_OUT_OF_RANGE(duration=Message.of(_DURATIONS[expiry.unit], amount=expiry.amount))
    reader = settings.card_reader
    if reader.sent_as is CardForm.TEXT and (reader.reversed_bytes or reader.registered_as is not CardForm.TEXT):
        yield BYTES_OF_TEXT()


def notices(settings: PrinterLoginSettings, before: PrinterLoginSettings) -> list[Message]:
    """What the settings mean for people, and what changes for them compared with `before`."""
    return [*_meanings(settings), *_changes(settings, before)]


def _meanings(settings: PrinterLoginSettings) -> Iterable[Message]:
    if settings.takes(LoginMethod.BADGE):
        yield Message.of(
            N_("Whoever uses a badge that nobody has registered yet signs in at the printer once; that registers it.")
        )
    if settings.needs_second_factor:
        yield Message.of(N_("Neither the badge nor the PIN is enough by itself."))
    if not settings.offered_at(Screen.SMALL) and settings.methods:
        yield Message.of(
            N_("At printers with a 2.8-inch panel nobody can sign in: they take only a PIN by itself or a login code.")
        )
    if settings.takes(LoginMethod.PIN) and settings.pin_generation is PinGeneration.AUTO:
        yield Message.of(N_("PINs are generated, sent to their owners by e-mail and never shown. They never expire."))


def _changes(settings: PrinterLoginSettings, before: PrinterLoginSettings) -> Iterable[Message]:
    if settings.pin_length != before.pin_length:
        yield Message.of(
            N_("PINs of another length keep working and are marked “must be reset”. New ones have {length} digits."),
            length=settings.pin_length,
        )
    if settings.pin_generation is PinGeneration.AUTO and settings.pin_expiry is not None:
        yield Message.of(N_("The expiry is kept but does not count as long as PINs are generated."))
    if settings.card_reader != before.card_reader:
        yield Message.of(
            N_("Badges registered at printers so far may have to be registered again: they are kept as they were read.")
        )
    for method in LoginMethod:
        if before.takes(method) and not settings.takes(method):
            yield Message.of(METHOD_DROPPED[method])


METHOD_DROPPED = {
    LoginMethod.BADGE: N_("Badges stay registered, but no printer takes them any more."),
    LoginMethod.PIN: N_("PINs stay set, but no printer takes them any more."),
    LoginMethod.SECURE_LOGIN: N_("Login codes end, and nobody can get one any more."),
}


def is_trivial(pin: str) -> bool:
    """Whether a PIN is what others would try first: one digit repeated, or digits that count up (AC-177)."""
    steps = {(int(after) - int(digit)) % 10 for digit, after in pairwise(pin)}
    return steps in ({0}, {1})
