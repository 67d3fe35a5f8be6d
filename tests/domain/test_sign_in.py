"""Sign-in: passwords, lock-out, sessions."""

import pytest
from sqlalchemy import select

from benchmarks.installation import PASSWORD
from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.sign_in.models import SignInSession
from domain.sign_in.service import FREE_FAILURES, set_password, sign_in
from domain.sign_in.sessions import actor_of_token, sign_out
from domain.tenancy import system_session


def test_right_password_opens_a_session_of_which_only_a_hash_is_kept(administrator: Actor) -> None:
    token, actor = sign_in(f" {administrator.email.upper()} ", PASSWORD)
    assert actor == administrator == actor_of_token(token)
    with system_session() as session:
        kept = session.scalars(select(SignInSession)).one()
    assert token not in kept.token_hash
    sign_out(token)
    with pytest.raises(PressroomError) as error:
        actor_of_token(token)
    assert error.value.code == "sign_in.needed"


@pytest.mark.parametrize("email", ["admin@pressroom.example", "nobody@example.com"])
def test_wrong_password_and_unknown_address_look_the_same(administrator: Actor, email: str) -> None:
    with pytest.raises(PressroomError) as error:
        sign_in(email, "wrong")
    assert error.value.code == "sign_in.failed"


def test_repeated_failures_lock_the_account_and_a_new_password_unlocks_it(administrator: Actor) -> None:
    for _ in range(FREE_FAILURES):
        with pytest.raises(PressroomError, match=r"sign_in\.failed"):
            sign_in(administrator.email, "wrong")
    with pytest.raises(PressroomError, match=r"sign_in\.locked"):
        sign_in(administrator.email, PASSWORD)
    set_password(administrator.email, "new password")
    assert sign_in(administrator.email, "new password")[1] == administrator


def test_password_is_kept_as_argon2id(administrator: Actor) -> None:
    with system_session() as session:
        assert session.scalars(select(User)).one().password_hash.startswith("$argon2id$")
