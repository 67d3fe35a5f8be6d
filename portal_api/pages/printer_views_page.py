"""Managing views: copied, edited, deleted (FL-194, FL-198…FL-200)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.printers.columns import COLUMNS
from fleet.printers.views import ViewInfo, delete_views, list_views
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.view_dialogs import view_dialog
from portal_api.pages.words import _


@portal_page("/printer-views", N_("Views"), Permission.FLEET_VIEWS, "printer-views")
async def printer_views() -> None:
    """The page."""
    await ViewList().build()


class ViewList:
    """The open list. Views made here do not become anybody's default (A-14)."""

    def __init__(self) -> None:
        self._views: list[ViewInfo] = []
        self._chosen: set[str] = set()

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Views"), _("Which columns the list of printers shows. Those of the system can be copied."))
            ui.space()
            create = theme.main_button(_("Create view"), "add")
            create.on_click(lambda: view_dialog(None, self._kept, is_chosen=False))
        self._bar()
        self._rows()
        await self._load()

    async def _load(self) -> None:
        with faults_shown():
            self._views, self._chosen = await ask(list_views), set()
        self._bar.refresh()
        self._rows.refresh()

    async def _kept(self, _view: ViewInfo) -> None:
        await self._load()

    @ui.refreshable_method
    def _bar(self) -> None:
        if not self._chosen:
            return
        with theme.block("chosen-bar", role="status"):
            theme.text(_("{count} chosen", count=len(self._chosen)), "strong")
            ui.space()
            theme.plain_button(_("Delete"), "delete").on_click(self._delete)

    @ui.refreshable_method
    def _rows(self) -> None:
        with theme.block("records", role="list"):
            for view in self._views:
                self._row(view)

    def _row(self, view: ViewInfo) -> None:
        name = _(view.name) if view.is_system else view.name
        with theme.block("record", role="listitem"):
            box = ui.checkbox(on_change=lambda event: self._choose(view.id, is_chosen=bool(event.value)))
            box.props("dense").props["aria-label"] = _("Choose {name}", name=name)
            box.set_enabled(view.may_change)
            with theme.block("record-words"):
                with theme.block("option-line"):
                    theme.text(name, "strong")
                    if view.is_system:
                        theme.chip(_("System"), "quiet")
                    elif not view.may_change:
                        theme.chip(_("Of the partner"), "shared")
                theme.text(", ".join(_(COLUMNS[column].title) for column in view.columns), "hint")
            with theme.block("record-buttons"):
                copy = theme.icon_button("content_copy", _("Copy {name}", name=name))
                copy.on_click(lambda: view_dialog(view, self._kept, copied=True, is_chosen=False))
                if view.may_change:
                    edit = theme.icon_button("edit", _("Edit {name}", name=name))
                    edit.on_click(lambda: view_dialog(view, self._kept))

    def _choose(self, view_id: str, *, is_chosen: bool) -> None:
        (self._chosen.add if is_chosen else self._chosen.discard)(view_id)
        self._bar.refresh()

    def _delete(self) -> None:
        chosen = [view for view in self._views if view.id in self._chosen]

        async def delete() -> None:
            with faults_shown():
                await ask(delete_views, [view.id for view in chosen])
                tell(_("Deleted: {count}", count=len(chosen)))
                await self._load()

        text = _("Whoever uses one of them gets the view Standard again.")
        confirm(_("Delete views?"), (", ".join(view.name for view in chosen), text), _("Delete"), delete)
