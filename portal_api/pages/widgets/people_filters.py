"""What narrows the list of people: search, state, department, cost centre, group and role."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nicegui import events, ui

from domain.organizations.models import UserStatus
from domain.organizations.roles import FACTS
from domain.people.groups import GroupView
from portal_api.pages import theme
from portal_api.pages.words import _

Choose = Callable[..., Awaitable[None]]
"""Called with the fields of `PersonFilter` that change."""


class PeopleFilters:
    """The row above the list."""

    def __init__(
        self, choose: Choose, departments: Sequence[str], cost_centers: Sequence[str], groups: Sequence[GroupView]
    ) -> None:
        self._choose, self._departments, self._cost_centers, self._groups = choose, departments, cost_centers, groups

    def build(self, last: Callable[[], None]) -> None:
        """Lay it out; `last` adds what stands at its end."""
        states = {"": _("All"), UserStatus.ACTIVE.value: _("Active"), UserStatus.DEACTIVATED.value: _("Deactivated")}
        with theme.block("filters people-filters", role="search"):
            search = ui.input(on_change=lambda event: self._choose(search=event.value or ""))
            search.props("outlined dense clearable debounce=250").classes("search")
            search.props["placeholder"] = search.props["aria-label"] = _("Name, e-mail address or short name")
            self._select(_("State"), states, self._state)
            if self._departments:
                self._names(_("Department"), self._departments, "department")
            if self._cost_centers:
                self._names(_("Cost centre"), self._cost_centers, "cost_center")
            if self._groups:
                groups = {group.id: _(group.name) for group in self._groups}
                self._select(_("Group"), {"": _("All"), **groups}, self._take("group_id"))
            roles = {role.value: _(role.value) for role in FACTS}
            self._select(_("Role"), {"": _("All"), **roles}, self._take("role"))
            last()

    def _names(self, title: str, names: Sequence[str], field: str) -> None:
        self._select(title, {"": _("All"), **{name: name for name in names}}, self._take(field))

    def _select(self, title: str, options: Mapping[str, str], change: Callable[[Any], Awaitable[None]]) -> None:
        select = ui.select(dict(options), value="", label=title, on_change=change, with_input=len(options) > 12)
        select.props("outlined dense options-dense")

    def _take(self, field: str) -> Callable[[events.ValueChangeEventArguments[Any]], Awaitable[None]]:
        async def take(event: events.ValueChangeEventArguments[Any]) -> None:
            await self._choose(**{field: event.value or ""})

        return take

    async def _state(self, event: events.ValueChangeEventArguments[Any]) -> None:
        await self._choose(status=UserStatus(event.value) if event.value else None)
