"""The commands of the printer list and of a printer's page, and the parts of that page (FL-206…FL-213).

Each module of `portal_api.pages.printer_menu` holds `ACTIONS`, commands that open a dialog over chosen printers, and
may hold `SECTIONS`, parts of the page of one printer. Nothing else has to be registered.
"""

import pkgutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.tasks.bulk import start_bulk_task
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.preview import TaskPreview, preview_task
from fleet.tasks.service import NewTask, start_fleet_task
from portal_api.pages import printer_menu
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.words import _


class Menu(StrEnum):
    """The menus of the list, in this order (FL-206…FL-211)."""

    PRINTERS = "printers"
    CONFIGURE = "configure"
    APPS = "apps"
    TAGS = "tags"


MENU_TITLES = {
    Menu.PRINTERS: (N_("Printers"), "print"),
    Menu.CONFIGURE: (N_("Configure"), "tune"),
    Menu.APPS: (N_("Apps"), "apps"),
    Menu.TAGS: (N_("Tags"), "sell"),
}


class ChosenPrinters:
    """The printers that a command is about. `count` is how many. To be made where the page stays.

    `across`: they may belong to several organizations, so that only what is marked `across` is offered (FL-64).
    """

    def __init__(
        self,
        count: int,
        find: Callable[[], Awaitable[Sequence[str]]],
        done: Callable[[], Awaitable[None]],
        *,
        across: bool = False,
    ) -> None:
        self.count, self.across = count, across
        self._find, self._done = find, done
        # Dialogs are deleted once they are closed, and with them the place where their buttons work.
        self._place = ui.context.slot.parent

    async def done(self) -> None:
        """Show the page anew."""
        with self._place:
            await self._done()

    async def ids(self) -> list[str]:
        """Their ids; of “all that the filters let through” those that they let through now."""
        return list(await self._find())

    @property
    def words(self) -> str:
        """How many there are, as a sentence."""
        return _("1 printer is chosen.") if self.count == 1 else _("{count} printers are chosen.", count=self.count)

    async def foresee(self, kind: TaskKind, parameters: Mapping[str, Any] = MappingProxyType({})) -> TaskPreview:
        """Which of them such a task would not be sent to as they are now; raises what that raises."""
        return await ask(preview_task, NewTask(kind, parameters), await self.ids(), across=self.across)

    async def start(self, new: NewTask) -> str | None:
        """Start a fleet task over them, or a bulk task, and tell so; its id, or None where a fault was shown."""
        begin = start_bulk_task if self.across else start_fleet_task
        with self._place, faults_shown():
            task_id = await ask(begin, new, await self.ids())
            tell(_("Started: {task}. Follow it under Tasks.", task=_(KINDS[new.kind].title)))
            await self.done()
            return task_id
        return None


@dataclass(frozen=True, slots=True)
class PrinterAction:
    """One command. `place` orders the commands of a menu; `open` asks what it needs and does it.

    `needs_printers` is False for what is not about chosen printers, such as creating a tag. `one_only`: exactly one
    printer (FL-212). `across`: offered in the list of all organizations, and there only (FL-58). `in_list`, `on_page`:
    shown in the menus of the list, on the page of one printer; `for_managed` on that of one in the supplies programme.
    """

    menu: Menu
    place: int
    title: str
    icon: str
    permission: Permission
    open: Callable[[ChosenPrinters], Awaitable[None]]
    needs_printers: bool = True
    one_only: bool = False
    across: bool = False
    in_list: bool = True
    on_page: bool = True
    for_managed: bool = True

    def is_open_to(self, actor: Actor) -> bool:
        """Whether the person may use it."""
        return actor.may(self.permission)


@dataclass(frozen=True, slots=True)
class PrinterSection:
    """A part of a printer's page, such as its installed apps; `build` lays it out for the printer of that id."""

    place: int
    permission: Permission
    build: Callable[[str], Awaitable[None]]


@lru_cache(maxsize=1)
def printer_actions() -> Sequence[PrinterAction]:
    """Every command, in the order of the menus."""
    found = [action for module in _modules() for action in getattr(module, "ACTIONS", ())]
    return sorted(found, key=lambda action: (list(Menu).index(action.menu), action.place, action.title))


@lru_cache(maxsize=1)
def printer_sections() -> Sequence[PrinterSection]:
    """Every part of a printer's page that a module adds, from the top to the bottom."""
    found = [section for module in _modules() for section in getattr(module, "SECTIONS", ())]
    return sorted(found, key=lambda section: section.place)


def _modules() -> list[object]:
    found = pkgutil.iter_modules(printer_menu.__path__, f"{printer_menu.__name__}.")
    return [import_module(module.name) for module in found]
