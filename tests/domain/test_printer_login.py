"""Badges, PINs and login codes of people: who may do what, what is kept, and what ends (AC-147…AC-178)."""

import re
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from benchmarks.installation import PASSWORD, environment
from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.mail.delivery import claim_mail, send_mail
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import User, now
from domain.organizations.roles import Role
from domain.organizations.service import create_organization
from domain.printer_login import own
from domain.printer_login.at_printers import PinProof, sign_in_at_printer
from domain.printer_login.badges import NewBadge, list_badges, register_badge, remove_badges
from domain.printer_login.claims import apply_claims
from domain.printer_login.configuration import change_settings, printer_login_settings
from domain.printer_login.expiry import Expired, expire_printer_logins
from domain.printer_login.guards import LIMITS, Guarded
from domain.printer_login.login_codes import current_code, new_code
from domain.printer_login.models import Badge, LoginCode, Origin, Pin
from domain.printer_login.pins import PinState, list_pins, remove_pins, set_pin
from domain.printer_login.printer_sessions import Panel, SignedIn
from domain.printer_login.rules import PrinterLoginSettings
from domain.tenancy import system_session
from tests.support.mail_server import mail_server

USER = "user@pressroom.example"


def configure(administrator: Actor, **values: object) -> None:
    change_settings(administrator, PrinterLoginSettings.model_validate(values))


def code(attempt: object) -> str:
    with pytest.raises(PressroomError) as caught:
        attempt()  # type: ignore[operator]
    return caught.value.code


def person(administrator: Actor, email: str, *roles: Role) -> Actor:
    with administrator.session() as session:
        user = User(email=email, name=email.partition("@")[0], roles=[role.value for role in roles])
        session.add(user)
        session.flush()
    return actor_of_user(user.id)


def later(table: type[Badge] | type[Pin] | type[LoginCode], moment_ago: timedelta) -> None:
    """As if what is kept had ended so long ago."""
    with system_session() as session:
        session.execute(update(table).values(expires=now() - moment_ago))


def actions(prefix: str) -> list[tuple[str, dict[str, object]]]:
    with system_session(read_only=True) as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id))
        return [(event.action, event.facts) for event in events if event.action.startswith(prefix)]


def everything_kept() -> str:
    """All rows of all tables as text: what somebody who stole the database would read."""
    with system_session(read_only=True) as session:
        tables = session.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        return "\n".join(str(row) for table in tables for row in session.execute(text(f"SELECT * FROM {table}")))


class TestConfiguration:
    def test_it_is_saved_for_the_organization_and_noted(self, administrator: Actor, stranger: Actor) -> None:
        saved = change_settings(administrator, PrinterLoginSettings(methods=("pin",), pin_length=8))
        assert printer_login_settings(administrator) == saved.settings
        assert printer_login_settings(stranger) == PrinterLoginSettings()
        assert any("must be reset" in str(notice) for notice in saved.notices)
        ((_, facts),) = actions("printer_login.")
        assert facts == {
            "methods": ["pin"],
            "former_methods": ["badge", "secure_login"],
            "pin_length": 8,
            "former_pin_length": 6,
        }
        change_settings(administrator, saved.settings)
        assert len(actions("printer_login.")) == 1, "saving the same is no change"

    def test_standard_authentication_needs_a_method(self, administrator: Actor) -> None:
        """Acceptance check 9."""
        assert code(lambda: configure(administrator, methods=[])) == "printer_login.no_method"
        assert printer_login_settings(administrator) == PrinterLoginSettings()

    def test_only_organization_administrators_change_it(self, administrator: Actor) -> None:
        clerk = person(administrator, "clerk@pressroom.example", Role.USER_ADMINISTRATOR)
        assert code(lambda: configure(clerk, methods=["pin"])) == "role.missing"


