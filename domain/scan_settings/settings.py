"""The settings themselves, and what they depend on (SCAN-10…SCAN-19)."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from domain.scan_settings.families import FAMILIES, SERVICES, ScanFamily
from domain.scan_settings.models import ScanSettingsRow

MOST_DOMAINS = 200
AccountDomain = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=253, pattern=r"^[^\s@/]+\.[^\s@/]+$")
]
FamilyName = Literal["microsoft", "google", "box", "dropbox", "folder", "webdav", "s3", "email"]


class ScanSettings(BaseModel):
    """Scan Management of an organization. While `enabled` is off the rest is kept and has no effect (SCAN-16)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(False, title=N_("Enable Scan Management for your organization"))
    personal_destinations: bool = Field(False, title=N_("Allow users to create personal scan destinations"))
    families: tuple[FamilyName, ...] = Field((), max_length=len(FAMILIES), title=N_("Cloud storage providers"))
    account_domains: tuple[AccountDomain, ...] = Field(
        (), max_length=MOST_DOMAINS, title=N_("Customer domains linked to storage providers")
    )
    folder_choice: bool = Field(False, title=N_("Allow choosing a folder from the printer's control panel"))

    @field_validator("families")
    @classmethod
    def _in_order(cls, families: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in FAMILIES if name in families)

    @field_validator("account_domains")
    @classmethod
    def _each_once(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(domains)))

    def offers(self, service: str) -> bool:
        """Whether people may scan to that service now (SCAN-12, SCAN-18)."""
        return self.enabled and SERVICES[service].name in self.families

    def takes_account(self, account: str) -> bool:
        """Whether an account of that name may be linked (SCAN-17); sub-domains have to be listed themselves."""
        return not self.account_domains or account.rpartition("@")[2].lower() in self.account_domains


UNUSABLE = N_("{family} takes personal destinations only, and those are off: nobody can scan there.")
DOMAINS_IDLE = N_("Domains count once Scan Management is on.")


def warnings(settings: ScanSettings) -> Iterator[Message]:
    """What an administrator should know of settings that may be saved all the same (section 8, SCAN-15)."""
    if not settings.personal_destinations:
        for family in chosen(settings):
            if family.personal_only:
                yield Message.of(UNUSABLE, family=family.title)
    if settings.account_domains and not settings.enabled:
        yield Message.of(DOMAINS_IDLE)


def chosen(settings: ScanSettings) -> tuple[ScanFamily, ...]:
    """The families that are switched on."""
    return tuple(FAMILIES[name] for name in settings.families)


def stored_settings(session: Session, organization_id: str) -> ScanSettings:
    """The organization's settings as they were saved."""
    row = session.get(ScanSettingsRow, organization_id)
    return ScanSettings.model_validate(row.values) if row is not None else ScanSettings()
