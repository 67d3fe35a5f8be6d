"""Releasing one's own jobs from the portal, at a printer that one chooses (PR-125, PR-224)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.releasing.printers import ReleasePrinter, release_printers
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask
from portal_api.pages.widgets.own_jobs import OwnJobs
from portal_api.pages.words import _


def printers_to_choose(actor: Actor, search: str) -> list[ReleasePrinter]:
    """Printers of the actor's organization."""
    with actor.session(read_only=True) as session:
        return release_printers(session, search)


@portal_page("/release", N_("Release at a printer"), Permission.PRINT_SUBMIT, "release")
async def release_at_printer() -> None:
    """The page."""
    heading(_("Release at a printer"), _("Choose what to print while you stand at the printer."))
    found = await ask(printers_to_choose, "")
    names = {one.id: " · ".join(filter(None, (one.name, one.location, one.model))) for one in found}
    with theme.block("sheet settings", "section", aria_label=_("Printer")):
        printer = ui.select(names, label=_("Printer"), with_input=True).props("outlined dense")
    await OwnJobs(lambda: str(printer.value or ""), "portal").build()
