"""Dying at a chosen moment: before a certain write to the database, before a commit, or right after one.

To die before a read is the same as to die before the write that follows it.
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

    Only those of the thread that does the work: what others do by the clock would make them different each time.
    """

    at: int | None
    die: Callable[[], None]
    passed: int = 0
    thread: threading.Thread = field(default_factory=threading.current_thread)

    def statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            self.moment()

    def moment(self, *_: Any) -> None:
        if threading.current_thread() is not self.thread:
            return
        here = self.passed
        self.passed += 1
        if here == self.at:
            self.die()


@contextmanager
def counting(points: KillPoints) -> Iterator[KillPoints]:
    """While this lasts, every write and both sides of every commit are moments of `points`."""
    event.listen(Engine, "before_cursor_execute", points.statement)
    event.listen(Engine, "commit", points.moment)
    event.listen(Session, "after_commit", points.moment)
    try:
        yield points
    finally:
        event.remove(Engine, "before_cursor_execute", points.statement)
        event.remove(Engine, "commit", points.moment)
        event.remove(Session, "after_commit", points.moment)


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
    child = os.fork()
    if child == 0:
        try:
            open_engine.cache_clear()  # connections are not to be shared between processes
            with counting(KillPoints(at, lambda: os.kill(os.getpid(), signal.SIGKILL))):
                action()
        except BaseException:  # noqa: BLE001 — the parent is to see it, not pytest in the child
            os._exit(70)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(status) == 0, "the action itself failed"
    return False


def _raise() -> None:
    raise Killed
