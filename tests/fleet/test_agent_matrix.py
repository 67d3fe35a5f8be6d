"""Which operation each kind of agent can do for which printers, and from which versions on (FL-25…FL-42)."""

from itertools import product
from typing import Any

import pytest

from domain.organizations.models import now
from fleet.agents.models import Agent, AgentKind
from fleet.capabilities.models_table import TABLE, model_facts
from fleet.printers.models import Communication, MspStatus, Printer
from fleet.tasks.gates import agent_refusals, refusals
from fleet.tasks.kinds import TaskKind
from fleet.tasks.status import JobStatus

WHO = {
    "printer agent": (AgentKind.PRINTER, True),
    "fleet agent": (AgentKind.FLEET, True),
    "fleet agent, another make": (AgentKind.FLEET, False),
    "native agent": (AgentKind.NATIVE, True),
    "local agent": (AgentKind.LOCAL, True),
}
MATRIX = {
    TaskKind.REFRESH: "YYYYY",  # FL-25
    TaskKind.DEPLOY_CONFIGURATION: "YY-Y-",  # FL-26, FL-10
    TaskKind.DEPLOY_FILE: "YY-Y-",
    TaskKind.CHECK_COMPLIANCE: "-Y---",  # FL-27
    TaskKind.ENFORCE_CONFIGURATION: "-Y---",
    TaskKind.UPDATE_FIRMWARE: "YY-Y-",  # FL-28, FL-11
    TaskKind.START_APPS: "YY-Y-",  # FL-29
    TaskKind.STOP_APPS: "YY-Y-",
    TaskKind.UPDATE_APPS: "YY-Y-",
    TaskKind.UNINSTALL_APPS: "YY-Y-",
    TaskKind.PRINTER_LOG: "YY-Y-",  # FL-30
    TaskKind.MIB_WALK: "-YY--",  # FL-31
    TaskKind.NOTIFY_PANEL: "YYYY-",  # FL-32, and by SNMP printers of any make
    TaskKind.SET_HOME_SCREEN: "YY-Y-",  # FL-33
    TaskKind.RESTART: "YYYY-",  # FL-34, and by SNMP or IPP printers of any make
    TaskKind.UPDATE_CREDENTIALS: "YY-Y-",  # FL-35
    TaskKind.SPEED_UPGRADE: "YY-Y-",  # FL-36
}
OF_AGENTS = {
    TaskKind.DISCOVER: {AgentKind.FLEET},
    TaskKind.UPDATE_AGENT: {AgentKind.PRINTER, AgentKind.FLEET, AgentKind.LOCAL},  # FL-39, FL-40
    TaskKind.UPDATE_LIBRARY: {AgentKind.FLEET},  # FL-55
    TaskKind.AGENT_SETTINGS: {AgentKind.PRINTER, AgentKind.FLEET, AgentKind.LOCAL},  # FL-41
    TaskKind.AGENT_LOG: {AgentKind.FLEET, AgentKind.LOCAL},  # FL-42
}
NO_APPS, NO_PANEL = "X651", "C2132"


def printer(kind: AgentKind, *, is_vendor: bool = True, **values: Any) -> Printer:
    """A new printer that communicates."""
    facts = {"model": "PX C4150", "firmware_level": "240.100", "framework_version": "5.2"}
    state = {"communication": Communication.COMMUNICATING}
    return Printer(agent_kind=kind, is_vendor=is_vendor, **(facts | state | values))


def why_not(kind: TaskKind, of: Printer, version: str = "9.0") -> list[tuple[JobStatus, str]]:
    agent = Agent(kind=of.agent_kind, is_built_in=False, version=version, activated=now(), last_contact=now())
    return [(one.status, str(one.reason)) for one in refusals(kind, of, agent)]


@pytest.mark.parametrize(
    ("operation", "who"), product(MATRIX, WHO), ids=lambda one: one if isinstance(one, str) else str(one)
)
def test_an_operation_is_for_these_agents(operation: TaskKind, who: str) -> None:
    """FL-8, FL-11, FL-25…FL-36; FL-611: what an agent cannot do is not supported, whatever else stands in the way."""
    kind, is_vendor = WHO[who]
    expected = MATRIX[operation][list(WHO).index(who)]
    found = why_not(operation, printer(kind, is_vendor=is_vendor))
    assert found == ([] if expected == "Y" else [(JobStatus.NOT_SUPPORTED, "The agent does not support the task.")])


@pytest.mark.parametrize(("operation", "kind"), product(OF_AGENTS, AgentKind), ids=str)
def test_what_is_asked_of_agents_themselves_is_for_these_kinds(operation: TaskKind, kind: AgentKind) -> None:
    """FL-39…FL-42: native agents are firmware, and neither they nor printer agents hand over logs."""
    found = agent_refusals(operation, Agent(kind=kind, is_built_in=False, activated=now(), last_contact=now()))
    cannot = (JobStatus.NOT_SUPPORTED, "The agent does not support the task.")
    expected = [] if kind in OF_AGENTS[operation] else [cannot]
    assert [(one.status, str(one.reason)) for one in found] == expected


