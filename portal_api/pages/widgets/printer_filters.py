"""The left pane of the list of printers: search, filters, filter groups (FL-178…FL-185)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import events, ui

from domain.organizations.permissions import Permission
from fleet.configurations.service import list_configurations
from fleet.printers.cells import AGENT_KINDS, COMMUNICATION, COMPLIANCE, MSP, SEVERITIES
from fleet.printers.columns import Column
from fleet.printers.filter_groups import (
    FilterGroupView,
    change_filter_group,
    create_filter_group,
    delete_filter_group,
    list_filter_groups,
)
from fleet.printers.filters import PrinterFilter
from fleet.printers.listing import organizations_in_scope, values_in_use
from fleet.printers.tags.service import list_tags
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _

Choose = Callable[[PrinterFilter], Awaitable[None]]
Options = Mapping[str, str]


class PrinterFilters:
    """The open pane, with `chosen` at first; `choose` is told every change."""

    def __init__(self, choose: Choose, *, across: bool, chosen: PrinterFilter) -> None:
        self._choose, self._across = choose, across
        self._chosen = chosen
        self._options: dict[str, Options] = {}
        self._groups: list[FilterGroupView] = []
        self._group = ""
        self._may_manage = visitor().may(Permission.FLEET_MANAGE) and not across

    async def prepare(self) -> None:
        """Ask for what the choices offer."""
        self._options = {
            "agent_kinds": {kind.value: _(title) for kind, title in AGENT_KINDS.items()},
            "communication": {state.value: _(title) for state, title in COMMUNICATION.items()},
            "supply_alerts": {severity.value: _(title) for severity, title in SEVERITIES.items()},
            "printer_alerts": {severity.value: _(title) for severity, title in SEVERITIES.items()},
            "compliance": {result.value: _(title) for result, title in COMPLIANCE.items()},
            "supplies_programme": {status.value: _(title) for status, title in MSP.items()},
        }
        for name, column in (("models", Column.MODEL), ("manufacturers", Column.MANUFACTURER)):
            values = await ask(values_in_use, column, across=self._across)
            self._options[name] = {value: value for value in values}
        if self._across:
            self._options["organization_ids"] = await ask(organizations_in_scope)
            return
        self._options["tag_ids"] = {tag.id: tag.name for tag in await ask(list_tags)}
        if visitor().may(Permission.FLEET_CONFIGURE):
            found = await ask(list_configurations)
            self._options["configuration_ids"] = {one.id: one.name for one in found}
        self._groups = await ask(list_filter_groups)

    def build(self) -> None:
        """Lay it out; on a phone the filters stay folded until they are asked for."""
        with theme.block("filter-pane", "aside", aria_label=_("Filters")):
            search = ui.input(on_change=lambda event: self._take(search=(event.value or "")[:255]))
            search.props("outlined dense clearable debounce=300 maxlength=255").classes("search")
            search.props["placeholder"] = search.props["aria-label"] = _("Address, serial number, name, place …")
            fold = theme.plain_button(_("Filters"), "filter_list").classes("only-on-phones")
            with theme.block("filter-fields folded-on-phones") as fields:
                self._fields()
            fold.on("click", js_handler=f"() => getHtmlElement({fields.id}).classList.toggle('folded-on-phones')")

    async def show(self, chosen: PrinterFilter) -> None:
        """Show what this filter lets through, among what is searched for."""
        self._group, self._chosen = "", chosen.model_copy(update={"search": self._chosen.search})
        self._fields.refresh()
        await self._choose(self._chosen)

    @ui.refreshable_method
    def _fields(self) -> None:
        if not self._across:
            self._group_choice()
        for name, field in PrinterFilter.model_fields.items():
            if name == "firmware_update":
                self._update_choice(_(str(field.title)))
            elif options := self._options.get(name):
                self._choice(name, _(str(field.title)), options)
        if not self._chosen.without_search.is_empty:
            with theme.block("actions"):
                theme.plain_button(_("Clear"), "filter_list_off").on_click(self._clear)
                if self._may_manage:
                    theme.plain_button(_("Save"), "save").on_click(self._save_dialog)

    def _choice(self, name: str, title: str, options: Options) -> None:
        value = [getattr(one, "value", one) for one in getattr(self._chosen, name)]
        select = ui.select(
            dict(options),
            label=title,
            multiple=True,
            value=[one for one in value if one in options],
            with_input=len(options) > 12,
            on_change=lambda event: self._take(**{name: tuple(event.value or ())}),
        )
        select.props("outlined dense options-dense use-chips clearable").classes("with-chips")

    def _update_choice(self, title: str) -> None:
        options = {"": _("All"), "yes": _("Available"), "no": _("None")}
        value = {None: "", True: "yes", False: "no"}[self._chosen.firmware_update]

        async def take(event: events.ValueChangeEventArguments[str | None]) -> None:
            await self._take(firmware_update={"yes": True, "no": False}.get(event.value or ""))

        ui.select(options, label=title, value=value, on_change=take).props("outlined dense options-dense")

    def _group_choice(self) -> None:
        if not self._groups:
            return
        options = {"": _("None"), **{group.id: group.name for group in self._groups}}
        with theme.block("option-line"):
            select = ui.select(options, label=_("Filter group"), value=self._group, on_change=self._take_group)
            select.props("outlined dense options-dense").classes("grow")
            if self._group and self._may_manage:
                theme.icon_button("delete", _("Delete the filter group")).on_click(self._delete_dialog)

    async def _take(self, **values: Any) -> None:
        changed = PrinterFilter.model_validate({**self._chosen.model_dump(), **values})
        if changed == self._chosen:
            return
        was_empty = self._chosen.without_search.is_empty
        self._chosen = changed
        if was_empty != changed.without_search.is_empty:
            self._fields.refresh()
        await self._choose(changed)

    async def _take_group(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        self._group = event.value or ""
        group = next((one for one in self._groups if one.id == self._group), None)
        kept = group.chosen if group else PrinterFilter()
        self._chosen = kept.model_copy(update={"search": self._chosen.search})
        self._fields.refresh()
        await self._choose(self._chosen)

    async def _clear(self) -> None:
        await self.show(PrinterFilter())

    def _save_dialog(self) -> None:
        """A new group, or the chosen one with other filters, another name or both (FL-181, FL-182)."""
        group = next((one for one in self._groups if one.id == self._group), None)
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Save the filters"), "dialog-title", "h2")
            name = ui.input(_("Name of the filter group"), value=group.name if group else "")
            name.props("outlined dense autofocus maxlength=255")
            theme.text(_("The group keeps the filters, not the printers: they are looked up each time."), "hint", "p")

            async def keep(*, as_new: bool) -> None:
                with faults_shown():
                    if group is None or as_new:
                        kept = await ask(create_filter_group, name.value or "", self._chosen)
                    else:
                        kept = await ask(change_filter_group, group.id, name.value or "", self._chosen)
                    self._group, self._groups = kept.id, await ask(list_filter_groups)
                    dialog.close()
                    tell(_("The filter group is saved."))
                    self._fields.refresh()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                if group is not None:
                    theme.plain_button(_("Save as new")).on_click(lambda: keep(as_new=True))
                theme.main_button(_("Save"), "save").on_click(lambda: keep(as_new=False))
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _delete_dialog(self) -> None:
        group = next(one for one in self._groups if one.id == self._group)

        async def delete() -> None:
            with faults_shown():
                await ask(delete_filter_group, group.id)
                self._groups = await ask(list_filter_groups)
                await self._clear()

        confirm(_("Delete the filter group?"), (group.name,), _("Delete"), delete)
