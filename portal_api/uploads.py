"""A file handed in by a multipart form, written to the disk as it arrives and refused as soon as it is too large."""

import errno
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from connectors.documents.file_names import safe_file_name
from connectors.documents.store import DISK_FULL
from connectors.errors import PressroomError
from domain.runs.planning import MB, TOO_LARGE
from portal_api.multipart_form import BAD_FORM, MultipartForm


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
    form = _FormWithOneFile(upload, request.headers.get("content-type", ""))
    stream = request.stream()
    try:
        async for chunk in stream:
            form.feed(chunk)
            if form.file_data:
                await run_in_threadpool(_write, target, b"".join(form.file_data))
                form.file_data.clear()
        form.finish()
    except PressroomError:
        # A client that still sends would not read the answer; how much it may send is bounded further out.
        async for _ in stream:
            continue
        raise


class _FormWithOneFile(MultipartForm):
    """The form of an upload; `file_data` is what arrived of the file and nobody has written yet."""

    def __init__(self, upload: Upload, content_type: str) -> None:
        super().__init__(content_type, upload.fields)
        self._upload = upload
        self._has_file = False
        self.file_data: list[bytes] = []

    def begin_file(self, name: str) -> None:
        if self._has_file:
            raise BAD_FORM()
        self._has_file, self._upload.name = True, name

    def add_to_file(self, data: bytes) -> None:
        self._upload.size += len(data)
        if self._upload.size > self._upload.limit:
            limit = self._upload.limit // MB
            raise TOO_LARGE(name=safe_file_name(self._upload.name), size=f"> {limit}", limit=limit)
        self.file_data.append(data)


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
