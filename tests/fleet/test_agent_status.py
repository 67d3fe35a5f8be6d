"""The status of agents as lists show and filter it, and the card of who does not communicate (FL-49…FL-52, FL-56)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.organizations.models import now
from domain.tenancy import tenant_session
from fleet.agents import communication
from fleet.agents.communication import communication_faults
from fleet.agents.models import ActivationCode, AgentKind
from fleet.agents.service import AgentChoice, list_agents
from fleet.agents.status import AgentStatus
from fleet.agents.tasks import start_agent_task
from fleet.printers.models import Communication
from fleet.tasks.kinds import TaskKind
from fleet.tasks.service import NewTask
from tests.support.fleet import add_agent, add_printers
from tests.support.installation import Installation, installed

NOW = timedelta()
JUST_NOW: dict[str, timedelta | None] = {"activated": timedelta(days=9), "last_contact": NOW}
"""How long ago what happened; None: never."""
LATE = JUST_NOW | {"last_contact": timedelta(hours=1)}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


def add_code(office: Installation, agent_id: str, valid: timedelta) -> None:
    home = office.administrator.organization_id
    facts = {"kind": AgentKind.FLEET, "fingerprint": agent_id * 2, "expires": now() + valid}
    with tenant_session(home) as session:
        session.add(ActivationCode(organization_id=home, agent_id=agent_id, **facts))


def added(organization_id: str, kind: AgentKind = AgentKind.FLEET, **ago: timedelta | None) -> str:
    """An agent to which these things happened so long ago."""
    return add_agent(organization_id, kind, **{name: age if age is None else now() - age for name, age in ago.items()})


STATUSES: dict[str, tuple[AgentKind, dict[str, timedelta | None], AgentStatus]] = {
    "was here just now": (AgentKind.FLEET, JUST_NOW, AgentStatus.COMMUNICATING),
    "an hour ago": (AgentKind.FLEET, LATE, AgentStatus.SILENT),
    "never": (AgentKind.FLEET, LATE | {"last_contact": None}, AgentStatus.SILENT),
    "polls every three hours": (AgentKind.LOCAL, LATE, AgentStatus.COMMUNICATING),
    "local, four hours ago": (AgentKind.LOCAL, LATE | {"last_contact": timedelta(hours=4)}, AgentStatus.SILENT),
    "native, an hour ago": (AgentKind.NATIVE, LATE, AgentStatus.SILENT),
    "deactivated": (AgentKind.FLEET, LATE | {"deactivated": NOW}, AgentStatus.DEACTIVATED),
    "never activated": (AgentKind.FLEET, {}, AgentStatus.ACTIVATION_EXPIRED),
}


@pytest.mark.parametrize(("kind", "ago", "status"), STATUSES.values(), ids=STATUSES)
def test_an_agents_status_follows_from_its_activation_and_its_last_contact(
    office: Installation, kind: AgentKind, ago: dict[str, timedelta | None], status: AgentStatus
) -> None:
    """FL-56 (A-1); the lists of agents are filtered by it (FL-49…FL-52)."""
    agent_id = added(office.administrator.organization_id, kind, **ago)
    assert [one.status for one in list_agents(office.administrator, AgentChoice(kind)) if one.id == agent_id] == [
        status
    ]
    for other in AgentStatus:
        found = [one.id for one in list_agents(office.administrator, AgentChoice(kind, other))]
        assert (agent_id in found) is (other is status)


@pytest.mark.parametrize(
    ("valid", "status"),
    [(timedelta(hours=1), AgentStatus.NOT_ACTIVATED), (-timedelta(hours=1), AgentStatus.ACTIVATION_EXPIRED)],
)
def test_an_agent_without_activation_waits_as_long_as_its_code_is_valid(
    office: Installation, valid: timedelta, status: AgentStatus
) -> None:
    """FL-56: 72 hours (FL-124)."""
    agent_id = add_agent(office.administrator.organization_id)
    add_code(office, agent_id, valid)
    assert [one.id for one in list_agents(office.administrator, AgentChoice(status=status))] == [agent_id]


def test_an_agent_that_updates_itself_says_so(office: Installation) -> None:
    agent_id = added(office.administrator.organization_id, AgentKind.LOCAL, **JUST_NOW)
    start_agent_task(office.administrator, NewTask(TaskKind.UPDATE_AGENT), [agent_id])
    assert [one.id for one in list_agents(office.administrator, AgentChoice(status=AgentStatus.UPDATING))] == [agent_id]


def test_who_does_not_communicate_is_counted(office: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """FL-249; agents that were given up or never began are no faults, nor is what others' organizations have."""
    monkeypatch.setattr(communication, "AT_ONCE", 2)
    home = office.administrator.organization_id
    for ago in (JUST_NOW, LATE, LATE, LATE, LATE | {"deactivated": NOW}, {}):
        added(home, **ago)
    refused = added(home, **JUST_NOW)
    add_printers(home, 2, refused, communication=Communication.NEEDS_CREDENTIALS)
    add_printers(home, 1, added(home, **JUST_NOW))
    add_printers(home, 3, communication=Communication.SILENT)
    added(office.stranger.organization_id, **LATE)
    faults = communication_faults(office.administrator)
    counts = (faults.silent_printers.count, faults.silent_agents, faults.agents_needing_credentials)
    assert counts == (3, 3, 1)
    for status, number in ((AgentStatus.SILENT, 3), (AgentStatus.NEEDS_CREDENTIALS, 1)):
        assert len(list_agents(office.administrator, AgentChoice(status=status))) == number
