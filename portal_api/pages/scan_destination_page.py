"""The editor of a scan destination: its service, its folder, its file name, and how printers scan for it."""

from typing import Annotated

from fastapi import Query

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.scan_destinations.service import Scope, get_destination
from domain.scan_settings.service import scan_settings
from domain.storage_accounts.service import list_families
from portal_api.pages.frame import portal_page
from portal_api.pages.visit import ask
from portal_api.pages.widgets.scan_destination_form import DestinationForm


@portal_page("/scan/new", N_("Create scan destination"), Permission.SCAN_OPEN, "scan-destinations")
async def new_scan_destination(scope: Annotated[str, Query(max_length=16)] = "") -> None:
    """A new one of the tab that is named."""
    chosen = Scope.PERSONAL if scope == Scope.PERSONAL.value else Scope.ORGANIZATIONAL
    settings, families = await ask(scan_settings), await ask(list_families)
    DestinationForm(chosen, settings, families, None).build()


@portal_page("/scan/{destination_id}", N_("Scan destination"), Permission.SCAN_OPEN, "scan-destinations")
async def scan_destination(destination_id: str) -> None:
    """One destination, to be changed by who may, and read by others."""
    view = await ask(get_destination, destination_id)
    settings, families = await ask(scan_settings), await ask(list_families)
    DestinationForm(view.scope, settings, families, view).build()
