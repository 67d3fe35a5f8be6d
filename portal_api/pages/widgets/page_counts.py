"""Numbers of pages as people read them: written as they write numbers, and as a bar."""

from datetime import date

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from connectors.messages import N_
from domain.quotas.models import Duration
from domain.quotas.rules import ServiceState, percent_left
from portal_api.pages import theme
from portal_api.pages.visit import visitor
from portal_api.pages.words import _

FEW_PERCENT = 20
"""With less left, a bar warns (DB-41)."""
STATES = {
    ServiceState.ACTIVE: (N_("Active"), "good"),
    ServiceState.SUSPENDED: (N_("Suspended"), "dry"),
    ServiceState.EXHAUSTED: (N_("Used up"), "bad"),
    ServiceState.EXPIRED: (N_("Expired"), "bad"),
    ServiceState.REVOKED: (N_("Revoked"), "bad"),
}


def number(value: int) -> str:
    """A number as the visitor writes it."""
    return str(format_decimal(value, locale=_locale()))


def amount(pages: int | None) -> str:
    """A number of pages, or that there is no limit."""
    return _("unlimited") if pages is None else number(pages)


def day(value: date) -> str:
    """A day as the visitor writes it."""
    return str(format_date(value, "medium", locale=_locale()))


def validity(duration: Duration, expires_on: date | None) -> str:
    """Until when a distribution lasts: a date for custom ones only (SQ-31, SQ-33)."""
    if expires_on is not None:
        return _("Until {date}", date=day(expires_on))
    return _("Billed by use") if duration is Duration.USAGE else _("Perpetual")


def state_slip(state: ServiceState) -> None:
    """The state on a coloured slip."""
    title, style = STATES[state]
    theme.chip(_(title), style)


def meter(title: str, used: int, limit: int | None, left: int | None, state: ServiceState, note: str = "") -> None:
    """How much of `limit` is used, as words and as a bar; `left` may be less than the rest of it."""
    with theme.block("meter"):
        with theme.block("meter-words"):
            theme.text(title, "strong")
            if state in (ServiceState.SUSPENDED, ServiceState.EXPIRED, ServiceState.REVOKED):
                state_slip(state)
            theme.text(_use_words(used, limit), "meter-number")
        if limit is not None:
            _bar(title, limit, left)
        if note:
            theme.text(note, "hint")


def _use_words(used: int, limit: int | None) -> str:
    if limit is None:
        return _("{used} pages used, no limit", used=number(used))
    return _("{used} of {limit} pages used", used=number(used), limit=number(limit))


def _bar(title: str, limit: int, left: int | None) -> None:
    percent = percent_left(limit, left)
    filled = 100 - min(100, percent if percent is not None else 100)
    few = " few" if percent is not None and percent < FEW_PERCENT else ""
    label = _("{title}: {percent} % left", title=title, percent=100 - filled)
    values = {"aria_valuenow": str(100 - filled), "aria_valuemin": "0", "aria_valuemax": "100", "aria_label": label}
    with theme.block(f"meter-bar{few}", role="meter", **values):
        theme.box("meter-filled").style(f"width: {filled}%")


def _locale() -> Locale:
    return Locale.parse(visitor().locale.replace("-", "_"))
