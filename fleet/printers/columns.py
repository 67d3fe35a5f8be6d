"""The columns that lists of printers can show (FL-203), and what can be sorted by each of them."""

from dataclasses import dataclass
from enum import StrEnum

from connectors.messages import N_


class Column(StrEnum):
    """Every column, in the order in which choices offer them."""

    ADDRESS = "address"
    HOST_NAME = "host_name"
    SERIAL_NUMBER = "serial_number"
    NAME = "name"
    DESCRIPTION = "description"
    ASSET_TAG = "asset_tag"
    LOCATION = "location"
    CONTACT = "contact"
    ORGANIZATION = "organization"
    MANUFACTURER = "manufacturer"
    MODEL = "model"
    TAGS = "tags"
    AGENT_KIND = "agent_kind"
    AGENT_VERSION = "agent_version"
    COMMUNICATION = "communication"
    LAST_CONTACT = "last_contact"
    LAST_REFRESH = "last_refresh"
    FIRMWARE_LEVEL = "firmware_level"
    FIRMWARE_UPDATE = "firmware_update"
    LAST_CONFIGURATION = "last_configuration"
    ASSIGNED_CONFIGURATION = "assigned_configuration"
    COMPLIANCE = "compliance"
    LAST_TASK = "last_task"
    SUPPLY_ALERTS = "supply_alerts"
    PRINTER_ALERTS = "printer_alerts"
    DAYS_LEFT = "days_left"
    COVERAGE = "coverage"
    LIFE_PAGES = "life_pages"
    MONO_COPIES = "mono_copies"
    COLOR_COPIES = "color_copies"
    COPIES = "copies"
    SCANS = "scans"
    FAXES = "faxes"
    DIAGNOSTIC_EVENTS = "diagnostic_events"
    COMPANY_NAME = "company_name"
    MSP = "msp"
    DELIVERY_CONTACT = "delivery_contact"


class Sorting(StrEnum):
    """How values of a column are compared."""

    TEXT = "text"
    NUMBER = "number"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """`key` is the field of a printer that the column is sorted by, empty where it cannot be.

    `identifies`: it may be the first column of a view, which leads to the printer.
    """

    title: str
    key: str = ""
    sorting: Sorting = Sorting.TEXT
    identifies: bool = False


COLUMNS = {
    Column.ADDRESS: ColumnFacts(N_("IP address"), "address_key", identifies=True),
    Column.HOST_NAME: ColumnFacts(N_("Host name"), "host_name", identifies=True),
    Column.SERIAL_NUMBER: ColumnFacts(N_("Serial number"), "serial_number", identifies=True),
    Column.NAME: ColumnFacts(N_("Printer name"), "name", identifies=True),
    Column.DESCRIPTION: ColumnFacts(N_("Description"), "description"),
    Column.ASSET_TAG: ColumnFacts(N_("Asset tag"), "asset_tag", identifies=True),
    Column.LOCATION: ColumnFacts(N_("Location"), "location"),
    Column.CONTACT: ColumnFacts(N_("Contact information"), "contact"),
    Column.ORGANIZATION: ColumnFacts(N_("Organization"), "organization_id"),
    Column.MANUFACTURER: ColumnFacts(N_("Manufacturer"), "manufacturer"),
    Column.MODEL: ColumnFacts(N_("Model"), "model"),
    Column.TAGS: ColumnFacts(N_("Tags")),
    Column.AGENT_KIND: ColumnFacts(N_("Agent kind"), "agent_kind"),
    Column.AGENT_VERSION: ColumnFacts(N_("Agent version"), "agent_version"),
    Column.COMMUNICATION: ColumnFacts(N_("Communication"), "communication"),
    Column.LAST_CONTACT: ColumnFacts(N_("Last communication"), "last_contact", Sorting.MOMENT),
    Column.LAST_REFRESH: ColumnFacts(N_("Last data refresh"), "last_refresh", Sorting.MOMENT),
    Column.FIRMWARE_LEVEL: ColumnFacts(N_("Firmware level"), "firmware_level"),
    Column.FIRMWARE_UPDATE: ColumnFacts(N_("Firmware update"), "offered_firmware"),
    Column.LAST_CONFIGURATION: ColumnFacts(N_("Last configuration"), "last_configuration"),
    Column.ASSIGNED_CONFIGURATION: ColumnFacts(N_("Assigned configuration")),
    Column.COMPLIANCE: ColumnFacts(N_("Compliance"), "compliance"),
    Column.LAST_TASK: ColumnFacts(N_("Last task")),
    Column.SUPPLY_ALERTS: ColumnFacts(N_("Supply alerts"), "supply_severity"),
    Column.PRINTER_ALERTS: ColumnFacts(N_("Printer alerts"), "alert_severity"),
    Column.DAYS_LEFT: ColumnFacts(N_("Days left")),
    Column.COVERAGE: ColumnFacts(N_("Lifetime coverage")),
    Column.LIFE_PAGES: ColumnFacts(N_("Life page count"), "life_pages", Sorting.NUMBER),
    Column.MONO_COPIES: ColumnFacts(N_("Copies, mono"), "mono_copies", Sorting.NUMBER),
    Column.COLOR_COPIES: ColumnFacts(N_("Copies, colour"), "color_copies", Sorting.NUMBER),
    Column.COPIES: ColumnFacts(N_("Copies"), "copies", Sorting.NUMBER),
    Column.SCANS: ColumnFacts(N_("Scans"), "scans", Sorting.NUMBER),
    Column.FAXES: ColumnFacts(N_("Faxes printed"), "faxes", Sorting.NUMBER),
    Column.DIAGNOSTIC_EVENTS: ColumnFacts(N_("Diagnostic events")),
    Column.COMPANY_NAME: ColumnFacts(N_("Company name")),
    Column.MSP: ColumnFacts(N_("Vendor-managed"), "msp"),
    Column.DELIVERY_CONTACT: ColumnFacts(N_("Delivery contact")),
}
"""What is known of each column."""

SORTABLE = tuple(column for column, facts in COLUMNS.items() if facts.key)
