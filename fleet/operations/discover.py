"""Agents look for printers and enrol what they find (F-3)."""

from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from domain.organizations.models import now
from fleet.agents.criteria import silence_printers_outside
from fleet.agents.models import Agent
from fleet.agents.settings import settings_of
from fleet.agents.snmp_profiles import snmp_access
from fleet.enrolment.enrol import Circumstances, Enrolled, Result, counts, enrol
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.operations import AgentWork, Operation
from steps.found_printers import FoundPrinter
from steps.printer_work import ComponentResult, Outcome, Report
from steps.printers.discover import Discover, snmp_secrets

RESULTS = {
    Result.ENROLLED: N_("Enrolled."),
    Result.UPDATED: N_("Known already; brought up to date."),
    Result.TAKEN_OVER: N_("Taken over from another agent."),
    Result.MOVED: N_("Moved here from another organization."),
}


def _search(session: Session, _task: FleetTask, agent: Agent) -> AgentWork:
    """What the agent is to search, as its settings say now (FL-108…FL-113, FL-122)."""
    settings = settings_of(agent)
    agent.last_discovery = now()
    search = Discover(
        local=settings.search == "local",
        include=settings.include,
        exclude=settings.exclude,
        delay=settings.delay,
        http_port=settings.http_port,
        snmp_port=settings.snmp_port,
    )
    access = snmp_access(session, agent.organization_id, settings.snmp_profile_id)
    return AgentWork(search.model_dump(mode="json"), snmp_secrets(access))


def _enrol(session: Session, task: FleetTask, job: Job, report: Report) -> None:
    """Enrol what is in the report. Agents that find many have sent the others in parts before."""
    found = [FoundPrinter.model_validate(one) for one in report.facts.get("found", [])]
    take_in(session, task, job, found)
    if (agent := session.get(Agent, job.agent_id or "")) is not None:
        silence_printers_outside(session, agent)
    job.result = {**(job.result or {}), "probed": report.facts.get("probed", 0)}


def take_in(session: Session, task: FleetTask, job: Job, found: list[FoundPrinter]) -> list[Enrolled]:
    """Enrol printers that the job's agent has found; what becomes of each is kept with the job.

    `session` is the system's (`fleet.enrolment.enrol`).
    """
    agent = session.get(Agent, job.agent_id) if job.agent_id else None
    if agent is None or not found:
        return []
    how = Circumstances(deliberate=task.issuer_id is not None, user_id=task.issuer_id or "")
    results = enrol(session, agent, found, how)
    kept = dict(job.result or {})
    for name, count in counts(results).items():
        kept[name] = int(kept.get(name, 0)) + count
    job.result = kept
    known = {(one["name"]) for one in job.components}
    rows = [_row(one).model_dump(mode="json") for one in results]
    job.components = [*job.components, *(row for row in rows if row["name"] not in known)]
    return results


def _row(one: Enrolled) -> ComponentResult:
    name = " · ".join(part for part in (one.found.address, one.found.model, one.found.serial_number) if part)
    outcome = Outcome.NOT_SUPPORTED if one.result is Result.SKIPPED else Outcome.COMPLETED
    message = one.reason or Message.of(RESULTS[one.result])
    return ComponentResult(kind="printer", name=name, outcome=outcome, message=message)


OPERATIONS = (Operation(TaskKind.DISCOVER, for_agent=_search, settle_agent=_enrol, across=True),)
