"""What the identity provider said about a person at their last sign-in, for their own account page (AC-32)."""

from dataclasses import dataclass
from datetime import datetime

from connectors.identity.claims import Claim
from connectors.secrets import decrypt
from domain.federation.models import FederatedIdentity
from domain.federation.routing import is_federated
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import tenant_session


@dataclass(frozen=True, slots=True)
class OwnIdentity:
    """The claims received, in the order in which claims are listed; a PIN is not told, only that it was sent."""

    issuer: str
    signed_in: datetime
    claims: tuple[tuple[str, str], ...]


def own_identity(actor: Actor) -> OwnIdentity | None:
    """What was received at the actor's last sign-in by an identity provider; None: they never did."""
    actor.need(Permission.OWN_ACCOUNT)
    with tenant_session(actor.home_organization_id, read_only=True) as session:
        link = session.get(FederatedIdentity, actor.user_id)
        if link is None:
            return None
        received = decrypt(link.claims)
    claims = tuple((claim.value, received[claim.value]) for claim in Claim if claim.value in received)
    return OwnIdentity(link.issuer, link.signed_in, claims)


def signs_in_elsewhere(actor: Actor) -> bool:
    """Whether the actor's organization signs in at an identity provider, which then rules passwords (AC-94)."""
    with tenant_session(actor.home_organization_id, read_only=True) as session:
        return is_federated(session, actor.home_organization_id)
