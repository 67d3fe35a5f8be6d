"""Links to set a password: to whom they go, that they work once and for a day, and that they tell strangers nothing."""

import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

from benchmarks.installation import PASSWORD
from connectors.database import open_engine
from connectors.errors import PressroomError
from connectors.secrets import decrypt
from connectors.settings import get_settings
from domain.audit.models import AuditEvent
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus, User, UserStatus, now
from domain.organizations.roles import Role
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.links import (
    MOST_AN_HOUR,
    forget_old_links,
    look_at_link,
    request_reset,
    send_link_to,
    set_password_by_link,
)
from domain.sign_in.locks import FREE_FAILURES
from domain.sign_in.models import LinkPurpose, PasswordLink
from domain.sign_in.service import SignedIn, begin_sign_in, sign_in
from domain.tenancy import system_session

NEW_PASSWORD = "Another 7 horses, please"


def mailed_tokens() -> list[str]:
    """The tokens in the mails that wait, oldest first, as their readers see them."""
    with system_session(read_only=True) as session:
        rows = session.scalars(select(OutgoingMail).order_by(OutgoingMail.created)).all()
    messages = [decrypt(row.content)["message"].replace("=\r\n", "").replace("=3D", "=") for row in rows]
    return [found[1] for text in messages if (found := re.search(r"/set-password\?token=([\w-]+)", text))]


def ask_for_link(email: str) -> list[str]:
    request_reset(email).result(timeout=30)
    return mailed_tokens()


def refused(token: str, password: str = NEW_PASSWORD) -> str:
    with pytest.raises(PressroomError) as caught:
        set_password_by_link(token, password)
    return caught.value.code


@pytest.fixture
def token(administrator: Actor) -> str:
    (token,) = ask_for_link(f" {administrator.email.title()} ")
    return token


def test_a_link_sets_a_password_once_and_ends_all_sessions(administrator: Actor, token: str) -> None:
    session = sign_in(administrator.email, PASSWORD).session
    view = look_at_link(token)
    assert (view.email, view.purpose, view.rules.shortest_password) == (administrator.email, LinkPurpose.RESET, 8)
    assert look_at_link(token) == view, "programs that look at links in mails do not use them up"
    assert set_password_by_link(token, NEW_PASSWORD) == administrator.email
    assert isinstance(begin_sign_in(administrator.email, NEW_PASSWORD), SignedIn)
    with pytest.raises(PressroomError, match=r"sign_in\.needed"):
        actor_of_token(session.token)
    assert refused(token) == "sign_in.link_refused"
    with system_session(read_only=True) as records:
        actions = records.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert [action for action in actions if action.startswith("password")] == [
        "password_link.requested",
        "password.set",
    ]


def test_only_a_hash_of_the_token_is_kept(token: str) -> None:
    with system_session(read_only=True) as session:
        kept = session.scalars(select(PasswordLink)).one()
    assert token not in kept.token_hash


def test_a_weak_password_does_not_use_the_link_up(administrator: Actor, token: str) -> None:
    """AC-91."""
    assert refused(token, "weak") == "password.too_short"
    assert refused(token, "Password1!") == "password.common"
    assert set_password_by_link(token, NEW_PASSWORD)


def test_a_link_is_worthless_after_a_day(token: str) -> None:
    with system_session() as session:
        kept = session.scalars(select(PasswordLink)).one()
        assert timedelta(hours=23, minutes=59) < kept.expires - now() <= timedelta(hours=24)
        kept.expires -= timedelta(hours=24)
    assert refused(token) == "sign_in.link_refused"
    assert forget_old_links() == 0
    with system_session() as session:
        session.execute(update(PasswordLink).values(expires=now() - timedelta(days=2)))
    assert forget_old_links() == 1


def test_a_newer_link_replaces_it(administrator: Actor, token: str) -> None:
    _, newer = ask_for_link(administrator.email)
    assert refused(token) == "sign_in.link_refused"
    assert set_password_by_link(newer, NEW_PASSWORD)


@pytest.mark.parametrize("made_up", ["", "made up", "0" * 43])
def test_a_made_up_link_is_refused(administrator: Actor, made_up: str) -> None:
    with pytest.raises(PressroomError, match=r"sign_in\.link_refused"):
        look_at_link(made_up)
    assert refused(made_up) == "sign_in.link_refused"


@pytest.mark.parametrize("status", [UserStatus.DEACTIVATED, UserStatus.DELETED])
def test_who_is_not_active_gets_none_and_can_use_none(administrator: Actor, token: str, status: UserStatus) -> None:
    with system_session() as session:
        session.execute(update(User).values(status=status))
    assert refused(token) == "sign_in.link_refused"
    assert len(ask_for_link(administrator.email)) == 1


def test_nor_does_who_is_in_an_organization_that_is_being_deleted(administrator: Actor, token: str) -> None:
    with system_session() as session:
        session.execute(update(Organization).values(status=OrganizationStatus.PENDING_DELETION))
    assert refused(token) == "sign_in.link_refused"


def test_whoever_asks_gets_the_same_answer_at_once_for_everybody_and_nobody(administrator: Actor) -> None:
    """The work is done beside, so that neither the answer nor the time for it depends on whether there is a person."""
    asking = set[int]()

    def note(*_: object) -> None:
        asking.add(threading.get_ident())

    engine = open_engine(get_settings().records_url)
    event.listen(engine, "before_cursor_execute", note)
    try:
        for email in (administrator.email, "nobody@example.com"):
            assert request_reset(email).result(timeout=30) is None
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert asking
    assert threading.get_ident() not in asking


def test_nobody_is_flooded_with_mail(administrator: Actor) -> None:
    for _ in range(MOST_AN_HOUR + 2):
        tokens = ask_for_link(administrator.email)
    assert len(tokens) == MOST_AN_HOUR


def test_a_link_is_the_way_in_for_who_is_locked_out(administrator: Actor, token: str) -> None:
    for _ in range(FREE_FAILURES):
        with pytest.raises(PressroomError, match=r"sign_in\.failed"):
            sign_in(administrator.email, "wrong")
    with pytest.raises(PressroomError, match=r"sign_in\.locked"):
        sign_in(administrator.email, PASSWORD)
    set_password_by_link(token, NEW_PASSWORD)
    assert sign_in(administrator.email, NEW_PASSWORD)


def test_administrators_invite_people_and_help_those_who_forgot(administrator: Actor, colleague: Actor) -> None:
    send_link_to(administrator, colleague.user_id)
    (invitation,) = mailed_tokens()
    assert look_at_link(invitation).purpose == LinkPurpose.INVITATION
    set_password_by_link(invitation, NEW_PASSWORD)
    send_link_to(administrator, colleague.user_id)
    assert look_at_link(mailed_tokens()[-1]).purpose == LinkPurpose.RESET


def test_links_go_only_where_the_administrators_power_goes(
    administrator: Actor, stranger: Actor, colleague: Actor
) -> None:
    with pytest.raises(PressroomError, match="not_found"):
        send_link_to(stranger, colleague.user_id)
    with pytest.raises(PressroomError, match=r"role\.missing"):
        send_link_to(colleague, administrator.user_id)
    with system_session() as session:
        session.get_one(User, colleague.user_id).roles = [Role.USER_ADMINISTRATOR.value]
    from domain.organizations.actor import actor_of_user

    with pytest.raises(PressroomError, match=r"role\.missing"):
        send_link_to(actor_of_user(colleague.user_id), administrator.user_id)
    assert mailed_tokens() == []
