"""A client for eSCL scanners: what they can do, how they are, and the pages of a job, each streamed into a file.

Nothing is believed: answers are bounded in time and size, redirects are not followed, the job's address is taken as a
path below the scanner's own. Certificates are verified when an authority is named; printers make their own.
"""

import re
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from connectors.documents.streams import write_piece
from connectors.errors import PressroomError
from connectors.escl import faults
from connectors.escl.documents import (
    BadDocument,
    Capabilities,
    Source,
    Status,
    Ticket,
    capabilities_of,
    settings_document,
    status_of,
)

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 30.0
PAGE_SECONDS = 120.0
"""How long a scanner may take for a page before its first byte, and between two pieces of it."""
WARM_UP_SECONDS = 60.0
RETRY_SECONDS = 1.0
LONGEST_ANSWER = 1 << 20
MOST_PAGES = 1000
JOB_PATH = re.compile(r"/[A-Za-z0-9._~/-]{1,200}")
MB = 1 << 20
FEEDER_FAULTS = {
    "ScannerAdfJam": faults.JAM,
    "ScannerAdfMispick": faults.JAM,
    "ScannerAdfMultipickDetected": faults.JAM,
    "ScannerAdfEmpty": faults.EMPTY,
    "ScannerAdfHatchOpen": faults.COVER_OPEN,
    "ScannerAdfDoorOpen": faults.COVER_OPEN,
}
MEDIA_TYPES = frozenset({"image/jpeg", "image/png"})
GONE, CONFLICT = (404, 410), 409


