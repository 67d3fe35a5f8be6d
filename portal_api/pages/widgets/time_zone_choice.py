"""Choosing where printers stand: a time zone, or that of the organization."""

from zoneinfo import available_timezones

from nicegui import ui

from portal_api.pages.words import _


def time_zone_choice(value: str) -> ui.select:
    """A field with all time zones; its value is empty for the organization's (PR-91)."""
    zones = sorted({*available_timezones(), value} - {""})
    names = {"": _("That of the organization"), **dict(zip(zones, zones, strict=True))}
    return ui.select(names, value=value, label=_("Time zone"), with_input=True).props("outlined dense options-dense")
