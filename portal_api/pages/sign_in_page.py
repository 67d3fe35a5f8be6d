"""The sign-in page: a plain form, which works without a socket and lets password managers do their work."""

from urllib.parse import urlencode

from fastapi import Request
from nicegui import ui

from domain.texts.catalogue import language_of, locales, negotiate
from portal_api.pages import theme
from portal_api.pages.words import _, error_texts, speak, spoken
from portal_api.sign_in import local_path, sign_in_problem


@ui.page("/sign-in")
def sign_in(request: Request, next: str = "/solutions", language: str = "") -> None:  # noqa: A002 — the query's name
    """Ask for e-mail address and password, and tell what went wrong the last time."""
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
        _form(address)
        with theme.block("door-languages"):
            for code, name in locales().items():
                query = urlencode({"language": code, "next": address})
                current = {"aria_current": "true"} if code == spoken() else {}
                with theme.block("quiet-link", "a", href=f"/sign-in?{query}", lang=code, **current):
                    theme.text(name)


def _form(address: str) -> None:
    with theme.block("door-form", "form", method="post", action="/sign-in"):
        theme.box("", "input", type="hidden", name="next", value=address)
        with theme.block("door-field", "label"):
            theme.text(_("E-mail address"))
            theme.box("", "input", type="email", name="email", autocomplete="username", required="", autofocus="")
        with theme.block("door-field", "label"):
            theme.text(_("Password"))
            theme.box("", "input", type="password", name="password", autocomplete="current-password", required="")
        theme.main_button(_("Sign in")).props("type=submit")
