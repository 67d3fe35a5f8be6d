"""The history of notifications: all mail that policies have sent in the last 30 days (FL-443…FL-446)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.notifications.history import (
    HistoryChoices,
    HistoryFilter,
    NotificationView,
    history_choices,
    list_notifications,
)
from fleet.notifications.models import PolicyKind
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, when
from portal_api.pages.widgets.paged_rows import PagedRows
from portal_api.pages.widgets.policy_dialog import KIND_TITLES, TYPE_TITLES
from portal_api.pages.words import _


@portal_page("/fleet/notifications", N_("Notification history"), Permission.FLEET_MANAGE, "fleet-notifications")
async def notification_history() -> None:
    """The page."""
    await NotificationHistory().build()


class NotificationHistory:
    """The open history of one kind, page after page below each other."""

    def __init__(self) -> None:
        self._filter = HistoryFilter(PolicyKind.SUPPLIES)
        self._choices = HistoryChoices((), ())

    async def build(self) -> None:
        """Lay out the page."""
        heading(_("Notification history"), _("Mail of the last 30 days."))
        with theme.block("filters", role="search"):
            kinds = {kind.value: _(title) for kind, title in KIND_TITLES.items()}
            kind = ui.select(kinds, label=_("About"), value=self._filter.kind.value, on_change=self._choose_kind)
            kind.props("outlined dense options-dense")
            self._choices = await ask(history_choices, self._filter.kind)
            self._narrowing()
            search = ui.input(
                _("Serial number, asset tag or address"),
                on_change=lambda event: self._narrow(replace(self._filter, search=event.value or "")),
            )
            search.props("outlined dense clearable debounce=300")
        self._rows = PagedRows(
            self._fetch,
            _record,
            page_size=self._filter.limit,
            icon="mark_email_read",
            nothing=_("No mail was sent about this."),
        )
        await self._rows.load()

    @ui.refreshable_method
    def _narrowing(self) -> None:
        """By type and model, for supplies by the unit as well (FL-444)."""
        types = {one: _(title) for one, title in TYPE_TITLES.items() if self._fits(one)}
        self._choice("type", _("Type"), {"": _("All types"), **types})
        self._choice("model", _("Model"), {"": _("All"), **{one: one for one in self._choices.models}})
        if self._filter.kind is PolicyKind.SUPPLIES:
            self._choice("supply", _("Supply"), {"": _("All"), **{one: one for one in self._choices.supplies}})

    def _choice(self, name: str, title: str, options: dict[str, str]) -> None:
        field = ui.select(options, value="", label=title, with_input=len(options) > 12)
        field.props("outlined dense options-dense")

        async def choose(event: Any) -> None:
            chosen: dict[str, Any] = {name: event.value or ""}
            await self._narrow(replace(self._filter, **chosen))

        field.on_value_change(choose)

    def _fits(self, one: str) -> bool:
        return one.startswith("last_") != (self._filter.kind is PolicyKind.SUPPLIES)

    async def _choose_kind(self, event: Any) -> None:
        await self._narrow(replace(self._filter, kind=PolicyKind(event.value), type="", model="", supply=""))
        self._choices = await ask(history_choices, self._filter.kind)
        self._narrowing.refresh()

    async def _narrow(self, chosen: HistoryFilter) -> None:
        self._filter = chosen
        await self._rows.load()

    async def _fetch(self, last: NotificationView | None) -> Sequence[NotificationView]:
        return await ask(list_notifications, replace(self._filter, before=last.id if last else ""))


def _record(view: NotificationView) -> None:
    with theme.block("record", role="listitem"):
        theme.icon("mail")
        with theme.block("record-words"):
            theme.text(view.policy_name, "strong clamp-one")
            theme.text(", ".join(view.recipients), "muted clamp-one")
            with ui.expansion(_("{count} entries", count=len(view.items))).props("dense"):
                for item in view.items:
                    theme.text(" · ".join(str(item[name]) for name in _SHOWN if item.get(name) not in (None, "")))
        with theme.block("record-when"):
            theme.chip(*_state(view))
            theme.text(when(view.at), "ticket")


def _state(view: NotificationView) -> tuple[str, str]:
    if view.state == "sent":
        return _("Sent"), "good"
    return (_("Failed"), "bad") if view.state == "failed" else (_("Waiting"), "off")


_SHOWN = (
    "model",
    "address",
    "serial_number",
    "asset_tag",
    "supply",
    "percent",
    "agent",
    "last_refresh",
    "last_contact",
)
