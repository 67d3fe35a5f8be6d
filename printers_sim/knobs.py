"""What an operator may ask a simulated printer to do wrong (FL-580)."""

from dataclasses import dataclass, field
from enum import StrEnum


class Behaviour(StrEnum):
    """How a printer misbehaves on request (FL-576, FL-580)."""

    NONE = ""
    SILENT = "silent"
    SLOW = "slow"
    WRONG_COMMUNITY = "wrong community"


class FailingStep(StrEnum):
    """What can be made to fail. `FIRMWARE_INSTALL` restarts the printer, which comes back with its former level."""

    SETTINGS = "settings"
    BUNDLE = "bundle"
    APP_INSTALL = "app_install"
    APP_START = "app_start"
    APP_STOP = "app_stop"
    APP_UNINSTALL = "app_uninstall"
    APP_SETTINGS = "app_settings"
    LOGIN_METHODS = "login_methods"
    FIRMWARE = "firmware"
    FIRMWARE_INSTALL = "firmware_install"
    RESTART = "restart"
    PANEL_MESSAGE = "panel_message"
    HOME_SCREEN = "home_screen"
    LOGS = "logs"
    SPEED_UPGRADE = "speed_upgrade"
    ENROLMENT = "enrolment"
    CREDENTIALS = "credentials"
    PRINT = "print"


class UsageApp(StrEnum):
    """How the usage app of a printer misbehaves (PR-337)."""

    NONE = ""
    MISSING = "missing"
    TWICE = "twice"


@dataclass(slots=True)
class Knobs:
    """What is turned on. `unresolved_error` is a text the panel shows until it is cleared.

    After a settings bundle the printer does not answer for `bundle_seconds` (TS-27).
    """

    wrong_credentials: bool = False
    busy: bool = False
    offline: bool = False
    unresolved_error: str = ""
    bundle_seconds: float = 0.0
    fail_at: set[FailingStep] = field(default_factory=set)
    usage_app: UsageApp = UsageApp.NONE
