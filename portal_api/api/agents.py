"""Agents of the organization and how printers are enrolled, for people (FL-49…FL-56, FL-107…FL-155)."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate_message
from fleet.agents import activation, service, snmp_profiles, tasks
from fleet.agents.history import LARGEST_PAGE, AgentEventView, agent_events
from fleet.agents.models import AgentKind, SnmpProfile
from fleet.agents.service import HAS_MANAGED, IS_BUILT_IN, NAME_MISSING, NAME_TAKEN, AgentChoice, AgentView
from fleet.agents.settings import AgentSettings
from fleet.agents.snmp_profiles import IN_USE, SnmpSettings
from fleet.agents.status import AgentStatus
from fleet.enrolment import native, pre_registration
from fleet.enrolment.native import ENROLLED_ALREADY, UNKNOWN_CODE
from fleet.enrolment.pre_registration import MOST_AT_ONCE, TOO_MANY
from fleet.tasks.kinds import TaskKind
from fleet.tasks.service import NOTHING_CHOSEN, NewTask, start_fleet_task
from fleet.tasks.status import JobStatus
from portal_api.access import needs
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented
from steps.printers.agent_itself import NewSettings

router = APIRouter(tags=["agents"])
Viewer = Annotated[Actor, needs(Permission.FLEET_VIEW)]
Manager = Annotated[Actor, needs(Permission.FLEET_MANAGE)]
Discoverer = Annotated[Actor, needs(Permission.FLEET_DISCOVER)]
Enroller = Annotated[Actor, needs(Permission.FLEET_ENROL)]
Updater = Annotated[Actor, needs(Permission.FLEET_UPDATE_ACROSS)]
_LEAVING = documented(NOT_FOUND, HAS_MANAGED, IS_BUILT_IN)


class AgentPublic(BaseModel):
    """An agent. `status` is of A-1; `printers` is how many it manages."""

    id: str
    kind: AgentKind
    name: str
    description: str
    built_in: bool
    status: AgentStatus
    version: str
    library_version: str
    update_available: bool
    library_update_available: bool
    printers: int
    settings: AgentSettings
    host: dict[str, str]
    created: datetime
    activated: datetime | None
    last_contact: datetime | None
    last_discovery: datetime | None

    @classmethod
    def of(cls, view: AgentView) -> "AgentPublic":
        return cls(
            id=view.id,
            kind=view.kind,
            name=view.name,
            description=view.description,
            built_in=view.is_built_in,
            status=view.status,
            version=view.version,
            library_version=view.library_version,
            update_available=view.has_update,
            library_update_available=view.has_library_update,
            printers=view.printers,
            settings=view.settings,
            host={name: str(value) for name, value in view.host.items()},
            created=view.created,
            activated=view.activated,
            last_contact=view.last_contact,
            last_discovery=view.last_discovery,
        )


class AgentAcross(BaseModel):
    """An agent of one of several organizations, by the organization's name (FL-59)."""

    organization: str
    agent: AgentPublic


class AgentWish(BaseModel):
    """What is decided of an agent."""

    name: str = Field(min_length=1, max_length=service.LONGEST_NAME)
    description: str = Field("", max_length=service.LONGEST_DESCRIPTION)
    settings: AgentSettings = AgentSettings()


class AgentCreated(BaseModel):
    """A new fleet agent and the code that activates it within 72 hours, told only here."""

    id: str
    activation_code: str


class CodeOut(BaseModel):
    """A code, told only here."""

    code: str


class LocalCodeWish(BaseModel):
    """How many local agents the code may activate."""

    uses: int = Field(1, ge=1, le=activation.MOST_USES)


class TaskStarted(BaseModel):
    """The fleet task that was started."""

    task_id: str


class AgentEvent(BaseModel):
    """What was asked of an agent by which task, and what became of it (FL-140)."""

    id: int
    task_id: str
    kind: TaskKind
    status: JobStatus
    reason: str
    at: datetime
    ended: datetime | None

    @classmethod
    def of(cls, view: AgentEventView, locale: str) -> "AgentEvent":
        return cls(
            id=view.id,
            task_id=view.task_id,
            kind=view.kind,
            status=view.status,
            reason=translate_message(view.reason, locale) if view.reason else "",
            at=view.at,
            ended=view.ended,
        )


class AgentTaskWish(BaseModel):
    """What is to be done about which agents; `settings` count for agent_settings."""

    kind: Literal[TaskKind.AGENT_SETTINGS, TaskKind.UPDATE_AGENT, TaskKind.UPDATE_LIBRARY, TaskKind.AGENT_LOG]
    agent_ids: list[str] = Field(min_length=1, max_length=1000)
    settings: NewSettings = NewSettings()


class SnmpProfilePublic(BaseModel):
    """A profile without its secrets."""

    id: str
    name: str
    version: str
    user: str
    auth_protocol: str
    privacy_protocol: str
    timeout: float
    attempts: int

    @classmethod
    def of(cls, profile: SnmpProfile) -> "SnmpProfilePublic":
        return cls(
            id=profile.id,
            name=profile.name,
            version=profile.version,
            user=profile.user,
            auth_protocol=profile.auth_protocol,
            privacy_protocol=profile.privacy_protocol,
            timeout=profile.timeout,
            attempts=profile.attempts,
        )


