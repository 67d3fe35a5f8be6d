"""The organization's identity provider: what is active, what is to come, and what the other side needs (AC-118)."""

from collections.abc import Callable

from nicegui import ui

from connectors.identity.claims import ACCEPTED_NAMES, ADDITIONAL, REQUIRED
from connectors.messages import N_
from domain.federation.configuration import OidcConfiguration, OurSide
from domain.federation.models import ProviderState
from domain.federation.service import (
    ProviderSettings,
    ProviderView,
    activate,
    check_again,
    discard,
    provider_settings,
    release_identity,
    remove,
)
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.identity_provider_form import provider_form
from portal_api.pages.visit import ask, faults_shown, look_again, tell, when
from portal_api.pages.widgets.copy_field import copy_field
from portal_api.pages.words import _, error_texts

EVERY = 1.0
"""Seconds between two looks at a check in progress."""

STATES = {
    ProviderState.CHECKING: (N_("Being checked"), "quiet"),
    ProviderState.READY: (N_("Ready"), "good"),
    ProviderState.FAILED: (N_("Check failed"), "bad"),
}
LOCK_OUT = N_(
    "Do not sign out, do not close this browser and do not let it time out until the identity provider is configured "
    "and tried: a faulty configuration can keep you from signing in to correct it."
)
WAY_BACK = N_(
    "Organization Administrators with a password can always sign in with it, by the link “Sign in with a password” on "
    "the sign-in page."
)
NO_WAY_BACK = N_("No Organization Administrator here has a password. Give one a password before you activate anything.")
MAPPED_CLAIMS = N_(
    "Additional claims of Entra ID need the manifest property acceptMappedClaims = true. Never set it for a "
    "multi-tenant application: others could then make claim-mapping policies for it."
)


@portal_page(
    "/identity-provider",
    N_("Identity provider"),
    Permission.AUTHENTICATION_PROVIDER_MANAGE,
    "identity-provider",
)
async def identity_provider() -> None:
    """The page."""
    await ProviderPage().build()


class ProviderPage:
    """The open page; while a check runs, its state is looked at every second."""

    _settings: ProviderSettings

    async def build(self) -> None:
        """Lay out the page."""
        heading(_("Identity provider"), _("Let people sign in with their account of your own directory."))
        self._settings = await ask(provider_settings)
        with theme.block("alarm quiet", role="note"):
            theme.text(_(LOCK_OUT), "strong")
            theme.text(_(WAY_BACK))
        self._state()
        with theme.block("sheet settings"):
            _our_addresses(self._settings.ours)
        with theme.block("sheet settings"):
            provider_form(self._settings, self._show)
        with theme.block("sheet settings"):
            _claims()
        with theme.block("sheet settings"):
            _release()
        ui.timer(EVERY, self._look)

    def _show(self, settings: ProviderSettings) -> None:
        self._settings = settings
        self._state.refresh()

    async def _look(self) -> None:
        candidate = self._settings.candidate
        if candidate is not None and candidate.state is ProviderState.CHECKING:
            with faults_shown():
                found = await look_again(provider_settings)
                if found != self._settings:
                    self._show(found)

    @ui.refreshable_method
    def _state(self) -> None:
        with theme.block("cards provider-states", aria_live="polite"):
            self._active(self._settings.active)
            if self._settings.candidate is not None:
                self._candidate(self._settings.candidate)
        if not self._settings.has_local_administrator:
            with theme.block("alarm", role="alert"):
                theme.text(_(NO_WAY_BACK), "strong")

    def _active(self, active: ProviderView | None) -> None:
        with theme.block("sheet crop", "section"):
            with theme.block("solution-head"):
                theme.text(_("In use"), "section-title", "h2")
                theme.chip(*((_("Active"), "good") if active else (_("Passwords"), "quiet")))
            if active is None:
                theme.text(_("People sign in with an e-mail address and a password."), "muted")
                return
            _facts(active)
            _domains(self._settings.domains)
            with theme.block("solution-actions"):
                with theme.block("quiet-link", "a", href="/account/identity"):
                    theme.text(_("Claims received about you"))
                ui.space()
                theme.plain_button(_("Remove"), "link_off").on_click(self._confirm_removal)

    def _candidate(self, candidate: ProviderView) -> None:
        with theme.block("sheet crop", "section"):
            with theme.block("solution-head"):
                theme.text(_("New configuration"), "section-title", "h2")
                word, kind = STATES[candidate.state]
                theme.chip(_(word), kind)
            _facts(candidate)
            if candidate.problem is not None:
                message, remedy = error_texts(candidate.problem)
                with theme.block("alarm", role="alert"):
                    theme.text(message, "strong")
                    theme.text(remedy)
            with theme.block("solution-actions"):
                theme.plain_button(_("Discard"), "delete").on_click(self._doing(discard, _("It is discarded.")))
                ui.space()
                if candidate.state is ProviderState.READY:
                    theme.plain_button(_("Try it"), "play_arrow").props("href=/federation/trial target=_blank")
                    theme.main_button(_("Activate"), "check").on_click(
                        self._doing(activate, _("People sign in at the identity provider from now on."))
                    )
                elif candidate.state is ProviderState.FAILED:
                    theme.main_button(_("Check again"), "refresh").on_click(self._doing(check_again))

    def _doing(self, service: Callable[[Actor], ProviderSettings], done: str = "") -> Callable[[], object]:
        async def act() -> None:
            with faults_shown():
                self._show(await ask(service))
                if done:
                    tell(done)

        return act

    def _confirm_removal(self) -> None:
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Remove the identity provider?"), "dialog-title", "h2")
            theme.text(_("People then sign in with passwords. Who has none asks for a link to set one."))

            async def go_on() -> None:
                dialog.close()
                with faults_shown():
                    self._show(await ask(remove))
                    tell(_("People sign in with passwords again."))

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Remove")).on_click(go_on)
        dialog.on("hide", dialog.delete)
        dialog.open()


