"""Login methods: public permissions, local accounts and groups, network methods, other ones, and the rest (FL-378…)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui
from pydantic import BaseModel, SecretStr

from connectors.messages import N_
from fleet.configurations.content import MASK
from fleet.configurations.login_methods import (
    ACCESS_GROUPS,
    ACCESS_TITLES,
    AccountType,
    AdditionalSettings,
    Kerberos,
    Ldap,
    LocalAccount,
    LocalGroup,
    LoginMethods,
    OtherMethod,
)
from portal_api.pages import theme
from portal_api.pages.configuration_editor.draft import EditedDraft
from portal_api.pages.words import _, message_text

ACCOUNT_TITLES = {
    AccountType.USER_PASSWORD: N_("User name and password"),
    AccountType.USER_NAME: N_("User name only"),
    AccountType.PASSWORD: N_("Password only"),
    AccountType.PIN: N_("PIN"),
}
OTHER_TITLES = {"cloud": N_("Cloud authentication"), "card": N_("Card authentication")}
LDAP_TITLES = {"ldap": N_("LDAP"), "ldap_gssapi": N_("LDAP+GSSAPI (needs Kerberos)")}
INPUT_TITLES = {"user_password": N_("User name and password"), "user_name": N_("User name only")}


class LoginSection:
    """The section; what is wrong with the methods together is told at once."""

    def __init__(self, draft: EditedDraft) -> None:
        self._draft = draft

    def build(self) -> None:
        """Lay out the section."""
        with theme.block("sheet settings", "section", aria_label=_("Login methods")):
            theme.text(_("Login methods"), "section-title", "h2")
            theme.text(_("App framework 5.0 or later is needed; printers below it are left as they are."), "hint")
            self.body()

    @ui.refreshable_method
    def body(self) -> None:
        """Everything below the title."""
        login = self._draft.content.login_methods
        switch = ui.switch(_("Enable login methods"), value=login is not None, on_change=self._enable)
        switch.set_enabled(not self._draft.is_fixed)
        if login is None:
            return
        self._verdict()
        self._public(login)
        self._accounts(login)
        self._groups(login)
        self._network(login)
        self._other(login)
        self._additional(login)
        if not self._draft.is_fixed:
            theme.plain_button(_("Reset to default"), "restart_alt").on_click(lambda: self._replace(LoginMethods()))

    def _enable(self, event: Any) -> None:
        self._replace(LoginMethods() if event.value else None)

    def _replace(self, login: LoginMethods | None) -> None:
        self._draft.set_login(login)
        self.body.refresh()

    def _put(self, **parts: Any) -> None:
        """Change a part without laying everything out anew."""
        login = self._draft.content.login_methods or LoginMethods()
        self._draft.set_login(login.model_copy(update=parts))
        self._verdict.refresh()

    def _redo(self, **parts: Any) -> None:
        self._put(**parts)
        self.body.refresh()

    @ui.refreshable_method
    def _verdict(self) -> None:
        login = self._draft.content.login_methods
        for problem in dict.fromkeys(message_text(one) for one in (login.problems() if login else ())):
            with theme.block("warning", role="alert"):
                theme.icon("error")
                theme.text(problem)

    def _public(self, login: LoginMethods) -> None:
        with ui.expansion(_("Public permissions")).classes("fold"):
            theme.text(_("What somebody may do who has not signed in."), "hint")
            for title, names in ACCESS_GROUPS.items():
                theme.text(_(title), "field-title", "h3")
                with theme.block("slips"):
                    for name in names:
                        box = ui.checkbox(
                            _(ACCESS_TITLES[name]),
                            value=login.public.get(name, True),
                            on_change=partial(self._permit, name),
                        )
                        box.set_enabled(not self._draft.is_fixed)

    def _permit(self, name: str, event: Any) -> None:
        login = self._draft.content.login_methods or LoginMethods()
        public = {one: value for one, value in login.public.items() if one != name}
        self._put(public=public if event.value else {**public, name: False})

    def _accounts(self, login: LoginMethods) -> None:
        groups = [group.name for group in login.groups]
        with ui.expansion(_("Local accounts ({count})", count=len(login.accounts))).classes("fold"):
            for account in login.accounts:
                words = f"{_(ACCOUNT_TITLES[account.type])} · {', '.join(account.groups)}".strip(" ·")
                self._entry(account.name, words, partial(self._without, "accounts", account))
            self._add_button(_("Add account"), lambda: account_dialog(groups, partial(self._with, "accounts")))

    def _groups(self, login: LoginMethods) -> None:
        with ui.expansion(_("Groups ({count})", count=len(login.groups))).classes("fold"):
            for group in login.groups:
                allowed = ", ".join(_(ACCESS_TITLES.get(one, one)) for one in group.access)
                edit = partial(group_dialog, partial(self._instead, "groups", group), group)
                self._entry(group.name, allowed, partial(self._without, "groups", group), edit)
            self._add_button(_("Add group"), lambda: group_dialog(partial(self._with, "groups")))

    def _network(self, login: LoginMethods) -> None:
        count = len(login.ldap) + (1 if login.kerberos else 0)
        with ui.expansion(_("Network methods ({count})", count=count)).classes("fold"):
            for one in login.ldap:
                words = f"{_(LDAP_TITLES[one.type])} · {one.server}:{one.port}"
                self._entry(one.name, words, partial(self._without, "ldap", one))
            if login.kerberos is not None:
                words = login.kerberos.server or _("Imported file")
                self._entry(login.kerberos.name, words, lambda: self._redo(kerberos=None))
            self._add_button(_("Add LDAP"), lambda: ldap_dialog(partial(self._with, "ldap")))
            if login.kerberos is None:
                self._add_button(_("Add Kerberos 5"), lambda: kerberos_dialog(lambda one: self._redo(kerberos=one)))

    def _other(self, login: LoginMethods) -> None:
        with ui.expansion(_("Other methods ({count})", count=len(login.other))).classes("fold"):
            groups = [group.name for group in login.groups]
            present = {one.type: one for one in login.other}
            for kind, title in OTHER_TITLES.items():
                box = ui.checkbox(_(title), value=kind in present, on_change=partial(self._toggle_other, kind))
                box.set_enabled(not self._draft.is_fixed)
                if kind in present:
                    chosen = ui.select(
                        groups,
                        value=[one for one in present[kind].groups if one in groups],
                        multiple=True,
                        label=_("For the groups"),
                        on_change=partial(self._set_other_groups, kind),
                    ).props("outlined dense options-dense use-chips")
                    chosen.set_enabled(not self._draft.is_fixed)

    def _toggle_other(self, kind: str, event: Any) -> None:
        login = self._draft.content.login_methods or LoginMethods()
        kept = tuple(one for one in login.other if one.type != kind)
        self._redo(other=(*kept, OtherMethod.model_validate({"type": kind})) if event.value else kept)

    def _set_other_groups(self, kind: str, event: Any) -> None:
        login = self._draft.content.login_methods or LoginMethods()
        groups = tuple(event.value or ())
        self._put(
            other=tuple(one.model_copy(update={"groups": groups}) if one.type == kind else one for one in login.other)
        )

    def _additional(self, login: LoginMethods) -> None:
        rest = login.additional
        with ui.expansion(_("Additional settings")).classes("fold"), theme.block("form two"):
            methods = {"": _("None")} | {name: name for name in login.method_names()}
            value = rest.default_method if rest.default_method in methods else ""
            default = ui.select(methods, value=value, label=_("Default login method")).props("outlined dense")
            fields = {
                "failures": ui.number(_("Failures before a lock-out"), value=rest.failures, min=1, max=10),
                "lockout_minutes": ui.number(_("Minutes of a lock-out"), value=rest.lockout_minutes, min=1, max=60),
                "panel_timeout_seconds": ui.number(
                    _("Seconds until the panel signs out"), value=rest.panel_timeout_seconds, min=5, max=300
                ),
            }

            def change() -> None:
                given = {name: int(field.value) for name, field in fields.items() if field.value is not None}
                wanted = rest.model_copy(update={**given, "default_method": str(default.value or "")})
                self._put(additional=AdditionalSettings.model_validate(wanted.model_dump()))

            for field in fields.values():
                field.props("outlined dense").on("blur", change)
                field.set_enabled(not self._draft.is_fixed)
            default.on_value_change(change)
            default.set_enabled(not self._draft.is_fixed)

    def _entry(
        self, name: str, words: str, take_out: Callable[[], None], edit: Callable[[], None] | None = None
    ) -> None:
        with theme.block("record"):
            with theme.block("record-words"):
                theme.text(name, "strong")
                theme.text(words, "hint")
            if self._draft.is_fixed:
                return
            if edit is not None:
                theme.icon_button("edit", _("Edit {name}", name=name)).on_click(edit)
            theme.icon_button("close", _("Remove {name}", name=name)).on_click(take_out)

    def _add_button(self, title: str, add: Callable[[], None]) -> None:
        if not self._draft.is_fixed:
            theme.plain_button(title, "add").on_click(add)

    def _with(self, field: str, one: BaseModel) -> None:
        login = self._draft.content.login_methods or LoginMethods()
        self._redo(**{field: (*getattr(login, field), one)})

    def _without(self, field: str, one: BaseModel) -> None:
        login = self._draft.content.login_methods or LoginMethods()
        self._redo(**{field: tuple(each for each in getattr(login, field) if each is not one)})

    def _instead(self, field: str, former: BaseModel, one: BaseModel) -> None:
        login = self._draft.content.login_methods or LoginMethods()
        self._redo(**{field: tuple(one if each is former else each for each in getattr(login, field))})


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
    chosen = set(former.access if former else ())
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
        theme.text(_("Edit group") if former else _("Add group"), "dialog-title", "h2")
        name = ui.input(_("Name"), value=former.name if former else "").props("outlined dense maxlength=64")
        for title, names in ACCESS_GROUPS.items():
            theme.text(_(title), "field-title", "h3")
            with theme.block("slips"):
                for one in names:

                    def toggle(event: Any, one: str = one) -> None:
                        (chosen.add if event.value else chosen.discard)(one)

                    ui.checkbox(_(ACCESS_TITLES[one]), value=one in chosen, on_change=toggle)

        def save() -> None:
            access = tuple(one for names in ACCESS_GROUPS.values() for one in names if one in chosen)
            dialog.close()
            add(LocalGroup(name=(name.value or "").strip(), access=access))

        _buttons(dialog, save)


def ldap_dialog(add: Callable[[Ldap], None]) -> None:
    """LDAP, or LDAP+GSSAPI (FL-381, FL-382)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Add LDAP"), "dialog-title", "h2")
        kind = ui.select({one: _(title) for one, title in LDAP_TITLES.items()}, value="ldap", label=_("Kind"))
        kind.props("outlined dense")
        name = ui.input(_("Name of the setting")).props("outlined dense maxlength=64")
        server = ui.input(_("Server address")).props("outlined dense maxlength=255")
        port = ui.number(_("Server port"), value=389, min=1, max=65535, precision=0).props("outlined dense")
        inputs = {one: _(title) for one, title in INPUT_TITLES.items()}
        asked = ui.select(inputs, value="user_password", label=_("People enter")).props("outlined dense")

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
                    }
                )
            )

        _buttons(dialog, save)