class Scanner:
    """The scanner whose eSCL root is at `address`; use it in a `with` block. `label` is what people call it."""

    def __init__(
        self, address: str, label: str = "", ca_file: Path | None = None, *, connect_seconds: float = CONNECT_SECONDS
    ) -> None:
        """Raises `BAD_ADDRESS`."""
        try:
            parts = urlsplit(address)
            _ = parts.port
        except ValueError as error:
            raise faults.BAD_ADDRESS(address=address) from error
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise faults.BAD_ADDRESS(address=address)
        self.label = label or parts.hostname
        self._root = parts.path.rstrip("/")
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=connect_seconds)
        verify = ssl.create_default_context(cafile=ca_file) if ca_file else False
        base = f"{parts.scheme}://{parts.netloc}"
        plain = {"Accept-Encoding": "identity"}  # what is packed could unpack to anything
        self._http = httpx.Client(base_url=base, headers=plain, timeout=timeout, verify=verify, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def capabilities(self) -> Capabilities:
        """What it can do; raises `NO_SCANNER` where there is no eSCL, `UNREACHABLE`, `SIGN_IN` or `BAD_ANSWER`."""
        try:
            return capabilities_of(self._document("ScannerCapabilities"))
        except BadDocument as error:
            raise faults.BAD_ANSWER(scanner=self.label, reason=str(error)) from error

    def status(self) -> Status:
        """How it is."""
        try:
            return status_of(self._document("ScannerStatus"))
        except BadDocument as error:
            raise faults.BAD_ANSWER(scanner=self.label, reason=str(error)) from error

    def scan(self, ticket: Ticket, folder: Path, limit: int) -> Iterator[Path]:
        """The pages one after another, each a file in `folder` that the caller removes; no page over `limit` bytes.

        When the caller stops, the job is cancelled. Raises `BUSY`, `EMPTY`, `JAM`, `COVER_OPEN`, `STOPPED`,
        `PAGE_TOO_LARGE`, `UNREACHABLE` or `BAD_ANSWER`; the pages before are whole.
        """
        job = self._start(ticket)
        is_ended = False
        try:
            for number in range(1, MOST_PAGES + 1):
                path = folder / f"page-{number}"
                if not self._fetch(job, path, limit):
                    is_ended = True
                    self._check_end(number, ticket.source)
                    return
                yield path
        finally:
            if not is_ended:
                self._cancel(job)

    def _start(self, ticket: Ticket) -> str:
        """Begin a job and return its path; a scanner that warms up is waited for."""
        until = time.monotonic() + WARM_UP_SECONDS
        headers = {"Content-Type": "text/xml"}
        while True:
            answer = self._asked("POST", f"{self._root}/ScanJobs", settings_document(ticket), headers)
            if answer.status_code == httpx.codes.CREATED:
                return self._job_path(answer)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() >= until:
                raise self._refusal(answer)
            if self.status().state != "Processing":
                time.sleep(RETRY_SECONDS)
            else:
                raise faults.BUSY(scanner=self.label)

    def _job_path(self, answer: httpx.Response) -> str:
        path: str = urlsplit(answer.headers.get("location", "")).path.rstrip("/")
        if not JOB_PATH.fullmatch(path) or ".." in path or not path.startswith(f"{self._root}/ScanJobs/"):
            raise faults.BAD_ANSWER(scanner=self.label, reason="no address of the job")
        return path

    def _fetch(self, job: str, path: Path, limit: int) -> bool:
        """The next page into `path`; False where there is none any more."""
        until = time.monotonic() + PAGE_SECONDS
        while True:
            try:
                with self._http.stream("GET", f"{job}/NextDocument", timeout=PAGE_SECONDS) as answer:
                    if answer.status_code == httpx.codes.OK:
                        self._write(answer, path, limit)
                        return True
                    if answer.status_code in GONE:
                        return False
                    if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() >= until:
                        raise self._refusal(answer)
            except httpx.HTTPError as error:
                raise faults.UNREACHABLE(scanner=self.label, reason=_reason(error)) from error
            time.sleep(RETRY_SECONDS)

    def _write(self, answer: httpx.Response, path: Path, limit: int) -> None:
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in MEDIA_TYPES:
            raise faults.BAD_ANSWER(scanner=self.label, reason=f"a page of type {kind[:64] or '–'}")
        size, until = 0, time.monotonic() + 2 * PAGE_SECONDS
        with path.open("wb", buffering=0) as target:
            for piece in answer.iter_raw():
                size += len(piece)
                if size > limit:
                    raise faults.PAGE_TOO_LARGE(scanner=self.label, limit=max(1, limit // MB))
                if time.monotonic() > until:
                    raise faults.STOPPED(scanner=self.label, reason="a page without end")
                write_piece(target, piece)

    def _check_end(self, number: int, source: Source) -> None:
        """A job that ends without a page, or with a jam, has not gone well, whatever it answers."""
        found = FEEDER_FAULTS.get(self.status().feeder) if source is not Source.GLASS else None
        if number == 1:
            raise (found or faults.EMPTY)(scanner=self.label)
        if found is faults.JAM:
            raise found(scanner=self.label)

    def _refusal(self, answer: httpx.Response) -> PressroomError:
        """Why a job or a page was refused: the feeder's state says it where the code does not."""
        if answer.status_code in (401, 403):
            return faults.SIGN_IN(scanner=self.label)
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return faults.BUSY(scanner=self.label)
        found = FEEDER_FAULTS.get(self.status().feeder)
        if found is not None and (answer.status_code == CONFLICT or found is not faults.EMPTY):
            return found(scanner=self.label)
        return faults.STOPPED(scanner=self.label, reason=f"HTTP {answer.status_code}")

    def _cancel(self, job: str) -> None:
        """Let the scanner stop; one that does not hear it forgets the job by itself."""
        try:
            self._http.delete(job)
        except httpx.HTTPError:
            return

    def _document(self, name: str) -> bytes:
        answer = self._asked("GET", f"{self._root}/{name}")
        if answer.status_code in (401, 403):
            raise faults.SIGN_IN(scanner=self.label)
        if answer.status_code in GONE:
            raise faults.NO_SCANNER(scanner=self.label)
        if answer.status_code != httpx.codes.OK:
            raise faults.BAD_ANSWER(scanner=self.label, reason=f"HTTP {answer.status_code}")
        return answer.content

    def _asked(
        self, method: str, path: str, content: bytes | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """The answer with its body, if that is not longer than `LONGEST_ANSWER`."""
        until = time.monotonic() + 2 * ANSWER_SECONDS
        try:
            with self._http.stream(method, path, content=content, headers=headers) as answer:
                body = bytearray()
                for piece in answer.iter_raw():
                    body += piece
                    if len(body) > LONGEST_ANSWER or time.monotonic() > until:
                        raise faults.BAD_ANSWER(scanner=self.label, reason="an answer without end")
                return httpx.Response(answer.status_code, headers=_plain(answer.headers), content=bytes(body))
        except httpx.HTTPError as error:
            raise faults.UNREACHABLE(scanner=self.label, reason=_reason(error)) from error


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """The headers that count; the body is unpacked already."""
    return {name: headers[name] for name in ("location", "retry-after") if name in headers}


def _reason(error: httpx.HTTPError) -> str:
    return str(error) or type(error).__name__
