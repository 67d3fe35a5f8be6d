"""Whose address it is, and whether mail to it is taken (PR-35, PR-53, PR-139)."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.secrets import fingerprint
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus
from domain.print_mail.models import PrintMailbox
from domain.print_settings.models import AddressState, PrintMailAddress
from domain.printing.mail_address import mail_address, mail_domain
from domain.printing.settings import print_settings
from domain.tenancy import system_session


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """The address of an organization."""

    organization_id: str
    local_part: str
    state: AddressState


def known_address(address: str) -> KnownAddress | None:
    """Whose address it is, whatever its case; None for one that nobody has.

    An organization that is being deleted takes no mail (AC-25).
    """
    local_part, _, domain = address.strip().lower().rpartition("@")
    if not local_part or domain != mail_domain():
        return None
    with system_session(read_only=True) as session:
        row = session.scalar(select(PrintMailAddress).where(PrintMailAddress.local_part == local_part))
        if row is None:
            return None
        is_active = session.get_one(Organization, row.organization_id).status == OrganizationStatus.ACTIVE
        state = AddressState(row.state) if is_active else AddressState.DISABLED
        return KnownAddress(row.organization_id, row.local_part, state)


def is_available(session: Session) -> bool:
    """Whether the address of the session's organization can be used."""
    return session.scalar(select(PrintMailAddress.state)) == AddressState.AVAILABLE


def mailbox_address(session: Session) -> str:
    """The address of the mailbox that the session's organization has in place of one of ours; empty: it has none."""
    return session.scalar(select(PrintMailbox.address).where(PrintMailbox.enabled)) or ""


def own_mail_address(actor: Actor) -> str:
    """The address of the actor's organization; empty while it takes no mail, or is not ready yet (PR-139, PR-140)."""
    with actor.session(read_only=True) as session:
        address = mail_address(print_settings(session, actor.organization_id)) if is_available(session) else ""
        return (mailbox_address(session) or address) if address else ""


def probe_token(organization_id: str, local_part: str) -> str:
    """What proves that a test message is ours (F-12)."""
    return fingerprint("print mail probe", organization_id, local_part)
