"""The speed upgrade of one printer: what stands in its way, the code, what comes of it, the result (F-30, FL-406…)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.printers.details import PrinterDetails, get_printer
from fleet.speed_upgrades.service import SpeedReview, deploy_upgrade, review_upgrade
from fleet.tasks.kinds import TaskKind
from fleet.tasks.listing import JobView
from fleet.tasks.preview import TaskPreview
from fleet.tasks.status import JobStatus
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters, Menu, PrinterAction
from portal_api.pages.visit import ask, faults_shown
from portal_api.pages.widgets.foreseen_refusals import foreseen_refusals
from portal_api.pages.widgets.job_watch import JobWatch
from portal_api.pages.words import _, message_text


async def upgrade_speed(chosen: ChosenPrinters) -> None:
    """Open the dialog over the one printer (FL-409)."""
    with faults_shown():
        (printer_id,) = await chosen.ids()
        printer = await ask(get_printer, printer_id)
        SpeedDialog(chosen, printer, await chosen.foresee(TaskKind.SPEED_UPGRADE)).open()


class SpeedDialog:
    """The open dialog: a code is entered, what it would do is shown, and then it is deployed and followed."""

    def __init__(self, chosen: ChosenPrinters, printer: PrinterDetails, preview: TaskPreview) -> None:
        self._chosen, self._printer, self._preview = chosen, printer, preview
        self._code = ""
        self._review: SpeedReview | None = None
        self._task_id = ""

    def open(self) -> None:
        """Lay it out and show it."""
        with theme.dialog() as self._dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Assign and deploy speed upgrade"), "dialog-title", "h2")
            self._body()
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    @ui.refreshable_method
    def _body(self) -> None:
        if self._task_id:
            self._progress()
        elif self._review is not None:
            self._confirmation(self._review)
        else:
            self._question()

    def _question(self) -> None:
        view, speed = self._printer.view, self._printer.pages_per_minute
        _lines(
            (_("Serial number"), view.serial_number),
            (_("Model"), view.model),
            (_("Pages per minute"), str(speed or _("unknown"))),
        )
        foreseen_refusals(self._preview)
        code = ui.input(_("Licence code"), value=self._code).props("outlined dense autofocus maxlength=128")
        code.props("spellcheck=false autocomplete=off").bind_value_to(self, "_code")
        code.on("keydown.enter", self._next)
        theme.text(_("The code was bought for this printer and works once."), "hint")
        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(self._dialog.close)
            theme.main_button(_("Next"), "arrow_forward").on_click(self._next)

    async def _next(self) -> None:
        with faults_shown():
            self._review = await ask(review_upgrade, self._printer.view.id, self._code or "")
            self._body.refresh()

    def _confirmation(self, review: SpeedReview) -> None:
        _lines(
            (_("Serial number"), review.serial_number),
            (_("Model"), review.model),
            (_("New model"), review.new_model),
            (_("Pages per minute"), str(review.speed or _("unknown"))),
            (_("New speed"), _("{count} pages per minute", count=review.new_speed)),
        )
        if review.reasons:
            theme.text(_("The printer cannot be upgraded now:"), "strong", "p")
            with theme.block("verdict-lines", role="list", aria_label=_("Reasons")):
                for reason in review.reasons:
                    with theme.block("verdict-line bad", role="listitem"):
                        theme.icon("block")
                        theme.text(message_text(reason))
        with theme.block("dialog-actions"):
            theme.plain_button(_("Back")).on_click(self._back)
            deploy = theme.main_button(_("Deploy"), "speed").on_click(self._deploy)
            deploy.set_enabled(not review.reasons)

    def _back(self) -> None:
        self._review = None
        self._body.refresh()

    async def _deploy(self) -> None:
        with faults_shown():
            self._task_id = await ask(deploy_upgrade, self._printer.view.id, self._code)
            self._body.refresh()

    def _progress(self) -> None:
        theme.text(_("The licence code is being deployed. The printer may restart."), "", "p")
        JobWatch(self._task_id, self._ended).build()
        self._result = theme.box("list-holder")
        with theme.block("dialog-actions"):
            theme.plain_button(_("Close")).on_click(self._dialog.close)

    async def _ended(self, job: JobView) -> None:
        """Say what the printer calls itself now, which is the proof (FL-410)."""
        with faults_shown():
            if job.status is JobStatus.COMPLETED:
                now = await ask(get_printer, self._printer.view.id)
                speed = _("{count} pages per minute", count=now.pages_per_minute or 0)
                with self._result:
                    _lines((_("New model"), now.view.model), (_("New speed"), speed))
            await self._chosen.done()


def _lines(*facts: tuple[str, str]) -> None:
    with theme.block("facts", "dl"):
        for title, value in facts:
            theme.text(title, "ticket", "dt")
            theme.text(value, "", "dd")


ACTIONS = (
    PrinterAction(
        Menu.CONFIGURE,
        70,
        N_("Assign and deploy speed upgrade"),
        "speed",
        Permission.FLEET_PRINT_SPEED,
        upgrade_speed,
        one_only=True,
    ),
)
