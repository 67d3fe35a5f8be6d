"""Many people follow runs at a time, such as those at hundreds of panels: the tables are read once for all of them.

Each event loop has one watch; it looks while anybody follows a run, and wakes those whose run has changed.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from weakref import WeakKeyDictionary

import structlog
from fastapi.concurrency import run_in_threadpool

from connectors.errors import PressroomError
from domain.runs.views import RunDetails
from domain.runs.watching import UNSEEN, changed_runs

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.25
"""Between two looks at the tables."""


class _Followed:
    """A run that somebody follows: what was last seen of it, and who waits for news."""

    def __init__(self) -> None:
        self.mark = UNSEEN
        self.details: RunDetails | None = None
        self.followers: set[asyncio.Event] = set()

    def tell(self, details: RunDetails) -> None:
        self.details = details
        for follower in self.followers:
            follower.set()


class RunWatch:
    """The runs that are followed in one event loop."""

    def __init__(self) -> None:
        self._followed: dict[str, _Followed] = {}
        self._looking: asyncio.Task[None] | None = None

    async def follow(self, run_id: str, quiet_seconds: float) -> AsyncIterator[RunDetails | None]:
        """The run whenever it has changed, at first as it is, and None after each `quiet_seconds` without news."""
        followed = self._followed.setdefault(run_id, _Followed())
        news = asyncio.Event()
        followed.followers.add(news)
        if followed.details is not None:
            news.set()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            while True:
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), quiet_seconds)
                is_news = news.is_set()
                news.clear()
                yield followed.details if is_news else None
        finally:
            followed.followers.discard(news)
            if not followed.followers and self._followed.get(run_id) is followed:
                del self._followed[run_id]

    async def _look(self) -> None:
        while self._followed:
            marks = {run_id: followed.mark for run_id, followed in self._followed.items()}
            try:
                changed, found = await run_in_threadpool(changed_runs, marks)
            except PressroomError as error:  # the database is away for a moment: nobody's stream ends for that
                log.warning("followed runs could not be read", code=error.code)
                changed, found = {}, {}
            for run_id, mark in found.items():
                if (followed := self._followed.get(run_id)) is not None:
                    followed.mark = mark
            for run_id, details in changed.items():
                if (followed := self._followed.get(run_id)) is not None:
                    followed.tell(details)
            await asyncio.sleep(LOOK_SECONDS)


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, RunWatch] = WeakKeyDictionary()


def run_watch() -> RunWatch:
    """The watch of the running event loop."""
    return _watches.setdefault(asyncio.get_running_loop(), RunWatch())
