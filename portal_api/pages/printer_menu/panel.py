"""Messages on the panels of chosen printers (FL-250…FL-254), and the agent's credentials (FL-268)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.operations.panel_message import TEXTS, PanelText
from fleet.tasks.kinds import TaskKind
from fleet.tasks.preview import TaskPreview
from fleet.tasks.service import NewTask
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters, Menu, PrinterAction
from portal_api.pages.visit import faults_shown
from portal_api.pages.widgets.foreseen_refusals import confirm_task, foreseen_refusals
from portal_api.pages.words import _
from steps.printer_work import AuthenticationType
from steps.printers.update_credentials import SECRET

TYPES = {
    AuthenticationType.USER_PASSWORD: N_("User name and password"),
    AuthenticationType.USER_NAME: N_("User name"),
    AuthenticationType.PASSWORD: N_("Password"),
    AuthenticationType.PIN: N_("PIN"),
    AuthenticationType.NONE: N_("No sign-in"),
}
WITH_NAME = (AuthenticationType.USER_PASSWORD, AuthenticationType.USER_NAME)
WITH_SECRET = (AuthenticationType.USER_PASSWORD, AuthenticationType.PASSWORD, AuthenticationType.PIN)


async def notify(chosen: ChosenPrinters) -> None:
    """Choose one of the messages and show it (F-31)."""
    with faults_shown():
        _notify_dialog(chosen, await chosen.foresee(TaskKind.NOTIFY_PANEL))


def _notify_dialog(chosen: ChosenPrinters, preview: TaskPreview) -> None:
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Send notification to panel"), "dialog-title", "h2")
        texts = {text.value: _(words) for text, words in TEXTS.items()}
        message = ui.radio(texts, value=PanelText.SERVICE_SCHEDULED.value)
        theme.text(_("It is shown for 48 hours, until somebody clears it, or until another one is sent."), "hint")
        foreseen_refusals(preview)

        async def send() -> None:
            dialog.close()
            await chosen.start(NewTask(TaskKind.NOTIFY_PANEL, {"message": message.value}))

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Send"), "send").on_click(send)
    dialog.on("hide", dialog.delete)
    dialog.open()


async def clear(chosen: ChosenPrinters) -> None:
    """Take the portal's messages away after a question (F-32)."""
    texts = (_("Only messages that were sent from here are cleared."),)
    new = NewTask(TaskKind.CLEAR_PANEL)
    await confirm_task(chosen, new, _("Clear notification?"), texts, _("Clear"), icon="notifications_off")


async def credentials(chosen: ChosenPrinters) -> None:
    """How the printers' administrator signs in; tried at each printer and kept where it works (F-13)."""
    with faults_shown():
        _credentials_dialog(chosen, await chosen.foresee(TaskKind.UPDATE_CREDENTIALS))


def _credentials_dialog(chosen: ChosenPrinters, preview: TaskPreview) -> None:
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Update agent credentials"), "dialog-title", "h2")
        kinds = {kind.value: _(title) for kind, title in TYPES.items()}
        kind = ui.select(kinds, value=AuthenticationType.USER_PASSWORD.value, label=_("Authentication type"))
        kind.props("outlined dense")
        user = ui.input(_("User name")).props("outlined dense maxlength=128 autocomplete=off")
        secret = ui.input(_("Password or PIN"), password=True).props("outlined dense maxlength=128")
        secret.props["autocomplete"] = "new-password"
        user.bind_visibility_from(kind, "value", lambda value: value in WITH_NAME)
        secret.bind_visibility_from(kind, "value", lambda value: value in WITH_SECRET)
        theme.text(_("They are tried at each printer first. Where they are refused, the former ones stay."), "hint")
        foreseen_refusals(preview)

        async def save() -> None:
            dialog.close()
            parameters = {"type": kind.value, "user": user.value if kind.value in WITH_NAME else ""}
            secrets = {SECRET: secret.value or ""} if kind.value in WITH_SECRET else {}
            await chosen.start(NewTask(TaskKind.UPDATE_CREDENTIALS, parameters, secrets=secrets))

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Update credentials"), "key").on_click(save)
    dialog.on("hide", dialog.delete)
    dialog.open()


ACTIONS = (
    PrinterAction(
        Menu.PRINTERS, 30, N_("Send notification to panel"), "notifications", Permission.FLEET_MANAGE, notify
    ),
    PrinterAction(Menu.PRINTERS, 31, N_("Clear notification"), "notifications_off", Permission.FLEET_MANAGE, clear),
    PrinterAction(Menu.PRINTERS, 40, N_("Update agent credentials"), "key", Permission.FLEET_MANAGE, credentials),
)
