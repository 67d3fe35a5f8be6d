"""What is kept of printers."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id
from fleet.agents.models import AgentKind

IPV4_PARTS = 4
LONGEST_SEARCH_KEY = 600
"""Characters; more would not fit into an entry of PostgreSQL's indexes."""
SEARCHED = ("address", "serial_number", "host_name", "name", "model", "asset_tag", "location", "contact", "mac")


SORTED_BY = (
    *("address_key", "host_name", "name", "description", "asset_tag", "location", "contact", "manufacturer", "model"),
    *("agent_kind", "agent_version", "communication", "last_contact", "last_refresh", "firmware_level", "compliance"),
    *("offered_firmware", "last_configuration", "supply_severity", "alert_severity", "life_pages", "mono_copies"),
    *("color_copies", "copies", "scans", "faxes", "msp"),
)
"""Fields along which an organization's list of printers is walked, whatever their order."""
FILTERED_BY = (
    *("agent_kind", "communication", "alert_severity", "supply_severity", "compliance", "msp", "offered_firmware"),
    *("model", "manufacturer", "assigned_configuration_id"),
)
"""Fields by which lists of printers are narrowed."""


class Communication(StrEnum):
    """Whether a printer can be reached through its agent (FL-248)."""

    COMMUNICATING = "communicating"
    SILENT = "not_communicating"
    NEEDS_CREDENTIALS = "agent_needs_credentials"


class Severity(StrEnum):
    """How bad the worst alert is (FL-247)."""

    ERROR = "error"
    WARNING = "warning"


class MspStatus(StrEnum):
    """Membership in the managed supplies programme (FL-205)."""

    PENDING = "pending"
    MEMBER = "member"


class Compliance(StrEnum):
    """The result of the last check (FL-424, A-27)."""

    COMPLIANT = "compliant"
    NOT_COMPLIANT = "not_compliant"
    UNKNOWN = "could_not_check"


