"""The steps of a run as they go: state, progress, report, failure and deliveries, each updated where it stands."""

from collections.abc import Sequence
from datetime import datetime

from nicegui import ui

from connectors.pii.catalogue import entities
from domain.recorded_errors import ErrorView
from domain.runs.models import StepState
from domain.runs.planning import PlannedStep
from domain.runs.views import DeliveryView, RunDetails, StepView
from portal_api.pages import theme
from portal_api.pages.widgets.choice_names import choice_name
from portal_api.pages.widgets.states import UNCERTAIN, state_mark
from portal_api.pages.words import _, error_texts, message_text
from steps.contract import DeliveryState, StepClass, StepReport
from steps.registry import step_kinds


class RunSteps:
    """The line of steps; `update` rebuilds only those that changed."""

    def __init__(self, plan: Sequence[PlannedStep]) -> None:
        self._known: dict[int, object] = {}
        self._plan = {step.position: step for step in plan}
        self._bodies: dict[int, ui.element] = {}
        kinds = step_kinds()
        with theme.block("line", "ol"):
            for step in plan:
                kind = kinds.get(step.kind)
                with theme.block(f"step {kind.step_class.value if kind else 'unknown'}", "li"):
                    theme.text(str(step.position + 1), "step-disc", aria_hidden="true")
                    with theme.block("sheet step-sheet"):
                        with theme.block("step-head"):
                            theme.icon(kind.icon if kind else "help").classes("step-icon")
                            theme.text(_(kind.title) if kind else step.kind, "strong step-title", "h3")
                        self._bodies[step.position] = theme.box("run-step-body")

    def update(self, details: RunDetails) -> None:
        """Show the present state."""
        for position, body in self._bodies.items():
            rows = tuple(step for step in details.steps if step.position == position)
            deliveries = tuple(one for one in details.deliveries if one.position == position)
            if self._known.get(position) != (rows, deliveries):
                self._known[position] = (rows, deliveries)
                body.clear()
                with body:
                    self._show(rows, deliveries, details.run.dry_run)

    def _show(self, rows: tuple[StepView, ...], deliveries: tuple[DeliveryView, ...], dry_run: bool) -> None:
        if not rows:
            state_mark(StepState.PENDING)
        for row in rows:
            with theme.block("branch"):
                with theme.block("branch-head"):
                    state_mark(row.state)
                    theme.text(row.document.name, "hint clamp-one")
                    ui.space()
                    theme.text(duration(row.started, row.finished), "ticket")
                if row.state is StepState.RUNNING:
                    _progress(row)
                if row.result is not None:
                    _report(row.result.report)
                    if dry_run and _is_destination(row):
                        _intended_values(row, self._plan[row.position])
                if row.error is not None and row.state is StepState.FAILED:
                    error_card(row.error)
        for delivery in deliveries:
            _delivery(delivery)


def error_card(error: ErrorView) -> None:
    """What failed and what helps."""
    message, remedy = error_texts(error)
    with theme.block("alarm", role="alert"):
        theme.text(message, "strong")
        theme.text(remedy)
        theme.text(error.code, "ticket")


def duration(began: datetime | None, ended: datetime | None) -> str:
    """How long something took: “0.8 s”, “2 min 05 s”."""
    if began is None or ended is None:
        return ""
    seconds = max((ended - began).total_seconds(), 0.0)
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60):02} s"


def _is_destination(row: StepView) -> bool:
    kind = step_kinds().get(row.kind)
    return kind is not None and kind.step_class is StepClass.DESTINATION


def _intended_values(row: StepView, step: PlannedStep) -> None:
    """What a destination would have been told, in a dry run."""
    fields = step_kinds()[row.kind].parameters.model_fields
    given = {name: value for name, value in step.parameters.items() if name in fields and value not in ("", [], None)}
    if not given:
        return
    with theme.block("facts", "dl"):
        for name, value in given.items():
            theme.text(_(fields[name].title or name), "ticket-label", "dt")
            theme.text(_value_text(value), "", "dd")


def _value_text(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else choice_name(value)


def _finding_name(what: str) -> str:
    entity = entities().get(what)
    return _(entity.label if entity else what)


def _progress(row: StepView) -> None:
    share = min(row.done / row.total, 1) if row.total else 0
    bar = ui.linear_progress(share, show_value=False, size="6px").props("rounded")
    bar.props["aria-label"] = _("Progress")
    if not row.total:
        bar.props("indeterminate")
    if row.message is not None:
        theme.text(message_text(row.message), "hint")


def _report(report: StepReport) -> None:
    if report.summary is not None:
        theme.text(message_text(report.summary))
    for warning in report.warnings:
        with theme.block("warning"):
            theme.icon("warning")
            theme.text(message_text(warning))
    if report.findings:
        with theme.block("findings", "ul"):
            for finding in report.findings:
                with theme.block("finding", "li"):
                    theme.text(_finding_name(finding.what), "strong")
                    theme.text(f"× {finding.count}", "ticket")
                    if finding.where:
                        theme.text(_(finding.where), "hint")
    confidences = [value for name, value in report.measures.items() if name.startswith("confidence_page_")]
    if confidences:
        mean = sum(confidences) / len(confidences)
        theme.text(_("Read with {percent} % confidence.", percent=f"{mean:.0f}"), "hint")


def _delivery(delivery: DeliveryView) -> None:
    with theme.block("delivery"):
        with theme.block("branch-head"):
            state_mark(DeliveryState(delivery.state))
            theme.text(f"{delivery.document} → {delivery.target}", "hint")
        if delivery.receipt:
            theme.text(delivery.receipt, "ticket clamp-one")
        if delivery.state == DeliveryState.COMMITTING:
            theme.text(_(UNCERTAIN), "hint")
