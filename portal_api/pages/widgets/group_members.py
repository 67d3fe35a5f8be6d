"""The members of a group: the list with its search, adding people, removing several (AC-67, AC-74)."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from nicegui import ui

from domain.organizations.actor import Actor
from domain.organizations.group_members import MemberView
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.chosen_list import ChosenList
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _

FOUND_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class MemberServices:
    """What is asked about a group of that kind; each takes the actor and the group's id first.

    `members(search, after, limit)`, `outside(search, limit)`, `add(user_ids)` and `remove(user_ids)`.
    """

    members: Callable[[Actor, str, str, str, int], list[MemberView]]
    outside: Callable[[Actor, str, str, int], list[MemberView]]
    add: Callable[[Actor, str, Collection[str]], int]
    remove: Callable[[Actor, str, Collection[str]], int]


class MemberList(ChosenList[MemberView]):
    """The open list of a group's members."""

    icon = "group"

    def __init__(self, services: MemberServices, group_id: str, group_name: str, *, may_change: bool) -> None:
        super().__init__(may_choose=may_change)
        self._services, self._group_id, self._group_name = services, group_id, group_name

    def head(self, hint: str) -> None:
        """The heading of the list, its search field and the button that adds people."""
        with theme.block("toolbar"):
            with theme.block("heading"):
                theme.text(_("Members"), "section-title", "h2")
                theme.text(hint, "hint")
            ui.space()
            search = ui.input(on_change=lambda event: self.find(event.value or ""))
            search.props("outlined dense clearable debounce=250").classes("search")
            search.props["placeholder"] = search.props["aria-label"] = _("Search the members")
            if self._may_choose:
                theme.main_button(_("Add members"), "person_add").on_click(self._open_adding)

    async def fetch(self, search: str, last: MemberView | None) -> Sequence[MemberView]:
        after = last.email if last else ""
        return await ask(self._services.members, self._group_id, search, after, self.page_size)

    def key(self, entry: MemberView) -> str:
        return entry.user_id

    def name(self, entry: MemberView) -> str:
        return entry.name

    def nothing(self, search: str) -> str:
        return _("No member is found.") if search.strip() else _("The group has no members yet.")

    def row(self, entry: MemberView) -> None:
        _words(entry)
        if not entry.is_active:
            theme.chip(_("Deactivated"), "dry")
        if entry.department:
            theme.chip(entry.department, "quiet")

    def actions(self) -> None:
        theme.plain_button(_("Remove"), "person_remove").on_click(self._confirm)

    def _confirm(self) -> None:
        chosen = list(self.chosen)

        async def remove() -> None:
            with faults_shown():
                count = await ask(self._services.remove, self._group_id, [entry.user_id for entry in chosen])
                tell(_("Removed: {count}", count=count))
            await self.load()

        named = ", ".join(entry.name for entry in chosen)
        lost = _("They lose the roles of “{name}”. They stay in the organization.", name=self._group_name)
        confirm(_("Remove members?"), (named, lost), _("Remove"), remove, icon="person_remove")

    async def _open_adding(self) -> None:
        await Adding(self._services, self._group_id, self.load).open()


class Adding:
    """The dialog that adds people."""

    def __init__(self, services: MemberServices, group_id: str, done: Callable[[], Awaitable[None]]) -> None:
        self._services, self._group_id, self._done = services, group_id, done
        self._found: list[MemberView] = []
        self._chosen: dict[str, str] = {}

    async def open(self) -> None:
        """Show it with the first people of the organization."""
        with theme.dialog() as self._dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Add members"), "dialog-title", "h2")
            search = ui.input(on_change=lambda event: self._find(event.value or ""))
            search.props("outlined dense clearable autofocus debounce=200").classes("search")
            search.props["placeholder"] = search.props["aria-label"] = _("Name or e-mail address")
            self._list()
            self._summary()
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(self._dialog.close)
                self._button = theme.main_button(_("Add"), "person_add").on_click(self._add)
                self._button.disable()
        self._dialog.on("hide", self._dialog.delete)
        await self._find("")
        self._dialog.open()

    @ui.refreshable_method
    def _list(self) -> None:
        with theme.block("role-choices", tabindex="-1"):
            for person in self._found:
                with theme.block("option"):
                    box = ui.checkbox(
                        person.name,
                        value=person.user_id in self._chosen,
                        on_change=lambda event, person=person: self._choose(person, is_chosen=bool(event.value)),
                    )
                    box.props["aria-label"] = f"{person.name}, {person.email}"
                    theme.text(person.email, "hint")
            if not self._found:
                theme.text(_("Nobody else is found."), "muted")
            if len(self._found) == FOUND_AT_ONCE:
                theme.text(_("There may be more people: narrow the search."), "hint")

    @ui.refreshable_method
    def _summary(self) -> None:
        if self._chosen:
            theme.text(_("Chosen: {names}", names=", ".join(self._chosen.values())), "hint", role="status")

    async def _find(self, search: str) -> None:
        with faults_shown():
            self._found = await ask(self._services.outside, self._group_id, search, FOUND_AT_ONCE)
            self._list.refresh()

    def _choose(self, person: MemberView, *, is_chosen: bool) -> None:
        if is_chosen:
            self._chosen[person.user_id] = person.name
        else:
            self._chosen.pop(person.user_id, None)
        self._summary.refresh()
        self._button.set_enabled(bool(self._chosen))

    async def _add(self) -> None:
        with faults_shown():
            count = await ask(self._services.add, self._group_id, list(self._chosen))
            tell(_("Added: {count}", count=count))
            self._dialog.close()
            await self._done()


def _words(entry: MemberView) -> None:
    with theme.block("record-words"):
        theme.text(entry.name, "strong clamp-one")
        theme.text(entry.email, "hint clamp-one")
