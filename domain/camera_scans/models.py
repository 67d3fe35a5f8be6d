"""What is kept of a scan with the camera until it is handed in or forgotten."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from connectors.page_photos.look import Look
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class CameraScan(TenantRow, Base):
    """A scan of one person. A day after the last change, or once its person was deleted, it is forgotten."""

    __tablename__ = "camera_scan"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now, index=True)


class CameraPage(TenantRow, Base):
    """A page: the `photo` as it came, the page `made` of it, and the photo small for showing; documents of the store.

    `corners` are parts of the upright photograph, clockwise from the page's top left. Not `is_found`: no page was seen
    in the photograph, all of it is the page. `version` counts how often the page was made.
    """

    __tablename__ = "camera_page"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    scan_id: Mapped[str] = mapped_column(ForeignKey("camera_scan.id", ondelete="CASCADE"), index=True)
    place: Mapped[int]
    photo: Mapped[dict[str, Any]]
    shown: Mapped[dict[str, Any]]
    made: Mapped[dict[str, Any]]
    corners: Mapped[list[Any]]
    is_found: Mapped[bool]
    look: Mapped[Look] = mapped_column(String(16))
    turn: Mapped[int] = mapped_column(default=0)
    dpi: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
