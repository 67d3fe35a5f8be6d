"""Signing in: passwords, locks that lock nobody out for good, sessions that end in time."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from sqlalchemy import func, select, update

from benchmarks.installation import PASSWORD
from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor
from domain.organizations.models import User, UserStatus, now
from domain.sign_in import passwords
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.locks import FREE_FAILURES, forget_old_guesses
from domain.sign_in.models import GuessCount, SignInMethod, SignInSession
from domain.sign_in.password_changes import set_password
from domain.sign_in.rules import Rules, set_sign_in_rules, sign_in_rules
from domain.sign_in.service import SignedIn, sign_in
from domain.sign_in.session_list import end_own_other_sessions, end_own_session, own_sessions, sessions_of
from domain.sign_in.sessions import Origin, sign_out
from domain.tenancy import system_session

HOME, AWAY = Origin("192.0.2.7", "Firefox"), Origin("198.51.100.9", "curl")
NEW_PASSWORD = "Another 7 horses, please"


def failed(email: str, password: str = "wrong", origin: Origin = HOME) -> PressroomError:
    with pytest.raises(PressroomError) as caught:
        sign_in(email, password, origin)
    return caught.value


def later(**columns: timedelta) -> None:
    """Let time pass: columns of all sessions move into the past."""
    with system_session() as session:
        for row in session.scalars(select(SignInSession)):
            for name, span in columns.items():
                setattr(row, name, getattr(row, name) - span)


def counts(hours: float) -> None:
    """Let time pass for the counts of failures."""
    with system_session() as session:
        for row in session.scalars(select(GuessCount)):
            row.changed -= timedelta(hours=hours)
            row.locked_until = row.locked_until and row.locked_until - timedelta(hours=hours)


def actions() -> list[str]:
    with system_session(read_only=True) as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def mails() -> int:
    with system_session(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(OutgoingMail)) or 0


@pytest.fixture
def signed_in(administrator: Actor) -> SignedIn:
    return sign_in(administrator.email, PASSWORD, HOME)


def test_right_password_opens_a_session_of_which_only_a_hash_is_kept(administrator: Actor) -> None:
    signed_in = sign_in(f" {administrator.email.upper()} ", PASSWORD, HOME)
    token = signed_in.session.token
    assert signed_in.actor.user_id == administrator.user_id
    assert actor_of_token(token, address=HOME.address) == signed_in.actor
    with system_session() as session:
        kept = session.scalars(select(SignInSession)).one()
    assert token not in kept.token_hash
    assert (kept.method, kept.address, kept.user_agent) == (SignInMethod.PASSWORD, HOME.address, "Firefox")
    assert actions()[-1] == "sign_in.succeeded"
    sign_out(token)
    with pytest.raises(PressroomError, match=r"sign_in\.needed"):
        actor_of_token(token)


@pytest.mark.parametrize("email", ["admin@pressroom.example", "nobody@example.com"])
def test_addresses_of_somebody_and_nobody_look_the_same_until_they_are_locked(administrator: Actor, email: str) -> None:
    codes = [failed(email).code for _ in range(FREE_FAILURES + 1)]
    assert codes == ["sign_in.failed"] * FREE_FAILURES + ["sign_in.locked"]


def test_addresses_of_somebody_and_nobody_take_the_same_time(administrator: Actor) -> None:
    """Verifying a hash takes tens of milliseconds, everything else a few: it is done once for either."""
    for email in (administrator.email, "nobody@example.com"):
        with patch.object(passwords, "_hasher", wraps=passwords._hasher) as hasher:
            failed(email)
        assert hasher.verify.call_count == 1


@pytest.mark.parametrize("status", [UserStatus.DEACTIVATED, UserStatus.DELETED])
def test_an_account_that_is_not_active_is_refused_like_a_wrong_password(
    administrator: Actor, status: UserStatus
) -> None:
    with system_session() as session:
        session.execute(update(User).values(status=status))
    assert failed(administrator.email, PASSWORD).code == "sign_in.failed"


def test_a_lock_doubles_and_ends_and_is_told_by_mail_once_a_day(administrator: Actor) -> None:
    for _ in range(FREE_FAILURES):
        failed(administrator.email)
    assert mails() == 1
    for minutes in (1, 2, 4):
        assert failed(administrator.email, PASSWORD).facts["minutes"] == minutes
        counts(hours=minutes / 60)
        assert failed(administrator.email).code == "sign_in.failed"
    assert mails() == 1
    counts(hours=1)
    assert sign_in(administrator.email, PASSWORD, HOME)
    assert actions().count("sign_in.locked") == 4
    assert actions().count("sign_in.failed") == 4


def test_nobody_is_locked_out_by_strangers_where_they_signed_in_before(
    administrator: Actor, signed_in: SignedIn
) -> None:
    for _ in range(FREE_FAILURES):
        failed(administrator.email, origin=AWAY)
    assert failed(administrator.email, PASSWORD, AWAY).code == "sign_in.locked"
    assert sign_in(administrator.email, PASSWORD, HOME), "the strangers' failures do not count here"
    assert failed(administrator.email, PASSWORD, AWAY).code == "sign_in.locked", "and they are not forgiven by it"


def test_a_known_network_is_locked_too_and_only_it(administrator: Actor, signed_in: SignedIn) -> None:
    for _ in range(FREE_FAILURES):
        failed(administrator.email, origin=HOME)
    assert failed(administrator.email, PASSWORD, HOME).code == "sign_in.locked"
    assert sign_in(administrator.email, PASSWORD, AWAY)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_what_counts_as_one_network(administrator: Actor, one: str, other: str, is_same: bool) -> None:
    sign_in(administrator.email, PASSWORD, Origin(one))
    for _ in range(FREE_FAILURES):
        failed(administrator.email, origin=AWAY)
    if is_same:
        assert sign_in(administrator.email, PASSWORD, Origin(other))
    else:
        assert failed(administrator.email, PASSWORD, Origin(other)).code == "sign_in.locked"


def test_counts_are_forgotten_in_time(administrator: Actor, signed_in: SignedIn) -> None:
    failed("nobody@example.com")
    with system_session(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(GuessCount)) == 3
    counts(hours=25)
    assert forget_old_guesses() == 2, "the known network is remembered for longer"
    counts(hours=24 * 90)
    assert forget_old_guesses() == 1


def test_a_new_password_unlocks_and_ends_all_sessions(administrator: Actor, signed_in: SignedIn) -> None:
    for _ in range(FREE_FAILURES):
        failed(administrator.email, origin=AWAY)
    set_password(administrator.email, NEW_PASSWORD)
    assert sign_in(administrator.email, NEW_PASSWORD, AWAY)
    with pytest.raises(PressroomError, match=r"sign_in\.needed"):
        actor_of_token(signed_in.session.token)


def test_a_session_ends_after_thirty_idle_minutes_and_lives_while_it_is_used(signed_in: SignedIn) -> None:
    """AC-33."""
    token = signed_in.session.token
    for _ in range(3):
        later(last_seen=timedelta(minutes=29), created=timedelta(minutes=29))
        assert actor_of_token(token)
    later(last_seen=timedelta(minutes=31))
    with pytest.raises(PressroomError, match=r"sign_in\.needed"):
        actor_of_token(token)


def test_what_a_page_does_by_itself_keeps_no_session_alive(signed_in: SignedIn) -> None:
    later(last_seen=timedelta(minutes=29))
    assert actor_of_token(signed_in.session.token, is_activity=False)
    later(last_seen=timedelta(minutes=2))
    with pytest.raises(PressroomError, match=r"sign_in\.needed"):
        actor_of_token(signed_in.session.token, is_activity=False)


def test_a_session_ends_after_twelve_hours_whatever_happens(signed_in: SignedIn) -> None:
    """AC-33."""
    assert timedelta(hours=11, minutes=59) < signed_in.session.expires - now() <= timedelta(hours=12)
    later(expires=timedelta(hours=12))
    with pytest.raises(PressroomError, match=r"sign_in\.needed"):
        actor_of_token(signed_in.session.token)


def test_use_is_noted_once_a_minute(signed_in: SignedIn) -> None:
    def last_seen() -> object:
        with system_session(read_only=True) as session:
            return session.scalar(select(SignInSession.last_seen))

    before = last_seen()
    actor_of_token(signed_in.session.token)
    assert last_seen() == before
    later(last_seen=timedelta(seconds=61))
    actor_of_token(signed_in.session.token)
    assert last_seen() > before  # type: ignore[operator]


def test_an_organization_shortens_its_sessions_and_open_ones_follow_at_once(
    administrator: Actor, signed_in: SignedIn
) -> None:
    """AC-33."""
    rules = set_sign_in_rules(administrator, Rules(idle_minutes=10, session_hours=2))
    assert (rules.idle_minutes, rules.session_hours) == (10, 2)
    later(last_seen=timedelta(minutes=11))
    with pytest.raises(PressroomError, match=r"sign_in\.needed"):
        actor_of_token(signed_in.session.token)
    again = sign_in(administrator.email, PASSWORD, HOME)
    assert again.session.expires - now() <= timedelta(hours=2)
    assert actions().count("sign_in_rules.changed") == 1


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        (Rules(shortest_password=7), "sign_in.not_stricter"),
        (Rules(shortest_password=65), "sign_in.not_stricter"),
        (Rules(refused_passwords=11), "sign_in.not_stricter"),
        (Rules(idle_minutes=31), "sign_in.not_stricter"),
        (Rules(idle_minutes=4), "sign_in.not_stricter"),
        (Rules(session_hours=13), "sign_in.not_stricter"),
        (Rules(second_factor_roles=("Emperor",)), "sign_in.no_such_role"),
    ],
)
def test_rules_can_only_be_made_stricter(administrator: Actor, rules: Rules, code: str) -> None:
    """AC-92."""
    with pytest.raises(PressroomError) as caught:
        set_sign_in_rules(administrator, rules)
    assert caught.value.code == code
    assert sign_in_rules(administrator) == Rules()


def test_rules_are_the_organizations_own(administrator: Actor, stranger: Actor, colleague: Actor) -> None:
    set_sign_in_rules(administrator, Rules(shortest_password=12))
    assert (sign_in_rules(colleague).shortest_password, sign_in_rules(stranger).shortest_password) == (12, 8)
    with pytest.raises(PressroomError, match=r"role\.missing"):
        set_sign_in_rules(colleague, Rules())


@pytest.fixture
def sessions(administrator: Actor) -> tuple[Actor, str, str]:
    """The administrator in a session of theirs, and the tokens of it and of another."""
    here, there = (sign_in(administrator.email, PASSWORD, origin).session.token for origin in (HOME, AWAY))
    return actor_of_token(here), here, there


def test_people_see_and_end_their_sessions(sessions: tuple[Actor, str, str]) -> None:
    actor, _here, there = sessions
    listed = own_sessions(actor)
    assert {(view.address, view.is_current) for view in listed} == {(HOME.address, True), (AWAY.address, False)}
    end_own_session(actor, next(view.id for view in listed if not view.is_current))
    with pytest.raises(PressroomError, match=r"sign_in\.needed"):
        actor_of_token(there)
    with pytest.raises(PressroomError, match="not_found"):
        end_own_session(actor, "0" * 32)
    assert actions()[-1] == "session.revoked"


def test_people_end_all_their_other_sessions(sessions: tuple[Actor, str, str]) -> None:
    actor, here, _there = sessions
    assert end_own_other_sessions(actor) == 1
    assert actor_of_token(here)


def test_administrators_see_sessions_of_their_own_organization_only(
    sessions: tuple[Actor, str, str], stranger: Actor, colleague: Actor
) -> None:
    actor, _here, _there = sessions
    assert len(sessions_of(actor, actor.user_id)) == 2
    with pytest.raises(PressroomError, match="not_found"):
        sessions_of(stranger, actor.user_id)
    with pytest.raises(PressroomError, match=r"role\.missing"):
        sessions_of(colleague, actor.user_id)


def test_password_is_kept_as_argon2id(administrator: Actor) -> None:
    with system_session() as session:
        assert session.scalars(select(User)).one().password_hash.startswith("$argon2id$")
