"""The second step of signing in: a code of the authenticator app, or setting one up where the organization asks."""

import base64
from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response
from nicegui import app, ui

from connectors.errors import PressroomError
from connectors.messages import N_
from domain.sign_in.second_factor import CODE_WRONG, Enrolment
from domain.sign_in.service import HALF_OVER, enrolment_of, finish_enrolling_sign_in
from portal_api.pages import theme
from portal_api.pages.door import alarm, answer, door, field, link
from portal_api.pages.words import _
from portal_api.sign_in import (
    HALF_COOKIE,
    failures_counted,
    forget_half_cookie,
    local_path,
    origin_of,
    replace_session,
    sign_in_problem,
)


@ui.page("/sign-in/code")
def give_code(request: Request, next: str = "/") -> None:  # noqa: A002 — the query's name
    """Ask for the code."""
    with door(request, N_("Second step")):
        theme.text(_("Type the code that your authenticator app shows, or one of your recovery codes."), "muted", "p")
        if error := sign_in_problem(request):
            alarm(error)
        with theme.block("door-form", "form", method="post", action="/sign-in/code"):
            theme.box("", "input", type="hidden", name="next", value=local_path(next))
            _code_field()
            theme.main_button(_("Sign in")).props("type=submit")
            link(_("Begin again"), "/sign-in")


@ui.page("/sign-in/second-factor")
def set_up(request: Request, next: str = "/") -> Response | None:  # noqa: A002 — the query's name
    """Show what the authenticator app needs, and ask for its first code."""
    try:
        enrolment = enrolment_of(request.cookies.get(HALF_COOKIE, ""))
    except PressroomError as error:
        return RedirectResponse(f"/sign-in?problem={error.code}", 303)
    _enrolment_page(request, enrolment, next)
    return None


@app.post("/sign-in/second-factor", include_in_schema=False)
def set_up_by_form(
    request: Request,
    code: Annotated[str, Form(max_length=64)],
    next: Annotated[str, Form(max_length=2048)] = "/",  # noqa: A002 — the form's own name for it
) -> Response:
    """Put the second factor in force, sign in, and show the recovery codes."""
    ticket = request.cookies.get(HALF_COOKIE, "")
    try:
        with failures_counted(request):
            signed_in, codes = finish_enrolling_sign_in(ticket, code, origin_of(request))
    except PressroomError as error:
        if error.fault is not CODE_WRONG:
            return RedirectResponse(f"/sign-in?problem={HALF_OVER.code}", 303)
        enrolment, problem = enrolment_of(ticket), error
        return answer(request, lambda: _enrolment_page(request, enrolment, next, problem), 422)
    response = answer(request, lambda: _codes_page(request, codes, next))
    replace_session(request, response, signed_in.session.token)
    forget_half_cookie(response)
    return response


def qr_picture(enrolment: Enrolment) -> None:
    """The QR code, and the secret for those who cannot scan it."""
    picture = base64.b64encode(enrolment.qr_svg().encode()).decode()
    alternative = _("QR code for the authenticator app")
    theme.box("qr", "img", src=f"data:image/svg+xml;base64,{picture}", alt=alternative)
    theme.text(_("If you cannot scan it, type this key into the app:"), "hint")
    secret = enrolment.secret
    theme.text(" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)), "secret-text", "code")


def recovery_codes(codes: tuple[str, ...]) -> None:
    """The codes, for keeping."""
    with theme.block("secret-list", "ul", aria_label=_("Recovery codes")):
        for code in codes:
            theme.text(code, "secret-text", "li")
    theme.text(_("Each works once in place of a code of the app. They are shown only now: print or keep them."), "hint")


def _enrolment_page(
    request: Request, enrolment: Enrolment, next_path: str, error: PressroomError | None = None
) -> None:
    with door(request, N_("Set up a second factor")):
        theme.text(_("Your organization asks for a second factor. Scan this with an authenticator app."), "muted", "p")
        qr_picture(enrolment)
        if error is not None:
            alarm(error)
        with theme.block("door-form", "form", method="post", action="/sign-in/second-factor"):
            theme.box("", "input", type="hidden", name="next", value=local_path(next_path))
            _code_field()
            theme.main_button(_("Set up and sign in")).props("type=submit")


def _codes_page(request: Request, codes: tuple[str, ...], next_path: str) -> None:
    with door(request, N_("Your recovery codes")):
        theme.text(_("The second factor is set up. These codes get you in when the app is lost."), "muted", "p")
        recovery_codes(codes)
        theme.main_button(_("Continue")).props["href"] = local_path(next_path)


def _code_field() -> None:
    attributes = {"inputmode": "text", "autocomplete": "one-time-code", "maxlength": "32", "autocapitalize": "off"}
    field(_("Code"), type="text", name="code", required="", autofocus="", **attributes)
