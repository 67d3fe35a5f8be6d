"""The four ways by which printers come into the fleet: as a dialog, and on the home of a fleet without printers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import isawaitable

from connectors.messages import N_
from domain.organizations.permissions import Permission
from portal_api.pages import theme
from portal_api.pages.visit import visitor
from portal_api.pages.widgets.agent_dialogs import creation_dialog, local_code_dialog
from portal_api.pages.widgets.enrolment_dialogs import (
    enrolment_code_dialog,
    pre_registration_dialog,
    printer_code_dialog,
)
from portal_api.pages.widgets.installation_dialog import installation_dialog, tool_dialog
from portal_api.pages.words import _

Open = Callable[[], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Way:
    """An agent, when it fits (FL-20…FL-24), and what one can begin with: the word, its symbol, what opens."""

    title: str
    text: str
    icon: str
    permission: Permission
    beginnings: tuple[tuple[str, str, Open], ...]


WAYS = (
    Way(
        N_("Printer agent"),
        N_(
            "For printers of our own make with a touch screen (app framework 3.0 or later). The enrolment tool finds "
            "them and installs an app on each."
        ),
        "apps",
        Permission.FLEET_ENROL,
        ((N_("Download enrolment tool"), "download", tool_dialog),),
    ),
    Way(
        N_("Native agent"),
        N_(
            "For printers of our own make with an agent in their firmware (level 075.272 or later), with or without a "
            "touch screen; nothing is installed."
        ),
        "pin",
        Permission.FLEET_ENROL,
        (
            (N_("Download enrolment tool"), "download", tool_dialog),
            (N_("Register printer"), "pin", printer_code_dialog),
            (N_("Pre-register printers"), "playlist_add", pre_registration_dialog),
            (N_("Enrolment code"), "key", enrolment_code_dialog),
        ),
    ),
    Way(
        N_("Fleet agent"),
        N_(
            "For many printers of a network, of any make and model: one program on a computer of that network that is "
            "always on."
        ),
        "dns",
        Permission.FLEET_MANAGE,
        ((N_("Create fleet agent"), "add", creation_dialog),),
    ),
    Way(
        N_("Local agent"),
        N_("For printers of our own make that are attached to a computer by USB."),
        "usb",
        Permission.FLEET_MANAGE,
        (
            (N_("Download agent"), "download", installation_dialog),
            (N_("Generate activation code"), "key", local_code_dialog),
        ),
    ),
)
"""Those that the home offers (FL-48) and the menu “Enrol printers with …” (FL-74, FL-206)."""


def ways_to_enrol(leave: Callable[[], object] = lambda: None) -> None:
    """Lay out those that the visitor may use; `leave` is called before anything is opened."""
    with theme.block("ways", role="list"):
        for way in WAYS:
            if visitor().may(way.permission):
                _way(way, leave)


def _way(way: Way, leave: Callable[[], object]) -> None:
    with theme.block("record way", role="listitem"):
        theme.icon(way.icon)
        with theme.block("record-words"):
            theme.text(_(way.title), "strong", "h3")
            theme.text(_(way.text), "hint")
            with theme.block("way-beginnings"):
                for title, icon, opens in way.beginnings:
                    button = theme.plain_button(_(title), icon).on_click(_opening(opens, leave))
                    button.props["aria-label"] = _("{agent}: {action}", agent=_(way.title), action=_(title))


def _opening(opens: Open, leave: Callable[[], object]) -> Callable[[], Awaitable[None]]:
    async def go() -> None:
        leave()
        with theme.on_page():
            result = opens()
            if isawaitable(result):
                await result

    return go


def ways_dialog() -> None:
    """Choose one of them."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
        theme.text(_("Enrol printers with …"), "dialog-title", "h2")
        ways_to_enrol(dialog.close)
        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
    dialog.on("hide", dialog.delete)
    dialog.open()
