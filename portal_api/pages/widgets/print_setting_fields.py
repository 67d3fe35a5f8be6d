"""The settings for printing as the form shows them: sections, fields, and the words for each (section 3.2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from connectors.messages import N_
from portal_api.pages import theme
from portal_api.pages.words import _

Change = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting. `build` makes its input from title, present value and what to call with a new one.

    `needs` names a switch of the same section without which it has no effect.
    """

    name: str
    title: str
    build: Callable[[str, Any, Change], None]
    hint: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True)
class SettingSection:
    """A section that folds."""

    name: str
    title: str
    icon: str
    fields: tuple[SettingField, ...]


def switch(title: str, value: Any, change: Change) -> None:
    """On or off."""
    ui.switch(title, value=bool(value), on_change=lambda event: change(bool(event.value)))


def line(title: str, value: Any, change: Change) -> None:
    """A short text; an empty one is none."""
    field = ui.input(title, value=value or "", on_change=lambda event: change((event.value or "").strip()))
    field.props("outlined dense maxlength=255")


def name_or_none(title: str, value: Any, change: Change) -> None:
    """A short text that may be missing."""
    line(title, value, lambda text: change(text or None))


def clock_time(title: str, value: Any, change: Change) -> None:
    """A time of day that may be missing."""
    field = ui.input(
        title, value=(value or "")[:5], on_change=lambda event: change(f"{event.value}:00" if event.value else None)
    )
    field.props("outlined dense type=time clearable").classes("short-field")


def whole_number(least: int, most: int) -> Callable[[str, Any, Change], None]:
    """A number between two others."""

    def build(title: str, value: Any, change: Change) -> None:
        field = ui.number(
            title,
            value=value,
            min=least,
            max=most,
            precision=0,
            on_change=lambda event: change(int(event.value) if event.value is not None else None),
        )
        field.props("outlined dense")

    return build


def choice(options: Mapping[str, str]) -> Callable[[str, Any, Change], None]:
    """One of several."""

    def build(title: str, value: Any, change: Change) -> None:
        titles = {key: _(text) for key, text in options.items()}
        field = ui.select(titles, value=value, label=title, on_change=lambda event: change(event.value))
        field.props("outlined dense options-dense")

    return build


def several(options: Mapping[str, str]) -> Callable[[str, Any, Change], None]:
    """Any of several."""

    def build(title: str, value: Any, change: Change) -> None:
        titles = {key: _(text) for key, text in options.items()}
        field = ui.select(
            titles,
            value=sorted(value or ()),
            label=title,
            multiple=True,
            on_change=lambda event: change(sorted(event.value or ())),
        )
        field.props("outlined dense options-dense use-chips")

    return build


def period(title: str, value: Any, change: Change) -> None:
    """A number of days or hours."""
    values = dict(value)

    def update(**new: Any) -> None:
        values.update(new)
        change(dict(values))

    units = {"days": _("days"), "hours": _("hours")}
    with theme.block("option-line"):
        count = ui.number(
            title,
            value=values["count"],
            min=1,
            precision=0,
            on_change=lambda event: update(count=int(event.value) if event.value is not None else None),
        )
        count.props("outlined dense")
        unit = ui.select(units, value=values["unit"], label=_("Unit"), on_change=lambda event: update(unit=event.value))
        unit.props("outlined dense options-dense").classes("short-field")


MODES = {
    "cost_center": N_("Cost centre or personal"),
    "department": N_("Department or personal"),
    "personal": N_("Personal only"),
}
NODES = {"windows": N_("Windows"), "linux": N_("Linux"), "edge": N_("Edge appliance")}
USES = {
    "direct": N_("Direct printing"),
    "offline": N_("Offline printing"),
    "direct_and_offline": N_("Direct and offline printing"),
}
ANALYSES = {
    "assume": N_("Take every uploaded job for colour and one-sided"),
    "measure": N_("Look at the pages for colour"),
}

