"""Personal API tokens: a person's programs act for them, as far as the token's scopes go and the person's roles do."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_, Message
from domain.audit.service import record
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor, Credential, CredentialKind, actor_for
from domain.organizations.models import Organization, User, now
from domain.organizations.permissions import Permission, allows
from domain.sign_in.confirmation import need_confirmation
from domain.sign_in.models import ApiToken
from domain.sign_in.sessions import SEEN_EVERY, SIGN_IN_NEEDED, token_hash
from domain.tenancy import NOT_FOUND, system_session

PREFIX = "prt_"
"""How personal tokens begin, so that scanners of source code and logs find them."""
MOST_TOKENS = 50
LONGEST = timedelta(days=366)
NAME_LENGTH = 100

NO_NAME = Fault("token.no_name", 422, N_("The token has no name."), N_("Give it a name that says what uses it."))
NO_SCOPE = Fault(
    "token.no_scope", 422, N_("The token would allow nothing."), N_("Choose at least one permission for it.")
)
SCOPE_NOT_YOURS = Fault(
    "token.scope_not_yours",
    422,
    N_("You do not have the permission “{permission}” yourself."),
    N_("Choose only permissions that you have."),
)
BAD_EXPIRY = Fault(
    "token.bad_expiry",
    422,
    N_("A token must expire in the future, and within {days} days."),
    N_("Choose an earlier day; make a new token in time."),
)
TOO_MANY = Fault(
    "token.too_many", 409, N_("You have {count} tokens, which is the most."), N_("Revoke those no longer used.")
)
MADE_SUBJECT = N_("A new API token of your Pressroom account")
MADE_TEXT = N_("The token “{name}” was made for your account {email}. Programs that have it act for you.")
NOT_YOU = N_("If it was not you, revoke it on the page “My account”, set a new password, and tell your administrator.")


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as its owner sees it, without itself."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created: datetime
    expires: datetime
    last_used: datetime | None

    @classmethod
    def of(cls, row: ApiToken) -> "TokenView":
        return cls(row.id, row.name, tuple(row.scopes), row.created, row.expires, row.last_used)


def offered_scopes(actor: Actor) -> tuple[Permission, ...]:
    """The permissions that the actor can give to a token: those they have in their own organization or a customer."""
    return tuple(permission for permission in Permission if allows(actor, permission))


def create_token(actor: Actor, name: str, scopes: Sequence[str], expires: datetime) -> tuple[str, TokenView]:
    """Make a token, which is told only here.

    Raises `CONFIRMATION_NEEDED`, `NO_NAME`, `NO_SCOPE`, `SCOPE_NOT_YOURS`, `BAD_EXPIRY`, `TOO_MANY`.
    """
    actor.need(Permission.OWN_ACCOUNT)
    need_confirmation(actor)
    name = " ".join(name.split())[:NAME_LENGTH]
    _check(actor, name, scopes, expires)
    token = PREFIX + secrets.token_urlsafe(32)
    with system_session() as session:
        user = session.get_one(User, actor.user_id)
        count = select(func.count()).select_from(ApiToken).where(ApiToken.user_id == user.id)
        if (session.scalar(count) or 0) >= MOST_TOKENS:
            raise TOO_MANY(count=MOST_TOKENS)
        row = ApiToken(
            organization_id=user.organization_id,
            token_hash=token_hash(token),
            user_id=user.id,
            name=name,
            scopes=sorted(set(scopes)),
            expires=expires,
        )
        session.add(row)
        session.flush()
        record(
            session,
            actor,
            "api_token.created",
            "api_token",
            row.id,
            {"name": name, "scopes": list(row.scopes)},
            organization_id=user.organization_id,
        )
        paragraphs = [Message.of(MADE_TEXT, name=name, email=user.email), Message.of(NOT_YOU)]
        queue_mail(
            session, user.organization_id, [user.email], Message.of(MADE_SUBJECT), paragraphs, locale=user.locale
        )
        return token, TokenView.of(row)


def own_tokens(actor: Actor) -> list[TokenView]:
    """The actor's tokens, the newest first, those expired too."""
    actor.need(Permission.OWN_ACCOUNT)
    with system_session(read_only=True) as session:
        rows = session.scalars(
            select(ApiToken).where(ApiToken.user_id == actor.user_id).order_by(ApiToken.created.desc())
        )
        return [TokenView.of(row) for row in rows]


def revoke_token(actor: Actor, token_id: str) -> None:
    """Make one of the actor's tokens worthless at once; raises `NOT_FOUND`."""
    actor.need(Permission.OWN_ACCOUNT)
    with system_session() as session:
        mine = delete(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == actor.user_id)
        organization_id = session.scalar(mine.returning(ApiToken.organization_id))
        if organization_id is None:
            raise NOT_FOUND(what="token")
        record(session, actor, "api_token.revoked", "api_token", token_id, organization_id=organization_id)


def end_tokens(session: Session, user_id: str) -> int:
    """Make every token of a person worthless; returns how many there were."""
    return len(session.scalars(delete(ApiToken).where(ApiToken.user_id == user_id).returning(ApiToken.id)).all())


def actor_of_api_token(token: str, organization_id: str | None = None, address: str = "") -> Actor:
    """Who made this token, limited to its scopes. Raises `SIGN_IN_NEEDED` and what `actor_for` raises."""
    with system_session(read_only=True) as session:
        found = session.execute(
            select(User, ApiToken, Organization)  # the organization, so that `actor_for` has it
            .join(ApiToken, ApiToken.user_id == User.id)
            .join(Organization, Organization.id == User.organization_id)
            .where(ApiToken.token_hash == token_hash(token), ApiToken.expires > now())
        ).one_or_none()
        if found is None:
            raise SIGN_IN_NEEDED()
        row = found.ApiToken
        actor = actor_for(
            session,
            found.User,
            organization_id,
            scopes=frozenset(row.scopes),
            address=address,
            credential=Credential(CredentialKind.TOKEN, row.id),
        )
    if row.last_used is None or row.last_used < now() - SEEN_EVERY:
        _note_used(actor, row)
    return actor


def _check(actor: Actor, name: str, scopes: Sequence[str], expires: datetime) -> None:
    if not name:
        raise NO_NAME()
    if not scopes:
        raise NO_SCOPE()
    offered = {permission.value for permission in offered_scopes(actor)}
    for scope in scopes:
        if scope not in offered:
            raise SCOPE_NOT_YOURS(permission=scope)
    if not now() < expires <= now() + LONGEST:
        raise BAD_EXPIRY(days=LONGEST.days)


def _note_used(actor: Actor, row: ApiToken) -> None:
    with system_session() as session:
        first = update(ApiToken).where(ApiToken.token_hash == row.token_hash, ApiToken.last_used.is_(None))
        if session.scalar(first.values(last_used=now()).returning(ApiToken.id)) is not None:
            record(
                session,
                actor,
                "api_token.first_used",
                "api_token",
                row.id,
                organization_id=actor.home_organization_id,
            )
        else:
            session.execute(update(ApiToken).where(ApiToken.token_hash == row.token_hash).values(last_used=now()))
