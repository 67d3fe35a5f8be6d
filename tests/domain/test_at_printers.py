"""Signing in at printers: every method, every refusal, limits, sessions; and what happens at the same time.

Everything here is tried on SQLite and on a real PostgreSQL.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pyotp
import pytest
from sqlalchemy import select, update

from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor
from domain.organizations.models import User, UserStatus, now
from domain.printer_login import own
from domain.printer_login.at_printers import (
    Asked,
    BadgeProof,
    CodeProof,
    PinProof,
    Proof,
    sign_in_at_printer,
)
from domain.printer_login.badge_registration import PasswordProof, register_at_printer
from domain.printer_login.badges import NewBadge, list_badges, register_badge
from domain.printer_login.claims import apply_claims
from domain.printer_login.configuration import change_settings
from domain.printer_login.guards import LIMITS, Guarded
from domain.printer_login.login_codes import current_code, new_code
from domain.printer_login.models import Badge, LoginCode, LoginGuard, Origin, Pin, PrinterSession
from domain.printer_login.pins import list_pins
from domain.printer_login.printer_sessions import (
    LONGEST_SESSION,
    Panel,
    SignedIn,
    badge_out,
    sign_out_at_printer,
    visitor_at_printer,
)
from domain.printer_login.rules import LoginMethod, PrinterLoginSettings, Screen
from domain.sign_in.models import SignInSession
from domain.sign_in.second_factor import begin_enrolment, finish_enrolment
from domain.tenancy import system_session
from tests.support.installation import PASSWORD, Installation, installed

T = TypeVar("T")
RACERS = 8


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """An installation of its own for each test."""
    if request.param == "sqlite":
        with installed(tmp_path) as one:
            yield one
        return
    url = request.getfixturevalue("postgres")
    with installed(tmp_path, database_url=url) as one:
        yield one


@pytest.fixture
def ann(office: Installation) -> Actor:
    return office.add_person("ann@pressroom.example")


@pytest.fixture
def bob(office: Installation) -> Actor:
    return office.add_person("bob@pressroom.example")


def configure(office: Installation, **values: object) -> None:
    change_settings(office.administrator, PrinterLoginSettings.model_validate(values))


def at(office: Installation, printer: str = "printer-1", screen: Screen = Screen.FULL) -> Panel:
    return Panel(office.administrator.organization_id, printer, screen, "application", "192.0.2.7")


def signed_in(panel: Panel, proof: Proof) -> SignedIn:
    outcome = sign_in_at_printer(panel, proof)
    assert isinstance(outcome, SignedIn)
    return outcome


def code(attempt: Callable[[], object]) -> str:
    with pytest.raises(PressroomError) as caught:
        attempt()
    return caught.value.code


def racing(attempts: list[Callable[[], T]]) -> list[T | str]:
    """All attempts at the same moment; what each gave, or the code of its fault."""
    barrier = Barrier(len(attempts))

    def run(attempt: Callable[[], T]) -> T | str:
        barrier.wait()
        try:
            return attempt()
        except PressroomError as error:
            return error.code

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))


def as_if(table: type[Badge | Pin | LoginCode | PrinterSession | LoginGuard], **values: object) -> None:
    with system_session() as session:
        session.execute(update(table).values(**values))


class TestBadge:
    def test_a_known_badge_signs_its_owner_in(self, office: Installation, ann: Actor) -> None:
        register_badge(office.administrator, ann.email, NewBadge("04a1b2c3"))
        outcome = signed_in(at(office), BadgeProof("04A1B2C3"))
        assert outcome.actor.user_id == ann.user_id
        assert outcome.method is LoginMethod.BADGE
        visitor = visitor_at_printer(ann.organization_id, outcome.token)
        assert (visitor.actor.user_id, visitor.printer_id) == (ann.user_id, "printer-1")
        assert list_badges(office.administrator)[0].last_used is not None
        with system_session(read_only=True) as session:
            event = session.scalars(select(AuditEvent).where(AuditEvent.action == "printer.signed_in")).one()
            assert (event.user_id, event.target_id, event.address) == (ann.user_id, "printer-1", "192.0.2.7")
            assert session.scalars(select(PrinterSession)).one().token_hash != outcome.token

    def test_the_organizations_card_readers_are_understood(self, office: Installation, ann: Actor) -> None:
        reader = {"start_delimiter": ";", "end_delimiter": "?", "sent_as": "hex", "registered_as": "decimal"}
        configure(office, methods=["badge"], card_reader=reader)
        register_badge(office.administrator, ann.email, NewBadge("77705923"))
        assert signed_in(at(office), BadgeProof(";04a1b2c3?")).actor.user_id == ann.user_id
        assert code(lambda: sign_in_at_printer(at(office), BadgeProof("not a number"))) == "badge.unreadable"

    def test_an_unknown_badge_is_to_be_registered(self, office: Installation, ann: Actor) -> None:
        """AC-163, PR-190, PR-183"""
        assert sign_in_at_printer(at(office), BadgeProof("4711")) is Asked.REGISTRATION

    def test_a_badge_from_the_directory_is_not_to_be_registered(self, office: Installation, ann: Actor) -> None:
        """AC-146, PR-183: whoever signs in at the organization's provider has brought its number along."""
        assert sign_in_at_printer(at(office), BadgeProof("E-100")) is Asked.REGISTRATION
        with system_session() as session:
            apply_claims(session, session.get_one(User, ann.user_id), badge="E-100")
        assert signed_in(at(office), BadgeProof("E-100")).actor.user_id == ann.user_id

    def test_addresses_of_badges_are_one_whatever_their_case(self, office: Installation, ann: Actor) -> None:
        """PR-187"""
        register_badge(office.administrator, " ANN@Pressroom.Example ", NewBadge("4711"))
        assert signed_in(at(office), BadgeProof("4711")).actor.user_id == ann.user_id
        (badge,) = list_badges(office.administrator, search="Ann@PRESSROOM.example")
        assert badge.email == ann.email

    def test_a_badge_of_another_organization_is_unknown(self, office: Installation) -> None:
        register_badge(office.stranger, "administrator@another.example", NewBadge("4711"))
        assert sign_in_at_printer(at(office), BadgeProof("4711")) is Asked.REGISTRATION

    def test_a_temporary_badge_is_refused_after_24_hours(self, office: Installation, ann: Actor) -> None:
        """PR-183, acceptance check 8; nothing has to run in between."""
        register_badge(office.administrator, ann.email, NewBadge("4711", temporary=True))
        signed_in(at(office), BadgeProof("4711"))
        as_if(Badge, expires=now() - timedelta(seconds=1))
        assert code(lambda: sign_in_at_printer(at(office), BadgeProof("4711"))) == "badge.expired"


