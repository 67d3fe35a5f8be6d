"""Managing views: copied, edited, deleted (FL-194, FL-198…FL-200)."""

from collections.abc import Sequence

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.printers.columns import COLUMNS
from fleet.printers.views import ViewInfo, delete_views, list_views
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.chosen_list import ChosenList
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.view_dialogs import view_dialog
from portal_api.pages.words import _


@portal_page("/printer-views", N_("Views"), Permission.FLEET_VIEWS, "printer-views")
async def printer_views() -> None:
    """The page."""
    listed = Views(may_choose=True)
    with theme.block("toolbar"):
        heading(_("Views"), _("Which columns the list of printers shows. Those of the system can be copied."))
        ui.space()
        create = theme.main_button(_("Create view"), "add")
        create.on_click(lambda: view_dialog(None, listed.kept, is_chosen=False))
    await listed.build()


class Views(ChosenList[ViewInfo]):
    """The open list. Views made here do not become anybody's default (A-14)."""

    icon = "view_column"
    page_size = 0

    async def fetch(self, search: str, last: ViewInfo | None) -> Sequence[ViewInfo]:
        return await ask(list_views)

    def key(self, entry: ViewInfo) -> str:
        return entry.id

    def name(self, entry: ViewInfo) -> str:
        return _(entry.name) if entry.is_system else entry.name

    def can_be_chosen(self, entry: ViewInfo) -> bool:
        return entry.may_change

    def nothing(self, search: str) -> str:
        return ""  # those of the system are always there

    def row(self, entry: ViewInfo) -> None:
        name = self.name(entry)
        with theme.block("record-words"):
            with theme.block("option-line"):
                theme.text(name, "strong")
                if entry.is_system:
                    theme.chip(_("System"), "quiet")
                elif not entry.may_change:
                    theme.chip(_("Of the partner"), "shared")
            theme.text(", ".join(_(COLUMNS[column].title) for column in entry.columns), "hint")
        with theme.block("record-buttons"):
            copy = theme.icon_button("content_copy", _("Copy {name}", name=name))
            copy.on_click(lambda: view_dialog(entry, self.kept, copied=True, is_chosen=False))
            if entry.may_change:
                edit = theme.icon_button("edit", _("Edit {name}", name=name))
                edit.on_click(lambda: view_dialog(entry, self.kept))

    def actions(self) -> None:
        theme.plain_button(_("Delete"), "delete").on_click(self._delete)

    async def kept(self, _view: ViewInfo) -> None:
        """A view was made or changed."""
        await self.load()

    def _delete(self) -> None:
        chosen = self.chosen

        async def delete() -> None:
            with faults_shown():
                await ask(delete_views, [view.id for view in chosen])
                tell(_("Deleted: {count}", count=len(chosen)))
                await self.load()

        text = _("Whoever uses one of them gets the view Standard again.")
        confirm(_("Delete views?"), (", ".join(view.name for view in chosen), text), _("Delete"), delete)
