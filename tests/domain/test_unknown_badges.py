"""Badges that nobody has: what the reader sent, which badge it nearly is, and registering it (TS-3…TS-6)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.printer_login import unknown_badges
from domain.printer_login.at_printers import Asked, BadgeProof, sign_in_at_printer
from domain.printer_login.badges import NewBadge, list_badges, register_badge
from domain.printer_login.expiry import expire_printer_logins
from domain.printer_login.models import UnknownBadge
from domain.printer_login.printer_sessions import Panel, SignedIn
from domain.printer_login.unknown_badges import (
    Likeness,
    UnknownBadgeView,
    list_unknown_badges,
    register_unknown_badge,
)
from domain.tenancy import system_session
from tests.domain.login_methods import code, configure, everything_kept, person

RIGHT = "04A1B2C3"


def hold(actor: Actor, badge: str, printer: str = "p-1") -> SignedIn | Asked:
    return sign_in_at_printer(Panel(actor.organization_id, printer), BadgeProof(badge))


def only(actor: Actor) -> UnknownBadgeView:
    (view,) = list_unknown_badges(actor)
    return view


@pytest.mark.parametrize(
    ("registered", "likeness"),
    [
        ("04A1B2C4", Likeness.SLIP),
        ("04A1B2C", Likeness.SLIP),
        ("04A1B2C30", Likeness.SLIP),
        ("041AB2C3", Likeness.SLIP),
        (str(int(RIGHT, 16)), Likeness.FORM),
        ("C3B2A104", Likeness.REVERSED),
        ("0004A1B2C3", Likeness.ZEROS),
        ("4A1B2C3", Likeness.ZEROS),
        ("14A1B2C4", None),
        ("5A5A5A5A", None),
    ],
)
def test_what_was_sent_stands_beside_the_badge_that_was_meant(
    administrator: Actor, registered: str, likeness: Likeness | None
) -> None:
    """TS-3: a slip of the pen; TS-5: the same number, as the reader is not set to write it."""
    ann = person(administrator, "ann@pressroom.example")
    register_badge(administrator, ann.email, NewBadge(registered))
    assert hold(ann, RIGHT.lower()) is Asked.REGISTRATION
    view = only(administrator)
    assert (view.number, view.likeness) == (RIGHT, likeness)
    assert (view.nearly.email if view.nearly else "") == (ann.email if likeness else "")


def test_a_mistyped_badge_is_corrected_with_one_press(administrator: Actor) -> None:
    """TS-3: the right number takes the place of the wrong one, with its description; the owner signs in at once."""
    ann = person(administrator, "ann@pressroom.example")
    register_badge(administrator, ann.email, NewBadge("04A1B2C4", "blue key ring"))
    hold(ann, RIGHT)
    view = only(administrator)
    assert view.nearly is not None
    register_unknown_badge(administrator, view.id, view.nearly.email, instead_of=view.nearly.id)
    assert [one.description for one in list_badges(administrator)] == ["blue key ring"]
    assert list_unknown_badges(administrator) == []
    assert isinstance(hold(ann, RIGHT), SignedIn)


def test_a_new_badge_is_registered_from_the_list(administrator: Actor) -> None:
    """TS-6, TS-4: for the person whose address is typed, whatever its case; it says where and how often it was held."""
    ann = person(administrator, "ann@pressroom.example")
    hold(ann, RIGHT)
    hold(ann, RIGHT, "p-2")
    view = only(administrator)
    assert (view.times, view.printer_id, view.nearly) == (2, "p-2", None)
    register_unknown_badge(administrator, view.id, "Ann@Pressroom.Example")
    assert isinstance(hold(ann, RIGHT), SignedIn)
    assert list_unknown_badges(administrator) == []


def test_the_settings_of_card_readers_are_applied_to_what_is_shown(administrator: Actor) -> None:
    """TS-5: delimiters are taken off, as they are from a badge that is known."""
    configure(administrator, card_reader={"start_delimiter": ";", "end_delimiter": "?", "drop_first": 2})
    hold(administrator, f";00{RIGHT}?")
    assert only(administrator).number == RIGHT


def test_only_who_manages_badges_sees_them_and_nobody_elsewhere(administrator: Actor, stranger: Actor) -> None:
    helper = person(administrator, "help@pressroom.example", Role.HELP_DESK)
    chief = person(administrator, "chief@pressroom.example", Role.ORGANIZATION_ADMINISTRATOR)
    manager = person(administrator, "users@pressroom.example", Role.USER_ADMINISTRATOR)
    hold(administrator, RIGHT)
    view = only(administrator)
    assert list_unknown_badges(stranger) == []
    assert code(lambda: list_unknown_badges(helper)) == "role.missing"
    assert code(lambda: register_unknown_badge(stranger, view.id, stranger.email)) == "not_found"
    assert code(lambda: register_unknown_badge(manager, view.id, chief.email)) == "role.missing"
    assert RIGHT not in everything_kept()


def test_they_are_forgotten_after_a_week_and_never_many(administrator: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unknown_badges, "MOST_KEPT", 3)
    for number in range(5):
        hold(administrator, f"7700{number}", f"p-{number}")
    assert {view.number for view in list_unknown_badges(administrator)} == {"77002", "77003", "77004"}
    with system_session() as session:
        session.execute(update(UnknownBadge).values(last_seen=now() - timedelta(days=8)))
    assert list_unknown_badges(administrator) == []
    expire_printer_logins()
    with system_session(read_only=True) as session:
        assert session.scalars(select(UnknownBadge)).all() == []
