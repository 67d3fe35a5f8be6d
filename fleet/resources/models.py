"""What is kept of resources."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from connectors.printers.files import FileKind
from domain.organizations.models import STAYS, now
from domain.tenancy import TenantRow, new_id


class Resource(TenantRow, Base):
    """A file that printers take, in the document store under `object_key`.

    `facts` are what was read out of it: of an app its id, name, version, framework and settings, of firmware its level
    and models, of a settings file or bundle what it is for and how much it holds. `source` is where firmware came from:
    an address or a build name. A file that was only deployed once is not in the library (`is_listed`).
    """

    __tablename__ = "fleet_resource"
    __table_args__ = (Index("ix_fleet_resource_listing", "organization_id", "is_listed", "name", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[FileKind] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(String(1000), default="")
    file_name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    object_key: Mapped[str] = mapped_column(String(300))
    source: Mapped[str] = mapped_column(String(2000), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_listed: Mapped[bool] = mapped_column(default=True)
    created: Mapped[datetime] = mapped_column(default=now)
    creator_id: Mapped[str | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True, info=STAYS
    )