class Printer(TenantRow, Base):
    """An enrolled printer; what lists filter and sort by stands here, the whole last reading in `PrinterReadingRow`.

    `is_vendor`: of our own make, the only kind that can be configured. `access` is how its agent signs in to it,
    encrypted (authentication type and credentials), empty where nothing is needed or known. `ports` are those that
    differ from the standard ones (`http`, `snmp`; `https` where it is managed by that), `snmp_profile_id` says how it
    is asked. `time_zone` is empty where it is the organization's (PR-91). `panel_message_ends`: when a message of ours
    on its panel has to be taken away, where it does not do that by itself (FL-251). Counts that it does not report are
    null (FL-236). `search_key` is what the search looks in, `address_key` what lists sort by, both folded and kept by
    themselves.
    """

    __tablename__ = "printer"
    __table_args__ = (
        UniqueConstraint("organization_id", "serial_number"),
        *(Index(f"ix_printer_by_{name}", "organization_id", name, "id") for name in SORTED_BY),
        Index("ix_printer_in_organization", "organization_id", "id"),
        Index("ix_printer_search", "organization_id", "search_key", "id"),
        Index("ix_printer_filters", "organization_id", *FILTERED_BY, "id"),
        Index("ix_printer_serial", "serial_number"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"), index=True)
    agent_kind: Mapped[AgentKind] = mapped_column(String(16))
    serial_number: Mapped[str] = mapped_column(String(64))
    manufacturer: Mapped[str] = mapped_column(String(128), default="")
    model: Mapped[str] = mapped_column(String(128), default="")
    is_vendor: Mapped[bool] = mapped_column(default=False)
    is_color: Mapped[bool | None]
    address: Mapped[str] = mapped_column(String(255))
    address_key: Mapped[str] = mapped_column(String(255), default="")
    ports: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    snmp_profile_id: Mapped[str | None] = mapped_column(String(32))
    access: Mapped[str] = mapped_column(Text, default="")
    panel_message_ends: Mapped[datetime | None] = mapped_column(index=True)
    host_name: Mapped[str] = mapped_column(String(255), default="")
    mac: Mapped[str] = mapped_column(String(32), default="")
    name: Mapped[str] = mapped_column(String(255), default="")
    description: Mapped[str] = mapped_column(String(1000), default="")
    asset_tag: Mapped[str] = mapped_column(String(255), default="")
    location: Mapped[str] = mapped_column(String(255), default="")
    contact: Mapped[str] = mapped_column(String(255), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="", server_default="")
    firmware_level: Mapped[str] = mapped_column(String(64), default="")
    framework_version: Mapped[str] = mapped_column(String(16), default="")
    agent_version: Mapped[str] = mapped_column(String(32), default="")
    pages_per_minute: Mapped[int | None]
    offered_firmware: Mapped[str] = mapped_column(String(64), default="")
    communication: Mapped[Communication] = mapped_column(String(32), default=Communication.COMMUNICATING)
    state: Mapped[str] = mapped_column(String(32), default="")
    alert_severity: Mapped[Severity | None] = mapped_column(String(16))
    supply_severity: Mapped[Severity | None] = mapped_column(String(16))
    life_pages: Mapped[int | None]
    mono_copies: Mapped[int | None]
    color_copies: Mapped[int | None]
    copies: Mapped[int | None]
    scans: Mapped[int | None]
    faxes: Mapped[int | None]
    last_configuration: Mapped[str] = mapped_column(String(300), default="")
    assigned_configuration_id: Mapped[str | None] = mapped_column(String(32), index=True)
    compliance: Mapped[Compliance | None] = mapped_column(String(32))
    compliance_at: Mapped[datetime | None]
    msp: Mapped[MspStatus | None] = mapped_column(String(16))
    delivery_contact_id: Mapped[str | None] = mapped_column(String(32), index=True)
    search_key: Mapped[str] = mapped_column(String(1500), default="")
    enrolled: Mapped[datetime] = mapped_column(default=now)
    last_contact: Mapped[datetime | None]
    last_refresh: Mapped[datetime | None]
    last_restart: Mapped[datetime | None]


def address_key(address: str) -> str:
    """What addresses are sorted by: the numbers of an IPv4 address in equal width, anything else as it is, folded."""
    numbers = address.split(".")
    is_ipv4 = len(numbers) == IPV4_PARTS and all(number.isascii() and number.isdigit() for number in numbers)
    return ".".join(number.zfill(3) for number in numbers) if is_ipv4 else address.casefold()


def search_key(facts: Mapping[str, Any]) -> str:
    """What the search looks in (FL-180), of a printer with these values."""
    return "\n".join(filter(None, (facts.get(name) for name in SEARCHED))).casefold()[:LONGEST_SEARCH_KEY]


@event.listens_for(Printer, "before_insert")
@event.listens_for(Printer, "before_update")
def _keep_keys(_mapper: object, _connection: object, printer: Printer) -> None:
    printer.address_key = address_key(printer.address)
    printer.search_key = search_key({name: getattr(printer, name) for name in SEARCHED})


class PrinterReadingRow(TenantRow, Base):
    """The last whole reading of a printer: a `PrinterReading` as JSON (`READING_JSON`), and of our own make `device`
    (identity), `apps` and `home_screen` as its management API tells them.
    """

    __tablename__ = "printer_reading"
    __table_args__ = (Index("ix_printer_reading_in_organization", "organization_id", "printer_id"),)

    printer_id: Mapped[str] = mapped_column(ForeignKey("printer.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]
    reading: Mapped[dict[str, Any]]


class DailySample(TenantRow, Base):
    """The last counters and supply levels of a printer on one day (UTC), for graphs and forecasts.

    `counters` are counts by name, `supplies` by key: kind, colour, serial number, level, capacity, unit and percent.
    """

    __tablename__ = "printer_sample"

    printer_id: Mapped[str] = mapped_column(ForeignKey("printer.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    counters: Mapped[dict[str, Any]]
    supplies: Mapped[dict[str, Any]]


class PrinterForecast(TenantRow, Base):
    """How long the supplies of a printer last, computed at `at`: whole days by the supply's key (FL-238…FL-243)."""

    __tablename__ = "printer_forecast"

    printer_id: Mapped[str] = mapped_column(ForeignKey("printer.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]
    days: Mapped[dict[str, Any]]
    least_days: Mapped[int]


class PrinterApp(TenantRow, Base):
    """A panel app on a printer, as the printer last reported it. `app_id` is the same on every model (FL-283)."""

    __tablename__ = "printer_app"
    __table_args__ = (Index("ix_printer_app_by_app", "organization_id", "app_id"),)

    printer_id: Mapped[str] = mapped_column(ForeignKey("printer.id", ondelete="CASCADE"), primary_key=True)
    app_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    version: Mapped[str] = mapped_column(String(32))
    is_started: Mapped[bool] = mapped_column(default=True)
    is_built_in: Mapped[bool] = mapped_column(default=False)


class PrinterEvent(TenantRow, Base):
    """One line of a printer's history (FL-224): `kind` is a word, `message` for people, `ended` for what lasts."""

    __tablename__ = "printer_event"
    __table_args__ = (Index("ix_printer_event_listing", "printer_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    printer_id: Mapped[str] = mapped_column(ForeignKey("printer.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(48))
    status: Mapped[str] = mapped_column(String(32), default="")
    message: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=now)
    ended: Mapped[datetime | None]


class Tag(TenantRow, Base):
    """A label for printers (FL-255); `name_key` is the name without regard to case."""

    __tablename__ = "printer_tag"
    __table_args__ = (UniqueConstraint("organization_id", "name_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(String(255))
    created: Mapped[datetime] = mapped_column(default=now)


class TaggedPrinter(TenantRow, Base):
    """A printer has a tag."""

    __tablename__ = "tagged_printer"
    __table_args__ = (
        Index("ix_tagged_printer_by_printer", "organization_id", "printer_id", "tag_id"),
        Index("ix_tagged_printer_by_tag", "organization_id", "tag_id", "printer_id"),
    )

    tag_id: Mapped[str] = mapped_column(ForeignKey("printer_tag.id", ondelete="CASCADE"), primary_key=True)
    printer_id: Mapped[str] = mapped_column(ForeignKey("printer.id", ondelete="CASCADE"), primary_key=True, index=True)


class FilterGroup(TenantRow, Base):
    """A saved set of filters by which printers are found anew each time it is used (FL-181…FL-185, A-12)."""

    __tablename__ = "printer_filter_group"
    __table_args__ = (UniqueConstraint("organization_id", "name_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(String(255))
    filters: Mapped[dict[str, Any]]
    created: Mapped[datetime] = mapped_column(default=now)


class ListView(TenantRow, Base):
    """A view that somebody made: which columns the list shows, in order, the first of which leads to the printer."""

    __tablename__ = "printer_view"
    __table_args__ = (UniqueConstraint("organization_id", "name_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(String(255))
    columns: Mapped[list[Any]]
    created: Mapped[datetime] = mapped_column(default=now)


class ChosenView(TenantRow, Base):
    """The view that somebody sees first: the word of a system view or the id of another (FL-195)."""

    __tablename__ = "printer_view_choice"

    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    view: Mapped[str] = mapped_column(String(32))
