"""What is kept of configurations: their versions, variable settings, and how printers drifted from them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import STAYS, now
from domain.tenancy import TenantRow, new_id

DRAFT = 0
"""The number of a version that is not published."""


class AssetKind(StrEnum):
    """By what the rows of a variable settings file name printers (FL-367)."""

    ADDRESS = "IPADDRESS"
    HOST_NAME = "HOSTNAME"
    SERIAL_NUMBER = "SERIALNUMBER"


class Configuration(TenantRow, Base):
    """A named set of firmware, apps, settings and login methods (FL-346…FL-349). `name_key`: the name, case folded.

    Its content is in its versions; there is always at least one: a draft, or a published one.
    """

    __tablename__ = "configuration"
    __table_args__ = (UniqueConstraint("organization_id", "name_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(String(1000), default="")
    is_default: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now)
    editor_id: Mapped[str | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True, info=STAYS
    )


class VariableFile(TenantRow, Base):
    """A variable settings file as it was imported; never changed, so that versions may share it (FL-365…FL-369)."""

    __tablename__ = "variable_file"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    configuration_id: Mapped[str] = mapped_column(ForeignKey("configuration.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    asset_kind: Mapped[AssetKind] = mapped_column(String(16))
    columns: Mapped[list[Any]] = mapped_column(JSON)
    row_count: Mapped[int]
    created: Mapped[datetime] = mapped_column(default=now)


class VariableRow(TenantRow, Base):
    """The values of one printer, in the order of the file's columns. `asset_key` is its asset id, folded."""

    __tablename__ = "variable_row"

    file_id: Mapped[str] = mapped_column(ForeignKey("variable_file.id", ondelete="CASCADE"), primary_key=True)
    asset_key: Mapped[str] = mapped_column(String(255), primary_key=True)
    asset_id: Mapped[str] = mapped_column(String(255))
    cells: Mapped[list[Any]] = mapped_column(JSON)


class ConfigurationVersion(TenantRow, Base):
    """What a configuration holds. `number` counts published versions from 1; the draft has 0 until it is published.

    A published version is never changed (FL-397, A-25). `content` is JSON without secrets, which are in `secrets`,
    encrypted, by the names that `fleet.configurations.content` gives them.
    """

    __tablename__ = "configuration_version"
    __table_args__ = (UniqueConstraint("configuration_id", "number"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    configuration_id: Mapped[str] = mapped_column(ForeignKey("configuration.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(default=DRAFT)
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    secrets: Mapped[str] = mapped_column(Text, default="")
    variable_file_id: Mapped[str | None] = mapped_column(ForeignKey("variable_file.id", ondelete="SET NULL"))
    comments: Mapped[str] = mapped_column(String(1000), default="")
    published: Mapped[datetime | None]
    publisher_id: Mapped[str | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True, info=STAYS
    )


class ConfigurationResource(TenantRow, Base):
    """A version uses a resource, which therefore can be neither changed nor deleted (FL-343, FL-344)."""

    __tablename__ = "configuration_resource"

    version_id: Mapped[str] = mapped_column(
        ForeignKey("configuration_version.id", ondelete="CASCADE"), primary_key=True
    )
    resource_id: Mapped[str] = mapped_column(ForeignKey("fleet_resource.id"), primary_key=True, index=True)


class DriftEnding(StrEnum):
    """How a difference between a printer and its assigned configuration ended."""

    ENFORCED = "enforced"
    RETURNED = "returned"
    REPLACED = "replaced"


class Drift(TenantRow, Base):
    """A part of a printer that differed from its assigned configuration: found at `seen`, over at `ended`.

    `item` is the name of a setting or app, `found` its value on the printer, `after` the value when it ended.
    `ending` tells whether enforcement put it right, whether somebody else did, or whether another configuration or
    version is wanted now. `task_id` is the task that found it.
    """

    __tablename__ = "configuration_drift"
    __table_args__ = (
        Index("ix_configuration_drift_open", "printer_id", "ended", "id"),
        Index("ix_configuration_drift_listing", "organization_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    printer_id: Mapped[str] = mapped_column(ForeignKey("printer.id", ondelete="CASCADE"))
    configuration_id: Mapped[str] = mapped_column(String(32))
    configuration: Mapped[str] = mapped_column(String(300))
    component: Mapped[str] = mapped_column(String(32))
    item: Mapped[str] = mapped_column(String(255))
    expected: Mapped[str] = mapped_column(Text)
    found: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text, default="")
    seen: Mapped[datetime] = mapped_column(default=now)
    ended: Mapped[datetime | None]
    ending: Mapped[DriftEnding | None] = mapped_column(String(16))
    task_id: Mapped[str] = mapped_column(String(32), default="")


class AuthenticatedProxy(TenantRow, Base):
    """An organization whose printers reach the cloud through a proxy that asks for credentials (FL-289)."""

    __tablename__ = "authenticated_proxy"
    __table_args__ = (UniqueConstraint("organization_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    since: Mapped[datetime] = mapped_column(default=now)
