"""A form made from a pydantic model: every step gets one, ours and third parties' alike."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.element import Element
from pydantic import BaseModel

from portal_api.pages import theme
from portal_api.pages.widgets.fields import Parameter, value_input
from portal_api.pages.words import _


@dataclass(frozen=True, slots=True)
class Locks:
    """The lock buttons of a form (SC-90): which values are locked, and what a press does.

    `toggle` gets the value's name and answers whether it is locked afterwards.
    """

    locked: Collection[str]
    toggle: Callable[[str], bool]


class ParameterForm:
    """The inputs for the fields `only` (all: None) of `model`, with complaints shown below each."""

    def __init__(
        self,
        model: type[BaseModel],
        owner: str,
        values: Mapping[str, Any],
        on_change: Callable[[str, Any], None],
        *,
        only: Collection[str] | None = None,
        locks: Locks | None = None,
    ) -> None:
        self._on_change, self._locks = on_change, locks
        self._rows: dict[str, tuple[Element, ui.label]] = {}
        with theme.block("form"):
            for name, info in model.model_fields.items():
                if only is None or name in only:
                    value = values.get(name, info.get_default(call_default_factory=True))
                    self._row(Parameter(owner, name, info, value))

    def complain(self, problems: Mapping[str, str]) -> None:
        """Show these complaints by field, and no others."""
        for name, (row, complaint) in self._rows.items():
            problem = problems.get(name, "")
            complaint.text = problem
            complaint.set_visibility(bool(problem))
            row.classes(add="wrong" if problem else "", remove="" if problem else "wrong")

    def _row(self, parameter: Parameter) -> None:
        with theme.block("field") as row:
            with theme.block("field-line"):
                field = value_input(parameter, partial(self._on_change, parameter.name))
                field.classes("field-input")
                if self._locks:
                    self._lock_button(parameter, self._locks)
            if parameter.info.description:
                theme.text(_(parameter.info.description), "hint")
            complaint = theme.text("", "complaint", role="alert")
            complaint.set_visibility(False)
        self._rows[parameter.name] = row, complaint

    def _lock_button(self, parameter: Parameter, locks: Locks) -> None:
        button = ui.button(color=None).props("flat round dense").classes("icon-button lock")
        with button:
            hint = ui.tooltip("").props('aria-hidden="true"')

        def show(is_locked: bool) -> None:
            button.icon = theme.symbol("lock" if is_locked else "lock_open")
            button.props["aria-pressed"] = str(is_locked).lower()
            button.props["aria-label"] = _("Lock “{field}”", field=parameter.title)
            hint.text = (
                _("Locked: whoever runs the solution cannot change this value.")
                if is_locked
                else _("Unlocked: whoever runs the solution is asked for this value.")
            )
            button.classes(add="locked" if is_locked else "", remove="" if is_locked else "locked")

        button.on_click(lambda: show(locks.toggle(parameter.name)))
        show(parameter.name in locks.locked)
