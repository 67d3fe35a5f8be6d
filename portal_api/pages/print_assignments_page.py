"""Print assignments: which printers people print to directly or offline (section 24)."""

from functools import partial
from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_definitions.models import TargetKind
from domain.printing.settings import PrintSettings, print_settings
from fleet.print_assignments.evaluation import MOST_IN_PACKAGE
from fleet.print_assignments.models import QueueNaming
from fleet.print_assignments.service import (
    AssignmentForm,
    AssignmentView,
    change_assignment,
    count_printers,
    create_assignment,
    delete_assignment,
    list_assignments,
    open_kinds,
    printers_of,
)
from fleet.printers.tags.service import TagView, list_tags
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.print_assignments import NAMES, TABS
from portal_api.pages.words import _

FOLLOWS = {
    "direct": N_("Which printers people print to directly."),
    "offline": N_("Which printers people print to while the portal is away."),
    "direct_and_offline": N_("Which printers people print to directly, or while the portal is away."),
}
"""What assignments are for, as the organization uses them (PR-13, PR-46)."""
NAMINGS = {
    QueueNaming.ADDRESS: N_("Prefix and address"),
    QueueNaming.HOST_NAME: N_("Host name"),
    QueueNaming.PRINTER_NAME: N_("Printer name"),
}


@portal_page("/print/assignments", N_("Print assignments"), Permission.PRINT_ASSIGNMENTS_MANAGE, "print-assignments")
async def print_assignments() -> None:
    """The page."""
    await PrintAssignmentsPage().build()


class PrintAssignmentsPage:
    """The open page: one tab at a time."""

    def __init__(self) -> None:
        self._kind, self._tag = TargetKind.PERSONAL, ""
        self._tags: list[TagView] = []
        self._found: list[AssignmentView] = []

    async def build(self) -> None:
        """Lay out the page."""
        settings = await ask(_settings)
        kinds = open_kinds(settings)
        self._kind = kinds[0]
        self._tags = list(await ask(list_tags))
        with theme.block("toolbar"):
            heading(_("Print assignments"), _(FOLLOWS[settings.assignments.use_with]))
            ui.space()
            theme.main_button(_("Create an assignment"), "add").on_click(lambda: self._edit(None))
        await self._read()
        with theme.block("filters"):
            with ui.tabs(on_change=self._show).props("no-caps dense") as tabs:
                for kind in kinds:
                    ui.tab(kind.value, _(TABS[kind]))
            tabs.set_value(self._kind.value)
            options = {"": _("All tags")} | {tag.id: tag.name for tag in self._tags}
            ui.select(options, value="", label=_("Tag"), on_change=self._filter).props("outlined dense options-dense")
        self._rows()

    async def _read(self) -> None:
        self._found = await ask(list_assignments, self._kind, self._tag)

    async def load(self) -> None:
        """Read and show the list anew."""
        with faults_shown():
            await self._read()
        self._rows.refresh()

    async def _show(self, event: Any) -> None:
        if TargetKind(str(event.value)) is not self._kind:
            self._kind = TargetKind(str(event.value))
            await self.load()

    async def _filter(self, event: Any) -> None:
        self._tag = str(event.value or "")
        await self.load()

    @ui.refreshable_method
    def _rows(self) -> None:
        if not self._found:
            with theme.block("empty", role="status"):
                theme.icon("print_connect")
                theme.text(_("There is no assignment here."), "strong")
            return
        with theme.block("records", role="list"):
            for one in self._found:
                self._row(one)

    def _row(self, one: AssignmentView) -> None:
        with theme.block("record", role="listitem"):
            theme.icon("print_connect")
            with theme.block("record-words"):
                theme.text(one.name, "strong clamp-one")
                theme.text(one.holder or ", ".join(one.emails), "hint clamp-one")
                theme.text(", ".join(name for _id, name in one.tags), "hint clamp-one")
            theme.chip(_("Printers: {count}", count=one.printers), "quiet" if one.is_downloadable else "bad")
            with theme.block("record-buttons"):
                look = theme.icon_button("print", _("Printers of “{name}”", name=one.name))
                look.on_click(partial(self._printers, one))
                edit = theme.icon_button("edit", _("Change “{name}”", name=one.name))
                edit.on_click(partial(self._edit, one))
                gone = theme.icon_button("delete", _("Delete “{name}”", name=one.name))
                gone.on_click(partial(self._confirm, one))

    async def _printers(self, one: AssignmentView) -> None:
        with faults_shown():
            found = await ask(printers_of, one.id)
            with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
                theme.text(_("Printers of “{name}”", name=one.name), "dialog-title", "h2")
                if not one.is_downloadable:
                    theme.text(_("No package can be made of more than {most} printers.", most=MOST_IN_PACKAGE), "hint")
                with theme.block("records", role="list"):
                    for printer in found.printers:
                        with theme.block("record", role="listitem"), theme.block("record-words"):
                            theme.text(printer.queue, "strong")
                            facts = (printer.name, printer.address, printer.model, printer.location)
                            theme.text(" · ".join(fact for fact in facts if fact), "hint")
                with theme.block("dialog-actions"):
                    theme.plain_button(_("Close")).on_click(dialog.close)
            dialog.on("hide", dialog.delete)
            dialog.open()

    def _edit(self, one: AssignmentView | None) -> None:
        _AssignmentDialog(self, self._kind, self._tags, one).open()

    def _confirm(self, one: AssignmentView) -> None:
        async def go() -> None:
            with faults_shown():
                await ask(delete_assignment, one.id)
                tell(_("“{name}” is deleted.", name=one.name))
                await self.load()

        hint = _("Workstations lose its printers when they next call in.")
        confirm(_("Delete “{name}”?", name=one.name), (hint,), _("Delete"), go)


