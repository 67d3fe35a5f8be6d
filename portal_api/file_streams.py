"""Several files handed in by one multipart form: each is given out as soon as it is complete.

So no more than one of them lies on the disk at a time, however many are sent. Fields must stand before the files that
they are about.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from connectors.errors import Fault
from connectors.messages import N_
from portal_api.multipart_form import MultipartForm
from portal_api.uploads import append

TOO_MANY_FILES = Fault(
    "upload.too_many_files",
    413,
    N_("More than {limit} files were sent at once."),
    N_("Send the others in a second upload; the first {limit} were taken in."),
    spec="PR-134",
)


@dataclass
class ReceivedFile:
    """A file that has arrived, in the working file `path`; of one that `is_too_large` nothing is left there."""

    path: Path
    name: str
    size: int = 0
    is_too_large: bool = False


@dataclass
class FileStream:
    """The form of `request`, whose files are put into `folder` one after the other; `fields` fill up as they come.

    A file above `limit` bytes is read to its end but not kept. Raises `TOO_MANY_FILES` after `most` of them,
    `FILE_MISSING` where there is none, `BAD_FORM` or `DISK_FULL`.
    """

    request: Request
    folder: Path
    limit: int
    most: int
    fields: dict[str, str] = field(default_factory=dict)

    async def files(self) -> AsyncIterator[ReceivedFile]:
        """Each file, which is removed when the next one is asked for."""
        form = _FormWithFiles(self)
        await run_in_threadpool(self.folder.mkdir, parents=True, exist_ok=True)
        count = 0
        try:
            async for chunk in self.request.stream():
                form.feed(chunk)
                await run_in_threadpool(form.flush)
                while form.complete:
                    count += 1
                    if count > self.most:
                        raise TOO_MANY_FILES(limit=self.most)
                    yield form.complete[0]
                    await run_in_threadpool(form.drop_first)
            form.finish()
        finally:
            await run_in_threadpool(form.drop_all)


class _FormWithFiles(MultipartForm):
    """What has arrived and nobody has taken yet."""

    def __init__(self, stream: FileStream) -> None:
        super().__init__(stream.request.headers.get("content-type", ""), stream.fields)
        self._stream = stream
        self._file: ReceivedFile | None = None
        self._data: list[tuple[ReceivedFile, bytes]] = []
        self.complete: list[ReceivedFile] = []

    def flush(self) -> None:
        """Write what has arrived to the working files."""
        for file, data in self._data:
            append(file.path, data)
        self._data.clear()
        for file in self._at_hand():
            if file.is_too_large:
                file.path.unlink(missing_ok=True)

    def drop_first(self) -> None:
        """The first complete file was taken."""
        self.complete.pop(0).path.unlink(missing_ok=True)

    def drop_all(self) -> None:
        """Nothing more is wanted."""
        for file in self._at_hand():
            file.path.unlink(missing_ok=True)

    def begin_file(self, name: str) -> None:
        self._file = ReceivedFile(self._stream.folder / f"upload-{uuid4().hex}", name)
        self._data.append((self._file, b""))

    def add_to_file(self, data: bytes) -> None:
        assert self._file is not None, "a file begins before there is something in it"
        self._file.size += len(data)
        self._file.is_too_large = self._file.size > self._stream.limit
        if not self._file.is_too_large:
            self._data.append((self._file, data))

    def end_file(self) -> None:
        if self._file is not None:
            self.complete.append(self._file)
            self._file = None

    def _at_hand(self) -> tuple[ReceivedFile, ...]:
        return (*self.complete, *filter(None, (self._file,)))
