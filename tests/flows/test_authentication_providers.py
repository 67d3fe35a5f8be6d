"""The check of an identity provider, on a running installation: engine, dispatcher, warm worker, mail (AC-119)."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx

from benchmarks.installation import free_port, running_installation
from domain.federation.configuration import OidcConfiguration
from domain.federation.models import ProviderState
from domain.federation.service import NewProvider, ProviderView, configure, provider_settings
from domain.organizations.actor import Actor
from domain.tasks.models import TaskState
from domain.tasks.service import list_tasks, task_lines
from tests.support.identity_provider import Relier, identity_provider
from tests.support.mail_server import mail_server

SECONDS = 60.0


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def candidate(actor: Actor) -> ProviderView:
    found = provider_settings(actor).candidate
    assert found is not None
    return found


def test_a_saved_configuration_is_checked_and_the_administrator_told(tmp_path: Path) -> None:
    (tmp_path / "provider").mkdir()
    relier = Relier("http://127.0.0.1:8080/federation/oidc/callback", "http://sp.example", "http://sp.example/acs")
    port = free_port()
    with (
        identity_provider(tmp_path / "provider", relier) as provider,
        mail_server(port=port) as mailbox,
        running_installation(
            tmp_path / "home",
            smtp_host="127.0.0.1",
            smtp_port=str(port),
            worker_processes="1",
            allow_private_addresses="true",
        ) as running,
    ):
        actor = running.administrator
        configuration = OidcConfiguration(client_id=provider.client_id, well_known_url=provider.well_known)
        configure(actor, NewProvider(configuration, provider.client_secret))
        wait_until(lambda: candidate(actor).state is ProviderState.READY)
        configure(actor, NewProvider(configuration, "a wrong secret"))
        wait_until(lambda: candidate(actor).state is ProviderState.FAILED)
        wait_until(lambda: len(mailbox.messages) == 2)
        assert {str(message["Subject"]) for message in mailbox.messages} == {
            "Pressroom: the identity provider is ready",
            "Pressroom: the identity provider cannot be used yet",
        }
        wait_until(lambda: all(task.state.is_final for task in list_tasks(actor)))
        failed, succeeded = list_tasks(actor)
        assert (succeeded.state, failed.state) == (TaskState.FINISHED, TaskState.FINISHED_WITH_ERRORS)
        assert "client secret" in str(task_lines(actor, failed.id)[0].message)
        engine = httpx.Client(base_url=running.settings.engine_url, trust_env=False)
        told = engine.post("/flow_runs/filter", json={}).text + engine.post("/logs/filter", json={}).text
    assert provider.client_secret not in told
    assert "a wrong secret" not in told
