"""The sign of life of a run: a thread that renews its lease and hears whether the user wants to cancel."""

import os
import threading
from types import TracebackType
from typing import Self

import structlog

from connectors.errors import PressroomError
from connectors.settings import get_settings
from domain.runs.execution import LEASE_LOST, Work, renew
from steps.contract import CANCELLED

log = structlog.get_logger(__name__)


def lease_owner() -> str:
    """How this process signs its leases: the worker's name, which its parent gives it, and the process id."""
    return f"{os.environ.get('PRESSROOM_WORKER', 'local')}:{os.getpid()}"


class Lease:
    """Keeps the run's lease while the `with` block lasts; `check` raises when the run must stop.

    A database that cannot be reached for a moment does not stop the run: the lease lasts longer than that, and one
    that runs out is noticed at the next renewal.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._stop: PressroomError | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease-{work.run_id}", daemon=True)

    def check(self) -> None:
        """Raise `CANCELLED` or `LEASE_LOST` once one of them is known."""
        if self._stop is not None:
            raise self._stop

    def _keep(self) -> None:
        while not self._ended.wait(min(1.0, get_settings().lease_seconds / 4)):
            try:
                if renew(self._work):
                    self._stop = CANCELLED()
            except PressroomError as error:
                if error.fault is LEASE_LOST:
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
