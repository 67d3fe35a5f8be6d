"""What everybody used of their quotas, with filters by kind and by what is left (SQ-75…SQ-77)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.quotas.models import QuotaKind
from domain.quotas.rules import SERVICE_TITLES
from domain.quotas.usage import PersonUse, ServiceUse, UsageFilter, list_usage
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask
from portal_api.pages.widgets.custom_quota_dialog import KINDS
from portal_api.pages.widgets.page_counts import FEW_PERCENT, amount, number
from portal_api.pages.widgets.paged_rows import PagedRows
from portal_api.pages.words import _, message_text

PAGE_SIZE = 50
SOURCES = {**KINDS, QuotaKind.DEFAULT: N_("Default")}
SHARES = (0, 10, 25, 50)
"""Percent left that can be filtered by."""


@portal_page("/quotas/usage", N_("Usage"), Permission.QUOTAS_MANAGE, "quota-usage")
async def quota_usage() -> None:
    """The page."""
    await UsageList().build()


class UsageList:
    """The open list, page after page below each other."""

    def __init__(self) -> None:
        self._filter = UsageFilter(limit=PAGE_SIZE)

    async def build(self) -> None:
        """Lay out the page."""
        heading(_("Usage"), _("Pages that people have used of their custom or default quota."))
        left = {"": _("Any amount left")} | {
            str(share): _("{percent} % or less left", percent=share) if share else _("Nothing left") for share in SHARES
        }
        sources = {"": _("All quotas")} | {kind.value: _(title) for kind, title in SOURCES.items()}
        with theme.block("filters", role="search"):
            search = ui.input(_("Search"), on_change=lambda event: self._choose(search=event.value or ""))
            search.props("outlined dense clearable debounce=250").classes("search")
            share = ui.select(left, value="", label=_("Remaining"), on_change=self._choose_share)
            share.props("outlined dense options-dense")
            source = ui.select(sources, value="", label=_("Quota"), on_change=self._choose_source)
            source.props("outlined dense options-dense")
        self._rows = PagedRows(
            self._fetch,
            _row,
            page_size=PAGE_SIZE,
            icon="donut_small",
            nothing=_("Nobody fits the filter, or the organization has no pages."),
        )
        await self._rows.load()

    async def _choose(self, **chosen: Any) -> None:
        self._filter = replace(self._filter, **chosen)
        await self._rows.load()

    async def _choose_share(self, event: Any) -> None:
        await self._choose(most_percent=int(event.value) if event.value else None)

    async def _choose_source(self, event: Any) -> None:
        await self._choose(source=QuotaKind(event.value) if event.value else None)

    async def _fetch(self, last: PersonUse | None) -> Sequence[PersonUse]:
        return await ask(list_usage, replace(self._filter, after=last.email if last else ""))


def _row(person: PersonUse) -> None:
    is_present = isinstance(person.name, str)
    name = person.name if isinstance(person.name, str) else message_text(person.name)
    with theme.block("record usage", role="listitem"):
        with theme.block("record-words"):
            theme.text(name, "strong clamp-one")
            theme.text(person.email if is_present else "", "hint clamp-one")
        with theme.block("slip-place"):
            theme.chip(_(SOURCES[person.source]), "quiet")
        with theme.block("usage-services"):
            for one in person.services:
                _service(one)


def _service(one: ServiceUse) -> None:
    few = " few" if one.percent is not None and one.percent < FEW_PERCENT else ""
    with theme.block(f"usage-service{few}"):
        theme.text(_(SERVICE_TITLES[one.service]), "ticket-label")
        theme.text(_used(one), "usage-number")
        theme.text(_left(one), "hint")


def _used(one: ServiceUse) -> str:
    if one.is_shared:
        return _("{used} used, shared", used=number(one.own))
    return _("{used} of {limit}", used=number(one.own), limit=amount(one.limit))


def _left(one: ServiceUse) -> str:
    if one.left is None:
        return _("no limit")
    return _("{left} left ({percent} %)", left=number(one.left), percent=one.percent or 0)
