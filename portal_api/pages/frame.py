"""The frame around every page: sign-in check, header, navigation, the user's menu, and problems shown nicely."""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import Any, ParamSpec
from urllib.parse import quote, urlencode

from fastapi import Request
from nicegui import ui
from starlette.responses import RedirectResponse, Response

from connectors.errors import PressroomError
from connectors.messages import N_
from domain.organizations.actor import ROLE_MISSING
from domain.organizations.administrators import whom_to_ask
from domain.organizations.permissions import Permission
from domain.sign_in.service import set_preferences
from domain.sign_in.sessions import SIGN_IN_NEEDED
from domain.texts.catalogue import locales
from portal_api.pages import theme
from portal_api.pages.places import ACCOUNTS, AREAS, FLEET, Area, area_of, first_address
from portal_api.pages.visit import (
    ask,
    begin_visit,
    faults_shown,
    features,
    opened_path,
    sign_in_address,
    visitor,
)
from portal_api.pages.widgets.workplace import visiting_bar, workplace_button, works_in_several
from portal_api.pages.words import _, error_texts, spoken

P = ParamSpec("P")

WORKPLACES = {ACCOUNTS: "/workplace", FLEET: f"/workplace?area={FLEET}"}
"""Areas in which who administers several organizations chooses one first (AC-31, FL-46)."""
PHONE = "phone"
"""The place of pages for a phone that is held to a printer: without the ways to everywhere else (MOB-1)."""
LOOK_NAMES = {"auto": N_("As the device"), "light": N_("Light"), "dark": N_("Dark")}


RESPONSE_SECONDS = 30.0
"""How long a page may take to be built: a database under load is slow, and slow is no error."""
PAGE_PERMISSIONS: dict[str, Permission] = {}
"""What each page takes to be opened, by its path."""


def portal_page(
    path: str, title: str, permission: Permission, place: str = ""
) -> Callable[[Callable[P, Awaitable[None]]], Callable[P, Awaitable[None]]]:
    """Decorator of a page's builder: who is not signed in is sent to sign in, a fault becomes a page of its own.

    Who lacks `permission` is told which role is missing (AC-47).
    """
    PAGE_PERMISSIONS[path] = permission

    def decorate(build: Callable[P, Awaitable[None]]) -> Callable[P, Awaitable[None]]:
        @wraps(build)
        async def page(request: Request, **values: Any) -> Response | None:
            try:
                await begin_visit(request)
            except PressroomError as error:
                if error.fault is SIGN_IN_NEEDED:
                    return RedirectResponse(sign_in_address(request), 303)
                raise
            ui.page_title(f"{_(title)} · Pressroom")
            await _framed(place, request, permission, lambda: build(**values))  # type: ignore[call-arg]
            return None

        page.__signature__ = _with_request(build)  # type: ignore[attr-defined]
        ui.page(path, response_timeout=RESPONSE_SECONDS)(page)
        return build

    return decorate


def _with_request(build: Callable[..., Any]) -> inspect.Signature:
    request = inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request)
    return inspect.Signature([*inspect.signature(build).parameters.values(), request])


async def _framed(place: str, request: Request, permission: Permission, build: Callable[[], Awaitable[None]]) -> None:
    ui.context.client.content.classes("portal")
    ui.query("html").props(f'lang="{spoken()}"')
    dark = ui.dark_mode(theme.LOOKS.get(request.cookies.get(theme.LOOK_COOKIE, "auto"), None))
    _header(place, dark)
    with theme.block("page", "main", id="main") as main:
        try:
            visitor().need(permission)
            await build()
        except PressroomError as error:
            ui.context.client.status_code = error.fault.status
            main.clear()
            with main, show_problem(error):
                if error.fault is ROLE_MISSING:
                    await _whom_to_ask()


@contextmanager
def show_problem(error: PressroomError) -> Iterator[None]:
    """A page that says what is wrong, what helps, and how to go on; inside the block more can be said of it."""
    message, remedy = error_texts(error)
    with theme.block("problem sheet crop", role="alert"):
        theme.text(str(error.fault.status), "problem-number", aria_hidden="true")
        theme.text(message, "problem-title", "h1")
        theme.text(remedy, "muted", "p")
        yield
        theme.text(error.code, "ticket")
        theme.main_button(_("Go to the start page"), "arrow_back").props("href=/")


async def _whom_to_ask() -> None:
    """Which roles one has, and who gives others (TS-1, AN-145)."""
    with theme.block("facts", "dl"):
        theme.text(_("Your roles"), "muted", "dt")
        theme.text(", ".join(_(role) for role in sorted(visitor().roles)), "", "dd")
        if found := await ask(whom_to_ask):
            theme.text(_("Administrators"), "muted", "dt")
            with theme.block("whom-to-ask", "dd"):
                for one in found:
                    with theme.block("quiet-link", "a", href=f"mailto:{quote(one.email)}"):
                        theme.text(one.name if one.name == one.email else f"{one.name} ({one.email})")
    with theme.block("quiet-link", "a", href="/account#works"):
        theme.text(_("What works, and which role the rest takes"))


