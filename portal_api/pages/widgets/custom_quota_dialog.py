"""The dialog in which a custom quota is made or changed."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.quotas.models import QuotaKind
from domain.quotas.user_quotas import CustomQuota, create_custom_quota, group_names, update_custom_quota
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.pages_form import PagesForm
from portal_api.pages.words import _

KINDS = {
    QuotaKind.PERSONAL: N_("Personal quota"),
    QuotaKind.COST_CENTER: N_("Cost centre"),
    QuotaKind.DEPARTMENT: N_("Department"),
}
NAME_TITLES = {
    QuotaKind.PERSONAL: N_("E-mail address"),
    QuotaKind.COST_CENTER: N_("Exact name of the cost centre"),
    QuotaKind.DEPARTMENT: N_("Exact name of the department"),
}


Done = Callable[[], Awaitable[None]]


def quota_dialog(quota: CustomQuota | None, open_kinds: Collection[QuotaKind], done: Done) -> None:
    """Change `quota`, or make one for a person or a group of the kinds still open (SQ-48)."""
    QuotaDialog(quota, open_kinds, done).open()


class QuotaDialog:
    """One open dialog."""

    def __init__(self, quota: CustomQuota | None, open_kinds: Collection[QuotaKind], done: Done) -> None:
        self._quota, self._open_kinds, self._done = quota, open_kinds, done
        self._kind = quota.kind if quota else QuotaKind.PERSONAL
        self._name = quota.name if quota else ""
        self._names: list[str] = []

    def open(self) -> None:
        """Show it."""
        with theme.dialog() as self._dialog, theme.block("sheet dialog-sheet"):
            title = _("Quota of “{name}”", name=self._name) if self._quota else _("Create a custom quota")
            theme.text(title, "dialog-title", "h2")
            if self._quota is None:
                self._kind_choice()
                self._name_field()
            self._pages = PagesForm(self._quota.pages if self._quota else {}, unset=_("Not overridden"))
            self._shared()
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(self._dialog.close)
                save = _("Save changes") if self._quota else _("Create quota")
                theme.main_button(save, "save").on_click(self._save)
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    def _kind_choice(self) -> None:
        offered = (QuotaKind.PERSONAL, *self._open_kinds)
        kinds = {kind.value: _(title) for kind, title in KINDS.items() if kind in offered}
        choice = ui.select(
            kinds, value=self._kind.value, label=_("Type"), on_change=lambda event: self._choose(event.value)
        )
        choice.props("outlined dense options-dense")
        if len(kinds) < len(KINDS):
            theme.text(_("Quotas for cost centres and for departments exclude each other."), "hint")

    async def _choose(self, kind: str) -> None:
        self._kind, self._name = QuotaKind(kind), ""
        if self._kind is not QuotaKind.PERSONAL:
            with faults_shown():
                self._names = await ask(group_names, self._kind)
        self._name_field.refresh()
        self._shared.refresh()

    @ui.refreshable_method
    def _name_field(self) -> None:
        names = [] if self._kind is QuotaKind.PERSONAL else self._names
        field = ui.input(_(NAME_TITLES[self._kind]), autocomplete=names, on_change=self._keep_name)
        field.props("outlined dense autocomplete=off maxlength=255")

    def _keep_name(self, event: Any) -> None:
        self._name = event.value or ""

    @ui.refreshable_method
    def _shared(self) -> None:
        pooled = self._quota.pooled if self._quota else False
        self._pooled = ui.switch(_("All members share these pages"), value=pooled)
        self._pooled.set_visibility(self._kind is not QuotaKind.PERSONAL)

    async def _save(self) -> None:
        pooled = bool(self._pooled.value)
        with faults_shown():
            if self._quota is not None:
                await ask(update_custom_quota, self._quota.id, self._pages.value, pooled=pooled)
            else:
                await ask(create_custom_quota, self._kind, self._name, self._pages.value, pooled=pooled)
            tell(_("The quota is saved."))
            self._dialog.close()
            await self._done()
