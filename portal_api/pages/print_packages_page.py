"""Print clients: packages to set a workstation up with, and where other devices find what they need (section 31)."""

from typing import Any

from nicegui import ui
from pydantic import ValidationError

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.print_packages.choice import PackageChoice
from fleet.print_packages.service import (
    Offers,
    PackageState,
    PackageView,
    list_packages,
    package_offers,
    start_package,
)
from portal_api.ipp.public_addresses import queue_addresses
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, look_again, tell, visitor, when
from portal_api.pages.widgets.print_definitions import tell_problems
from portal_api.pages.words import _, message_text

SYSTEMS = {"linux": "Linux", "windows": "Windows", "macos": "macOS"}
TYPES = {
    "cloud": N_("Cloud printing"),
    "hybrid": N_("Hybrid printing"),
    "direct": N_("Direct printing"),
    "custom": N_("Chosen by myself"),
}
STATES = {
    PackageState.BUILDING: N_("Being made"),
    PackageState.READY: N_("Ready"),
    PackageState.FAILED: N_("Failed"),
    PackageState.EXPIRED: N_("Expired"),
}
LOOKS = {PackageState.READY: "good", PackageState.FAILED: "bad"}
LOOK_SECONDS = 2.0


@portal_page("/print/packages", N_("Print clients"), Permission.OWN_ACCOUNT, "print-packages")
async def print_packages() -> None:
    """The page."""
    offers = await ask(package_offers)
    if offers.types:
        await PrintPackagesPage(offers).build()
        return
    _heading()
    with theme.block("empty", role="status"):
        theme.icon("inventory_2")
        theme.text(_("Nothing is offered to you here."), "strong")
        theme.text(_("Print administrators open this page to people in the print settings."), "muted")


def _heading() -> None:
    """With the way to what other devices need (PR-1, PR-121)."""
    with theme.block("toolbar"):
        heading(_("Print clients"), _("Set up a workstation for printing. Phones and tablets need no package."))
        if visitor().may(Permission.PRINT_SUBMIT):
            ui.space()
            theme.plain_button(_("Phones and Chromebooks"), "smartphone").props["href"] = "/account#printing"


class PrintPackagesPage:
    """The open page: a form, and the packages that were asked for."""

    def __init__(self, offers: Offers) -> None:
        self._offers = offers
        self._values: dict[str, Any] = {"system": "linux", "type": offers.types[0], "modes": set()}
        self._found: list[PackageView] = []

    async def build(self) -> None:
        """Lay out the page."""
        _heading()
        with theme.block("sheet settings", "section", aria_label=_("New package")):
            systems = ui.radio(SYSTEMS, value="linux").classes("choices").props("inline")
            systems.on_value_change(lambda event: self._values.update(system=event.value))
            types = {one: _(TYPES[one]) for one in self._offers.types}
            ui.radio(types, value=self._values["type"], on_change=self._choose_type).classes("choices")
            self._more()
            with theme.block("dialog-actions"):
                theme.main_button(_("Make the package"), "inventory_2").on_click(self._make)
        self._found = await ask(list_packages)
        self._rows()
        ui.timer(LOOK_SECONDS, self._look)

    def _choose_type(self, event: Any) -> None:
        self._values["type"] = event.value
        self._more.refresh()

    @ui.refreshable_method
    def _more(self) -> None:
        kind = self._values["type"]
        if kind == "custom":
            for mode in ("cloud", "hybrid", "direct"):
                if mode != "direct" or self._offers.assignments:
                    box = ui.checkbox(_(TYPES[mode]), value=mode in self._values["modes"])
                    box.on_value_change(self._mode_setter(mode))
            self._line("cloud_queue", _("Name of the cloud queue"), "Cloud Print")
            self._line("hybrid_queue", _("Name of the hybrid queue"), "Hybrid Print")
            box = ui.checkbox(_("Show notices about the queue"), value=self._values.get("notifications", True))
            box.on_value_change(lambda event: self._values.update(notifications=event.value))
            defaults = {"": _("None")} | {mode: _(TYPES[mode]) for mode in ("cloud", "hybrid", "direct")}
            chosen = ui.select(
                defaults, value=self._values.get("default_queue") or "", label=_("Default printer")
            ).props("outlined dense options-dense")
            chosen.on_value_change(lambda event: self._values.update(default_queue=event.value or None))
        if kind in ("direct", "custom") and self._offers.assignments:
            options = {
                one.id: _("{name} (printers: {count})", name=one.name, count=len(one.printers))
                for one in self._offers.assignments
            }
            known = [one for one in self._values.get("assignment_ids", ()) if one in options]
            chosen = ui.select(options, value=known, multiple=True, label=_("Print assignments"))
            chosen.props("outlined dense options-dense use-chips")
            chosen.on_value_change(lambda event: self._values.update(assignment_ids=list(event.value or ())))

    def _line(self, name: str, label: str, value: str) -> None:
        field = ui.input(label, value=self._values.get(name, value)).props("outlined dense maxlength=64")
        field.on_value_change(lambda event: self._values.update({name: event.value or ""}))

    def _mode_setter(self, mode: str) -> Any:
        def change(event: Any) -> None:
            (self._values["modes"].add if event.value else self._values["modes"].discard)(mode)

        return change

    async def _make(self) -> None:
        with faults_shown():
            try:
                choice = PackageChoice.model_validate(self._chosen())
            except ValidationError as error:
                tell_problems(error)
                return
            await ask(start_package, choice, queue_addresses(visitor().organization_id).ipps)
            tell(_("The package is being made."))
            await self._look()

    def _chosen(self) -> dict[str, Any]:
        """What the type has, of all that was filled in."""
        kind = self._values["type"]
        if kind == "custom":
            return self._values
        wanted = ("system", "type", "assignment_ids") if kind == "direct" else ("system", "type")
        return {name: value for name, value in self._values.items() if name in wanted}

    async def _look(self) -> None:
        with faults_shown():
            found = await look_again(list_packages)
            if found != self._found:
                self._found = found
                self._rows.refresh()

    @ui.refreshable_method
    def _rows(self) -> None:
        with theme.block("records", role="list"):
            for one in self._found:
                with theme.block("record", role="listitem"):
                    theme.icon("inventory_2")
                    with theme.block("record-words"):
                        theme.text(message_text(one.title), "strong clamp-one")
                        theme.text(one.name, "hint")
                    theme.chip(_(STATES[one.state]), LOOKS.get(one.state, "quiet"))
                    theme.text(when(one.created), "hint record-when")
                    with theme.block("record-buttons"):
                        if one.state is PackageState.READY:
                            button = theme.icon_button("download", _("Download “{name}”", name=one.name))
                            button.props["href"] = f"/api/v1/print-packages/{one.id}/file"
