"""A client for printers: ask for their state, print a file without reading it into memory, follow the job.

Certificates of `ipps` printers are verified when the settings name their authority. Without one the connection is
encrypted but not verified, because printers make their own certificates; with a `tls` context (`connectors.ipp.trust`)
it is what that says. Nothing here retries: faults say whether to.
"""

import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from connectors.errors import PressroomError
from connectors.ipp import faults
from connectors.ipp.jobs import Job, JobState, PrinterStatus
from connectors.ipp.wire import (
    Attribute,
    Attributes,
    BadMessage,
    Group,
    IppMessage,
    LocalText,
    Range,
    Tag,
    decode,
    encode,
)

PIECE = 1 << 16
LONGEST_ANSWER = 4 << 20
LONGEST_NAME = 255  # bytes (RFC 8011, 5.1.3)
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0
PRINTER_ATTRIBUTES = (
    "printer-name",
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "document-format-supported",
    "copies-supported",
)
JOB_ATTRIBUTES = (
    *("job-id", "job-name", "job-state", "job-state-reasons"),
    *("job-impressions-completed", "job-media-sheets-completed"),
)


class Operation(IntEnum):
    """The operations used here (RFC 8011, 5.4.15)."""

    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B


SUCCESS = range(0x0100)
SUBSTITUTED = range(0x0001, 0x0003)
NOT_ALLOWED = (0x0401, 0x0402, 0x0403)
FORMAT_NOT_SUPPORTED = 0x040A
NOT_FOUND = 0x0406
NOT_NOW = (0x0502, 0x0505, 0x0506, 0x0507)


