"""The form that configures an identity provider: OIDC, SAML by metadata, or SAML field by field (AC-126…AC-134)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from nicegui import ui
from pydantic import ValidationError

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.value_problems import own_fault
from domain.federation.configuration import OidcConfiguration, SamlConfiguration
from domain.federation.service import NewProvider, ProviderSettings, configure, set_domains
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.words import _

FIELD_INVALID = Fault(
    "federation.field_invalid",
    422,
    N_("The field “{field}” is not filled in as it must be."),
    N_("Correct it, then save again."),
)
OIDC, METADATA, FIELDS = "oidc", "saml-metadata", "saml-fields"
KINDS = {OIDC: "OpenID Connect", METADATA: N_("SAML 2.0 with a metadata URL"), FIELDS: N_("SAML 2.0, field by field")}
TITLES = {
    "client_id": N_("Client ID"),
    "client_secret": N_("Client secret"),
    "well_known_url": N_("Well-known URL"),
    "metadata_url": N_("SAML metadata URL"),
    "entity_id": N_("Entity ID (must equal the identifier registered at the identity provider)"),
    "issuer": N_("Issuer: the identity provider's own entity ID (may be empty)"),
    "sso_url": N_("SSO target URL"),
    "logout_url": N_("SSO logout URL"),
    "certificate": N_("Certificate, in Base64 with its header and footer lines"),
}
BY_KIND = {
    OIDC: ("client_id", "client_secret", "well_known_url"),
    METADATA: ("metadata_url", "entity_id"),
    FIELDS: ("entity_id", "issuer", "sso_url", "logout_url", "certificate"),
}
Shown = Callable[[ProviderSettings], None]


def provider_form(settings: ProviderSettings, show: Shown) -> None:
    """The form, filled in with what is configured; `show` gets the settings after each change."""
    ProviderForm(settings, show).build()


class ProviderForm:
    """What is being typed in."""

    def __init__(self, settings: ProviderSettings, show: Shown) -> None:
        self._show = show
        newest = settings.candidate or settings.active
        self._values: dict[str, str] = {"entity_id": settings.ours.entity_id}
        self._kind = OIDC
        self._secret_expires = ""
        self._domains = list(settings.domains)
        self._activate_when_checked = False
        if newest is not None:
            told = newest.configuration.model_dump()
            self._values |= {name: value for name, value in told.items() if value and name != "kind"}
            self._kind = _kind_of(newest.configuration)
            self._secret_expires = newest.secret_expires.isoformat() if newest.secret_expires else ""
        self._has_secret = newest is not None and newest.has_secret

    def build(self) -> None:
        """Lay out the form."""
        theme.text(_("Configure an identity provider"), "section-title", "h2")
        kinds = {kind: _(title) for kind, title in KINDS.items()}
        chosen = ui.select(kinds, value=self._kind, label=_("Authentication provider type"), on_change=self._choose)
        chosen.props("outlined dense options-dense")
        self._fields()
        theme.text(
            _("People of these e-mail domains get an account at their first sign-in, and everybody who enters such an "
              "address is sent to the identity provider. Others must be added before."), "hint",
        )  # fmt: skip
        chips = ui.input_chips(_("Domains"), value=self._domains, new_value_mode="add-unique").props("outlined dense")
        chips.bind_value(self, "_domains")
        ui.checkbox(_("Activate it as soon as the check has succeeded")).bind_value(self, "_activate_when_checked")
        with theme.block("dialog-actions"):
            theme.plain_button(_("Save the domains only")).on_click(self._save_domains)
            theme.main_button(_("Configure authentication provider"), "save").on_click(self._save)

    def _choose(self, event: Any) -> None:
        self._kind = str(event.value)
        self._fields.refresh()

    @ui.refreshable_method
    def _fields(self) -> None:
        for name in BY_KIND[self._kind]:
            self._field(name)
        if self._kind == OIDC:
            theme.text(_("The client secret is kept encrypted and never shown again."), "hint")
            expires = ui.input(_("Client secret expires on (a warning comes 30 days before)"))
            expires.props("outlined dense stack-label type=date").bind_value(self, "_secret_expires")

    def _field(self, name: str) -> None:
        def keep(event: Any) -> None:
            self._values[name] = event.value or ""

        title, value = _(TITLES[name]), self._values.get(name, "")
        if name == "certificate":
            ui.textarea(title, value=value, on_change=keep).props("outlined dense autogrow maxlength=16384")
            return
        field = ui.input(title, value=value, on_change=keep, password=name == "client_secret")
        field.props("outlined dense autocomplete=off maxlength=1024")
        if name == "client_secret" and self._has_secret:
            field.props["placeholder"] = _("Unchanged")
            field.props("stack-label")

    async def _save(self) -> None:
        with faults_shown():
            new = NewProvider(
                configuration=self._configuration(),
                client_secret=self._values.get("client_secret", "").strip(),
                secret_expires=date.fromisoformat(self._secret_expires) if self._secret_expires else None,
                domains=tuple(self._domains or ()),
                activate_when_checked=self._activate_when_checked,
            )
            self._show(await ask(configure, new))
            self._values.pop("client_secret", None)
            self._has_secret = self._kind == OIDC
            self._fields.refresh()
            ui.run_javascript("scrollTo({top: 0})")
            tell(_("It is saved and being checked. The result also comes by e-mail."))

    async def _save_domains(self) -> None:
        with faults_shown():
            self._show(await ask(set_domains, tuple(self._domains or ())))
            tell(_("The domains count from now on."))

    def _configuration(self) -> OidcConfiguration | SamlConfiguration:
        values = {name: self._values.get(name, "") for name in BY_KIND[self._kind]}
        try:
            if self._kind == OIDC:
                return OidcConfiguration.model_validate(values)
            return SamlConfiguration.model_validate(values)
        except ValidationError as error:
            raise _first_problem(error) from error


def _first_problem(error: ValidationError) -> PressroomError:
    """The first thing that is wrong, in words that name the field as the form does."""
    first = error.errors()[0]
    own = own_fault(first, {})
    if own is not None:
        return own
    name = str(first["loc"][-1]) if first["loc"] else ""
    return FIELD_INVALID(field=_(TITLES.get(name, name)))


def _kind_of(configuration: OidcConfiguration | SamlConfiguration) -> str:
    if isinstance(configuration, OidcConfiguration):
        return OIDC
    return METADATA if configuration.metadata_url else FIELDS
