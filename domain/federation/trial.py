"""A sign-in that changes nothing: what the provider sent, and what would happen (AC-124)."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from connectors.errors import PressroomError
from connectors.identity.claims import ADDITIONAL, REQUIRED, Claim, Identity, claim_named
from domain.audit.service import record_unattended
from domain.federation.admission import person_for, told_claims
from domain.federation.models import AuthenticationProvider
from domain.organizations.models import now


@dataclass(frozen=True, slots=True)
class ToldClaim:
    """One claim as it would be used; `value` is empty where it was not sent."""

    claim: Claim
    value: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class TrialReport:
    """What came of a trial. `refusal`: why the person would not be let in; `is_new`: they would be made."""

    issuer: str
    subject: str
    claims: tuple[ToldClaim, ...]
    others: tuple[tuple[str, str], ...]
    is_new: bool
    refusal: PressroomError | None


def report_trial(session: Session, provider: AuthenticationProvider, identity: Identity) -> TrialReport:
    """Compare `identity` with the people there are. The provider counts as tried; no account is touched."""
    refusal, is_new = None, False
    try:
        is_new = person_for(session, provider.organization_id, identity) is None
    except PressroomError as error:
        refusal = error
    provider.tried = now()
    record_unattended(
        session, provider.organization_id, "authentication_provider.tried", "authentication_provider", provider.id,
        {"problem": refusal.code if refusal else None},
    )  # fmt: skip
    values = told_claims(identity)
    claims = tuple(
        ToldClaim(claim, values.get(claim.value, ""), claim in REQUIRED) for claim in (*REQUIRED, *ADDITIONAL)
    )
    others = tuple((name, value) for name, value in identity.received if claim_named(name) is None)
    return TrialReport(identity.issuer, identity.subject, claims, others, is_new, refusal)
