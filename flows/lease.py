"""The sign of life of a run or a task: a thread that renews its lease and hears whether the work must stop."""

import os
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog

from connectors.errors import PressroomError
from connectors.settings import get_settings

log = structlog.get_logger(__name__)


def lease_owner() -> str:
    """How this process signs its leases: the worker's name, which its parent gives it, and the process id."""
    return f"{os.environ.get('PRESSROOM_WORKER', 'local')}:{os.getpid()}"


class Lease:
    """Keeps a lease while the `with` block lasts; `check` raises when the work must stop.

    `renew` prolongs the lease; it raises why the work must stop, if it must. A database that cannot be reached for a
    moment does not stop it: the lease lasts longer than that, and one that runs out is noticed at the next renewal.
    """

    def __init__(self, name: str, renew: Callable[[], None]) -> None:
        self._renew = renew
        self._stop: PressroomError | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease-{name}", daemon=True)

    def check(self) -> None:
        """Raise why the work must stop, once that is known."""
        if self._stop is not None:
            raise self._stop

    def _keep(self) -> None:
        while not self._ended.wait(min(1.0, get_settings().lease_seconds / 4)):
            try:
                self._renew()
            except PressroomError as error:
                if not error.transient:
                    self._stop = error
                    return
                log.warning("the lease could not be renewed", code=error.code)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
