"""The printers to which a configuration is assigned: results of checks, what differs, checking and enforcing them."""

from nicegui import ui

from fleet.configurations.compliance import AssignedPrinter, all_assigned, assigned_printers, list_drift
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters
from portal_api.pages.printer_menu.configurations import check, drift_row, enforce, result_chip
from portal_api.pages.visit import ask, faults_shown, look_again, when
from portal_api.pages.words import _

SECONDS = 3.0


class AssignedSection:
    """The section; it looks by itself what came of checks that are under way."""

    def __init__(self, configuration_id: str) -> None:
        self._configuration_id = configuration_id
        self._printers: list[AssignedPrinter] = []

    async def build(self) -> None:
        """Lay out the section."""
        with theme.block("sheet settings", "section", aria_label=_("Assigned printers")):
            theme.text(_("Assigned printers"), "section-title", "h2")
            self._whole = theme.box("dialogs")
            self._printers = await ask(assigned_printers, self._configuration_id)
            self._body()
        ui.timer(SECONDS, self._look)

    async def _look(self) -> None:
        with faults_shown():
            found = await look_again(assigned_printers, self._configuration_id)
            if found != self._printers:
                self._printers = found
                self._body.refresh()

    @ui.refreshable_method
    def _body(self) -> None:
        if not self._printers:
            theme.text(_("It is assigned to no printer."), "hint")
            return
        with theme.block("actions"):
            theme.plain_button(_("Check compliance"), "fact_check").on_click(self._check)
            theme.plain_button(_("Enforce"), "gavel").on_click(self._enforce)
        with theme.block("records", role="list"):
            for printer in self._printers:
                self._row(printer)

    def _row(self, printer: AssignedPrinter) -> None:
        with theme.block("record", role="listitem"):
            with theme.block("record-words"):
                theme.text(printer.subject, "strong clamp-one")
                theme.text(printer.model, "hint")
            if printer.result is None:
                theme.chip(_("Not checked yet"), "quiet")
            else:
                result_chip(printer.result)
                theme.text(when(printer.checked), "hint")
            button = theme.icon_button("history", _("Differences of {name}", name=printer.subject))
            button.on_click(lambda: self._show_drift(printer))

    async def _check(self) -> None:
        with self._whole:
            await check(self._all())

    async def _enforce(self) -> None:
        with self._whole:
            await enforce(self._all())

    async def _show_drift(self, printer: AssignedPrinter) -> None:
        with self._whole, faults_shown():
            drift = await ask(list_drift, printer.id, 50)
            with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
                theme.text(printer.subject, "dialog-title", "h2")
                with theme.block("records", role="list"):
                    for one in drift:
                        drift_row(one)
                if not drift:
                    theme.text(_("No difference was ever found."), "muted")
                with theme.block("dialog-actions"):
                    theme.main_button(_("Close")).on_click(dialog.close)
            dialog.on("hide", dialog.delete)
            dialog.open()

    def _all(self) -> ChosenPrinters:
        async def find() -> list[str]:
            return await ask(all_assigned, self._configuration_id)

        return ChosenPrinters(len(self._printers), find, self._look)
