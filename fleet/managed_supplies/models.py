"""What is kept of the supplies programme: the partner's settings, contacts, printers that asked, orders."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import STAYS, now
from domain.tenancy import TenantRow, new_id


class RequestState(StrEnum):
    """Where the request of a printer is. `WAITING`: not handed to the programme yet."""

    WAITING = "waiting"
    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    RELEASED = "released"


class OrderStanding(StrEnum):
    """Where an order is. `WAITING`: not handed to the programme yet; the others are the programme's words."""

    WAITING = "waiting"
    PLACED = "placed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    REFUSED = "refused"


class SuppliesProgrammeRow(TenantRow, Base):
    """How a partner runs the programme for its customers: `settings` as `ProgrammeSettings`, `secrets` encrypted."""

    __tablename__ = "supplies_programme"

    organization_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True
    )
    settings: Mapped[dict[str, Any]]
    secrets: Mapped[str] = mapped_column(Text, default="")
    changed: Mapped[datetime] = mapped_column(default=now)


class DeliveryContact(TenantRow, Base):
    """Somebody to whom supplies are sent (FL-455).

    `same_key` is equal for contacts that are the same person at the same address, `search_key` what lists search in,
    `name_key` what they are sorted by.
    """

    __tablename__ = "delivery_contact"
    __table_args__ = (
        UniqueConstraint("organization_id", "same_key"),
        Index("ix_delivery_contact_listing", "organization_id", "name_key", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100))
    company: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(255))
    country_code: Mapped[str] = mapped_column(String(4))
    phone: Mapped[str] = mapped_column(String(32))
    street: Mapped[str] = mapped_column(String(200))
    street_2: Mapped[str] = mapped_column(String(200), default="")
    city: Mapped[str] = mapped_column(String(100))
    region: Mapped[str] = mapped_column(String(100), default="")
    postal_code: Mapped[str] = mapped_column(String(20), default="")
    country: Mapped[str] = mapped_column(String(2))
    is_default: Mapped[bool] = mapped_column(default=False)
    same_key: Mapped[str] = mapped_column(String(64))
    search_key: Mapped[str] = mapped_column(String(400))
    name_key: Mapped[str] = mapped_column(String(250))
    created: Mapped[datetime] = mapped_column(default=now)


class ContactImport(TenantRow, Base):
    """The file of an import, encrypted and emptied at its end, and what became of its rows so far (F-39).

    `outcomes` has a list for each kind of outcome; `is_cancelled`: no further row is to be done.
    """

    __tablename__ = "delivery_contact_import"

    task_id: Mapped[str] = mapped_column(ForeignKey("background_task.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    outcomes: Mapped[dict[str, Any]]
    is_cancelled: Mapped[bool] = mapped_column(default=False)


class MembershipRequestRow(TenantRow, Base):
    """A printer that asked to be taken in. `terms` is the version accepted, `programme` the kind that has it, and
    `reference` that one's own name for it.

    `problem` says why it could not be handed over at the last try, `said` what the partner's people have said where
    they are the programme. A printer that leaves the records takes its requests along.
    """

    __tablename__ = "supplies_request"
    __table_args__ = (Index("ix_supplies_request_state", "state", "organization_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    printer_id: Mapped[str] = mapped_column(ForeignKey("printer.id", ondelete="CASCADE"), index=True)
    requester_id: Mapped[str | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True, info=STAYS
    )
    state: Mapped[RequestState] = mapped_column(String(16), default=RequestState.WAITING)
    terms: Mapped[str] = mapped_column(String(16))
    programme: Mapped[str] = mapped_column(String(64), default="")
    reference: Mapped[str] = mapped_column(String(255), default="")
    reason: Mapped[str] = mapped_column(String(1000), default="")
    problem: Mapped[dict[str, Any] | None]
    said: Mapped[dict[str, Any] | None]
    at: Mapped[datetime] = mapped_column(default=now)
    handed_over: Mapped[datetime | None]
    answered: Mapped[datetime | None]


class SupplyOrderRow(TenantRow, Base):
    """An order for one supply of a member printer; it stays when the printer is gone.

    `open_key` is there while the cartridge that it was made for is in the printer: no second order goes out for that.
    `cartridge` is that cartridge's serial number where the printer tells it. `supply`, `printer` and `recipient` are
    what the programme is told; the recipient is written down when it is. `problem` and `said` as with requests.
    """

    __tablename__ = "supply_order"
    __table_args__ = (
        UniqueConstraint("open_key"),
        Index("ix_supply_order_listing", "organization_id", "at", "id"),
        Index("ix_supply_order_state", "state", "organization_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    printer_id: Mapped[str | None] = mapped_column(ForeignKey("printer.id", ondelete="SET NULL"), index=True)
    open_key: Mapped[str | None] = mapped_column(String(100))
    cartridge: Mapped[str] = mapped_column(String(128), default="")
    printer: Mapped[dict[str, Any]] = mapped_column(JSON)
    supply: Mapped[dict[str, Any]] = mapped_column(JSON)
    recipient: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[OrderStanding] = mapped_column(String(16), default=OrderStanding.WAITING)
    programme: Mapped[str] = mapped_column(String(64), default="")
    reference: Mapped[str] = mapped_column(String(255), default="")
    tracking: Mapped[str] = mapped_column(String(255), default="")
    reason: Mapped[str] = mapped_column(String(1000), default="")
    problem: Mapped[dict[str, Any] | None]
    said: Mapped[dict[str, Any] | None]
    at: Mapped[datetime] = mapped_column(default=now)
    handed_over: Mapped[datetime | None]
    changed: Mapped[datetime] = mapped_column(default=now)
