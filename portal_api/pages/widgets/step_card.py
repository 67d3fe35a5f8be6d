"""One step in the composer: its sheet with the form for its values, its locks, and the ways to move it."""

from typing import Any, Protocol

from domain.solutions.rules import Violation
from portal_api.pages import theme
from portal_api.pages.draft import DraftStep
from portal_api.pages.widgets.palette import DRAG, Dragged
from portal_api.pages.widgets.parameter_form import Locks, ParameterForm
from portal_api.pages.words import _, error_texts
from steps.contract import StepClass
from steps.registry import step_kinds


class CardOwner(Protocol):
    """What a card needs of the composer."""

    dragged: Dragged | None

    def move(self, key: int, by: int, button: str = "") -> None: ...

    def remove(self, key: int) -> None: ...

    def drop(self, at: int) -> None: ...

    def changed(self) -> None: ...

    def toggle_lock(self, key: int, name: str) -> bool: ...


class StepCard:
    """The sheet of one step; `element` is moved among its siblings when the step is moved."""

    def __init__(self, owner: CardOwner, step: DraftStep) -> None:
        self._owner, self._step = owner, step
        self._kind = step_kinds().get(step.kind)
        self._position = 0
        self._form: ParameterForm | None = None
        style = self._kind.step_class.value if self._kind else "unknown"
        with theme.block(f"step {style}", role="listitem", id=f"step-{step.key}", tabindex="-1") as self.element:
            self._disc = theme.text("", "step-disc", aria_hidden="true")
            with theme.block("sheet step-sheet"):
                self._head()
                self._notice = theme.text("", "complaint", role="alert")
                self._notice.set_visibility(False)
                self._body()
        self._listen()

    def number(self, position: int, count: int) -> None:
        """Show at which place the step stands, from 0, among `count`."""
        self._position = position
        self._disc.text = str(position + 1)
        title = _(self._kind.title) if self._kind else self._step.kind
        self.element.props["aria-label"] = _("Step {number}: {title}", number=position + 1, title=title)
        self._up.set_enabled(position > 0)
        self._down.set_enabled(position < count - 1)

    def complain(self, found: list[Violation]) -> None:
        """Show what is wrong with this step: at the value concerned, or at the head."""
        by_field: dict[str, str] = {}
        general: list[str] = []
        for violation in found:
            words = " ".join(error_texts(violation.error))
            if self._form and violation.field and self._kind and violation.field in self._kind.parameters.model_fields:
                by_field.setdefault(violation.field, words)
            else:
                general.append(words)
        if self._form:
            self._form.complain(by_field)
        self._notice.text = " ".join(general)
        self._notice.set_visibility(bool(general))
        self.element.classes(add="wrong" if found else "", remove="" if found else "wrong")

    def _head(self) -> None:
        key = self._step.key
        with theme.block("step-head"):
            with theme.block("step-grip", draggable="true", aria_hidden="true") as grip:
                theme.icon("drag_indicator")
            grip.on("dragstart", js_handler=DRAG)
            grip.on("dragstart", lambda: setattr(self._owner, "dragged", Dragged(self._step.kind, key)))
            theme.icon(self._kind.icon if self._kind else "help").classes("step-icon")
            with theme.block("step-title"):
                theme.text(_(self._kind.title) if self._kind else self._step.kind, "strong", "h3")
                theme.text(self._class_name(), "ticket")
            self._up = theme.icon_button("arrow_upward", _("Move up")).classes("move-up")
            self._up.on_click(lambda: self._owner.move(key, -1, ".move-up"))
            self._down = theme.icon_button("arrow_downward", _("Move down")).classes("move-down")
            self._down.on_click(lambda: self._owner.move(key, 1, ".move-down"))
            theme.icon_button("delete", _("Remove step")).on_click(lambda: self._owner.remove(key))

    def _class_name(self) -> str:
        if self._kind is None:
            return _("Not installed")
        return _("Action") if self._kind.step_class is StepClass.ACTION else _("Destination")

    def _body(self) -> None:
        if self._kind is None:
            return
        if not self._kind.parameters.model_fields:
            theme.text(_("Nothing to set."), "hint")
            return
        key = self._step.key
        locks = Locks(self._step.locked, lambda name: self._owner.toggle_lock(key, name))
        self._form = ParameterForm(
            self._kind.parameters, self._kind.name, self._step.parameters, self._set, locks=locks
        )

    def _set(self, name: str, value: Any) -> None:
        self._step.parameters[name] = list(value) if isinstance(value, tuple) else value
        self._owner.changed()

    def _listen(self) -> None:
        key = self._step.key
        self.element.on("keydown.alt.up.prevent", lambda: self._owner.move(key, -1))
        self.element.on("keydown.alt.down.prevent", lambda: self._owner.move(key, 1))
        self.element.on("dragover.prevent", js_handler="() => {}")
        self.element.on("drop.prevent.stop", lambda: self._owner.drop(self._position))