class TestBadges:
    def test_neither_number_nor_pin_nor_code_can_be_read_in_the_database(
        self, administrator: Actor, colleague: Actor
    ) -> None:
        configure(administrator, methods=["badge", "pin", "secure_login"])
        register_badge(administrator, USER, NewBadge("77705923", show_number=True))
        register_badge(administrator, USER, NewBadge("88816034"))
        own.set_own_pin(colleague, "482915")
        login_code = new_code(colleague).code
        kept = everything_kept()
        assert USER in kept
        for secret in ("77705923", "88816034", "482915", login_code):
            assert secret not in kept

    def test_a_badge_is_shown_only_where_that_was_chosen(self, administrator: Actor, colleague: Actor) -> None:
        register_badge(administrator, USER, NewBadge("4711a", "Spare card", show_number=True))
        register_badge(administrator, f" {USER.upper()} ", NewBadge("4712a", temporary=True))
        hidden, shown = list_badges(administrator)
        assert (shown.number, shown.description, shown.expires) == ("4711a", "Spare card", None)
        assert hidden.number is None
        assert hidden.expires is not None
        assert timedelta(hours=23) < hidden.expires - now() <= timedelta(hours=24)
        assert [facts["temporary"] for _, facts in actions("badge.registered")] == [False, True]

    @pytest.mark.parametrize(
        ("search", "found"),
        [
            ("user@pressroom.example", 2),
            (" USER@pressroom.example ", 2),
            ("4711a", 1),
            ("4711A", 1),
            ("471", 0),
            ("user", 0),
            ("user@pressroom", 0),
            ("", 2),
        ],
    )
    def test_search_takes_a_complete_address_or_a_complete_number(
        self, administrator: Actor, colleague: Actor, search: str, found: int
    ) -> None:
        """AC-168"""
        for number in ("4711a", "4712b"):
            register_badge(administrator, USER, NewBadge(number))
        assert len(list_badges(administrator, search=search)) == found

    def test_a_number_belongs_to_one_person_of_the_organization(
        self, administrator: Actor, colleague: Actor, stranger: Actor
    ) -> None:
        """AC-170"""
        register_badge(administrator, USER, NewBadge("4711a"))
        taken = code(lambda: register_badge(administrator, administrator.email, NewBadge("4711A")))
        assert taken == "badge.taken"
        register_badge(stranger, stranger.email, NewBadge("4711a"))
        again = register_badge(administrator, USER, NewBadge("4711a", "The same card"))
        assert [view.id for view in list_badges(administrator)] == [again.id]

    def test_an_expired_badge_may_be_registered_again_by_anybody(self, administrator: Actor, colleague: Actor) -> None:
        """AC-171"""
        register_badge(administrator, USER, NewBadge("4711a", temporary=True))
        later(Badge, timedelta(minutes=1))
        assert list_badges(administrator)[0].is_expired
        register_badge(administrator, administrator.email, NewBadge("4711a"))
        assert [view.email for view in list_badges(administrator)] == [administrator.email]

    def test_several_are_removed_at_once_or_none(self, administrator: Actor, colleague: Actor, stranger: Actor) -> None:
        ours = [register_badge(administrator, USER, NewBadge(number)).id for number in ("1", "2", "3")]
        foreign = register_badge(stranger, stranger.email, NewBadge("1")).id
        assert code(lambda: remove_badges(administrator, [*ours, foreign])) == "not_found"
        assert len(list_badges(administrator)) == 3
        remove_badges(administrator, ours[:2])
        assert [view.id for view in list_badges(administrator)] == ours[2:]
        assert len(actions("badge.removed")) == 2

    def test_pages_follow_each_other(self, administrator: Actor, colleague: Actor) -> None:
        for number in range(5):
            register_badge(administrator, USER, NewBadge(f"card {number}", str(number)))
        first = list_badges(administrator, limit=2)
        second = list_badges(administrator, limit=2, after=first[-1].id)
        third = list_badges(administrator, limit=2, after=second[-1].id)
        assert [view.description for view in (*first, *second, *third)] == ["4", "3", "2", "1", "0"]

    @pytest.mark.parametrize("number", ["", "   ", "1" * 256, "12\n34", "12\x00"])
    def test_what_is_no_number(self, administrator: Actor, colleague: Actor, number: str) -> None:
        assert code(lambda: register_badge(administrator, USER, NewBadge(number))) == "badge.number_invalid"

    def test_who_does_not_exist_gets_no_badge(self, administrator: Actor, stranger: Actor) -> None:
        """AC-89"""
        for email in ("nobody@example.com", stranger.email):
            assert code(lambda email=email: register_badge(administrator, email, NewBadge("1"))) == "not_found"

    def test_roles_decide_who_sees_and_who_registers(self, administrator: Actor, colleague: Actor) -> None:
        desk = person(administrator, "desk@pressroom.example", Role.HELP_DESK)
        clerk = person(administrator, "clerk@pressroom.example", Role.USER_ADMINISTRATOR)
        badge = register_badge(clerk, USER, NewBadge("1"))
        assert [view.id for view in list_badges(desk)] == [badge.id]
        assert code(lambda: register_badge(desk, USER, NewBadge("2"))) == "role.missing"
        assert code(lambda: remove_badges(desk, [badge.id])) == "role.missing"
        assert code(lambda: list_badges(colleague)) == "role.missing"

    def test_a_badge_is_no_way_to_the_rights_of_an_administrator(self, administrator: Actor) -> None:
        clerk = person(administrator, "clerk@pressroom.example", Role.USER_ADMINISTRATOR)
        assert code(lambda: register_badge(clerk, administrator.email, NewBadge("1"))) == "role.missing"
        configure(administrator, methods=["pin"], pin_generation="administrator")
        assert code(lambda: set_pin(clerk, administrator.email, "482915")) == "role.missing"

    def test_people_manage_their_own(self, administrator: Actor, colleague: Actor) -> None:
        badge = own.register_own_badge(colleague, "4711a", "Mine")
        theirs = register_badge(administrator, administrator.email, NewBadge("4712a"))
        assert [view.id for view in own.own_printer_login(colleague).badges] == [badge.id]
        assert code(lambda: own.remove_own_badge(colleague, theirs.id)) == "not_found"
        own.remove_own_badge(colleague, badge.id)
        assert own.own_printer_login(colleague).badges == ()
        configure(administrator, methods=["pin"])
        assert code(lambda: own.register_own_badge(colleague, "4711a")) == "badge.off"


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


