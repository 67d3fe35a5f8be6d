"""Second factors, with an authenticator that is not the product's own library: each code once, recovery, duty."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import select

from benchmarks.installation import PASSWORD
from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.sign_in import second_factor
from domain.sign_in.confirmation import confirm, need_confirmation
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.links import send_link, set_password_by_link
from domain.sign_in.locks import FREE_FAILURES
from domain.sign_in.models import LinkPurpose, RecoveryCode, SecondFactor, SignInMethod, SignInSession
from domain.sign_in.own_second_factor import (
    begin_own_second_factor,
    finish_own_second_factor,
    make_own_recovery_codes,
    own_second_factor,
    remove_own_second_factor,
    reset_second_factor,
)
from domain.sign_in.rules import Rules, set_sign_in_rules
from domain.sign_in.service import (
    Halfway,
    SignedIn,
    begin_sign_in,
    enrolment_of,
    finish_enrolling_sign_in,
    finish_sign_in,
    sign_in,
)
from domain.tenancy import system_session
from tests.domain.sessions import again, in_session, not_fresh
from tests.domain.test_links import mailed_tokens


class Authenticator:
    """An app that has scanned the picture: it knows what the address in it says, and what time it is."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.facts = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.label = unquote(parts.path.lstrip("/"))
        assert (parts.scheme, parts.netloc) == ("otpauth", "totp")

    def code(self, moment: datetime) -> str:
        from base64 import b32decode

        digits, period = int(self.facts.get("digits", 6)), int(self.facts.get("period", 30))
        key = b32decode(self.facts["secret"])
        return TOTP(key, digits, SHA1(), period, enforce_key_length=False).generate(int(moment.timestamp())).decode()


class Clock:
    """The time, which only passes when a test says so."""

    def __init__(self) -> None:
        self.now = datetime(2027, 3, 1, 12, 0, 15, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: int) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(second_factor, "now", clock)
    return clock


@pytest.fixture
def person(administrator: Actor) -> Actor:
    return in_session(administrator)


@pytest.fixture
def app(person: Actor, clock: Clock) -> Authenticator:
    """The person's authenticator, in force."""
    app = Authenticator(begin_own_second_factor(person).address)
    finish_own_second_factor(person, app.code(clock.now))
    clock.passes(60)
    return app


def half(person: Actor) -> str:
    begun = begin_sign_in(person.email, PASSWORD)
    assert isinstance(begun, Halfway)
    return begun.ticket


def refused(person: Actor, code: str) -> str:
    with pytest.raises(PressroomError) as caught:
        finish_sign_in(half(person), code)
    return caught.value.code


def actions() -> list[str]:
    with system_session(read_only=True) as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def test_setting_it_up_takes_a_first_code_and_is_told_by_mail(person: Actor, clock: Clock) -> None:
    enrolment = begin_own_second_factor(person)
    app = Authenticator(enrolment.address)
    assert app.label == f"Pressroom:{person.email}"
    assert app.facts["secret"] == enrolment.secret
    assert re.match(r"<svg[^>]*>.*</svg>", enrolment.qr_svg(), re.DOTALL)
    with pytest.raises(PressroomError, match=r"sign_in\.code_wrong"):
        finish_own_second_factor(person, "000000")
    assert own_second_factor(person).since is None
    assert isinstance(begin_sign_in(person.email, PASSWORD), SignedIn), "it is not in force yet"
    assert begin_own_second_factor(person) == enrolment, "looking again does not change the picture"
    codes = finish_own_second_factor(person, app.code(clock.now))
    assert len(set(codes)) == 10
    assert own_second_factor(person).recovery_codes == 10
    assert "second_factor.set_up" in actions()
    with system_session(read_only=True) as session:
        kept = session.scalars(select(SecondFactor)).one()
        hashes = session.scalars(select(RecoveryCode.code_hash)).all()
        assert len(session.scalars(select(OutgoingMail)).all()) == 1
    assert enrolment.secret not in kept.secret
    assert not {code for code in codes if any(code in kept for kept in hashes)}


def test_signing_in_takes_the_password_and_a_code(person: Actor, app: Authenticator, clock: Clock) -> None:
    code = app.code(clock.now)
    signed_in = finish_sign_in(half(person), f" {code[:3]} {code[3:]} ")
    assert actor_of_token(signed_in.session.token).user_id == person.user_id
    with system_session(read_only=True) as session:
        methods = session.scalars(select(SignInSession.method).order_by(SignInSession.created)).all()
    assert methods[-1] == SignInMethod.PASSWORD_AND_CODE


