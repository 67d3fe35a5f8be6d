"""A folder whose documents go to the cloud queue, as a local queue writes them there (PR-332).

A document is taken once it has not changed between two looks, or is complete by the name's end: writers that write
`name.part` and rename are never read half. Beside `report.pdf`, `report.pdf.json` may hold its settings. What was
accepted is deleted; what was refused goes to `refused/`, with the reason beside it.
"""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from connectors.errors import PressroomError
from connectors.messages import Message
from pressroom.workstation.cloud import Cloud
from pressroom.workstation.configuration import Configuration
from pressroom.workstation.folder import WorkstationFolder
from pressroom.workstation.host import host_facts
from pressroom.workstation.modules import WAITING, Workstation
from pressroom.workstation.submitting import NOT_ACCEPTED, Sending, submit, ticket_of

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

REFUSED_FOLDER = "refused"
LOOKS_OF_ONE_PASS = 2
"""What is there is complete when it has not changed between two looks."""
PARTS = (".part", ".tmp", ".json", ".reason")


@dataclass(frozen=True, slots=True)
class _Seen:
    size: int
    changed: int


class SpoolFolder:
    """The module: it looks at the folder that the configuration names, and does nothing without one."""

    name, mode = "spool folder", "cloud"

    def __init__(self) -> None:
        self._seen: dict[Path, _Seen] = {}

    async def run(self, workstation: Workstation) -> None:
        """Work until cancelled."""
        chosen = workstation.configuration.spool_settings
        if not chosen.folder:
            await asyncio.Event().wait()
        folder = Path(chosen.folder).expanduser()
        folder.mkdir(parents=True, exist_ok=True)
        workstation.queues[self.name] = [workstation.configuration.queue_names.cloud]
        while True:
            await self.look(workstation, folder)
            await asyncio.sleep(chosen.look_every_seconds)

    async def look(self, workstation: Workstation, folder: Path) -> int:
        """Send what is complete; how many documents were accepted."""
        accepted, waiting = 0, 0
        for path in self._complete(folder):
            try:
                job = await submit(workstation.folder, workstation.cloud, _sending(path), lambda _done, _all: None)
            except PressroomError as error:
                if error.transient:
                    waiting += 1
                    log.warning("the portal cannot take documents now", code=error.code)
                    break
                self._refuse(path, error)
                workstation.on_notice(error.message)
            else:
                accepted += 1
                log.info("document sent", job_id=job["id"])
                workstation.on_sent(job)
                _forget(path)
        workstation.notes[self.name] = str(Message.of(WAITING, count=waiting)) if waiting else ""
        return accepted

    def _complete(self, folder: Path) -> list[Path]:
        there = [
            path
            for path in sorted(folder.iterdir())
            if path.is_file() and not path.name.startswith(".") and path.suffix not in PARTS
        ]
        seen = {path: _Seen(stat.st_size, stat.st_mtime_ns) for path in there if (stat := path.stat())}
        done = [path for path, now in seen.items() if now.size and self._seen.get(path) == now]
        self._seen = seen
        return done

    def _refuse(self, path: Path, error: PressroomError) -> None:
        log.warning("document refused", code=error.code)
        refused = path.parent / REFUSED_FOLDER
        refused.mkdir(exist_ok=True)
        reason = f"{error.message}\n{error.remedy}\n"
        (refused / f"{path.name}.reason").write_text(reason, encoding="utf-8")
        path.replace(refused / path.name)
        _settings_file(path).unlink(missing_ok=True)


async def watch_folder(
    folder: WorkstationFolder, configuration: Configuration, cloud: Cloud, spool: Path, *, once: bool
) -> int:
    """Send what is put into `spool`, until cancelled or, with `once`, what is there; how many were refused then."""
    spool.mkdir(parents=True, exist_ok=True)
    told = await cloud.check_in(
        folder.workstation_key(), host_facts(configuration.network_interface_selector_settings), []
    )
    workstation, module = Workstation(folder, configuration, cloud, told, log), SpoolFolder()
    looks = 0
    while not once or looks < LOOKS_OF_ONE_PASS:
        await module.look(workstation, spool)
        looks += 1
        await asyncio.sleep(configuration.spool_settings.look_every_seconds)
    return len(list((spool / REFUSED_FOLDER).glob("*.reason")))


def _sending(path: Path) -> Sending:
    """The document with the settings beside it; raises `NOT_ACCEPTED` for settings that are none."""
    beside = _settings_file(path)
    if not beside.exists():
        return Sending(path, path.name, source="print_client")
    try:
        told: dict[str, Any] = json.loads(beside.read_text(encoding="utf-8"))
        options = {str(name): str(value) for name, value in told.get("options", {}).items()}
        name = str(told.get("name") or path.name)
    except (ValueError, AttributeError, OSError) as error:
        raise NOT_ACCEPTED(name=path.name, reason=str(error), remedy="") from error
    return Sending(path, name, ticket_of(options), source="print_client")


def _settings_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)
    _settings_file(path).unlink(missing_ok=True)