SECTIONS = (
    SettingSection(
        "clients",
        N_("Print clients"),
        "install_desktop",
        (
            SettingField("page_enabled", N_("People may open the page of print clients"), switch),
            SettingField("auto_update_enabled", N_("Clients update themselves"), switch),
            SettingField("auto_update_time", N_("Time of the update"), clock_time, needs="auto_update_enabled"),
        ),
    ),
    SettingSection(
        "hybrid_storage",
        N_("Advanced hybrid storage"),
        "storage",
        (
            SettingField("enabled", N_("Storage nodes hold copies of hybrid jobs"), switch),
            SettingField("copies", N_("Copies besides that on the workstation"), whole_number(1, 3), needs="enabled"),
            SettingField("node_types", N_("What may hold them"), several(NODES), needs="enabled"),
        ),
    ),
    SettingSection(
        "jobs",
        N_("Print jobs"),
        "description",
        (
            SettingField("delegation_enabled", N_("People may let others print their jobs"), switch),
            SettingField(
                "delegation_email_enabled",
                N_("Mail to delegates when they are added or removed"),
                switch,
                needs="delegation_enabled",
            ),
            SettingField("change_copies_enabled", N_("Copies can be changed before the release"), switch),
            SettingField("print_and_keep_enabled", N_("Released jobs may stay in the queue"), switch),
            SettingField("auto_release_enabled", N_("Jobs are released by signing in at a printer"), switch),
            SettingField(
                "auto_release_grace_seconds",
                N_("Seconds in which that can be cancelled"),
                whole_number(0, 30),
                needs="auto_release_enabled",
            ),
            SettingField("keep_filename_for_reporting", N_("Reports name the files"), switch),
            SettingField("oldest_first", N_("Oldest jobs first, in lists and releases"), switch),
            SettingField("retention_unreleased", N_("Unreleased jobs are deleted after"), period),
            SettingField("retention_released", N_("Released jobs that are kept are deleted after"), period),
            SettingField(
                "history_period", N_("The history goes back"), period, hint=N_("Reports are not shortened by it.")
            ),
            SettingField("extra_formats", N_("Pictures of more kinds than the usual formats"), switch),
            SettingField(
                "phone_stickers_enabled",
                N_("Phones may use codes on stickers at printers"),
                switch,
                hint=N_("A sticker can be photographed and used from elsewhere; codes that panels show cannot."),
            ),
        ),
    ),
    SettingSection(
        "email",
        N_("E-mail submission"),
        "mail",
        (
            SettingField("enabled", N_("Printing by e-mail"), switch),
            SettingField(
                "local_part",
                N_("First part of the address"),
                name_or_none,
                hint=N_("Small letters, digits, dots, hyphens and underscores. No other organization can have it."),
            ),
            SettingField("body_enabled", N_("Print the text of the mail too"), switch, needs="enabled"),
            SettingField(
                "guests_enabled",
                N_("Guests may print by e-mail"),
                switch,
                hint=N_("Guests sign in at printers with a PIN that they get by mail."),
                needs="enabled",
            ),
            SettingField(
                "guest_page_limit_enabled", N_("Limit the pages of guests' jobs"), switch, needs="guests_enabled"
            ),
            SettingField(
                "guest_page_limit",
                N_("Most pages of a guest's job"),
                whole_number(1, 2000),
                needs="guest_page_limit_enabled",
            ),
            SettingField("guest_cost_center", N_("Cost centre of guests"), line, needs="guests_enabled"),
            SettingField("guest_department", N_("Department of guests"), line, needs="guests_enabled"),
        ),
    ),
    SettingSection(
        "quotas",
        N_("Quotas"),
        "speed",
        (
            SettingField("enabled", N_("Print quotas"), switch),
            SettingField("assignment_mode", N_("Quotas are assigned by"), choice(MODES), needs="enabled"),
            SettingField(
                "strict",
                N_("Refuse jobs that need more than is left"),
                switch,
                hint=N_("Otherwise the last job may overdraw the quota."),
                needs="enabled",
            ),
        ),
    ),
    SettingSection(
        "policies",
        N_("Policies"),
        "policy",
        (
            SettingField("print_enabled", N_("Print policies"), switch),
            SettingField("print_assignment_mode", N_("Policies are assigned by"), choice(MODES), needs="print_enabled"),
            SettingField("page_analysis", N_("Colour of uploaded jobs"), choice(ANALYSES)),
            SettingField("client_enabled", N_("Client policies"), switch),
        ),
    ),
    SettingSection(
        "assignments",
        N_("Print assignments"),
        "add_link",
        (
            SettingField("enabled", N_("Printers are assigned to people"), switch),
            SettingField("use_with", N_("Assignments are used by"), choice(USES), needs="enabled"),
            SettingField(
                "mode",
                N_("Printers are assigned by"),
                choice({key: MODES[key] for key in ("cost_center", "department")}),
                needs="enabled",
            ),
            SettingField(
                "queue_prefix",
                N_("Beginning of a print queue's name"),
                line,
                hint=N_("Before the printer's address, where the queue has no name of its own."),
                needs="enabled",
            ),
        ),
    ),
    SettingSection(
        "universal",
        N_("Universal print integration"),
        "cloud_sync",
        (
            SettingField("enabled", N_("A printer in the cloud of the operating system's maker"), switch),
            SettingField("printer_name", N_("Name of the printer"), line, needs="enabled"),
            SettingField("share_name", N_("Name of its share"), line, needs="enabled"),
        ),
    ),
)
"""All sections in the order of the page (PR-16)."""