class TestRegistration:
    """AC-163"""

    def test_whoever_signs_in_with_the_badge_has_it_from_then_on(self, office: Installation, ann: Actor) -> None:
        assert sign_in_at_printer(at(office), BadgeProof("4711")) is Asked.REGISTRATION
        outcome = register_at_printer(at(office), "4711", PasswordProof(" ANN@pressroom.example ", PASSWORD))
        assert outcome.actor.user_id == ann.user_id
        assert signed_in(at(office), BadgeProof("4711")).actor.user_id == ann.user_id
        (badge,) = list_badges(office.administrator)
        assert (badge.origin, badge.number) == (Origin.PRINTER, None)
        with system_session(read_only=True) as session:
            assert session.scalars(select(SignInSession).where(SignInSession.user_id == ann.user_id)).all() == []
            assert {guard.attempts for guard in session.scalars(select(LoginGuard))} == {0}

    def test_a_login_code_proves_it_too(self, office: Installation, ann: Actor) -> None:
        one = new_code(ann).code
        assert register_at_printer(at(office), "4711", CodeProof(one)).actor.user_id == ann.user_id
        assert code(lambda: register_at_printer(at(office), "4712", CodeProof(one))) == "login_code.refused"
        configure(office, methods=["badge"])
        assert code(lambda: register_at_printer(at(office), "4712", CodeProof(one))) == "login_code.off"

    def test_who_cannot_prove_it_registers_nothing_and_the_printer_locks(
        self, office: Installation, ann: Actor
    ) -> None:
        attempts = [
            PasswordProof(ann.email, "wrong"),
            PasswordProof("nobody@example.com", PASSWORD),
            PasswordProof("", ""),
        ]
        for proof in attempts:
            refused = code(lambda proof=proof: register_at_printer(at(office), "4711", proof))
            assert refused == "printer_login.credentials_refused"
        foreign = PasswordProof("administrator@another.example", PASSWORD)
        assert code(lambda: register_at_printer(at(office), "4711", foreign)) == "printer_login.person_refused"
        assert code(lambda: register_at_printer(at(office), "4711", CodeProof("12345678"))) == "login_code.refused"
        right = PasswordProof(ann.email, PASSWORD)
        assert code(lambda: register_at_printer(at(office), "4711", right)) == "printer_login.printer_locked"
        assert list_badges(office.administrator) == []

    def test_somebody_elses_badge_stays_theirs_until_it_has_expired(
        self, office: Installation, ann: Actor, bob: Actor
    ) -> None:
        register_badge(office.administrator, bob.email, NewBadge("4711", temporary=True))
        proof = PasswordProof(ann.email, PASSWORD)
        assert code(lambda: register_at_printer(at(office), "4711", proof)) == "badge.taken"
        as_if(Badge, expires=now() - timedelta(seconds=1))
        assert register_at_printer(at(office), "4711", proof).actor.user_id == ann.user_id

    def test_an_authenticator_app_is_asked_for_at_printers_too(self, office: Installation, ann: Actor) -> None:
        with system_session() as session:
            enrolment = begin_enrolment(session, session.get_one(User, ann.user_id))
        with system_session() as session:
            app_code = pyotp.TOTP(enrolment.secret).now()
            recovery = finish_enrolment(session, session.get_one(User, ann.user_id), app_code)
        bare = PasswordProof(ann.email, PASSWORD)
        assert code(lambda: register_at_printer(at(office), "4711", bare)) == "printer_login.app_code_needed"
        proof = PasswordProof(ann.email, PASSWORD, recovery[0])
        assert register_at_printer(at(office), "4711", proof).actor.user_id == ann.user_id

    def test_small_panels_and_organizations_without_badges_register_none(
        self, office: Installation, ann: Actor
    ) -> None:
        proof = PasswordProof(ann.email, PASSWORD)
        small = at(office, screen=Screen.SMALL)
        assert code(lambda: register_at_printer(small, "4711", proof)) == "printer_login.no_reader"
        configure(office, methods=["pin"])
        assert code(lambda: register_at_printer(at(office), "4711", proof)) == "printer_login.method_off"