def kerberos_dialog(add: Callable[[Kerberos], None]) -> None:
    """Kerberos 5: a simple file is made of realm and server, or a file is imported (FL-383)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Add Kerberos 5"), "dialog-title", "h2")
        realm = ui.input(_("Realm")).props("outlined dense maxlength=255")
        server = ui.input(_("Server address")).props("outlined dense maxlength=255")
        port = ui.number(_("Server port"), value=88, min=1, max=65535, precision=0).props("outlined dense")
        file = ui.textarea(_("Or the content of a Kerberos file")).props("outlined dense maxlength=100000")
        lookups = ui.checkbox(_("Disable reverse IP lookups"))

        def save() -> None:
            dialog.close()
            add(
                Kerberos(
                    realm=(realm.value or "").strip(),
                    server=(server.value or "").strip(),
                    port=int(port.value or 88),
                    file=file.value or "",
                    reverse_lookups=not lookups.value,
                )
            )

        _buttons(dialog, save)


def _buttons(dialog: ui.dialog, save: Callable[[], None]) -> None:
    """Beneath the fields; what the button does happens where the dialog was opened from."""
    with theme.block("dialog-actions"):
        theme.plain_button(_("Cancel")).on_click(dialog.close)
        theme.main_button(_("Accept"), "check").on_click(save)
    dialog.on("hide", dialog.delete)
    dialog.open()