def test_a_link_to_set_a_password_does_not_go_around_it(person: Actor, app: Authenticator, clock: Clock) -> None:
    """Who can read somebody's mail gets a new password, and still no session."""
    with system_session() as session:
        send_link(session, session.get_one(User, person.user_id), LinkPurpose.RESET)
    set_password_by_link(mailed_tokens()[-1], "Another 7 horses, please")
    begun = begin_sign_in(person.email, "Another 7 horses, please")
    assert isinstance(begun, Halfway)
    with pytest.raises(PressroomError, match=r"sign_in\.needed"):
        actor_of_token(begun.ticket)
    assert finish_sign_in(begun.ticket, app.code(clock.now)).actor.user_id == person.user_id


def test_programs_send_both_at_once(person: Actor, app: Authenticator, clock: Clock) -> None:
    with pytest.raises(PressroomError, match=r"sign_in\.code_needed"):
        sign_in(person.email, PASSWORD)
    assert sign_in(person.email, PASSWORD, code=app.code(clock.now))


def test_a_ticket_of_the_first_step_is_no_session(person: Actor, app: Authenticator) -> None:
    with pytest.raises(PressroomError, match=r"sign_in\.needed"):
        actor_of_token(half(person))


def test_a_code_works_once_and_none_before_it_afterwards(person: Actor, app: Authenticator, clock: Clock) -> None:
    before, present = app.code(clock.now - timedelta(seconds=30)), app.code(clock.now)
    finish_sign_in(half(person), present)
    assert refused(person, present) == "sign_in.code_wrong"
    assert refused(person, before) == "sign_in.code_wrong"
    finish_sign_in(half(person), app.code(clock.passes(30)))


