"""What panels hear while they are open: server-sent events, with one look at the tables for all panels together.

A stream holds no thread and reads nothing by itself. What this process does at a panel (a badge that a printer's reader
sent) is told its stream at once. What other processes did, one look a second finds for all streams: which panels have
changed since, and what has become of the subjects that panels watch.

An app that follows something (a run, a release) makes a `Watched`, and lets the page be told of it:

    RUNS = watched("run", lambda subjects: {subject: … for subject in subjects})

    @router.post("/panel/api/…")
    def start(at: PanelVisitor) -> …:
        …
        watch(at, RUNS, run_id)

`read` is called with every subject of its kind that any panel watches, at most once in `LOOK_SECONDS`, in a thread; it
returns what each page is told (JSON), `None` for a subject that is gone. A subject whose news has `"ended": true` is
told once more and then forgotten. The page hears an event named like the kind: `panel.on("run", news => …)`.
"""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.panels.models import PanelSession
from domain.panels.sessions import sign_person_out
from domain.tenancy import system_session
from domain.texts.catalogue import SOURCE_LANGUAGE
from fleet.printers.models import Printer
from portal_api.panel.access import Visitor

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.25
"""Pause between two looks while any panel is open."""
PANELS_EVERY = 4
"""Every so many looks the panels themselves are looked at."""
QUIET_SECONDS = 15.0
STREAM_SECONDS = 900.0
AWAY_SECONDS = 20.0
"""A printer whose panel has had no stream for so long has been switched off: the person there is signed out."""
News = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a panel follows; `locale` is the language of the person who is told of it."""

    organization_id: str
    id: str
    locale: str


@dataclass(frozen=True)
class Watched:
    """A kind of subject that panels follow. `read` gives the news of all subjects at once, `every` so many looks."""

    kind: str
    read: Callable[[Collection[Subject]], Mapping[Subject, News | None]]
    every: int = 1


@dataclass
class _Stream:
    panel_id: str
    organization_id: str
    locale: str
    queue: asyncio.Queue[tuple[str, News]]
    loop: asyncio.AbstractEventLoop
    subjects: dict[tuple[str, Subject], str] = field(default_factory=dict)


class Hub:
    """The streams of this process. Everything but the queues themselves may be used from any thread."""

    def __init__(self) -> None:
        self._kinds: dict[str, Watched] = {}
        self._streams: dict[str, _Stream] = {}
        self._waiting: dict[str, dict[tuple[str, Subject], str]] = {}
        self._lock = threading.Lock()
        self._looking: asyncio.Task[None] | None = None
        self._leaving: dict[str, asyncio.Task[None]] = {}
        self._seen: dict[str, datetime] = {}

    def add_kind(self, kind: Watched) -> Watched:
        """Take a kind in; each has one name."""
        self._kinds[kind.kind] = kind
        return kind

    def tell(self, panel_id: str, event: str, news: News | None = None, changed: datetime | None = None) -> bool:
        """Let the page of a panel hear `event`; False where its stream is not in this process.

        `changed` is what the panel's row says since: the next look need not tell it once more.
        """
        with self._lock:
            stream = self._streams.get(panel_id)
            if changed is not None:
                self._seen[panel_id] = changed
        if stream is None:
            return False
        stream.loop.call_soon_threadsafe(stream.queue.put_nowait, (event, news or {}))
        return True

    def know(self, panel_id: str, changed: datetime | None) -> None:
        """The page itself has asked for the change: it need not be told."""
        if changed is not None:
            with self._lock:
                self._seen[panel_id] = changed

    def watch(self, panel_id: str, kind: Watched, subject: Subject) -> None:
        """Let a panel follow a subject until it has ended, or until the panel watches nothing any more."""
        with self._lock:
            stream = self._streams.get(panel_id)
            followed = stream.subjects if stream is not None else self._waiting.setdefault(panel_id, {})
            followed[kind.kind, subject] = ""

    def forget(self, panel_id: str) -> None:
        """The person has left: their panel follows nothing any more."""
        with self._lock:
            self._waiting.pop(panel_id, None)
            if (stream := self._streams.get(panel_id)) is not None:
                stream.subjects.clear()

    def language_of(self, panel_id: str) -> str:
        """The language of the browser that shows a panel, where its stream is in this process; else English."""
        with self._lock:
            stream = self._streams.get(panel_id)
        return stream.locale if stream is not None else SOURCE_LANGUAGE

    async def stream(self, panel_id: str, organization_id: str, locale: str, changed: datetime) -> AsyncIterator[str]:
        """The text of one panel's stream; a newer one of the same panel ends it.

        `changed` is what the panel's row said when the page asked: whatever changes it from then on is told. The page
        looks by itself, once the stream is open, at what happened before.
        """
        stream = self._open(panel_id, organization_id, locale, changed)
        ends = time.monotonic() + STREAM_SECONDS
        try:
            yield "retry: 1000\n\nevent: hello\ndata: {}\n\n"
            while time.monotonic() < ends:
                try:
                    event, news = await asyncio.wait_for(stream.queue.get(), QUIET_SECONDS)
                except TimeoutError:  # keeps proxies from closing a quiet connection
                    yield ": waiting\n\n"
                    continue
                yield f"event: {event}\ndata: {json.dumps(news)}\n\n"
                if event == "gone":
                    return
        finally:
            self._close(stream)

    def _open(self, panel_id: str, organization_id: str, locale: str, changed: datetime) -> _Stream:
        loop = asyncio.get_running_loop()
        stream = _Stream(panel_id, organization_id, locale, asyncio.Queue(), loop)
        with self._lock:
            former = self._streams.get(panel_id)
            stream.subjects |= self._waiting.pop(panel_id, {})
            if former is not None:
                stream.subjects |= dict.fromkeys(former.subjects, "")
                former.loop.call_soon_threadsafe(former.queue.put_nowait, ("gone", {"reason": "opened again"}))
            self._streams[panel_id] = stream
            self._seen[panel_id] = max(self._seen.get(panel_id, changed), changed)
        if (leaving := self._leaving.pop(panel_id, None)) is not None:
            leaving.cancel()
        if self._looking is None or self._looking.done() or self._looking.get_loop() is not loop:
            self._looking = asyncio.create_task(self._look())
        return stream

    def _close(self, stream: _Stream) -> None:
        with self._lock:
            if self._streams.get(stream.panel_id) is not stream:
                return
            del self._streams[stream.panel_id]
            if stream.subjects:
                self._waiting[stream.panel_id] = dict.fromkeys(stream.subjects, "")
        with contextlib.suppress(RuntimeError):  # the process is ending: no loop takes any more tasks
            self._leaving[stream.panel_id] = stream.loop.create_task(self._let_go(stream))

    async def _let_go(self, stream: _Stream) -> None:
        """Sign the person out where the panel does not come back: the printer has gone away."""
        await asyncio.sleep(AWAY_SECONDS)
        self._leaving.pop(stream.panel_id, None)
        with self._lock:
            self._waiting.pop(stream.panel_id, None)
        await run_in_threadpool(sign_person_out, stream.organization_id, stream.panel_id)

    async def _look(self) -> None:
        """Look again and again, as long as there is a stream."""
        round_ = 0
        while self._streams:
            await asyncio.sleep(LOOK_SECONDS)
            round_ += 1
            try:
                await run_in_threadpool(self._look_at_subjects, round_)
                if round_ % PANELS_EVERY == 0:
                    await run_in_threadpool(self._look_at_panels)
            except PressroomError as error:
                log.warning("the panels could not be looked at", code=error.code)
            except Exception:  # one failed look must not silence all panels of the process
                log.exception("the panels could not be looked at")

    def _look_at_subjects(self, round_: int) -> None:
        for kind in [one for one in self._kinds.values() if round_ % one.every == 0]:
            with self._lock:
                followed = [
                    (stream, key) for stream in self._streams.values() for key in stream.subjects if key[0] == kind.kind
                ]
            if followed:
                self._tell_news(kind, followed)

    def _tell_news(self, kind: Watched, followed: list[tuple[_Stream, tuple[str, Subject]]]) -> None:
        news = kind.read({key[1] for _, key in followed})
        for stream, key in followed:
            found = news.get(key[1])
            told = json.dumps(found)
            with self._lock:
                if stream.subjects.get(key) in (None, told):
                    continue
                if found is None or found.get("ended"):
                    del stream.subjects[key]
                else:
                    stream.subjects[key] = told
            if found is not None:
                self.tell(stream.panel_id, kind.kind, found)

    def _look_at_panels(self) -> None:
        """Panels that have changed elsewhere are told so; those that are no more are told that they have ended."""
        with self._lock:
            open_ = list(self._streams)
            seen = dict(self._seen)
        with system_session(read_only=True) as session:
            query = (
                select(PanelSession.id, PanelSession.changed)
                .join(Printer, Printer.id == PanelSession.printer_id)
                .where(PanelSession.token_hash.is_not(None))
            )
            found = dict(session.execute(query).tuples().all())
        for panel_id in open_:
            if panel_id not in found:
                self.tell(panel_id, "gone", {"reason": "ended"})
            elif seen.get(panel_id, found[panel_id]) < found[panel_id]:
                self.tell(panel_id, "changed")
        with self._lock:  # what became known meanwhile is newer than what was read
            known = self._seen
            opened = {one: known[one] for one in self._streams.keys() - set(open_) if one in known}
            looked = {one: max(found[one], known.get(one, found[one])) for one in open_ if one in found}
            self._seen = opened | looked


hub = Hub()


def watched(
    kind: str, read: Callable[[Collection[Subject]], Mapping[Subject, News | None]], *, every: int = 1
) -> Watched:
    """A kind of subject that panels can follow; what is not in a hurry is looked at only `every` so many looks."""
    return hub.add_kind(Watched(kind, read, every))


def watch(at: Visitor, kind: Watched, subject_id: str) -> None:
    """Let the page of this panel hear of a subject of the visitor's organization until it has ended."""
    hub.watch(at.place.id, kind, Subject(at.actor.organization_id, subject_id, at.locale))
