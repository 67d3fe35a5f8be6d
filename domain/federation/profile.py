"""What a provider says about a person, taken over into their account at each sign-in (AC-145)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.identity.claims import Identity
from domain.audit.service import Facts, record_unattended
from domain.federation.domains import domain_of, domains_of
from domain.organizations.memberships import set_membership
from domain.organizations.models import Membership, User
from domain.printer_login.claims import apply_claims


def take_over_profile(session: Session, person: User, identity: Identity, address: str = "") -> None:
    """Bring the account, its badge and its PIN up to date with `identity`. Claims that were not sent change nothing.

    A badge or PIN that cannot be used, as when somebody else has it, is noted in the audit trail and stops nobody.
    """
    changed = [*_names(person, identity), *_email(session, person, identity), *_memberships(session, person, identity)]
    if changed:
        facts: Facts = {"by": "identity_provider", "fields": changed}
        record_unattended(
            session, person.organization_id, "user.changed", "user", person.id, facts,
            user_id=person.id, address=address,
        )  # fmt: skip
    session.flush()
    apply_claims(session, person, identity.badge, identity.pin)


def _names(person: User, identity: Identity) -> list[str]:
    """First and last name; the display name follows as long as it is made of the two."""
    wanted = {"first_name": identity.first_name, "last_name": identity.last_name}
    if person.name in ("", person.email, f"{person.first_name} {person.last_name}".strip()):
        wanted["name"] = f"{identity.first_name} {identity.last_name}"
    changed = [field for field, value in wanted.items() if getattr(person, field) != value]
    for field in changed:
        setattr(person, field, wanted[field])
    return changed


def _memberships(session: Session, person: User, identity: Identity) -> list[str]:
    """Department and cost centre; one that is sent empty ends the membership."""
    told = {Membership.DEPARTMENT: identity.department, Membership.COST_CENTER: identity.cost_center}
    return [
        kind.value for kind, name in told.items() if name is not None and set_membership(session, person, kind, name)
    ]


def _email(session: Session, person: User, identity: Identity) -> list[str]:
    """The provider may rename a person it knows, within the organization's domains."""
    if person.email == identity.email or domain_of(identity.email) not in domains_of(session, person.organization_id):
        return []
    if session.scalar(select(User.id).where(User.email == identity.email)):
        return []
    person.email = identity.email
    return ["email"]
