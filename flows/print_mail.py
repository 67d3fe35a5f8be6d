"""The flows of printing by e-mail: a mail that came, mailboxes, addresses that are tried out, guests who expire."""

from functools import partial
from typing import Any
from uuid import uuid4

import structlog
from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed

from connectors.errors import INTERNAL, PressroomError
from connectors.logs import bind
from domain.print_guests.removal import expire_guests
from domain.print_mail import fetching, processing, provisioning, upkeep, work
from domain.print_mail.models import MessageState
from flows.lease import Lease, lease_owner

log = structlog.get_logger(__name__)


@flow(name="receive-print-mail", validate_parameters=False, persist_result=False)
def receive_print_mail(message_id: str) -> State[Any]:
    """Make jobs of a mail's documents, or answer its sender once they are prepared (F-11, F-13).

    Neither the log nor the engine learns who sent it or what it says. A mail that is refused is a completed run.
    """
    message = work.claim(message_id, lease_owner())
    if message is None:
        return Completed(message="Nothing to do: the mail has ended, or another worker has it.")
    with (
        bind(message_id=message_id, organization_id=message.organization_id),
        Lease(f"mail-{message_id[:8]}", partial(work.renew, message)),
    ):
        state = _looked_at(message)
    return Completed(name=state.value.replace("_", " ").capitalize())


def _looked_at(message: work.MessageWork) -> MessageState:
    try:
        return processing.look_at(message)
    except PressroomError as error:
        if error.fault is work.LEASE_LOST:
            raise
        return work.try_again(message, error)
    except Exception:
        reference = uuid4().hex[:12]
        log.exception("a mail for printing failed unexpectedly", reference=reference)
        return work.try_again(message, INTERNAL(reference=reference))


@flow(name="fetch-print-mail", validate_parameters=False, persist_result=False)
def fetch_print_mail(organization_id: str) -> State[Any]:
    """Take what waits in the organization's mailbox; a mailbox that cannot be reached is a completed run, too."""
    mailbox = fetching.claim(organization_id, lease_owner())
    if mailbox is None:
        return Completed(message="Nothing to do: no mailbox is due, or another worker has it.")
    with (
        bind(organization_id=organization_id),
        Lease(f"mailbox-{organization_id[:8]}", partial(fetching.renew, mailbox)),
    ):
        try:
            more = fetching.fetch(mailbox)
        except PressroomError as error:
            if error.fault is fetching.LEASE_LOST:
                raise
            fetching.fail(mailbox, error)
            return Completed(name="Unreachable", message=error.code)
        except Exception:
            reference = uuid4().hex[:12]
            log.exception("a mailbox failed unexpectedly", reference=reference)
            fetching.fail(mailbox, INTERNAL(reference=reference))
            return Completed(name="Unreachable", message=INTERNAL.code)
        fetching.finish(mailbox, more=more)
    return Completed(message=f"{mailbox.taken} taken, {mailbox.put_aside} put aside")


@flow(name="provision-print-address", validate_parameters=False, persist_result=False)
def provision_print_address(organization_id: str) -> str:
    """Try out whether mail to the organization's address arrives; returns how its address stands (F-12)."""
    state = provisioning.try_address(organization_id)
    return state.value if state is not None else "none"


@flow(name="expire-print-guests", persist_result=False)
def expire_print_guests() -> int:
    """End PINs and guests whose time is over, and jobs whose PIN could not be delivered; returns how many (F-14)."""
    count = 0
    for batch in (expire_guests, upkeep.end_unanswered):
        while ended := batch():
            count += ended
    return count


@flow(name="forget-print-mail", persist_result=False)
def forget_print_mail() -> int:
    """Forget that mails came, delete what a crash has left, try forgotten addresses out again; returns how many."""
    resumed = upkeep.resume_provisioning()
    forgotten, left = upkeep.forget_old_messages(), upkeep.delete_left_mail()
    get_run_logger().info("forgot %s mails, deleted the content of %s, resumed %s addresses", forgotten, left, resumed)
    return forgotten + left
