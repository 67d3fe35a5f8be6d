"""The Solution Center on the panel: the operations that programs of printers have too, for the page's own cookie."""

from collections.abc import Collection, Mapping

from fastapi import APIRouter

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.runs.service import get_run
from domain.runs.watching import UNSEEN, changed_runs
from fleet.panel_apps.solution_center import SOLUTION_APP
from portal_api.api import panel_runs, run_drafts, solution_center
from portal_api.api.at_printer import PersonAtPrinter
from portal_api.api.panel_runs import RunId, RunProgress
from portal_api.api.solution_center import NOT_HERE
from portal_api.panel.access import NOBODY, PanelVisitor
from portal_api.panel.app_kind import PanelApp
from portal_api.panel.events import News, Subject, watch, watched
from portal_api.problems import documented

router = APIRouter(prefix="/api")
for part in (solution_center, run_drafts, panel_runs):
    router.include_router(part.router)


def person_at_panel(at: PanelVisitor) -> PersonAtPrinter:
    """Who is signed in at the panel; takes the place of `person_at_printer` there."""
    return PersonAtPrinter(at.actor, at.printer_id)


class RunNews:
    """What pages are told of the runs that they follow, kept until a run changes: most runs do not in most looks."""

    def __init__(self) -> None:
        self._marks: dict[str, int] = {}
        self._told: dict[Subject, News] = {}

    def read(self, subjects: Collection[Subject]) -> Mapping[Subject, News | None]:
        """The news of all subjects; None for runs that are gone."""
        by_run: dict[str, list[Subject]] = {}
        for subject in subjects:
            by_run.setdefault(subject.id, []).append(subject)
        self._told = {subject: news for subject, news in self._told.items() if subject in subjects}
        is_complete = {run_id: all(one in self._told for one in found) for run_id, found in by_run.items()}
        marks = {run_id: self._marks.get(run_id, UNSEEN) if is_complete[run_id] else UNSEEN for run_id in by_run}
        changed, found = changed_runs(marks)
        self._marks = dict(found)
        for run_id, details in changed.items():
            for subject in by_run[run_id]:
                progress = RunProgress.of_details(details, subject.locale)
                self._told[subject] = {**progress.model_dump(mode="json"), "ended": progress.is_final}
        return {subject: self._told.get(subject) for subject in subjects}


RUNS = watched("run", RunNews().read)


@router.put("/panel-runs/{run_id}/watch", responses={**NOBODY, **documented(*NOT_HERE)})
def watch_run(at: PanelVisitor, run_id: RunId) -> RunProgress:
    """How far a run is; from now on the page hears of it."""
    progress = RunProgress.of_details(get_run(at.actor, run_id), at.locale)
    if not progress.is_final:
        watch(at, RUNS, run_id)
    return progress


APP = PanelApp(
    SOLUTION_APP,
    N_("Solution Center"),
    "solutions",
    "/solutions",
    "solutions.js",
    lambda at: at.actor.may(Permission.SOLUTIONS_RUN),
    router=router,
    styles="solutions.css",
    on_small=True,
)
