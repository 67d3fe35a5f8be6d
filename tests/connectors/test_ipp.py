"""The IPP codec on real printers' answers and broken ones; the client at a real printer and at bad servers."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import PressroomError
from connectors.ipp import faults
from connectors.ipp.client import Printer
from connectors.ipp.jobs import Job, JobState
from connectors.ipp.ticket import JobTicket, ticket_attributes
from connectors.ipp.wire import (
    Attribute,
    BadMessage,
    Group,
    IppMessage,
    LocalText,
    Range,
    Resolution,
    Tag,
    Value,
    decode,
    encode,
)
from tests.support.ipp_printer import TestPrinter, dns_sd, ipp_printer
from tests.support.mail_server import make_authority

# --- the codec

EVERY_TYPE: dict[str, Attribute] = {
    "integer": Attribute(Tag.INTEGER, (-5, 2**31 - 1)),
    "boolean": Attribute(Tag.BOOLEAN, (True, False)),
    "enum": Attribute(Tag.ENUM, (3,)),
    "octets": Attribute(Tag.OCTETS, (b"\x00\xff",)),
    "moment": Attribute(Tag.DATE_TIME, (datetime(2026, 11, 22, 9, 30, 5, 300_000, timezone(timedelta(hours=-3.5))),)),
    "resolution": Attribute(Tag.RESOLUTION, (Resolution(600, 1200),)),
    "range": Attribute(Tag.RANGE, (Range(1, 999),)),
    "text": Attribute(Tag.TEXT, ("Grüße",)),
    "local": Attribute(Tag.NAME_WITH_LANGUAGE, (LocalText("sv", "Hälsning"),)),
    "nothing": Attribute(Tag.NO_VALUE, (None,)),
    "collection": Attribute(
        Tag.BEGIN_COLLECTION,
        (
            {
                "media-size": Attribute(
                    Tag.BEGIN_COLLECTION,
                    ({"x-dimension": Attribute(Tag.INTEGER, (21000,)), "names": Attribute(Tag.KEYWORD, ("a", "b"))},),
                ),
                "media-type": Attribute(Tag.KEYWORD, ("stationery",)),
            },
            {"media-type": Attribute(Tag.KEYWORD, ("labels",))},
        ),
    ),
}


def test_every_type_survives_the_way_there_and_back() -> None:
    groups = (Group(Tag.OPERATION, EVERY_TYPE), Group(Tag.JOB, {}), Group(Tag.JOB, {"a": Attribute(Tag.URI, ("x",))}))
    message = IppMessage(0x0002, 77, groups, (2, 0))
    decoded, rest = decode(encode(message) + b"%PDF")
    assert decoded == message
    assert rest == b"%PDF"


values = st.one_of(
    st.builds(lambda v: Attribute(Tag.INTEGER, tuple(v)), st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1)),
    st.builds(lambda v: Attribute(Tag.NAME, tuple(v)), st.lists(st.text(max_size=50), min_size=1)),
    st.builds(lambda v: Attribute(Tag.OCTETS, tuple(v)), st.lists(st.binary(max_size=50), min_size=1)),
)


@given(st.dictionaries(st.text(min_size=1, max_size=20), values), st.integers(0, 2**15 - 1))
def test_any_attributes_survive(attributes: dict[str, Attribute], code: int) -> None:
    message = IppMessage(code, 1, (Group(Tag.PRINTER, attributes),))
    assert decode(encode(message))[0] == message


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    for candidate in (data, struct.pack(">bbhib", 1, 1, 0, 1, Tag.PRINTER) + data):
        try:
            decode(candidate)
        except BadMessage:
            continue


HEADER = struct.pack(">bbhi", 1, 1, 0, 1)
NAMELESS = b"\x21\x00\x00\x00\x04\x00\x00\x00\x01"
NESTED = b"\x34\x00\x01a\x00\x00" + b"\x4a\x00\x00\x00\x01m\x34\x00\x00\x00\x00" * 40


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01\x01\x00\x00",
        HEADER,
        HEADER + b"\x01",
        HEADER + NAMELESS + b"\x03",
        HEADER + b"\x04" + NAMELESS + b"\x03",
        HEADER + b"\x04\x21\x00\x01a\x00\x04\x00",
        HEADER + b"\x04\x21\x00\x01a\x00\x02\x00\x00\x03",
        HEADER + b"\x04\x21\x00\x01a\xff\xff\x03",
        HEADER + b"\x04\x31\x00\x01a\x00\x0b" + b"\xff" * 11 + b"\x03",
        HEADER + b"\x04\x34\x00\x01a\x00\x00" + b"\x21\x00\x00\x00\x04\x00\x00\x00\x01" + b"\x37\x00\x00\x00\x00\x03",
        HEADER + b"\x04" + NESTED,
    ],
)
def test_broken_messages_are_refused(data: bytes) -> None:
    with pytest.raises(BadMessage):
        decode(data)


@pytest.mark.parametrize("value", ["x" * 40_000, {"a": object()}])
def test_what_does_not_fit_is_refused(value: Value) -> None:
    with pytest.raises((BadMessage, AttributeError)):
        encode(IppMessage(2, 1, (Group(Tag.JOB, {"a": Attribute(Tag.TEXT, (value,))}),)))


@pytest.mark.parametrize(
    ("name", "model"), [("epsonxp6000", "EPSON XP-6000 Series"), ("hp6830", "HP Officejet Pro 6830")]
)
def test_real_printers_answers(shared_data: Path, name: str, model: str) -> None:
    data = (shared_data / "ipp" / f"get-printer-attributes-{name}.bin").read_bytes()
    message, rest = decode(data)
    printer = message.first(Tag.PRINTER)
    assert printer["printer-make-and-model"].value == model
    assert "image/urf" in printer["document-format-supported"].values
    assert isinstance(printer["copies-supported"].value, Range)
    assert rest == b""
    assert decode(encode(message))[0] == message


# --- the words for printers' troubles


@pytest.mark.parametrize(
    ("reasons", "stuck", "code"),
    [
        (["none"], True, None),
        (["media-empty-error"], False, "printer.media_empty"),
        (["media-empty"], False, "printer.media_empty"),
        (["media-empty-warning"], False, None),
        (["media-empty-warning"], True, "printer.media_empty"),
        (["media-empty-report"], True, None),
        (["media-low-error"], True, None),
        (["toner-low-warning", "cover-open-error"], False, "printer.cover_open"),
        (["marker-supply-empty-error"], False, "printer.toner_empty"),
        (["media-jam-error"], False, "printer.media_jam"),
        (["com.example-strange-thing-error"], True, None),
    ],
)
def test_troubles(reasons: list[str], stuck: bool, code: str | None) -> None:
    error = faults.trouble(reasons, "Hall", stuck=stuck)
    assert (error.code if error else None) == code
    if error:
        assert "Hall" in error.message


# --- the client, at a real printer


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with dns_sd() as environment:
        yield environment


@pytest.fixture(scope="module")
def device(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestPrinter]:
    with ipp_printer(tmp_path_factory.mktemp("printer"), environment) as device:
        yield device


@pytest.fixture
def printer(device: TestPrinter) -> Iterator[Printer]:
    device.on_job("exit 0")
    with Printer(device.address, "Ann Author") as printer:
        yield printer


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.pdf"
    path.write_bytes(b"%PDF-1.7 " + bytes(range(256)) * 1000)
    return path


def nothing(done: int, total: int) -> None: ...


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = threading.Event()
    for _ in range(600):
        if condition():
            return
        deadline.wait(0.05)
    pytest.fail("it did not happen within half a minute")


def state(printer: Printer, job: Job) -> JobState:
    found = printer.job(job.id)
    assert found is not None
    return found.state


def test_status(printer: Printer) -> None:
    status = printer.status()
    assert status.name.startswith("Pressroom")
    assert status.accepting
    assert "application/pdf" in status.formats
    assert status.most_copies == 999


def test_a_file_arrives_whole_and_in_pieces(printer: Printer, device: TestPrinter, page: Path) -> None:
    seen: list[tuple[int, int]] = []
    ticket = ticket_attributes(JobTicket(copies=3))
    job = printer.print_file(page, "application/pdf", "Grüße [mark-1]", ticket, lambda *counts: seen.append(counts))
    wait_for(lambda: state(printer, job) is JobState.COMPLETED)
    assert device.printed()[-1] == page.read_bytes()
    assert len(seen) > 2
    assert all(done < total == page.stat().st_size for done, total in seen)
    found = printer.find_job("mark-1")
    assert found is not None
    assert (found.id, found.name) == (job.id, "Grüße [mark-1]")
    assert printer.find_job("mark-none") is None
    assert printer.job(999_999) is None


def test_a_failed_job_and_a_cancelled_one(printer: Printer, device: TestPrinter, page: Path) -> None:
    device.on_job("exit 3")
    job = printer.print_file(page, "application/pdf", "bad", {}, nothing)
    wait_for(lambda: state(printer, job) is JobState.ABORTED)
    device.on_job_wait_for(page.with_name("go"))
    job = printer.print_file(page, "application/pdf", "slow", {}, nothing)
    wait_for(lambda: state(printer, job) is JobState.PROCESSING)
    printer.cancel(job.id)
    page.with_name("go").touch()
    wait_for(lambda: state(printer, job) is JobState.CANCELED)
    printer.cancel(job.id)


def test_a_format_that_the_printer_does_not_know(printer: Printer, page: Path) -> None:
    with pytest.raises(PressroomError) as caught:
        printer.print_file(page, "application/x-unheard-of", "x", {}, nothing)
    assert caught.value.code == "printer.format"


def test_stopping_in_the_middle_raises_what_stopped_it(printer: Printer, device: TestPrinter, page: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done:
            raise Stopped

    before = len(device.printed())
    with pytest.raises(Stopped):
        printer.print_file(page, "application/pdf", "stopped", {}, stop)
    assert all(content != page.read_bytes() for content in device.printed()[before:])


# --- the client, at servers that are no good


@contextmanager
def server(answer: bytes, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that gives the same bytes to everyone who asks, then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                answer_one(tls.wrap_socket(connection, server_side=True) if tls else connection, answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"{'ipps' if tls else 'ipp'}://127.0.0.1:{listener.getsockname()[1]}/ipp/print"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def answer_one(connection: socket.socket, answer: bytes) -> None:
    """Read the whole request before answering, so that closing does not reset the connection."""
    with connection, connection.makefile("rb") as request:
        length = 0
        while line := request.readline().strip().lower():
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        request.read(length)
        connection.sendall(answer)


def http(status: str, body: bytes = b"") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def ipp(status: int, words: str = "") -> bytes:
    said = {"status-message": Attribute(Tag.TEXT, (words,))} if words else {}
    return http("200 OK", encode(IppMessage(status, 1, (Group(Tag.OPERATION, said),))))


def test_certificates_are_verified_where_their_authority_is_known(tmp_path: Path) -> None:
    own, stranger = make_authority(tmp_path / "own"), make_authority(tmp_path / "stranger")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*own.server)
    with server(ipp(0), tls) as address:
        for ca_file in (None, own.ca_file):
            with Printer(address, "ann", ca_file) as printer:
                assert printer.status().accepting
        with Printer(address, "ann", stranger.ca_file) as printer, pytest.raises(PressroomError) as caught:
            printer.status()
    assert caught.value.code == "printer.unreachable"
    assert "certificate" in caught.value.message


@pytest.mark.parametrize(
    ("answer", "asking", "printing"),
    [
        (http("401 Unauthorized"), "printer.sign_in", "printer.sign_in"),
        (http("404 Not Found"), "printer.bad_answer", "printer.bad_answer"),
        (http("502 Bad Gateway"), "printer.bad_answer", "printer.lost"),
        (http("200 OK", b"<html>hello</html>"), "printer.bad_answer", "printer.lost"),
        (http("200 OK", bytes(5 << 20)), "printer.bad_answer", "printer.lost"),
        (b"", "printer.unreachable", "printer.lost"),
        (b"rubbish", "printer.unreachable", "printer.lost"),
        (ipp(0x0403), "printer.sign_in", "printer.sign_in"),
        (ipp(0x0506), "printer.busy", "printer.busy"),
        (ipp(0x0507), "printer.busy", "printer.busy"),
        (ipp(0x0411, "the file\x1b is broken"), "printer.refused", "printer.refused"),
    ],
)
def test_bad_servers(page: Path, answer: bytes, asking: str, printing: str) -> None:
    small = page.with_name("small.pdf")
    small.write_bytes(b"%PDF")
    with server(answer) as address, Printer(address, "ann") as printer:
        with pytest.raises(PressroomError) as caught:
            printer.status()
        assert caught.value.code == asking
        with pytest.raises(PressroomError) as caught:
            printer.print_file(small, "application/pdf", "x", {}, nothing)
        assert caught.value.code == printing
        assert str(caught.value).isprintable()


def test_nobody_there_means_nothing_was_printed(page: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"ipp://127.0.0.1:{probe.getsockname()[1]}/"
    with Printer(address, "ann") as printer, pytest.raises(PressroomError) as caught:
        printer.print_file(page, "application/pdf", "x", {}, nothing)
    assert (caught.value.code, caught.value.transient) == ("printer.unreachable", True)


@pytest.mark.parametrize(
    "address", ["", "http://printer/", "ipp://", "ipp://user@printer/", "ipp://p:99999/", "file:///etc"]
)
def test_bad_addresses(address: str) -> None:
    with pytest.raises(PressroomError) as caught:
        Printer(address, "ann")
    assert caught.value.code == "printer.bad_address"


def test_an_authority_file_that_holds_none(page: Path) -> None:
    with pytest.raises(PressroomError) as caught:
        Printer("ipps://printer/", "ann", page)
    assert caught.value.code == "printer.bad_authority"


def test_long_names_are_cut_at_a_letter(printer: Printer, page: Path) -> None:
    job = printer.print_file(page, "application/pdf", "ö" * 300, {}, nothing)
    found = printer.job(job.id)
    assert found is not None
    assert found.name == "ö" * 127
