"""Choosing roles to give: each with what it is for, and why it cannot be given here (AC-37, AC-41, AC-61, AC-68)."""

from collections.abc import Awaitable, Callable, Collection
from itertools import groupby

from nicegui import events, ui

from domain.organizations.grants import Level, RoleChoice
from domain.organizations.information import choices_of_roles
from domain.organizations.roles import FACTS
from portal_api.pages import theme
from portal_api.pages.visit import ask
from portal_api.pages.words import _, error_texts

Give = Callable[[list[str]], Awaitable[bool]]
"""Gives the roles chosen; returns whether that succeeded, and then the dialog closes."""


async def pick_roles(level: Level, held: Collection[str], give: Give) -> None:
    """Open the dialog with the roles that are not `held` yet."""
    RolePicker([choice for choice in await ask(choices_of_roles, level) if choice.role not in held], give).open()


class RolePicker:
    """The open dialog."""

    def __init__(self, choices: list[RoleChoice], give: Give) -> None:
        self._choices, self._give = choices, give
        self._chosen: set[str] = set()
        self._search, self._knows = "", False

    def open(self) -> None:
        """Show it."""
        with theme.dialog() as self._dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Assign roles"), "dialog-title", "h2")
            search = ui.input(on_change=lambda event: self._find(event.value or ""))
            search.props("outlined dense clearable autofocus debounce=150").classes("search")
            search.props["placeholder"] = search.props["aria-label"] = _("Search for a role")
            self._list()
            self._care()
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(self._dialog.close)
                self._button = theme.main_button(_("Assign roles")).on_click(self._assign)
            self._enable()
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    @ui.refreshable_method
    def _list(self) -> None:
        with theme.block("role-choices", tabindex="-1"):
            for product, choices in groupby(self._found(), key=lambda choice: FACTS[choice.role].product):
                with theme.block("role-product", "section", aria_label=_(product)):
                    theme.text(_(product), "palette-title", "h3")
                    for choice in choices:
                        self._row(choice)

    @ui.refreshable_method
    def _care(self) -> None:
        """The warning of AC-41, which wants to be confirmed."""
        if not self._daring():
            return
        with theme.block("alarm quiet", role="alert"):
            theme.text(_("Everybody in the organization gets rights of administrators."), "strong")
            theme.text(_("Give such roles to a group or to single people instead, unless you really mean everybody."))
            box = ui.checkbox(_("Yes, everybody may have them"), value=self._knows, on_change=self._confirm)
            box.props("dense")

    def _row(self, choice: RoleChoice) -> None:
        with theme.block("option"):
            box = ui.checkbox(
                _(choice.role.value),
                value=choice.role.value in self._chosen,
                on_change=lambda event: self._choose(choice.role.value, is_chosen=bool(event.value)),
            )
            box.set_enabled(choice.refusal is None)
            reason = error_texts(choice.refusal)[0] if choice.refusal else _(FACTS[choice.role].essence)
            theme.text(reason, "hint")

    def _found(self) -> list[RoleChoice]:
        def words(choice: RoleChoice) -> str:
            facts = FACTS[choice.role]
            return " ".join((choice.role.value, _(choice.role.value), _(facts.essence), _(facts.product))).casefold()

        return [choice for choice in self._choices if self._search in words(choice)]

    def _daring(self) -> bool:
        return any(choice.needs_care and choice.role.value in self._chosen for choice in self._choices)

    def _find(self, search: str) -> None:
        self._search = search.strip().casefold()
        self._list.refresh()

    def _choose(self, role: str, *, is_chosen: bool) -> None:
        before = self._daring()
        (self._chosen.add if is_chosen else self._chosen.discard)(role)
        if before != self._daring():
            self._knows = False
            self._care.refresh()
        self._enable()

    def _confirm(self, event: events.ValueChangeEventArguments[bool | None]) -> None:
        self._knows = bool(event.value)
        self._enable()

    def _enable(self) -> None:
        self._button.set_enabled(bool(self._chosen) and (self._knows or not self._daring()))

    async def _assign(self) -> None:
        if await self._give([choice.role.value for choice in self._choices if choice.role.value in self._chosen]):
            self._dialog.close()
