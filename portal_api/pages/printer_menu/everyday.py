"""Everyday commands: refresh what is known of printers, restart them, unenrol them (FL-206, FL-213, FL-323)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.tasks.kinds import TaskKind
from fleet.tasks.service import NewTask
from portal_api.pages.printer_actions import ChosenPrinters, Menu, PrinterAction
from portal_api.pages.widgets.foreseen_refusals import confirm_task
from portal_api.pages.words import _

STAYS_ON_IT = N_("Its configuration, its apps and the print apps stay on the printer and keep working.")
COMES_BACK = N_(
    "Printers of a fleet agent or a local agent are enrolled again at the next discovery or poll: exclude their "
    "addresses from the agent's criteria, or disconnect them, to remove them for good."
)


async def refresh(chosen: ChosenPrinters) -> None:
    """Have everything read anew (F-10)."""
    await chosen.start(NewTask(TaskKind.REFRESH))


async def check(chosen: ChosenPrinters) -> None:
    """Look for what keeps printers from being managed; every check and its remedy stand in the task."""
    await chosen.start(NewTask(TaskKind.CHECK_PRINTER))


async def restart(chosen: ChosenPrinters) -> None:
    """Restart after a question (F-12)."""
    texts = (_("What they are printing now may be lost."),)
    new = NewTask(TaskKind.RESTART)
    await confirm_task(chosen, new, _("Restart printers?"), texts, _("Restart"), icon="restart_alt")


async def unenrol(chosen: ChosenPrinters) -> None:
    """Unenrol after a question that says what follows (FL-323…FL-329)."""
    texts = (_(STAYS_ON_IT), _(COMES_BACK), _("An unenrolment cannot be stopped."))
    new = NewTask(TaskKind.UNENROL)
    await confirm_task(chosen, new, _("Unenrol printers?"), texts, _("Unenrol"), icon="link_off")


async def report(chosen: ChosenPrinters) -> None:
    """The hardware report of the one printer (FL-213)."""
    (printer_id,) = await chosen.ids()
    ui.navigate.to(f"/printers/{printer_id}/report")


ACTIONS = (
    PrinterAction(
        Menu.PRINTERS, 5, N_("Show report"), "summarize", Permission.FLEET_VIEW, report, one_only=True, in_list=False
    ),
    PrinterAction(Menu.PRINTERS, 10, N_("Refresh information"), "refresh", Permission.FLEET_MANAGE, refresh),
    PrinterAction(Menu.PRINTERS, 15, N_("Check printers"), "troubleshoot", Permission.FLEET_MANAGE, check),
    PrinterAction(Menu.PRINTERS, 20, N_("Restart"), "restart_alt", Permission.FLEET_MANAGE, restart),
    PrinterAction(
        Menu.PRINTERS, 60, N_("Unenrol printers"), "link_off", Permission.FLEET_MANAGE, unenrol, for_managed=False
    ),
)
