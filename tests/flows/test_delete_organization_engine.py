"""A customer is deleted on the real engine, with the flow runs that worked for it (AC-21, AC-22)."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from benchmarks.installation import RunningInstallation, running_installation
from connectors.messages import Message
from domain.mail.service import queue_mail
from domain.organizations.models import Organization
from domain.organizations.roles import Role
from domain.tenancy import system_session, tenant_session
from tests.support.quotas import partner_of

SECONDS = 120.0


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstallation]:
    home = tmp_path_factory.mktemp("home")
    with running_installation(
        home, worker_processes="1", fleet_processes="0", print_processes="0", lease_seconds="3"
    ) as running:
        yield running


def flow_runs(installation: RunningInstallation, tag: str) -> list[dict[str, Any]]:
    wanted = {"flow_runs": {"tags": {"all_": [tag]}}}
    answer = httpx.post(f"{installation.settings.engine_url}/flow_runs/filter", json=wanted)
    return list(answer.raise_for_status().json())


def test_nothing_of_a_customer_stays_in_the_records_or_in_the_engine(installation: RunningInstallation) -> None:
    partner_of(installation.administrator, Role.PARTNER_ADMINISTRATOR, Role.ORGANIZATION_ADMINISTRATOR)
    with closing(installation.client()) as client:
        customer = client.post("/api/v1/organizations", json={"name": "Contoso"}).raise_for_status().json()["id"]
        tag = f"organization:{customer}"
        with tenant_session(customer) as session:
            queue_mail(
                session, customer, ["a@example.com"], Message.of("Hello"), [Message.of("Dear reader")], locale="en"
            )
        deadline = time.monotonic() + SECONDS
        while not any(run["state"]["type"] == "COMPLETED" for run in flow_runs(installation, tag)):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        client.post(f"/api/v1/organizations/{customer}/deletion", json={"name": "Contoso"}).raise_for_status()
        while _is_there(customer):
            failed = [task for task in client.get("/api/v1/tasks").json()["items"] if task["state"] == "FAILED"]
            assert not failed
            assert time.monotonic() < deadline
            time.sleep(0.2)
    assert flow_runs(installation, tag) == []


def _is_there(organization_id: str) -> bool:
    with system_session(read_only=True) as session:
        return session.get(Organization, organization_id) is not None
