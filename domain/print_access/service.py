"""One's own print passwords and queue addresses: making, listing, revoking (PR-324)."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.secrets import fingerprint
from domain.audit.service import record
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.organizations.permissions import Permission
from domain.print_access.models import PrintCredential, PrintCredentialKind
from domain.sign_in.confirmation import need_confirmation
from domain.tenancy import NOT_FOUND, system_session

MOST_CREDENTIALS = 50
LABEL_LENGTH = 100
ADDRESS_PREFIX = "pq_"
"""How the secret in a queue address begins, so that scanners of logs find it, and no queue is called so."""
PASSWORD_GROUPS, GROUP_LENGTH = 4, 5
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Signs that nobody takes for others, and that keyboards of phones type without shift."""

NO_LABEL = Fault(
    "print_credential.no_label", 422, N_("It has no name."), N_("Give it a name that says which device uses it.")
)
TOO_MANY = Fault(
    "print_credential.too_many",
    409,
    N_("You have {count} print passwords and queue addresses, which is the most."),
    N_("Revoke those no longer used."),
)
MADE_SUBJECT = N_("A new way to print for your Pressroom account")
MADE_TEXT = N_("“{label}” can print for your account {email} from now on. It can do nothing else.")
NOT_YOU = N_("If it was not you, revoke it on the page “My account”, set a new password, and tell your administrator.")


@dataclass(frozen=True, slots=True)
class PrintCredentialView:
    """A print password or queue address as its owner sees it, without the secret."""

    id: str
    kind: PrintCredentialKind
    label: str
    created: datetime
    last_used: datetime | None

    @classmethod
    def of(cls, row: PrintCredential) -> "PrintCredentialView":
        return cls(row.id, PrintCredentialKind(row.kind), row.label, row.created, row.last_used)


def credential_fingerprint(kind: PrintCredentialKind, secret: str) -> str:
    """The form in which a secret is kept and looked up; passwords however they were typed."""
    if kind is PrintCredentialKind.PASSWORD:
        secret = "".join(secret.lower().replace("-", "").split())
    return fingerprint(f"print {kind.value}", secret)


def make_credential(actor: Actor, kind: PrintCredentialKind, label: str) -> tuple[str, PrintCredentialView]:
    """Make one of the actor's own; the secret is told only here.

    Raises `CONFIRMATION_NEEDED`, `SESSION_NEEDED`, `ROLE_MISSING`, `NO_LABEL`, `TOO_MANY`.
    """
    actor.need(Permission.PRINT_SUBMIT)
    need_confirmation(actor)
    label = " ".join(label.split())[:LABEL_LENGTH]
    if not label:
        raise NO_LABEL()
    secret = _secret(kind)
    with system_session() as session:
        user = session.get_one(User, actor.user_id)
        mine = select(func.count()).select_from(PrintCredential).where(PrintCredential.user_id == user.id)
        if (session.scalar(mine) or 0) >= MOST_CREDENTIALS:
            raise TOO_MANY(count=MOST_CREDENTIALS)
        row = PrintCredential(
            organization_id=user.organization_id,
            kind=kind,
            fingerprint=credential_fingerprint(kind, secret),
            user_id=user.id,
            label=label,
        )
        session.add(row)
        session.flush()
        facts = {"label": label, "kind": kind.value}
        home = user.organization_id
        record(session, actor, "print_credential.created", "print_credential", row.id, facts, organization_id=home)
        paragraphs = [Message.of(MADE_TEXT, label=label, email=user.email), Message.of(NOT_YOU)]
        queue_mail(session, home, [user.email], Message.of(MADE_SUBJECT), paragraphs, locale=user.locale)
        return secret, PrintCredentialView.of(row)


def own_credentials(actor: Actor) -> list[PrintCredentialView]:
    """The actor's, the newest first."""
    actor.need(Permission.OWN_ACCOUNT)
    with system_session(read_only=True) as session:
        mine = select(PrintCredential).where(PrintCredential.user_id == actor.user_id)
        rows = session.scalars(mine.order_by(PrintCredential.created.desc(), PrintCredential.id))
        return [PrintCredentialView.of(row) for row in rows]


def revoke_credential(actor: Actor, credential_id: str) -> None:
    """Make one of the actor's own worthless at once; raises `NOT_FOUND`."""
    actor.need(Permission.OWN_ACCOUNT)
    with system_session() as session:
        mine = delete(PrintCredential).where(
            PrintCredential.id == credential_id, PrintCredential.user_id == actor.user_id
        )
        home = session.scalar(mine.returning(PrintCredential.organization_id))
        if home is None:
            raise NOT_FOUND(what="print password")
        record(session, actor, "print_credential.revoked", "print_credential", credential_id, organization_id=home)


def _secret(kind: PrintCredentialKind) -> str:
    if kind is PrintCredentialKind.ADDRESS:
        return ADDRESS_PREFIX + secrets.token_urlsafe(24)
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP_LENGTH)) for _ in range(PASSWORD_GROUPS))
    return "-".join(groups)
