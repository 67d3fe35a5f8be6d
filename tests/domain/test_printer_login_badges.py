"""Badges of people: who may do what, what is kept, and what ends (AC-147…AC-178)."""

from datetime import timedelta

import pytest

from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.printer_login import own
from domain.printer_login.badges import NewBadge, list_badges, register_badge, remove_badges
from domain.printer_login.login_codes import new_code
from domain.printer_login.models import Badge
from domain.printer_login.pins import set_pin
from tests.domain.login_methods import USER, actions, code, configure, everything_kept, later, person


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
        """AC-168, TS-7: a part of one finds nothing."""
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
