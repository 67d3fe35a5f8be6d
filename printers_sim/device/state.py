"""What a printer of the system's own brand keeps about its management: settings, apps, sign-in, messages, enrolment."""

import time
from dataclasses import dataclass, field
from enum import StrEnum

from printers_sim.device.account import Account
from printers_sim.device.catalogue import Value
from printers_sim.profile import Profile

MOST_EVENTS = 200
PRINTER_AGENT = "printer-agent"
"""The id of the app that is the printer agent; its version is part of the identity."""


class EventKind(StrEnum):
    """Which log an event belongs to (FL-227…FL-230)."""

    HISTORY = "history"
    FRAMEWORK = "framework"
    SECURITY = "security"
    FAX = "fax"


class EnrolmentState(StrEnum):
    """How far enrolment through the native agent has come (FL-146…FL-154)."""

    NONE = "none"
    CODE_ENTERED = "code_entered"
    CODE_ISSUED = "code_issued"
    ENROLLED = "enrolled"


@dataclass(slots=True)
class DeviceEvent:
    """Something that happened. `at` counts seconds since 1970; faxes may have failed."""

    at: float
    kind: EventKind
    text: str
    failed: bool = False


@dataclass(slots=True)
class InstalledApp:
    """An app on the printer. `defaults` are the settings it declares, `settings` those that were changed."""

    id: str
    name: str
    version: str
    is_started: bool = True
    built_in: bool = False
    defaults: dict[str, Value] = field(default_factory=dict)
    settings: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class PanelMessage:
    """What the panel shows from the portal until `expires` (seconds since 1970), 48 hours at most."""

    text: str
    expires: float


@dataclass(slots=True)
class Enrolment:
    """Enrolment in the cloud: the organization's code typed here, or this printer's code to be typed in the portal.

    `agent` is the kind that is to enrol where somebody has named one: native, or printer.
    """

    state: EnrolmentState = EnrolmentState.NONE
    server: str = ""
    organization_code: str = ""
    printer_code: str = ""
    code_expires: float = 0.0
    agent: str = ""


@dataclass(slots=True)
class DeviceState:
    """All of it. `settings` holds what differs from the defaults; `home_screen` is None for the default layout."""

    account: Account = field(default_factory=Account)
    settings: dict[str, Value] = field(default_factory=dict)
    apps: dict[str, InstalledApp] = field(default_factory=dict)
    login_methods: dict[str, object] = field(default_factory=dict)
    message: PanelMessage | None = None
    home_screen: list[list[str]] | None = None
    firmware_updates: int = 0
    restarted_at: float = field(default_factory=time.time)
    used_licences: list[str] = field(default_factory=list)
    enrolment: Enrolment = field(default_factory=Enrolment)
    events: list[DeviceEvent] = field(default_factory=list)

    def note(self, kind: EventKind, text: str) -> None:
        """Write to a log; the oldest entries fall out."""
        self.events.append(DeviceEvent(time.time(), kind, text))
        del self.events[:-MOST_EVENTS]

    @property
    def printer_agent(self) -> str | None:
        """The version of the printer agent, if it is installed."""
        agent = self.apps.get(PRINTER_AGENT)
        return agent.version if agent else None


def built_in_apps(profile: Profile) -> dict[str, InstalledApp]:
    """The apps that a model is delivered with."""
    return {
        name: InstalledApp(name, name.replace("-", " ").capitalize(), f"{profile.framework}.0", built_in=True)
        for name in profile.apps
    }
