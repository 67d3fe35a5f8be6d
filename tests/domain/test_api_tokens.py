"""Personal API tokens: what they may do, how long, who sees them; and client applications as actors."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor, CredentialKind
from domain.organizations.models import Organization, OrganizationStatus, User, UserStatus, now
from domain.organizations.permissions import Permission
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.models import ApiToken
from domain.sign_in.password_changes import change_own_password
from domain.sign_in.session_list import own_sessions
from domain.sign_in.tokens import PREFIX, TokenView, create_token, end_tokens, own_tokens, revoke_token
from domain.tenancy import system_session
from tests.domain.sessions import in_session, not_fresh

WEEK = timedelta(days=7)
RUN = [Permission.SOLUTIONS_RUN.value, Permission.OWN_ACCOUNT.value]


def make(actor: Actor, scopes: list[str] | None = None, name: str = "Nightly run") -> tuple[str, TokenView]:
    return create_token(actor, name, RUN if scopes is None else scopes, now() + WEEK)


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(PressroomError) as caught:
        call()
    return caught.value.code


@pytest.fixture
def person(colleague: Actor) -> Actor:
    """Somebody who may run solutions, signed in just now."""
    return in_session(colleague)


def test_a_token_acts_for_its_person_within_its_scopes(person: Actor) -> None:
    token, view = make(person, [Permission.SOLUTIONS_RUN.value])
    actor = actor_of_token(token, address="192.0.2.1")
    assert token.startswith(PREFIX)
    assert (actor.user_id, actor.organization_id, actor.address) == (
        person.user_id,
        person.organization_id,
        "192.0.2.1",
    )
    assert actor.credential is not None
    assert (actor.credential.kind, actor.credential.id) == (CredentialKind.TOKEN, view.id)
    actor.need(Permission.SOLUTIONS_RUN)
    assert refused(lambda: actor.need(Permission.OWN_ACCOUNT)) == "token.out_of_scope"
    assert refused(lambda: actor.need(Permission.USERS_VIEW)) == "role.missing"


def test_only_a_hash_is_kept_and_the_list_tells_no_token(person: Actor) -> None:
    token, view = make(person)
    with system_session(read_only=True) as session:
        kept = session.scalars(select(ApiToken)).one()
        facts = session.scalars(select(AuditEvent.facts)).all()
    assert token not in kept.token_hash
    assert own_tokens(person) == [view]
    assert not [fact for fact in facts if token in str(fact)]


@pytest.mark.parametrize(
    ("name", "scopes", "days", "code"),
    [
        ("  ", RUN, 7, "token.no_name"),
        ("x", [], 7, "token.no_scope"),
        ("x", [Permission.USERS_VIEW.value], 7, "token.scope_not_yours"),
        ("x", ["everything"], 7, "token.scope_not_yours"),
        ("x", RUN, 0, "token.bad_expiry"),
        ("x", RUN, 367, "token.bad_expiry"),
    ],
)
def test_what_makes_no_token(person: Actor, name: str, scopes: list[str], days: int, code: str) -> None:
    assert refused(lambda: create_token(person, name, scopes, now() + timedelta(days=days))) == code
    assert own_tokens(person) == []


def test_making_one_takes_a_fresh_sign_in_and_never_a_token(person: Actor) -> None:
    assert refused(lambda: make(not_fresh(person))) == "sign_in.confirmation_needed"
    token, _ = make(in_session(person))
    program = actor_of_token(token)
    assert refused(lambda: make(program)) == "sign_in.session_needed"
    assert refused(lambda: change_own_password(program, "Another 7 horses")) == "sign_in.session_needed"


def test_a_token_expires_and_is_revoked(person: Actor, stranger: Actor) -> None:
    first, view = make(person)
    second, other = make(person, name="Second")
    with system_session() as session:
        session.execute(update(ApiToken).where(ApiToken.id == other.id).values(expires=now()))
    assert refused(lambda: actor_of_token(second)) == "sign_in.needed"
    assert refused(lambda: revoke_token(in_session(stranger), view.id)) == "not_found"
    assert actor_of_token(first)
    revoke_token(person, view.id)
    assert refused(lambda: actor_of_token(first)) == "sign_in.needed"


@pytest.mark.parametrize("status", [UserStatus.DEACTIVATED, UserStatus.DELETED])
def test_tokens_of_people_who_are_not_active_are_refused(person: Actor, status: UserStatus) -> None:
    token, _ = make(person)
    with system_session() as session:
        session.execute(update(User).where(User.id == person.user_id).values(status=status))
    assert refused(lambda: actor_of_token(token)) == "account.ended"


def test_tokens_of_an_organization_that_is_being_deleted_are_refused(person: Actor) -> None:
    token, _ = make(person)
    with system_session() as session:
        session.execute(update(Organization).values(status=OrganizationStatus.PENDING_DELETION))
    assert refused(lambda: actor_of_token(token)) == "account.ended"


def test_a_role_that_is_taken_takes_the_permission_from_the_token(person: Actor) -> None:
    token, _ = make(person)
    with system_session() as session:
        session.execute(update(User).where(User.id == person.user_id).values(roles=[]))
    assert refused(lambda: actor_of_token(token).need(Permission.SOLUTIONS_RUN)) == "role.missing"


def test_all_tokens_of_a_person_end_together(person: Actor) -> None:
    token, _ = make(person)
    with system_session() as session:
        assert end_tokens(session, person.user_id) == 1
    assert refused(lambda: actor_of_token(token)) == "sign_in.needed"


def test_first_use_is_recorded_and_later_use_noted_once_a_minute(person: Actor) -> None:
    token, view = make(person)
    for _ in range(3):
        actor_of_token(token)
    first = own_tokens(person)[0].last_used
    assert first is not None
    with system_session() as session:
        session.execute(update(ApiToken).values(last_used=first - timedelta(seconds=61)))
    actor_of_token(token)
    again = own_tokens(person)[0].last_used
    assert again is not None
    assert again > first - timedelta(seconds=61)
    with system_session(read_only=True) as session:
        query = select(AuditEvent.action).where(AuditEvent.target_id == view.id).order_by(AuditEvent.id)
        assert session.scalars(query).all() == ["api_token.created", "api_token.first_used"]


def test_a_token_is_no_session(person: Actor) -> None:
    before = len(own_sessions(person))
    token, _ = make(person)
    actor_of_token(token)
    assert len(own_sessions(person)) == before


@pytest.mark.parametrize("token", ["", "prt_", "prt_" + "0" * 43, "pra_" + "0" * 43, "nonsense", "prt_\x00"])
def test_what_is_no_token_is_nobody(person: Actor, token: str) -> None:
    assert refused(lambda: actor_of_token(token)) == "sign_in.needed"
