"""The dialogs for one login method: a local account, a group, LDAP, Kerberos 5, each with its permissions (FL-380…)."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from nicegui import events, ui
from pydantic import SecretStr

from connectors.messages import N_
from fleet.configurations.content import MASK
from fleet.configurations.login_methods import (
    ACCESS_GROUPS,
    ACCESS_TITLES,
    KERBEROS_FILE_LIMIT,
    AccountType,
    Kerberos,
    Ldap,
    LocalAccount,
    LocalGroup,
)
from portal_api.pages import theme
from portal_api.pages.words import _

ACCOUNT_TITLES = {
    AccountType.USER_PASSWORD: N_("User name and password"),
    AccountType.USER_NAME: N_("User name only"),
    AccountType.PASSWORD: N_("Password only"),
    AccountType.PIN: N_("PIN"),
}
LDAP_TITLES = {"ldap": N_("LDAP"), "ldap_gssapi": N_("LDAP+GSSAPI (needs Kerberos)")}
INPUT_TITLES = {"user_password": N_("User name and password"), "user_name": N_("User name only")}


def account_dialog(groups: list[str], add: Callable[[LocalAccount], None]) -> None:
    """A local account (FL-380)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Add account"), "dialog-title", "h2")
        kinds = {kind.value: _(title) for kind, title in ACCOUNT_TITLES.items()}
        kind = ui.select(kinds, value=AccountType.USER_PASSWORD.value, label=_("Signs in with"))
        kind.props("outlined dense options-dense")
        name = ui.input(_("Name")).props("outlined dense maxlength=64 autocomplete=off")
        secret = ui.input(_("Password or PIN"), password=True).props("outlined dense autocomplete=new-password")
        secret.bind_visibility_from(kind, "value", lambda value: value != AccountType.USER_NAME.value)
        member = ui.select(groups, value=[], multiple=True, label=_("Groups")).props("outlined dense use-chips")

        def save() -> None:
            given = (secret.value or "") if kind.value != AccountType.USER_NAME.value else ""
            if given == MASK:
                ui.notify(_("Choose another password."), type="negative")
                return
            account = LocalAccount(
                type=AccountType(str(kind.value)),
                name=(name.value or "").strip(),
                secret=SecretStr(given) if given else None,
                groups=tuple(member.value or ()),
            )
            dialog.close()
            add(account)

        _buttons(dialog, save)


def group_dialog(add: Callable[[LocalGroup], None], former: LocalGroup | None = None) -> None:
    """A group with its access controls (FL-380)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
        theme.text(_("Edit group") if former else _("Add group"), "dialog-title", "h2")
        name = ui.input(_("Name"), value=former.name if former else "").props("outlined dense maxlength=64")
        access = AccessBoxes(former.access if former else ())

        def save() -> None:
            dialog.close()
            add(LocalGroup(name=(name.value or "").strip(), access=access.chosen))

        _buttons(dialog, save)


def ldap_dialog(add: Callable[[Ldap], None], former: Ldap | None = None) -> None:
    """LDAP, or LDAP+GSSAPI, where Kerberos knows who it is and nothing is asked (FL-381, FL-382)."""
    now = former or Ldap(type="ldap", name="", server="")
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
        theme.text(_("Edit LDAP") if former else _("Add LDAP"), "dialog-title", "h2")
        kind = ui.select({one: _(title) for one, title in LDAP_TITLES.items()}, value=now.type, label=_("Kind"))
        kind.props("outlined dense")
        name = ui.input(_("Name of the setting"), value=now.name).props("outlined dense maxlength=64")
        server = ui.input(_("Server address"), value=now.server).props("outlined dense maxlength=255")
        port = ui.number(_("Server port"), value=now.port, min=1, max=65535, precision=0).props("outlined dense")
        inputs = {one: _(title) for one, title in INPUT_TITLES.items()}
        asked = ui.select(inputs, value=now.user_input, label=_("People enter")).props("outlined dense")
        asked.bind_visibility_from(kind, "value", lambda value: value == "ldap")
        access = AccessBoxes(now.access)

        def save() -> None:
            dialog.close()
            add(
                Ldap.model_validate(
                    {
                        "type": kind.value,
                        "name": (name.value or "").strip(),
                        "server": (server.value or "").strip(),
                        "port": int(port.value or 389),
                        "user_input": asked.value,
                        "access": access.chosen,
                    }
                )
            )

        _buttons(dialog, save)


def kerberos_dialog(add: Callable[[Kerberos], None], former: Kerberos | None = None) -> None:
    """Kerberos 5: a simple file is made of realm and server, or a file is imported (FL-383)."""
    now = former or Kerberos()
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
        theme.text(_("Edit Kerberos 5") if former else _("Add Kerberos 5"), "dialog-title", "h2")
        realm = ui.input(_("Realm"), value=now.realm).props("outlined dense maxlength=255")
        server = ui.input(_("Server address"), value=now.server).props("outlined dense maxlength=255")
        port = ui.number(_("Server port"), value=now.port, min=1, max=65535, precision=0).props("outlined dense")
        file = ui.textarea(_("Or the content of a Kerberos file"), value=now.file)
        file.props(f"outlined dense maxlength={KERBEROS_FILE_LIMIT}")

        async def take(event: events.UploadEventArguments) -> None:
            try:
                file.value = (await event.file.read()).decode()
            except UnicodeDecodeError:
                ui.notify(_("This is no text file."), type="negative")
            upload.reset()

        upload = ui.upload(auto_upload=True, max_file_size=KERBEROS_FILE_LIMIT, on_upload=take)
        upload.classes("only-heard")
        theme.picks_files(theme.plain_button(_("Import a Kerberos file"), "upload_file"), upload)
        lookups = ui.checkbox(_("Disable reverse IP lookups"), value=not now.reverse_lookups)
        access = AccessBoxes(now.access)

        def save() -> None:
            dialog.close()
            add(
                Kerberos(
                    realm=(realm.value or "").strip(),
                    server=(server.value or "").strip(),
                    port=int(port.value or 88),
                    file=file.value or "",
                    reverse_lookups=not lookups.value,
                    access=access.chosen,
                )
            )

        _buttons(dialog, save)


class AccessBoxes:
    """The access controls to tick, in their groups: what people who sign in this way may do."""

    def __init__(self, chosen: Sequence[str]) -> None:
        self._chosen = set(chosen)
        theme.text(_("Permissions"), "field-title", "h3")
        for title, names in ACCESS_GROUPS.items():
            theme.text(_(title), "hint", "h4")
            with theme.block("slips"):
                for one in names:
                    box = ui.checkbox(_(ACCESS_TITLES[one]), value=one in self._chosen)
                    box.on_value_change(partial(self._tick, one))

    def _tick(self, name: str, event: events.ValueChangeEventArguments[Any]) -> None:
        (self._chosen.add if event.value else self._chosen.discard)(name)

    @property
    def chosen(self) -> tuple[str, ...]:
        """What is ticked, in the order of the groups."""
        return tuple(one for names in ACCESS_GROUPS.values() for one in names if one in self._chosen)


def _buttons(dialog: ui.dialog, save: Callable[[], None]) -> None:
    """Beneath the fields; what the button does happens where the dialog was opened from."""
    with theme.block("dialog-actions"):
        theme.plain_button(_("Cancel")).on_click(dialog.close)
        theme.main_button(_("Accept"), "check").on_click(save)
    dialog.on("hide", dialog.delete)
    dialog.open()
