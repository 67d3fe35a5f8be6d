"""What an agent does about itself: takes over settings, says which versions it has (F-14…F-16).

Here is what needs nothing of the agent's own: saying that a version is there already. Packages are installed by the
agent that has a folder for them (`pressroom.agent`), and the log (F-18) is packed by the agent that keeps one.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.messages import N_, Message
from connectors.printers.levels import is_at_least
from steps.agent_packages import OfferedPackage
from steps.printer_work import FileReference, Order, Outcome, PrinterStepKind, Report, WorkFiles
from steps.versions import LIBRARY_VERSION as LIBRARY_VERSION
from steps.versions import VERSION as VERSION

CURRENT_ALREADY = N_("It is at the current version already: {version}.")
BY_PACKAGE = N_("There is no package of version {version} for the agent's system: install it on its host by hand.")
LOG_ELSEWHERE = N_("The built-in agent has no log of its own: it is in the log of the worker.")


class NewSettings(BaseModel):
    """What can be changed of many agents at once (FL-164)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    log_level: Literal["summary", "detailed"] = "detailed"
    polling_minutes: int = Field(180, ge=1, le=43_200)


class Update(BaseModel):
    """The version that is wanted, and where there is one, its package for the agent's system.

    `app` is the package of a printer agent, which is an app on its printer.
    """

    model_config = ConfigDict(frozen=True)

    version: str = Field("", max_length=32)
    package: OfferedPackage | None = None
    app: FileReference | None = None


class AgentLog(BaseModel):
    """Needs nothing."""


async def take_over_settings(_order: Order, _files: WorkFiles) -> Report:
    """Confirm: the settings come with the next hello."""
    return Report()


async def update_agent(order: Order, _files: WorkFiles) -> Report:
    """Say whether the program is what is wanted."""
    return compared(Update.model_validate(order.parameters).version, VERSION, "version")


async def update_library(order: Order, _files: WorkFiles) -> Report:
    """Say whether the library is what is wanted."""
    return compared(Update.model_validate(order.parameters).version, LIBRARY_VERSION, "library_version")


async def agent_log(_order: Order, _files: WorkFiles) -> Report:
    """An agent without a log of its own says where it is."""
    return Report(outcome=Outcome.NOT_SUPPORTED, reason=Message.of(LOG_ELSEWHERE))


def compared(wanted: str, present: str, name: str) -> Report:
    """The report where nothing is to be done (“already current”), or where nothing can be."""
    facts = {name: present}
    if is_at_least(present, wanted):
        return Report(remarks=(Message.of(CURRENT_ALREADY, version=present),), facts=facts)
    return Report(outcome=Outcome.NOT_SUPPORTED, reason=Message.of(BY_PACKAGE, version=wanted), facts=facts)


STEPS = (
    PrinterStepKind("agent_settings", N_("Edit agent settings"), NewSettings, take_over_settings),
    PrinterStepKind("update_agent", N_("Update agent"), Update, update_agent),
    PrinterStepKind("update_library", N_("Update printer support library"), Update, update_library),
    PrinterStepKind("agent_log", N_("Agent log transfer"), AgentLog, agent_log),
)
