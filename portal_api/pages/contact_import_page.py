"""An import of delivery contacts: how far it is, and what became of its rows (FL-460, FL-461)."""

from collections.abc import Sequence

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.managed_supplies.contact_import import (
    BY_USER,
    SYSTEM_ERROR,
    ImportReport,
    InvalidValue,
    RowRange,
    cancel_contact_import,
    import_report,
)
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, look_again, tell
from portal_api.pages.widgets.states import state_mark
from portal_api.pages.words import _, message_text

CAUSES = {
    BY_USER: N_("Rows {first} to {last}: cancelled"),
    SYSTEM_ERROR: N_("Rows {first} to {last}: system error"),
}
EVERY = 0.5
"""Seconds between two looks at an import in progress."""


@portal_page(
    "/delivery-contacts/imports/{import_id}",
    N_("Import of delivery contacts"),
    Permission.FLEET_MANAGE,
    "delivery-contacts",
)
async def contact_import(import_id: str) -> None:
    """The page of one import."""
    ContactImportPage(import_id, await ask(import_report, import_id)).build()


class ContactImportPage:
    """The open page; it looks again until the import is over."""

    def __init__(self, import_id: str, report: ImportReport) -> None:
        self._id, self._report = import_id, report

    def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Import of delivery contacts"), _("Contacts are added one after another."))
            ui.space()
            theme.plain_button(_("Delivery contacts"), "arrow_back").props["href"] = "/delivery-contacts"
            self._cancel = theme.plain_button(_("Cancel the import"), "cancel").on_click(self._stop)
            self._cancel.set_visibility(not self._report.is_over)
        self._results()
        self._timer = ui.timer(EVERY, self._look, active=not self._report.is_over)

    async def _look(self) -> None:
        with faults_shown():
            before, self._report = self._report, await look_again(import_report, self._id)
            if self._report != before:
                self._results.refresh()
            if not self._report.is_over:
                return
            self._cancel.set_visibility(False)
        self._timer.deactivate()

    async def _stop(self) -> None:
        with faults_shown():
            await ask(cancel_contact_import, self._id)
            tell(_("No further contact is added."))

    @ui.refreshable_method
    def _results(self) -> None:
        report = self._report
        with theme.block("run-status", role="status"):
            state_mark(report.state)
            theme.text(_("{done} of {total}", done=report.done, total=report.rows), "ticket")
        if not report.is_over:
            bar = ui.linear_progress(report.done / report.rows, show_value=False, size="6px").props("rounded")
            bar.props["aria-label"] = _("Progress")
        theme.text(_("Contacts imported: {count}", count=report.imported), "strong", "p")
        existing = [
            _("Row {number}: {name}", number=one.row, name=f"{one.first_name} {one.last_name}")
            for one in report.existing
        ]
        _outcome(_("Contacts already exist"), "content_copy", existing)
        _outcome(_("Contacts not imported"), "block", [_range(one) for one in report.not_imported])
        _outcome(_("Contacts with missing or invalid information"), "error", [_problem(one) for one in report.invalid])


def _outcome(title: str, icon: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    with theme.block("sheet settings", "section", aria_label=title):
        theme.text(title, "section-title", "h2")
        with theme.block("verdict-lines", role="list"):
            for line in lines:
                with theme.block("verdict-line", role="listitem"):
                    theme.icon(icon)
                    theme.text(line)


def _range(one: RowRange) -> str:
    return _(CAUSES[one.cause], first=one.first, last=one.last)


def _problem(one: InvalidValue) -> str:
    where = _("Row {number}, column {column}", number=one.row, column=one.column)
    return f"{where if one.column else _('Row {number}', number=one.row)}: {message_text(one.reason)}"
