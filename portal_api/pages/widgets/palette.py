"""The palette: every installed step, to be added by click, by Enter or by dragging."""

from dataclasses import dataclass
from typing import Any, Protocol

from connectors.messages import N_
from portal_api.pages import theme
from portal_api.pages.words import _
from steps.contract import StepClass, StepKind
from steps.registry import step_kinds

GROUPS = ((StepClass.ACTION, N_("Actions")), (StepClass.DESTINATION, N_("Destinations")))
DRAG = "(event) => { event.dataTransfer.effectAllowed = 'move'; event.dataTransfer.setData('text/plain', 'step'); }"


@dataclass(frozen=True, slots=True)
class Dragged:
    """What is being dragged: a kind from the palette, or with `key` a step of the line."""

    kind: str
    key: int | None = None


class PaletteOwner(Protocol):
    """What the palette needs of the composer."""

    dragged: Dragged | None

    def add(self, kind: str, at: int | None = None) -> None: ...


def palette(owner: PaletteOwner) -> None:
    """The list of steps by class."""
    for step_class, title in GROUPS:
        theme.text(_(title), "palette-title", "h2")
        with theme.block("palette"):
            for kind in step_kinds().values():
                if kind.step_class is step_class:
                    _entry(kind, owner)


def _entry(kind: StepKind[Any], owner: PaletteOwner) -> None:
    with theme.block(f"palette-step {kind.step_class.value}", "button", type="button", draggable="true") as entry:
        entry.props["aria-label"] = _("Add step “{step}”", step=kind.title)
        theme.icon(kind.icon)
        with theme.block("palette-words"):
            theme.text(_(kind.title), "strong")
            theme.text(_(kind.description), "hint")
        theme.icon("add").classes("palette-add")
    entry.on("click", lambda: owner.add(kind.name))
    entry.on("dragstart", js_handler=DRAG)
    entry.on("dragstart", lambda: setattr(owner, "dragged", Dragged(kind.name)))
