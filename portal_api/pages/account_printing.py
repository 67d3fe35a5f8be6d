"""“Set up printing”: print passwords, queue addresses, and five steps for each system (PR-121, PR-322, PR-324)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.print_access.models import PrintCredentialKind
from domain.print_access.service import PrintCredentialView, make_credential, own_credentials, revoke_credential
from portal_api.ipp.public_addresses import QueueAddresses, queue_addresses
from portal_api.pages import theme
from portal_api.pages.account_sections import account_section
from portal_api.pages.visit import ask, faults_shown, visitor, when
from portal_api.pages.widgets.proof import show_secret, when_proven
from portal_api.pages.words import _

KINDS = {
    PrintCredentialKind.PASSWORD: N_("Print password, to go with your e-mail address"),
    PrintCredentialKind.ADDRESS: N_("Queue address, for devices that cannot ask for a password"),
}
ICONS = {PrintCredentialKind.PASSWORD: "password", PrintCredentialKind.ADDRESS: "link"}
SYSTEMS: dict[str, tuple[str, ...]] = {
    "Windows": (
        N_("Make a print password here and keep it."),
        N_("Open Settings, Bluetooth & devices, Printers & scanners, Add device, and choose “Add manually”."),
        N_("Choose “Add a printer using an IP address or hostname” and the type “IPP device”."),
        N_("Enter {https} as the address."),
        N_("Give your e-mail address and the print password when you are asked, then print a test page."),
    ),
    "macOS": (
        N_("Make a print password here and keep it."),
        N_("Open System Settings, Printers & Scanners, Add Printer, and choose the tab “IP”."),
        N_("Enter {host} as the address, choose the protocol IPP (secure) and enter {path} as the queue."),
        N_("Let the Mac choose the driver (AirPrint) and add the printer."),
        N_("Print: give your e-mail address and the print password, and keep them in the keychain."),
    ),
    "Linux": (
        N_("Make a print password here and keep it."),
        N_("Open a terminal on a computer with CUPS."),
        N_("Run: lpadmin -p Pressroom -E -m everywhere -v {ipps}"),
        N_("Run: lpadmin -p Pressroom -o auth-info-required=username,password"),
        N_("Print: give your e-mail address and the print password when you are asked."),
    ),
    "iOS": (
        N_("Make a print password here and keep it."),
        N_("Let your administrator announce the print service in your network, or install a profile for {ipps}."),
        N_("Open a document on the phone or tablet, choose Share, then Print."),
        N_("Choose the printer whose name begins with “Pressroom”."),
        N_("Give your e-mail address and the print password, and print."),
    ),
    "Android": (
        N_("Make a queue address here and keep it."),
        N_("Open Settings, Connected devices, Connection preferences, Printing, Default print service."),
        N_("Open its menu, choose “Add printer”, then “Add printer by IP address”."),
        N_("Enter the queue address as it was shown."),
        N_("Open a document, choose Print, and choose the printer that you have added."),
    ),
    "ChromeOS": (
        N_("Make a queue address here and keep it."),
        N_("Open Settings, Device, Print and scan, Printers, and choose to add a printer."),
        N_("Enter a name, {host} as the address, and the protocol Internet Printing Protocol (IPPS)."),
        N_("Enter what follows that in the queue address, from “ipp/” on, as the queue, and add the printer."),
        N_("Print by Ctrl+P and choose the printer: print buttons within some web applications do not offer it."),
    ),
}
"""What to do, step by step; the texts may name {host}, {path}, {ipps} and {https}."""


@account_section("printing", N_("Set up printing"), 35, Permission.PRINT_SUBMIT)
async def printing() -> None:
    """By what one's computers and phones print for one."""
    addresses = queue_addresses(visitor().home_organization_id)
    found = await ask(own_credentials)
    theme.text(_("Print from any program into your print queue. No driver is needed."), "hint")
    with theme.block("facts", "dl"):
        for name, value in ((_("Printer's address"), addresses.ipps), (_("For Windows"), addresses.https)):
            theme.text(name, "muted", "dt")
            theme.text(value, "ticket", "dd")
    with theme.block("records"):
        for view in found:
            _credential(view)
    with theme.block("dialog-actions"):
        theme.plain_button(_("New queue address"), "link").on_click(lambda: _dialog(PrintCredentialKind.ADDRESS))
        theme.plain_button(_("New print password"), "password").on_click(lambda: _dialog(PrintCredentialKind.PASSWORD))
    for system, steps in SYSTEMS.items():
        _steps(system, steps, addresses)


def _steps(system: str, steps: tuple[str, ...], addresses: QueueAddresses) -> None:
    host, _slash, path = addresses.ipps.removeprefix("ipps://").partition("/")
    facts = {"host": host, "path": path, "ipps": addresses.ipps, "https": addresses.https}
    with ui.expansion(system).classes("full-width"), theme.block("steps", "ol"):
        for step in steps:
            theme.text(_(step, **facts), "", "li")


def _credential(view: PrintCredentialView) -> None:
    with theme.block("record", "article"):
        theme.icon(ICONS[view.kind])
        with theme.block("record-words"):
            theme.text(view.label, "strong clamp-one")
            theme.text(_(KINDS[view.kind]), "muted clamp")
        with theme.block("record-when"):
            used = _("Last used {moment}", moment=when(view.last_used)) if view.last_used else _("Never used")
            theme.text(used, "ticket")
        theme.icon_button("delete", _("Revoke “{name}”", name=view.label)).on_click(lambda: _revoke(view))


def _revoke(view: PrintCredentialView) -> None:
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Revoke “{name}”", name=view.label), "dialog-title", "h2")
        theme.text(_("What prints with it stops printing at once. It cannot be brought back."))

        async def revoke() -> None:
            with faults_shown():
                await ask(revoke_credential, view.id)
                ui.navigate.reload()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Revoke")).on_click(revoke)
    dialog.on("hide", dialog.delete)
    dialog.open()


def _dialog(kind: PrintCredentialKind) -> None:
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_(KINDS[kind]), "dialog-title", "h2")
        label = ui.input(_("Which device uses it")).props("outlined dense autofocus maxlength=100")

        async def make() -> None:
            secret, _view = await ask(make_credential, kind, label.value or "")
            dialog.close()
            _show(kind, secret)

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Make it")).on_click(lambda: when_proven(make))
    dialog.on("hide", dialog.delete)
    dialog.open()


def _show(kind: PrintCredentialKind, secret: str) -> None:
    if kind is PrintCredentialKind.PASSWORD:
        hint = _("Keep it now: it is shown only once. Your name for it is your e-mail address.")
        show_secret(_("Your new print password"), secret, hint)
    else:
        address = queue_addresses(visitor().home_organization_id, secret).ipps
        hint = _("Keep it now: it is shown only once. Whoever knows it prints as you.")
        show_secret(_("Your new queue address"), address, hint)
