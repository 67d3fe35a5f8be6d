"""The organization's settings for Scan Management (SCAN-10…SCAN-19)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.scan_settings import service
from domain.scan_settings.faults import NO_PROVIDER, NOT_SAVED
from domain.scan_settings.service import ScanSettingsView
from domain.scan_settings.settings import ScanSettings
from domain.texts.catalogue import translate_message
from portal_api.access import needs
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

router = APIRouter(prefix="/scan-settings", tags=["scan management"])
Administrator = Annotated[Actor, needs(Permission.SCAN_MANAGE)]


class ScanSettingsPublic(BaseModel):
    """The settings as they were saved. `warnings` are in the reader's language."""

    settings: ScanSettings
    version: int = Field(description="Counts changes.")
    warnings: list[str]

    @classmethod
    def of(cls, view: ScanSettingsView, locale: str) -> "ScanSettingsPublic":
        return cls(
            settings=view.settings,
            version=view.version,
            warnings=[translate_message(one, locale) for one in view.warnings],
        )


class ScanSettingsChange(BaseModel):
    """All of the settings."""

    settings: ScanSettings
    version: int | None = Field(None, ge=0, description="The settings are changed only if they still have this one.")


@router.get("", operation_id="get_scan_settings")
def get_scan_settings(actor: Administrator, locale: ReaderLocale) -> ScanSettingsPublic:
    """The settings."""
    return ScanSettingsPublic.of(service.get_scan_settings(actor), locale)


@router.put("", operation_id="update_scan_settings", responses=documented(NO_PROVIDER, NOT_SAVED))
def update_scan_settings(actor: Administrator, given: ScanSettingsChange, locale: ReaderLocale) -> ScanSettingsPublic:
    """Save the settings; what is switched off keeps its destinations and accounts, which cannot be used then."""
    return ScanSettingsPublic.of(service.change_scan_settings(actor, given.settings, given.version), locale)