class SnmpProfileCreated(BaseModel):
    """The new profile."""

    id: str


class PreRegistrationWish(BaseModel):
    """Serial numbers to pre-register, and who gets the code by mail."""

    serial_numbers: list[str] = Field(min_length=1, max_length=MOST_AT_ONCE)
    email: str = Field("", max_length=255)


class PreRegistrationResult(BaseModel):
    """What became of them (F-4)."""

    accepted: list[str]
    duplicate: list[str]
    invalid: list[str]


class SerialNumbers(BaseModel):
    """Serial numbers of printers."""

    serial_numbers: list[str] = Field(max_length=MOST_AT_ONCE)


class RemovedCount(BaseModel):
    """How many were removed."""

    removed: int


class PrinterCode(BaseModel):
    """The code that a printer shows (FL-151)."""

    code: str = Field(min_length=1, max_length=64)


class ClaimedPrinter(BaseModel):
    """The printer whose code it is; it enrols itself when it next asks."""

    serial_number: str


@router.get("/agents", operation_id="list_agents")
def list_agents(
    actor: Viewer,
    kind: AgentKind | None = None,
    status: AgentStatus | None = None,
    search: Annotated[str, Query(max_length=100, description="A part of the name.")] = "",
    update_available: Annotated[bool | None, Query(description="Agent update available.")] = None,
    library_update_available: Annotated[bool | None, Query(description="Library update available.")] = None,
) -> list[AgentPublic]:
    """The organization's agents, the built-in one first."""
    choice = AgentChoice(kind, status, update_available, library_update_available, search)
    return [AgentPublic.of(view) for view in service.list_agents(actor, choice)]


@router.get("/agents-of-all-organizations", operation_id="list_agents_across")
def list_agents_across(actor: Updater) -> list[AgentAcross]:
    """Agents of all organizations in reach, for updating them together by a bulk task (FL-57…FL-60)."""
    found = service.list_agents_across(actor)
    return [AgentAcross(organization=name, agent=AgentPublic.of(view)) for name, view in found]


@router.post(
    "/agents", operation_id="create_agent", status_code=201, responses=documented(NAME_TAKEN, NAME_MISSING, NOT_FOUND)
)
def create_agent(actor: Manager, given: AgentWish) -> AgentCreated:
    """Make a fleet agent (FL-107); install it and activate it with the code."""
    agent_id, code = service.create_fleet_agent(actor, given.name, given.description, given.settings)
    return AgentCreated(id=agent_id, activation_code=code)


@router.get("/agents/{agent_id}", operation_id="get_agent", responses=documented(NOT_FOUND))
def get_agent(actor: Viewer, agent_id: str) -> AgentPublic:
    """One agent."""
    return AgentPublic.of(service.get_agent(actor, agent_id))


@router.get("/agents/{agent_id}/events", operation_id="list_agent_events", responses=documented(NOT_FOUND))
def list_agent_events(
    actor: Viewer,
    agent_id: str,
    locale: ReaderLocale,
    before: Annotated[int | None, Query(ge=1, description="The `id` of the last event already read.")] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
) -> list[AgentEvent]:
    """The agent's event history, newest first (FL-140)."""
    return [AgentEvent.of(view, locale) for view in agent_events(actor, agent_id, before, limit)]


@router.put(
    "/agents/{agent_id}",
    operation_id="update_agent",
    status_code=204,
    responses=documented(NOT_FOUND, NAME_TAKEN, NAME_MISSING),
)
def update_agent(actor: Manager, agent_id: str, given: AgentWish) -> None:
    """Change name, search, intervals and log level; the agent gets them with its next hello (FL-131)."""
    service.change_agent(actor, agent_id, given.name, given.description, given.settings)


@router.delete("/agents/{agent_id}", operation_id="delete_agent", status_code=204, responses=_LEAVING)
def delete_agent(actor: Manager, agent_id: str) -> None:
    """Delete an agent; its printers stay, not communicating (A-7)."""
    service.delete_agent(actor, agent_id)


@router.post("/agents/{agent_id}/deactivate", operation_id="deactivate_agent", status_code=204, responses=_LEAVING)
def deactivate_agent(actor: Manager, agent_id: str) -> None:
    """Take the agent's credential away; a new code activates it again."""
    service.deactivate_agent(actor, agent_id)


@router.post(
    "/agents/{agent_id}/activation-code",
    operation_id="generate_activation_code",
    status_code=201,
    responses=documented(NOT_FOUND),
)
def generate_activation_code(actor: Manager, agent_id: str) -> CodeOut:
    """A new code for a fleet agent; former ones are worth nothing any more (FL-124)."""
    return CodeOut(code=activation.generate_code(actor, agent_id))


