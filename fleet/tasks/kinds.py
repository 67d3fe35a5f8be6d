"""Which fleet tasks there are, and what each demands of a printer before it is sent (FL-25…FL-42, FL-610…FL-617)."""

from dataclasses import dataclass
from enum import StrEnum

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.agents.models import AgentKind

_F, _P, _N, _L = AgentKind.FLEET, AgentKind.PRINTER, AgentKind.NATIVE, AgentKind.LOCAL
EVERY_AGENT = frozenset(AgentKind)
CONFIGURING = frozenset({_F, _P, _N})


class TaskKind(StrEnum):
    """The operations that run as tasks over printers or agents (spec section 43)."""

    REFRESH = "refresh"
    RESTART = "restart"
    CHECK_PRINTER = "check_printer"
    UNENROL = "unenrol"
    DISCOVER = "discover"
    UPDATE_CREDENTIALS = "update_credentials"
    AGENT_SETTINGS = "agent_settings"
    UPDATE_AGENT = "update_agent"
    UPDATE_LIBRARY = "update_library"
    AGENT_LOG = "agent_log"
    PRINTER_LOG = "printer_log"
    MIB_WALK = "mib_walk"
    DEPLOY_FILE = "deploy_file"
    DEPLOY_CONFIGURATION = "deploy_configuration"
    CHECK_COMPLIANCE = "check_compliance"
    ENFORCE_CONFIGURATION = "enforce_configuration"
    UPDATE_FIRMWARE = "update_firmware"
    START_APPS = "start_apps"
    STOP_APPS = "stop_apps"
    UPDATE_APPS = "update_apps"
    UNINSTALL_APPS = "uninstall_apps"
    SPEED_UPGRADE = "speed_upgrade"
    NOTIFY_PANEL = "notify_panel"
    CLEAR_PANEL = "clear_panel"
    SET_HOME_SCREEN = "set_home_screen"


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What a kind of task demands.

    `agents` can do it; `third_party`: also for printers of other makes. `fleet_agent` is the lowest version of a fleet
    agent. `framework` is the lowest app framework for fleet agents and printer agents, `firmware` the lowest level.
    `needs_credentials`: the agent must be able to sign in; `needs_contact`: a printer known to be silent is not sent to
    (A-33). `model_flag` names the mark in the model table that must not be there. `on_agents`: jobs are for agents, not
    for printers. `in_records`: done by our own worker in our records alone, whatever the agent. `deployment` is the
    flow (flow/name).
    """

    title: str
    flow: str
    agents: frozenset[AgentKind] = EVERY_AGENT
    third_party: bool = False
    fleet_agent: str = ""
    framework: str = ""
    firmware: str = ""
    model_flag: str = ""
    needs_credentials: bool = True
    needs_contact: bool = True
    locks_msp: bool = False
    is_stoppable: bool = True
    permission: Permission = Permission.FLEET_MANAGE
    on_agents: bool = False
    in_records: bool = False

    @property
    def deployment(self) -> str:
        return f"{self.flow}/{self.flow}"


NO_PANEL_BY_FLEET_AGENT, NO_DEPLOYMENT = "3", "4"
"""Marks of the model table (PM-11)."""

KINDS = {
    TaskKind.REFRESH: TaskFacts(
        N_("Refresh printer information"),
        "refresh-printers",
        third_party=True,
        needs_credentials=False,
        needs_contact=False,
    ),
    TaskKind.RESTART: TaskFacts(N_("Restart"), "restart-printers", CONFIGURING, third_party=True),
    TaskKind.CHECK_PRINTER: TaskFacts(
        N_("Check printers"),
        "check-printers",
        CONFIGURING,
        third_party=True,
        needs_credentials=False,
        needs_contact=False,
    ),
    TaskKind.UNENROL: TaskFacts(
        N_("Unenrol printers"),
        "unenrol-printers",
        third_party=True,
        needs_credentials=False,
        needs_contact=False,
        locks_msp=True,
        is_stoppable=False,
        in_records=True,
    ),
    TaskKind.DISCOVER: TaskFacts(
        N_("Discover and enrol printers"),
        "discover-printers",
        frozenset({_F}),
        on_agents=True,
        permission=Permission.FLEET_DISCOVER,
    ),
    TaskKind.UPDATE_CREDENTIALS: TaskFacts(
        N_("Update agent credentials"), "update-agent-credentials", CONFIGURING, needs_credentials=False
    ),
    TaskKind.AGENT_SETTINGS: TaskFacts(
        N_("Edit agent settings"), "edit-agent-settings", frozenset({_F, _P, _L}), on_agents=True
    ),
    TaskKind.UPDATE_AGENT: TaskFacts(N_("Update agent"), "update-agents", frozenset({_F, _P, _L}), on_agents=True),
    TaskKind.UPDATE_LIBRARY: TaskFacts(
        N_("Update printer support library"), "update-library", frozenset({_F}), on_agents=True
    ),
    TaskKind.AGENT_LOG: TaskFacts(N_("Agent log transfer"), "collect-agent-logs", frozenset({_F, _L}), on_agents=True),
    TaskKind.PRINTER_LOG: TaskFacts(N_("Printer log"), "collect-printer-logs", CONFIGURING),
    TaskKind.MIB_WALK: TaskFacts(
        N_("MIB walk"), "walk-mib", frozenset({_F}), third_party=True, needs_credentials=False
    ),
    TaskKind.DEPLOY_FILE: TaskFacts(
        N_("Deploy file"),
        "deploy-file",
        CONFIGURING,
        framework="2.0",
        model_flag=NO_DEPLOYMENT,
        permission=Permission.FLEET_CONFIGURE,
    ),
    TaskKind.DEPLOY_CONFIGURATION: TaskFacts(
        N_("Deploy configuration"),
        "deploy-configuration",
        CONFIGURING,
        framework="2.0",
        model_flag=NO_DEPLOYMENT,
        permission=Permission.FLEET_CONFIGURE,
    ),
    TaskKind.CHECK_COMPLIANCE: TaskFacts(
        N_("Check compliance"),
        "check-compliance",
        frozenset({_F}),
        fleet_agent="1.3.49",
        permission=Permission.FLEET_CONFIGURE,
    ),
    TaskKind.ENFORCE_CONFIGURATION: TaskFacts(
        N_("Enforce assigned configuration"),
        "enforce-configuration",
        frozenset({_F}),
        fleet_agent="1.3.49",
        framework="2.0",
        model_flag=NO_DEPLOYMENT,
        permission=Permission.FLEET_CONFIGURE,
    ),
    TaskKind.UPDATE_FIRMWARE: TaskFacts(N_("Update firmware"), "update-firmware", CONFIGURING),
    TaskKind.START_APPS: TaskFacts(N_("Start apps"), "start-apps", CONFIGURING, framework="2.0"),
    TaskKind.STOP_APPS: TaskFacts(N_("Stop apps"), "stop-apps", CONFIGURING, framework="2.0"),
    TaskKind.UPDATE_APPS: TaskFacts(
        N_("Update apps"), "update-apps", CONFIGURING, framework="2.0", model_flag=NO_DEPLOYMENT
    ),
    TaskKind.UNINSTALL_APPS: TaskFacts(N_("Uninstall apps"), "uninstall-apps", CONFIGURING, framework="2.0"),
    TaskKind.SPEED_UPGRADE: TaskFacts(
        N_("Speed upgrade"),
        "upgrade-speed",
        CONFIGURING,
        fleet_agent="2.1.18",
        firmware="230.347",
        locks_msp=True,
        permission=Permission.FLEET_PRINT_SPEED,
    ),
    TaskKind.NOTIFY_PANEL: TaskFacts(
        N_("Send notification to panel"),
        "notify-panels",
        CONFIGURING,
        third_party=True,
        model_flag=NO_PANEL_BY_FLEET_AGENT,
    ),
    TaskKind.CLEAR_PANEL: TaskFacts(
        N_("Clear notification"),
        "clear-panels",
        CONFIGURING,
        third_party=True,
        model_flag=NO_PANEL_BY_FLEET_AGENT,
    ),
    TaskKind.SET_HOME_SCREEN: TaskFacts(N_("Home screen"), "set-home-screens", CONFIGURING, framework="2.0"),
}
