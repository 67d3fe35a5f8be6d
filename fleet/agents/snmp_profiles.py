"""Profiles by which agents ask printers over SNMP (FL-114…FL-118); communities and passwords are kept encrypted."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.secrets import decrypt, encrypt
from connectors.snmp.client import Authentication, Privacy
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.agents.models import Agent, SnmpProfile
from fleet.agents.settings import settings_of
from fleet.printers.models import Printer
from steps.printer_work import SnmpAccess

NAME_TAKEN = Fault(
    "snmp_profile.name_taken",
    409,
    N_("There is an SNMP profile named “{name}” already."),
    N_("Choose another name."),
    spec="FL-114",
)
IN_USE = Fault(
    "snmp_profile.in_use",
    409,
    N_("Agents use the SNMP profile “{name}”."),
    N_("Choose another profile for these agents first."),
)
SHORTEST = 8


class SnmpSettings(BaseModel):
    """What a profile is made of. Secrets left empty when a profile is changed stay as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
    version: Literal["1", "2c", "3"] = "2c"
    community: SecretStr = Field(SecretStr(""), max_length=255)
    write_community: SecretStr = Field(
        SecretStr(""), max_length=255, description="For restarts and panel messages of printers of other makes."
    )
    user: str = Field("", max_length=64)
    auth_protocol: Authentication | Literal[""] = ""
    auth_secret: SecretStr = Field(SecretStr(""), max_length=255)
    privacy_protocol: Privacy | Literal[""] = ""
    privacy_secret: SecretStr = Field(SecretStr(""), max_length=255)
    timeout: float = Field(1.0, ge=0.1, le=60, description="Seconds for each attempt.")
    attempts: int = Field(2, ge=1, le=10)

    @model_validator(mode="after")
    def _fits_together(self) -> "SnmpSettings":
        if self.version == "3" and not self.user:
            raise ValueError("version 3 needs a user")
        if self.privacy_protocol and not self.auth_protocol:
            raise ValueError("privacy needs authentication")
        for secret in (self.auth_secret, self.privacy_secret):
            if 0 < len(secret.get_secret_value()) < SHORTEST:
                raise ValueError("passwords of version 3 have at least 8 characters")
        return self


def list_profiles(actor: Actor) -> list[SnmpProfile]:
    """The organization's profiles by name."""
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        return list(session.scalars(select(SnmpProfile).order_by(SnmpProfile.name_key)))


def create_profile(actor: Actor, settings: SnmpSettings) -> str:
    """Make a profile; returns its id. Raises `NAME_TAKEN`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        profile = SnmpProfile(organization_id=actor.organization_id)
        _take_over(session, profile, settings)
        session.add(profile)
        session.flush()
        record(session, actor, "snmp_profile.created", "snmp_profile", profile.id, {"name": profile.name})
        return profile.id


def change_profile(actor: Actor, profile_id: str, settings: SnmpSettings) -> None:
    """Change a profile. Raises `NOT_FOUND`, `NAME_TAKEN`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        profile = _of(session, profile_id)
        _take_over(session, profile, settings)
        record(session, actor, "snmp_profile.changed", "snmp_profile", profile.id, {"name": profile.name})


def delete_profile(actor: Actor, profile_id: str) -> None:
    """Delete a profile that no agent uses; printers found with it are asked in the usual way. Raises `IN_USE`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        profile = _of(session, profile_id)
        if any(settings_of(agent).snmp_profile_id == profile_id for agent in session.scalars(select(Agent))):
            raise IN_USE(name=profile.name)
        for printer in session.scalars(select(Printer).where(Printer.snmp_profile_id == profile_id)):
            printer.snmp_profile_id = None
        record(session, actor, "snmp_profile.deleted", "snmp_profile", profile.id, {"name": profile.name})
        session.delete(profile)


def snmp_access(session: Session, organization_id: str, profile_id: str | None) -> SnmpAccess:
    """How printers of that profile are asked; without one, or after it was deleted, version 2c with “public”."""
    query = select(SnmpProfile).where(SnmpProfile.id == profile_id, SnmpProfile.organization_id == organization_id)
    profile = session.scalar(query) if profile_id else None
    return SnmpAccess() if profile is None else access_by(profile)


def access_by(profile: SnmpProfile) -> SnmpAccess:
    """How printers of that profile are asked, with its secrets."""
    kept = decrypt(profile.secrets)
    return SnmpAccess(
        version=profile.version,
        community=SecretStr(kept["community"] or "public"),
        write_community=SecretStr(kept.get("write_community", "")),
        user=profile.user,
        auth_protocol=profile.auth_protocol,
        auth_secret=SecretStr(kept["auth"]),
        privacy_protocol=profile.privacy_protocol,
        privacy_secret=SecretStr(kept["privacy"]),
        timeout=profile.timeout,
        attempts=profile.attempts,
    )


def _take_over(session: Session, profile: SnmpProfile, settings: SnmpSettings) -> None:
    key = settings.name.casefold()
    taken = select(SnmpProfile.id).where(SnmpProfile.name_key == key, SnmpProfile.id != (profile.id or ""))
    if session.scalar(taken) is not None:
        raise NAME_TAKEN(name=settings.name)
    former = decrypt(profile.secrets) if profile.secrets else {}
    given = {
        "community": settings.community,
        "write_community": settings.write_community,
        "auth": settings.auth_secret,
        "privacy": settings.privacy_secret,
    }
    secrets = {name: value.get_secret_value() or former.get(name, "") for name, value in given.items()}
    profile.name, profile.name_key, profile.version = settings.name, key, settings.version
    profile.user = settings.user
    profile.auth_protocol, profile.privacy_protocol = str(settings.auth_protocol), str(settings.privacy_protocol)
    profile.timeout, profile.attempts, profile.secrets = settings.timeout, settings.attempts, encrypt(secrets)


def _of(session: Session, profile_id: str) -> SnmpProfile:
    profile = session.scalar(select(SnmpProfile).where(SnmpProfile.id == profile_id))
    if profile is None:
        raise NOT_FOUND(what="SNMP profile")
    return profile
