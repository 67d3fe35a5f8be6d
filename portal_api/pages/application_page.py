"""One client application: its OAuth settings and its permissions (AC-190…AC-193)."""

from nicegui import ui

from connectors.messages import N_
from connectors.settings import get_settings
from domain.applications.models import ApplicationKind
from domain.applications.service import (
    SCOPES,
    ApplicationDefinition,
    ApplicationView,
    SecretView,
    delete_application,
    get_application,
    make_secret,
    revoke_secret,
    update_application,
)
from domain.organizations.permissions import Permission, rules
from domain.organizations.roles import FACTS, Role
from portal_api.pages import theme
from portal_api.pages.application_list import application_name, application_state
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, tell, visitor, when
from portal_api.pages.widgets.compact_release import BundleDialog, overlap_choice
from portal_api.pages.widgets.proof import show_secret, when_proven
from portal_api.pages.words import _

USUAL_OVERLAP = 24
DO_NOT_SHARE = N_(
    "Client id and secret belong to your organization alone. Do not share them; put them only where they are used."
)


@portal_page("/applications/{application_id}", N_("Application"), Permission.APPLICATIONS_VIEW, "applications")
async def application(application_id: str) -> None:
    """The page."""
    await ApplicationPage(await ask(get_application, application_id)).build()


