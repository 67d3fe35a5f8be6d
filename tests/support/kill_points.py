"""Dying at a chosen moment: before a certain write to the database, before its commit, or right after that.

To die before a read, or at the end of a transaction that has only read, is the same as to die before the write that
follows it.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from connectors.database import open_engine


class Killed(BaseException):
    """The process is taken to be dead from here on: no handler of the product catches this."""


@dataclass
class KillPoints:
    """Counts the moments at which a process could die; at moment number `at` it calls `die`.

    `writing` are the threads in a transaction that has written. Only the moments of the thread that does the work
    count: what others do by the clock would make them different each time; with `thread` None those of all threads.
    Without `each_write` only the first write of a transaction counts: what follows is undone with it.
    """

    at: int | None
    die: Callable[[], None]
    passed: int = 0
    each_write: bool = True
    writing: set[int] = field(default_factory=set)
    thread: threading.Thread | None = field(default_factory=threading.current_thread)

    def statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            if self.each_write or threading.get_ident() not in self.writing:
                self.moment()
            self.writing.add(threading.get_ident())

    def before_commit(self, *_: Any) -> None:
        if threading.get_ident() in self.writing:
            self.moment()

    def after_commit(self, session: Session) -> None:
        if threading.get_ident() in self.writing and not session.in_nested_transaction():
            self.writing.remove(threading.get_ident())
            self.moment()

    def moment(self) -> None:
        """One at which the process may die."""
        if self.thread is not None and threading.current_thread() is not self.thread:
            return
        here = self.passed
        self.passed += 1
        if here == self.at:
            self.die()


@contextmanager
def counting(points: KillPoints) -> Iterator[KillPoints]:
    """While this lasts, every write and both sides of its commit are moments of `points`."""
    event.listen(Engine, "before_cursor_execute", points.statement)
    event.listen(Engine, "commit", points.before_commit)
    event.listen(Session, "after_commit", points.after_commit)
    try:
        yield points
    finally:
        event.remove(Engine, "before_cursor_execute", points.statement)
        event.remove(Engine, "commit", points.before_commit)
        event.remove(Session, "after_commit", points.after_commit)


def dies(at: int | None, action: Callable[[], object]) -> bool:
    """Do `action` up to moment number `at` (None: to its end); returns whether it died there."""
    try:
        with counting(KillPoints(at, _raise)):
            action()
    except Killed:
        return True
    return False


def moments_of(action: Callable[[], object]) -> int:
    """How many moments `action` has."""
    with counting(KillPoints(None, _raise)) as points:
        action()
    return points.passed


def dies_by_the_kernel(at: int, action: Callable[[], object]) -> bool:
    """The same in a process of its own, which is killed by SIGKILL: nothing of it tidies up."""

    def up_to_there() -> None:
        with counting(KillPoints(at, lambda: os.kill(os.getpid(), signal.SIGKILL))):
            action()

    return was_killed(process_of_its_own(up_to_there))


def process_of_its_own(action: Callable[[], object]) -> int:
    """Have another process do `action`; returns its id. `was_killed` waits for its end."""
    child = os.fork()
    if child == 0:
        try:
            open_engine.cache_clear()  # connections are not to be shared between processes
            action()
        except BaseException:  # noqa: BLE001 — the parent is to see it, not pytest in the child
            os._exit(70)
        os._exit(0)
    return child


def was_killed(child: int) -> bool:
    """Whether that process was ended by SIGKILL; it has done what it was to do otherwise."""
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(status) == 0, "the action itself failed"
    return False


def _raise() -> None:
    raise Killed
