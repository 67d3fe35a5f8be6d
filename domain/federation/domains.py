"""The e-mail domains of organizations with an identity provider: one organization each, on the whole installation."""

from collections.abc import Iterable

import idna
from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.federation.faults import BAD_DOMAIN, DOMAIN_TAKEN
from domain.federation.models import FederatedDomain
from domain.organizations.models import NO_ACCOUNT, Organization, User

LONGEST_DOMAIN = 253


def domain_of(email: str) -> str:
    """The domain of an address in the form in which domains are kept: lower case, ASCII."""
    domain = email.rpartition("@")[2].strip().rstrip(".").lower()
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return domain


def checked_domain(text: str) -> str:
    """`text` as a domain; raises `BAD_DOMAIN` for what is none, or one that belongs to everybody (com, co.uk)."""
    from tldextract import TLDExtract  # takes a moment, and only administrators need it

    domain = domain_of(text.strip().removeprefix("@"))
    found = TLDExtract(suffix_list_urls=(), cache_dir=None)(domain)
    labels = domain.split(".")
    is_name = all(label and len(label) <= 63 and label.replace("-", "").isalnum() for label in labels)
    if not is_name or not found.domain or len(labels) < 2 or len(domain) > LONGEST_DOMAIN or not domain.isascii():
        raise BAD_DOMAIN(domain=text.strip()[:100])
    return domain


def domains_of(session: Session, organization_id: str) -> tuple[str, ...]:
    """The organization's domains, in order."""
    query = select(FederatedDomain.domain).where(FederatedDomain.organization_id == organization_id)
    return tuple(session.scalars(query.order_by(FederatedDomain.domain)))


def keep_domains(session: Session, organization_id: str, domains: Iterable[str]) -> tuple[str, ...]:
    """Let the organization have exactly these domains, at once; `session` sees all organizations.

    Raises `BAD_DOMAIN`, and `DOMAIN_TAKEN` for one that another organization has, or in which another (not a parent
    or child) has people: they would be sent to a foreign identity provider.
    """
    wanted = {checked_domain(domain) for domain in domains}
    present = set(domains_of(session, organization_id))
    family = _family(session, organization_id)
    for domain in sorted(wanted - present):
        if _is_in_use(session, domain, family):
            raise DOMAIN_TAKEN(domain=domain)
        try:
            with session.begin_nested():
                session.add(FederatedDomain(organization_id=organization_id, domain=domain))
        except IntegrityError as error:
            raise DOMAIN_TAKEN(domain=domain) from error
    gone = present - wanted
    if gone:
        own = FederatedDomain.organization_id == organization_id
        session.execute(delete(FederatedDomain).where(own, FederatedDomain.domain.in_(gone)))
    return tuple(sorted(wanted))


def _is_in_use(session: Session, domain: str, family: set[str]) -> bool:
    """Whether people of an organization outside the family have addresses in the domain."""
    query = select(User.id).where(
        User.email.endswith(f"@{domain}", autoescape=True),
        User.organization_id.not_in(family),
        User.status.not_in(NO_ACCOUNT),
    )
    return session.scalar(query.limit(1)) is not None


def _family(session: Session, organization_id: str) -> set[str]:
    """The organization, its parent and its children."""
    own = session.get_one(Organization, organization_id)
    related = or_(Organization.id.in_([own.id, own.parent_id]), Organization.parent_id == own.id)
    return set(session.scalars(select(Organization.id).where(related)))
