"""What a solution is: its fields, its steps with their locks, and its scan settings (SC-40…SC-55)."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from connectors.messages import N_

MAX_STEPS = 10

Contrast = Annotated[
    Literal["best", -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5],
    # Generators of API clients cannot make an enumeration of words and numbers.
    WithJsonSchema({"anyOf": [{"type": "string", "enum": ["best"]}, {"type": "integer", "minimum": -5, "maximum": 5}]}),
]


class SolutionType(StrEnum):
    """Who sees a solution (SC-30…SC-32)."""

    PERSONAL = "personal"
    ORGANIZATIONAL = "organizational"
    SHARED = "shared"


class StepDefinition(BaseModel):
    """One step as composed: its kind, the values given at design time, and which of them are locked (SC-90)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    parameters: dict[str, Any] = {}
    locked: frozenset[str] = frozenset()


class ScanSettings(BaseModel):
    """How a printer scans for this solution; a run from the portal ignores them (SC-50…SC-55)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    show_on_panel: bool = Field(False, title=N_("Show scan settings on printer panel"))
    allow_file_name: bool = Field(False, title=N_("Allow a file name to be entered from the control panel"))
    preview: bool = Field(False, title=N_("Enable scan preview if the printer supports it"))
    color_mode: Literal["auto", "color", "grayscale", "black_and_white"] = Field("auto", title=N_("Color mode"))
    content_type: Literal["text", "text_photo", "photo", "graphics"] = Field("text", title=N_("Content type"))
    original_size: Literal["auto", "A3", "A4", "A5", "A6", "B5", "Letter", "Legal", "Executive", "Ledger", "Mixed"] = (
        Field("auto", title=N_("Original size"))
    )
    sides: Literal["one_sided", "two_sided_long_edge", "two_sided_short_edge"] = Field("one_sided", title=N_("Sides"))
    resolution: Literal[75, 150, 200, 300, 400, 600] = Field(300, title=N_("Resolution (dpi)"))
    file_format: Literal["PDF", "TIFF", "JPEG", "DOCX"] = Field("PDF", title=N_("File format"))
    custom_job: bool = Field(False, title=N_("Enable custom scan job"))
    contrast: Contrast = Field("best", title=N_("Contrast"))
    file_name: str = Field("scan", max_length=128, pattern=r'^[^\\/:*?"<>|]*$', title=N_("Default file name"))
    append_time: bool = Field(True, title=N_("Append date and time to the file name"))


class SolutionDefinition(BaseModel):
    """A solution as its author writes it. Being parsed says nothing about the composition rules: see `rules`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=255)] = ""
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1024)] = ""
    share_with_organization: bool = False
    shared_with: frozenset[str] = Field(frozenset(), description="Child organizations it is shared with (SC-32).")
    scan_settings: ScanSettings = ScanSettings()
    steps: tuple[StepDefinition, ...] = ()

    @property
    def type(self) -> SolutionType:
        """Personal unless shared (SC-33)."""
        if self.shared_with:
            return SolutionType.SHARED
        return SolutionType.ORGANIZATIONAL if self.share_with_organization else SolutionType.PERSONAL