class TestLoginCodes:
    def test_a_code_stays_until_it_is_renewed_or_ends(self, colleague: Actor) -> None:
        """AC-158…AC-162"""
        assert current_code(colleague) is None
        first = new_code(colleague)
        assert len(first.code) == 8
        assert first.code.isdigit()
        assert timedelta(minutes=14) < first.expires - now() <= timedelta(minutes=15)
        assert current_code(colleague) == first
        second = new_code(colleague)
        assert current_code(colleague) == second
        assert second.code != first.code
        later(LoginCode, timedelta(seconds=1))
        assert current_code(colleague) is None

    def test_there_are_none_without_secure_login(self, administrator: Actor, colleague: Actor) -> None:
        new_code(colleague)
        configure(administrator, methods=["badge"])
        assert code(lambda: current_code(colleague)) == "login_code.off"
        assert code(lambda: new_code(colleague)) == "login_code.off"
        configure(administrator, methods=["secure_login"])
        assert current_code(colleague) is None, "the former one ended with secure login"


class TestExpiry:
    def test_what_has_ended_is_noted_once_and_cleared_away_later(self, administrator: Actor, colleague: Actor) -> None:
        configure(administrator, methods=["badge", "pin", "secure_login"], pin_expiry={"amount": 1, "unit": "hours"})
        register_badge(administrator, USER, NewBadge("1", temporary=True))
        register_badge(administrator, USER, NewBadge("2"))
        own.set_own_pin(colleague, "482915")
        new_code(colleague)
        assert expire_printer_logins() == Expired()
        with system_session() as session:
            session.execute(update(Badge).where(Badge.expires.is_not(None)).values(expires=now()))
        later(Pin, timedelta(seconds=1))
        later(LoginCode, timedelta(seconds=1))
        assert expire_printer_logins() == Expired(badges=1, pins=1)
        assert expire_printer_logins() == Expired()
        assert [action for action, _ in actions("") if "expired" in action] == ["badge.expired", "pin.expired"]
        assert [view.is_expired for view in list_badges(administrator)] == [False, True]
        with system_session(read_only=True) as session:
            assert session.scalars(select(LoginCode)).all() == []
        with system_session() as session:
            session.execute(update(Badge).where(Badge.expires.is_not(None)).values(expires=now() - timedelta(days=8)))
        expire_printer_logins()
        assert len(list_badges(administrator)) == 1


