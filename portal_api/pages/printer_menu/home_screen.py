"""Home screens: shown on a printer's page; arranged for one printer or several, sent, reset (F-33, FL-291…FL-301)."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from nicegui import ui

from connectors.messages import N_
from connectors.printers.device_answers import BLANK, Layout
from domain.organizations.permissions import Permission
from fleet.printers.home_screens import HomeScreenView, home_screen_of
from fleet.tasks.kinds import TaskKind
from fleet.tasks.listing import JobView
from fleet.tasks.preview import TaskPreview
from fleet.tasks.service import NewTask, start_fleet_task
from fleet.tasks.status import JobStatus
from portal_api.pages import theme
from portal_api.pages.home_screen_draft import HomeScreenDraft
from portal_api.pages.printer_actions import ChosenPrinters, Menu, PrinterAction, PrinterSection
from portal_api.pages.visit import ask, faults_shown, look_again, visitor, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.foreseen_refusals import confirm_task, foreseen_refusals
from portal_api.pages.widgets.home_screen_editor import HomeScreenEditor
from portal_api.pages.widgets.job_watch import JobWatch
from portal_api.pages.widgets.states import state_mark
from portal_api.pages.words import _, message_text

EVERY = 5.0
"""Seconds between two looks at the home screen of an open page."""
MOST_MODELS = 50
"""So many printers of a selection are offered as the one whose layout one begins with."""


async def customise(chosen: ChosenPrinters) -> None:
    """Arrange the layout, beginning with what a printer shows now."""
    with faults_shown():
        ids = await chosen.ids()
        preview = await chosen.foresee(TaskKind.SET_HOME_SCREEN)
        await HomeScreenDialog(chosen, ids, preview).open()


async def reset(chosen: ChosenPrinters) -> None:
    """Bring back each model's own layout after a question (FL-299)."""
    texts = (_("Each printer shows the layout of its model again."),)
    new = NewTask(TaskKind.SET_HOME_SCREEN, {"pages": None})
    await confirm_task(chosen, new, _("Reset home screen?"), texts, _("Reset"), icon="restart_alt")


class HomeScreenDialog:
    """The open dialog: the printer is read first, then its layout is arranged and sent to all that were chosen."""

    def __init__(self, chosen: ChosenPrinters, ids: Sequence[str], preview: TaskPreview) -> None:
        self._chosen, self._ids, self._preview = chosen, ids, preview
        refused = {one.printer_id for one in preview.named}
        self._source = next((one for one in ids if one not in refused), ids[0])
        self._read_task = ""
        self._failed: JobView | None = None
        self._screen: HomeScreenView | None = None
        self._draft: HomeScreenDraft | None = None

    async def open(self) -> None:
        """Lay it out, show it, and have the printer read."""
        with theme.dialog().props("persistent") as self._dialog, theme.block("sheet dialog-sheet wide"):
            theme.text(_("Customise home screen"), "dialog-title", "h2")
            theme.text(self._chosen.words, "", "p")
            foreseen_refusals(self._preview)
            if len(self._ids) > 1:
                await self._source_choice()
            self._body()
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(self._dialog.close)
                self._save = theme.main_button(_("Save home screen"), "send").on_click(self._send)
                self._save.disable()
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()
        await self._read()

    async def _source_choice(self) -> None:
        """Which printer's layout one begins with, where several are chosen."""
        known = [screen for one in self._ids[:MOST_MODELS] if (screen := await ask(home_screen_of, one)) is not None]
        options = {screen.printer_id: f"{screen.subject} · {screen.model}" for screen in known}
        if len(options) > 1:
            value = self._source if self._source in options else next(iter(options))
            choice = ui.select(options, value=value, label=_("Begin with the layout of"), with_input=True)
            choice.props("outlined dense options-dense")
            choice.on_value_change(lambda event: self._begin_with(str(event.value)))
            self._source = value

    async def _begin_with(self, printer_id: str) -> None:
        self._source = printer_id
        await self._read()

    async def _read(self) -> None:
        """Have the printer tell its layout as it is now (F-33, first step)."""
        self._draft = self._failed = None
        self._save.disable()
        with faults_shown():
            self._screen = await ask(home_screen_of, self._source)
            self._read_task = await ask(start_fleet_task, NewTask(TaskKind.REFRESH), [self._source])
        self._body.refresh()

    async def _was_read(self, job: JobView) -> None:
        with faults_shown():
            self._screen = await ask(home_screen_of, self._source)
        if job.status is JobStatus.COMPLETED and self._screen is not None:
            self._arrange()
        else:
            self._failed = job
            self._body.refresh()

    def _arrange(self) -> None:
        if self._screen is not None:
            pages = [list(page) for page in self._screen.pages]
            self._draft = HomeScreenDraft(pages, self._screen.items_per_page, self._screen.names)
            self._save.enable()
        self._read_task = ""
        self._body.refresh()

    @ui.refreshable_method
    def _body(self) -> None:
        if self._draft is not None and self._screen is not None:
            facts = {"model": self._screen.model, "count": self._draft.items_per_page}
            theme.text(_("Of {model}; {count} items fit on a page.", **facts), "hint")
            HomeScreenEditor(self._draft).build()
            if len(self._ids) > 1:
                theme.text(
                    _("On models with smaller pages more pages come about, on others there are fewer items on a page."),
                    "hint",
                )
            return
        if self._failed is None:
            with theme.block("reading", role="status"):
                ui.spinner(size="1.6em")
                theme.text(_("The printer is asked for its present layout."))
            if self._read_task:
                JobWatch(self._read_task, self._was_read).build()
        else:
            with theme.block("job-state", role="status"):
                state_mark(self._failed.status)
                reason = self._failed.reason
                theme.text(message_text(reason) if reason else _("The printer has told no home screen."), "complaint")
        if self._screen is not None:
            words = _("Go on with the layout as it was read on {time}", time=when(self._screen.read_at))
            theme.plain_button(words, "history").on_click(self._arrange)

    async def _send(self) -> None:
        if self._draft is None:
            return
        new = NewTask(TaskKind.SET_HOME_SCREEN, {"pages": self._draft.pages})
        with faults_shown():
            preview = await self._chosen.foresee(new.kind, new.parameters)
            if preview.refused == self._preview.refused:
                await self._start(new)
                return
            notes = partial(foreseen_refusals, preview)
            confirm(_("Send it all the same?"), (), _("Send"), partial(self._start, new), icon="send", notes=notes)

    async def _start(self, new: NewTask) -> None:
        if await self._chosen.start(new):
            self._dialog.close()


