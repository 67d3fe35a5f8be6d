"""Dialogs stay open when the list that they were opened from is made anew behind them."""

import gc
from pathlib import Path

from nicegui import Client, ui

from portal_api.pages import theme
from portal_api.pages.widgets.confirmation import confirm

PAGES = Path(theme.__file__).parent


def test_a_confirmation_outlives_the_list_that_it_was_opened_from() -> None:
    """It was opened by a button of a row; then every row is made anew."""

    async def delete() -> None:
        ui.notify("Deleted.")

    client = Client(ui.page("/anywhere"))
    try:
        with client, theme.block("records") as rows:
            with theme.block("record") as row:
                confirm("Delete it?", ("It is gone then.",), "Delete", delete)
            rows.clear()
            del row
            gc.collect()
            (dialog,) = [element for element in client.elements.values() if isinstance(element, ui.dialog)]
            assert dialog.value
    finally:
        client.delete()


def test_every_dialog_belongs_to_its_page() -> None:
    """`ui.dialog()` alone would be deleted with the part of the page around it: pages use `theme.dialog()`."""
    modules = [module for module in PAGES.rglob("*.py") if module != PAGES / "theme.py"]
    assert [module.name for module in modules if "ui.dialog()" in module.read_text(encoding="utf-8")] == []