class TestClaims:
    @pytest.fixture
    def user_id(self, colleague: Actor) -> str:
        return colleague.user_id

    def apply(self, user_id: str, **claims: str | None) -> list[str]:
        with system_session() as session:
            return [str(problem) for problem in apply_claims(session, session.get_one(User, user_id), **claims)]

    def test_the_directory_wins_at_the_next_sign_in(self, administrator: Actor, colleague: Actor, user_id: str) -> None:
        """AMB-24, AC-145"""
        configure(administrator, methods=["badge", "pin"], pin_expiry={"amount": 1, "unit": "hours"})
        own.register_own_badge(colleague, "mine")
        own.set_own_pin(colleague, "482915")
        assert self.apply(user_id, badge="E-100", pin="7777") == []
        kept = own.own_printer_login(colleague)
        assert {view.origin for view in kept.badges} == {Origin.OWNER, Origin.DIRECTORY}
        assert kept.pin is not None
        assert (kept.pin.origin, kept.pin.expires, kept.pin.state) == (Origin.DIRECTORY, None, PinState.SET)
        assert self.apply(user_id, badge="e-200") == []
        assert len(own.own_printer_login(colleague).badges) == 2
        assert list_badges(administrator, search="E-100") == []
        assert len(list_badges(administrator, search="E-200")) == 1
        noted = len(actions(""))
        assert self.apply(user_id, badge="E-200", pin="7777") == []
        assert len(actions("")) == noted, "the same again is no change"

    def test_an_empty_claim_takes_away_what_came_from_the_directory(self, colleague: Actor, user_id: str) -> None:
        own.register_own_badge(colleague, "mine")
        self.apply(user_id, badge="E-100", pin="7777")
        self.apply(user_id, badge="", pin="")
        kept = own.own_printer_login(colleague)
        assert [view.origin for view in kept.badges] == [Origin.OWNER]
        assert kept.pin is None

    def test_what_belongs_to_somebody_else_is_refused_and_noted(
        self, administrator: Actor, colleague: Actor, user_id: str
    ) -> None:
        configure(administrator, methods=["badge", "pin"])
        own.register_own_badge(administrator, "E-100")
        own.set_own_pin(administrator, "482915")
        assert len(self.apply(user_id, badge="E-100", pin="482915")) == 2
        assert len(self.apply(user_id, pin="12ab")) == 1
        assert own.own_printer_login(colleague).badges == ()
        assert [facts["reason"] for action, facts in actions("") if action.endswith("claim_refused")] == [
            "badge.taken",
            "pin.taken",
            "pin.not_digits",
        ]


def test_one_s_own_is_at_home_also_while_working_for_a_customer(administrator: Actor) -> None:
    customer = create_organization("Fabrikam", "chief@fabrikam.example", "Chief", PASSWORD)
    visiting = Actor(
        **{
            name: getattr(administrator, name)
            for name in Actor.__dataclass_fields__
            if name not in ("organization_id", "home_organization_id")
        },
        organization_id=customer.organization_id,
        home_organization_id=administrator.organization_id,
    )
    own.register_own_badge(visiting, "1")
    code_at_home = new_code(visiting)
    assert len(list_badges(administrator)) == 1
    assert list_badges(customer) == []
    assert current_code(administrator) == code_at_home