AGENT_OLD = "The agent is out of date: update it first. Version {} or later is needed."
FIRMWARE_OLD = "The firmware is out of date: update it first. {} or later is needed."
VERSIONS: list[tuple[TaskKind, AgentKind, dict[str, Any], str, str]] = [
    (TaskKind.CHECK_COMPLIANCE, AgentKind.FLEET, {}, "1.3.48", AGENT_OLD.format("1.3.49")),  # FL-603
    (TaskKind.ENFORCE_CONFIGURATION, AgentKind.FLEET, {}, "1.3.49", ""),
    (TaskKind.SPEED_UPGRADE, AgentKind.FLEET, {}, "2.1.17", AGENT_OLD.format("2.1.18")),  # FL-604
    (TaskKind.SPEED_UPGRADE, AgentKind.FLEET, {}, "2.1.18", ""),
    (TaskKind.SPEED_UPGRADE, AgentKind.NATIVE, {"firmware_level": "230.346"}, "", FIRMWARE_OLD.format("230.347")),
    (TaskKind.SPEED_UPGRADE, AgentKind.NATIVE, {"firmware_level": "230.347"}, "", ""),
    (TaskKind.DEPLOY_CONFIGURATION, AgentKind.FLEET, {"framework_version": "1.9"}, "9", FIRMWARE_OLD.format("2.0")),
    (TaskKind.DEPLOY_CONFIGURATION, AgentKind.FLEET, {"framework_version": "2.0"}, "9", ""),  # FL-601
    (TaskKind.DEPLOY_CONFIGURATION, AgentKind.PRINTER, {"framework_version": "2.9"}, "9", FIRMWARE_OLD.format("3.0")),
    (TaskKind.DEPLOY_CONFIGURATION, AgentKind.PRINTER, {"framework_version": "3.0"}, "9", ""),  # FL-600
    (TaskKind.DEPLOY_CONFIGURATION, AgentKind.NATIVE, {"framework_version": ""}, "", ""),  # FL-10
]


@pytest.mark.parametrize(("operation", "kind", "facts", "version", "reason"), VERSIONS, ids=str)
def test_old_agents_and_printers_are_told_what_to_update(
    operation: TaskKind, kind: AgentKind, facts: dict[str, Any], version: str, reason: str
) -> None:
    """FL-10, FL-406, FL-600, FL-601, FL-603, FL-604; FL-613, FL-614: not supported until they are updated."""
    expected = [(JobStatus.NOT_SUPPORTED, reason)] if reason else []
    assert why_not(operation, printer(kind, **facts), version) == expected


@pytest.mark.parametrize(
    ("operation", "kind", "model", "is_refused"),
    [
        (TaskKind.DEPLOY_CONFIGURATION, AgentKind.FLEET, NO_APPS, True),
        (TaskKind.UPDATE_APPS, AgentKind.NATIVE, NO_APPS, True),
        (TaskKind.RESTART, AgentKind.FLEET, NO_APPS, False),
        (TaskKind.NOTIFY_PANEL, AgentKind.FLEET, NO_PANEL, True),
        (TaskKind.CLEAR_PANEL, AgentKind.FLEET, NO_PANEL, True),
        (TaskKind.NOTIFY_PANEL, AgentKind.NATIVE, NO_PANEL, False),
        (TaskKind.NOTIFY_PANEL, AgentKind.FLEET, NO_APPS, False),
    ],
)
def test_models_have_marks_of_what_they_cannot_do(
    operation: TaskKind, kind: AgentKind, model: str, is_refused: bool
) -> None:
    """FL-44, FL-252, FL-403, FL-575, FL-612."""
    expected = [(JobStatus.NOT_SUPPORTED, "The printer does not support the task.")] if is_refused else []
    assert why_not(operation, printer(kind, model=model)) == expected


@pytest.mark.parametrize("status", MspStatus)
def test_printers_of_the_supplies_programme_are_not_unenrolled(status: MspStatus) -> None:
    """FL-330: neither its members nor those that wait to be."""
    reason = "The printer is managed by the supplies programme, or waits to be."
    assert why_not(TaskKind.UNENROL, printer(AgentKind.FLEET, msp=status)) == [(JobStatus.FAILED, reason)]
    assert why_not(TaskKind.REFRESH, printer(AgentKind.FLEET, msp=status)) == []


def test_which_agents_manage_a_model_is_one_of_seven_combinations() -> None:
    """FL-572; a model that the table does not list may be managed by any."""
    agents = ("printer_agent", "fleet_agent", "native_agent", "local_agent")
    names = [line.partition(",")[0] for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]]
    found = {tuple(model_facts(name).can(agent) for agent in agents) for name in names} - {(None,) * 4}
    assert {"".join("Y" if one else "-" for one in combination) for combination in found} == {
        "YYYY",
        "-YYY",
        "YY-Y",
        "-Y-Y",
        "-YY-",
        "---Y",
        "----",
    }
    assert model_facts("A model of tomorrow").can("fleet_agent") is None
