"""What a solution is: its fields, its steps with their locks, and its scan settings (SC-40…SC-55)."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from connectors.messages import N_
from domain.scanning.settings import ColorMode, ContentType, Contrast, OriginalSize, Resolution, Sides

MAX_STEPS = 10


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
    color_mode: ColorMode = Field("auto", title=N_("Color mode"))
    content_type: ContentType = Field("text", title=N_("Content type"))
    original_size: OriginalSize = Field("auto", title=N_("Original size"))
    sides: Sides = Field("one_sided", title=N_("Sides"))
    resolution: Resolution = Field(300, title=N_("Resolution (dpi)"))
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
