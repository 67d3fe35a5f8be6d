"""The question in which organization to work, for people who administer several (AC-31, FL-46)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.entering import Workplace
from domain.organizations.permissions import Permission
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.places import FLEET
from portal_api.pages.visit import visitor
from portal_api.pages.widgets.workplace import START, WorkplaceChooser, enter
from portal_api.pages.words import _

LISTED = 50
PRINTERS = "/printers"
"""The home of the fleet (FL-47)."""


@portal_page("/workplace", N_("Select an organization"), Permission.OWN_ACCOUNT, "organization")
async def workplace(area: str = "") -> None:
    """The page: choose, then Next; `area` is where one goes on."""
    await WorkplacePage(PRINTERS if area == FLEET else START).build()


class WorkplacePage:
    """The open page; the organization one works in now is chosen from the start."""

    def __init__(self, goes_on: str) -> None:
        self._goes_on = goes_on
        self._id, self._name = visitor().organization_id, visitor().organization_name

    async def build(self) -> None:
        """Lay out the page."""
        heading(_("Select an organization"), _("In which organization do you want to work?"))
        with theme.block("sheet crop settings choose-workplace"):
            chooser = WorkplaceChooser(LISTED, self._choose)
            chooser.build()
            with theme.block("dialog-actions"):
                if visitor().may(Permission.FLEET_ALL_ORGANIZATIONS):
                    all_of_them = theme.plain_button(_("All organizations (view only)"), "domain")
                    all_of_them.props["href"] = "/printers/all"
                self._next = theme.main_button("", "arrow_forward").on_click(lambda: enter(self._id, self._goes_on))
            self._tell()
        await chooser.load()
        if chooser.is_single:
            ui.navigate.to(self._goes_on)

    async def _choose(self, place: Workplace) -> None:
        self._id, self._name = place.id, place.name
        self._tell()

    def _tell(self) -> None:
        self._next.set_text(_("Next: {organization}", organization=self._name))
