"""The dialog that makes or changes a scheduled print report."""

import re
from datetime import time
from typing import Any

from domain.print_reports.kinds import ReportFormat, ReportKind
from domain.print_reports.periods import ReportPeriod
from domain.print_reports.schedules.form import MOST_RECIPIENTS, ReportScheduleForm, ReportScheduleView
from domain.print_reports.schedules.service import change_report_schedule, create_report_schedule
from domain.print_reports.scope import ReportSubject
from domain.print_reports.subjects import may_compare_customers
from domain.recurrence.form import RecurrenceForm
from domain.recurrence.rules import Recurrence
from portal_api.pages import theme
from portal_api.pages.visit import visitor
from portal_api.pages.widgets.recurrence_dialog import Done, RecurrenceDialog
from portal_api.pages.widgets.recurrence_fields import every_night, titles_of
from portal_api.pages.widgets.report_subject import SubjectChoice
from portal_api.pages.widgets.report_words import KINDS, PERIODS
from portal_api.pages.words import _

BETWEEN = re.compile(r"[\s,;]+")


class ReportScheduleDialog(RecurrenceDialog):
    """One open dialog."""

    def __init__(self, done: Done, view: ReportScheduleView | None = None) -> None:
        keep = (lambda actor, form: change_report_schedule(actor, view.id, form)) if view else create_report_schedule
        super().__init__(_values(view) if view else _beginning(), keep, done)
        self._view = view
        self._subject = SubjectChoice(view.subject if view else None)

    def _title(self) -> str:
        return _("Change “{name}”", name=self._view.name) if self._view else _("New scheduled report")

    async def _what(self) -> None:
        may_compare = may_compare_customers(visitor())
        kinds = {kind: _(title) for kind, title in KINDS.items() if may_compare or kind is not ReportKind.CUSTOMERS}
        self._fields.choice("kind", _("File"), kinds)
        await self._subject.build()
        self._fields.choice("period", _("Period"), titles_of(PERIODS))
        self._fields.choice("format", _("Format"), {one: one.value.upper() for one in ReportFormat})
        self._fields.line("recipients", _("Recipients"), "autogrow type=textarea")
        theme.text(
            _(
                "At most {limit} addresses, separated by commas, of people who can sign in here. They get a link,"
                " which works for 7 days.",
                limit=MOST_RECIPIENTS,
            ),
            "hint",
        )

    def _form(self) -> ReportScheduleForm:
        values = self._fields.chosen()
        addresses = tuple(filter(None, BETWEEN.split(values["recipients"] or "")))
        subject = ReportSubject() if values["kind"] == ReportKind.CUSTOMERS else self._subject.value
        return ReportScheduleForm.read(values | {"recipients": addresses, "subject": subject})


def _values(view: ReportScheduleView) -> dict[str, Any]:
    return {
        **view.times.model_dump(),
        **{name: getattr(view, name) for name in ("name", "kind", "period", "format")},
        "recipients": ", ".join(view.recipients),
    }


def _beginning() -> dict[str, Any]:
    """What was printed in the month before, on the first day of each month, for the person themselves."""
    times: dict[str, Any] = {name: field.get_default() for name, field in RecurrenceForm.model_fields.items()}
    return {
        **times,
        **every_night(),
        **{"recurrence": Recurrence.MONTHLY, "month_day": 1, "at": time(7, 0)},
        **{"name": "", "kind": ReportKind.RELEASED, "period": ReportPeriod.MONTH_BEFORE, "format": ReportFormat.CSV},
        "recipients": visitor().email,
    }
