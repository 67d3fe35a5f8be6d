"""The dialogs of a print queue: one job with its settings, and the defaults of jobs to come."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from domain.printing.changes import JobChange, change_job, closed_settings, get_defaults, set_defaults
from domain.printing.states import RELEASABLE, SOURCE_TITLES, TITLES
from domain.printing.views import JobView
from domain.runs.planning import MB
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell, when
from portal_api.pages.widgets.file_types import type_name
from portal_api.pages.widgets.ticket_form import TicketForm
from portal_api.pages.words import _

ONE_SIDED = "one-sided"
Done = Callable[[], Awaitable[None]]


async def job_dialog(job: JobView, done: Done) -> None:
    """Everything about a job, and its settings, which can be changed while it is held (PR-109, PR-113)."""
    is_open = job.state in RELEASABLE
    caller = ui.context.client.content  # the row that it was opened from may be gone when it is saved
    closed = await ask(closed_settings, job)
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide print-job"):
        theme.text(job.name, "dialog-title", "h2")
        with theme.block("print-job-head"):
            if job.preview is not None:
                picture = theme.box("print-preview", "img", alt=_("First page"), loading="lazy")
                picture.props["src"] = f"/api/v1/print-jobs/{job.id}/preview"
            with theme.block("facts", "dl"):
                for title, value in _facts(job):
                    theme.text(title, "", "dt")
                    theme.text(value, "", "dd")
        description = ui.textarea(_("Description"), value=job.description)
        description.props("outlined dense autogrow maxlength=1000").set_enabled(is_open)
        form = TicketForm(job.ticket, closed, is_open=is_open)
        form.build()
        with theme.block("dialog-actions"):
            link = theme.plain_button(_("Download"), "download")
            link.props["href"] = f"/api/v1/print-jobs/{job.id}/content"
            ui.space()
            theme.plain_button(_("Cancel") if is_open else _("Close")).on_click(dialog.close)

            async def save() -> None:
                with faults_shown():
                    await ask(change_job, job.id, JobChange((description.value or "").strip(), form.ticket()))
                    dialog.close()
                    with caller:
                        tell(_("The settings are saved."))
                        await done()

            if is_open:
                theme.main_button(_("Save"), "check").on_click(save)
    dialog.on("hide", dialog.delete)
    dialog.open()


async def defaults_dialog(user_id: str) -> None:
    """What incoming jobs get where they choose nothing (PR-111)."""
    with faults_shown():
        ticket = await ask(get_defaults, user_id)
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
            theme.text(_("Default print settings"), "dialog-title", "h2")
            theme.text(_("They hold for jobs that come from now on and choose nothing else."), "muted", "p")
            form = TicketForm(ticket)
            form.build()

            async def save() -> None:
                with faults_shown():
                    await ask(set_defaults, form.ticket(), user_id)
                    dialog.close()
                    tell(_("The defaults are saved."))

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Save"), "check").on_click(save)
        dialog.on("hide", dialog.delete)
        dialog.open()


def summary(job: JobView) -> str:
    """Pages, colour, sides, copies and size of a job in a line (PR-114)."""
    parts = []
    if job.pages is not None:
        parts.append(_("1 page") if job.pages == 1 else _("{count} pages", count=job.pages))
        parts.append(_("colour") if job.is_color else _("black and white"))
        sides = job.ticket.sides or job.sides
        parts.append(_("one-sided") if sides == ONE_SIDED else _("two-sided"))
    if (job.ticket.copies or 1) > 1:
        parts.append(_("{count} copies", count=job.ticket.copies))
    return " · ".join([*parts, f"{job.size / MB:.2f} MB"])


def _facts(job: JobView) -> list[tuple[str, str]]:
    return [
        (_("State"), _(TITLES[job.state])),
        (_("Source"), _(SOURCE_TITLES[job.source])),
        (_("Document"), f"{type_name(job.media_type)} · {summary(job)}"),
        (_("Submitted"), when(job.submitted)),
        (_("Expires"), when(job.expires_at)),
        (_("Number"), str(job.number)),
    ]