async def home_screen_section(printer_id: str) -> None:
    """The layout that the printer shows, on its page, with what can be done about it (FL-292)."""
    _ShownScreen(printer_id, await ask(home_screen_of, printer_id)).build()


class _ShownScreen:
    """The home screen on a page that is open, once the printer has told one; it looks again by itself."""

    def __init__(self, printer_id: str, screen: HomeScreenView | None) -> None:
        self._printer_id, self._screen = printer_id, screen

    def build(self) -> None:
        """Lay it out. Dialogs are beside it: it is laid out anew while they are open."""
        self._shown()
        self._place = theme.box("dialogs")
        ui.timer(EVERY, self._look)

    async def _open(self, dialog: Callable[[ChosenPrinters], Awaitable[None]]) -> None:
        async def find() -> Sequence[str]:
            return [self._printer_id]

        with self._place:
            await dialog(ChosenPrinters(1, find, self._look))

    async def _look(self) -> None:
        with faults_shown():
            screen = await look_again(home_screen_of, self._printer_id)
            if screen != self._screen:
                self._screen = screen
                self._shown.refresh()

    @ui.refreshable_method
    def _shown(self) -> None:
        screen = self._screen
        if screen is None:
            return
        with theme.block("sheet settings", "section", aria_label=_("Home screen")):
            theme.text(_("Home screen"), "section-title", "h2")
            layout = _("The model's own layout") if screen.is_default else _("A layout of your own")
            theme.text(_("{layout}, read on {time}", layout=layout, time=when(screen.read_at)), "hint")
            shown_pages(screen.pages, lambda item: screen.names.get(item, item))
            if visitor().may(Permission.FLEET_MANAGE):
                with theme.block("dialog-actions"):
                    theme.plain_button(_("Reset"), "restart_alt").on_click(lambda: self._open(reset))
                    theme.plain_button(_("Customise"), "grid_view").on_click(lambda: self._open(customise))


def shown_pages(pages: Layout, name: Callable[[str], str]) -> None:
    """The pages with their items in order."""
    with theme.block("tile-pages"):
        for number, items in enumerate(pages):
            title = _("Page {number}", number=number + 1)
            with theme.block("tile-page", "section", aria_label=title):
                theme.text(title, "field-title")
                with theme.block("tiles", "ol"):
                    for item in items:
                        look = "tile still blank" if item == BLANK else "tile still"
                        theme.text(_("Blank space") if item == BLANK else name(item), look, "li")


_MAY = Permission.FLEET_MANAGE
ACTIONS = (
    PrinterAction(Menu.CONFIGURE, 60, N_("Customise home screen"), "grid_view", _MAY, customise),
    PrinterAction(Menu.CONFIGURE, 61, N_("Reset home screen"), "restart_alt", _MAY, reset),
)
SECTIONS = (PrinterSection(50, Permission.FLEET_VIEW, home_screen_section),)
