"""A section of the organization's page: region, and what firewalls have to let through, as a file too (TS-26)."""

import csv
from io import StringIO

from nicegui import ui

from connectors.settings import get_settings
from connectors.spreadsheets import BYTE_ORDER_MARK
from domain.organizations.permissions import Permission
from portal_api.firewall_addresses import FirewallAddress, firewall_addresses
from portal_api.pages import theme
from portal_api.pages.organization_sections import organization_section
from portal_api.pages.words import _


@organization_section("addresses", Permission.ORGANIZATION_VIEW)
async def addresses_section() -> None:
    """Laid out from the installation's settings."""
    settings = get_settings()
    theme.text(_("Network"), "section-title", "h2")
    if settings.region:
        theme.text(_("Region: {region}", region=settings.region))
    theme.text(_("Let these through from your network: computers, agents and panels call here by themselves."), "hint")
    found = firewall_addresses(settings)
    with theme.block("facts", "dl"):
        for one in found:
            theme.text(f"{one.host}:{one.port}", "ticket", "dt")
            theme.text(_(one.purpose), "", "dd")
    with theme.block("dialog-actions"):
        download = theme.plain_button(_("Download for the firewall"), "download")
        download.on_click(lambda: ui.download(_file(found).encode(), "addresses.csv", "text/csv"))


def _file(found: list[FirewallAddress]) -> str:
    text = StringIO()
    rows = [(one.host, one.port, "TCP", _(one.purpose)) for one in found]
    csv.writer(text).writerows([("host", "port", "protocol", "purpose"), *rows])
    return BYTE_ORDER_MARK + text.getvalue()
