"""Print quotas: definitions, to whom they are assigned, and where everybody stands (PR-57…PR-78)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.print_definitions.definitions import list_definitions
from domain.print_definitions.resolution import DEFAULT
from domain.print_quotas.limits import STATUS_TITLES, QuotaStatus
from domain.print_quotas.status import (
    SOURCES,
    PersonStanding,
    StatusFilter,
    color_text,
    list_status,
    months_known,
)
from domain.print_quotas.subject import QUOTAS
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, visitor
from portal_api.pages.widgets.page_counts import number
from portal_api.pages.widgets.paged_rows import PagedRows
from portal_api.pages.widgets.print_assignments import AssignmentsPage, AssignmentTexts
from portal_api.pages.widgets.print_definitions import DefinitionsPage, DefinitionTexts
from portal_api.pages.widgets.print_quota_form import QuotaForm, quota_summary
from portal_api.pages.widgets.print_quota_note import STATUS_LOOKS
from portal_api.pages.words import _

PAGE_SIZE = 50
TEXTS = DefinitionTexts(
    title=N_("Quota definitions"),
    hint=N_("How many impressions people may print each month. Colour is part of the total."),
    new=N_("Create a quota definition"),
    default=N_("Default print quota"),
    default_hint=N_("For everybody without another"),
    empty=N_("There is no quota definition besides the default."),
    delete_hint=N_("Only definitions that are assigned to nobody can be deleted."),
    icon="speed",
)
ASSIGNMENT_TEXTS = AssignmentTexts(
    title=N_("Quota assignments"),
    hint=N_("A personal quota replaces that of the group, and that the default. Each member has it for themselves."),
    definition=N_("Quota definition"),
    filter_all=N_("All definitions"),
    remove=N_("Remove quota"),
    remove_hint=N_("What comes next in order holds from then on: the group's, or the default."),
    nothing_defined=N_("There is no quota definition to assign yet."),
    definitions_address="/print/quotas",
)


@portal_page("/print/quotas", N_("Quota definitions"), Permission.PRINT_QUOTAS_MANAGE, "print-quotas")
async def print_quotas() -> None:
    """The definitions."""
    await DefinitionsPage(QUOTAS, TEXTS, quota_summary, QuotaForm).build()


@portal_page(
    "/print/quota-assignments", N_("Quota assignments"), Permission.PRINT_QUOTAS_MANAGE, "print-quota-assignments"
)
async def print_quota_assignments() -> None:
    """To whom they are assigned."""
    await AssignmentsPage(QUOTAS, ASSIGNMENT_TEXTS, quota_summary).build()


@portal_page("/print/quota-status", N_("User quota status"), Permission.PRINT_QUOTA_STATUS_VIEW, "print-quota-status")
async def print_quota_status() -> None:
    """Where everybody stands."""
    await StatusPage().build()


class StatusPage:
    """The open list, page after page below each other."""

    def __init__(self) -> None:
        self._filter = StatusFilter(limit=PAGE_SIZE)

    async def build(self) -> None:
        """Lay out the page."""
        months = await ask(months_known)
        with theme.block("toolbar"):
            heading(_("User quota status"), _("What everybody may still print in a month."))
            ui.space()
            self._export = theme.plain_button(_("Export as CSV"), "download")
        with theme.block("filters", role="search"):
            search = ui.input(_("Search"), on_change=lambda event: self._choose(search=event.value or ""))
            search.props("outlined dense clearable debounce=250").classes("search")
            self._select("month", _("Month"), {month: month for month in months}, months[0])
            statuses = {"": _("All")} | {one.value: _(title) for one, title in STATUS_TITLES.items()}
            self._select("status", _("Quota status"), statuses)
            self._select("definition_id", _("Quota definition"), await self._definitions())
            self._select("source", _("Type"), {"": _("All")} | {key: _(title) for key, title in SOURCES.items()})
        self._rows = PagedRows(
            self._fetch,
            _row,
            page_size=PAGE_SIZE,
            icon="speed",
            nothing=_("Nobody fits the filter."),
        )
        await self._load()

    async def _definitions(self) -> dict[str, str]:
        own = await ask(list_definitions, QUOTAS) if visitor().may(Permission.PRINT_QUOTAS_MANAGE) else []
        return {"": _("All"), DEFAULT: _("Default print quota")} | {one.id: one.name for one in own}

    def _select(self, name: str, title: str, options: dict[str, str], value: str = "") -> None:
        async def choose(event: Any) -> None:
            chosen = event.value or ""
            await self._choose(**{name: (QuotaStatus(chosen) if chosen else None) if name == "status" else chosen})

        ui.select(options, value=value, label=title, on_change=choose).props("outlined dense options-dense")

    async def _choose(self, **chosen: Any) -> None:
        self._filter = replace(self._filter, **chosen)
        await self._load()

    async def _load(self) -> None:
        self._export.props["href"] = f"/api/v1/print-quotas/status.csv?{self._query()}"
        self._export.update()
        await self._rows.load()

    def _query(self) -> str:
        chosen = self._filter
        values = {
            "month": chosen.month,
            "status": chosen.status.value if chosen.status else "",
            "definition": chosen.definition_id,
            "source": chosen.source,
            "search": chosen.search,
        }
        return urlencode({name: value for name, value in values.items() if value})

    async def _fetch(self, last: PersonStanding | None) -> Sequence[PersonStanding]:
        return await ask(list_status, replace(self._filter, after=last.email if last else ""))


def _row(one: PersonStanding) -> None:
    standing = one.standing
    icon, look = STATUS_LOOKS[standing.status]
    with theme.block("record usage", role="listitem"):
        with theme.block(f"state {look}"):
            theme.icon(icon)
            theme.text(_(STATUS_TITLES[standing.status]))
        with theme.block("record-words"):
            theme.text(one.email, "strong clamp-one")
            definition = one.definition or _("Default print quota")
            theme.text(f"{definition} · {_(SOURCES[one.source])}", "hint clamp-one")
        with theme.block("usage-services"):
            total = _("Unlimited") if standing.left is None else number(standing.left)
            for title, left, used in (
                (_("Total remaining"), total, standing.impressions),
                (_("Colour remaining"), color_text(standing, _), standing.color_impressions),
            ):
                with theme.block("usage-service"):
                    theme.text(title, "ticket-label")
                    theme.text(left, "usage-number")
                    theme.text(_("{count} used", count=number(used)), "hint")
