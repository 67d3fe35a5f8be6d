"""What dialogs for something that recurs have in common: its name, its times, and keeping it."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

from domain.organizations.actor import Actor
from domain.recurrence.form import LONGEST_NAME, NamedRecurrenceForm
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.recurrence_fields import RecurrenceFields
from portal_api.pages.words import _

Done = Callable[[], Awaitable[None]]
Keep = Callable[[Actor, Any], object]
"""Makes or changes the schedule by a form."""


class RecurrenceDialog(ABC):
    """One open dialog; `keep` is what saving does, `done` is called after it."""

    def __init__(self, values: dict[str, Any], keep: Keep, done: Done) -> None:
        self._fields = RecurrenceFields(values)
        self._keep, self._done = keep, done

    async def open(self) -> None:
        """Show it."""
        with theme.dialog() as self._dialog, theme.block("sheet dialog-sheet"):
            theme.text(self._title(), "dialog-title", "h2")
            self._fields.line("name", _("Name of the schedule")).props(f"autofocus maxlength={LONGEST_NAME}")
            await self._what()
            self._fields.build()
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(self._dialog.close)
                theme.main_button(_("Save"), "save").on_click(self._save)
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    @abstractmethod
    def _title(self) -> str:
        """What stands above it."""

    @abstractmethod
    async def _what(self) -> None:
        """Lay out what recurs."""

    @abstractmethod
    def _form(self) -> NamedRecurrenceForm:
        """What was typed; raises what the form is `incomplete`."""

    async def _save(self) -> None:
        with faults_shown():
            await ask(self._keep, self._form())
            tell(_("The schedule is saved."))
            self._dialog.close()
            await self._done()
