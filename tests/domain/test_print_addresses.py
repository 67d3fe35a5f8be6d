"""Addresses for printing by e-mail: tried out before they count, renamed, switched off (F-12, PR-140, PR-53)."""

from collections.abc import Iterator
from datetime import timedelta
from smtplib import SMTP, SMTPException

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.secrets import decrypt
from connectors.settings import Settings, get_settings
from domain.audit.models import AuditEvent
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus, now
from domain.outbox.models import OutboxRow
from domain.print_mail.addresses import known_address, own_mail_address
from domain.print_mail.fetching import claim
from domain.print_mail.mailboxes import MailboxSettings, save_mailbox
from domain.print_mail.outbox import PROVISION
from domain.print_mail.provisioning import retry_address, try_address
from domain.print_mail.sign_in import MailboxSecrets
from domain.print_mail.upkeep import resume_provisioning
from domain.print_settings.effects import apply_effect, pending_effects
from domain.print_settings.models import AddressState, PrintMailAddress
from domain.print_settings.service import change_print_settings, get_print_settings
from domain.printing.mail_address import mail_domain
from domain.tenancy import system_session
from tests.support.print_mail import print_mail_receiver


@pytest.fixture
def port(administrator: Actor, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    with print_mail_receiver() as number:
        monkeypatch.setattr(get_settings(), "mail_in_port", number)
        yield number


def switch(actor: Actor, **email: object) -> str:
    """Save the settings and do what follows from them; returns the address."""
    change_print_settings(actor, {"email": email})
    for name in pending_effects(actor.organization_id):
        apply_effect(actor.organization_id, name)
    return get_print_settings(actor).address


def state(actor: Actor) -> AddressState | None:
    return get_print_settings(actor).address_state


def code_of(port: int, address: str, *, with_message: bool = False) -> int:
    """What the receiver answers to mail for the address."""
    with SMTP("127.0.0.1", port, timeout=20) as server:
        server.ehlo()
        server.mail("a@x.example")
        code = server.rcpt(address)[0]
        if with_message and code == 250:
            try:
                code = server.data(b"From: a@x.example\r\n\r\nhello\r\n")[0]
            except SMTPException:
                raise AssertionError("the receiver broke off") from None
        return code


def test_an_address_counts_once_a_message_to_it_has_arrived(administrator: Actor, port: int) -> None:
    """PR-35, PR-140."""
    address = switch(administrator, enabled=True, local_part="office")
    assert address == f"office@{mail_domain()}"
    assert (state(administrator), own_mail_address(administrator)) == (AddressState.PROVISIONING, "")
    assert code_of(port, address, with_message=True) == 450, "mail that comes too early is to be sent again"
    with administrator.session(read_only=True) as session:
        assert session.scalar(select(OutboxRow.id).where(OutboxRow.deployment == PROVISION)) is not None
    assert try_address(administrator.organization_id) is AddressState.AVAILABLE
    assert own_mail_address(administrator) == address
    assert code_of(port, address.upper(), with_message=True) == 250
    with administrator.session(read_only=True) as session:
        [told] = session.scalars(select(OutgoingMail))
        assert list(told.recipients) == [administrator.email]
        assert address in decrypt(told.content)["message"]
        assert session.scalar(select(AuditEvent.id).where(AuditEvent.action == "print_address.available")) is not None
    assert try_address(administrator.organization_id) is AddressState.AVAILABLE, "nobody is told twice"
    with administrator.session(read_only=True) as session:
        assert len(session.scalars(select(OutgoingMail)).all()) == 1


def test_a_renamed_address_is_tried_out_anew_and_the_old_one_is_gone(administrator: Actor, port: int) -> None:
    old = switch(administrator, enabled=True, local_part="office")
    try_address(administrator.organization_id)
    new = switch(administrator, local_part="Reception")
    assert (new, state(administrator)) == (f"reception@{mail_domain()}", AddressState.PROVISIONING)
    assert code_of(port, old) == 550
    assert try_address(administrator.organization_id) is AddressState.AVAILABLE
    assert code_of(port, new) == 250


def test_switched_off_it_takes_nothing_and_on_again_it_is_tried_out(administrator: Actor, port: int) -> None:
    """PR-34."""
    address = switch(administrator, enabled=True, local_part="office")
    try_address(administrator.organization_id)
    switch(administrator, enabled=False)
    assert (state(administrator), code_of(port, address)) == (AddressState.DISABLED, 550)
    assert try_address(administrator.organization_id) is AddressState.DISABLED
    switch(administrator, enabled=True)
    assert try_address(administrator.organization_id) is AddressState.AVAILABLE


def test_what_does_not_arrive_is_tried_for_a_day_and_says_why(
    administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "mail_in_port", 0)
    switch(administrator, enabled=True, local_part="office")
    assert try_address(administrator.organization_id) is AddressState.PROVISIONING
    error = get_print_settings(administrator).address_error
    assert error is not None
    assert error.code == "print_mail.no_receiver"
    with administrator.session() as session:
        row = session.scalars(select(PrintMailAddress)).one()
        later = session.scalars(select(OutboxRow.available).where(OutboxRow.deployment == PROVISION)).all()
        assert row.attempt == 1
        assert max(later) > now() + timedelta(seconds=20)
        row.began = now() - timedelta(hours=25)
    assert try_address(administrator.organization_id) is AddressState.ERROR
    retry_address(administrator)
    assert state(administrator) is AddressState.PROVISIONING


def test_an_organization_that_is_being_deleted_takes_no_mail(administrator: Actor, port: int) -> None:
    """AC-25: neither at its address nor out of its mailbox, where mail stays for its people."""
    address = switch(administrator, enabled=True, local_part="office")
    try_address(administrator.organization_id)
    place = {"address": "print@customer.example", "host": "127.0.0.1", "user": "print"}
    save_mailbox(administrator, MailboxSettings.model_validate(place), MailboxSecrets(password="secret"))
    assert claim(administrator.organization_id, "w:1") is not None
    with system_session() as session:
        organization = session.get_one(Organization, administrator.organization_id)
        organization.status = OrganizationStatus.PENDING_DELETION
    assert code_of(port, address) == 550
    assert claim(administrator.organization_id, "w:1") is None


def test_an_address_that_was_forgotten_is_tried_out_again(administrator: Actor) -> None:
    switch(administrator, enabled=True, local_part="office")
    assert resume_provisioning() == 0
    with administrator.session() as session:
        session.scalars(select(PrintMailAddress)).one().changed = now() - timedelta(hours=2)
    assert resume_provisioning() == 1


@pytest.mark.parametrize(
    ("address", "is_known"),
    [
        ("office@{domain}", True),
        ("OFFICE@{domain}", True),
        (" office@{domain} ", True),
        ("office@elsewhere.example", False),
        ("office@sub.{domain}", False),
        ("other@{domain}", False),
        ("@{domain}", False),
        ("office", False),
    ],
)
def test_whose_address_it_is(administrator: Actor, address: str, is_known: bool) -> None:
    switch(administrator, enabled=True, local_part="office")
    known = known_address(address.replace("{domain}", mail_domain()))
    assert (known is not None and known.organization_id == administrator.organization_id) is is_known


def test_the_domain_is_that_of_the_portal_unless_it_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """PR-120, AM-21."""
    for values, domain in (
        ({"portal_url": "https://portal.example.com"}, "print.portal.example.com"),
        ({"mail_in_domain": "Print.Example.org"}, "print.example.org"),
    ):
        chosen = Settings(_env_file=None, **values)
        monkeypatch.setattr("domain.printing.mail_address.get_settings", lambda chosen=chosen: chosen)
        assert mail_domain() == domain


def test_only_who_may_change_the_settings_tries_an_address_out(administrator: Actor, stranger: Actor) -> None:
    switch(administrator, enabled=True, local_part="office")
    with pytest.raises(PressroomError, match=r"not_found"):
        retry_address(stranger)


def test_a_test_message_that_is_not_ours_changes_nothing(administrator: Actor, port: int) -> None:
    address = switch(administrator, enabled=True, local_part="office")
    with SMTP("127.0.0.1", port, timeout=20) as server:
        server.ehlo()
        server.mail("")
        server.rcpt(address)
        assert server.data(b"From: a@x.example\r\nPressroom-Probe: 0000\r\n\r\nx\r\n")[0] == 450
    assert state(administrator) is AddressState.PROVISIONING
