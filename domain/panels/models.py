"""What is kept of panels: for each printer whose panel is open, one session of the device."""

from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class PanelSession(TenantRow, Base):
    """The panel of one printer. Only SHA-256 hashes are kept of the ticket it is opened with and of its cookie.

    `width` and `height` are the screen's pixels, `frame_origin` the only other site that may show the pages in a frame
    (empty: none), `address` the network address that opened it. `person_hash` is the key of the `PrinterSession` of
    whoever is signed in. `pending` is the badge that waits for a PIN or for its registration, encrypted, until
    `pending_until`. `locale` and `contrast` were chosen at the panel and are forgotten with the person. `changed` moves
    with everything that the page has to hear of.
    """

    __tablename__ = "panel_session"
    __table_args__ = (
        UniqueConstraint("ticket_hash"),
        UniqueConstraint("token_hash"),
        Index("ix_panel_session_printer", "organization_id", "printer_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    printer_id: Mapped[str] = mapped_column(String(32))
    ticket_hash: Mapped[str | None] = mapped_column(String(64))
    token_hash: Mapped[str | None] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    frame_origin: Mapped[str] = mapped_column(String(255), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    person_hash: Mapped[str | None] = mapped_column(String(64))
    pending: Mapped[str] = mapped_column(Text, default="")
    pending_until: Mapped[datetime | None]
    locale: Mapped[str] = mapped_column(String(16), default="")
    contrast: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime] = mapped_column(default=now, index=True)
    changed: Mapped[datetime] = mapped_column(default=now, index=True)
