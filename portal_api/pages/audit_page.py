"""The audit trail: who did what to what, when, and from where; with filters, paging and export."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from nicegui import events, ui

from connectors.messages import N_
from domain.audit.actions import ACTIONS, action_title
from domain.audit.export import ExportFormat
from domain.audit.trail import AuditEventView, AuditFilter, list_events
from domain.organizations.permissions import Permission
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, visitor, when
from portal_api.pages.widgets.paged_rows import PagedRows
from portal_api.pages.words import _

PAGE_SIZE = 50
FORMATS = {ExportFormat.CSV: N_("Export as CSV"), ExportFormat.JSON_LINES: N_("Export as JSON lines")}


@portal_page("/audit", N_("Audit trail"), Permission.AUDIT_VIEW, "audit")
async def audit(target_kind: str = "", target_id: str = "", person: str = "") -> None:
    """The page; the query may choose a target or a person, so that other pages can lead to their history."""
    chosen = AuditFilter(target_kind=target_kind[:32], target_id=target_id[:255], person=person[:255], limit=PAGE_SIZE)
    await AuditTrail(chosen).build()


class AuditTrail:
    """The open list, page after page below each other."""

    def __init__(self, chosen: AuditFilter) -> None:
        self._filter = chosen

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Audit trail"), _("Who did what, when, and from where. It can only be added to."))
            ui.space()
            self._exports()
        self._filters()
        self._rows = PagedRows(
            self._fetch,
            _row,
            page_size=PAGE_SIZE,
            icon="history",
            nothing=_("Nothing of the kind is recorded."),
        )
        await self._rows.load()

    @ui.refreshable_method
    def _exports(self) -> None:
        for form, title in FORMATS.items():
            query = urlencode({**_query(self._filter), "format": form.value})
            theme.plain_button(_(title), "download").props["href"] = f"/api/v1/audit-events/export?{query}"

    def _filters(self) -> None:
        actions = {"": _("All actions")} | {action: _(title) for action, title in ACTIONS.items()}
        with theme.block("filters", role="search"):
            action = ui.select(actions, value="", label=_("Action"), on_change=self._choose_action)
            action.props("outlined dense options-dense use-input fill-input hide-selected input-debounce=0")
            self._text("person", _("Person (e-mail or id)"), self._filter.person)
            self._text("target_id", _("Id of the target"), self._filter.target_id)
            self._text("address", _("Network address"))
            self._date("since", _("From"))
            self._date("until", _("Up to and including"))

    def _text(self, name: str, title: str, value: str = "") -> None:
        box = ui.input(title, value=value, on_change=lambda event: self._choose(**{name: event.value or ""}))
        box.props("outlined dense clearable debounce=300")

    def _date(self, name: str, title: str) -> None:
        box = ui.input(title, on_change=lambda event: self._choose_date(name, event.value))
        box.props("outlined dense type=date stack-label clearable")

    async def _choose_action(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        await self._choose(action=event.value or "")

    async def _choose_date(self, name: str, value: str | None) -> None:
        try:
            day = datetime.fromisoformat(value).replace(tzinfo=ZoneInfo(visitor().time_zone)) if value else None
        except ValueError:
            return  # a date that is still being typed
        await self._choose(**{name: day + timedelta(days=1) if day and name == "until" else day})

    async def _choose(self, **chosen: Any) -> None:
        self._filter = replace(self._filter, **chosen)
        self._exports.refresh()
        await self._rows.load()

    async def _fetch(self, last: AuditEventView | None) -> Sequence[AuditEventView]:
        return await ask(list_events, replace(self._filter, before=last.cursor if last else None))


def _query(chosen: AuditFilter) -> Mapping[str, str]:
    moments = {"since": chosen.since, "until": chosen.until}
    texts = {name: getattr(chosen, name) for name in ("person", "action", "target_kind", "target_id", "address")}
    return {name: moment.isoformat() for name, moment in moments.items() if moment} | {
        name: text for name, text in texts.items() if text
    }


def _row(event: AuditEventView) -> None:
    with theme.block("record audit-event", role="listitem"):
        with theme.block("record-words"):
            theme.text(_(action_title(event.action)), "strong")
            theme.text(_who(event), "hint clamp-one")
        with theme.block("record-words audit-facts"):
            theme.text(f"{event.target_kind} {event.target_id}".strip(), "ticket clamp-one")
            theme.text(_facts(event.facts), "hint")
        with theme.block("record-when"):
            theme.text(when(event.at), "ticket")
            theme.text(event.address, "ticket")


def _who(event: AuditEventView) -> str:
    if event.by_partner and not event.person:
        return _("Somebody of your partner")
    return event.person or event.user_id or _("Nobody signed in")


def _facts(facts: Mapping[str, Any]) -> str:
    told = {name: value for name, value in facts.items() if value not in (None, "", [])}
    return " · ".join(f"{name.replace('_', ' ')}: {_value(value)}" for name, value in told.items())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
