"""Status codes of IPP answers, and our faults as such (RFC 8011, 5.4 and appendix B; PWG 5100.13; PR-328)."""

from collections.abc import Mapping
from enum import IntEnum

from connectors.errors import PressroomError
from connectors.ipp.wire import Attribute


class Status(IntEnum):
    """What became of a request."""

    OK = 0x0000
    OK_IGNORED = 0x0001
    BAD_REQUEST = 0x0400
    FORBIDDEN = 0x0401
    NOT_POSSIBLE = 0x0404
    TIMEOUT = 0x0405
    NOT_FOUND = 0x0406
    ENTITY_TOO_LARGE = 0x0408
    FORMAT_NOT_SUPPORTED = 0x040A
    NOT_SUPPORTED = 0x040B
    CHARSET_NOT_SUPPORTED = 0x040D
    COMPRESSION_NOT_SUPPORTED = 0x040F
    COMPRESSION_ERROR = 0x0410
    FORMAT_ERROR = 0x0411
    DOCUMENT_PASSWORD_ERROR = 0x0418
    ACCOUNT_CLOSED = 0x041D
    ACCOUNT_LIMIT_REACHED = 0x041E
    INTERNAL_ERROR = 0x0500
    OPERATION_NOT_SUPPORTED = 0x0501
    VERSION_NOT_SUPPORTED = 0x0503
    TEMPORARY_ERROR = 0x0505
    MULTIPLE_DOCUMENTS_NOT_SUPPORTED = 0x0509


class IppRefusal(Exception):
    """An operation that is not done: the status, why (in English), and what was not supported."""

    def __init__(self, status: Status, message: str, unsupported: Mapping[str, Attribute] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.unsupported = dict(unsupported or {})


BY_CODE = {
    "print_job.format_not_supported": Status.FORMAT_NOT_SUPPORTED,
    "print_job.too_large": Status.ENTITY_TOO_LARGE,
    "print_quota.printing_disabled": Status.ACCOUNT_CLOSED,
    "print_quota.quota_exceeded": Status.ACCOUNT_LIMIT_REACHED,
    "document.empty": Status.FORMAT_ERROR,
    "document.encrypted": Status.DOCUMENT_PASSWORD_ERROR,
}
"""Faults whose status of HTTP does not say enough (PR-328)."""
BY_HTTP = {
    401: Status.FORBIDDEN,
    403: Status.FORBIDDEN,
    404: Status.NOT_FOUND,
    409: Status.NOT_POSSIBLE,
    413: Status.ENTITY_TOO_LARGE,
    415: Status.FORMAT_NOT_SUPPORTED,
    422: Status.FORMAT_ERROR,
    507: Status.TEMPORARY_ERROR,
}


def status_of(error: PressroomError) -> Status:
    """The status that tells an IPP client of this error."""
    if error.code in BY_CODE:
        return BY_CODE[error.code]
    if error.transient:
        return Status.TEMPORARY_ERROR
    return BY_HTTP.get(error.fault.status, Status.INTERNAL_ERROR)
