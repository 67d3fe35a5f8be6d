"""What is set for the tool and kept on this computer (FL-78…FL-85). Credentials of SNMP version 3 are never kept."""

import json
import os
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from connectors.errors import Fault
from connectors.messages import N_
from steps.printer_work import SnmpAccess

UNREADABLE = Fault(
    "enrolment_tool.settings_unreadable",
    422,
    N_("The settings in {file} cannot be read."),
    N_("Remove the file; the tool begins with its defaults then."),
)


class PreferredAgent(StrEnum):
    """The agent for printers that have a native one (FL-78)."""

    NATIVE = "native"
    PRINTER = "printer"


class ToolSettings(BaseModel):
    """All of them. Ports are those at which the printers are asked; times are in seconds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    portal: str = Field("", max_length=300)
    agent: PreferredAgent = PreferredAgent.NATIVE
    discovery_seconds: int = Field(300, ge=5, le=7200)
    enrolment_seconds: int = Field(600, ge=10, le=7200)
    detailed_log: bool = False
    snmp_version: str = Field("2c", pattern="^(1|2c|3)$")
    community: str = Field("public", min_length=1, max_length=64)
    auth_protocol: str = Field("", pattern="^(|md5|sha1|sha224|sha256|sha384|sha512)$")
    privacy_protocol: str = Field("", pattern="^(|des|aes128|aes256)$")
    http_port: int = Field(80, ge=1, le=65_535)
    snmp_port: int = Field(161, ge=1, le=65_535)

    @property
    def asks_for_snmp(self) -> bool:
        """Whether a search needs credentials that somebody has to type first (FL-89)."""
        return self.snmp_version == "3"

    def snmp(self, user: str = "", auth: str = "", privacy: str = "") -> SnmpAccess:
        """How printers are asked by SNMP, with what was typed for version 3."""
        if self.snmp_version != "3":
            return SnmpAccess(version=self.snmp_version, community=SecretStr(self.community))
        return SnmpAccess(
            version="3",
            user=user,
            auth_protocol=self.auth_protocol,
            auth_secret=SecretStr(auth),
            privacy_protocol=self.privacy_protocol,
            privacy_secret=SecretStr(privacy),
        )


def settings_file(folder: Path) -> Path:
    """Where they are kept."""
    return folder / "settings.json"


def read_settings(folder: Path) -> ToolSettings:
    """What was kept, or the defaults; raises `UNREADABLE`."""
    file = settings_file(folder)
    try:
        return ToolSettings.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return ToolSettings()
    except (OSError, ValidationError) as error:
        raise UNREADABLE(file=file) from error


def keep_settings(folder: Path, settings: ToolSettings) -> None:
    """Keep them for the next start, for their owner alone: the community may be a secret."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = settings_file(folder).with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(settings.model_dump(mode="json"), file)
    part.replace(settings_file(folder))