def _facts(view: ProviderView) -> None:
    kind = "OpenID Connect" if isinstance(view.configuration, OidcConfiguration) else "SAML 2.0"
    facts = [(_("Type"), kind), (_("Issuer"), view.issuer or "–")]
    if view.secret_expires:
        facts.append((_("Client secret expires"), view.secret_expires.isoformat()))
    if view.certificate_expires:
        facts.append((_("Certificate expires"), when(view.certificate_expires)))
    facts.append((_("Checked"), when(view.checked)))
    facts.append((_("Tried"), when(view.tried)))
    with theme.block("facts", "dl"):
        for name, value in facts:
            theme.text(name, "muted", "dt")
            theme.text(value, "", "dd")


def _domains(domains: tuple[str, ...]) -> None:
    with theme.block("slips"):
        for domain in domains:
            theme.chip(domain, "quiet")
    if not domains:
        theme.text(_("No domains: people must be added before their first sign-in."), "hint")


def _our_addresses(ours: OurSide) -> None:
    theme.text(_("Enter this at the identity provider"), "section-title", "h2")
    exactly = _("Exactly like this: upper and lower case and a slash at the end count.")
    copy_field(_("Redirect URI (OIDC, platform type Web)"), ours.redirect_uri, exactly)
    copy_field(_("Entity ID (SAML)"), ours.entity_id)
    copy_field(_("Reply URL, ACS (SAML)"), ours.acs_url)
    copy_field(_("Our metadata (SAML)"), ours.metadata_url)


def _claims() -> None:
    theme.text(_("Claims"), "section-title", "h2")
    theme.text(
        _("Name them like this, without a namespace; upper and lower case make no difference. Required ones must be "
          "sent at each sign-in; the others update badge, PIN, cost centre and department."), "hint",
    )  # fmt: skip
    with theme.block("facts", "dl"):
        for claim in (*REQUIRED, *ADDITIONAL):
            mark = f" ({_('required')})" if claim in REQUIRED else ""
            theme.text(f"{claim.value}{mark}", "strong", "dt")
            theme.text(", ".join(name for name in ACCEPTED_NAMES[claim] if ":" not in name), "", "dd")
    theme.text(_("Full names of the usual namespaces are understood too. Assertions must not be encrypted."), "hint")
    with theme.block("alarm quiet", role="note"):
        theme.text(_(MAPPED_CLAIMS))


def _release() -> None:
    theme.text(_("Release an account's link"), "section-title", "h2")
    theme.text(
        _("An account belongs to the identity that first signed in by it. Release it when the identity provider has "
          "made that person anew."), "hint",
    )  # fmt: skip
    field = ui.input(_("E-mail address")).props("outlined dense type=email maxlength=255")

    async def release() -> None:
        with faults_shown():
            await ask(release_identity, field.value or "")
            field.value = ""
            tell(_("The link is released."))

    with theme.block("dialog-actions"):
        theme.plain_button(_("Release"), "link_off").on_click(release)
