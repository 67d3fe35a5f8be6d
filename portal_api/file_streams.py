"""Several files handed in by one multipart form: each is given out as soon as it is complete.

So no more than one of them lies on the disk at a time, however many are sent. Fields must stand before the files that
they are about.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from connectors.errors import Fault
from connectors.messages import N_
from portal_api.uploads import BAD_FORM, FIELD_LIMIT, FILE_MISSING, append

TOO_MANY_FILES = Fault(
    "upload.too_many_files",
    413,
    N_("More than {limit} files were sent at once."),
    N_("Send the others in a second upload; the first {limit} were taken in."),
    spec="PR-134",
)
MOST_FIELDS = 20


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
        form = _Form(self)
        await run_in_threadpool(self.folder.mkdir, parents=True, exist_ok=True)
        count = 0
        try:
            async for chunk in self.request.stream():
                form.parser.write(chunk)
                await run_in_threadpool(form.flush)
                while form.complete:
                    count += 1
                    if count > self.most:
                        raise TOO_MANY_FILES(limit=self.most)
                    yield form.complete[0]
                    await run_in_threadpool(form.drop_first)
            form.parser.finalize()
        except FormParserError as error:
            raise BAD_FORM() from error
        finally:
            await run_in_threadpool(form.drop_all)
        if not count:
            raise FILE_MISSING() if form.ended else BAD_FORM()
        if not form.ended:
            raise BAD_FORM()


class _Form:
    """What the parser has found and nobody has taken yet."""

    def __init__(self, stream: FileStream) -> None:
        kind, options = parse_options_header(stream.request.headers.get("content-type", ""))
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise FILE_MISSING()
        self._stream = stream
        self._header, self._value, self._disposition = b"", b"", b""
        self._file: ReceivedFile | None = None
        self._field, self._text = "", bytearray()
        self._data: list[tuple[ReceivedFile, bytes]] = []
        self._fields = 0
        self.complete: list[ReceivedFile] = []
        self.ended = False
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

    def flush(self) -> None:
        """Write what has arrived to the working files."""
        for file, data in self._data:
            append(file.path, data)
        self._data.clear()
        for file in (*self.complete, *filter(None, (self._file,))):
            if file.is_too_large:
                file.path.unlink(missing_ok=True)

    def drop_first(self) -> None:
        """The first complete file was taken."""
        self.complete.pop(0).path.unlink(missing_ok=True)

    def drop_all(self) -> None:
        """Nothing more is wanted."""
        for file in (*self.complete, *filter(None, (self._file,))):
            with suppress(FileNotFoundError):
                file.path.unlink()

    def _begin_part(self) -> None:
        self._disposition, self._text, self._field = b"", bytearray(), ""

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
            file_name = options.get(b"filename", b"").decode("utf-8", errors="replace")
            self._file = ReceivedFile(self._stream.folder / f"upload-{uuid4().hex}", file_name)
            self._data.append((self._file, b""))
            return
        self._fields += 1
        if self._fields > MOST_FIELDS:
            raise BAD_FORM()
        self._field = name

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._file is None:
            self._text += data[start:end]
            if len(self._text) > FIELD_LIMIT:
                raise BAD_FORM()
            return
        self._file.size += end - start
        self._file.is_too_large = self._file.size > self._stream.limit
        if not self._file.is_too_large:
            self._data.append((self._file, data[start:end]))

    def _end_part(self) -> None:
        if self._file is not None:
            self.complete.append(self._file)
            self._file = None
        else:
            self._stream.fields[self._field] = self._text.decode("utf-8", errors="replace")

    def _end(self) -> None:
        self.ended = True
