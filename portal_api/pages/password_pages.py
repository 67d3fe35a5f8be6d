"""Setting a password by a link: asking for the link, and the page that it leads to (AC-93)."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response
from nicegui import app, ui

from connectors.errors import PressroomError
from connectors.messages import N_
from domain.sign_in.links import LINK_REFUSED, LinkView, look_at_link, request_reset, set_password_by_link
from domain.sign_in.models import LinkPurpose
from domain.sign_in.password_rules import password_problems
from domain.sign_in.rules import Rules
from portal_api.pages import theme
from portal_api.pages.door import alarm, answer, door, field, languages, link
from portal_api.pages.words import _
from portal_api.sign_in import client_address, count_link_request

TITLES = {LinkPurpose.INVITATION: N_("Choose your password"), LinkPurpose.RESET: N_("Set a new password")}


@ui.page("/forgot-password")
def forgot_password(request: Request, email: str = "", language: str = "") -> None:
    """Ask for the address to which a link is mailed."""
    _forgot_page(request, email, language)


@app.post("/forgot-password", include_in_schema=False)
def request_link_by_form(request: Request, email: Annotated[str, Form(max_length=255)]) -> Response:
    """Have the link mailed; the answer is the same whether or not there is such a person."""
    try:
        count_link_request(request)
    except PressroomError as error:
        problem = error
        return answer(request, lambda: _forgot_page(request, email, "", problem), error.fault.status)
    request_reset(email, client_address(request))
    return answer(request, lambda: _sent_page(request, email))


@ui.page("/set-password")
def set_password(request: Request, token: str = "") -> None:
    """Where a link leads: looking at the page does not use the link up."""
    _link_page(request, token)


@app.post("/set-password", include_in_schema=False)
def set_password_by_form(
    request: Request,
    token: Annotated[str, Form(max_length=128)],
    password: Annotated[str, Form(max_length=1024)],
) -> Response:
    """Set it and lead to the sign-in page, or show the page again with everything that is wrong with the password."""
    try:
        email = set_password_by_link(token, password, client_address(request))
    except PressroomError as error:
        problem = error
        return answer(request, lambda: _link_page(request, token, password, problem), error.fault.status)
    query = urlencode({"email": email, "told": "password-set"})
    return RedirectResponse(f"/sign-in?{query}", 303)


def rules_text(rules: Rules) -> str:
    """What a password must be like, in a sentence."""
    return _(
        "At least {least} characters, with a lower-case letter, an upper-case letter, a digit and a special character.",
        least=rules.shortest_password,
    )


def _forgot_page(request: Request, email: str, language: str, error: PressroomError | None = None) -> None:
    with door(request, N_("Forgot your password?"), language):
        theme.text(_("We mail you a link to set a new one. It works once, for 24 hours."), "muted", "p")
        if error is not None:
            alarm(error)
        with theme.block("door-form", "form", method="post", action="/forgot-password"):
            field(
                _("E-mail address"),
                type="email",
                name="email",
                autocomplete="username",
                required="",
                autofocus="",
                value=email,
            )
            theme.main_button(_("Send the link")).props("type=submit")
            link(_("Back to signing in"), "/sign-in")
        languages("/forgot-password", email=email)


def _sent_page(request: Request, email: str) -> None:
    with door(request, N_("Look into your mail")):
        with theme.block("", role="status"):
            theme.text(
                _(
                    "If there is an account for {email}, a link is on its way. Look into the spam folder too.",
                    email=email,
                ),
                "",
                "p",
            )
        link(_("Back to signing in"), "/sign-in")


def _link_page(request: Request, token: str, password: str = "", error: PressroomError | None = None) -> None:
    try:
        view = look_at_link(token)
    except PressroomError:
        with door(request, N_("Set a new password")):
            alarm(LINK_REFUSED())
            link(_("Have a new link sent"), "/forgot-password")
            link(_("Back to signing in"), "/sign-in")
        return
    with door(request, TITLES[view.purpose]):
        for problem in _problems(view, password, error):
            alarm(problem)
        with theme.block("door-form", "form", method="post", action="/set-password"):
            theme.box("", "input", type="hidden", name="token", value=token)
            field(
                _("E-mail address"), type="email", name="email", autocomplete="username", readonly="", value=view.email
            )
            field(
                _("New password"),
                type="password",
                name="password",
                autocomplete="new-password",
                required="",
                autofocus="",
                minlength=str(view.rules.shortest_password),
                aria_describedby="rules",
            )
            theme.text(rules_text(view.rules), "hint", "p", id="rules")
            theme.main_button(_("Set the password")).props("type=submit")


def _problems(view: LinkView, password: str, error: PressroomError | None) -> list[PressroomError]:
    """All that is wrong with the password, and whatever else went wrong."""
    if error is None:
        return []
    found = password_problems(password, view.owner, view.rules.shortest_password)
    return found if error.code in {problem.code for problem in found} else [error]
