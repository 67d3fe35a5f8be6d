"""The runs of the past, with filters and paging."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.runs.models import RunState
from domain.runs.service import RunFilter, list_runs
from domain.runs.views import RunView
from domain.solutions.service import list_solutions
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, visitor, when
from portal_api.pages.widgets.paged_rows import PagedRows
from portal_api.pages.widgets.run_steps import duration
from portal_api.pages.widgets.states import RUN_STATES, state_mark
from portal_api.pages.widgets.step_chain import step_chain
from portal_api.pages.words import _

PAGE_SIZE = 25


@portal_page("/runs", N_("Runs"), Permission.SOLUTIONS_RUN, "runs")
async def runs() -> None:
    """The history page."""
    await RunHistory().build()


class RunHistory:
    """The open list, page after page below each other."""

    def __init__(self) -> None:
        self._filter = RunFilter(limit=PAGE_SIZE)

    async def build(self) -> None:
        """Lay out the page."""
        heading(_("Runs"), _("What was run, when, and how it ended."))
        solutions = {"": _("All solutions")} | {view.id: view.definition.name for view in await ask(list_solutions)}
        states = {"": _("All states")} | {state.value: _(words[0]) for state, words in RUN_STATES.items()}
        with theme.block("filters", role="search"):
            search = ui.input(_("Search"), on_change=lambda event: self._choose(search=event.value or ""))
            search.props("outlined dense clearable debounce=250").classes("search")
            state = ui.select(states, value="", label=_("State"), on_change=self._choose_state)
            state.props("outlined dense options-dense")
            solution = ui.select(
                solutions,
                value="",
                label=_("Solution"),
                on_change=lambda event: self._choose(solution_id=event.value or None),
            )
            solution.props("outlined dense options-dense")
            since = ui.input(_("Since"), on_change=self._choose_since)
            since.props("outlined dense type=date stack-label clearable")
        self._rows = PagedRows(
            self._fetch,
            _row,
            page_size=PAGE_SIZE,
            icon="receipt_long",
            nothing=_("There are no such runs."),
        )
        await self._rows.load()

    async def _choose(self, **chosen: Any) -> None:
        self._filter = replace(self._filter, **chosen)
        await self._rows.load()

    async def _choose_state(self, event: Any) -> None:
        await self._choose(state=RunState(event.value) if event.value else None)

    async def _choose_since(self, event: Any) -> None:
        zone = ZoneInfo(visitor().time_zone)
        try:
            since = datetime.fromisoformat(event.value).replace(tzinfo=zone) if event.value else None
        except ValueError:
            return  # a date that is still being typed
        await self._choose(since=since)

    async def _fetch(self, last: RunView | None) -> Sequence[RunView]:
        return await ask(list_runs, replace(self._filter, before=last.created if last else None))


def _row(run: RunView) -> None:
    with theme.block("record", "a", href=f"/runs/{run.id}", role="listitem"):
        state_mark(run.state)
        with theme.block("record-words"):
            theme.text(run.solution_name, "strong clamp-one")
            theme.text(run.original.name, "hint clamp-one")
        step_chain([step.kind for step in run.plan])
        if run.dry_run:
            theme.chip(_("Dry run"), "dry")
        ui.space()
        with theme.block("record-when"):
            theme.text(when(run.created), "ticket")
            theme.text(duration(run.started, run.finished), "ticket")
