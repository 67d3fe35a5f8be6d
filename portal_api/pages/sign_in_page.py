"""The sign-in page in two steps: first the e-mail address, which decides whether a password is asked for (AC-29).

Plain forms, which work without a socket and let password managers do their work.
"""

from urllib.parse import urlencode

from fastapi import Request
from nicegui import ui

from connectors.messages import N_
from domain.print_guests.admission import are_guests_welcome
from portal_api.pages import theme
from portal_api.pages.door import alarm, door, languages, link, notice
from portal_api.pages.words import _
from portal_api.phone_entry import PHONE_PAGE
from portal_api.phone_turn import TURN_COOKIE, kept_ticket
from portal_api.sign_in import local_path, sign_in_problem

LOCALLY = "local"
"""The way to sign in here, with a password, whatever the organization's identity provider does (AC-123)."""
NOTICES = {"password-set": N_("Your password is set. Sign in with it now.")}
"""What another page has sent the visitor here with."""


@ui.page("/sign-in")
def sign_in(
    request: Request,
    next: str = "/",  # noqa: A002 — the query's name
    email: str = "",
    way: str = "",
    language: str = "",
    told: str = "",
) -> None:
    """Ask for the e-mail address, then (or at once, `way`) for the password; tell what went wrong the last time.

    Programs that know whose window it is fill in the address by `email` (AC-30).
    """
    address = local_path(next)
    with door(request, N_("Sign in"), language, is_first=True):
        theme.text(_("Print, scan and document work, in one place."), "muted", "p")
        if error := sign_in_problem(request):
            alarm(error)
        elif told in NOTICES:
            notice(_(NOTICES[told]))
        if _is_guests_printer(request, address):
            notice(_("Guests print at the printer itself: choose PIN on its panel, and type the PIN you were mailed."))
        if email or way == LOCALLY:
            _password_form(address, email)
        else:
            _address_form(address)
        languages("/sign-in", next=address, email=email, way=way)


def _is_guests_printer(request: Request, address: str) -> bool:
    """Whether the code of a printer was scanned at which guests print: they have no account here (PR-189)."""
    at = kept_ticket(request.cookies.get(TURN_COOKIE, "")) if address.startswith(PHONE_PAGE) else None
    return at is not None and are_guests_welcome(at.organization_id)


def _address_form(address: str) -> None:
    """The first step. People who may sign in with a password whatever their organization does can say so here."""
    with theme.block("door-form", "form", method="post", action="/sign-in/address"):
        theme.box("", "input", type="hidden", name="next", value=address)
        _email_field()
        theme.main_button(_("Next")).props("type=submit")
        link(_("Sign in with a password"), f"/sign-in?{urlencode({'next': address, 'way': LOCALLY})}")


def _password_form(address: str, email: str) -> None:
    with theme.block("door-form", "form", method="post", action="/sign-in"):
        theme.box("", "input", type="hidden", name="next", value=address)
        _email_field(email)
        with theme.block("door-field", "label"):
            theme.text(_("Password"))
            field = theme.box("", "input", type="password", name="password", required="")
            field.props["autocomplete"] = "current-password"
            if email:
                field.props["autofocus"] = ""
        theme.main_button(_("Sign in")).props("type=submit")
        with theme.block("door-links"):
            link(_("Forgot your password?"), f"/forgot-password?{urlencode({'email': email})}")
            link(_("Use another e-mail address"), f"/sign-in?{urlencode({'next': address})}")


def _email_field(email: str = "") -> None:
    """The address; once it is entered, the cursor waits in the next field."""
    with theme.block("door-field", "label"):
        theme.text(_("E-mail address"))
        field = theme.box("", "input", type="email", name="email", autocomplete="username", required="", value=email)
        if not email:
            field.props["autofocus"] = ""
