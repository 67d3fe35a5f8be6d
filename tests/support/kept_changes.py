"""Which tables of the records were written to while a request was answered, as the database engine sees it."""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from connectors.database import open_engine
from connectors.settings import get_settings

WRITE = re.compile(r'\s*(INSERT INTO|UPDATE|DELETE FROM) "?(\w+)"?(?: SET "?last_(\w+))?', re.IGNORECASE)
MARKS = {"INSERT INTO audit_event"} | {
    f"{verb} {table}" for verb in ("INSERT INTO", "UPDATE") for table in ("guess_count", "login_guard")
}
"""What an attempt itself leaves: that it was made."""


@contextmanager
def kept_changes() -> Iterator[set[str]]:
    """Fills the set with what was written and committed by anybody until the end: “INSERT INTO printer”, …

    What was rolled back is not kept, what tells when something was last used is no change.
    """
    engine = open_engine(get_settings().records_url)
    kept: set[str] = set()
    pending: defaultdict[int, set[str]] = defaultdict(set)

    def written(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        found = WRITE.match(statement)
        if found and not found[3]:
            pending[id(connection)].add(f"{found[1].upper()} {found[2]}")

    def committed(connection: Connection) -> None:
        kept.update(pending.pop(id(connection), set()) - MARKS)

    def rolled_back(connection: Connection) -> None:
        pending.pop(id(connection), None)

    listeners = {"after_cursor_execute": written, "commit": committed, "rollback": rolled_back}
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield kept
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)
