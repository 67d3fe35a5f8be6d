"""The kinds of files that there are of printing, and what they are written as."""

from enum import StrEnum


class ReportKind(StrEnum):
    """What a file has: one fact a line; `full` has a file of what was submitted and one of what was released.

    `clients` has the version of each client that a person printed with last (AN-44), `customers` one line a customer
    organization (AN-61).
    """

    RELEASED = "released"
    SUBMITTED = "submitted"
    DELETED = "deleted"
    FULL = "full"
    CLIENTS = "clients"
    CUSTOMERS = "customers"


class ReportFormat(StrEnum):
    """What a file is written as."""

    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES = {
    ReportFormat.CSV: "text/csv",
    ReportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