class Printer:
    """The printer at an `ipp:` or `ipps:` address; use it in a `with` block. `user` is shown as the jobs' owner."""

    def __init__(
        self,
        address: str,
        user: str,
        ca_file: Path | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        try:
            parts = urlsplit(address)
            port = parts.port or 631
        except ValueError as exc:
            raise faults.BAD_ADDRESS(address=address) from exc
        if parts.scheme not in ("ipp", "ipps") or not parts.hostname or parts.username:
            raise faults.BAD_ADDRESS(address=address)
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        scheme = "https" if parts.scheme == "ipps" else "http"
        self.address, self.user, self.label = address, user, parts.hostname
        self._url = f"{scheme}://{host}:{port}{parts.path or '/'}"
        self._request_ids = count(1)
        self._formats: tuple[str, ...] = ()
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=connect_seconds)
        self._http = httpx.Client(timeout=timeout, verify=tls or _verification(ca_file), trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def status(self) -> PrinterStatus:
        """Ask for state and abilities."""
        found = self.attributes(PRINTER_ATTRIBUTES)
        copies = found["copies-supported"].value if "copies-supported" in found else None
        self.label = next(iter(_texts(found, "printer-name")), self.label)
        self._formats = tuple(_texts(found, "document-format-supported"))
        return PrinterStatus(
            name=self.label,
            accepting=all(value is not False for value in _values(found, "printer-is-accepting-jobs")),
            reasons=tuple(reason for reason in _texts(found, "printer-state-reasons") if reason != "none"),
            formats=self._formats,
            most_copies=copies.high if isinstance(copies, Range) else 1,
        )

    def attributes(self, names: Sequence[str]) -> Attributes:
        """The printer's attributes of these names (RFC 8011, 4.2.5); those that it does not have are absent."""
        wanted = Attribute(Tag.KEYWORD, tuple(names))
        return self._ask(Operation.GET_PRINTER_ATTRIBUTES, {"requested-attributes": wanted}).first(Tag.PRINTER)

    def print_file(
        self, path: Path, media_type: str, name: str, ticket: Attributes, sent: Callable[[int, int], None]
    ) -> Job:
        """Print-Job (RFC 8011, 4.2.1) with the job template attributes of `ticket`.

        `sent(done, total)` counts bytes on the way and may raise to stop. Raises `LOST` when it stays open whether the
        printer has the job; after any other fault it has not.
        """
        operation = {
            "job-name": Attribute(Tag.NAME, (_cut(name),)),
            "ipp-attribute-fidelity": Attribute(Tag.BOOLEAN, (False,)),
            "document-format": Attribute(Tag.MIME_TYPE, (media_type,)),
        }
        head = encode(self._request(Operation.PRINT_JOB, operation, ticket))
        size = path.stat().st_size
        body = self._body(head, path, size, sent)
        try:
            answer = self._post(body, {"Content-Length": str(len(head) + size)})
        except (httpx.HTTPError, BadMessage) as exc:
            raise faults.LOST(printer=self.label) from exc
        self._check(answer, media_type)
        return _job(answer.first(Tag.JOB), substituted=answer.code in SUBSTITUTED)

    def wrong_format(self, media_type: str) -> PressroomError:
        """`FORMAT`, with what the printer can print as far as it was asked."""
        known = ", ".join(name for name in self._formats if name != "application/octet-stream")
        return faults.FORMAT(printer=self.label, media_type=media_type, formats=known or "–")

    def job(self, job_id: int) -> Job | None:
        """The job as it stands, or None where the printer has forgotten it."""
        asked = {
            "job-id": Attribute(Tag.INTEGER, (job_id,)),
            "requested-attributes": Attribute(Tag.KEYWORD, JOB_ATTRIBUTES),
        }
        answer = self._ask(Operation.GET_JOB_ATTRIBUTES, asked, accepted=(NOT_FOUND,))
        return None if answer.code == NOT_FOUND else _job(answer.first(Tag.JOB))

    def find_job(self, mark: str) -> Job | None:
        """The newest job whose name holds `mark`, waiting or finished, as far back as the printer remembers."""
        found: list[Job] = []
        for which in ("not-completed", "completed"):
            asked = {
                "which-jobs": Attribute(Tag.KEYWORD, (which,)),
                "requested-attributes": Attribute(Tag.KEYWORD, JOB_ATTRIBUTES),
            }
            answer = self._ask(Operation.GET_JOBS, asked, accepted=(NOT_FOUND,))
            found += [_job(attributes) for attributes in answer.all(Tag.JOB)]
        return max((job for job in found if mark in job.name), key=lambda job: job.id, default=None)

    def cancel(self, job_id: int) -> None:
        """Ask the printer to drop the job; one that is finished already is no error."""
        asked = {"job-id": Attribute(Tag.INTEGER, (job_id,))}
        self._ask(Operation.CANCEL_JOB, asked, accepted=(NOT_FOUND, 0x0404))  # 0x0404: not possible any more

    def _request(self, operation: Operation, attributes: Attributes, job: Attributes | None = None) -> IppMessage:
        return request_to(
            {"printer-uri": self.address}, operation, next(self._request_ids), self.user, attributes, job or {}
        )

    def _ask(self, operation: Operation, attributes: Attributes, accepted: tuple[int, ...] = ()) -> IppMessage:
        try:
            answer = self._post(encode(self._request(operation, attributes)), {})
        except httpx.HTTPError as exc:
            raise faults.UNREACHABLE(printer=self.label, reason=_reason(exc)) from exc
        except BadMessage as exc:
            raise faults.BAD_ANSWER(printer=self.label, reason=str(exc)) from exc
        if answer.code not in accepted:
            self._check(answer, "")
        return answer

    def _post(self, content: bytes | Iterator[bytes], headers: dict[str, str]) -> IppMessage:
        headers = {"Content-Type": "application/ipp", "Accept": "application/ipp"} | headers
        try:
            with self._http.stream("POST", self._url, content=content, headers=headers) as response:
                if response.status_code in (401, 403):
                    raise faults.SIGN_IN(printer=self.label)
                if response.is_client_error:
                    raise faults.BAD_ANSWER(printer=self.label, reason=f"HTTP {response.status_code}")
                if response.status_code != 200:
                    raise BadMessage(f"HTTP {response.status_code}")
                return decode(_read(response))[0]
        except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
            raise faults.UNREACHABLE(printer=self.label, reason=_reason(exc)) from exc

    def _body(self, head: bytes, path: Path, size: int, sent: Callable[[int, int], None]) -> Iterator[bytes]:
        yield head
        done = 0
        with path.open("rb") as source:
            while piece := source.read(PIECE):
                sent(done, size)
                yield piece
                done += len(piece)

    def _check(self, answer: IppMessage, media_type: str) -> None:
        if answer.code in SUCCESS:
            return
        if answer.code in NOT_ALLOWED:
            raise faults.SIGN_IN(printer=self.label)
        if answer.code in NOT_NOW:
            raise faults.BUSY(printer=self.label)
        if answer.code == FORMAT_NOT_SUPPORTED or "document-format" in answer.first(Tag.UNSUPPORTED_GROUP):
            raise self.wrong_format(media_type)
        raise self._refused(answer)

    def _refused(self, answer: IppMessage) -> PressroomError:
        return faults.REFUSED(printer=self.label, reason=status_message(answer))


def request_to(
    target: Mapping[str, str],
    operation: int,
    request_id: int,
    user: str,
    attributes: Attributes,
    job: Attributes | None = None,
) -> IppMessage:
    """The head of every request; the order of the first three is prescribed (RFC 8011, 4.1.4).

    `target` is the name and value of the URI attribute that says what is asked.
    """
    common = {
        "attributes-charset": Attribute(Tag.CHARSET, ("utf-8",)),
        "attributes-natural-language": Attribute(Tag.LANGUAGE, ("en",)),
        **{name: Attribute(Tag.URI, (uri,)) for name, uri in target.items()},
    }
    own = dict(attributes)
    if "job-id" in own:
        common["job-id"] = own.pop("job-id")
    common["requesting-user-name"] = Attribute(Tag.NAME, (_cut(user),))
    groups = [Group(Tag.OPERATION, common | own)] + ([Group(Tag.JOB, job)] if job else [])
    return IppMessage(operation, request_id, tuple(groups))


def status_message(answer: IppMessage) -> str:
    """What the printer says about its refusal, and the status."""
    said = next(iter(_texts(answer.first(Tag.OPERATION), "status-message")), "")
    said = "".join(filter(str.isprintable, said))[:200]
    return f"{said} (0x{answer.code:04x})".strip()


def _verification(ca_file: Path | None) -> ssl.SSLContext | bool:
    if ca_file is None:
        return False
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as exc:
        raise faults.BAD_AUTHORITY(file=ca_file.name) from exc


def _read(response: httpx.Response) -> bytes:
    answer = bytearray()
    for piece in response.iter_bytes():
        answer += piece
        if len(answer) > LONGEST_ANSWER:
            raise BadMessage("an endless answer")
    return bytes(answer)


def _job(found: Attributes, substituted: bool = False) -> Job:
    numbers = {name: next((v for v in _values(found, name) if isinstance(v, int)), 0) for name in JOB_ATTRIBUTES}
    state = numbers["job-state"]
    return Job(
        id=numbers["job-id"],
        name=next(iter(_texts(found, "job-name")), ""),
        state=JobState(state) if state in set(JobState) else JobState.PENDING,
        reasons=tuple(reason for reason in _texts(found, "job-state-reasons") if reason != "none"),
        impressions=numbers["job-impressions-completed"],
        sheets=numbers["job-media-sheets-completed"],
        substituted=substituted,
    )


def _values(found: Attributes, name: str) -> tuple[object, ...]:
    return found[name].values if name in found else ()


def _texts(found: Attributes, name: str) -> Iterator[str]:
    for value in _values(found, name):
        if isinstance(value, LocalText):
            yield value.text
        elif isinstance(value, str):
            yield value


def _cut(name: str) -> str:
    return name.encode()[:LONGEST_NAME].decode("utf-8", "ignore")


def _reason(exc: httpx.HTTPError) -> str:
    return "no answer in time" if isinstance(exc, httpx.TimeoutException) else str(exc) or type(exc).__name__
