"""The way to the identity provider and back: begun here, in one browser, within ten minutes (AC-121, AC-122)."""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import PressroomError
from connectors.identity.claims import Identity
from connectors.identity.oidc import Challenge
from connectors.identity.saml_response import SamlExchange
from connectors.identity.saml_service import new_request_id
from connectors.identity.web import IdentityWeb
from connectors.secrets import decrypt, encrypt
from connectors.settings import get_settings
from domain.audit.service import record_unattended
from domain.federation.admission import admit
from domain.federation.configuration import saml_service
from domain.federation.faults import NO_PROVIDER, SIGN_IN_OVER
from domain.federation.models import (
    AuthenticationProvider,
    PendingSignIn,
    ProviderKind,
    ProviderState,
    Slot,
    UsedAssertion,
)
from domain.federation.published import oidc_client, saml_entity_id, saml_provider
from domain.federation.routing import provider_for
from domain.federation.trial import TrialReport, report_trial
from domain.organizations.actor import Actor, actor_for
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.sign_in.models import SignInMethod
from domain.sign_in.sessions import UNKNOWN_ORIGIN, Origin, open_session
from domain.tenancy import system_session

LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody came back from the provider: the session's token, who it is, and where they wanted to go."""

    token: str
    actor: Actor
    next_path: str


def depart(email: str, browser: str, next_path: str) -> str | None:
    """Where the browser goes so that `email` can sign in; None: with a password, here.

    `browser` is a secret that only this browser keeps; it must be there again when it comes back.
    """
    with system_session() as session:
        provider = provider_for(session, email)
        return _depart(session, provider, browser, next_path, email) if provider is not None else None


def depart_for_trial(actor: Actor, browser: str) -> str:
    """Where the administrator's browser goes to try the candidate, or else the active provider; nothing is changed.

    Raises `NO_PROVIDER`.
    """
    actor.need(Permission.AUTHENTICATION_PROVIDER_MANAGE)
    with system_session() as session:
        query = select(AuthenticationProvider).where(
            AuthenticationProvider.organization_id == actor.organization_id,
            AuthenticationProvider.state == ProviderState.READY,
        )
        ready = {row.slot: row for row in session.scalars(query)}
        provider = ready.get(Slot.CANDIDATE) or ready.get(Slot.ACTIVE)
        if provider is None:
            raise NO_PROVIDER()
        return _depart(session, provider, browser, "/", "", trial_of=actor.user_id)


def arrive_by_oidc(answer: Mapping[str, str], browser: str, origin: Origin = UNKNOWN_ORIGIN) -> SignedIn | TrialReport:
    """Finish a sign-in by the query with which the browser came back from an OpenID Connect provider.

    Raises `SIGN_IN_OVER` for one that was not begun in this browser, the faults of the protocol and of the admission.
    """
    with system_session() as session:
        pending = _taken(session, PendingSignIn.state_hash == _hash(answer.get("state", "")), browser)
        provider = session.get_one(AuthenticationProvider, pending.provider_id)
        if provider.kind != ProviderKind.OIDC:
            raise SIGN_IN_OVER()
    with _refusals_noted(provider, origin.address), IdentityWeb(get_settings()) as web:
        kept = decrypt(pending.secrets)
        challenge = Challenge(answer.get("state", ""), kept["nonce"], kept["verifier"])
        return _arrive(pending, oidc_client(provider).identity(answer, challenge, web), origin)


def receive_saml(organization_id: str, relay_state: str, response: str, address: str = "") -> str:
    """Check a SAML response and keep what it says; returns the ticket with which the browser comes back for it.

    The response comes as a form from another site, with which browsers send no cookies: so it is not known yet whether
    it is the browser in which the sign-in began. Raises `SIGN_IN_OVER` and the faults of the protocol.
    """
    with system_session(read_only=True) as session:
        query = select(PendingSignIn).where(
            PendingSignIn.state_hash == _hash(relay_state),
            PendingSignIn.organization_id == organization_id,
            PendingSignIn.expires > now(),
            PendingSignIn.outcome.is_(None),
        )
        pending = session.scalar(query)
        provider = session.get(AuthenticationProvider, pending.provider_id) if pending else None
        if pending is None or provider is None or provider.kind != ProviderKind.SAML:
            raise SIGN_IN_OVER()
    with _refusals_noted(provider, address):
        service = saml_service(organization_id, saml_entity_id(provider))
        request_id = decrypt(pending.secrets)["request_id"]
        memory = AssertionMemory(organization_id)
        identity = SamlExchange(saml_provider(provider), service, request_id, memory).identity(response)
    ticket = secrets.token_urlsafe(32)
    with system_session() as session:
        kept = session.execute(
            update(PendingSignIn)
            .where(PendingSignIn.state_hash == pending.state_hash, PendingSignIn.outcome.is_(None))
            .values(outcome=_sealed(identity), ticket_hash=_hash(ticket))
            .returning(PendingSignIn.state_hash)
        ).one_or_none()
    if kept is None:
        raise SIGN_IN_OVER()
    return ticket


