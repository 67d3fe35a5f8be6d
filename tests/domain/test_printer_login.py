"""Login at printers as an organization configures it; codes, expiry, claims (AC-147…AC-178)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from benchmarks.installation import PASSWORD
from domain.organizations.actor import Actor
from domain.organizations.models import User, now
from domain.organizations.roles import Role
from domain.organizations.service import create_organization
from domain.printer_login import own
from domain.printer_login.badges import NewBadge, list_badges, register_badge
from domain.printer_login.claims import apply_claims
from domain.printer_login.configuration import change_settings, printer_login_settings
from domain.printer_login.expiry import Expired, expire_printer_logins
from domain.printer_login.login_codes import current_code, new_code
from domain.printer_login.models import Badge, LoginCode, Origin, Pin
from domain.printer_login.pins import PinState
from domain.printer_login.rules import PrinterLoginSettings
from domain.tenancy import system_session
from tests.domain.login_methods import USER, actions, code, configure, later, person


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


class TestLoginCodes:
    def test_a_code_stays_until_it_is_renewed_or_ends(self, colleague: Actor) -> None:
        """AC-158…AC-162, PR-185"""
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
