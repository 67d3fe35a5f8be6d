"""What a client policy says: which version agents of workstations keep to, and when they change to it (PR-268)."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.messages import N_
from steps.versions import VERSION


class UpdateMode(StrEnum):
    """What becomes of older versions."""

    ORGANIZATION = "organization"
    CURRENT = "current"
    AUTOMATIC = "automatic"
    PREVENT = "prevent"


class ClientRules(BaseModel):
    """The content of a client policy. `days`: updates happen within so many days, where `timing` says within.

    `version` is that to which *current* pins, set when the policy is saved (AM-46). *organization* leaves it to the
    organization's setting, which is what counts without any default policy (AM-5, PR-269).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    update: UpdateMode = UpdateMode.ORGANIZATION
    timing: Literal["at_once", "within"] = "at_once"
    days: int = Field(1, ge=1, le=7)
    version: str = Field("", max_length=32, pattern=r"^(\d{1,9}(\.\d{1,9}){1,5})?$")

    @model_validator(mode="after")
    def _whole(self) -> "ClientRules":
        if self.timing == "within" and self.update in (UpdateMode.PREVENT, UpdateMode.ORGANIZATION):
            raise ValueError(N_("A period belongs to policies that update."))
        pinned = (self.version or VERSION) if self.update is UpdateMode.CURRENT else ""
        return self if pinned == self.version else self.model_copy(update={"version": pinned})
