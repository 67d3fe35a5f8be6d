"""What is done about agents themselves: settings, versions, logs (F-14…F-16, F-18)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.documents.file_names import safe_file_name
from fleet.agents.models import Agent, AgentKind
from fleet.agents.settings import LogLevel, keep_settings, settings_of
from fleet.agents.versions import printer_agent_for
from fleet.packages.offers import current_version, offer, publish_release
from fleet.printer_logs.models import OF_AGENT, CollectedLog
from fleet.printers.models import Printer
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.operations import AgentWork, Operation
from steps.agent_packages import PackageKind
from steps.printer_work import Outcome, Report
from steps.printers.agent_itself import NewSettings, Update


def _keep_settings(session: Session, task: FleetTask, job: Job, report: Report) -> None:
    """The agent has confirmed: they count from now on."""
    agent = _agent(session, job)
    if agent is None or report.outcome is not Outcome.COMPLETED:
        return
    wanted = NewSettings.model_validate(task.parameters)
    changed = {"log_level": LogLevel(wanted.log_level), "polling_minutes": wanted.polling_minutes}
    keep_settings(agent, settings_of(agent).model_copy(update=changed))


def _wanted_version(session: Session, _task: FleetTask, agent: Agent) -> AgentWork:
    """The newest program for the agent's system, or for a printer agent the newest app that fits its printer."""
    if agent.kind == AgentKind.PRINTER:
        framework = session.scalar(select(Printer.framework_version).where(Printer.agent_id == agent.id)) or ""
        app = printer_agent_for(agent.organization_id, framework)
        wanted = Update(version=app.version, app=app.file) if app is not None else Update()
    else:
        wanted = _offered(PackageKind.AGENT, agent)
    return AgentWork(wanted.model_dump(mode="json"))


def _wanted_library(_session: Session, _task: FleetTask, agent: Agent) -> AgentWork:
    return AgentWork(_offered(PackageKind.LIBRARY, agent).model_dump(mode="json"))


def _offered(kind: PackageKind, agent: Agent) -> Update:
    package = offer(kind, str(agent.host.get("target", "")))
    current = current_version(kind)
    if package is None or package.manifest.version != current:
        return Update(version=current)  # the agent says whether it has it already; nothing newer fits its system
    return Update(version=current, package=package)


def _keep_versions(session: Session, _task: FleetTask, job: Job, report: Report) -> None:
    """What the agent says of its versions, whether it could be updated or not (F-16)."""
    agent = _agent(session, job)
    if agent is None:
        return
    agent.version = str(report.facts.get("version", agent.version))[:32]
    agent.library_version = str(report.facts.get("library_version", agent.library_version))[:32]


def _keep_log(session: Session, task: FleetTask, job: Job, report: Report) -> None:
    """The file that the agent has handed over, for whoever may download logs (FL-166)."""
    key = str(report.facts.get("file", ""))
    if report.outcome is not Outcome.COMPLETED or not key.startswith(f"{job.organization_id}/fleet/logs/"):
        return  # an agent can hand over only what it has put into its own organization's place for logs
    size = report.facts.get("size")
    log = CollectedLog(
        organization_id=job.organization_id,
        job_id=job.id,
        subject=job.subject,
        kind=OF_AGENT,
        file_name=safe_file_name(str(report.facts.get("name", "agent-log.zip"))),
        media_type="application/zip",
        size=size if isinstance(size, int) and size >= 0 else 0,
        object_key=key[:300],
        requester_id=task.issuer_id,
        requested=task.created,
    )
    session.add(log)
    session.flush()
    job.result = {"log_id": log.id}


def _agent(session: Session, job: Job) -> Agent | None:
    return session.get(Agent, job.agent_id) if job.agent_id else None


OPERATIONS = (
    Operation(TaskKind.AGENT_SETTINGS, NewSettings, settle_agent=_keep_settings),
    Operation(TaskKind.UPDATE_AGENT, prepare=publish_release, for_agent=_wanted_version, settle_agent=_keep_versions),
    Operation(TaskKind.UPDATE_LIBRARY, prepare=publish_release, for_agent=_wanted_library, settle_agent=_keep_versions),
    Operation(TaskKind.AGENT_LOG, settle_agent=_keep_log),
)
