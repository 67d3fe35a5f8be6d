"""In whose organization one works: always to be seen for people who may work in several, and changed there (AC-31)."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from domain.organizations.entering import Workplace, Workplaces, workplaces
from domain.organizations.permissions import Permission
from domain.sign_in.sessions import enter_organization
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, own_session, visitor
from portal_api.pages.words import _

IN_THE_MENU = 8
"""Customers that the menu names at once; the search finds all of them."""
START = "/organization"


def works_in_several() -> bool:
    """Whether the visitor may work in customers' organizations too."""
    return visitor().may(Permission.CHILDREN_ENTER)


def workplace_button() -> None:
    """The name of the organization one works in, with the menu of all others; only for who may work in several."""
    if not works_in_several():
        return
    actor = visitor()
    button = ui.button(actor.organization_name, icon=theme.symbol("apartment"), color=None)
    button.props("flat no-caps no-wrap").classes("workplace")
    name = actor.organization_name
    button.props["aria-label"] = _("You work in {organization}. Choose another organization", organization=name)
    with button, ui.menu().classes("panel-menu workplaces") as menu:
        chooser = WorkplaceChooser(IN_THE_MENU)
        menu.on("show", chooser.load)
        chooser.build()


def visiting_bar() -> None:
    """A strip under the header while one works in a customer's organization, with the way back."""
    actor = visitor()
    if not actor.is_visiting:
        return
    with theme.block("visiting", role="status"):
        theme.icon("badge")
        names = {"customer": actor.organization_name, "partner": actor.home_organization_name}
        theme.text(_("You work in {customer}, a customer of {partner}.", **names))
        ui.space()
        back = theme.plain_button(_("Back to {partner}", partner=actor.home_organization_name), "undo")
        back.on_click(lambda: enter(actor.home_organization_id))


async def enter(organization_id: str, address: str = START) -> None:
    """Work there from now on, beginning at `address`."""
    with faults_shown():
        await ask(enter_organization, own_session(), organization_id)
        ui.navigate.to(address)


class WorkplaceChooser:
    """The list of organizations that one may work in, with a search field."""

    def __init__(self, limit: int, choose: Callable[[Workplace], Awaitable[None]] | None = None) -> None:
        self._limit, self._search = limit, ""
        self._chosen = visitor().organization_id
        self._listed = ("", Workplaces([], 0))
        self._choose = choose or (lambda place: enter(place.id))

    def build(self) -> None:
        """Lay it out; `load` fills it."""
        search = ui.input(on_change=lambda event: self._find(event.value or ""))
        search.props("outlined dense clearable debounce=200").classes("menu-search")
        search.props["placeholder"] = search.props["aria-label"] = _("Search for an organization")
        self._list()

    async def load(self) -> None:
        """Ask anew; what stands there is made anew only where it changes, so that nobody clicks into nothing."""
        search = self._search
        with faults_shown():
            listed = (search, await ask(workplaces, search, self._limit))
            if search == self._search and listed != self._listed:  # else a later answer is on its way
                self._listed = listed
                self._list.refresh()

    @property
    def _places(self) -> Workplaces:
        return self._listed[1]

    @property
    def is_single(self) -> bool:
        """Whether there is nothing to choose: one's own organization is the only one."""
        return not self._search and len(self._places.items) == 1

    async def _find(self, search: str) -> None:
        self._search = search
        await self.load()

    @ui.refreshable_method
    def _list(self) -> None:
        for place in self._places.items:
            self._row(place)
        if self._search.strip() and not self._places.total:
            theme.text(_("No customer has such a name."), "menu-mail muted")
        if (more := self._places.total - self._limit) > 0:
            theme.text(_("{count} more: type a part of the name.", count=more), "menu-mail muted")

    async def _take(self, place: Workplace) -> None:
        self._chosen = place.id
        self._list.refresh()
        await self._choose(place)

    def _row(self, place: Workplace) -> None:
        is_chosen = place.id == self._chosen
        with ui.menu_item(on_click=lambda: self._take(place)).classes("menu-row").props("role=menuitemradio") as item:
            item.props["aria-checked"] = str(is_chosen).lower()
            theme.icon("check" if is_chosen else "home" if place.is_own else "apartment").classes("menu-icon")
            theme.text(place.name)
