"""People in sessions of theirs, as the portal has them: tests of what a fresh sign-in is asked for."""

from datetime import timedelta

from sqlalchemy import select, update

from benchmarks.installation import PASSWORD
from domain.organizations.actor import Actor
from domain.organizations.models import User, now
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.models import SignInSession
from domain.sign_in.passwords import password_hash
from domain.sign_in.service import sign_in
from domain.tenancy import system_session


def in_session(actor: Actor) -> Actor:
    """The person, signed in just now; whoever has no password is given `PASSWORD`."""
    with system_session() as session:
        user = session.get_one(User, actor.user_id)
        user.password_hash = user.password_hash or password_hash(PASSWORD)
    return actor_of_token(sign_in(actor.email, PASSWORD).session.token)


def not_fresh(actor: Actor) -> Actor:
    """The same session eleven minutes later."""
    assert actor.credential is not None
    of_actor = SignInSession.id == actor.credential.id
    with system_session() as session:
        confirmed = session.scalars(select(SignInSession.confirmed).where(of_actor)).one() - timedelta(minutes=11)
        session.execute(update(SignInSession).where(of_actor).values(confirmed=confirmed))
    assert confirmed < now()
    return again(actor)


def again(actor: Actor) -> Actor:
    """The actor as the next request has them, with what is known of their session now."""
    from dataclasses import replace

    assert actor.credential is not None
    with system_session(read_only=True) as session:
        query = select(SignInSession.confirmed).where(SignInSession.id == actor.credential.id)
        return replace(actor, credential=replace(actor.credential, confirmed=session.scalars(query).one()))
