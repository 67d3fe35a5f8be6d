"""The list of print policies or of quota definitions, with the default above it (PR-62, PR-66, PR-87)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from nicegui import ui
from pydantic import BaseModel, ValidationError

from connectors.value_problems import value_problem
from domain.organizations.actor import Actor
from domain.print_definitions.definitions import (
    LONGEST_NAME,
    Definition,
    change_default,
    change_definition,
    create_definition,
    delete_definition,
    duplicate_definition,
    get_default,
    list_definitions,
)
from domain.print_definitions.subject import Content, Subject
from portal_api.pages import theme
from portal_api.pages.frame import heading
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _, message_text

Done = Callable[[], Awaitable[None]]
Filled = TypeVar("Filled", bound=BaseModel, covariant=True)


class ContentForm(Protocol[Filled]):
    """The fields of a definition."""

    def build(self) -> None:
        """Lay them out."""

    def content(self) -> Filled:
        """What stands in them; raises `pydantic.ValidationError`."""


@dataclass(frozen=True, slots=True)
class DefinitionTexts:
    """The words of the page, to be translated. With `is_default_chosen` any definition can be made the default, and the
    default taken away."""

    title: str
    hint: str
    new: str
    default: str
    default_hint: str
    empty: str
    delete_hint: str
    icon: str
    is_default_chosen: bool = False


class DefinitionsPage(Generic[Content]):
    """The open page. `summary` tells in short what a definition says; `form` makes the fields of one."""

    def __init__(
        self,
        subject: Subject[Content],
        texts: DefinitionTexts,
        summary: Callable[[Content], list[str]],
        form: Callable[[Content], ContentForm[Content]],
    ) -> None:
        self._subject, self._texts, self._summary, self._form = subject, texts, summary, form
        self._default: Definition[Content] | None = None
        self._found: list[Definition[Content]] = []

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_(self._texts.title), _(self._texts.hint))
            ui.space()
            theme.main_button(_(self._texts.new), "add").on_click(lambda: self._edit(None))
        await self._read()
        self._rows()

    async def _read(self) -> None:
        self._default = await ask(get_default, self._subject)
        self._found = await ask(list_definitions, self._subject)

    async def _load(self) -> None:
        with faults_shown():
            await self._read()
        self._rows.refresh()

    @ui.refreshable_method
    def _rows(self) -> None:
        with theme.block("records", role="list"):
            if self._default is not None:
                self._row(self._default)
            for one in self._found:
                self._row(one)
        if not self._found:
            with theme.block("empty", role="status"):
                theme.icon(self._texts.icon)
                theme.text(_(self._texts.empty), "strong")
                theme.plain_button(_(self._texts.new), "add").on_click(lambda: self._edit(None))

    def _row(self, one: Definition[Content]) -> None:
        name = _(self._texts.default) if one.is_default else one.name
        with theme.block("record", role="listitem"):
            theme.icon("home_pin" if one.is_default else self._texts.icon)
            with theme.block("record-words"):
                theme.text(name, "strong clamp-one")
                for line in self._summary(one.content):
                    theme.text(line, "hint")
            if one.is_default:
                theme.text(_(self._texts.default_hint), "hint record-when")
            else:
                theme.chip(_("Assignments: {count}", count=one.assignments), "quiet")
            with theme.block("record-buttons"):
                theme.icon_button("edit", _("Change “{name}”", name=name)).on_click(lambda: self._edit(one))
                copy = theme.icon_button("content_copy", _("Duplicate “{name}”", name=name))
                copy.on_click(lambda: self._edit(one, is_copy=True))
                if self._texts.is_default_chosen:
                    self._default_button(one)
                if not one.is_default:
                    delete = theme.icon_button("delete", _("Delete “{name}”", name=name))
                    delete.on_click(lambda: self._confirm(one))

    def _default_button(self, one: Definition[Content]) -> None:
        none = self._subject.content()
        if not one.is_default:
            button = theme.icon_button("home_pin", _("Set “{name}” as default", name=one.name))
            title = _("Set “{name}” as default?", name=one.name)
            hint = _("What it says now counts for everything that has no other; the former default is replaced.")
            button.on_click(lambda: self._confirm_default(one.content, title, hint, _("Set as default")))
        elif one.content != none:
            button = theme.icon_button("home_off", _("Remove default"))
            title, hint = _("Remove the default?"), _("What the organization has set counts then.")
            button.on_click(lambda: self._confirm_default(none, title, hint, _("Remove default")))

    def _confirm_default(self, content: Content, title: str, hint: str, action: str) -> None:
        async def change() -> None:
            with faults_shown():
                await ask(change_default, self._subject, content)
                tell(_("The changes are saved."))
                await self._load()

        confirm(title, (hint,), action, change, icon="home_pin")

    def _edit(self, one: Definition[Content] | None, *, is_copy: bool = False) -> None:
        DefinitionDialog(self._subject, self._texts, self._form, self._load, one, is_copy=is_copy).open()

    def _confirm(self, one: Definition[Content]) -> None:
        async def delete() -> None:
            with faults_shown():
                await ask(delete_definition, self._subject, one.id)
                tell(_("“{name}” is deleted.", name=one.name))
                await self._load()

        confirm(_("Delete “{name}”?", name=one.name), (_(self._texts.delete_hint),), _("Delete"), delete)


class DefinitionDialog(Generic[Content]):
    """A new definition, another content of one, or a copy, whose content can be changed afterwards."""

    def __init__(
        self,
        subject: Subject[Content],
        texts: DefinitionTexts,
        form: Callable[[Content], ContentForm[Content]],
        done: Done,
        one: Definition[Content] | None,
        *,
        is_copy: bool,
    ) -> None:
        self._subject, self._texts, self._done, self._one, self._is_copy = subject, texts, done, one, is_copy
        self._form = None if is_copy else form(one.content if one else subject.content())

    def open(self) -> None:
        """Show it."""
        one = self._one
        with theme.dialog() as self._dialog, theme.block("sheet dialog-sheet"):
            theme.text(self._title(), "dialog-title", "h2")
            self._name: ui.input | None = None
            if self._is_copy or one is None or not one.is_default:
                value = _("{name} (copy)", name=one.name or _(self._texts.default)) if one and self._is_copy else ""
                value = value or (one.name if one else "")
                self._name = ui.input(_("Name"), value=value[:LONGEST_NAME])
                self._name.props(f"outlined dense autofocus maxlength={LONGEST_NAME}")
            if self._form is not None:
                self._form.build()
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(self._dialog.close)
                theme.main_button(_("Save"), "save").on_click(self._save)
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    def _title(self) -> str:
        if self._one is None:
            return _(self._texts.new)
        name = self._one.name or _(self._texts.default)
        return _("Duplicate “{name}”", name=name) if self._is_copy else _("Change “{name}”", name=name)

    async def _save(self) -> None:
        with faults_shown():
            try:
                await ask(self._keep)
            except ValidationError as error:
                tell_problems(error)
                return
            tell(_("The changes are saved."))
            self._dialog.close()
            await self._done()

    def _keep(self, actor: Actor) -> None:
        name = self._name.value or "" if self._name is not None else ""
        if self._form is None:
            assert self._one is not None
            duplicate_definition(actor, self._subject, self._one.id, name)
        elif self._one is None:
            create_definition(actor, self._subject, name, self._form.content())
        elif self._one.is_default:
            change_default(actor, self._subject, self._form.content())
        else:
            change_definition(actor, self._subject, self._one.id, name, self._form.content())


def tell_problems(error: ValidationError) -> None:
    """Tell the visitor what is wrong with the values."""
    for text in dict.fromkeys(message_text(value_problem(item)) for item in error.errors()):
        ui.notify(text, type="negative", multi_line=True, timeout=9000, close_button=_("Close"))
