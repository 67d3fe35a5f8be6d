"""Results tell of settings by their titles, not by technical names."""

from collections.abc import Iterator

import pytest
from nicegui import Client, ui

from connectors.messages import Message
from portal_api.pages.widgets.setting_names import item_title, result_text
from portal_api.pages.words import speak
from steps.printers.check_compliance import ONE_PART


@pytest.fixture
def page() -> Iterator[Client]:
    client = Client(ui.page("/anywhere"))
    try:
        with client:
            yield client
    finally:
        client.delete()


@pytest.mark.parametrize(
    ("item", "title"), [("energy.sleep_minutes", "Energy › Sleep after"), ("Scan center 5.2.4", "Scan center 5.2.4")]
)
def test_a_setting_has_its_path_and_label_and_anything_else_its_name(page: Client, item: str, title: str) -> None:
    assert item_title(item) == title
    assert result_text(Message.of(ONE_PART, item=item)) == f"The printer is not compliant: {title} differs."


def test_it_speaks_the_language_of_the_page(page: Client) -> None:
    speak("sv")
    assert item_title("energy.sleep_minutes") != "Energy › Sleep after"