class TestSecondFactor:
    @pytest.fixture(autouse=True)
    def _configured(self, office: Installation, ann: Actor, bob: Actor) -> None:
        configure(office, mode="badge_and_pin", methods=["secure_login"])
        for person, number in ((ann, "4711"), (bob, "4712")):
            register_badge(office.administrator, person.email, NewBadge(number))
        own.set_own_pin(ann, "482915")
        own.set_own_pin(bob, "582915")

    def test_the_pin_is_asked_for_after_the_badge(self, office: Installation, ann: Actor) -> None:
        """AC-150"""
        assert sign_in_at_printer(at(office), BadgeProof("4711")) is Asked.PIN
        assert signed_in(at(office), BadgeProof("4711", "482915")).actor.user_id == ann.user_id

    @pytest.mark.parametrize("pin", ["582915", "000000", ""])
    def test_only_the_owners_pin_counts(self, office: Installation, pin: str) -> None:
        assert code(lambda: sign_in_at_printer(at(office), BadgeProof("4711", pin))) == "pin.refused"

    def test_without_a_valid_pin_it_is_told_at_once(self, office: Installation, ann: Actor) -> None:
        as_if(Pin, expires=now() - timedelta(seconds=1))
        assert code(lambda: sign_in_at_printer(at(office), BadgeProof("4711"))) == "pin.expired"
        assert code(lambda: sign_in_at_printer(at(office), BadgeProof("4711", "482915"))) == "pin.expired"
        own.remove_own_pin(ann)
        assert code(lambda: sign_in_at_printer(at(office), BadgeProof("4711"))) == "pin.missing"

    def test_a_pin_alone_opens_nothing(self, office: Installation) -> None:
        for screen in Screen:
            panel = at(office, screen=screen)
            assert code(lambda panel=panel: sign_in_at_printer(panel, PinProof("482915"))) == (
                "printer_login.method_off"
            )

    def test_secure_login_is_the_alternative(self, office: Installation, ann: Actor) -> None:
        panel = at(office, screen=Screen.SMALL)
        assert signed_in(panel, CodeProof(new_code(ann).code)).actor.user_id == ann.user_id

    def test_guessing_at_one_persons_pin_is_stopped_at_every_printer(self, office: Installation) -> None:
        for number in range(LIMITS[Guarded.PERSON].attempts):
            panel = at(office, f"printer-{number}")
            assert code(lambda panel=panel: sign_in_at_printer(panel, BadgeProof("4711", "999999"))) == "pin.refused"
        elsewhere = at(office, "printer-9")
        locked = code(lambda: sign_in_at_printer(elsewhere, BadgeProof("4711", "482915")))
        assert locked == "printer_login.person_locked"
        signed_in(elsewhere, BadgeProof("4712", "582915"))
        as_if(LoginGuard, locked_until=now() - timedelta(seconds=1))
        signed_in(elsewhere, BadgeProof("4711", "482915"))


