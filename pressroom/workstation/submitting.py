"""Sending documents to the cloud queue, so that a broken connection neither loses nor doubles a job (PR-118, PR-331).

Each file gets a key before it is sent, kept until the portal has taken it: whoever runs the same command again after an
interruption goes on with the same key, and a file that had arrived after all is not printed twice. Large ones go in
pieces: the portal says how much it has, and only the rest is sent.
"""

import asyncio
import hashlib
import io
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connectors.errors import Fault, PressroomError
from connectors.ipp.ticket import JobTicket
from connectors.messages import N_
from connectors.value_problems import value_problem
from pressroom.workstation.cloud import REFUSED, Cloud
from pressroom.workstation.folder import WorkstationFolder

BAD_OPTION = Fault(
    "workstation.bad_option",
    422,
    N_("“{option}” is no setting of a print job: {problem}."),
    N_("Write settings as -o sides=two-sided-long-edge; “printctl submit --help” names the usual ones."),
)
NOT_ACCEPTED = Fault("workstation.not_accepted", 409, N_("“{name}” was not accepted: {reason}"), N_("{remedy}"))
GONE = Fault(
    "workstation.file_unreadable",
    422,
    N_("The file {file} cannot be read."),
    N_("Check that it is there and that you may read it."),
)
OPTIONS = {
    "copies": "copies",
    "collate": "collate",
    "sides": "sides",
    "number-up": "number_up",
    "page-ranges": "page_ranges",
    "pages": "page_ranges",
    "orientation-requested": "orientation",
    "orientation": "orientation",
    "media": "media",
    "media-source": "media_source",
    "media-type": "media_type",
    "output-bin": "output_bin",
    "finishings": "finishings",
    "print-color-mode": "color_mode",
    "color": "color_mode",
    "print-quality": "quality",
    "job-account-id": "account_id",
}
"""Settings as people write them, by what they are in a ticket."""
LISTS, NUMBERS = frozenset({"finishings"}), frozenset({"copies", "number_up"})
ATTEMPTS, FIRST_PAUSE = 5, 1.0
SEND_SECONDS, PIECE_SECONDS = 600.0, 120.0
PIECE = 1 << 20
"""Bytes; larger documents are sent in pieces of so many."""
LONGEST_NAME = 255
Progress = Callable[[int, int], None]
"""Called with the bytes that were sent and all there are."""


NOTHING_CHOSEN = JobTicket()


@dataclass(frozen=True, slots=True)
class Sending:
    """A file with the name that the job gets, its settings, and its source: `command_line` or `print_client`."""

    path: Path
    name: str
    ticket: JobTicket = NOTHING_CHOSEN
    source: str = "command_line"
    description: str = ""


def ticket_of(options: Mapping[str, str]) -> JobTicket:
    """The settings that were chosen; raises `BAD_OPTION`."""
    values: dict[str, Any] = {}
    for option, value in options.items():
        field = OPTIONS.get(option)
        if field is None:
            raise BAD_OPTION(option=option, problem=", ".join(sorted(OPTIONS)))
        values[field] = value.split(",") if field in LISTS else int(value) if _is_number(field, value) else value
    try:
        return JobTicket.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise BAD_OPTION(option=str(first["loc"][0]), problem=str(value_problem(first)).rstrip(".")) from error


async def submit(
    folder: WorkstationFolder, cloud: Cloud, sending: Sending, progress: Progress, attempts: int = ATTEMPTS
) -> dict[str, Any]:
    """The job as the portal shows it. Raises `GONE`, `NOT_ACCEPTED` and as `Cloud` does, after some attempts."""
    try:
        kept = folder.subfolder("submissions") / await asyncio.to_thread(_fingerprint, sending)
    except OSError as error:
        raise GONE(file=sending.path) from error
    key = _key(folder, kept)
    furthest, attempt, pause = 0, 0, FIRST_PAUSE

    def note(done: int, size: int) -> None:
        nonlocal furthest, attempt, pause
        if done > furthest:  # a line that brings something on each time is not given up
            furthest, attempt, pause = done, 0, FIRST_PAUSE
        progress(done, size)

    while True:
        attempt += 1
        try:
            job = await _send(cloud, sending, key, note)
        except PressroomError as error:
            if not error.transient or attempt >= attempts:
                if error.fault is REFUSED:
                    kept.unlink(missing_ok=True)
                    facts = error.facts
                    raise NOT_ACCEPTED(name=sending.name, reason=facts["reason"], remedy=facts["remedy"]) from error
                raise
            await asyncio.sleep(pause)
            pause *= 2
        else:
            kept.unlink(missing_ok=True)
            return job


