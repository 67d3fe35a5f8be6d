"""A multipart form while it arrives: its fields as text, its files in pieces; the parsing itself is python-multipart's.

The framework's own form parser would read all of it into a spool of its own first.
"""

from abc import ABC, abstractmethod

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from connectors.errors import Fault
from connectors.messages import N_
from domain.runs.planning import MB

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
MOST_FIELDS = 20


class MultipartForm(ABC):
    """A form of the content type given, fed piece by piece; what is in parts named “file” goes to the subclass.

    `fields` fill up as they come. Raises `FILE_MISSING` where the content type is another one, and `BAD_FORM` for what
    cannot be read, more than `MOST_FIELDS` fields or a field above `FIELD_LIMIT` bytes.
    """

    def __init__(self, content_type: str, fields: dict[str, str]) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise FILE_MISSING()
        self._fields = fields
        self._header, self._value, self._disposition = b"", b"", b""
        self._field: str | None = None
        self._text = bytearray()
        self._field_count = self._file_count = 0
        self._has_ended = False
        self._parser = MultipartParser(
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

    @abstractmethod
    def begin_file(self, name: str) -> None:
        """A file begins that was sent by this name."""

    @abstractmethod
    def add_to_file(self, data: bytes) -> None:
        """More of the file that began last."""

    def end_file(self) -> None:  # noqa: B027 — whoever takes one file need not know
        """The file that began last is complete."""

    def feed(self, data: bytes) -> None:
        """Read the next piece of the form."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise BAD_FORM() from error

    def finish(self) -> None:
        """Nothing more comes: raises `BAD_FORM` for a form that was cut off, `FILE_MISSING` for one without a file."""
        try:
            self._parser.finalize()
        except FormParserError as error:
            raise BAD_FORM() from error
        if not self._has_ended:
            raise BAD_FORM()
        if not self._file_count:
            raise FILE_MISSING()

    def _begin_part(self) -> None:
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
            self._field = None
            self._file_count += 1
            self.begin_file(options.get(b"filename", b"").decode("utf-8", errors="replace"))
            return
        self._field = name
        self._field_count += 1
        if self._field_count > MOST_FIELDS:
            raise BAD_FORM()

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._field is None:
            self.add_to_file(data[start:end])
            return
        self._text += data[start:end]
        if len(self._text) > FIELD_LIMIT:
            raise BAD_FORM()

    def _end_part(self) -> None:
        if self._field is None:
            self.end_file()
        else:
            self._fields[self._field] = self._text.decode("utf-8", errors="replace")

    def _end(self) -> None:
        self._has_ended = True