class TestPin:
    @pytest.fixture(autouse=True)
    def _configured(self, office: Installation, ann: Actor) -> None:
        configure(office, methods=["badge", "pin"], pin_expiry={"amount": 1, "unit": "days"})
        own.set_own_pin(ann, "012915")

    def test_a_pin_tells_who_it_is(self, office: Installation, ann: Actor) -> None:
        for screen in Screen:
            outcome = signed_in(at(office, screen=screen), PinProof("012915"))
            assert (outcome.actor.user_id, outcome.pin_must_be_reset) == (ann.user_id, False)

    def test_a_pin_of_the_former_length_works_until_it_is_set_anew(self, office: Installation, ann: Actor) -> None:
        """AC-154"""
        configure(office, methods=["pin"], pin_length=8)
        assert signed_in(at(office), PinProof("012915")).pin_must_be_reset
        own.set_own_pin(ann, "01291537")
        assert code(lambda: sign_in_at_printer(at(office), PinProof("012915"))) == "pin.refused"
        assert not signed_in(at(office), PinProof("01291537")).pin_must_be_reset

    def test_wrong_expired_and_foreign_pins_are_refused(self, office: Installation) -> None:
        for pin in ("12915", "0129150", "999999", ""):
            assert code(lambda pin=pin: sign_in_at_printer(at(office, pin), PinProof(pin))) == "pin.refused"
        as_if(Pin, expires=now() - timedelta(seconds=1))
        assert code(lambda: sign_in_at_printer(at(office), PinProof("012915"))) == "pin.expired"

    def test_five_failures_lock_the_printer_for_five_minutes(self, office: Installation) -> None:
        """AC-162; a success in between does not start the count anew."""
        for number in range(4):
            assert code(lambda number=number: sign_in_at_printer(at(office), PinProof(f"99999{number}")))
        signed_in(at(office), PinProof("012915"))
        assert code(lambda: sign_in_at_printer(at(office), PinProof("999995"))) == "pin.refused"
        with pytest.raises(PressroomError) as caught:
            sign_in_at_printer(at(office), PinProof("012915"))
        assert caught.value.code == "printer_login.printer_locked"
        assert caught.value.facts == {"minutes": 5}
        signed_in(at(office, "printer-2"), PinProof("012915"))
        as_if(LoginGuard, locked_until=now() - timedelta(seconds=1))
        signed_in(at(office), PinProof("012915"))

    def test_failures_are_forgotten_after_five_minutes(self, office: Installation) -> None:
        for number in range(4):
            code(lambda number=number: sign_in_at_printer(at(office), PinProof(f"99999{number}")))
        as_if(LoginGuard, began=now() - timedelta(minutes=5, seconds=1))
        for number in range(4):
            assert code(lambda number=number: sign_in_at_printer(at(office), PinProof(f"99999{number}"))) == (
                "pin.refused"
            )
        signed_in(at(office), PinProof("012915"))


