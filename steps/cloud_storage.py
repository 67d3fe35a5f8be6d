"""The step “Send to cloud storage”: the document as a file in the user's own OneDrive, SharePoint, … (SC-88)."""

from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import Field, field_validator

from connectors.documents.document import Document
from connectors.documents.file_names import safe_file_name
from connectors.errors import Fault, PressroomError, is_transient
from connectors.messages import N_, Message
from connectors.storage import PROVIDERS, StorageConnector, folder_parts, open_storage
from connectors.storage.connector import LONGEST_PATH, LONGEST_SEGMENT
from connectors.storage.faults import PATH_TOO_LONG
from connectors.value_problems import invalid
from steps.contract import (
    DELIVERY_UNCERTAIN,
    Delivery,
    DeliveryState,
    StepClass,
    StepContext,
    StepExample,
    StepKind,
    StepParameters,
    StepReport,
    StepResult,
)
from steps.samples import letter_pdf

NO_SITE = Fault(
    "storage.no_site",
    422,
    N_("The step has no SharePoint site to send to."),
    N_("Enter the name of a site."),
)


class CloudStorageStep(StepParameters):
    """Where the document goes. Fields that mean nothing to the chosen provider are ignored."""

    LIMITS = MappingProxyType({"path": PATH_TOO_LONG})

    provider: Literal["onedrive", "sharepoint", "google_drive", "box", "dropbox", "folder", "webdav", "s3"] = Field(
        "onedrive",
        title=N_("Send to"),
        description=N_("The cloud storage; you need an account there, linked on the page “Cloud storage accounts”."),
    )
    path: str = Field(
        "",
        title=N_("Path"),
        description=N_("Folders with “/” between them, made where they are missing; empty: the top folder."),
        max_length=LONGEST_PATH,
        json_schema_extra={"widget": "folder"},
    )
    drive_name: str = Field(
        "",
        title=N_("Drive name"),
        description=N_("Google Drive: the shared drive; empty: your own."),
        max_length=LONGEST_SEGMENT,
        json_schema_extra={"providers": ["google_drive"]},
    )
    site_name: str = Field(
        "",
        title=N_("Site name"),
        description=N_("SharePoint: the site whose documents the file goes to."),
        max_length=LONGEST_SEGMENT,
        json_schema_extra={"providers": ["sharepoint"]},
    )

    @field_validator("path")
    @classmethod
    def _check_path(cls, path: str) -> str:
        """Limits of SC-E24: 255 characters a folder, 400 in all."""
        try:
            return "/".join(folder_parts(path))
        except PressroomError as error:
            raise invalid(error) from error

    def unready(self) -> PressroomError | None:
        return NO_SITE() if self.provider == "sharepoint" and not self.site_name.strip() else None

    @property
    def target(self) -> str:
        """Where the document goes, for people and for the delivery record."""
        place = [PROVIDERS[self.provider].title]
        place += [self.drive_name] if self.provider == "google_drive" and self.drive_name else []
        place += [self.site_name] if self.provider == "sharepoint" else []
        return ": ".join([*place, "/" + self.path])


def send_to_cloud_storage(document: Document, step: CloudStorageStep, context: StepContext) -> StepResult:
    """Put the document into the folder once, whatever interrupts it, and return it as it was.

    Raises SC-E20…SC-E25, the faults of `connectors.storage`, and `DELIVERY_UNCERTAIN` where an interrupted upload
    cannot be recognised at the provider.
    """
    if error := step.unready():
        raise error
    delivery = context.delivery(document, step.target)
    if delivery.state is not DeliveryState.DELIVERED:
        account = context.storage_account(step.provider)
        storage = open_storage(
            account, context.settings, drive_name=step.drive_name.strip(), site_name=step.site_name.strip()
        )
        try:
            _deliver(document, step, context, delivery, storage)
        finally:
            storage.close()
    context.progress(document.size, document.size)
    summary = Message(template=N_("“{name}” is in {target}."), facts={"name": document.name, "target": step.target})
    return StepResult(documents=(document,), report=StepReport(summary=summary))


def _deliver(
    document: Document, step: CloudStorageStep, context: StepContext, delivery: Delivery, storage: StorageConnector
) -> None:
    is_repeated = delivery.state is DeliveryState.COMMITTING
    if is_repeated and not storage.repeatable:
        raise DELIVERY_UNCERTAIN(name=document.name, target=step.target)
    path = context.fetch(document)
    context.progress(0, document.size)
    delivery.committing()
    try:
        place = storage.upload(
            path, safe_file_name(document.name), step.path, delivery.key, context.progress, repeated=is_repeated
        )
    except PressroomError as error:
        if not is_repeated and error.code.startswith("storage.") and not is_transient(error):
            delivery.rejected()
        raise
    delivery.delivered(place)


def _example(folder: Path) -> Path:
    return letter_pdf(folder)


KIND = StepKind(
    name="cloud_storage",
    title=N_("Send to cloud storage"),
    description=N_("Puts the document into a folder at OneDrive, SharePoint, Google Drive, Box, Dropbox or your own."),
    icon="cloud_upload",
    parameters=CloudStorageStep,
    run=send_to_cloud_storage,
    step_class=StepClass.DESTINATION,
    example=StepExample(CloudStorageStep(provider="folder", path="Pressroom/Example"), _example),
)
