"""What somebody wants in a package: the system, the ways of printing, names and notices (PR-280…PR-284)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator, model_validator

from connectors.messages import N_
from domain.print_clients.packages import PackageType

QueueName = Annotated[
    str, StringConstraints(pattern=r"^[^\W_](?:[\w -]*\w)?$", min_length=3, max_length=64, strip_whitespace=True)
]
"""At least three characters, nothing special (PR-282, PR-284)."""
Mode = Literal["cloud", "hybrid", "direct"]


class PackageChoice(BaseModel):
    """What the package is for. `modes` are chosen for *custom*; the other types have one each.

    `default_queue` says which environment is the default printer; `assignment_ids` are for direct printing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: Literal["linux", "windows", "macos"]
    type: PackageType
    modes: frozenset[Mode] = Field(frozenset(), validate_default=True)
    cloud_queue: QueueName = "Cloud Print"
    hybrid_queue: QueueName = "Hybrid Print"
    notifications: bool = True
    default_queue: Mode | None = None
    assignment_ids: tuple[Annotated[str, Field(max_length=32)], ...] = Field((), max_length=50)

    @field_validator("modes")
    @classmethod
    def _of_type(cls, modes: frozenset[Mode], info: ValidationInfo) -> frozenset[Mode]:
        kind: PackageType = info.data.get("type", "custom")
        return modes if kind == "custom" else frozenset({kind})

    @model_validator(mode="after")
    def _whole(self) -> "PackageChoice":
        if not self.modes:
            raise ValueError(N_("Choose at least one way of printing."))
        if ("direct" in self.modes) != bool(self.assignment_ids):
            raise ValueError(N_("Direct printing and print assignments go together."))
        if self.default_queue is not None and self.default_queue not in self.modes:
            raise ValueError(N_("The default printer is not among the ways of printing."))
        return self
