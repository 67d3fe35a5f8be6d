"""Custom quotas of people, cost centres and departments (SQ-44…SQ-53)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.quotas.models import QuotaKind
from domain.quotas.rules import SERVICE_TITLES
from domain.quotas.user_quotas import CustomQuota, CustomQuotas, delete_custom_quota, list_custom_quotas
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.custom_quota_dialog import KINDS, quota_dialog
from portal_api.pages.widgets.page_counts import amount
from portal_api.pages.words import _


@portal_page("/quotas/custom", N_("Custom quotas"), Permission.QUOTAS_MANAGE, "custom-quotas")
async def custom_quotas() -> None:
    """The page."""
    await CustomQuotasPage().build()


class CustomQuotasPage:
    """The open list."""

    def __init__(self) -> None:
        self._found = CustomQuotas((), ())
        self._search = ""

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Custom quotas"), _("Personal quotas come before those of groups, and those before the default."))
            ui.space()
            theme.main_button(_("Create"), "add").on_click(
                lambda: quota_dialog(None, self._found.open_kinds, self._load)
            )
        with theme.block("filters", role="search"):
            search = ui.input(_("Search"), on_change=lambda event: self._find(event.value or ""))
            search.props("outlined dense clearable debounce=250").classes("search")
        self._rows()
        await self._load()

    async def _find(self, search: str) -> None:
        self._search = search
        await self._load()

    async def _load(self) -> None:
        with faults_shown():
            self._found = await ask(list_custom_quotas, None, self._search)
        self._rows.refresh()

    @ui.refreshable_method
    def _rows(self) -> None:
        if not self._found.quotas:
            with theme.block("empty", role="status"):
                theme.icon("tune")
                theme.text(_("No such custom quota.") if self._search else _("There are no custom quotas."), "muted")
            return
        with theme.block("records", role="list"):
            for quota in self._found.quotas:
                self._row(quota)

    def _row(self, quota: CustomQuota) -> None:
        with theme.block("record", role="listitem"):
            with theme.block("slip-place"):
                theme.chip(_(KINDS[quota.kind]), "quiet")
            with theme.block("record-words"):
                theme.text(quota.name, "strong clamp-one")
                theme.text(_members(quota), "hint")
            theme.text(_pages(quota), "record-pages")
            ui.space()
            edit = theme.icon_button("edit", _("Edit the quota of “{name}”", name=quota.name))
            edit.on_click(lambda: quota_dialog(quota, self._found.open_kinds, self._load))
            delete = theme.icon_button("delete", _("Delete the quota of “{name}”", name=quota.name))
            delete.on_click(lambda: self._confirm(quota))

    def _confirm(self, quota: CustomQuota) -> None:
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Delete the quota of “{name}”?", name=quota.name), "dialog-title", "h2")
            theme.text(_("What comes next in order holds from then on: the group's quota, or the default."), "muted")

            async def delete() -> None:
                with faults_shown():
                    await ask(delete_custom_quota, quota.id)
                    tell(_("The quota is deleted."))
                    dialog.close()
                    await self._load()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Keep it")).on_click(dialog.close).props("autofocus")
                theme.main_button(_("Delete")).on_click(delete).classes("danger")
        dialog.on("hide", dialog.delete)
        dialog.open()


def _members(quota: CustomQuota) -> str:
    if quota.kind is QuotaKind.PERSONAL:
        return ""
    if not quota.members:
        return _("Nobody has this name: the quota has no effect.")
    if quota.pooled:
        return _("Shared by its members: {count}.", count=quota.members)
    return _("For each of its members: {count}.", count=quota.members)


def _pages(quota: CustomQuota) -> str:
    return " · ".join(f"{_(SERVICE_TITLES[service])}: {amount(limit)}" for service, limit in quota.pages.items())
