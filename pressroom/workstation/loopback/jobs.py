"""Jobs of the loopback printers, sealed on the disk until they have gone their way (PR-332)."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from connectors.errors import Fault
from connectors.ipp.jobs import JobState
from connectors.ipp.ticket import JobTicket
from connectors.messages import N_
from pressroom.workstation.folder import WorkstationFolder
from pressroom.workstation.node.hybrid import RESERVE
from pressroom.workstation.node.journal import write_durably
from pressroom.workstation.node.store import NodeStore

FOLDER = "loopback"
"""Below the agent's folder; it goes when its person signs out (PR-304)."""
NUMBER = "loopback-number"
MOST_REMEMBERED = 200
"""Finished jobs that can still be asked about."""
DOCUMENT_SECONDS = 180
"""A job whose document does not come within this time is dropped (PR-118, PR-325)."""
NO_JOB = Fault(
    "workstation.no_loopback_job",
    404,
    N_("There is no job {number} at this printer."),
    N_("Print again. Jobs are forgotten some time after they have ended, and when the agent ends."),
)
JOB_ENDED = Fault(
    "workstation.loopback_job_ended",
    409,
    N_("The job {number} takes nothing any more."),
    N_("Print again."),
)


@dataclass(frozen=True, slots=True)
class LoopbackJob:
    """One job. `key` opens its sealed document; empty: none has come. `begun`: a printer may have it already.

    `user` is what the print system calls the person, `queue` the printer's name in addresses; times are seconds.
    """

    number: int
    person: str
    queue: str
    name: str
    user: str
    ticket: JobTicket
    created: float
    media_type: str = ""
    size: int = 0
    key: str = ""
    begun: bool = False
    state: JobState = JobState.HELD
    reason: str = "job-incoming"
    message: str = ""
    changed: float = field(default_factory=time.time)

    @property
    def waits(self) -> bool:
        """Whether it is complete and has not gone its way."""
        return bool(self.key) and not self.state.final

    def as_json(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self) | {"ticket": self.ticket.model_dump(mode="json")})

    @classmethod
    def of(cls, text: bytes) -> "LoopbackJob":
        """What was kept."""
        content = json.loads(text)
        ticket, state = JobTicket.model_validate(content["ticket"]), JobState(content["state"])
        return cls(**content | {"ticket": ticket, "state": state})


class JobBook:
    """The jobs of one person; safe to be used from several threads. `on_new` is called for each complete job."""

    def __init__(self, home: WorkstationFolder, person: str, on_new: Callable[[], None]) -> None:
        folder = home.subfolder(FOLDER)
        self._records, self._number_file, self._box = folder / "waiting", home.path / NUMBER, home.box()
        self._records.mkdir(mode=0o700, exist_ok=True)
        self.store = NodeStore(folder / "jobs", RESERVE)
        self._person, self._on_new, self._lock = person, on_new, threading.Lock()
        self._jobs: dict[int, LoopbackJob] = {}
        self._number = int(self._number_file.read_text()) if self._number_file.exists() else 0
        for path in sorted(self._records.iterdir(), key=lambda path: path.name):
            self._take_up(path)

    def create(self, queue: str, name: str, user: str, ticket: JobTicket) -> LoopbackJob:
        """A job whose document is still to come."""
        with self._lock:
            self._drop_unfilled()
            self._number += 1
            write_durably(self._number_file, str(self._number).encode())
            job = LoopbackJob(self._number, self._person, queue, name, user, ticket, time.time())
            self._jobs[job.number] = job
            return job

    def fill(self, number: int, document: Path, media_type: str) -> LoopbackJob:
        """Its document has come: from now on the job is safe. Raises `NO_JOB`, `JOB_ENDED`, `NO_ROOM`."""
        job = self.job(number)
        if job.key or job.state.final:
            raise JOB_ENDED(number=number)
        key, _held = self.store.seal(str(number), document, media_type)
        size = document.stat().st_size
        with self._lock:
            if self._jobs[number].state.final:  # cancelled meanwhile
                self.store.delete(str(number))
                raise JOB_ENDED(number=number)
            filled = replace(job, key=key, media_type=media_type, size=size)
            job = self._put(replace(filled, state=JobState.PENDING, reason="job-queued"))
        self._on_new()
        return job

    def move(
        self, number: int, state: JobState, reason: str, message: str = "", *, begun: bool | None = None
    ) -> LoopbackJob:
        """The job is in that state now; one that has ended stays as it is."""
        with self._lock:
            job = self._jobs[number]
            if job.state.final:
                return job
            has_begun = job.begun if begun is None else begun
            return self._put(
                replace(job, state=state, reason=reason, message=message, begun=has_begun, changed=time.time())
            )

    def cancel(self, number: int) -> LoopbackJob:
        """Drop a job that has not gone its way; raises `NO_JOB`, `JOB_ENDED`."""
        if self.job(number).state.final:
            raise JOB_ENDED(number=number)
        return self.move(number, JobState.CANCELED, "job-canceled-by-user")

    def job(self, number: int) -> LoopbackJob:
        """One job; raises `NO_JOB`."""
        with self._lock:
            self._drop_unfilled()
            if number not in self._jobs:
                raise NO_JOB(number=number)
            return self._jobs[number]

    def jobs(self) -> list[LoopbackJob]:
        """All that are known, the oldest first."""
        with self._lock:
            self._drop_unfilled()
            return [self._jobs[number] for number in sorted(self._jobs)]

    def open(self, job: LoopbackJob, target: Path) -> None:
        """Write the document in the clear to `target`."""
        self.store.open_sealed(str(job.number), job.key, target)

    def _put(self, job: LoopbackJob) -> LoopbackJob:
        self._jobs[job.number] = job
        record = self._records / f"{job.number:010}"
        if not job.state.final:
            write_durably(record, self._box.encrypt(job.as_json().encode()))
            return job
        record.unlink(missing_ok=True)
        self.store.delete(str(job.number))
        ended = [number for number, one in sorted(self._jobs.items()) if one.state.final]
        for number in ended[:-MOST_REMEMBERED]:
            del self._jobs[number]
        return job

    def _drop_unfilled(self) -> None:
        limit = time.time() - DOCUMENT_SECONDS
        for job in list(self._jobs.values()):
            if not job.key and not job.state.final and job.changed < limit:
                self._put(replace(job, state=JobState.ABORTED, reason="aborted-by-system", changed=time.time()))

    def _take_up(self, path: Path) -> None:
        """A job that was left when the agent ended; another person's is none of ours any more."""
        try:
            job = _read(path, self._box)
        except (InvalidToken, ValueError, KeyError, TypeError):
            job = None
        if job is None or job.person != self._person:
            path.unlink()
            self.store.delete(path.name.lstrip("0"))
        else:
            self._jobs[job.number] = job


def _read(path: Path, box: Fernet) -> LoopbackJob:
    return LoopbackJob.of(box.decrypt(path.read_bytes()))