async def job_when_ready(cloud: Cloud, job: dict[str, Any], seconds: float) -> dict[str, Any]:
    """The job as soon as it is prepared, or as it is after that time."""
    deadline = asyncio.get_running_loop().time() + seconds
    pause = 0.2
    while job["state"] in ("receiving", "converting") and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 2.0)
        job = await cloud.json("GET", f"/api/v1/print-jobs/{job['id']}")
    return job


async def _send(cloud: Cloud, sending: Sending, key: str, progress: Progress) -> dict[str, Any]:
    try:
        if (size := sending.path.stat().st_size) > PIECE:
            return await _send_in_pieces(cloud, sending, size, key, progress)
        return await _send_at_once(cloud, sending, key, progress)
    except OSError as error:
        raise GONE(file=sending.path) from error


async def _send_in_pieces(cloud: Cloud, sending: Sending, size: int, key: str, progress: Progress) -> dict[str, Any]:
    """From where the portal has it: what arrived before the line broke is not sent again."""
    place, about = f"/client/v1/documents/{key}", {"size": size, "name": sending.name[:LONGEST_NAME]}
    done = int((await cloud.json("GET", place))["received"])
    with sending.path.open("rb") as file:
        digest = await asyncio.to_thread(lambda: hashlib.file_digest(file, "sha256").hexdigest())
        while done < size:
            progress(done, size)
            file.seek(done)
            piece = await asyncio.to_thread(file.read, PIECE)
            answer = await cloud.json("PUT", f"{place}/{done}", params=about, content=piece, timeout=PIECE_SECONDS)
            if answer["received"] == done:
                break  # the file is another one by now, or somebody else sends it: the portal says so
            done = int(answer["received"])
    progress(done, size)
    told = {
        "ticket": sending.ticket.chosen(),
        "description": sending.description,
        "source": sending.source,
        "sha256": digest,
    }
    job: dict[str, Any] = await cloud.json("POST", place, json=about | told, timeout=SEND_SECONDS)
    return job


async def _send_at_once(cloud: Cloud, sending: Sending, key: str, progress: Progress) -> dict[str, Any]:
    fields = {
        "ticket": json.dumps(sending.ticket.chosen()),
        "description": sending.description,
        "source": sending.source,
    }
    with _Counted(sending.path, progress) as file:
        result = await cloud.json(
            "POST",
            "/api/v1/print-jobs",
            data=fields,
            files={"file": (sending.name, file, "application/octet-stream")},
            headers={"Idempotency-Key": key},
            timeout=SEND_SECONDS,
        )
    job: dict[str, Any] = result["items"][0]["job"]
    return job


class _Counted(io.FileIO):
    """A file that tells how much of it was read."""

    def __init__(self, path: Path, progress: Progress) -> None:
        super().__init__(path)
        self._progress, self._size, self._done = progress, path.stat().st_size, 0

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(-1 if size is None else size) or b""
        self._done += len(piece)
        self._progress(self._done, self._size)
        return piece


def _key(folder: WorkstationFolder, kept: Path) -> str:
    if kept.exists():
        return kept.read_text(encoding="ascii")
    key = secrets.token_urlsafe(24)
    folder.write(kept, key.encode("ascii"))
    return key


def _fingerprint(sending: Sending) -> str:
    """What makes the same submission: the document, its name and settings."""
    with sending.path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    parts = [content, str(sending.path.resolve()), sending.name, sending.ticket.model_dump_json(), sending.source]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _is_number(field: str, value: str) -> bool:
    return field in NUMBERS and value.isascii() and value.isdecimal()
