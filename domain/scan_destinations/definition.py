"""What is filled in for a scan destination (SCAN-40…SCAN-92), and the step that delivers there."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from connectors.errors import PressroomError
from connectors.messages import N_
from connectors.storage import PROVIDERS, folder_parts
from connectors.storage.connector import LONGEST_SEGMENT
from connectors.value_problems import invalid, own_fault
from domain.scan_destinations.faults import ACCESS_UNKNOWN, FILE_NAME, NAME_MISSING
from domain.scan_settings.families import EMAIL, SERVICES, ScanFamily, service_title
from domain.scanning.settings import ColorMode, ContentType, Contrast, OriginalSize, Resolution, Sides
from steps.cloud_storage import CloudStorageStep
from steps.contract import StepParameters
from steps.email import EmailStep

LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_FILE_NAME = 255, 1024, 128
FORBIDDEN = frozenset('\\/:*?"<>|')

Service = Literal["onedrive", "sharepoint", "google_drive", "box", "dropbox", "folder", "webdav", "s3", "email"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Value = Annotated[str, StringConstraints(max_length=2048)]


class CustomScan(BaseModel):
    """How a printer scans for this destination. DOCX is no format here: Solution Center makes it (SCAN-92)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preview: bool = Field(False, title=N_("Enable scan preview if the printer supports it"))
    color_mode: ColorMode = Field("auto", title=N_("Color mode"))
    content_type: ContentType = Field("text", title=N_("Content type"))
    original_size: OriginalSize = Field("auto", title=N_("Original size"))
    sides: Sides = Field("one_sided", title=N_("Sides"))
    resolution: Resolution = Field(300, title=N_("Resolution (dpi)"))
    file_format: Literal["PDF", "TIFF", "JPEG"] = Field("PDF", title=N_("File format"))
    custom_job: bool = Field(False, title=N_("Enable custom scan job"))
    contrast: Contrast = Field("best", title=N_("Contrast"))


class DestinationDefinition(BaseModel):
    """A destination as it is filled in. Fields that mean nothing to the service are ignored.

    `access` is the address of a WebDAV server or an S3 bucket, by the names of the provider's options; its passwords
    are handed in beside the definition. `scan`: None uses the printer's own defaults (SCAN-80).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NAME)]
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_DESCRIPTION)] = ""
    service: Service
    path: str = Field("", max_length=4096, description="Folders with “/” between them; empty: the top folder.")
    drive_name: str = Field("", max_length=LONGEST_SEGMENT, description="Google Drive: a shared drive; empty: own.")
    site_name: str = Field("", max_length=LONGEST_SEGMENT, description="SharePoint: “Site” or “Site/Library”.")
    addresses: str = Field("", max_length=255, description="E-mail: addresses with commas between them.")
    send_me_a_copy: bool = Field(False, description="E-mail: also to whoever scans.")
    access: dict[Name, Value] = Field({}, max_length=10)
    file_name: str = Field("scan", max_length=LONGEST_FILE_NAME)
    append_time: bool = True
    allow_file_name: bool = False
    show_settings: bool = False
    allow_folder: bool = False
    scan: CustomScan | None = None

    @field_validator("name")
    @classmethod
    def _named(cls, name: str) -> str:
        if not name:
            raise invalid(NAME_MISSING())
        return name

    @field_validator("path")
    @classmethod
    def _sound_path(cls, path: str) -> str:
        """255 characters a folder, 400 in all (SC-E24)."""
        try:
            return "/".join(folder_parts(path))
        except PressroomError as error:
            raise invalid(error) from error

    @field_validator("file_name")
    @classmethod
    def _sound_file_name(cls, name: str) -> str:
        try:
            return sound_file_name(name)
        except PressroomError as error:
            raise invalid(error) from error

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """The service's own fields: a path within its limits, a site, an address that can be reached (SC-E24)."""
        known = PROVIDERS[self.service].options if self.family.own_access else ()
        for setting in sorted(set(self.access) - set(known)):
            raise invalid(ACCESS_UNKNOWN(service=service_title(self.service), setting=setting))
        try:
            missing = self.step.unready()
        except ValidationError as error:
            own = own_fault(error.errors()[0], {})
            if own is None:
                raise
            raise invalid(own) from error
        if missing is not None:
            raise invalid(missing)
        return self

    @property
    def family(self) -> ScanFamily:
        """The family that its service belongs to."""
        return SERVICES[self.service]

    @property
    def step(self) -> StepParameters:
        """The values of the one step that a delivery consists of; raises `pydantic.ValidationError`."""
        if self.service == EMAIL:
            return EmailStep(addresses=self.addresses, send_me_a_copy=self.send_me_a_copy)
        return CloudStorageStep(
            provider=self.service, path=self.path, drive_name=self.drive_name, site_name=self.site_name
        )

    @property
    def place(self) -> str:
        """Where scans go, in short, for people who know the service."""
        if isinstance(self.step, CloudStorageStep):
            parts = [self.drive_name, self.site_name, self.step.path]
            return "/" + "/".join(part.strip() for part in parts if part.strip())
        return self.addresses

    def in_folder(self, path: str) -> "DestinationDefinition":
        """The same destination with another folder; raises `pydantic.ValidationError` (SC-E24)."""
        return DestinationDefinition.model_validate({**self.model_dump(), "path": path})


def sound_file_name(name: str) -> str:
    """`name` without spaces around it; raises `FILE_NAME` (SCAN-43)."""
    found = name.strip()
    if not found or len(found) > LONGEST_FILE_NAME or FORBIDDEN & set(found) or not found.isprintable():
        raise FILE_NAME()
    return found


def step_values(definition: DestinationDefinition) -> tuple[str, dict[str, Any]]:
    """The kind of the delivery's step and its values, as a plan holds them."""
    kind = "email" if definition.service == EMAIL else "cloud_storage"
    return kind, definition.step.model_dump(mode="json")
