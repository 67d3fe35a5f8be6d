"""Who stands behind a print password or a queue address (PR-324)."""

from datetime import timedelta

from sqlalchemy import ColumnElement, select, update

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor, Credential, CredentialKind, actor_for
from domain.organizations.models import Organization, User, now
from domain.organizations.permissions import Permission
from domain.print_access.models import PrintCredential, PrintCredentialKind
from domain.print_access.service import credential_fingerprint
from domain.tenancy import system_session

WRONG_PASSWORD = Fault(
    "print_credential.wrong",
    401,
    N_("The e-mail address or the print password is wrong."),
    N_("Use your e-mail address and a print password of yours: you make them on the page “My account”."),
    spec="PR-328",
)
UNKNOWN_ADDRESS = Fault(
    "print_credential.unknown_address",
    404,
    N_("There is no print queue at this address."),
    N_("Copy the address again from the page “My account”. One that was revoked does not come back."),
)
SCOPES = frozenset({Permission.PRINT_SUBMIT.value, Permission.PRINT_OWN_QUEUE.value})
"""What can be done with them: send jobs, and see and delete one's own."""
USED_EVERY = timedelta(hours=1)
"""How exactly it is kept when one was last used: not every job writes."""
ORGANIZATION_DIGITS = 12


def organization_name(organization_id: str) -> str:
    """How an organization is called in the address of its queue: the first digits of its id, which never change."""
    return organization_id[:ORGANIZATION_DIGITS]


def actor_of_print_password(email: str, password: str, address: str = "") -> Actor:
    """Whose print password it is; raises `WRONG_PASSWORD`, alike for addresses of nobody, and `ACCOUNT_ENDED`."""
    kept = credential_fingerprint(PrintCredentialKind.PASSWORD, password)
    actor = _actor(PrintCredentialKind.PASSWORD, kept, address, User.email == email.strip().lower())
    if actor is None:
        raise WRONG_PASSWORD()
    return actor


def actor_of_queue_address(secret: str, address: str = "") -> Actor:
    """Whose queue address holds that secret; raises `UNKNOWN_ADDRESS`, `ACCOUNT_ENDED`."""
    kept = credential_fingerprint(PrintCredentialKind.ADDRESS, secret)
    actor = _actor(PrintCredentialKind.ADDRESS, kept, address)
    if actor is None:
        raise UNKNOWN_ADDRESS()
    return actor


def _actor(kind: PrintCredentialKind, kept: str, address: str, *more: ColumnElement[bool]) -> Actor | None:
    with system_session(read_only=True) as session:
        found = session.execute(
            select(User, PrintCredential, Organization)  # the organization, so that `actor_for` has it
            .join(PrintCredential, PrintCredential.user_id == User.id)
            .join(Organization, Organization.id == User.organization_id)
            .where(PrintCredential.fingerprint == kept, PrintCredential.kind == kind, *more)
        ).one_or_none()
        if found is None:
            return None
        row = found.PrintCredential
        credential = Credential(CredentialKind.PRINTING, row.id)
        actor = actor_for(session, found.User, scopes=SCOPES, address=address, credential=credential)
    if row.last_used is None or row.last_used < now() - USED_EVERY:
        with system_session() as session:
            session.execute(update(PrintCredential).where(PrintCredential.id == row.id).values(last_used=now()))
    return actor
