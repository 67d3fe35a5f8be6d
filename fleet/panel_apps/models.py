"""What is kept of panel apps besides what printers report."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import STAYS, now
from domain.tenancy import TenantRow, new_id


class AppPackage(TenantRow, Base):
    """A version of an app in the catalogue, its package in the document store. `min_framework` is empty for any.

    `is_shared`: the operator offers it to every organization of the installation.
    """

    __tablename__ = "app_package"
    __table_args__ = (UniqueConstraint("organization_id", "app_id", "version"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    app_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    version: Mapped[str] = mapped_column(String(32))
    min_framework: Mapped[str] = mapped_column(String(16), default="")
    file_name: Mapped[str] = mapped_column(String(255))
    object_key: Mapped[str] = mapped_column(String(300))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    is_shared: Mapped[bool] = mapped_column(default=False, index=True)
    uploader_id: Mapped[str | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True, info=STAYS
    )
    created: Mapped[datetime] = mapped_column(default=now)


class MinimumVersion(TenantRow, Base):
    """The lowest version of an app that is fit for use: below it an update is required (FL-288)."""

    __tablename__ = "app_minimum_version"
    __table_args__ = (UniqueConstraint("organization_id", "app_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    app_id: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(32))
