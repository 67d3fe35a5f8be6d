"""The fields of a client policy, and what a policy says in short (PR-268)."""

from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.print_clients.rules import ClientRules, UpdateMode
from portal_api.pages.words import _

MODES = {
    UpdateMode.ORGANIZATION: N_("As the organization has set"),
    UpdateMode.CURRENT: N_("Set to the current version"),
    UpdateMode.AUTOMATIC: N_("Enable automatic updates"),
    UpdateMode.PREVENT: N_("Prevent updates"),
}
TIMINGS = {"at_once": N_("As soon as possible"), "within": N_("Within a period")}
WITH_TIMING = frozenset({UpdateMode.CURRENT, UpdateMode.AUTOMATIC})


def client_policy_summary(rules: ClientRules) -> list[str]:
    """What the policy says, in a line."""
    line = _(MODES[rules.update])
    if rules.version:
        line += f" ({rules.version})"
    if rules.update not in WITH_TIMING:
        return [line]
    within = _("within {days} days", days=rules.days) if rules.timing == "within" else _("as soon as possible")
    return [f"{line}, {within}"]


class ClientPolicyForm:
    """The open form."""

    def __init__(self, rules: ClientRules) -> None:
        self._values: dict[str, Any] = {"update": rules.update, "timing": rules.timing, "days": rules.days}

    def build(self) -> None:
        """Lay it out."""
        modes = {mode.value: _(title) for mode, title in MODES.items()}
        ui.radio(modes, value=self._values["update"].value, on_change=self._choose).classes("choices")
        self._timing()

    def content(self) -> ClientRules:
        """What stands in it; the version that *current* pins is that of now (AM-46)."""
        if self._values["update"] not in WITH_TIMING:
            return ClientRules(update=self._values["update"])
        return ClientRules.model_validate(self._values)

    def _choose(self, event: Any) -> None:
        self._values["update"] = UpdateMode(event.value)
        self._timing.refresh()

    @ui.refreshable_method
    def _timing(self) -> None:
        if self._values["update"] not in WITH_TIMING:
            return
        timings = {name: _(title) for name, title in TIMINGS.items()}
        ui.radio(timings, value=self._values["timing"], on_change=self._choose_timing).classes("choices")
        if self._values["timing"] == "within":
            days = ui.number(_("Days"), value=self._values["days"], min=1, max=7, precision=0)
            days.props("outlined dense").on_value_change(lambda event: self._values.update(days=event.value))

    def _choose_timing(self, event: Any) -> None:
        self._values["timing"] = event.value
        self._timing.refresh()
