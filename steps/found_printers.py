"""A printer as an agent has found it: by a search of the network, on a USB port, or itself by its own agent."""

from pydantic import BaseModel, ConfigDict, Field

MOST_FOUND = 65_536


class FoundPrinter(BaseModel):
    """Who was found where. Texts that the printer does not tell are empty, numbers None.

    `is_vendor`: of our own make, the only kind that can be configured. `needs_credentials`: its administrator account
    asks for some (F-3, step 5). `ports` are those that differ from the standard ones (`http`, `snmp`).
    """

    model_config = ConfigDict(frozen=True)

    address: str = Field(max_length=255)
    serial_number: str = Field("", max_length=64)
    manufacturer: str = Field("", max_length=128)
    model: str = Field("", max_length=128)
    is_vendor: bool = False
    is_color: bool | None = None
    host_name: str = Field("", max_length=255)
    mac: str = Field("", max_length=32)
    location: str = Field("", max_length=255)
    contact: str = Field("", max_length=255)
    asset_tag: str = Field("", max_length=255)
    firmware_level: str = Field("", max_length=64)
    framework_version: str = Field("", max_length=16)
    agent_version: str = Field("", max_length=32)
    pages_per_minute: int | None = None
    needs_credentials: bool = False
    ports: dict[str, int] = {}