def arrive_by_saml(ticket: str, browser: str, origin: Origin = UNKNOWN_ORIGIN) -> SignedIn | TrialReport:
    """Finish a sign-in whose SAML response was received; raises `SIGN_IN_OVER` and the faults of the admission."""
    with system_session() as session:
        pending = _taken(session, PendingSignIn.ticket_hash == _hash(ticket), browser)
        provider = session.get_one(AuthenticationProvider, pending.provider_id)
    with _refusals_noted(provider, origin.address):
        return _arrive(pending, _opened(pending.outcome or ""), origin)


class AssertionMemory:
    """The used assertions of one organization."""

    def __init__(self, organization_id: str) -> None:
        self._organization_id = organization_id

    def remember(self, key: str, until: datetime) -> bool:
        """Whether `key` was not used before; from now on it is."""
        try:
            with system_session() as session:
                session.execute(delete(UsedAssertion).where(UsedAssertion.until < now()))
                session.add(UsedAssertion(organization_id=self._organization_id, key_hash=_hash(key), until=until))
        except IntegrityError:
            return False
        return True


def _depart(
    session: Session,
    provider: AuthenticationProvider,
    browser: str,
    next_path: str,
    email: str,
    trial_of: str | None = None,
) -> str:
    challenge, request_id = Challenge.new(), new_request_id()
    session.execute(delete(PendingSignIn).where(PendingSignIn.expires < now()))
    session.add(
        PendingSignIn(
            organization_id=provider.organization_id,
            state_hash=_hash(challenge.state),
            provider_id=provider.id,
            browser_hash=_hash(browser),
            secrets=encrypt({"nonce": challenge.nonce, "verifier": challenge.verifier, "request_id": request_id}),
            next_path=next_path,
            trial_of=trial_of,
            expires=now() + LIFETIME,
        )
    )
    if provider.kind == ProviderKind.OIDC:
        return oidc_client(provider).address(challenge, email)
    service = saml_service(provider.organization_id, saml_entity_id(provider))
    return service.address(saml_provider(provider), request_id, challenge.state)


def _taken(session: Session, condition: ColumnElement[bool], browser: str) -> PendingSignIn:
    """The pending sign-in, which is gone from now on. In another browser, or too late, it was never there."""
    taken = session.scalar(
        delete(PendingSignIn)
        .where(condition, PendingSignIn.browser_hash == _hash(browser), PendingSignIn.expires > now())
        .returning(PendingSignIn)
    )
    if taken is None or not browser:
        raise SIGN_IN_OVER()
    return taken


def _arrive(pending: PendingSignIn, identity: Identity, origin: Origin) -> SignedIn | TrialReport:
    with system_session() as session:
        provider = session.get(AuthenticationProvider, pending.provider_id)
        if provider is None:
            raise SIGN_IN_OVER()
        if pending.trial_of is not None:
            return report_trial(session, provider, identity)
        person = admit(session, provider.organization_id, identity, origin.address)
        actor = actor_for(session, person, address=origin.address)
        record_unattended(
            session, provider.organization_id, "sign_in.succeeded", "user", person.id, {"by": provider.kind},
            user_id=person.id, address=origin.address,
        )  # fmt: skip
        opened = open_session(session, person, SignInMethod.IDENTITY_PROVIDER, origin)
        return SignedIn(opened.token, actor, pending.next_path)


@contextmanager
def _refusals_noted(provider: AuthenticationProvider, address: str) -> Iterator[None]:
    """A block whose fault is noted in the organization's audit trail."""
    try:
        yield
    except PressroomError as error:
        with system_session() as session:
            record_unattended(
                session, provider.organization_id, "sign_in.refused", "authentication_provider", provider.id,
                {"problem": error.code}, address=address,
            )  # fmt: skip
        raise


def _sealed(identity: Identity) -> str:
    """`identity` encrypted, for the moment until the browser comes back."""
    return encrypt({"identity": json.dumps(asdict(identity))})


def _opened(text: str) -> Identity:
    values = json.loads(decrypt(text)["identity"])
    return Identity(**{**values, "received": tuple((name, value) for name, value in values["received"])})


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
