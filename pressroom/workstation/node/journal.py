"""What a node must not forget of releases: that a printer may have a job, and how it ended, until the portal knows.

One file an order, written before the first byte goes and replaced when it is over; nothing in it opens a job.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from steps.node_work import EndTold, ReleaseOrder


@dataclass(frozen=True, slots=True)
class Entry:
    """One release: what was asked for (without the key), by which protocol, and how it ended, if it has."""

    order: ReleaseOrder
    protocol: str
    end: EndTold | None = None


class Journal:
    """The files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, order_id: str, entry: Entry) -> None:
        """Write it for good before anything else happens."""
        content = {
            "order": entry.order.model_dump(mode="json", exclude={"key"}),
            "protocol": entry.protocol,
            "end": entry.end.model_dump(mode="json") if entry.end is not None else None,
        }
        write_durably(self._folder / f"{order_id}.json", json.dumps(content).encode())

    def forget(self, order_id: str) -> None:
        """The portal knows."""
        (self._folder / f"{order_id}.json").unlink(missing_ok=True)

    def entries(self) -> dict[str, Entry]:
        """What is kept, by order."""
        found = {}
        for path in sorted(self._folder.glob("*.json")):
            content = json.loads(path.read_bytes())
            order = ReleaseOrder.model_validate({**content["order"], "key": ""})
            end = EndTold.model_validate(content["end"]) if content["end"] else None
            found[path.stem] = Entry(order, content["protocol"], end)
        return found


def write_durably(path: Path, content: bytes) -> None:
    """Write a file at once or not at all, so that it is there after a loss of power."""
    temporary = path.with_suffix(".part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
