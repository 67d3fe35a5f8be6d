"""Flows on one running installation: engine, dispatcher, warm workers, mail.

What a flow does is shown without an engine elsewhere; here it is asked for as in production, and the engine shows it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from benchmarks.installation import RunningInstallation, free_port, running_installation
from connectors.messages import Message
from domain.federation.configuration import OidcConfiguration
from domain.federation.models import ProviderState
from domain.federation.service import CHECK, NewProvider, ProviderView, configure, provider_settings
from domain.mail.models import MailState, OutgoingMail
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, now
from domain.organizations.roles import Role
from domain.print_quotas.status import StatusFilter, list_status, months_known
from domain.print_settings.models import EffectState
from domain.print_settings.service import change_print_settings, get_print_settings
from domain.recurrence.runs import hand_over
from domain.tasks.models import TaskState
from domain.tasks.service import list_tasks, task_lines
from domain.tenancy import system_session, tenant_session
from fleet.schedules.models import FleetSchedule
from fleet.schedules.service import create_schedule
from fleet.schedules.views import ScheduleForm
from fleet.tasks.models import FleetTask
from fleet.tasks.status import TaskStatus
from tests.support.fleet import add_printers
from tests.support.identity_provider import IdentityProvider, Relier, identity_provider
from tests.support.mail_server import mail_server
from tests.support.quotas import partner_of

SECONDS = 120.0


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstallation]:
    """One process of each pool, mail to a server that runs while a test has it run, providers on this machine."""
    settings = {
        "smtp_host": "127.0.0.1",
        "smtp_port": str(free_port()),
        "mail_retry_seconds": "0.2",
        "worker_processes": "1",
        "fleet_processes": "1",
        "print_processes": "1",
        "allow_private_addresses": "true",
        "lease_seconds": "3",
    }
    with running_installation(tmp_path_factory.mktemp("home"), **settings) as running:
        yield running


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    relier = Relier("http://127.0.0.1:8080/federation/oidc/callback", "http://sp.example", "http://sp.example/acs")
    with identity_provider(tmp_path_factory.mktemp("provider"), relier) as running:
        yield running


def wait_for(look: Callable[[], Any]) -> Any:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)
    return found


def told_by_the_engine(installation: RunningInstallation, what: str, wanted: dict[str, Any]) -> httpx.Response:
    address = f"{installation.settings.engine_url}/{what}/filter"
    return httpx.post(address, json=wanted, trust_env=False).raise_for_status()


def everything_told(installation: RunningInstallation) -> str:
    """Every flow run and every line of their logs, as the engine tells them."""
    return "".join(told_by_the_engine(installation, what, {}).text for what in ("flow_runs", "logs"))


def runs_with_tag(installation: RunningInstallation, tag: str) -> list[dict[str, Any]]:
    return list(told_by_the_engine(installation, "flow_runs", {"flow_runs": {"tags": {"all_": [tag]}}}).json())


# --- mail


def mail(mail_id: str) -> OutgoingMail:
    with system_session(read_only=True) as session:
        return session.get_one(OutgoingMail, mail_id)


def test_mail_waits_for_the_server_and_the_engine_learns_nothing_of_it(installation: RunningInstallation) -> None:
    organization = installation.administrator.organization_id
    with system_session() as session:
        subject, text = Message.of("The subject"), Message.of("A secret: {code}", code="4711-4712")
        mail_id = queue_mail(session, organization, ["ann@example.com"], subject, [text], locale="en")
    wait_for(lambda: mail(mail_id).attempt >= 1)
    assert mail(mail_id).error == "mail.unreachable"
    with mail_server(port=installation.settings.smtp_port) as mailbox:
        wait_for(lambda: mail(mail_id).state == MailState.SENT)
        assert [message["Subject"] for message in mailbox.messages] == ["The subject"]
    told = everything_told(installation)
    assert mail_id in told
    assert not [word for word in ("4711-4712", "ann@example.com", "The subject") if word in told]


# --- settings


def test_switching_print_quotas_on_keeps_where_everybody_stands(installation: RunningInstallation) -> None:
    """F-30, F-27."""
    actor = installation.administrator
    assert change_print_settings(actor, {"quotas": {"enabled": True}}).effects[0].state is EffectState.PENDING
    wait_for(lambda: [one.state for one in get_print_settings(actor).effects] == [EffectState.APPLIED])
    (month,) = months_known(actor)
    assert [one.email for one in list_status(actor, StatusFilter(month=month))] == [actor.email]


# --- identity providers


def candidate(actor: Actor) -> ProviderView:
    found = provider_settings(actor).candidate
    assert found is not None
    return found


def test_a_saved_identity_provider_is_checked_and_the_administrator_told(
    installation: RunningInstallation, provider: IdentityProvider
) -> None:
    """AC-119."""
    actor = installation.administrator
    with mail_server(port=installation.settings.smtp_port) as mailbox:
        configuration = OidcConfiguration(client_id=provider.client_id, well_known_url=provider.well_known)
        configure(actor, NewProvider(configuration, provider.client_secret))
        wait_for(lambda: candidate(actor).state is ProviderState.READY)
        configure(actor, NewProvider(configuration, "a wrong secret"))
        wait_for(lambda: candidate(actor).state is ProviderState.FAILED)
        wait_for(lambda: len(mailbox.messages) == 2)
        assert {str(message["Subject"]) for message in mailbox.messages} == {
            "Pressroom: the identity provider is ready",
            "Pressroom: the identity provider cannot be used yet",
        }
    checks = [task.id for task in list_tasks(actor) if task.kind == CHECK]
    wait_for(lambda: all(task.state.is_final for task in list_tasks(actor) if task.id in checks))
    failed, succeeded = (task for task in list_tasks(actor) if task.id in checks)
    assert (succeeded.state, failed.state) == (TaskState.FINISHED, TaskState.FINISHED_WITH_ERRORS)
    assert "client secret" in str(task_lines(actor, failed.id)[0].message)
    told = everything_told(installation)
    assert provider.client_secret not in told
    assert "a wrong secret" not in told


# --- schedules


def scheduled_runs(installation: RunningInstallation) -> list[dict[str, Any]]:
    wanted = {
        "flows": {"name": {"any_": ["run-fleet-schedule"]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
    }
    return list(told_by_the_engine(installation, "flow_runs", wanted).json())


def test_the_run_waits_in_the_engine_and_starts_the_task_when_it_is_due(installation: RunningInstallation) -> None:
    """F-43: it waits there, where operators see it, and starts its task in time."""
    administrator = installation.administrator
    add_printers(administrator.organization_id, 2, is_vendor=False)
    form = ScheduleForm.model_validate(
        {
            "name": "Nightly",
            "kind": "check_compliance",
            "recurrence": "daily",
            "start": "2026-01-01",
            "at": (now() + timedelta(hours=12)).time().isoformat("minutes"),
            "time_zone": "UTC",
        }
    )
    schedule_id = create_schedule(administrator, form)
    (waiting,) = wait_for(lambda: scheduled_runs(installation))
    assert datetime.fromisoformat(waiting["expected_start_time"]) > now() + timedelta(hours=11)
    due = now() + timedelta(seconds=3)
    with system_session() as session:
        schedule = session.get_one(FleetSchedule, schedule_id)
        schedule.next_run = due
        hand_over(session, schedule)

    def task() -> FleetTask | None:
        with system_session(read_only=True) as session:
            return session.scalars(select(FleetTask).where(FleetTask.schedule_id == schedule_id)).one_or_none()

    assert wait_for(task).created >= due
    assert wait_for(lambda: (found := task()) and TaskStatus(found.status).is_final)
    found = task()
    assert found is not None
    assert found.status == TaskStatus.NOT_SUPPORTED
    with system_session(read_only=True) as session:
        schedule = session.get_one(FleetSchedule, schedule_id)
    assert (schedule.last_count, schedule.last_run is not None) == (2, True)
    assert schedule.next_run is not None
    assert schedule.next_run > now() + timedelta(hours=11)


# --- organizations


def is_there(organization_id: str) -> bool:
    with system_session(read_only=True) as session:
        return session.get(Organization, organization_id) is not None


def test_nothing_of_a_deleted_customer_stays_in_the_records_or_in_the_engine(installation: RunningInstallation) -> None:
    """AC-21, AC-22: with the flow runs that worked for it."""
    partner_of(installation.administrator, Role.PARTNER_ADMINISTRATOR, Role.ORGANIZATION_ADMINISTRATOR)
    with closing(installation.client()) as client, mail_server(port=installation.settings.smtp_port):
        customer = client.post("/api/v1/organizations", json={"name": "Contoso"}).raise_for_status().json()["id"]
        tag = f"organization:{customer}"
        with tenant_session(customer) as session:
            subject, text = Message.of("Hello"), Message.of("Dear reader")
            queue_mail(session, customer, ["a@example.com"], subject, [text], locale="en")
        wait_for(lambda: any(run["state"]["type"] == "COMPLETED" for run in runs_with_tag(installation, tag)))
        client.post(f"/api/v1/organizations/{customer}/deletion", json={"name": "Contoso"}).raise_for_status()

        def gone() -> bool:
            failed = [task for task in client.get("/api/v1/tasks").json()["items"] if task["state"] == "FAILED"]
            assert not failed
            return not is_there(customer)

        wait_for(gone)
    assert runs_with_tag(installation, tag) == []