class TestLoginCode:
    def test_a_code_works_once(self, office: Installation, ann: Actor) -> None:
        """PR-185, acceptance check 8."""
        one = new_code(ann).code
        assert signed_in(at(office), CodeProof(one)).actor.user_id == ann.user_id
        assert code(lambda: sign_in_at_printer(at(office), CodeProof(one))) == "login_code.refused"
        assert current_code(ann) is None

    def test_a_code_ends_after_fifteen_minutes_and_by_being_renewed(self, office: Installation, ann: Actor) -> None:
        one, two = new_code(ann).code, new_code(ann).code
        assert code(lambda: sign_in_at_printer(at(office), CodeProof(one))) == "login_code.refused"
        as_if(LoginCode, expires=now() - timedelta(seconds=1))
        assert code(lambda: sign_in_at_printer(at(office), CodeProof(two))) == "login_code.refused"

    def test_a_code_is_nobodys_in_another_organization(self, office: Installation) -> None:
        one = new_code(office.stranger).code
        assert code(lambda: sign_in_at_printer(at(office), CodeProof(one))) == "login_code.refused"

    def test_of_two_printers_one_wins(self, office: Installation, ann: Actor) -> None:
        one = new_code(ann).code
        panels = [at(office, f"printer-{number}") for number in range(RACERS)]
        outcomes = racing([lambda panel=panel: signed_in(panel, CodeProof(one)) for panel in panels])
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["SignedIn", *["str"] * (RACERS - 1)]
        assert {outcome for outcome in outcomes if isinstance(outcome, str)} == {"login_code.refused"}


class TestWhoIsRefused:
    @pytest.mark.parametrize("status", [UserStatus.DEACTIVATED, UserStatus.DELETED])
    def test_accounts_that_have_ended(self, office: Installation, ann: Actor, status: UserStatus) -> None:
        configure(office, methods=["badge", "pin", "secure_login"])
        register_badge(office.administrator, ann.email, NewBadge("4711"))
        own.set_own_pin(ann, "482915")
        one = new_code(ann).code
        session = signed_in(at(office), BadgeProof("4711"))
        with system_session() as records:
            records.get_one(User, ann.user_id).status = status
        for proof in (BadgeProof("4711"), PinProof("482915"), CodeProof(one)):
            refused = code(lambda proof=proof: sign_in_at_printer(at(office), proof))
            assert refused == "printer_login.person_refused"
        assert code(lambda: visitor_at_printer(ann.organization_id, session.token)) == "printer_login.person_refused"

    def test_methods_that_are_not_chosen(self, office: Installation, ann: Actor) -> None:
        proofs: dict[LoginMethod, Proof] = {
            LoginMethod.BADGE: BadgeProof("4711"),
            LoginMethod.PIN: PinProof("482915"),
            LoginMethod.SECURE_LOGIN: CodeProof("12345678"),
        }
        for chosen in LoginMethod:
            configure(office, methods=[chosen])
            for method, proof in proofs.items():
                if method is not chosen:
                    refused = code(lambda proof=proof: sign_in_at_printer(at(office), proof))
                    assert refused == "printer_login.method_off"

    def test_small_panels_take_no_badge(self, office: Installation, ann: Actor) -> None:
        """AC-156"""
        register_badge(office.administrator, ann.email, NewBadge("4711"))
        panel = at(office, screen=Screen.SMALL)
        assert code(lambda: sign_in_at_printer(panel, BadgeProof("4711"))) == "printer_login.no_reader"

    def test_trying_out_badge_numbers_is_stopped(self, office: Installation) -> None:
        for number in range(LIMITS[Guarded.UNKNOWN_BADGES].attempts):
            assert sign_in_at_printer(at(office), BadgeProof(f"card {number}")) is Asked.REGISTRATION
        assert code(lambda: sign_in_at_printer(at(office), BadgeProof("card"))) == "printer_login.printer_locked"


