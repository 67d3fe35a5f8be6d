"""What a client policy says: which version agents of workstations keep to, and when they change to it (PR-268)."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

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
    version: str = Field("", validate_default=True, max_length=32, pattern=r"^(\d{1,9}(\.\d{1,9}){1,5})?$")

    @field_validator("version")
    @classmethod
    def _pinned(cls, version: str, info: ValidationInfo) -> str:
        return (version or VERSION) if info.data.get("update") is UpdateMode.CURRENT else ""

    @model_validator(mode="after")
    def _whole(self) -> "ClientRules":
        if self.timing == "within" and self.update in (UpdateMode.PREVENT, UpdateMode.ORGANIZATION):
            raise ValueError(N_("A period belongs to policies that update."))
        return self
