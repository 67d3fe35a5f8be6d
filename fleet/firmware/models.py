"""What is kept of firmware."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import STAYS, now
from domain.tenancy import TenantRow, new_id


class FirmwareImage(TenantRow, Base):
    """An image in the catalogue, its file in the document store. `models` are those it is for, as the image names them.

    `is_shared`: the operator offers it to every organization of the installation.
    """

    __tablename__ = "firmware_image"
    __table_args__ = (UniqueConstraint("organization_id", "sha256"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    level: Mapped[str] = mapped_column(String(64))
    models: Mapped[list[Any]]
    notes: Mapped[str] = mapped_column(String(2000), default="")
    file_name: Mapped[str] = mapped_column(String(255))
    object_key: Mapped[str] = mapped_column(String(300))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    is_shared: Mapped[bool] = mapped_column(default=False, index=True)
    uploader_id: Mapped[str | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True, info=STAYS
    )
    created: Mapped[datetime] = mapped_column(default=now)


class RecommendedFirmware(TenantRow, Base):
    """The level that an organization wants for a model; without one the newest in the catalogue is offered.

    `model_key` is the model's name as names are compared.
    """

    __tablename__ = "firmware_recommendation"
    __table_args__ = (UniqueConstraint("organization_id", "model_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    model: Mapped[str] = mapped_column(String(128))
    model_key: Mapped[str] = mapped_column(String(128))
    level: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(default=now)
