"""Whom an identity is: an existing person, one to be made just in time, or nobody (AC-120, AMB-27)."""

import hashlib

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.identity.claims import Claim, Identity
from connectors.secrets import encrypt
from domain.audit.service import record_unattended
from domain.federation.domains import domain_of, domains_of
from domain.federation.faults import ACCOUNT_NEEDED, IDENTITY_CHANGED
from domain.federation.models import FederatedIdentity
from domain.federation.profile import take_over_profile
from domain.organizations.actor import ACCOUNT_ENDED
from domain.organizations.models import Organization, User, UserStatus, now
from domain.texts.catalogue import language_of

BY_PROVIDER = "identity_provider"
HIDDEN = "••••••"


def person_for(session: Session, organization_id: str, identity: Identity) -> User | None:
    """The person of the organization whom `identity` means; None: somebody new, who may be made.

    The provider's own name of a person decides before the e-mail address, so that an address that the provider gives
    to somebody else does not open the former one's account. A provider vouches for its own organization only. Raises
    `ACCOUNT_NEEDED`, `IDENTITY_CHANGED`, `ACCOUNT_ENDED`; `session` sees all organizations.
    """
    known = _by_subject(session, organization_id, identity)
    addressed = session.scalar(select(User).where(User.email == identity.email))
    if addressed is not None and addressed.organization_id != organization_id:
        raise ACCOUNT_NEEDED(email=identity.email)
    if known is not None and addressed is not None and known.id != addressed.id:
        raise IDENTITY_CHANGED(email=identity.email)
    person = known or addressed
    if person is None:
        if domain_of(identity.email) not in domains_of(session, organization_id):
            raise ACCOUNT_NEEDED(email=identity.email)
        return None
    if known is None and _belongs_to_another(session, person, identity):
        raise IDENTITY_CHANGED(email=identity.email)
    if person.status != UserStatus.ACTIVE:
        raise ACCOUNT_ENDED()
    return person


def admit(session: Session, organization_id: str, identity: Identity, address: str = "") -> User:
    """The person whom `identity` means, made if need be, with what the provider says about them now (AC-145).

    Raises as `person_for` does.
    """
    person = person_for(session, organization_id, identity)
    if person is None:
        try:
            with session.begin_nested():
                person = _new_person(session, organization_id, identity, address)
        except IntegrityError:  # somebody else made them at the same moment
            person = person_for(session, organization_id, identity)
            if person is None:
                raise
    take_over_profile(session, person, identity, address)
    _remember(session, person, identity)
    return person


def _by_subject(session: Session, organization_id: str, identity: Identity) -> User | None:
    if not identity.subject:
        return None
    return session.scalar(
        select(User)
        .join(FederatedIdentity, FederatedIdentity.user_id == User.id)
        .where(
            FederatedIdentity.organization_id == organization_id,
            FederatedIdentity.subject_hash == _subject_hash(identity),
        )
    )


def _belongs_to_another(session: Session, person: User, identity: Identity) -> bool:
    """Whether the same provider has vouched for the person under another name."""
    link = session.get(FederatedIdentity, person.id)
    return bool(link and link.subject_hash and identity.subject and link.issuer == identity.issuer)


def _new_person(session: Session, organization_id: str, identity: Identity, address: str) -> User:
    """Just-in-time provisioning: an account with the default role, without a password (AC-38, AC-94, AC-120)."""
    organization = session.get_one(Organization, organization_id)
    person = User(
        organization_id=organization_id,
        email=identity.email,
        name=f"{identity.first_name} {identity.last_name}",
        first_name=identity.first_name,
        last_name=identity.last_name,
        locale=language_of(dict(identity.received).get("locale", "en")),
        time_zone=organization.time_zone,
    )
    session.add(person)
    session.flush()
    facts = {"by": BY_PROVIDER}
    record_unattended(session, organization_id, "user.created", "user", person.id, facts, address=address)
    return person


def _remember(session: Session, person: User, identity: Identity) -> None:
    link = session.get(FederatedIdentity, person.id)
    if link is None:
        link = FederatedIdentity(organization_id=person.organization_id, user_id=person.id)
        session.add(link)
    link.issuer = identity.issuer
    link.subject_hash = _subject_hash(identity) if identity.subject else None
    link.claims, link.signed_in = encrypt(told_claims(identity)), now()
    session.flush()


def told_claims(identity: Identity) -> dict[str, str]:
    """The claims that were sent, by their canonical names; that a PIN was sent, but not which."""
    values = {
        Claim.EMAIL: identity.email,
        Claim.FIRST_NAME: identity.first_name,
        Claim.LAST_NAME: identity.last_name,
        Claim.BADGE: identity.badge,
        Claim.PIN: HIDDEN if identity.pin else None,
        Claim.COST_CENTER: identity.cost_center,
        Claim.DEPARTMENT: identity.department,
    }
    return {claim.value: value for claim, value in values.items() if value is not None}


def _subject_hash(identity: Identity) -> str:
    return hashlib.sha256(f"{identity.issuer}\n{identity.subject}".encode()).hexdigest()
