"""Proving again who one is, before something that a stolen session must not do."""

from datetime import timedelta

from sqlalchemy import update

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor, CredentialKind
from domain.organizations.models import User, now
from domain.organizations.permissions import Permission
from domain.sign_in.locks import attempt_given_back, begin_attempt
from domain.sign_in.models import SignInSession
from domain.sign_in.passwords import password_fits
from domain.sign_in.second_factor import use_code
from domain.tenancy import system_session

CONFIRMATION_NEEDED = Fault(
    "sign_in.confirmation_needed",
    403,
    N_("Confirm first that it is you: this changes how your account is protected."),
    N_("Give your password or a code of your authenticator app, or sign in again. It holds for ten minutes."),
)
SESSION_NEEDED = Fault(
    "sign_in.session_needed",
    403,
    N_("This can only be done by somebody who is signed in, not with a token."),
    N_("Sign in to the portal and do it there."),
)
NOT_CONFIRMED = Fault(
    "sign_in.not_confirmed",
    422,
    N_("The password or the code is wrong."),
    N_("Try again. After several failures the account is locked for some minutes."),
)
FRESH = timedelta(minutes=10)


def is_confirmed(actor: Actor) -> bool:
    """Whether the actor proved who they are within the last ten minutes."""
    credential = actor.credential
    return credential is not None and credential.confirmed is not None and credential.confirmed > now() - FRESH


def need_confirmation(actor: Actor) -> None:
    """Raise `CONFIRMATION_NEEDED`, or `SESSION_NEEDED` for who uses a token."""
    if actor.credential is None or actor.credential.kind != CredentialKind.SESSION:
        raise SESSION_NEEDED()
    if not is_confirmed(actor):
        raise CONFIRMATION_NEEDED()


def confirm(actor: Actor, password: str = "", code: str = "") -> None:
    """Prove again who one is, with the password or a code; failures count as those of signing in.

    Raises `NOT_CONFIRMED`, `SIGN_IN_LOCKED`, `SESSION_NEEDED`.
    """
    actor.need(Permission.OWN_ACCOUNT)
    if actor.credential is None or actor.credential.kind != CredentialKind.SESSION:
        raise SESSION_NEEDED()
    attempt = begin_attempt(actor.email, actor.address)
    with system_session(read_only=True) as session:
        kept = session.get_one(User, actor.user_id).password_hash
    fits = bool(password) and password_fits(kept, password)
    with system_session() as session:
        fits = fits or (bool(code) and use_code(session, actor.user_id, code))
        if fits:
            attempt_given_back(session, attempt)
            session.execute(
                update(SignInSession).where(SignInSession.id == actor.credential.id).values(confirmed=now())
            )
        action = "sign_in.confirmed" if fits else "sign_in.not_confirmed"
        record(session, actor, action, "user", actor.user_id, organization_id=actor.home_organization_id)
    if not fits:
        raise NOT_CONFIRMED()