@router.post(
    "/agents/{agent_id}/discover", operation_id="discover_printers", status_code=202, responses=documented(NOT_FOUND)
)
def discover_printers(actor: Discoverer, agent_id: str) -> TaskStarted:
    """Let the agent search and enrol now (FL-132)."""
    return TaskStarted(task_id=start_fleet_task(actor, NewTask(TaskKind.DISCOVER), [agent_id]))


@router.post(
    "/agents/{agent_id}/refresh",
    operation_id="refresh_agent_printers",
    status_code=202,
    responses=documented(NOT_FOUND, NOTHING_CHOSEN),
)
def refresh_agent_printers(actor: Manager, agent_id: str) -> TaskStarted:
    """Read all printers of the agent now (FL-134)."""
    return TaskStarted(task_id=tasks.refresh_printers_of(actor, agent_id))


@router.post(
    "/agent-tasks",
    operation_id="start_agent_task",
    status_code=202,
    responses=documented(NOT_FOUND, NOTHING_CHOSEN),
)
def start_agent_task(actor: Manager, given: AgentTaskWish) -> TaskStarted:
    """Start a task over agents: settings of many, update, printer support library, log (FL-137…FL-139, FL-164)."""
    parameters = given.settings.model_dump(mode="json") if given.kind == TaskKind.AGENT_SETTINGS else {}
    new = NewTask(TaskKind(given.kind), parameters)
    return TaskStarted(task_id=tasks.start_agent_task(actor, new, given.agent_ids))


@router.post("/local-activation-codes", operation_id="generate_local_activation_code", status_code=201)
def generate_local_activation_code(actor: Manager, given: LocalCodeWish) -> CodeOut:
    """A code that activates that many local agents within 72 hours (FL-157)."""
    return CodeOut(code=activation.generate_local_code(actor, given.uses))


@router.get("/snmp-profiles", operation_id="list_snmp_profiles")
def list_snmp_profiles(actor: Viewer) -> list[SnmpProfilePublic]:
    """The organization's SNMP profiles by name (FL-114)."""
    return [SnmpProfilePublic.of(profile) for profile in snmp_profiles.list_profiles(actor)]


@router.post(
    "/snmp-profiles",
    operation_id="create_snmp_profile",
    status_code=201,
    responses=documented(snmp_profiles.NAME_TAKEN),
)
def create_snmp_profile(actor: Manager, given: SnmpSettings) -> SnmpProfileCreated:
    """Make a profile; communities and passwords are kept encrypted and never shown."""
    return SnmpProfileCreated(id=snmp_profiles.create_profile(actor, given))


@router.put(
    "/snmp-profiles/{profile_id}",
    operation_id="update_snmp_profile",
    status_code=204,
    responses=documented(NOT_FOUND, snmp_profiles.NAME_TAKEN),
)
def update_snmp_profile(actor: Manager, profile_id: str, given: SnmpSettings) -> None:
    """Change a profile; secrets that are left empty stay as they are."""
    snmp_profiles.change_profile(actor, profile_id, given)


@router.delete(
    "/snmp-profiles/{profile_id}",
    operation_id="delete_snmp_profile",
    status_code=204,
    responses=documented(NOT_FOUND, IN_USE),
)
def delete_snmp_profile(actor: Manager, profile_id: str) -> None:
    """Delete a profile that no agent uses."""
    snmp_profiles.delete_profile(actor, profile_id)


@router.get("/enrolment-code", operation_id="get_enrolment_code")
def get_enrolment_code(actor: Enroller) -> CodeOut:
    """The organization's code, typed at pre-registered printers (FL-145)."""
    return CodeOut(code=pre_registration.enrolment_code(actor))


@router.get("/pre-registrations", operation_id="list_pre_registrations")
def list_pre_registrations(actor: Viewer) -> SerialNumbers:
    """The serial numbers that may enrol themselves (FL-142)."""
    return SerialNumbers(serial_numbers=list(pre_registration.list_pre_registered(actor)))


@router.post("/pre-registrations", operation_id="pre_register_printers", responses=documented(TOO_MANY))
def pre_register_printers(actor: Enroller, given: PreRegistrationWish) -> PreRegistrationResult:
    """Pre-register serial numbers; the address gets the code and how to go on (FL-144)."""
    outcome = pre_registration.pre_register(actor, given.serial_numbers, given.email)
    return PreRegistrationResult(
        accepted=list(outcome.accepted), duplicate=list(outcome.duplicate), invalid=list(outcome.invalid)
    )


@router.post("/pre-registrations/remove", operation_id="remove_pre_registrations")
def remove_pre_registrations(actor: Enroller, given: SerialNumbers) -> RemovedCount:
    """Drop pre-registrations (FL-149)."""
    return RemovedCount(removed=pre_registration.remove_pre_registered(actor, given.serial_numbers))


@router.post(
    "/printer-codes",
    operation_id="register_printer_by_code",
    responses=documented(UNKNOWN_CODE, ENROLLED_ALREADY),
)
def register_printer_by_code(actor: Enroller, given: PrinterCode) -> ClaimedPrinter:
    """Register a printer by the code that it shows (FL-152)."""
    return ClaimedPrinter(serial_number=native.claim_printer(actor, given.code))
