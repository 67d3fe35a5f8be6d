"""Making an address usable: a test message must arrive here by the way that all mail takes (F-12, PR-140)."""

from datetime import timedelta

from sqlalchemy import select

from connectors.errors import Fault, PressroomError
from connectors.mail_in.probe import send_probe
from connectors.messages import N_, Message
from connectors.settings import Settings, get_settings
from domain.audit.service import record, record_unattended
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor
from domain.organizations.models import User, UserStatus, now
from domain.organizations.permissions import Permission
from domain.print_mail.addresses import mailbox_address, probe_token
from domain.print_mail.models import PrintMailbox
from domain.print_mail.outbox import enqueue_fetch, enqueue_provisioning
from domain.print_settings.models import AddressState, PrintMailAddress
from domain.printing.mail_address import mail_domain
from domain.recorded_errors import error_record
from domain.tenancy import NOT_FOUND, tenant_session

NO_RECEIVER = Fault(
    "print_mail.no_receiver",
    503,
    N_("This installation takes no mail for printing."),
    N_("Administrators: set PRESSROOM_MAIL_IN_PORT and run “pressroom mail-in”, then try again."),
    transient=True,
    spec="PR-140",
)
FIRST_PAUSE, LONGEST_PAUSE, GIVE_UP = timedelta(seconds=30), timedelta(minutes=30), timedelta(hours=24)


def start_provisioning(organization_id: str) -> None:
    """Begin to try the address out, as the settings name it now: what follows from switching it on or renaming it.

    A mailbox in its place is looked into instead.
    """
    with tenant_session(organization_id) as session:
        row = session.scalar(select(PrintMailAddress).with_for_update())
        if row is None or row.state == AddressState.DISABLED:
            return
        row.state, row.attempt, row.error, row.began = AddressState.PROVISIONING, 0, None, now()
        mailbox = session.scalar(select(PrintMailbox).where(PrintMailbox.enabled).with_for_update())
        if mailbox is not None:
            enqueue_fetch(session, mailbox)
        else:
            enqueue_provisioning(session, organization_id)


def try_address(organization_id: str) -> AddressState | None:
    """Send the address a test message; where it does not arrive, try again later, for a day at most."""
    settings = get_settings()
    with tenant_session(organization_id, read_only=True) as session:
        row = session.scalar(select(PrintMailAddress))
        if row is None or row.state != AddressState.PROVISIONING:
            return AddressState(row.state) if row is not None else None
        if mailbox_address(session):
            return AddressState.PROVISIONING  # until it has been looked into
        local_part = row.local_part
    try:
        _probe(settings, organization_id, local_part)
    except PressroomError as error:
        return _postpone(organization_id, local_part, error)
    return _postpone(organization_id, local_part, None)


def mark_available(organization_id: str, local_part: str | None = None) -> None:
    """The test message to `local_part` has arrived, or (None) the mailbox could be looked into: tell whoever asked for
    the address, once.
    """
    with tenant_session(organization_id) as session:
        row = session.scalar(select(PrintMailAddress).with_for_update())
        waiting = (AddressState.PROVISIONING, AddressState.ERROR)
        if row is None or local_part not in (None, row.local_part) or row.state not in waiting:
            return
        row.state, row.error = AddressState.AVAILABLE, None
        record_unattended(session, organization_id, "print_address.available", "print_settings")
        person = session.get(User, row.asked_by) if row.asked_by else None
        if person is not None and person.status == UserStatus.ACTIVE:
            address = mailbox_address(session) or f"{row.local_part}@{mail_domain()}"
            queue_mail(
                session,
                organization_id,
                [person.email],
                Message.of(N_("The address for printing can be used")),
                [
                    Message.of(N_("Hello {name},"), name=person.name or person.email),
                    Message.of(N_("From now on documents that are mailed to {address} are printed."), address=address),
                ],
                locale=person.locale,
                link=f"{get_settings().public_url}/print/settings",
            )


def retry_address(actor: Actor) -> None:
    """Try an address out once more that could not be set up; raises `NOT_FOUND` where there is none."""
    actor.need(Permission.PRINT_SETTINGS_MANAGE)
    with actor.session() as session:
        row = session.scalar(select(PrintMailAddress))
        if row is None or row.state == AddressState.DISABLED:
            raise NOT_FOUND(what="address")
        record(session, actor, "print_address.retried", "print_settings")
    start_provisioning(actor.organization_id)


def _probe(settings: Settings, organization_id: str, local_part: str) -> None:
    place = settings.mail_in_probe or (f"{_local(settings.mail_in_host)}:{settings.mail_in_port}")
    host, _, port = place.rpartition(":")
    if port in ("", "0"):
        raise NO_RECEIVER()
    speaks_lmtp = not settings.mail_in_probe and settings.mail_in_protocol == "lmtp"
    token = probe_token(organization_id, local_part)
    send_probe(host, int(port), f"{local_part}@{mail_domain()}", token, speaks_lmtp=speaks_lmtp)


def _local(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 — where we reach ourselves


def _postpone(organization_id: str, local_part: str, error: PressroomError | None) -> AddressState:
    """A test message on its way through other servers arrives later: it is looked at again as one that failed."""
    with tenant_session(organization_id) as session:
        row = session.scalars(select(PrintMailAddress).with_for_update()).one()
        if row.state != AddressState.PROVISIONING or row.local_part != local_part:
            return AddressState(row.state)
        row.error = error_record(error) if error is not None else row.error
        if now() - row.began > GIVE_UP:
            row.state = AddressState.ERROR
            record_unattended(session, organization_id, "print_address.failed", "print_settings")
        else:
            pause = min(FIRST_PAUSE * 2 ** min(row.attempt, 10), LONGEST_PAUSE)
            row.attempt += 1
            enqueue_provisioning(session, organization_id, now() + pause)
        return AddressState(row.state)
