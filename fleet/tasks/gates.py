"""What is checked for each printer before its job is sent, in order, and how a job ends that may not pass.

FL-610…FL-616 with the exemptions of FL-617; the texts of FL-413…FL-419 serve every operation.
"""

from dataclasses import dataclass

from connectors.messages import N_, Message
from fleet.agents.models import Agent, AgentKind
from fleet.capabilities.levels import is_at_least
from fleet.capabilities.models_table import model_facts
from fleet.printers.models import Communication, Printer
from fleet.tasks.kinds import KINDS, NO_PANEL_BY_FLEET_AGENT, TaskFacts, TaskKind
from fleet.tasks.status import JobStatus

MANAGED = N_("The printer is managed by the supplies programme, or waits to be.")
AGENT_CANNOT = N_("The agent does not support the task.")
PRINTER_CANNOT = N_("The printer does not support the task.")
AGENT_OLD = N_("The agent is out of date: update it first. Version {lowest} or later is needed.")
FIRMWARE_OLD = N_("The firmware is out of date: update it first. {lowest} or later is needed.")
NO_CREDENTIALS = N_("The agent needs credentials: update the agent's credentials for this printer.")
SILENT = N_("The agent cannot reach the printer.")
AGENT_SILENT = N_("The agent does not communicate.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a job ends that is not sent, and why."""

    status: JobStatus
    reason: Message


def refusals(kind: TaskKind, printer: Printer, agent: Agent | None) -> list[Refusal]:
    """Everything that keeps the operation from this printer, the first one first; empty: it may be sent."""
    facts = KINDS[kind]
    found = [
        _msp(facts, kind, printer),
        _agent_kind(facts, printer),
        _model(facts, printer),
        _agent_version(facts, printer, agent),
        _firmware(facts, printer),
        _credentials(facts, printer),
        _contact(facts, printer, agent),
    ]
    return [refusal for refusal in found if refusal is not None]


def agent_refusals(kind: TaskKind, agent: Agent | None) -> list[Refusal]:
    """Everything that keeps a job for the agent itself from being sent (FL-39…FL-42, A-33).

    A job without a printer has no other gates.
    """
    facts = KINDS[kind]
    if not facts.on_agents:
        return []
    found = []
    if agent is not None and agent.kind not in facts.agents:
        found.append(Refusal(JobStatus.NOT_SUPPORTED, Message.of(AGENT_CANNOT)))
    if agent is None or agent.deactivated is not None:
        found.append(Refusal(JobStatus.NOT_COMMUNICATING, Message.of(AGENT_SILENT)))
    return found


def _msp(facts: TaskFacts, kind: TaskKind, printer: Printer) -> Refusal | None:
    if not facts.locks_msp or printer.msp is None:
        return None
    status = JobStatus.NOT_SUPPORTED if kind == TaskKind.SPEED_UPGRADE else JobStatus.FAILED
    return Refusal(status, Message.of(MANAGED))


def _agent_kind(facts: TaskFacts, printer: Printer) -> Refusal | None:
    if printer.agent_kind in facts.agents and (printer.is_vendor or facts.third_party):
        return None
    return Refusal(JobStatus.NOT_SUPPORTED, Message.of(AGENT_CANNOT))


def _model(facts: TaskFacts, printer: Printer) -> Refusal | None:
    flag = facts.model_flag
    if not flag or flag not in model_facts(printer.model).notes:
        return None
    if flag == NO_PANEL_BY_FLEET_AGENT and printer.agent_kind != AgentKind.FLEET:
        return None
    return Refusal(JobStatus.NOT_SUPPORTED, Message.of(PRINTER_CANNOT))


def _agent_version(facts: TaskFacts, printer: Printer, agent: Agent | None) -> Refusal | None:
    if printer.agent_kind != AgentKind.FLEET or agent is None or agent.is_built_in:
        return None  # the built-in agent is always as new as we are
    if is_at_least(agent.version, facts.fleet_agent):
        return None
    return Refusal(JobStatus.NOT_SUPPORTED, Message.of(AGENT_OLD, lowest=facts.fleet_agent))


def _firmware(facts: TaskFacts, printer: Printer) -> Refusal | None:
    if not is_at_least(printer.firmware_level, facts.firmware):
        return Refusal(JobStatus.NOT_SUPPORTED, Message.of(FIRMWARE_OLD, lowest=facts.firmware))
    needed = "3.0" if facts.framework and printer.agent_kind == AgentKind.PRINTER else facts.framework
    if printer.agent_kind != AgentKind.NATIVE and not is_at_least(printer.framework_version, needed):
        return Refusal(JobStatus.NOT_SUPPORTED, Message.of(FIRMWARE_OLD, lowest=needed))
    return None


def _credentials(facts: TaskFacts, printer: Printer) -> Refusal | None:
    if facts.needs_credentials and printer.communication == Communication.NEEDS_CREDENTIALS:
        return Refusal(JobStatus.FAILED, Message.of(NO_CREDENTIALS))
    return None


def _contact(facts: TaskFacts, printer: Printer, agent: Agent | None) -> Refusal | None:
    if not facts.needs_contact:
        return None
    if agent is None or agent.deactivated is not None:
        return Refusal(JobStatus.NOT_COMMUNICATING, Message.of(AGENT_SILENT))
    if printer.communication == Communication.SILENT:
        return Refusal(JobStatus.NOT_COMMUNICATING, Message.of(SILENT))
    return None
