"""The flow that sends mail, on a running installation: engine, dispatcher, warm worker."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx
from sqlalchemy import select

from benchmarks.installation import free_port, running_installation
from connectors.messages import Message
from domain.mail.models import MailState, OutgoingMail
from domain.mail.service import queue_mail
from domain.tenancy import system_session
from tests.support.mail_server import mail_server

SECONDS = 60.0


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def mail() -> OutgoingMail:
    with system_session(read_only=True) as session:
        return session.scalars(select(OutgoingMail)).one()


def test_mail_waits_for_the_server_and_the_engine_learns_nothing_of_it(tmp_path: Path) -> None:
    port = free_port()
    with running_installation(
        tmp_path, smtp_host="127.0.0.1", smtp_port=str(port), mail_retry_seconds="0.2", worker_processes="1"
    ) as running:
        organization = running.administrator.organization_id
        with system_session() as session:
            subject, text = Message.of("The subject"), Message.of("A secret: {code}", code="4711")
            queue_mail(session, organization, ["ann@example.com"], subject, [text], locale="en")
        wait_until(lambda: mail().attempt >= 1)
        assert mail().error == "mail.unreachable"
        with mail_server(port=port) as mailbox:
            wait_until(lambda: mail().state == MailState.SENT)
            assert [message["Subject"] for message in mailbox.messages] == ["The subject"]
        mail_id = mail().id
        engine = httpx.Client(base_url=running.settings.engine_url, trust_env=False)
        runs = engine.post("/flow_runs/filter", json={}).raise_for_status().text
        logs = engine.post("/logs/filter", json={}).raise_for_status().text
    assert mail_id in runs
    assert not [word for word in ("4711", "ann@example.com", "The subject") if word in runs + logs]
