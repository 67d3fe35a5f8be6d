"""The scan settings of a solution, folded away: only printers use them (SC-50…SC-55)."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from domain.solutions.definition import ScanSettings
from portal_api.pages import theme
from portal_api.pages.draft import Draft
from portal_api.pages.widgets.parameter_form import ParameterForm
from portal_api.pages.words import _


def scan_settings_form(draft: Draft, changed: Callable[[], None]) -> None:
    """The form in an expansion."""
    with theme.block("sheet folded"), ui.expansion(_("Scan settings"), icon=theme.symbol("scanner")).classes("fold"):
        theme.text(_("Printers scan with these settings. A run from the portal does not use them."), "hint")

        def change(name: str, value: Any) -> None:
            draft.scan_settings[name] = value
            form.complain(draft.scan_problems())
            changed()

        form = ParameterForm(ScanSettings, "scan_settings", draft.scan_settings, change)
