"""The organization's settings for printing (PR-16…PR-53)."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_settings import service
from domain.print_settings.models import AddressState, EffectState
from domain.print_settings.service import CHANGED_MEANWHILE, OTHER_ROLE, Patch, SettingsView
from domain.printing.settings import (
    AssignmentSettings,
    ClientSettings,
    EmailSettings,
    HybridStorageSettings,
    JobSettings,
    PolicySettings,
    PrintSettings,
    QuotaSettings,
    UniversalPrintSettings,
)
from domain.texts.catalogue import translate_message
from portal_api.access import needs
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

router = APIRouter(prefix="/print-settings", tags=["print settings"])
Opener = Annotated[Actor, needs(Permission.PRINT_SETTINGS_OPEN)]


class PrintSettingsPatch(BaseModel):
    """What is to be changed: only what is given changes, all of it or nothing."""

    model_config = ConfigDict(extra="forbid")

    clients: ClientSettings | None = None
    hybrid_storage: HybridStorageSettings | None = None
    jobs: JobSettings | None = None
    email: EmailSettings | None = None
    quotas: QuotaSettings | None = None
    policies: PolicySettings | None = None
    assignments: AssignmentSettings | None = None
    universal: UniversalPrintSettings | None = None
    version: int | None = Field(None, ge=0, description="The settings are changed only if they still have this one.")

    def changes(self) -> Patch:
        """What was given, by section."""
        given = self.model_dump(mode="json", exclude_unset=True, exclude={"version"})
        return {section: values for section, values in given.items() if values is not None}


class EffectPublic(BaseModel):
    """Something that follows from a change of the settings."""

    name: str
    state: EffectState
    code: str | None = Field(description="Why it failed.")


class PrintSettingsPublic(BaseModel):
    """The settings as they were saved."""

    settings: PrintSettings
    version: int = Field(description="Counts changes.")
    suspended: list[str] = Field(description="What is on, but does not count while something that it needs is off.")
    address: str = Field(description="The address for printing by e-mail; empty: there is none.")
    address_state: AddressState | None = Field(description="Of the address for printing by e-mail.")
    address_code: str | None = Field(description="Why the address cannot be used yet.")
    effects: list[EffectPublic]
    may_change: list[str] = Field(description="The sections that belong to the roles of whoever asks.")

    @classmethod
    def of(cls, view: SettingsView) -> "PrintSettingsPublic":
        return cls(
            settings=view.settings,
            version=view.version,
            suspended=[".".join(place) for place in view.suspended],
            address=view.address,
            address_state=view.address_state,
            address_code=view.address_error.code if view.address_error else None,
            effects=[
                EffectPublic(name=one.name, state=one.state, code=one.error.code if one.error else None)
                for one in view.effects
            ],
            may_change=sorted(view.sections),
        )


class Consequences(BaseModel):
    """What a change would mean that is not seen at once, in the reader's language."""

    consequences: list[str]


@router.get("", operation_id="get_print_settings")
def get_print_settings(actor: Opener) -> PrintSettingsPublic:
    """The settings."""
    return PrintSettingsPublic.of(service.get_print_settings(actor))


@router.patch("", operation_id="update_print_settings", responses=documented(OTHER_ROLE, CHANGED_MEANWHILE))
def update_print_settings(actor: Opener, patch: PrintSettingsPatch) -> PrintSettingsPublic:
    """Change settings; a refusal names every value that cannot be, by its section and name."""
    try:
        return PrintSettingsPublic.of(service.change_print_settings(actor, patch.changes(), patch.version))
    except ValidationError as error:
        raise _refused(error) from error


@router.post("/preview", operation_id="preview_print_settings", responses=documented(OTHER_ROLE))
def preview_print_settings(actor: Opener, patch: PrintSettingsPatch, locale: ReaderLocale) -> Consequences:
    """What a change would mean, such as assignments that would no longer count; nothing is changed."""
    try:
        found = service.preview_print_settings(actor, patch.changes())
    except ValidationError as error:
        raise _refused(error) from error
    return Consequences(consequences=[translate_message(one, locale) for one in found])


def _refused(error: ValidationError) -> RequestValidationError:
    return RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in error.errors()])
