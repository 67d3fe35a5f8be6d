"""The printers that a task would not be sent to, with the reasons, in the dialog that starts it (section 43.1)."""

from collections.abc import Sequence
from functools import partial

from nicegui import ui

from fleet.tasks.preview import TaskPreview
from fleet.tasks.service import NewTask
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters
from portal_api.pages.visit import faults_shown
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _, message_text


async def confirm_task(
    chosen: ChosenPrinters, new: NewTask, title: str, texts: Sequence[str], action: str, *, icon: str
) -> None:
    """Ask whether to start the task, with the printers that it cannot be sent to, and start it on `action`."""

    async def go_on() -> None:
        await chosen.start(new)

    with faults_shown():
        preview = await chosen.foresee(new.kind, new.parameters)
        paragraphs = (chosen.words, *texts)
        confirm(title, paragraphs, action, go_on, icon=icon, notes=partial(foreseen_refusals, preview))


def foreseen_refusals(preview: TaskPreview) -> None:
    """How many there are, and who and why on request; nothing where the task can be sent to all of them."""
    if not preview.refused:
        return
    facts = {"refused": preview.refused, "total": preview.total}
    with theme.block("warning refusals", role="note"):
        theme.icon("block")
        with theme.block("record-words"):
            if preview.total == 1:
                theme.text(_("The task cannot be sent to the printer as it is now:"), "strong")
            else:
                theme.text(_("The task cannot be sent to {refused} of {total} printers:", **facts), "strong")
            if preview.total == 1:
                _reasons(preview)
            else:
                with ui.expansion(_("Which ones, and why")).classes("fold"):
                    _named(preview)


def _named(preview: TaskPreview) -> None:
    with theme.block("refused-list", role="list"):
        for one in preview.named:
            with theme.block("refused", role="listitem"):
                theme.text(f"{one.subject} · {one.model}", "strong")
                for reason in one.reasons:
                    theme.text(message_text(reason), "hint")
    if more := preview.refused - len(preview.named):
        theme.text(_("And {count} more.", count=more), "hint")


def _reasons(preview: TaskPreview) -> None:
    for reason in preview.named[0].reasons:
        theme.text(message_text(reason))
