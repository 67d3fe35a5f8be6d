"""The sign-in page in two steps: first the e-mail address, which decides whether a password is asked for (AC-29).

Plain forms, which work without a socket and let password managers do their work.
"""

from urllib.parse import urlencode

from fastapi import Request
from nicegui import ui

from domain.texts.catalogue import language_of, locales, negotiate
from portal_api.pages import theme
from portal_api.pages.words import _, error_texts, speak, spoken
from portal_api.sign_in import local_path, sign_in_problem

LOCALLY = "local"
"""The way to sign in here, with a password, whatever the organization's identity provider does (AC-123)."""


@ui.page("/sign-in")
def sign_in(
    request: Request,
    next: str = "/",  # noqa: A002 — the query's name
    email: str = "",
    way: str = "",
    language: str = "",
) -> None:
    """Ask for the e-mail address, then (or at once, `way`) for the password; tell what went wrong the last time."""
    speak(language_of(language) if language else negotiate(request.headers.get("accept-language", "")))
    address = local_path(next)
    ui.page_title(f"{_('Sign in')} · Pressroom")
    ui.query("html").props(f'lang="{spoken()}"')
    ui.dark_mode(theme.LOOKS.get(request.cookies.get(theme.LOOK_COOKIE, "auto"), None))
    ui.context.client.content.classes("portal")
    with theme.block("door", "main"), theme.block("sheet crop door-sheet"):
        theme.color_bar()
        theme.text("Pressroom", "door-name", "h1")
        theme.text(_("Print, scan and document work, in one place."), "muted", "p")
        if error := sign_in_problem(request):
            message, remedy = error_texts(error)
            with theme.block("alarm", role="alert"):
                theme.text(message, "strong")
                theme.text(remedy)
        if email or way == LOCALLY:
            _password_form(address, email)
        else:
            _address_form(address)
        with theme.block("door-languages"):
            for code, name in locales().items():
                query = urlencode({"language": code, "next": address, "email": email, "way": way})
                current = {"aria_current": "true"} if code == spoken() else {}
                with theme.block("quiet-link", "a", href=f"/sign-in?{query}", lang=code, **current):
                    theme.text(name)


def _address_form(address: str) -> None:
    """The first step. People who may sign in with a password whatever their organization does can say so here."""
    with theme.block("door-form", "form", method="post", action="/sign-in/address"):
        theme.box("", "input", type="hidden", name="next", value=address)
        _email_field()
        theme.main_button(_("Next")).props("type=submit")
        query = urlencode({"next": address, "way": LOCALLY})
        with theme.block("quiet-link", "a", href=f"/sign-in?{query}"):
            theme.text(_("Sign in with a password"))


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
        with theme.block("quiet-link", "a", href=f"/sign-in?{urlencode({'next': address})}"):
            theme.text(_("Use another e-mail address"))


def _email_field(email: str = "") -> None:
    """The address; once it is entered, the cursor waits in the next field."""
    with theme.block("door-field", "label"):
        theme.text(_("E-mail address"))
        field = theme.box("", "input", type="email", name="email", autocomplete="username", required="", value=email)
        if not email:
            field.props["autofocus"] = ""
