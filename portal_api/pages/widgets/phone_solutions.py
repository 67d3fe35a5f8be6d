"""The solutions that can be run at a printer, for a phone: personal, organizational, shared (SC-103, SC-106)."""

from nicegui import events, ui

from connectors.messages import N_
from domain.solutions.definition import SolutionType
from domain.solutions.rules import effective_order
from domain.solutions.service import SolutionView
from fleet.phones.solutions import solutions_at_printer
from portal_api.pages import theme
from portal_api.pages.visit import ask
from portal_api.pages.widgets.step_chain import step_chain
from portal_api.pages.words import _

GROUPS = {
    SolutionType.PERSONAL: N_("Personal"),
    SolutionType.ORGANIZATIONAL: N_("Organizational"),
    SolutionType.SHARED: N_("Shared"),
}
SEARCH_FROM = 8
"""With fewer solutions there is nothing to search for."""


class PhoneSolutions:
    """The list, which is looked up once (SC-104)."""

    def __init__(self, scan_id: str = "") -> None:
        self._scan_id = scan_id
        self._solutions: list[SolutionView] = []
        self._search = ""

    async def build(self) -> None:
        """Lay it out."""
        self._solutions = await ask(solutions_at_printer)
        if len(self._solutions) >= SEARCH_FROM:
            field = ui.input(placeholder=_("Filter"), on_change=self._filter)
            field.props("outlined dense clearable debounce=150").props["aria-label"] = _("Filter")
        self._list()

    def _filter(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        self._search = (event.value or "").casefold()
        self._list.refresh()

    @ui.refreshable_method
    def _list(self) -> None:
        shown = [view for view in self._solutions if self._search in view.definition.name.casefold()]
        if not shown:
            with theme.block("empty", role="status"):
                theme.icon("layers")
                theme.text(_("No solution can be run at this printer."), "strong")
        for kind, title in GROUPS.items():
            if group := [view for view in shown if view.type is kind]:
                theme.text(_(title), "section-title", "h2")
                with theme.block("records", role="list"):
                    for view in group:
                        self._row(view)

    def _row(self, view: SolutionView) -> None:
        definition = view.definition
        query = f"?scan={self._scan_id}" if self._scan_id else ""
        with (
            theme.block("", role="listitem"),
            theme.block("record phone-solution", "a", href=f"/phone/solutions/{view.id}{query}"),
        ):
            with theme.block("record-words"):
                theme.text(definition.name, "strong")
                theme.text(definition.description, "hint clamp")
                step_chain([definition.steps[place].kind for place in effective_order(definition.steps)])
            theme.icon("chevron_right")
