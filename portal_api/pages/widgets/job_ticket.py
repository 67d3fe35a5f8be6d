"""The job ticket beside the composer: the order in which the steps run, what goes in, and what is still wrong."""

from collections.abc import Callable

from domain.runs.planning import MB, accepted_types, size_limit
from domain.solutions.definition import SolutionDefinition
from domain.solutions.rules import Violation, effective_order, is_quick_run
from portal_api.pages import theme
from portal_api.pages.draft import Draft
from portal_api.pages.widgets.file_types import type_names
from portal_api.pages.words import _, error_texts
from steps.registry import step_kinds

SHOWN_TYPES = 6


class JobTicket:
    """Rebuilt by `show` whenever the composition was checked; `focus` brings a step into view."""

    def __init__(self, focus: Callable[[int], None]) -> None:
        self._focus = focus
        self._sheet = theme.box("sheet crop ticket-sheet")

    def show(self, draft: Draft, found: list[Violation]) -> None:
        """Show the state of the draft."""
        self._sheet.clear()
        with self._sheet:
            theme.text(_("Job ticket"), "ticket-title", "h2")
            definition = None if draft.scan_problems() else draft.definition()
            if definition and definition.steps and all(step.kind in step_kinds() for step in definition.steps):
                self._order(definition)
                self._facts(definition, is_valid=not found)
            self._state(draft, found)

    def _order(self, definition: SolutionDefinition) -> None:
        order = effective_order(definition.steps)
        theme.text(_("Runs in this order"), "ticket-label")
        with theme.block("order", "ol"):
            for position in order:
                kind = step_kinds()[definition.steps[position].kind]
                with theme.block(f"order-step {kind.step_class.value}", "li"):
                    theme.icon(kind.icon)
                    theme.text(_(kind.title))
        if order != sorted(order):
            theme.text(_("OCR always runs first, wherever it stands."), "hint")

    def _facts(self, definition: SolutionDefinition, *, is_valid: bool) -> None:
        with theme.block("facts", "dl"):
            _fact(_("Takes"), type_names(accepted_types(definition), SHOWN_TYPES) or _("any file"))
            _fact(_("At most"), f"{size_limit(definition) // MB} MB")
            if is_valid and is_quick_run(definition):
                _fact(_("Quick run"), _("yes, every value is locked"))

    def _state(self, draft: Draft, found: list[Violation]) -> None:
        complaints: list[tuple[int | None, str]] = [(None, words) for words in draft.scan_problems().values()]
        complaints += [(one.step, error_texts(one.error)[0]) for one in found]
        if not complaints:
            with theme.block("verdict good", role="status"):
                theme.icon("check_circle")
                theme.text(_("Ready to be saved and run."))
            return
        with theme.block("verdict", role="status"):
            theme.text(_("Before it can be saved"), "ticket-label")
            for step, words in complaints:
                self._complaint(step, words)

    def _complaint(self, step: int | None, words: str) -> None:
        if step is None:
            theme.text(words, "todo")
            return
        with theme.block("todo linked", "button", type="button") as entry:
            theme.text(str(step + 1), "mini-disc")
            theme.text(words)
        entry.on("click", lambda: self._focus(step))


def _fact(name: str, value: str) -> None:
    theme.text(name, "ticket-label", "dt")
    theme.text(value, "", "dd")
