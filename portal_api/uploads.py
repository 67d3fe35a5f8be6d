"""A file handed in by a multipart form, written to the disk as it arrives and refused as soon as it is too large.

The framework's own form parser would read all of it into a spool of its own first; this one writes where the run
takes it from. The parsing itself is python-multipart's.
"""

import errno
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from connectors.documents.file_names import safe_file_name
from connectors.documents.store import DISK_FULL
from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from domain.runs.planning import MB, TOO_LARGE

FILE_MISSING = Fault(
    "upload.file_missing",
    422,
    N_("No file was sent."),
    N_("Send a multipart form with the file in a part named “file”."),
)
BAD_FORM = Fault(
    "upload.bad_form",
    400,
    N_("The form with the file could not be read."),
    N_("Send the file again as multipart/form-data."),
)
FIELD_LIMIT = MB
MOST_PARTS = 20


@dataclass
class Upload:
    """The form so far: the file under `path` with the name it was sent by, and the other fields as text."""

    path: Path
    limit: int
    name: str = ""
    size: int = 0
    fields: dict[str, str] = field(default_factory=dict)


def file_form(*required: str, **fields: Mapping[str, Any]) -> dict[str, Any]:
    """The description of a multipart form with a file and those fields, of which some are `required`."""
    properties = {"file": {"type": "string", "format": "binary"}, **fields}
    schema = {"type": "object", "required": ["file", *required], "properties": properties}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


@asynccontextmanager
async def received_upload(request: Request, folder: Path, limit: int) -> AsyncIterator[Upload]:
    """The form of `request`, its part “file” in a new file in `folder`, which is removed afterwards.

    Raises `TOO_LARGE` (SC-E13) above `limit` bytes, `FILE_MISSING`, `BAD_FORM` or `DISK_FULL`.
    """
    target = await run_in_threadpool(_new_file, folder)
    upload = Upload(Path(target.name), limit)
    try:
        with target:
            await _receive(request, upload, target)
        yield upload
    finally:
        await run_in_threadpool(upload.path.unlink, missing_ok=True)


async def _receive(request: Request, upload: Upload, target: IO[bytes]) -> None:
    form = _Form(upload, request.headers.get("content-type", ""))
    stream = request.stream()
    try:
        async for chunk in stream:
            form.parser.write(chunk)
            if form.file_data:
                await run_in_threadpool(_write, target, b"".join(form.file_data))
                form.file_data.clear()
        form.parser.finalize()
    except FormParserError as error:
        raise BAD_FORM() from error
    except PressroomError:
        # A client that still sends would not read the answer; how much it may send is bounded further out.
        async for _ in stream:
            continue
        raise
    if not form.has_file or not form.ended:
        raise FILE_MISSING() if form.ended else BAD_FORM()


class _Form:
    """Collects the parts that the parser finds."""

    def __init__(self, upload: Upload, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise FILE_MISSING()
        self._upload = upload
        self._header, self._value, self._disposition = b"", b"", b""
        self._field: str | None = None
        self._text = bytearray()
        self._parts = 0
        self.has_file = self.ended = False
        self.file_data: list[bytes] = []
        self.parser = MultipartParser(
            options[b"boundary"],
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._add_header,
                "on_header_value": self._add_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._add_data,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise BAD_FORM()
        self._disposition, self._text = b"", bytearray()

    def _add_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name", b"").decode("utf-8", errors="replace")
        if name == "file":
            if self.has_file:
                raise BAD_FORM()
            self.has_file, self._field = True, None
            self._upload.name = options.get(b"filename", b"").decode("utf-8", errors="replace")
        else:
            self._field = name

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._field is None:
            self._upload.size += end - start
            if self._upload.size > self._upload.limit:
                limit = self._upload.limit // MB
                raise TOO_LARGE(name=safe_file_name(self._upload.name), size=f"> {limit}", limit=limit)
            self.file_data.append(data[start:end])
        else:
            self._text += data[start:end]
            if len(self._text) > FIELD_LIMIT:
                raise BAD_FORM()

    def _end_part(self) -> None:
        if self._field is not None:
            self._upload.fields[self._field] = self._text.decode("utf-8", errors="replace")

    def _end(self) -> None:
        self.ended = True


def _new_file(folder: Path) -> IO[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    return NamedTemporaryFile(dir=folder, prefix="upload-", delete=False)


def append(path: Path, data: bytes) -> None:
    """Add `data` to a working file; raises `DISK_FULL`."""
    with path.open("ab", buffering=0) as target:
        _write(target, data)


def _write(target: IO[bytes], data: bytes) -> None:
    try:
        target.write(data)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DISK_FULL() from error
        raise