class TestSessions:
    @pytest.fixture
    def session(self, office: Installation, ann: Actor, bob: Actor) -> SignedIn:
        configure(office, methods=["badge"], session_seconds=60)
        register_badge(office.administrator, ann.email, NewBadge("4711"))
        register_badge(office.administrator, bob.email, NewBadge("4712"))
        return signed_in(at(office), BadgeProof("4711"))

    def living(self, ann: Actor, session: SignedIn) -> bool:
        (outcome,) = racing([lambda: visitor_at_printer(ann.organization_id, session.token)])
        assert outcome == "printer_session.ended" or not isinstance(outcome, str)
        return not isinstance(outcome, str)

    def test_a_touch_keeps_it_and_silence_ends_it(self, ann: Actor, session: SignedIn) -> None:
        assert session.idle_seconds == 60
        as_if(PrinterSession, last_seen=now() - timedelta(seconds=50))
        assert self.living(ann, session)
        with system_session(read_only=True) as records:
            assert now() - records.scalars(select(PrinterSession)).one().last_seen < timedelta(seconds=10)
        as_if(PrinterSession, last_seen=now() - timedelta(seconds=66))
        assert not self.living(ann, session)

    def test_it_ends_at_last_whatever_happens(self, ann: Actor, session: SignedIn) -> None:
        as_if(PrinterSession, created=now() - LONGEST_SESSION - timedelta(seconds=1))
        assert not self.living(ann, session)

    def test_signing_out_ends_it(self, ann: Actor, session: SignedIn) -> None:
        sign_out_at_printer(ann.organization_id, session.token)
        sign_out_at_printer(ann.organization_id, session.token)
        assert not self.living(ann, session)

    def test_the_own_badge_ends_it_and_another_does_not(self, ann: Actor, session: SignedIn) -> None:
        assert code(lambda: badge_out(ann.organization_id, session.token, "4712")) == "printer_session.other_badge"
        assert self.living(ann, session)
        badge_out(ann.organization_id, session.token, "4711")
        assert not self.living(ann, session)

    def test_the_next_person_takes_its_place_at_that_printer_only(
        self, office: Installation, ann: Actor, session: SignedIn
    ) -> None:
        elsewhere = signed_in(at(office, "printer-2"), BadgeProof("4711"))
        signed_in(at(office), BadgeProof("4712"))
        assert not self.living(ann, session)
        assert self.living(ann, elsewhere)

    def test_the_token_is_worthless_in_another_organization(self, office: Installation, session: SignedIn) -> None:
        foreign = office.stranger.organization_id
        assert code(lambda: visitor_at_printer(foreign, session.token)) == "printer_session.ended"


class TestAtTheSameTime:
    def test_attempts_in_parallel_do_not_slip_past_the_limit(self, office: Installation, ann: Actor) -> None:
        configure(office, methods=["pin"])
        attempts = [lambda n=n: signed_in(at(office), PinProof(f"99990{n}")) for n in range(RACERS)]
        outcomes = racing(attempts)
        assert sorted(outcomes) == ["pin.refused"] * 5 + ["printer_login.printer_locked"] * 3

    def test_one_pin_for_many_people_goes_to_one(self, office: Installation) -> None:
        """AC-177: the unique constraint decides."""
        configure(office, methods=["pin"])
        people = [office.add_person(f"racer{number}@pressroom.example") for number in range(RACERS)]
        outcomes = racing([lambda person=person: own.set_own_pin(person, "482915") for person in people])
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["PinView", *["str"] * (RACERS - 1)]
        assert {outcome for outcome in outcomes if isinstance(outcome, str)} == {"pin.taken"}
        assert len(list_pins(office.administrator)) == 1

    def test_many_pins_for_one_person_leave_one(self, office: Installation, ann: Actor) -> None:
        configure(office, methods=["pin"])
        outcomes = racing([lambda n=n: own.set_own_pin(ann, f"48291{n}") for n in range(RACERS)])
        assert [outcome for outcome in outcomes if isinstance(outcome, str)] == []
        assert len(list_pins(office.administrator)) == 1

    def test_one_badge_for_many_people_goes_to_one(self, office: Installation) -> None:
        """AC-170"""
        people = [office.add_person(f"racer{number}@pressroom.example") for number in range(RACERS)]
        outcomes = racing([lambda person=person: own.register_own_badge(person, "4711") for person in people])
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["BadgeView", *["str"] * (RACERS - 1)]
        assert {outcome for outcome in outcomes if isinstance(outcome, str)} == {"badge.taken"}

    def test_codes_asked_for_at_the_same_time_leave_one_that_works(self, office: Installation, ann: Actor) -> None:
        outcomes = racing([lambda: new_code(ann) for _ in range(RACERS)])
        assert [outcome for outcome in outcomes if isinstance(outcome, str)] == []
        with system_session(read_only=True) as session:
            assert len(session.scalars(select(LoginCode)).all()) == 1
        last = current_code(ann)
        assert last is not None
        signed_in(at(office), CodeProof(last.code))
