"""Badges and PINs of people: exact search, registering, importing, removing several (AC-163…AC-175).

A tab of its own holds the badges that readers sent and that nobody has (TS-3, TS-6).
"""

from collections.abc import Callable

from nicegui import events, ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.printer_login.configuration import printer_login_settings
from domain.printer_login.rules import PIN_SETTERS, LoginMethod, PrinterLoginSettings
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, visitor
from portal_api.pages.widgets.badge_dialogs import import_dialog, pin_dialog, register_dialog
from portal_api.pages.widgets.login_lists import BadgeList, PinList
from portal_api.pages.widgets.unknown_badges import UnknownBadgeList
from portal_api.pages.words import _

TABS = {"badges": N_("Badges"), "pins": N_("PINs"), "unknown": N_("Unknown badges")}
AnyList = BadgeList | PinList | UnknownBadgeList
LISTS: dict[str, Callable[[], AnyList]] = {"badges": BadgeList, "pins": PinList, "unknown": UnknownBadgeList}
SEES = {"badges": Permission.BADGES_VIEW, "pins": Permission.PINS_VIEW, "unknown": Permission.BADGES_MANAGE}
PINS_ARE_OFF = N_("Printers take no PINs now. Select PIN, or badge and PIN, on the page “Printer login”.")
PINS_ARE_THEIRS = N_("In your organization people set their PINs themselves, on the page “My printer login”.")


@portal_page("/badges", N_("Badges and PINs"), Permission.BADGES_VIEW, "badges")
async def badges(tab: str = "badges", search: str = "") -> None:
    """The page; with `search` what is found by it, as other pages link here."""
    await BadgesPage(await ask(printer_login_settings), tab, search).build()


class BadgesPage:
    """The open page with the list of the chosen tab."""

    def __init__(self, settings: PrinterLoginSettings, tab: str, search: str) -> None:
        self._settings, self._wanted = settings, search
        self._tab = tab if tab in TABS and visitor().may(SEES[tab]) else "badges"
        self._list: AnyList = LISTS[self._tab]()

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Badges and PINs"), _("What people sign in with at printers."))
            ui.space()
            self._buttons()
        with theme.block("filters", role="search"):
            with ui.tabs(on_change=lambda event: self._choose(str(event.value))).props("no-caps dense") as tabs:
                for name, title in TABS.items():
                    if visitor().may(SEES[name]):
                        ui.tab(name, _(title))
            tabs.value = self._tab
            self._search = ui.input(value=self._wanted, on_change=self._find).props(
                "outlined dense clearable debounce=250"
            )
            self._search.classes("search exact-search")
            self._name_search()
        self._note()
        self._holder = theme.box("list-holder")
        self._list.search_for(self._wanted)
        await self._show()

    @ui.refreshable_method
    def _buttons(self) -> None:
        if visitor().may(Permission.BADGES_MANAGE) and visitor().may(Permission.PINS_MANAGE):
            theme.plain_button(_("Import"), "upload_file").on_click(lambda: import_dialog(self._settings))
        if self._tab == "badges" and visitor().may(Permission.BADGES_MANAGE):
            theme.main_button(_("Register a badge"), "add_card").on_click(lambda: register_dialog(self._list.load))
        if self._tab == "pins" and visitor().may(Permission.PINS_MANAGE):
            button = theme.main_button(_("Set a PIN"), "pin")
            way = PIN_SETTERS[self._settings.pin_generation].administrator
            if way is not None and self._settings.takes(LoginMethod.PIN):
                button.on_click(lambda: pin_dialog(self._settings, way, self._list.load))
            else:
                button.disable()

    @ui.refreshable_method
    def _note(self) -> None:
        if self._tab != "pins":
            return
        if not self._settings.takes(LoginMethod.PIN):
            _say(PINS_ARE_OFF)
        elif PIN_SETTERS[self._settings.pin_generation].administrator is None:
            _say(PINS_ARE_THEIRS)

    def _name_search(self) -> None:
        self._search.set_visibility(self._tab != "unknown")
        words = _("Complete e-mail address or badge ID") if self._tab == "badges" else _("Complete e-mail address")
        self._search.props["placeholder"] = words
        self._search.props["aria-label"] = words

    async def _choose(self, tab: str) -> None:
        if tab == self._tab:
            return
        self._tab = tab
        self._list = LISTS[self._tab]()
        self._search.value = ""
        self._name_search()
        self._buttons.refresh()
        self._note.refresh()
        await self._show()

    async def _show(self) -> None:
        self._holder.clear()
        with self._holder:
            await self._list.build()

    async def _find(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        await self._list.find(event.value or "")


def _say(note: str) -> None:
    with theme.block("warning", role="note"):
        theme.icon("info")
        theme.text(_(note))