def feedback_address(path: str) -> str:
    """Where one says something about the page at this path (FL-333)."""
    return f"/feedback?{urlencode({'page': path})}"


def heading(title: str, subtitle: str = "") -> None:
    """The page's own heading."""
    with theme.block("heading"):
        theme.text(title, "", "h1")
        if subtitle:
            theme.text(subtitle, "muted", "p")


def _header(place: str, dark: ui.dark_mode) -> None:
    box = theme.box("skip", "a", href="#main")
    with box:
        theme.text(_("Skip to the content"))
    with theme.block("bar", "header"):
        home = "/phone" if place == PHONE else first_address(visitor(), features())
        with theme.block("brand", "a", href=home, aria_label="Pressroom"):
            theme.color_bar()
            theme.text("Pressroom", "brand-name")
        if place == PHONE:
            ui.space()
            _user_menu(dark)
            return
        _application_switcher()
        with theme.block("places", "nav", aria_label=_("Main navigation")):
            area = area_of(place)
            for one, address in area.main_places(visitor(), features()):
                _place(_(one.title), one.icon, address, one.name == area.main_of(place))
        workplace_button()
        _user_menu(dark)
    visiting_bar()
    _second_row(place)


def _second_row(place: str) -> None:
    beside = area_of(place).beside(place, visitor(), features())
    if len(beside) < 2:
        return
    with theme.block("places second", "nav", aria_label=_("Pages beside this one")):
        for one in beside:
            _place(_(one.title), one.icon, one.address, one.name == place)


def _place(title: str, icon: str, address: str, is_here: bool) -> None:
    attributes = {"aria_current": "page"} if is_here else {}
    with theme.block("place here" if is_here else "place", "a", href=address, **attributes):
        theme.icon(icon)
        theme.text(title)


def _application_switcher() -> None:
    with theme.icon_button("apps", _("Applications")).classes("switcher"), ui.menu().classes("panel-menu"):
        theme.text(_("Applications"), "menu-title")
        for area in AREAS:
            if places := area.main_places(visitor(), features()):
                first = WORKPLACES.get(area.name) if works_in_several() else None
                _area(area, first or places[0][1])


def _area(area: Area, address: str) -> None:
    with ui.menu_item(on_click=lambda: ui.navigate.to(address)).classes("menu-row"):
        theme.icon(area.icon).classes("menu-icon")
        theme.text(_(area.title))


def _user_menu(dark: ui.dark_mode) -> None:
    actor = visitor()
    initials = "".join(part[0] for part in actor.name.split()[:2]).upper() or "?"
    button = ui.button(initials, color=None).props("round flat no-caps").classes("avatar")
    button.props["aria-label"] = _("Menu of {name}", name=actor.name)
    with button, ui.menu().classes("panel-menu"):
        theme.text(actor.name, "menu-name")
        theme.text(actor.email, "menu-mail muted")
        theme.text(actor.home_organization_name, "menu-mail muted")
        with ui.menu_item(on_click=lambda: ui.navigate.to("/account")).classes("menu-row"):
            theme.icon("account_circle").classes("menu-icon")
            theme.text(_("My account"))
        about_here = feedback_address(opened_path())
        with ui.menu_item(on_click=lambda: ui.navigate.to(about_here)).classes("menu-row").props("role=menuitem"):
            theme.icon("forum").classes("menu-icon")
            theme.text(_("Feedback"))
        theme.text(_("Language"), "menu-title")
        for code, name in locales().items():
            _choice(name, code == spoken(), partial(_change_language, code))
        theme.text(_("Appearance"), "menu-title")
        for look, title in LOOK_NAMES.items():
            _choice(_(title), theme.LOOKS[look] == dark.value, partial(_change_look, look, dark))
        ui.separator()
        with theme.block("", "form", method="post", action="/sign-out"):
            ui.button(_("Sign out"), icon=theme.symbol("logout"), color=None).props(
                "flat no-caps type=submit align=left"
            ).classes("menu-sign-out")


def _choice(title: str, is_chosen: bool, choose: Callable[[], Any]) -> None:
    with ui.menu_item(on_click=choose).classes("menu-row").props("role=menuitemradio") as item:
        item.props["aria-checked"] = str(is_chosen).lower()
        theme.icon("check").classes("menu-icon").style("" if is_chosen else "visibility:hidden")
        theme.text(title)


async def _change_language(code: str) -> None:
    with faults_shown():
        await ask(set_preferences, code, visitor().time_zone)
        ui.navigate.reload()


def _change_look(look: str, dark: ui.dark_mode) -> None:
    cookie = f"{theme.LOOK_COOKIE}={look}; path=/; max-age=31536000; samesite=lax"
    ui.run_javascript(f"document.cookie = '{cookie}'")
    dark.value = theme.LOOKS[look]
