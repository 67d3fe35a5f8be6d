"""One run: its steps as they go, what they made, its downloads and its log."""

from nicegui import ui

from connectors.documents.document import Document
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.runs.documents import create_download_link, delete_documents
from domain.runs.models import TRANSLATION, RunState
from domain.runs.outbox import flow_runs_of
from domain.runs.planning import MB
from domain.runs.service import cancel_run, get_run, run_again, run_events
from domain.runs.views import RunDetails
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, clock, faults_shown, look_again, visitor, when
from portal_api.pages.widgets.contact_sheet import ContactSheet
from portal_api.pages.widgets.run_steps import RunSteps, duration, error_card
from portal_api.pages.widgets.states import state_mark
from portal_api.pages.words import _, message_text

EVERY = 0.4
"""Seconds between two looks at a run in progress."""
LOG_ICONS = {"info": "chevron_right", "warning": "warning", "error": "error"}


@portal_page("/runs/{run_id}", N_("Run"), Permission.RUNS_FOLLOW, "runs")
async def run_page(run_id: str) -> None:
    """The page of one run."""
    await RunPage(await ask(get_run, run_id)).build()


class RunPage:
    """One open run; a timer looks again until it has ended."""

    def __init__(self, details: RunDetails) -> None:
        self._details = details
        self._id = details.run.id
        self._last_event = 0
        self._engine_run: str | None = None

    async def build(self) -> None:
        """Lay out the page."""
        run = self._details.run
        if visitor().is_operator:
            self._engine_run = await ask(_engine_run, self._id)
        with theme.block("toolbar run-toolbar"):
            heading(run.solution_name, run.original.name)
            ui.space()
            self._actions()
        self._status()
        self._outcome()
        self._contact = ContactSheet(self._id)
        with theme.block("run-columns"):
            with theme.block("run-main"):
                self._steps = RunSteps(run.plan)
            with (
                theme.block("run-side"),
                theme.block("sheet folded"),
                ui.expansion(_("Log"), icon=theme.symbol("notes"), value=True).classes("fold"),
            ):
                self._log = theme.box("log", "ol", role="log", tabindex="0", aria_label=_("Log"))
        await self._show()
        self._timer = ui.timer(EVERY, self._look)
        if run.state.is_final:
            self._timer.cancel()

    async def _look(self) -> None:
        with faults_shown():
            before = self._details
            self._details = await look_again(get_run, self._id)
            if self._engine_run is None and visitor().is_operator:
                self._engine_run = await look_again(_engine_run, self._id)
            await self._show()
            if _outline(before) != _outline(self._details):
                self._refresh_head()
            if self._details.run.state.is_final:
                self._timer.cancel()
            return
        self._timer.cancel()

    async def _show(self) -> None:
        self._steps.update(self._details)
        for event in await look_again(run_events, self._id, self._last_event):
            self._last_event = event.id
            with self._log, theme.block(f"log-line {event.level}", "li"):
                theme.icon(LOG_ICONS.get(event.level, "chevron_right"))
                theme.text(clock(event.at), "ticket")
                theme.text(message_text(event.message))
        await self._contact.update(self._details)

    def _refresh_head(self) -> None:
        self._actions.refresh()
        self._status.refresh()
        self._outcome.refresh()

    @ui.refreshable_method
    def _actions(self) -> None:
        run = self._details.run
        with theme.block("actions"):
            if self._engine_run:
                address = f"{get_settings().operators_url}/runs/flow-run/{self._engine_run}"
                theme.plain_button("Prefect", "open_in_new").props(f'href="{address}" target=_blank')
            if not run.state.is_final:
                theme.plain_button(_("Cancel"), "stop").on_click(self._cancel).set_enabled(not run.cancel_requested)
                return
            if run.documents_deleted is None:
                theme.plain_button(_("Delete the documents"), "delete").on_click(self._delete)
            if run.solution_id == TRANSLATION:
                theme.plain_button(_("New translation"), "replay").props("href=/translation")
            elif not run.is_scan:
                theme.plain_button(_("New run"), "replay").props(f"href=/solutions/{run.solution_id}/run")
            if run.state is not RunState.COMPLETED and run.documents_deleted is None:
                theme.main_button(_("Run again from the failed step"), "refresh").on_click(self._again)

    @ui.refreshable_method
    def _status(self) -> None:
        run = self._details.run
        with theme.block("run-status", role="status"):
            state_mark(run.state)
            if run.dry_run:
                theme.chip(_("Dry run"), "dry")
            if run.cancel_requested and not run.state.is_final:
                theme.text(_("It stops at the next page or sentence."), "hint")
            theme.text(when(run.created), "ticket")
            theme.text(duration(run.started, run.finished), "ticket")

    @ui.refreshable_method
    def _outcome(self) -> None:
        details = self._details
        if details.run.error is not None:
            error_card(details.run.error)
        if details.downloads and details.run.documents_deleted is None:
            with theme.block("sheet crop downloads", "section", aria_label=_("Downloads")):
                theme.text(_("Your documents are ready"), "section-title", "h2")
                for document in details.downloads:
                    self._download(document)
                if len(details.downloads) > 1:
                    button = theme.plain_button(_("Download all as a ZIP file"), "folder_zip")
                    button.props(f'href="/api/v1/runs/{self._id}/downloads"')

    def _download(self, document: Document) -> None:
        with theme.block("download"):
            theme.icon("description")
            theme.text(document.name, "strong")
            theme.text(f"{document.size / MB:.2f} MB", "ticket")
            ui.space()
            button = theme.main_button(_("Download"), "download").on_click(lambda: self._fetch(document))
            button.props["aria-label"] = _("Download “{name}”", name=document.name)

    async def _fetch(self, document: Document) -> None:
        with faults_shown():
            token, _expires = await ask(create_download_link, self._id, document.key)
            ui.navigate.to(f"/d/{token}")

    async def _cancel(self) -> None:
        with faults_shown():
            await ask(cancel_run, self._id)
            await self._look()

    async def _again(self) -> None:
        with faults_shown():
            await ask(run_again, self._id)
            ui.navigate.reload()

    async def _delete(self) -> None:
        with faults_shown():
            await ask(delete_documents, self._id)
            ui.navigate.reload()


def _outline(details: RunDetails) -> tuple[object, ...]:
    """What the head of the page depends on."""
    return details.run, len(details.downloads)


def _engine_run(actor: Actor, run_id: str) -> str | None:
    """The engine's newest flow run for this run, or None before it was handed over."""
    get_run(actor, run_id)
    with actor.session(read_only=True) as session:
        return next(iter(reversed(flow_runs_of(session, [run_id]))), None)
