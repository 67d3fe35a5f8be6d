"""Services of an organization: those it has, folded away (AC-9), and choosing them (AC-13, AC-14)."""

from collections.abc import Collection

from nicegui import ui

from domain.organizations.entitlements import TITLES, Entitlement
from portal_api.pages import theme
from portal_api.pages.words import _


def active_services(services: Collection[Entitlement]) -> None:
    """The list that opens on a press."""
    title = _("Active services ({count})", count=len(services))
    with ui.expansion(title, icon=theme.symbol("apps")).classes("fold"):
        if not services:
            theme.text(_("No service is active. Accounts and announcements are always there."), "hint")
        with theme.block("slips services", role="list"):
            for service in Entitlement:
                if service in services:
                    theme.chip(_(TITLES[service]), "good").props["role"] = "listitem"
