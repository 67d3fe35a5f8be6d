"""What the identity provider told about oneself (AC-32)."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from domain.federation.own import own_identity
from portal_api.access import Anyone

router = APIRouter(prefix="/me", tags=["me"])


class ReceivedClaim(BaseModel):
    """One claim of the last sign-in by the identity provider."""

    claim: str
    value: str = Field(description="For a PIN only dots: that it was sent, not which.")


class OwnIdentityPublic(BaseModel):
    """What was received. Without an identity provider, all of it is empty."""

    issuer: str
    signed_in: datetime | None
    claims: list[ReceivedClaim]


@router.get("/identity", operation_id="get_own_identity")
def get_own_identity(actor: Anyone) -> OwnIdentityPublic:
    """The claims that the organization's identity provider sent at one's last sign-in."""
    found = own_identity(actor)
    if found is None:
        return OwnIdentityPublic(issuer="", signed_in=None, claims=[])
    claims = [ReceivedClaim(claim=name, value=value) for name, value in found.claims]
    return OwnIdentityPublic(issuer=found.issuer, signed_in=found.signed_in, claims=claims)
