"""What has happened to a printer or an agent, the newest first (FL-140)."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from portal_api.pages import theme
from portal_api.pages.words import _

T = TypeVar("T")


def event_history(
    events: Sequence[T], row: Callable[[T], None], more: Callable[[], Any] | None, look: str = ""
) -> None:
    """The section, with a `row` for each event. `more` fetches older ones, None where these are all."""
    with theme.block(f"sheet settings {look}", "section", aria_label=_("Event history")):
        theme.text(_("Event history"), "section-title", "h2")
        if not events:
            theme.text(_("Nothing has happened yet."), "muted")
            return
        with theme.block("records", role="list"):
            for event in events:
                row(event)
        if more is not None:
            theme.plain_button(_("Show more"), "expand_more").on_click(more)
