"""The flows of mail: sending one, and forgetting those sent long ago."""

from functools import partial
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from connectors.logs import bind
from domain.mail import delivery, service
from domain.mail.models import MailState
from flows.lease import Lease, lease_owner


@flow(name="send-mail", validate_parameters=False, persist_result=False)
def send_mail(mail_id: str) -> State[Any]:
    """Hand one mail to the mail server. Neither the log nor the engine learns who gets it or what it says."""
    work = delivery.claim_mail(mail_id, lease_owner())
    if work is None:
        return Completed(message="Nothing to do: the mail was sent or given up, or another worker has it.")
    with (
        bind(mail_id=mail_id, organization_id=work.organization_id),
        Lease(mail_id, partial(delivery.renew_mail, work)) as lease,
    ):
        state = delivery.send_mail(work, lease.check)
    if state is MailState.FAILED:
        return Failed(message="The mail was given up; its record says why.")
    return Completed(name="Completed" if state is MailState.SENT else "Postponed")


@flow(name="forget-mail", persist_result=False)
def forget_mail() -> int:
    """Delete the records of mail whose time has passed; returns how many."""
    count = service.forget_old_mail()
    get_run_logger().info("deleted the records of %s mails", count)
    return count
