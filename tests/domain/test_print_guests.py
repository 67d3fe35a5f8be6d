"""Guests: who they are, how long they stay, and what print administrators do about them (AC-185 … AC-189)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import User, UserStatus, now
from domain.organizations.permissions import Permission
from domain.organizations.roles import Role
from domain.people.listing import list_people
from domain.print_definitions.assignments import assign
from domain.print_definitions.definitions import create_definition
from domain.print_definitions.models import TargetKind
from domain.print_guests.administration import list_guests, remove_guests, unblock_guests
from domain.print_guests.admission import LIFE, Admission, address_hash, admit_guest, tell_pin
from domain.print_guests.models import GuestState, PrintGuest
from domain.print_guests.removal import expire_guests
from domain.print_quotas.ledger import Usage, charge
from domain.print_quotas.limits import MonthLimit, QuotaLimits
from domain.print_quotas.standing import standing_of
from domain.print_quotas.subject import QUOTAS
from domain.printer_login.configuration import change_settings
from domain.printer_login.models import Pin
from domain.printer_login.pins import list_pins
from domain.printer_login.rules import ExpiryUnit, LoginMethod, PinExpiry, PinGeneration, PrinterLoginSettings
from domain.printing.delegates.service import NewDelegate, add_delegate
from domain.printing.models import PrintJob
from domain.printing.queue import list_queue_owners
from domain.printing.settings import EmailSettings, print_settings
from domain.printing.states import JobSource, JobState
from domain.printing.submission import check_may_submit
from tests.support.people import person
from tests.support.print_queues import add_held
from tests.support.print_settings import set_print_settings

ADDRESS = "visitor@elsewhere.example"


def admit(actor: Actor, address: str = ADDRESS, **settings: str) -> Admission:
    with actor.session() as session:
        return admit_guest(session, actor.organization_id, address, EmailSettings.model_validate(settings))


def pin_of(actor: Actor, address: str = ADDRESS) -> str:
    with actor.session() as session:
        told = tell_pin(session, actor.organization_id, address)
        assert told is not None
        return told.pin


def login(actor: Actor, **values: object) -> None:
    base = {"methods": (LoginMethod.BADGE, LoginMethod.PIN), "pin_generation": PinGeneration.ADMINISTRATOR}
    change_settings(actor, PrinterLoginSettings.model_validate(base | values))


@pytest.mark.parametrize(
    ("values", "life"),
    [
        ({}, LIFE),
        ({"pin_expiry": PinExpiry(amount=7, unit=ExpiryUnit.HOURS)}, timedelta(hours=7)),
        ({"pin_expiry": PinExpiry(amount=90, unit=ExpiryUnit.DAYS)}, LIFE),
        (
            {"pin_expiry": PinExpiry(amount=7, unit=ExpiryUnit.HOURS), "pin_generation": PinGeneration.AUTO},
            LIFE,
        ),
    ],
)
def test_how_long_a_pin_counts(administrator: Actor, values: dict[str, object], life: timedelta) -> None:
    """PR-159, AM-26: as PINs of the organization, at most 14 days; one that does not count there does not here."""
    login(administrator, **values)
    before = now()
    admission = admit(administrator)
    assert before + life <= admission.expires + timedelta(seconds=1)
    assert admission.expires <= now() + life


@pytest.mark.parametrize("length", [4, 6, 12])
def test_a_pin_has_the_organizations_length(administrator: Actor, length: int) -> None:
    """PR-154, README decision 4."""
    login(administrator, pin_length=length)
    admit(administrator)
    assert len(pin_of(administrator)) == length


def test_a_second_mail_changes_neither_the_pin_nor_any_end(administrator: Actor) -> None:
    """PR-39, PR-157, PR-160; guests belong to a cost centre or a department, as the settings say (PR-153, AC-114)."""
    first = admit(administrator, guest_cost_center="Reception")
    pin = pin_of(administrator)
    login(administrator, pin_length=8, pin_expiry=PinExpiry(amount=1))
    second = admit(administrator, ADDRESS.upper(), guest_department="Lobby")
    assert (second.guest_id, second.expires, second.actor.user_id) == (
        first.guest_id,
        first.expires,
        first.actor.user_id,
    )
    assert pin_of(administrator) == pin
    with administrator.session(read_only=True) as session:
        user = session.get_one(User, first.actor.user_id)
        assert (user.cost_center, user.department) == ("", "Lobby")


def test_a_guest_has_the_quota_of_the_group_that_guests_belong_to(administrator: Actor) -> None:
    """PR-85: it can be assigned before there is a guest, and counts for each of them."""
    set_print_settings(
        administrator,
        quotas={"enabled": True, "assignment_mode": "department"},
        email={"enabled": True, "local_part": "office", "guest_department": "Lobby"},
    )
    five = QuotaLimits(months=(MonthLimit(total="limited", total_limit=5),))
    definition = create_definition(administrator, QUOTAS, "Guests", five)
    assign(administrator, QUOTAS, TargetKind.DEPARTMENT, "Lobby", definition.id)
    guests = [admit(administrator, address, guest_department="Lobby").actor for address in (ADDRESS, f"other{ADDRESS}")]
    organization_id = administrator.organization_id
    with administrator.session() as session:
        charge(session, organization_id, Usage("job", "attempt", guests[0].user_id, 3, 0, now()))
    with administrator.session(read_only=True) as session:
        settings = print_settings(session, organization_id)
        found = [standing_of(session, settings, organization_id, guest.user_id) for guest in guests]
    assert [one.left for one in found if one is not None] == [2, 5]


def test_guests_of_different_organizations_are_different(administrator: Actor, stranger: Actor) -> None:
    assert address_hash(administrator.organization_id, ADDRESS) != address_hash(stranger.organization_id, ADDRESS)
    assert admit(administrator).actor.user_id != admit(stranger).actor.user_id


def test_a_guest_is_no_account(administrator: Actor) -> None:
    """AC-185, AC-189, PR-162: not in lists of people or PINs, no portal, no right but mailing and releasing."""
    guest = admit(administrator).actor
    assert [right for right in Permission if guest.may(right) and not right.value.startswith("own.")] == [
        Permission.PRINT_GUEST
    ]
    check_may_submit(guest, JobSource.EMAIL)
    for source in (JobSource.WEB, JobSource.IPP, JobSource.API):
        with pytest.raises(PressroomError, match=r"role\.missing"):
            check_may_submit(guest, source)
    with pytest.raises(PressroomError, match=r"account\.ended"):
        actor_of_user(guest.user_id)
    assert guest.user_id not in {one.id for one in list_people(administrator)}
    assert list_pins(administrator) == []
    set_print_settings(administrator, jobs={"delegation_enabled": True})
    with pytest.raises(PressroomError, match=r"print_delegate\.not_possible"):
        add_delegate(administrator, NewDelegate(guest.user_id))


def test_administrators_see_guests_and_send_them_away(administrator: Actor) -> None:
    admission = admit(administrator)
    job_id = add_held(admission.actor)
    [view] = list_guests(administrator)
    assert (view.name, view.state, view.jobs) == (admission.actor.name, GuestState.ACTIVE, 1)
    [owner] = list_queue_owners(administrator)
    assert (owner.name, owner.email, owner.jobs) == (admission.actor.name, "", 1)
    remove_guests(administrator, [admission.guest_id])
    assert list_guests(administrator) == []
    with administrator.session(read_only=True) as session:
        assert session.scalar(select(Pin)) is None
        job = session.scalars(select(PrintJob).where(PrintJob.id == job_id)).one()
        assert (job.state, job.content_deleted is not None) == (JobState.EXPIRED, True)
        user = session.get_one(User, admission.actor.user_id)
        assert (user.status, user.ended is not None) == (UserStatus.GUEST, True)
    again = admit(administrator)
    assert (again.guest_id, again.actor.user_id == admission.actor.user_id) == (admission.guest_id, False)


def test_a_blocked_guest_stays_out_until_let_in(administrator: Actor) -> None:
    admission = admit(administrator)
    remove_guests(administrator, [admission.guest_id], block=True)
    assert [(one.state, one.name) for one in list_guests(administrator)] == [(GuestState.BLOCKED, "")]
    with pytest.raises(PressroomError, match=r"print_guest\.blocked"):
        admit(administrator)
    unblock_guests(administrator, [admission.guest_id])
    assert admit(administrator).guest_id == admission.guest_id
    with administrator.session(read_only=True) as session:
        found = set(session.scalars(select(AuditEvent.action).where(AuditEvent.target_kind == "print_guest")))
    assert found == {"print_guest.created", "print_guest.blocked", "print_guest.unblocked"}


def test_all_or_none_and_only_ones_own(administrator: Actor, stranger: Actor) -> None:
    mine, other = admit(administrator), admit(stranger)
    for ids in ([mine.guest_id, other.guest_id], [mine.guest_id, "nobody"]):
        with pytest.raises(PressroomError, match=r"not_found"):
            remove_guests(administrator, ids)
    assert [one.state for one in list_guests(administrator)] == [GuestState.ACTIVE]
    with pytest.raises(PressroomError, match=r"not_found"):
        unblock_guests(administrator, [mine.guest_id])
    user = person(administrator, "user@pressroom.example", Role.PRINT_RELEASE_USER)
    for attempt in (lambda: list_guests(user), lambda: remove_guests(user, [mine.guest_id])):
        with pytest.raises(PressroomError, match=r"role\.missing"):
            attempt()


def test_many_guests_are_listed_in_pages(administrator: Actor) -> None:
    for number in range(7):
        admit(administrator, f"{number}@elsewhere.example")
    seen, after = [], ""
    while page := list_guests(administrator, limit=3, after=after):
        seen += [one.id for one in page]
        after = page[-1].id
    assert (len(seen), len(set(seen))) == (7, 7)


def test_expiry_takes_only_whose_time_is_over(administrator: Actor) -> None:
    """F-14: a job at a printer is left to its attempt."""
    over, living = admit(administrator), admit(administrator, "other@elsewhere.example")
    waiting, printing = add_held(over.actor), add_held(over.actor)
    kept = add_held(living.actor)
    with administrator.session() as session:
        session.get_one(PrintGuest, over.guest_id).pin_expires = now() - timedelta(seconds=1)
        session.scalars(select(PrintJob).where(PrintJob.id == printing)).one().state = JobState.PRINTING
    assert (expire_guests(), expire_guests()) == (1, 0)
    with administrator.session(read_only=True) as session:
        states = {job.id: job.state for job in session.scalars(select(PrintJob))}
    assert states == {waiting: JobState.EXPIRED, printing: JobState.PRINTING, kept: JobState.HELD}
    assert {one.state for one in list_guests(administrator)} == {GuestState.ACTIVE, GuestState.PIN_EXPIRED}
