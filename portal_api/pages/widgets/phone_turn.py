"""One's turn at a printer, on the pages for phones: whose it is, how long it lasts, and ending it (MOB-5, MOB-9)."""

from collections.abc import Callable

from nicegui import ui
from nicegui.element import Element

from connectors.errors import PressroomError
from fleet.phones.turns import TURN_OVER, PhoneVisit, enter_printer, seconds_left, touch_printer
from fleet.releasing.printers import ReleasePrinter
from portal_api.pages import theme
from portal_api.pages.visit import ask, cookie, faults_shown, look_again
from portal_api.pages.words import _, error_texts
from portal_api.phone_turn import TURN_COOKIE, kept_ticket

LOOK_SECONDS = 2.0
WARN_SECONDS = 60
END_PATH = "/phone/end"


class PhoneTurn:
    """The turn of the visitor. Every thing that is done here says so by `use`; looking on is no use."""

    def __init__(self, visit: PhoneVisit) -> None:
        self.visit = visit
        self._left = WARN_SECONDS + 1
        self._ended: Callable[[], None] | None = None

    @property
    def printer(self) -> ReleasePrinter:
        return self.visit.printer

    async def use(self) -> None:
        """Something is done: the turn goes on. Raises `TURN_OVER`."""
        await ask(touch_printer, self.visit.token)

    def build(self, ended: Callable[[], None]) -> None:
        """Lay out the bar of the printer; `ended` is called when the turn is over by itself."""
        self._ended = ended
        with theme.block("phone-at", "section", aria_label=_("Printer")):
            theme.icon("print")
            with theme.block("record-words"):
                theme.text(self.printer.name, "strong", "h1")
                place = " · ".join(filter(None, (self.printer.location, self.printer.model)))
                theme.text(place, "hint clamp-one")
            end_button(_("End the session"))
        self._warning()
        self._timer = ui.timer(LOOK_SECONDS, self._look)

    @ui.refreshable_method
    def _warning(self) -> None:
        if self._left <= WARN_SECONDS:
            with theme.block("alarm quiet", role="status"):
                theme.text(_("Your session ends in {count} seconds without use.", count=self._left))
                theme.plain_button(_("Stay signed in"), "timer").on_click(self._stay)

    async def _look(self) -> None:
        with faults_shown():
            before, self._left = self._left, await look_again(seconds_left, self.visit.token)
            if not self._left:
                self._timer.cancel()
                assert self._ended is not None
                self._ended()
            elif min(before, self._left) <= WARN_SECONDS:
                self._warning.refresh()
            return
        self._timer.cancel()

    async def _stay(self) -> None:
        with faults_shown():
            await self.use()
            await self._look()


async def open_turn() -> PhoneTurn | PressroomError | None:
    """The visitor's turn at the printer whose code was scanned, why there is none, or None: nothing was scanned."""
    at = kept_ticket(cookie(TURN_COOKIE))
    if at is None:
        return None
    try:
        return PhoneTurn(await ask(enter_printer, at))
    except PressroomError as error:
        return error


def end_button(title: str) -> None:
    """The button that ends the turn; a form, because the browser is to forget what was scanned."""
    with theme.block("", "form", method="post", action=END_PATH):
        theme.plain_button(title, "logout").props("type=submit")


def no_turn(error: PressroomError | None) -> None:
    """What is shown in place of a turn: what is in the way, or that a code has to be scanned first."""
    if error is not None:
        message, remedy = error_texts(error)
        with theme.block("alarm", role="alert"):
            theme.text(message, "strong")
            theme.text(remedy)
        theme.plain_button(_("Try again"), "refresh").on_click(ui.navigate.reload)
        return
    with theme.block("sheet empty", role="status"):
        theme.icon("qr_code_scanner")
        theme.text(_("Scan the code of a printer"), "strong", "h1")
        theme.text(_("Open the camera of your phone and hold it to the code that the printer shows."), "muted")
        theme.plain_button(_("Scan a document with the camera"), "photo_camera").props("href=/phone/scan")


def turn_ended(page: Element) -> None:
    """Say on a page, in place of all that it held, that the turn is over by itself."""
    page.clear()
    with page:
        no_turn(TURN_OVER())


def prompt_to_end(done: str) -> None:
    """Ask whether to free the printer now that something is done (MOB-9, PR-223)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(done, "dialog-title", "h2")
        theme.text(_("End the session, so that the next person can use the printer?"))
        with theme.block("dialog-actions"):
            theme.plain_button(_("Stay signed in")).on_click(dialog.close)
            with theme.block("", "form", method="post", action=END_PATH):
                theme.main_button(_("End the session"), "logout").props("type=submit")
    dialog.on("hide", dialog.delete)
    dialog.open()
