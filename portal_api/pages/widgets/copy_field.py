"""A value to be entered elsewhere, with a button that copies it (AC-8, AC-127, AC-135)."""

import json

from nicegui import ui

from portal_api.pages import theme
from portal_api.pages.visit import tell
from portal_api.pages.words import _


def copy_field(title: str, value: str, hint: str = "") -> None:
    """The value as text that can be selected, and the button."""
    with theme.block("copy-field"):
        theme.text(title, "copy-title strong")
        with theme.block("copy-value"):
            theme.text(value, "ticket", "code")
            button = theme.icon_button("content_copy", _("Copy {title}", title=title))
            button.on_click(lambda: _copy(value))
        if hint:
            theme.text(hint, "hint")


def _copy(value: str) -> None:
    """Where browsers give no clipboard (plain http), the text is selected instead, to be copied by hand."""
    ui.run_javascript(f"navigator.clipboard && navigator.clipboard.writeText({json.dumps(value)})")
    tell(_("Copied."))
