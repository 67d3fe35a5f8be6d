"""The way to a storage provider and back: choosing an account (SCAN-22, SCAN-23).

A sign-in counts once, within ten minutes, and only in the portal session in which it began.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import delete, select

from connectors.errors import PressroomError
from connectors.identity.oidc import Challenge
from connectors.identity.web import IdentityWeb
from connectors.secrets import decrypt, encrypt
from connectors.settings import get_settings
from connectors.storage import PROVIDERS
from connectors.storage.account_families import ACCOUNT_FAMILIES, addresses_of, need_client
from connectors.storage.account_sign_in import AccountSignIn, GrantedAccount
from connectors.storage.faults import UNKNOWN_PROVIDER
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.storage_accounts.faults import SIGN_IN_OVER
from domain.storage_accounts.models import LinkedAccount, PendingAccountSignIn
from domain.storage_accounts.rules import check_domain, check_enabled

LIFETIME = timedelta(minutes=10)
CALLBACK = "/storage-accounts/callback"
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """The account that was chosen, and where the person wanted to go on."""

    family: str
    account: str
    next_path: str


def depart(actor: Actor, family: str, next_path: str) -> str:
    """Where the actor's browser goes to choose an account of that family.

    Raises `UNKNOWN_PROVIDER`, `PROVIDER_DISABLED`, `NO_CLIENT`, or `SIGN_IN_OVER` for who came without a session.
    """
    actor.need(Permission.STORAGE_ACCOUNTS)
    sign_in = account_sign_in(family)
    challenge = Challenge.new()
    with actor.session() as session:
        check_enabled(session, actor.organization_id, [one for one in PROVIDERS.values() if one.family == family])
        session.execute(delete(PendingAccountSignIn).where(PendingAccountSignIn.expires < now()))
        session.add(
            PendingAccountSignIn(
                state_hash=_hash(challenge.state),
                user_id=actor.user_id,
                session_id=_session_id(actor),
                family=family,
                secrets=encrypt({"nonce": challenge.nonce, "verifier": challenge.verifier}),
                next_path=next_path,
                expires=now() + LIFETIME,
            )
        )
    return sign_in.address(challenge)


def arrive(actor: Actor, answer: Mapping[str, str]) -> Arrival:
    """Link the account, by the query with which the browser came back.

    Raises `SIGN_IN_OVER` for what was not begun in this session, `DOMAIN_REFUSED` (SCAN-E04), and what the provider
    says. An account that it takes the place of is given back at the provider.
    """
    actor.need(Permission.STORAGE_ACCOUNTS)
    pending = _taken(actor, answer.get("state", ""))
    sign_in = account_sign_in(pending.family)
    kept = decrypt(pending.secrets)
    challenge = Challenge(answer.get("state", ""), kept["nonce"], kept["verifier"])
    with IdentityWeb(get_settings()) as web:
        granted = sign_in.granted(answer, challenge, web)
        try:
            former = _link(actor, pending.family, granted)
        except PressroomError:
            give_back(sign_in, granted.secrets, web)
            raise
        if former is not None and former.account != granted.account:
            give_back(sign_in, decrypt(former.secrets), web)
    return Arrival(pending.family, granted.account, pending.next_path)


def account_sign_in(family: str) -> AccountSignIn:
    """Pressroom at the provider of that family; raises `UNKNOWN_PROVIDER` or `NO_CLIENT`."""
    if family not in ACCOUNT_FAMILIES:
        raise UNKNOWN_PROVIDER(provider=family, known=", ".join(ACCOUNT_FAMILIES))
    settings, facts = get_settings(), ACCOUNT_FAMILIES[family]
    client = need_client(facts, settings)
    return AccountSignIn(facts, addresses_of(facts, settings), client, f"{settings.public_url}{CALLBACK}")


def give_back(sign_in: AccountSignIn, secrets: Mapping[str, str], web: IdentityWeb) -> bool:
    """Have the provider end what it granted; whether it has. Nothing depends on it: the tokens are deleted here."""
    try:
        return sign_in.revoke(secrets, web)
    except PressroomError as error:
        log.warning("a storage provider could not be told to end a grant", family=sign_in.family.name, code=error.code)
        return False


def _link(actor: Actor, family: str, granted: GrantedAccount) -> LinkedAccount | None:
    """Keep the account; returns the one whose place it takes, if the person had signed in to that too."""
    with actor.session() as session:
        check_domain(session, actor.organization_id, family, granted.account)
        own = (LinkedAccount.user_id == actor.user_id, LinkedAccount.family == family)
        former = session.scalar(select(LinkedAccount).where(*own))
        session.execute(delete(LinkedAccount).where(*own))
        session.add(
            LinkedAccount(
                user_id=actor.user_id, family=family, account=granted.account, options={}, by_sign_in=True,
                secrets=encrypt(granted.secrets),
            )
        )  # fmt: skip
        facts = {"provider": family, "account": granted.account}
        record(session, actor, "storage_account.linked", "storage_account", family, facts)
        return former if former is not None and former.by_sign_in else None


def _taken(actor: Actor, state: str) -> PendingAccountSignIn:
    """The pending sign-in, which is gone from now on. In another session, or too late, it was never there."""
    with actor.session() as session:
        taken = session.scalar(
            delete(PendingAccountSignIn)
            .where(
                PendingAccountSignIn.state_hash == _hash(state),
                PendingAccountSignIn.user_id == actor.user_id,
                PendingAccountSignIn.session_id == _session_id(actor),
                PendingAccountSignIn.expires > now(),
            )
            .returning(PendingAccountSignIn)
        )
    if taken is None:
        raise SIGN_IN_OVER()
    return taken


def _session_id(actor: Actor) -> str:
    if actor.credential is None:
        raise SIGN_IN_OVER()
    return actor.credential.id


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
