"""The dialog that makes, changes or duplicates a notification policy (FL-427…FL-433, FL-441)."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from connectors.messages import N_
from connectors.printers.reading import SupplyKind
from fleet.notifications.models import PolicyKind, SilenceType
from fleet.notifications.policies import (
    LONGEST_TEXT,
    MOST_RECIPIENTS,
    WATCHED_SUPPLIES,
    PolicyForm,
    PolicyView,
    change_policy,
    create_policy,
)
from fleet.printers.tags.service import list_tags
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.words import _

KIND_TITLES = {
    PolicyKind.SUPPLIES: N_("Supplies"),
    PolicyKind.PRINTERS: N_("Printer information"),
    PolicyKind.AGENTS: N_("Fleet agents"),
}
TYPE_TITLES: dict[str, str] = {
    SupplyKind.TONER: N_("Toner"),
    SupplyKind.INK: N_("Ink"),
    SupplyKind.FUSER: N_("Fuser"),
    SupplyKind.TRANSFER: N_("Transfer module"),
    SupplyKind.WASTE: N_("Waste container"),
    SupplyKind.MAINTENANCE: N_("Maintenance kit"),
    SupplyKind.PHOTOCONDUCTOR: N_("Photoconductor"),
    SilenceType.LAST_REFRESH: N_("Last data refresh"),
    SilenceType.LAST_CONTACT: N_("Last contact"),
}
DEFAULT_PERCENT, DEFAULT_DAYS = 10, 3

Done = Callable[[], Awaitable[None]]


class PolicyDialog:
    """One open dialog; what is typed is kept in `_values` under the names of the form's fields."""

    def __init__(self, done: Done, view: PolicyView | None = None, *, is_copy: bool = False) -> None:
        self._done, self._view = done, None if is_copy else view
        self._values: dict[str, Any] = view.form.model_dump(mode="json") if view else _beginning()
        if view and is_copy:
            self._values["name"] = _("{name} (copy)", name=view.form.name)[:255]
        self._tags: dict[str, str] = {}

    async def open(self) -> None:
        """Show it."""
        self._tags = {tag.id: tag.name for tag in await ask(list_tags)}
        with theme.dialog() as self._dialog, theme.block("sheet dialog-sheet"):
            title = _("Change “{name}”", name=self._view.form.name) if self._view else _("New policy")
            theme.text(title, "dialog-title", "h2")
            name = ui.input(_("Name of the policy"), value=self._values["name"])
            name.props("outlined dense autofocus maxlength=255")
            name.on_value_change(lambda event: self._keep("name", event.value or ""))
            kinds = {kind.value: _(title) for kind, title in KIND_TITLES.items()}
            kind = ui.select(kinds, label=_("Policy for"), value=self._values["kind"], on_change=self._choose_kind)
            kind.props("outlined dense options-dense")
            self._condition()
            self._recipients()
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(self._dialog.close)
                theme.main_button(_("Save"), "save").on_click(self._save)
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    @property
    def _is_supplies(self) -> bool:
        return bool(self._values["kind"] == PolicyKind.SUPPLIES)

    @ui.refreshable_method
    def _condition(self) -> None:
        offered = WATCHED_SUPPLIES if self._is_supplies else tuple(SilenceType)
        titles = {one.value: _(TYPE_TITLES[one]) for one in offered}
        value = list(self._values["types"])
        types = ui.select(
            titles,
            label=_("Type"),
            value=value if self._is_supplies else value[0],
            multiple=self._is_supplies,
            on_change=self._choose_types,
        )
        types.props("outlined dense options-dense" + (" use-chips" if self._is_supplies else ""))
        title = _("Percent remaining, or less") if self._is_supplies else _("Days without it, or more")
        least, most = (0, 100) if self._is_supplies else (1, 365)
        threshold = ui.number(title, value=self._values["threshold"], min=least, max=most, precision=0)
        threshold.props("outlined dense").on_value_change(lambda event: self._keep("threshold", int(event.value or 0)))
        if self._values["kind"] != PolicyKind.AGENTS:
            tags = ui.select(
                self._tags, label=_("Only printers with one of these tags"), value=list(self._values["tag_ids"]),
                multiple=True, on_change=lambda event: self._keep("tag_ids", event.value),
            )  # fmt: skip
            tags.props("outlined dense options-dense use-chips clearable")
            theme.text(_("Without tags it is about all printers of the organization."), "hint")

    def _choose_kind(self, event: Any) -> None:
        """What was chosen for another kind does not fit this one."""
        self._values |= {"kind": event.value, "tag_ids": []}
        self._values["types"] = [SupplyKind.TONER.value] if self._is_supplies else [SilenceType.LAST_CONTACT.value]
        self._values["threshold"] = DEFAULT_PERCENT if self._is_supplies else DEFAULT_DAYS
        self._condition.refresh()

    def _choose_types(self, event: Any) -> None:
        self._keep("types", event.value if isinstance(event.value, list) else [event.value])

    def _recipients(self) -> None:
        field = ui.textarea(_("E-mail addresses, one a line"), value="\n".join(self._values["recipients"]))
        field.props("outlined dense autogrow")
        field.on_value_change(lambda event: self._keep("recipients", (event.value or "").split()))
        theme.text(_("Up to {count}; they may be outside the organization.", count=MOST_RECIPIENTS), "hint")
        extra = ui.textarea(_("Text for the mail (optional)"), value=self._values["extra_text"])
        extra.props(f"outlined dense autogrow maxlength={LONGEST_TEXT}")
        extra.on_value_change(lambda event: self._keep("extra_text", event.value or ""))
        attaches = ui.switch(_("Attach the data as a file"), value=self._values["attaches"])
        attaches.on_value_change(lambda event: self._keep("attaches", event.value))

    def _keep(self, name: str, value: Any) -> None:
        self._values[name] = value

    async def _save(self) -> None:
        with faults_shown():
            form = PolicyForm.read(self._values)
            if self._view is None:
                await ask(create_policy, form)
            else:
                await ask(change_policy, self._view.id, form)
            tell(_("The policy is saved."))
            self._dialog.close()
            await self._done()


def _beginning() -> dict[str, Any]:
    values: dict[str, Any] = {name: field.get_default() for name, field in PolicyForm.model_fields.items()}
    return values | {
        "kind": PolicyKind.SUPPLIES.value,
        "name": "",
        "types": [SupplyKind.TONER.value],
        "threshold": DEFAULT_PERCENT,
        "tag_ids": [],
        "recipients": [],
    }
