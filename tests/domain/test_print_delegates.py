"""Delegates: who may be one, until when, what they are told, and what they may do (section 16, F-15, F-16)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from connectors.errors import Fault, PressroomError
from connectors.secrets import decrypt
from domain.audit.models import AuditEvent
from domain.mail.models import OutgoingMail
from domain.organizations.actor import ROLE_MISSING, Actor
from domain.organizations.models import User, UserStatus, now
from domain.organizations.roles import Role
from domain.printing.delegates import service
from domain.printing.delegates.models import Delegation, DelegationState
from domain.printing.delegates.rules import ALREADY_DELEGATE, DELEGATION_OFF, NOT_A_DELEGATE, OWN_DELEGATE
from domain.printing.delegates.service import NewDelegate
from domain.printing.jobs import find_job
from domain.tenancy import NOT_FOUND, system_session
from tests.support.installation import Installation, installed
from tests.support.print_queues import add_held
from tests.support.print_settings import set_print_settings


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as one:
        set_print_settings(one.administrator, jobs={"delegation_enabled": True})
        yield one


@pytest.fixture
def ann(installation: Installation) -> Actor:
    return installation.add_person("ann@one.example", Role.PRINT_RELEASE_USER)


@pytest.fixture
def bob(installation: Installation) -> Actor:
    return installation.add_person("bob@one.example", Role.PRINT_RELEASE_USER)


def refusal(act: object) -> Fault:
    with pytest.raises(PressroomError) as error:
        act()  # type: ignore[operator]
    return error.value.fault


def mails() -> list[tuple[list[str], str]]:
    with system_session(read_only=True) as session:
        found = session.scalars(select(OutgoingMail).order_by(OutgoingMail.created)).all()
        return [(list(mail.recipients), decrypt(mail.content)["message"]) for mail in found]


def may(actor: Actor, job_id: str) -> bool:
    with actor.session(read_only=True) as session:
        return service.may_release(session, find_job(session, job_id), actor.user_id)


def test_a_delegate_may_release_cloud_jobs_of_the_owner_and_no_others(
    installation: Installation, ann: Actor, bob: Actor
) -> None:
    """PR-166; not transitive (PR-171)."""
    eve = installation.add_person("eve@one.example", Role.PRINT_RELEASE_USER)
    cloud, hybrid, of_eve = add_held(ann), add_held(ann, kind="hybrid"), add_held(eve)
    assert may(ann, cloud)
    assert not may(bob, cloud)
    service.add_delegate(ann, NewDelegate(bob.user_id))
    service.add_delegate(eve, NewDelegate(email=" ANN@one.example "))
    assert (may(bob, cloud), may(bob, hybrid), may(bob, of_eve), may(ann, of_eve)) == (True, False, False, True)
    assert [one.name for one in service.list_delegates(ann)] == ["Bob"]
    assert [one.name for one in service.list_delegating(ann)] == ["Eve"]


@pytest.mark.parametrize("days", [None, 1, 365])
def test_it_lasts_for_days_counted_from_its_creation_or_for_good(ann: Actor, bob: Actor, days: int | None) -> None:
    """PR-165."""
    made = service.add_delegate(ann, NewDelegate(bob.user_id, days=days))
    assert made.expires == (made.created + timedelta(days=days) if days else None)


def test_what_cannot_be_delegated_is_refused(installation: Installation, ann: Actor, bob: Actor) -> None:
    """PR-171."""
    guest = installation.add_person("guest@one.example", Role.PRINT_GUEST)
    gone = installation.add_person("gone@one.example", Role.PRINT_RELEASE_USER)
    with system_session() as session:
        session.execute(update(User).where(User.id == gone.user_id).values(status=UserStatus.DEACTIVATED))
    service.add_delegate(ann, NewDelegate(bob.user_id))
    cases = {
        ann.user_id: OWN_DELEGATE,
        guest.user_id: NOT_A_DELEGATE,
        gone.user_id: NOT_A_DELEGATE,
        bob.user_id: ALREADY_DELEGATE,
        installation.stranger.user_id: NOT_FOUND,
    }
    for delegate, fault in cases.items():
        assert refusal(lambda chosen=delegate: service.add_delegate(ann, NewDelegate(chosen))) is fault


def test_removing_ends_it_at_once_and_it_may_be_given_again(ann: Actor, bob: Actor) -> None:
    job = add_held(ann)
    for _ in range(2):
        made = service.add_delegate(ann, NewDelegate(bob.user_id))
        assert may(bob, job)
        service.remove_delegates(ann, [made.id])
        assert not may(bob, job)
    assert refusal(lambda: service.remove_delegates(ann, [made.id])) is NOT_FOUND
    with ann.session(read_only=True) as session:
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("print_delegate"))).all()
    assert actions == ["print_delegate.added", "print_delegate.removed"] * 2


def test_only_the_owner_and_print_administrators_change_delegates(
    installation: Installation, ann: Actor, bob: Actor
) -> None:
    """PR-164, PR-8."""
    manager = installation.add_person("manager@one.example", Role.PRINT_RELEASE_ADMINISTRATOR)
    hybrid = installation.add_person("hybrid@one.example", Role.HYBRID_PRINT_ADMINISTRATOR)
    made = service.add_delegate(manager, NewDelegate(bob.user_id, owner_id=ann.user_id))
    assert [one.name for one in service.list_delegates(manager, ann.user_id)] == ["Bob"]
    for somebody in (bob, hybrid):
        assert refusal(lambda who=somebody: service.list_delegates(who, ann.user_id)) is ROLE_MISSING
        assert refusal(lambda who=somebody: service.remove_delegates(who, [made.id])) is ROLE_MISSING
    assert refusal(lambda: service.remove_delegates(installation.stranger, [made.id])) is NOT_FOUND
    service.remove_delegates(manager, [made.id])


def test_switching_the_feature_off_suspends_and_forgets_nothing(ann: Actor, bob: Actor) -> None:
    """PR-172, PR-25, PR-163."""
    job = add_held(ann)
    service.add_delegate(ann, NewDelegate(bob.user_id))
    set_print_settings(ann, jobs={"delegation_enabled": False})
    assert not may(bob, job)
    assert service.list_delegating(bob) == []
    assert refusal(lambda: service.list_delegates(ann)) is DELEGATION_OFF
    set_print_settings(ann, jobs={"delegation_enabled": True})
    assert may(bob, job)


def test_its_end_counts_at_once_and_the_sweep_tells(ann: Actor, bob: Actor) -> None:
    """AM-30, PR-168: three mails."""
    set_print_settings(ann, jobs={"delegation_enabled": True, "delegation_email_enabled": True})
    job = add_held(ann)
    first = service.add_delegate(ann, NewDelegate(bob.user_id, days=30))
    service.remove_delegates(ann, [first.id])
    second = service.add_delegate(ann, NewDelegate(bob.user_id, days=2))
    with ann.session() as session:
        session.get_one(Delegation, second.id).expires = now() - timedelta(seconds=1)
    assert not may(bob, job), "before any sweep"
    assert service.expire_delegations() == 1
    assert service.expire_delegations() == 0
    with ann.session(read_only=True) as session:
        assert session.get_one(Delegation, second.id).state == DelegationState.EXPIRED
    told = mails()
    assert {tuple(to) for to, _ in told} == {("bob@one.example",)}
    assert len(told) == 4
    assert all("Ann" in text for _, text in told)
    assert "The permission ends:" in told[0][1]
    assert service.add_delegate(ann, NewDelegate(bob.user_id)).expires is None, "a new one may follow"


def test_without_the_setting_nobody_is_mailed(ann: Actor, bob: Actor) -> None:
    """PR-26."""
    service.add_delegate(ann, NewDelegate(bob.user_id))
    assert mails() == []


def test_people_are_found_by_words_of_their_names(installation: Installation, ann: Actor, bob: Actor) -> None:
    assert [one.email for one in service.candidates(ann, "bob")] == ["bob@one.example"]
    assert service.candidates(ann, "ann") == [], "not oneself"
    assert refusal(lambda: service.candidates(bob, "b", ann.user_id)) is ROLE_MISSING
