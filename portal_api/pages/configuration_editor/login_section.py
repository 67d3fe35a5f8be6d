"""Login methods: public permissions, local accounts and groups, network methods, other ones, and the rest (FL-378…)."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from nicegui import ui
from pydantic import BaseModel

from connectors.messages import N_
from fleet.configurations.login_methods import (
    ACCESS_GROUPS,
    ACCESS_TITLES,
    AdditionalSettings,
    Kerberos,
    LocalGroup,
    LoginMethods,
    OtherMethod,
)
from portal_api.pages import theme
from portal_api.pages.configuration_editor.draft import EditedDraft
from portal_api.pages.configuration_editor.login_dialogs import (
    ACCOUNT_TITLES,
    LDAP_TITLES,
    account_dialog,
    group_dialog,
    kerberos_dialog,
    ldap_dialog,
)
from portal_api.pages.words import _, message_text

OTHER_TITLES = {"cloud": N_("Cloud authentication"), "card": N_("Card authentication")}


class LoginSection:
    """The section; what is wrong with the methods together is told at once."""

    def __init__(self, draft: EditedDraft) -> None:
        self._draft = draft
        self._open: set[str] = set()

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

    def _fold(self, part: str, title: str) -> ui.expansion:
        """A part to open; it stays open while everything is laid out anew."""
        fold = ui.expansion(title, value=part in self._open).classes("fold")
        fold.on_value_change(lambda event: (self._open.add if event.value else self._open.discard)(part))
        return fold

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
        with self._fold("public", _("Public permissions")):
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
        with self._fold("accounts", _("Local accounts ({count})", count=len(login.accounts))):
            for account in login.accounts:
                words = f"{_(ACCOUNT_TITLES[account.type])} · {', '.join(account.groups)}".strip(" ·")
                self._entry(account.name, words, partial(self._without, "accounts", account))
            self._add_button(_("Add account"), lambda: account_dialog(groups, partial(self._with, "accounts")))

    def _groups(self, login: LoginMethods) -> None:
        with self._fold("groups", _("Groups ({count})", count=len(login.groups))):
            for group in login.groups:
                edit = partial(group_dialog, partial(self._regroup, group), group)
                self._entry(group.name, _allowed(group.access), partial(self._regroup, group, None), edit)
            self._add_button(_("Add group"), lambda: group_dialog(partial(self._with, "groups")))

    def _network(self, login: LoginMethods) -> None:
        count = len(login.ldap) + (1 if login.kerberos else 0)
        with self._fold("network", _("Network methods ({count})", count=count)):
            for one in login.ldap:
                words = f"{_(LDAP_TITLES[one.type])} · {one.server}:{one.port} · {_allowed(one.access)}".strip(" ·")
                edit = partial(ldap_dialog, partial(self._instead, "ldap", one), one)
                self._entry(one.name, words, partial(self._without, "ldap", one), edit)
            if (kerberos := login.kerberos) is not None:
                source = kerberos.server or _("Imported file")
                words = f"{source} · {_allowed(kerberos.access)}".strip(" ·")
                edit = partial(kerberos_dialog, self._set_kerberos, kerberos)
                self._entry(kerberos.name, words, lambda: self._set_kerberos(None), edit)
            self._add_button(_("Add LDAP"), lambda: ldap_dialog(partial(self._with, "ldap")))
            if login.kerberos is None:
                self._add_button(_("Add Kerberos 5"), lambda: kerberos_dialog(self._set_kerberos))

    def _set_kerberos(self, kerberos: Kerberos | None) -> None:
        self._redo(kerberos=kerberos)

    def _other(self, login: LoginMethods) -> None:
        with self._fold("other", _("Other methods ({count})", count=len(login.other))):
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
        with self._fold("additional", _("Additional settings")), theme.block("form two"):
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

    def _regroup(self, former: LocalGroup, group: LocalGroup | None) -> None:
        login = self._draft.content.login_methods or LoginMethods()
        self._replace(login.with_group(former, group))

    def _instead(self, field: str, former: BaseModel, one: BaseModel) -> None:
        login = self._draft.content.login_methods or LoginMethods()
        self._redo(**{field: tuple(one if each is former else each for each in getattr(login, field))})


def _allowed(access: Sequence[str]) -> str:
    return ", ".join(_(ACCESS_TITLES.get(one, one)) for one in access)
