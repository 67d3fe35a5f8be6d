"""The variable settings file of a draft: import, export, delete, and what is wrong with a file (FL-365…FL-373)."""

from collections.abc import Awaitable, Callable

from nicegui import events, ui

from connectors.errors import PressroomError
from fleet.configurations.variable_files import check_variables, delete_variables, import_variables
from fleet.configurations.variables import IN_USE, LIMIT, VariableTable
from portal_api.pages import theme
from portal_api.pages.configuration_editor.draft import EditedDraft
from portal_api.pages.visit import ask, faults_shown, show_fault, tell
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _, error_texts, message_text

EXAMPLE = "IPADDRESS,Site tag\n10.199.96.231,Kip1"


class VariablesSection:
    """The section. `before` saves what is open, because a file is imported into the saved draft; `after` reloads."""

    def __init__(
        self, draft: EditedDraft, before: Callable[[], Awaitable[bool]], after: Callable[[], Awaitable[None]]
    ) -> None:
        self._draft, self._before, self._after = draft, before, after

    def build(self) -> None:
        """Lay out the section."""
        with theme.block("sheet settings", "section", aria_label=_("Variable settings file")):
            theme.text(_("Variable settings file"), "section-title", "h2")
            self._whole = theme.box("dialogs")
            self.body()

    @ui.refreshable_method
    def body(self) -> None:
        """What there is of a file, and what can be done."""
        file = self._draft.variables
        if file is None:
            theme.text(_("A CSV with values for each printer. It begins, for example, with:"), "hint")
            with theme.block("import-example", "pre", aria_label=_("Example"), tabindex="0"):
                theme.text(EXAMPLE)
        else:
            theme.text(file.name, "strong")
            theme.text(_("Asset records: {count}", count=file.row_count))
            theme.text(_("Variables: {count} ({names})", count=len(file.columns), names=", ".join(file.columns)))
            theme.text(_("Asset id column: {name}", name=file.asset_kind))
        if self._draft.is_fixed:
            with theme.block("actions"):
                self._export()
            return
        upload = ui.upload(auto_upload=True, max_file_size=LIMIT, on_upload=self._take)
        upload.classes("only-heard").props["accept"] = ".csv,.txt"
        with theme.block("actions"):
            button = theme.plain_button(_("Import variables"), "upload_file")
            theme.picks_files(button, upload)
            if file is not None:
                self._export()
                theme.plain_button(_("Delete variables"), "delete").on_click(self._confirm)

    def _export(self) -> None:
        """The file of the version that is shown (FL-321)."""
        address = f"/api/v1/configurations/{self._draft.configuration_id}/variables?number={self._draft.number}"
        theme.plain_button(_("Export variables"), "download").props["href"] = address

    async def _take(self, event: events.UploadEventArguments) -> None:
        content, name = await event.file.read(), event.file.name
        with self._whole:
            self.body.refresh()
            if await self._before():
                await self._import(name, content, turn_off=False)

    async def _import(self, name: str, content: bytes, *, turn_off: bool) -> None:
        configuration_id = self._draft.configuration_id
        try:
            table = await ask(check_variables, configuration_id, content)
            if table.problems:
                problems_dialog(table)
                return
            await ask(import_variables, configuration_id, name, content, turn_off=turn_off)
        except PressroomError as error:
            if error.fault is IN_USE:
                self._ask_to_turn_off(error, name, content)
            else:
                show_fault(error)
            return
        tell(_("The variables are imported."))
        await self._after()

    def _ask_to_turn_off(self, error: PressroomError, name: str, content: bytes) -> None:
        async def go_on() -> None:
            await self._import(name, content, turn_off=True)

        confirm(_("Turn settings off?"), error_texts(error), _("Turn off and continue"), go_on, icon="toggle_off")

    def _confirm(self) -> None:
        async def delete() -> None:
            with faults_shown():
                if await self._before():
                    await ask(delete_variables, self._draft.configuration_id)
                    await self._after()

        text = _("Every setting that takes its value from the file is switched off.")
        with self._whole:
            confirm(_("Delete the variables?"), (text,), _("Delete"), delete)


def problems_dialog(table: VariableTable) -> None:
    """Every error of a file with its line (FL-370)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
        theme.text(_("The file has errors"), "dialog-title", "h2")
        theme.text(_("Nothing was imported."), "", "p")
        with theme.block("facts", "ul", aria_label=_("Errors")):
            for problem in table.problems:
                words = message_text(problem.message)
                with theme.block("", "li"):
                    theme.text(_("Line {number}: {problem}", number=problem.line, problem=words))
        with theme.block("dialog-actions"):
            theme.main_button(_("Close")).on_click(dialog.close)
    dialog.on("hide", dialog.delete)
    dialog.open()