class _AssignmentDialog:
    """A new assignment, or another content of one."""

    def __init__(
        self, page: PrintAssignmentsPage, kind: TargetKind, tags: list[TagView], one: AssignmentView | None
    ) -> None:
        self._page, self._kind, self._tags, self._one = page, kind, tags, one

    def open(self) -> None:
        """Show it."""
        one = self._one
        with theme.dialog() as self._dialog, theme.block("sheet dialog-sheet"):
            title = _("Change “{name}”", name=one.name) if one else _("Create an assignment")
            theme.text(title, "dialog-title", "h2")
            self._name = ui.input(_("Name"), value=one.name if one else "").props("outlined dense autofocus")
            if self._kind is TargetKind.PERSONAL:
                value = "\n".join(one.emails) if one else ""
                self._who: Any = ui.textarea(_("E-mail addresses, one a line"), value=value).props("outlined dense")
            else:
                self._who = ui.input(_(NAMES[self._kind]), value=one.holder if one else "").props("outlined dense")
            namings = {naming.value: _(title) for naming, title in NAMINGS.items()}
            naming = one.naming.value if one else QueueNaming.ADDRESS.value
            self._naming = ui.select(namings, value=naming, label=_("Names of the queues"))
            self._naming.props("outlined dense options-dense")
            options = {tag.id: tag.name for tag in self._tags}
            chosen = [tag for tag, _name in one.tags] if one else []
            self._chosen = ui.select(options, value=chosen, multiple=True, label=_("Tags"), on_change=self._count)
            self._chosen.props("outlined dense options-dense use-chips")
            self._sum = theme.text(_("Printers: {count}", count=one.printers if one else 0), "hint")
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(self._dialog.close)
                theme.main_button(_("Save"), "save").on_click(self._save)
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    async def _count(self) -> None:
        with faults_shown():
            count = await ask(count_printers, list(self._chosen.value or ()))
            self._sum.set_text(_("Printers: {count}", count=count))

    async def _save(self) -> None:
        text = str(self._who.value or "")
        is_personal = self._kind is TargetKind.PERSONAL
        form = AssignmentForm(
            str(self._name.value or ""),
            self._kind,
            "" if is_personal else text,
            tuple(text.replace(",", "\n").split()) if is_personal else (),
            QueueNaming(str(self._naming.value)),
            tuple(self._chosen.value or ()),
        )
        with faults_shown():
            if self._one is None:
                await ask(create_assignment, form)
            else:
                await ask(change_assignment, self._one.id, form)
            tell(_("The changes are saved."))
            self._dialog.close()
            await self._page.load()


def _settings(actor: Actor) -> PrintSettings:
    with actor.session(read_only=True) as session:
        return print_settings(session, actor.organization_id)