@pytest.mark.parametrize(("seconds", "works"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_clocks_may_differ_by_half_a_minute(
    person: Actor, app: Authenticator, clock: Clock, seconds: int, works: bool
) -> None:
    code = app.code(clock.now + timedelta(seconds=seconds))
    if works:
        assert finish_sign_in(half(person), code)
    else:
        assert refused(person, code) == "sign_in.code_wrong"


@pytest.mark.parametrize("code", ["", "0", "12345", "١٢٣٤٥٦", "abcdef", "x" * 64])
def test_nonsense_is_no_code(person: Actor, app: Authenticator, code: str) -> None:
    assert refused(person, code) == "sign_in.code_wrong"


def test_a_ticket_works_once_and_for_ten_minutes(person: Actor, app: Authenticator, clock: Clock) -> None:
    ticket = half(person)
    finish_sign_in(ticket, app.code(clock.now))
    with pytest.raises(PressroomError, match=r"sign_in\.half_over"):
        finish_sign_in(ticket, app.code(clock.passes(30)))
    with pytest.raises(PressroomError, match=r"sign_in\.half_over"):
        finish_sign_in("made up", app.code(clock.passes(30)))


def test_guessing_codes_locks_the_account_although_the_password_is_right(person: Actor, app: Authenticator) -> None:
    for _ in range(FREE_FAILURES):
        assert refused(person, "000000") == "sign_in.code_wrong"
    with pytest.raises(PressroomError, match=r"sign_in\.locked"):
        begin_sign_in(person.email, PASSWORD)
    assert actions().count("sign_in.locked") == 1


def test_recovery_codes_work_once_each_and_new_ones_replace_them(
    person: Actor, app: Authenticator, clock: Clock
) -> None:
    first, second, *_ = make_own_recovery_codes(person)
    finish_sign_in(half(person), first.upper().replace("-", " "))
    assert refused(person, first) == "sign_in.code_wrong"
    assert own_second_factor(person).recovery_codes == 9
    make_own_recovery_codes(person)
    assert refused(person, second) == "sign_in.code_wrong"


def test_a_new_app_takes_the_place_of_the_old_one_with_its_first_code(
    person: Actor, app: Authenticator, clock: Clock
) -> None:
    new = Authenticator(begin_own_second_factor(person).address)
    assert new.facts["secret"] != app.facts["secret"]
    finish_sign_in(half(person), app.code(clock.now))
    finish_own_second_factor(person, new.code(clock.passes(30)))
    assert refused(person, app.code(clock.passes(60))) == "sign_in.code_wrong"
    finish_sign_in(half(person), new.code(clock.now))


def test_it_can_be_removed_unless_it_is_required(person: Actor, app: Authenticator, administrator: Actor) -> None:
    set_sign_in_rules(administrator, Rules(second_factor_roles=(Role.ORGANIZATION_ADMINISTRATOR.value,)))
    with pytest.raises(PressroomError, match=r"second_factor\.required"):
        remove_own_second_factor(person)
    set_sign_in_rules(administrator, Rules())
    remove_own_second_factor(person)
    assert isinstance(begin_sign_in(person.email, PASSWORD), SignedIn)
    assert "second_factor.removed" in actions()


@pytest.mark.parametrize(
    ("label", "is_asked"), [("User", True), ("Solutions User", True), ("Organization Administrator", False)]
)
def test_roles_may_require_one_and_it_is_then_set_up_at_the_next_sign_in(
    administrator: Actor, colleague: Actor, clock: Clock, label: str, is_asked: bool
) -> None:
    person = in_session(colleague)
    set_sign_in_rules(administrator, Rules(second_factor_roles=(label,)))
    begun = begin_sign_in(person.email, PASSWORD)
    assert isinstance(begun, Halfway) is is_asked
    if not isinstance(begun, Halfway):
        return
    assert begun.is_enrolment
    with pytest.raises(PressroomError, match=r"sign_in\.enrolment_needed"):
        sign_in(person.email, PASSWORD)
    with pytest.raises(PressroomError, match=r"sign_in\.half_over"):
        finish_sign_in(begun.ticket, "000000")
    app = Authenticator(enrolment_of(begun.ticket).address)
    with pytest.raises(PressroomError, match=r"sign_in\.code_wrong"):
        finish_enrolling_sign_in(begun.ticket, "000000")
    signed_in, codes = finish_enrolling_sign_in(begun.ticket, app.code(clock.now))
    assert (actor_of_token(signed_in.session.token).user_id, len(codes)) == (person.user_id, 10)
    with pytest.raises(PressroomError, match=r"sign_in\.half_over"):
        enrolment_of(begun.ticket)


def test_who_lost_it_is_helped_by_an_administrator_with_power_over_them(
    administrator: Actor, stranger: Actor, colleague: Actor, person: Actor, app: Authenticator
) -> None:
    with system_session() as session:
        session.get_one(User, colleague.user_id).roles = [Role.USER_ADMINISTRATOR.value]
    user_administrator = in_session(colleague)
    with pytest.raises(PressroomError, match=r"role\.missing"):
        reset_second_factor(user_administrator, person.user_id)  # who has more rights than they
    with pytest.raises(PressroomError, match="not_found"):
        reset_second_factor(in_session(stranger), person.user_id)
    reset_second_factor(person, user_administrator.user_id)  # who has none: nothing happens
    reset_second_factor(person, person.user_id)
    assert own_second_factor(person).since is None
    assert isinstance(begin_sign_in(person.email, PASSWORD), SignedIn)


def test_protecting_the_account_takes_a_fresh_proof(person: Actor, app: Authenticator, clock: Clock) -> None:
    stale = not_fresh(person)
    for change in (begin_own_second_factor, make_own_recovery_codes, remove_own_second_factor, need_confirmation):
        with pytest.raises(PressroomError, match=r"sign_in\.confirmation_needed"):
            change(stale)
    with pytest.raises(PressroomError, match=r"sign_in\.not_confirmed"):
        confirm(stale, "wrong", "000000")
    confirm(stale, password=PASSWORD)
    need_confirmation(again(stale))
    confirm(not_fresh(person), code=app.code(clock.now))
    need_confirmation(again(stale))
    with pytest.raises(PressroomError, match=r"sign_in\.not_confirmed"):
        confirm(stale, code=app.code(clock.now))  # used already
    assert actions()[-4:] == [
        "sign_in.not_confirmed",
        "sign_in.confirmed",
        "sign_in.confirmed",
        "sign_in.not_confirmed",
    ]


def test_guesses_at_the_proof_lock_like_those_at_signing_in(person: Actor) -> None:
    for _ in range(FREE_FAILURES):
        with pytest.raises(PressroomError, match=r"sign_in\.not_confirmed"):
            confirm(person, "wrong")
    with pytest.raises(PressroomError, match=r"sign_in\.locked"):
        confirm(person, PASSWORD)
