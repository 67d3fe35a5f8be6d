"""What an S3 server, or the way to it, can answer amiss, as the document store's faults."""

from collections.abc import Iterator
from contextlib import contextmanager

from connectors.documents.store import MISSING, STORE_FULL, STORE_REFUSED, STORE_UNREACHABLE
from connectors.errors import Fault

MISSING_CODES = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})
FULL_CODES = frozenset({"XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded", "InsufficientStorage"})
BUSY_CODES = frozenset(
    {
        "SlowDown",
        "ServiceUnavailable",
        "InternalError",
        "RequestTimeout",
        "XMinioServerNotInitialized",
        "OperationAborted",
    }
)
FULL_STATUS = 507


def fault_of(status: int, code: str | None) -> Fault:
    """The fault for an HTTP status and, where there is one, the S3 error code."""
    if code in FULL_CODES or status == FULL_STATUS:
        return STORE_FULL
    if code in MISSING_CODES:
        return MISSING
    if code in BUSY_CODES or status >= 500 or status == 429:
        return STORE_UNREACHABLE
    return STORE_REFUSED


@contextmanager
def store_errors(key: str, *, passing: tuple[str, ...] = ()) -> Iterator[None]:
    """Turn the client's exceptions into faults; an S3 code in `passing` is no error here and ends the block."""
    import urllib3
    from minio.error import InvalidResponseError, MinioException, S3Error, ServerError

    try:
        yield
    except S3Error as exc:
        if exc.code in passing:
            return
        raise fault_of(exc.response.status, exc.code)(key=key, reason=exc.code) from exc
    except ServerError as exc:
        raise fault_of(exc.status_code, None)(key=key) from exc
    except InvalidResponseError as exc:
        raise fault_of(exc._code, None)(key=key) from exc
    except urllib3.exceptions.HTTPError as exc:
        raise STORE_UNREACHABLE(key=key) from exc
    except MinioException as exc:
        raise STORE_REFUSED(key=key) from exc
