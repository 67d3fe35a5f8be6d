"""What a quota definition may say (PR-58…PR-64), and where somebody stands against it (PR-73…PR-78)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from connectors.messages import N_

MONTHS = 12
MOST = 10_000_000
WARNING_PERCENT = 10
"""With so much left or less, there is a warning (PR-74, AM-12)."""


class QuotaStatus(StrEnum):
    """How much somebody has left, the better first."""

    OK = "ok"
    WARNING = "warning"
    EXCEEDED = "exceeded"


STATUS_TITLES = {
    QuotaStatus.OK: N_("Enough left"),
    QuotaStatus.WARNING: N_("Almost used up"),
    QuotaStatus.EXCEEDED: N_("Used up"),
}


class MonthLimit(BaseModel):
    """What may be printed in one month, in impressions over all copies (AM-7); colour is part of the total (PR-61)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    total: Literal["unlimited", "limited", "disabled"] = "unlimited"
    total_limit: int | None = Field(None, ge=0, le=MOST, description="Impressions, where the total is limited.")
    color: Literal["allowed", "not_allowed", "limited"] = "allowed"
    color_limit: int | None = Field(None, ge=0, le=MOST, description="Of these in colour, where colour is limited.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.total == "limited") != (self.total_limit is not None):
            raise ValueError(N_("A number of impressions belongs to a limited total, and only there."))
        if (self.color == "limited") != (self.color_limit is not None):
            raise ValueError(N_("A number of colour impressions belongs to limited colour, and only there."))
        if self.total == "disabled" and self.color == "limited":
            raise ValueError(N_("Colour cannot be limited where printing is disabled."))
        if self.total_limit is not None and self.color_limit is not None and self.color_limit > self.total_limit:
            raise ValueError(N_("The limit for colour is at most the limit for all."))
        return self


class QuotaLimits(BaseModel):
    """The same limit for every month, or one for each; months that were not set are unlimited (PR-64)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shape: Literal["same", "monthly"] = "same"
    months: tuple[MonthLimit, ...] = Field(
        (MonthLimit(),), max_length=MONTHS, description="One for all months, or up to twelve from January on."
    )

    @field_validator("months")
    @classmethod
    def _complete(cls, months: tuple[MonthLimit, ...], info: ValidationInfo) -> tuple[MonthLimit, ...]:
        if info.data.get("shape") == "monthly":
            return months + (MonthLimit(),) * (MONTHS - len(months))
        if len(months) != 1:
            raise ValueError(N_("Give one limit for all months."))
        return months

    def of_month(self, month: str) -> MonthLimit:
        """The limit in a month such as 2026-11."""
        return self.months[0] if self.shape == "same" else self.months[int(month[5:7]) - 1]


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody has used of a month's limit. What is left may be negative: the last job may overdraw (PR-75)."""

    limit: MonthLimit
    impressions: int = 0
    color_impressions: int = 0

    @property
    def left(self) -> int | None:
        """Impressions left of all; None: no limit."""
        if self.limit.total == "disabled":
            return 0
        return None if self.limit.total_limit is None else self.limit.total_limit - self.impressions

    @property
    def color_left(self) -> int | None:
        """Colour impressions left of the colour limit; None: colour has no limit of its own."""
        if self.limit.color_limit is None:
            return None
        return self.limit.color_limit - self.color_impressions

    @property
    def status(self) -> QuotaStatus:
        """By exact numbers; the worse of total and colour counts. Colour without a limit is left out (PR-78)."""
        if self.limit.total == "disabled":
            return QuotaStatus.EXCEEDED
        pairs = ((self.left, self.limit.total_limit), (self.color_left, self.limit.color_limit))
        parts = [_status(left, limit) for left, limit in pairs if left is not None and limit is not None]
        return max(parts, key=list(QuotaStatus).index, default=QuotaStatus.OK)


def _status(left: int, limit: int) -> QuotaStatus:
    if left <= 0:
        return QuotaStatus.EXCEEDED
    return QuotaStatus.WARNING if left * 100 <= limit * WARNING_PERCENT else QuotaStatus.OK
