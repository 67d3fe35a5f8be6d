"""Messages on panels, and the credentials by which agents sign in (FL-250…FL-254, FL-267, FL-268)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.operations.panel_message import TEXTS, PanelText
from fleet.tasks.kinds import TaskKind
from fleet.tasks.service import NewTask
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters, Menu, PrinterAction
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _
from steps.printer_work import AuthenticationType
from steps.printers.update_credentials import SECRET

TYPES = {
    AuthenticationType.USER_PASSWORD: N_("User name and password"),
    AuthenticationType.USER_NAME: N_("User name"),
    AuthenticationType.PASSWORD: N_("Password"),
    AuthenticationType.PIN: N_("PIN"),
    AuthenticationType.NONE: N_("None: the printer is not secured"),
}
WITH_USER = frozenset({AuthenticationType.USER_PASSWORD, AuthenticationType.USER_NAME})
WITH_SECRET = frozenset({AuthenticationType.USER_PASSWORD, AuthenticationType.PASSWORD, AuthenticationType.PIN})


async def notify(chosen: ChosenPrinters) -> None:
    """Show one of the messages on the panels (FL-253)."""
    with ui.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Send notification to panel"), "dialog-title", "h2")
        options = {one.value: _(text) for one, text in TEXTS.items()}
        message = ui.radio(options, value=PanelText.SERVICE_SCHEDULED.value).classes("choices")
        message.props["aria-label"] = _("Message")
        theme.text(_("It is shown for 48 hours, until somebody clears it, or until another one is sent."), "hint", "p")

        async def send() -> None:
            dialog.close()
            await chosen.start(NewTask(TaskKind.NOTIFY_PANEL, {"message": message.value}))

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Send"), "send").on_click(send)
    dialog.on("hide", dialog.delete)
    dialog.open()


async def clear(chosen: ChosenPrinters) -> None:
    """Take our own messages away after a question (FL-254)."""

    async def go_on() -> None:
        await chosen.start(NewTask(TaskKind.CLEAR_PANEL))

    text = _("Only messages that were sent from here are cleared.")
    confirm(_("Clear notifications?"), (text,), _("Clear notification"), go_on, icon="notifications_off")


async def update_credentials(chosen: ChosenPrinters) -> None:
    """Give agents other credentials; they are tried first and kept only where the printer takes them (F-13)."""
    with ui.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Update agent credentials"), "dialog-title", "h2")
        theme.text(_("Of the printers' administrator account. They are tried before they are kept."), "hint", "p")
        options = {one.value: _(title) for one, title in TYPES.items()}
        kind = ui.select(options, label=_("Authentication"), value=AuthenticationType.USER_PASSWORD.value)
        kind.props("outlined dense options-dense")
        user = ui.input(_("User name")).props("outlined dense autocomplete=off maxlength=128")
        user.bind_visibility_from(kind, "value", lambda value: AuthenticationType(value) in WITH_USER)
        secret = ui.input(_("Password or PIN"), password=True, password_toggle_button=True)
        secret.props("outlined dense autocomplete=new-password maxlength=128")
        secret.bind_visibility_from(kind, "value", lambda value: AuthenticationType(value) in WITH_SECRET)

        async def update() -> None:
            wanted = AuthenticationType(kind.value)
            given = {"type": wanted.value, "user": (user.value or "") if wanted in WITH_USER else ""}
            secrets = {SECRET: secret.value or ""} if wanted in WITH_SECRET else {}
            dialog.close()
            await chosen.start(NewTask(TaskKind.UPDATE_CREDENTIALS, given, secrets=secrets))

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Update credentials"), "key").on_click(update)
    dialog.on("hide", dialog.delete)
    dialog.open()


_MAY = Permission.FLEET_MANAGE
ACTIONS = (
    PrinterAction(Menu.PRINTERS, 30, N_("Update agent credentials"), "key", _MAY, update_credentials),
    PrinterAction(Menu.PRINTERS, 40, N_("Send notification to panel"), "notifications", _MAY, notify),
    PrinterAction(Menu.PRINTERS, 50, N_("Clear notification"), "notifications_off", _MAY, clear),
)
