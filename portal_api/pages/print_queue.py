"""The visitor's cloud print queue: documents that wait to be released at a printer (SC-86a)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.printing.service import queued_jobs
from domain.runs.planning import MB
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask
from portal_api.pages.widgets.file_types import type_name
from portal_api.pages.widgets.print_quota_note import own_quota_note
from portal_api.pages.words import _


@portal_page("/print-queue", N_("Print queue"), Permission.OWN_ACCOUNT, "print-queue")
async def print_queue() -> None:
    """The list of held jobs, oldest first."""
    heading(_("Print queue"), _("Documents that wait until you release them at a printer."))
    await own_quota_note()
    jobs = await ask(queued_jobs)
    if not jobs:
        with theme.block("empty", role="status"):
            theme.icon("print")
            theme.text(_("Nothing waits to be printed."), "strong")
            theme.text(_("Solutions with the step “Send to cloud print queue” put documents here."), "muted")
        return
    with theme.block("records", role="list"):
        for job in jobs:
            with theme.block("record", role="listitem"):
                theme.icon("description")
                with theme.block("record-words"):
                    theme.text(job.name, "strong clamp-one")
                    theme.text(job.id[:8], "ticket")
                ui.space()
                if job.pages:
                    theme.text(_("{count} pages", count=job.pages), "hint")
                theme.text(f"{type_name(job.media_type)} · {job.size / MB:.2f} MB", "ticket")
