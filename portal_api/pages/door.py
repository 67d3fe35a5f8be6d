"""The pages before the door: what people see who are not signed in. Plain forms, which need no socket."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response
from nicegui import Client, ui
from nicegui.page import page

from connectors.errors import PressroomError
from connectors.settings import get_settings
from domain.texts.catalogue import language_of, locales, negotiate
from portal_api.pages import theme
from portal_api.pages.words import _, error_texts, speak, spoken

NO_STORE = "no-store"


def answer(request: Request, build: Callable[[], None], status: int = 200) -> Response:
    """The page that answers a form at once, without a redirection: what it tells must not stand in an address."""
    with Client(page(""), request=request) as client:
        build()
        response = client.build_response(request, status)
    response.headers["Cache-Control"] = NO_STORE
    return response


@contextmanager
def door(request: Request, title: str, language: str = "", *, is_first: bool = False) -> Iterator[None]:
    """The sheet on which a page stands, in the reader's language; `title` is a template.

    `is_first`: the sign-in page itself, which needs no heading of its own.
    """
    speak(language_of(language) if language else negotiate(request.headers.get("accept-language", "")))
    ui.page_title(f"{_(title)} · Pressroom")
    ui.query("html").props(f'lang="{spoken()}"')
    ui.dark_mode(theme.LOOKS.get(request.cookies.get(theme.LOOK_COOKIE, "auto"), None))
    ui.context.client.content.classes("portal")
    with theme.block("door", "main"), theme.block("sheet crop door-sheet"):
        theme.color_bar()
        theme.text("Pressroom", "door-name", "h1")
        if region := get_settings().region:
            theme.text(_("Region: {region}", region=region), "ticket")
        if not is_first:
            theme.text(_(title), "section-title", "h2")
        yield


def alarm(error: PressroomError) -> None:
    """What went wrong, and what helps."""
    message, remedy = error_texts(error)
    with theme.block("alarm", role="alert"):
        theme.text(message, "strong")
        theme.text(remedy)


def notice(text: str) -> None:
    """Something good, or neutral."""
    with theme.block("alarm quiet", role="status"):
        theme.text(text)


def field(label: str, **attributes: str) -> None:
    """A plain input with its label."""
    with theme.block("door-field", "label"):
        theme.text(label)
        theme.box("", "input", **attributes)


def link(text: str, address: str) -> None:
    """A way to another page."""
    with theme.block("quiet-link", "a", href=address):
        theme.text(text)


def languages(path: str, **query: str) -> None:
    """The choice of a language: the same page again."""
    with theme.block("door-languages"):
        for code, name in locales().items():
            current = {"aria_current": "true"} if code == spoken() else {}
            address = f"{path}?{urlencode({'language': code, **query})}"
            with theme.block("quiet-link", "a", href=address, lang=code, **current):
                theme.text(name)
