"""The log of a task, mailed to whoever started it (AC-97, AC-184)."""

from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.mail.message import MailAttachment
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor
from domain.tasks.service import get_task
from domain.tasks.text_log import text_log


def mail_log(session: Session, actor: Actor, task_id: str, summary: Message) -> None:
    """Queue the mail in the transaction that ends the task; a task that is continued sends no second one."""
    task = get_task(actor, task_id)
    log = text_log(actor, task_id, actor.locale)
    queue_mail(
        session,
        actor.organization_id,
        [actor.email],
        task.title,
        [summary, Message.of(N_("The log with all rows is attached."))],
        locale=actor.locale,
        link=f"{get_settings().public_url}/tasks/{task_id}",
        attachments=[MailAttachment("log.txt", "text/plain", log.encode())],
        key=f"task/{task_id}/log",
    )
