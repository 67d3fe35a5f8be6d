"""A solution's steps as a row of small icons."""

from collections.abc import Sequence

from nicegui import ui

from portal_api.pages import theme
from portal_api.pages.words import _
from steps.registry import step_kinds


def step_chain(kinds: Sequence[str]) -> None:
    """The icons in order; their names are read out as one sentence."""
    known = step_kinds()
    names = " → ".join(_(known[kind].title) if kind in known else kind for kind in kinds)
    with theme.block("chain", role="img", aria_label=names):
        for kind in kinds:
            style = known[kind].step_class.value if kind in known else "unknown"
            with theme.block(f"chain-step {style}"):
                theme.icon(known[kind].icon if kind in known else "help")
                ui.tooltip(_(known[kind].title) if kind in known else kind)
