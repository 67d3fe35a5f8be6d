"""PINs of people: who may do what, what is kept, and what ends (AC-147…AC-178)."""

import re
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select

from benchmarks.installation import environment
from connectors.errors import PressroomError
from domain.mail.delivery import claim_mail, send_mail
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.printer_login import own
from domain.printer_login.at_printers import PinProof, sign_in_at_printer
from domain.printer_login.guards import LIMITS, Guarded
from domain.printer_login.models import Origin, Pin
from domain.printer_login.pins import PinState, list_pins, remove_pins, set_pin
from domain.printer_login.printer_sessions import Panel, SignedIn
from domain.tenancy import system_session
from tests.domain.login_methods import USER, code, configure, everything_kept, later, person
from tests.support.mail_server import mail_server


class TestPins:
    @pytest.mark.parametrize(
        ("generation", "administrators", "owners"),
        [
            ("auto", "mailed", "mailed"),
            ("administrator", "typed", "pin.set_by_administrators"),
            ("user", "pin.set_by_owners", "typed"),
        ],
    )
    def test_who_may_set_a_pin_follows_from_the_configuration(
        self, administrator: Actor, colleague: Actor, generation: str, administrators: str, owners: str
    ) -> None:
        """AC-176"""
        configure(administrator, methods=["pin"], pin_generation=generation)

        def way(setting: object) -> str:
            for typed, name in (("482915", "typed"), (None, "mailed")):
                try:
                    setting(typed)  # type: ignore[operator]
                except PressroomError as error:
                    refusal = error.code
                else:
                    return name
            return refusal

        assert way(lambda pin: set_pin(administrator, USER, pin)) == administrators
        assert way(lambda pin: own.set_own_pin(colleague, pin)) == owners

    @pytest.mark.parametrize(
        ("pin", "problem"),
        [
            ("12345", "pin.wrong_length"),
            ("1234567", "pin.wrong_length"),
            ("12a456", "pin.not_digits"),
            ("١٢٣٤٥٦", "pin.not_digits"),
            ("", "pin.not_digits"),
            ("111111", "pin.trivial"),
            ("456789", "pin.trivial"),
        ],
    )
    def test_what_is_no_good_pin(self, administrator: Actor, colleague: Actor, pin: str, problem: str) -> None:
        configure(administrator, methods=["pin"])
        assert code(lambda: own.set_own_pin(colleague, pin)) == problem

    def test_no_two_people_have_the_same(self, administrator: Actor, colleague: Actor, stranger: Actor) -> None:
        """AC-177"""
        for actor in (administrator, stranger):
            configure(actor, methods=["pin"])
        own.set_own_pin(colleague, "482915")
        assert code(lambda: own.set_own_pin(administrator, "482915")) == "pin.taken"
        own.set_own_pin(stranger, "482915")
        own.set_own_pin(colleague, "482915")
        own.set_own_pin(colleague, "582915")
        own.set_own_pin(administrator, "482915")

    def test_trying_out_the_pins_of_others_ends_soon(self, administrator: Actor, colleague: Actor) -> None:
        configure(administrator, methods=["pin"])
        for number in range(LIMITS[Guarded.PIN_CHANGES].attempts):
            own.set_own_pin(colleague, f"48291{number}")
        assert code(lambda: own.set_own_pin(colleague, "582910")) == "pin.too_many_changes"

    def test_without_pin_login_none_can_be_set(self, administrator: Actor, colleague: Actor) -> None:
        """AC-82"""
        configure(administrator, methods=["badge"], pin_generation="administrator")
        assert code(lambda: set_pin(administrator, USER, "482915")) == "pin.off"
        assert code(lambda: own.set_own_pin(colleague, "482915")) == "pin.off"

    def test_a_generated_pin_is_mailed_and_nowhere_else(self, administrator: Actor, colleague: Actor) -> None:
        configure(administrator, methods=["pin"], pin_generation="auto", pin_expiry={"amount": 1, "unit": "hours"})
        view = set_pin(administrator, USER)
        assert (view.state, view.origin, view.expires) == (PinState.SET, Origin.GENERATED, None)
        with system_session(read_only=True) as session:
            mail = session.scalars(select(OutgoingMail)).one()
        assert list(mail.recipients) == [USER]
        assert code(lambda: set_pin(administrator, USER, "482915")) == "pin.generated"

    def test_the_mail_says_the_pin_in_its_readers_language_and_the_pin_works(
        self, administrator: Actor, colleague: Actor
    ) -> None:
        """AC-173, on a real mail server; afterwards nothing of it is kept."""
        configure(administrator, methods=["pin"], pin_generation="auto")
        with system_session() as session:
            session.get_one(User, colleague.user_id).locale = "sv"
        own.set_own_pin(colleague)
        with (
            mail_server() as mailbox,
            environment({"PRESSROOM_SMTP_HOST": "127.0.0.1", "PRESSROOM_SMTP_PORT": str(mailbox.port)}),
        ):
            with system_session(read_only=True) as session:
                mail_id = session.scalars(select(OutgoingMail.id)).one()
            work = claim_mail(mail_id, "test")
            assert work is not None
            send_mail(work, lambda: None)
        (message,) = mailbox.messages
        assert (message["To"], message["Subject"]) == (USER, "Din nya pinkod för skrivare")
        plain = message.get_body(("plain",))
        assert plain is not None
        (pin,) = re.findall(r"\b\d{6}\b", plain.get_content())
        with system_session(read_only=True) as session:
            kept = session.scalars(select(OutgoingMail)).one()
        assert (kept.content, pin in everything_kept()) == ("", False)
        panel = Panel(administrator.organization_id, "printer")
        outcome = sign_in_at_printer(panel, PinProof(pin))
        assert isinstance(outcome, SignedIn)
        assert outcome.actor.user_id == colleague.user_id

    def test_generated_pins_avoid_those_that_are_taken(
        self, administrator: Actor, colleague: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """AC-177: a collision, or one that is easy to guess, is drawn again."""
        configure(administrator, methods=["pin"], pin_length=4)
        own.set_own_pin(administrator, "0712")
        configure(administrator, methods=["pin"], pin_length=4, pin_generation="auto")
        drawn = iter([712, 1234, 0, 713])
        monkeypatch.setattr(secrets, "randbelow", lambda limit: next(drawn))
        own.set_own_pin(colleague)
        panel = Panel(administrator.organization_id, "printer")
        outcome = sign_in_at_printer(panel, PinProof("0713"))
        assert isinstance(outcome, SignedIn)

    def test_where_hardly_any_pins_are_left_it_says_so(
        self, administrator: Actor, colleague: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        configure(administrator, methods=["pin"], pin_length=4)
        own.set_own_pin(administrator, "0712")
        configure(administrator, methods=["pin"], pin_length=4, pin_generation="auto")
        monkeypatch.setattr(secrets, "randbelow", lambda limit: 712)
        assert code(lambda: own.set_own_pin(colleague)) == "pin.none_left"

    def test_a_length_change_marks_pins_that_still_work(self, administrator: Actor, colleague: Actor) -> None:
        """AC-154"""
        configure(administrator, methods=["pin"])
        own.set_own_pin(colleague, "482915")
        configure(administrator, methods=["pin"], pin_length=8)
        assert [view.state for view in list_pins(administrator)] == [PinState.MUST_RESET]
        assert code(lambda: own.set_own_pin(colleague, "482915")) == "pin.wrong_length"
        assert own.set_own_pin(colleague, "48291537").state is PinState.SET

    def test_an_expiry_begins_when_the_pin_is_set_and_is_ignored_while_pins_are_generated(
        self, administrator: Actor, colleague: Actor
    ) -> None:
        """AC-153, AC-178"""
        manual = {"methods": ["pin"], "pin_expiry": {"amount": 2, "unit": "hours"}}
        configure(administrator, **manual)
        own.set_own_pin(colleague, "482915")
        (view,) = list_pins(administrator)
        assert view.expires == view.since + timedelta(hours=2)
        later(Pin, timedelta(seconds=1))
        assert list_pins(administrator)[0].state is PinState.EXPIRED
        configure(administrator, **manual, pin_generation="auto")
        assert (list_pins(administrator)[0].state, list_pins(administrator)[0].expires) == (PinState.SET, None)
        configure(administrator, **manual)
        assert list_pins(administrator)[0].state is PinState.EXPIRED

    def test_lists_page_and_find_by_complete_address(self, administrator: Actor, colleague: Actor) -> None:
        configure(administrator, methods=["pin"])
        for number, actor in enumerate((administrator, colleague)):
            own.set_own_pin(actor, f"48291{number}")
        first = list_pins(administrator, limit=1)
        second = list_pins(administrator, limit=1, after=first[0].id)
        assert [view.email for view in (*first, *second)] == sorted([administrator.email, USER])
        assert [view.email for view in list_pins(administrator, search=USER.upper())] == [USER]
        assert list_pins(administrator, search="user") == []

    def test_pins_are_removed(self, administrator: Actor, colleague: Actor, stranger: Actor) -> None:
        configure(administrator, methods=["pin"])
        for number, actor in enumerate((administrator, colleague)):
            own.set_own_pin(actor, f"48291{number}")
        ids = [view.id for view in list_pins(administrator)]
        assert code(lambda: remove_pins(stranger, ids)) == "not_found"
        remove_pins(administrator, ids[:1])
        assert [view.id for view in list_pins(administrator)] == ids[1:]
        own.remove_own_pin(colleague)
        assert list_pins(administrator) == []
        assert code(lambda: own.remove_own_pin(colleague)) == "not_found"

    def test_roles_decide(self, administrator: Actor, colleague: Actor) -> None:
        configure(administrator, methods=["pin"], pin_generation="administrator")
        desk = person(administrator, "desk@pressroom.example", Role.HELP_DESK)
        set_pin(person(administrator, "clerk@pressroom.example", Role.USER_ADMINISTRATOR), USER, "482915")
        assert [view.email for view in list_pins(desk)] == [USER]
        assert code(lambda: set_pin(desk, USER, "482916")) == "role.missing"
        assert code(lambda: remove_pins(desk, [list_pins(desk)[0].id])) == "role.missing"
        assert code(lambda: list_pins(colleague)) == "role.missing"
