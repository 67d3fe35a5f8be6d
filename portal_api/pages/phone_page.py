"""The phone in place of a printer's panel: my jobs, solutions, scanning with the camera (MOB-1…MOB-9, PR-221)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from portal_api.pages import theme
from portal_api.pages.frame import PHONE, portal_page
from portal_api.pages.visit import visitor
from portal_api.pages.widgets.own_jobs import OwnJobs
from portal_api.pages.widgets.phone_solutions import PhoneSolutions
from portal_api.pages.widgets.phone_turn import PhoneTurn, no_turn, open_turn, prompt_to_end, turn_ended
from portal_api.pages.words import _

JOBS, SOLUTIONS = "jobs", "solutions"
TABS = {
    JOBS: (N_("My jobs"), "print", Permission.PRINT_SUBMIT),
    SOLUTIONS: (N_("Solutions"), "layers", Permission.SOLUTIONS_RUN),
}


@portal_page("/phone", N_("At the printer"), Permission.OWN_ACCOUNT, PHONE)
async def phone(tab: str = "", scan: str = "") -> None:
    """The page; with a `scan`, a solution is chosen for it."""
    turn = await open_turn()
    if isinstance(turn, PhoneTurn):
        await PhonePanel(turn, tab, scan).build()
    else:
        no_turn(turn)


class PhonePanel:
    """What can be done here, in tabs: each for those who may."""

    def __init__(self, turn: PhoneTurn, tab: str, scan_id: str) -> None:
        self._turn, self._scan_id = turn, scan_id
        self._tabs = {name: facts for name, facts in TABS.items() if visitor().may(facts[2])}
        self._tab = tab if tab in self._tabs else next(iter(self._tabs))

    async def build(self) -> None:
        """Lay it out."""
        with theme.block("phone") as self._whole:
            self._turn.build(lambda: turn_ended(self._whole))
            with ui.tabs().props("no-caps inline-label align=justify") as tabs:
                for name, (title, icon, _permission) in self._tabs.items():
                    ui.tab(name, _(title), icon=theme.symbol(icon))
            theme.plain_button(_("Scan with the camera"), "photo_camera").props("href=/phone/scan")
            with ui.tab_panels(tabs, value=self._tab, animated=False).classes("phone-panels"):
                for name in self._tabs:
                    with ui.tab_panel(name):
                        await self._panel(name)

    async def _panel(self, name: str) -> None:
        if name == JOBS:
            await OwnJobs(lambda: self._turn.printer.id, "mobile_panel", self._turn.use, self._printed).build()
        else:
            await PhoneSolutions(self._scan_id).build()

    def _printed(self) -> None:
        prompt_to_end(_("Everything was printed."))
