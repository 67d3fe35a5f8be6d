"""The hardware report of one printer, for looking at, for paper, and as a file (FL-213)."""

from itertools import groupby

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.printers.details import get_printer
from fleet.printers.hardware_report import report_lines
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, visitor, when
from portal_api.pages.widgets.printer_cells import page_words
from portal_api.pages.words import _


@portal_page("/printers/{printer_id}/report", N_("Hardware report"), Permission.FLEET_VIEW, "printers")
async def printer_report(printer_id: str) -> None:
    """The page."""
    details = await ask(get_printer, printer_id)
    view = details.view
    with theme.block("toolbar"):
        read = _("As it was read on {time}", time=when(details.read_at)) if details.read_at else _("Never read yet.")
        heading(_("Hardware report of {name}", name=view.name or view.address), f"{view.model} · {read}")
        ui.space()
        theme.plain_button(_("Back to the printer"), "arrow_back").props["href"] = f"/printers/{view.id}"
        if visitor().may(Permission.FLEET_MANAGE):
            export = theme.plain_button(_("Export to CSV"), "download")
            export.props["href"] = f"/api/v1/printers/{view.id}/report/export"
        theme.main_button(_("Print"), "print").on("click", js_handler="() => window.print()")
    with theme.block("report-sections"):
        for section, lines in groupby(report_lines(details, page_words()), key=lambda line: line.section):
            with theme.block("sheet settings", "section", aria_label=section):
                theme.text(section, "section-title", "h2")
                with theme.block("facts report-facts", "dl"):
                    for line in lines:
                        theme.text(line.name, "", "dt")
                        theme.text(line.value, "", "dd")
