"""What is set for an agent: where it looks for printers, how often it works, how much it logs (FL-107…FL-122)."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.errors import PressroomError
from connectors.printers.address_ranges import MOST_ADDRESSES, TOO_MANY, checked_entry, count_addresses
from fleet.agents.models import Agent

MOST_ENTRIES = 5_000
DELAY = 250
POLLING_MINUTES = 180


class Search(StrEnum):
    """Where a fleet agent looks (FL-109)."""

    LOCAL = "local"
    ADVANCED = "advanced"


class LogLevel(StrEnum):
    """How much an agent logs (FL-121, FL-162)."""

    SUMMARY = "summary"
    DETAILED = "detailed"


def _checked(text: str) -> str:
    try:
        return checked_entry(text)
    except PressroomError as error:
        raise ValueError(error.message) from error


Entry = Annotated[str, Field(max_length=300), AfterValidator(_checked)]
Entries = Annotated[tuple[Entry, ...], Field(max_length=MOST_ENTRIES)]


class AgentSettings(BaseModel):
    """All of them; which count depends on the agent's kind.

    Intervals are in minutes, 0 turns the work off. `delay` is the pause between probes in milliseconds (A-6), `ports`
    are those of printers that listen elsewhere than usual (`http`, `snmp`).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    search: Search = Search.LOCAL
    include: Entries = ()
    exclude: Entries = ()
    snmp_profile_id: str = Field("", max_length=32)
    take_over: bool = True
    discovery_minutes: int = Field(1440, ge=0, le=43_200)
    refresh_minutes: int = Field(60, ge=0, le=43_200)
    polling_minutes: int = Field(POLLING_MINUTES, ge=1, le=43_200)
    log_level: LogLevel = LogLevel.SUMMARY
    delay: int = Field(DELAY, ge=0, le=60_000)
    http_port: int = Field(80, ge=1, le=65_535)
    snmp_port: int = Field(161, ge=1, le=65_535)

    @model_validator(mode="after")
    def _not_too_many(self) -> "AgentSettings":
        if count_addresses(self.include) > MOST_ADDRESSES:
            raise ValueError(TOO_MANY(limit=MOST_ADDRESSES).message)
        return self

    @property
    def ports(self) -> dict[str, int]:
        """The ports that differ from the standard ones."""
        standard = {"http": (self.http_port, 80), "snmp": (self.snmp_port, 161)}
        return {name: port for name, (port, usual) in standard.items() if port != usual}


def settings_of(agent: Agent) -> AgentSettings:
    """The agent's settings; what was never set is as delivered."""
    return AgentSettings.model_validate(agent.settings or {})


def keep_settings(agent: Agent, settings: AgentSettings) -> None:
    """Keep them with the agent."""
    agent.settings = settings.model_dump(mode="json")
