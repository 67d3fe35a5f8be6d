"""What the identity provider told about oneself: where a new federation is verified (AC-32, AC-124)."""

from connectors.messages import N_
from domain.federation.own import OwnIdentity, own_identity
from domain.organizations.permissions import Permission
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, when
from portal_api.pages.words import _


@portal_page("/account/identity", N_("Claims received"), Permission.OWN_ACCOUNT)
async def own_claims() -> None:
    """The page."""
    heading(_("Claims received"), _("What your organization's identity provider told about you."))
    with theme.block("sheet crop settings"):
        received_claims(await ask(own_identity))


def received_claims(identity: OwnIdentity | None) -> None:
    """The claims of the last sign-in by the identity provider, or that there was none."""
    if identity is None:
        theme.text(_("You have not signed in at an identity provider yet."), "muted")
        return
    with theme.block("facts", "dl"):
        for name, value in (
            (_("Issuer"), identity.issuer),
            (_("Last sign-in"), when(identity.signed_in)),
            *identity.claims,
        ):
            theme.text(name, "muted", "dt")
            theme.text(value, "", "dd")
    theme.text(_("Each sign-in brings them up to date. Corrections are made in your organization's directory."), "hint")