class ApplicationPage:
    """One open application. Help Desk sees it without its secrets (section 4.4)."""

    def __init__(self, view: ApplicationView) -> None:
        self._view = view
        self._may_change = visitor().may(Permission.APPLICATIONS_MANAGE)
        self._is_fixed = view.kind != ApplicationKind.CUSTOM

    async def build(self) -> None:
        """Lay out the page."""
        self._head()
        with theme.block("form-sheets"):
            self._oauth()
            self._permissions()
            if self._may_change and not self._is_fixed:
                with theme.block("dialog-actions"):
                    theme.plain_button(_("Delete the application"), "delete").on_click(self._deletion_dialog)

    @ui.refreshable_method
    def _head(self) -> None:
        with theme.block("toolbar"):
            heading(application_name(self._view), _("A program that acts for your organization."))
            ui.space()
            theme.chip(*application_state(self._view))

    def _oauth(self) -> None:
        with theme.block("sheet crop settings", "section", aria_label=_("OAuth settings")):
            theme.text(_("OAuth settings"), "section-title", "h2")
            with theme.block("warning", role="note"):
                theme.icon("lock")
                theme.text(_(DO_NOT_SHARE))
            with theme.block("facts", "dl"):
                _copied(_("Client id"), self._view.id)
                _copied(_("Token address"), f"{get_settings().public_url}/oauth/token")
            theme.text(_("Client secrets"), "field-title", "h3")
            if not self._view.secrets:
                theme.text(_("There is none yet: the application cannot do anything."), "muted")
            with theme.block("records"):
                for secret in self._view.secrets:
                    self._secret(secret)
            if self._may_change:
                with theme.block("dialog-actions"):
                    if self._view.kind is ApplicationKind.DEVICE_AUTHENTICATION:
                        bundle = theme.plain_button(_("Bundle for compact release"), "folder_zip")
                        bundle.on_click(lambda: BundleDialog(bool(self._view.secrets)).open())
                    theme.main_button(_("Make a secret"), "key").on_click(self._secret_dialog)

    def _secret(self, secret: SecretView) -> None:
        with theme.block("record", "article"):
            theme.icon("key")
            with theme.block("record-words"):
                theme.text(f"…{secret.hint}", "strong")
                theme.text(_("Made {moment}", moment=when(secret.created)), "muted")
            with theme.block("record-when"):
                if secret.expires:
                    theme.chip(_("Works until {moment}", moment=when(secret.expires)), "off")
                used = _("Last used {moment}", moment=when(secret.last_used)) if secret.last_used else _("Never used")
                theme.text(used, "ticket")
            if self._may_change:
                label = _("Revoke the secret that ends with {hint}", hint=secret.hint)
                theme.icon_button("delete", label).on_click(lambda: self._revocation_dialog(secret))

    def _permissions(self) -> None:
        view = self._view
        with theme.block("sheet settings", "section", aria_label=_("Permissions")):
            theme.text(_("Permissions"), "section-title", "h2")
            if self._is_fixed:
                theme.text(_("This application belongs to the product: only its state can be changed."), "hint")
            name = ui.input(_("Name"), value=application_name(view)).props("outlined dense maxlength=100")
            scopes = _choice(_("Scopes"), {one.value: _scope(one) for one in SCOPES}, view.scopes)
            theme.text(_("What it may do, as far as its roles give it."), "hint")
            roles = _choice(_("Roles in this organization"), _roles(), view.roles)
            partner = _choice(_("Roles in customer organizations"), _roles(), view.partner_roles)
            theme.text(_("With such a role it may name a customer in its requests."), "hint")
            enabled = ui.switch(_("Switched on"), value=view.is_enabled)
            for box in (name, scopes, roles, partner):
                box.set_enabled(self._may_change and not self._is_fixed)
            enabled.set_enabled(self._may_change)

            async def save() -> None:
                given = ApplicationDefinition(
                    view.name if self._is_fixed else name.value or "",
                    list(scopes.value or ()),
                    list(roles.value or ()),
                    list(partner.value or ()),
                    is_enabled=bool(enabled.value),
                )
                self._view = await ask(update_application, view.id, given)
                self._head.refresh()
                tell(_("The application is saved."))

            if self._may_change:
                with theme.block("dialog-actions"):
                    theme.main_button(_("Save"), "save").on_click(lambda: when_proven(save))

    def _secret_dialog(self) -> None:
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Make a secret"), "dialog-title", "h2")
            overlap = overlap_choice(USUAL_OVERLAP, is_shown=bool(self._view.secrets))
            theme.text(_("Change the programs over to the new secret in this time."), "hint")

            async def make() -> None:
                hours = int(overlap.value if overlap.value is not None else USUAL_OVERLAP)
                secret, _view = await ask(make_secret, self._view.id, hours)
                dialog.close()
                hint = _("Keep it now: it is shown only once.")
                show_secret(_("The new client secret"), secret, hint)

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Make it")).on_click(lambda: when_proven(make))
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _revocation_dialog(self, secret: SecretView) -> None:
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Revoke the secret?"), "dialog-title", "h2")
            theme.text(_("Programs that use it stop working at once, with every token they have."))

            async def revoke() -> None:
                await ask(revoke_secret, self._view.id, secret.id)
                ui.navigate.reload()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Revoke")).on_click(lambda: when_proven(revoke))
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _deletion_dialog(self) -> None:
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Delete the application?"), "dialog-title", "h2")
            theme.text(_("Its secrets and tokens stop working at once. Type its name, “{name}”:", name=self._view.name))
            typed = ui.input(_("Name")).props("outlined dense autofocus")

            async def remove() -> None:
                await ask(delete_application, self._view.id)
                ui.navigate.to("/applications")

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                button = theme.main_button(_("Delete")).on_click(lambda: when_proven(remove))
                button.bind_enabled_from(typed, "value", lambda value: value == self._view.name)
        dialog.on("hide", dialog.delete)
        dialog.open()


def _copied(name: str, value: str) -> None:
    theme.text(name, "muted", "dt")
    with theme.block("secret-line", "dd"):
        theme.text(value, "secret-text", "code")
        button = theme.icon_button("content_copy", _("Copy: {name}", name=name))
        button.on_click(lambda: _copy(value))


def _copy(value: str) -> None:
    ui.clipboard.write(value)
    tell(_("Copied."))


def _choice(title: str, options: dict[str, str], chosen: tuple[str, ...]) -> ui.select:
    known = options | {one: one for one in chosen if one not in options}
    box = ui.select(known, label=title, value=list(chosen), multiple=True, with_input=True, clearable=True)
    return box.props("outlined dense options-dense use-chips")


def _scope(permission: Permission) -> str:
    return f"{permission.value}: {_(rules()[permission].meaning)}"


def _roles() -> dict[str, str]:
    return {role.value: _(role.value) for role in FACTS if role not in (Role.USER, Role.PRINT_GUEST)}
