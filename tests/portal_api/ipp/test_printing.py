"""Jobs that computers and phones send: how they arrive, what is said of them, and what is refused."""

import gzip
import zlib
from dataclasses import replace

import httpx
import pytest

from connectors.ipp.service.statuses import Status
from connectors.ipp.values import (
    boolean,
    enums,
    integers,
    keywords,
    media_types,
    names,
    uris,
)
from connectors.ipp.wire import Attribute, Group, IppMessage, Range, Tag, decode, encode
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.printing.content import job_store
from domain.printing.jobs import move
from domain.printing.models import PrintJob
from domain.printing.service import queued_jobs
from domain.printing.states import JobSource, JobState
from domain.printing.views import JobView
from tests.support.print_service import (
    CANCEL_JOB,
    CANCEL_MY_JOBS,
    CLOSE_JOB,
    CREATE_JOB,
    GET_JOB,
    GET_JOBS,
    GET_PRINTER,
    IDENTIFY_PRINTER,
    PRINT_JOB,
    RELEASE_JOB,
    SEND_DOCUMENT,
    VALIDATE_JOB,
    Computer,
    Service,
    number_of,
    prepare,
)

HELD = (4, "job-held-for-release")
INCOMING = (4, "job-incoming")


def only_job(person: Actor) -> JobView:
    [job] = queued_jobs(person)
    return job


def files_of(person: Actor) -> list[str]:
    return [stored.key for stored in job_store().list(person.organization_id)]


def test_a_job_waits_for_its_owner_with_its_pages_and_what_was_chosen(
    person: Actor, computer: Computer, letter: bytes
) -> None:
    number = computer.print(
        letter,
        {
            "copies": integers(3),
            "sides": keywords("two-sided-long-edge"),
            "print-color-mode": keywords("monochrome"),
            "number-up": integers(2),
            "finishings": enums(20),
            "page-ranges": Attribute(Tag.RANGE, (Range(1, 1),)),
            "media-col": Attribute(
                Tag.BEGIN_COLLECTION,
                ({"media-size-name": keywords("iso_a4_210x297mm"), "media-source": keywords("tray-2")},),
            ),
            "job-account-id": names("4711"),
        },
    )
    assert computer.state(number) == INCOMING
    assert prepare(person) == 1
    assert computer.state(number) == HELD, "PR-135"
    job = only_job(person)
    assert (job.number, job.source, job.pages, job.user_id) == (number, JobSource.IPP, 1, person.user_id)
    assert job.ticket.chosen() == {
        "copies": 3,
        "sides": "two-sided-long-edge",
        "number_up": 2,
        "page_ranges": "1-1",
        "media": "iso_a4_210x297mm",
        "media_source": "tray-2",
        "finishings": ["staple-top-left"],
        "color_mode": "monochrome",
        "account_id": "4711",
    }
    told = computer.job(number)
    assert (told["copies"].value, told["job-impressions"].value) == (3, 1)
    with person.session(read_only=True) as session:
        row = session.get(PrintJob, number)
        assert row is not None
        assert row.client == {"type": "CUPS", "version": "2.4.2", "address": "127.0.0.1", "user": "kim"}


def test_a_document_may_follow_its_job(person: Actor, computer: Computer, letter: bytes) -> None:
    created = computer.ask(CREATE_JOB, {"copies": integers(2)}, job_name=names("Two steps"))
    number = number_of(created)
    assert computer.state(number) == INCOMING
    more = {
        "job_id": integers(number),
        "last_document": boolean(True),
        "document_format": media_types("application/pdf"),
    }
    assert computer.ask(SEND_DOCUMENT, None, letter, **more).code == Status.OK
    prepare(person)
    assert computer.state(number) == HELD
    assert only_job(person).ticket.copies == 2
    again = computer.ask(SEND_DOCUMENT, None, letter, **more)
    assert again.code == Status.MULTIPLE_DOCUMENTS_NOT_SUPPORTED
    assert computer.ask(CLOSE_JOB, job_id=integers(number)).code == Status.OK, "it is closed already"


@pytest.mark.parametrize("operation", [SEND_DOCUMENT, CLOSE_JOB])
def test_a_job_that_is_closed_without_a_document_ends(computer: Computer, operation: int) -> None:
    number = number_of(computer.ask(CREATE_JOB))
    more = {"last_document": boolean(True)} if operation == SEND_DOCUMENT else {}
    computer.ask(operation, job_id=integers(number), **more)
    assert computer.state(number) == (8, "account-authorization-failed")


@pytest.mark.parametrize(
    ("compression", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-15)),
    ],
)
def test_packed_documents_are_unpacked(
    person: Actor, computer: Computer, letter: bytes, compression: str, pack: object
) -> None:
    assert callable(pack)
    answer = computer.ask(PRINT_JOB, None, pack(letter), compression=keywords(compression))
    assert answer.code == Status.OK
    assert only_job(person).size == len(letter)


@pytest.mark.parametrize(
    ("content", "more", "status"),
    [
        pytest.param(b"%PDF-1.7\n", {"document_format": "image/jpeg"}, Status.FORMAT_ERROR, id="declared wrong"),
        pytest.param(b"GIF89a", {"document_format": "image/gif"}, Status.FORMAT_NOT_SUPPORTED, id="not offered"),
        pytest.param(b"\0\1\2\3 noise", {}, Status.FORMAT_NOT_SUPPORTED, id="unknown stream"),
        pytest.param(b"", {}, Status.BAD_REQUEST, id="no document"),
        pytest.param(b"%PDF-1.7" + b" " * (3 << 20), {}, Status.ENTITY_TOO_LARGE, id="too large"),
        pytest.param(b"x", {"compression": "compress"}, Status.COMPRESSION_NOT_SUPPORTED, id="unknown packing"),
        pytest.param(b"not packed", {"compression": "gzip"}, Status.COMPRESSION_ERROR, id="not packed"),
        pytest.param(gzip.compress(b"%PDF")[:-4], {"compression": "gzip"}, Status.COMPRESSION_ERROR, id="cut off"),
        pytest.param(gzip.compress(b"\0" * (64 << 20)), {"compression": "gzip"}, Status.ENTITY_TOO_LARGE, id="bomb"),
    ],
)
def test_what_cannot_be_printed_is_refused_and_nothing_of_it_is_kept(
    person: Actor, computer: Computer, content: bytes, more: dict[str, str], status: Status
) -> None:
    """PR-130, PR-134, PR-328."""
    kinds = {"document_format": media_types, "compression": keywords}
    asked = {name: kinds[name](value) for name, value in more.items()}
    answer = computer.ask(PRINT_JOB, None, content, **asked)
    assert answer.code == status, answer
    assert queued_jobs(person) == []
    assert files_of(person) == []
    assert list(get_settings().scratch_folder.glob("ipp-*")) == []


def test_a_broken_document_is_told_by_the_state_of_its_job(person: Actor, computer: Computer) -> None:
    number = computer.print(b"%PDF-1.7\nnothing more")
    prepare(person)
    assert computer.state(number) == (8, "document-format-error")
    assert computer.job(number)["job-state-message"].value, "in words too"


def test_what_is_not_supported_is_left_out_unless_the_client_insists(computer: Computer) -> None:
    asked = {"sides": keywords("three-sided"), "copies": integers(2), "print-scaling": keywords("fill")}
    lenient = computer.ask(VALIDATE_JOB, asked)
    assert lenient.code == Status.OK_IGNORED
    assert set(lenient.first(Tag.UNSUPPORTED_GROUP)) == {"sides", "print-scaling"}
    strict = computer.ask(VALIDATE_JOB, asked, ipp_attribute_fidelity=boolean(True))
    assert strict.code == Status.NOT_SUPPORTED


def test_who_says_to_be_somebody_else_is_not(
    service: Service, person: Actor, computer: Computer, letter: bytes
) -> None:
    """PR-324: the owner is who proved to be, never `requesting-user-name`."""
    other = service.person("other")
    liar = replace(computer, user=other.email)
    number = liar.print(letter)
    assert only_job(person).number == number
    assert queued_jobs(other) == []
    assert liar.job(number)["job-originating-user-name"].value == person.email


@pytest.mark.parametrize("operation", [GET_JOB, CANCEL_JOB, SEND_DOCUMENT, CLOSE_JOB, RELEASE_JOB])
def test_jobs_of_others_are_not_there(service: Service, computer: Computer, letter: bytes, operation: int) -> None:
    number = computer.print(letter)
    stranger = service.person("stranger", organization_id=service.installation.stranger.organization_id)
    for other in (service.printer_of(service.person("colleague")), service.printer_of(stranger)):
        more = {"last_document": boolean(True)} if operation == SEND_DOCUMENT else {}
        assert other.ask(operation, job_id=integers(number), **more).code == Status.NOT_FOUND
        assert list(other.ask(GET_JOBS, which_jobs=keywords("all")).all(Tag.JOB)) == []
    assert computer.state(number) == INCOMING


def test_jobs_are_listed_by_state_name_number_and_limit(person: Actor, computer: Computer, letter: bytes) -> None:
    numbers = [computer.print(letter) for _ in range(3)]
    others = replace(computer, user="other account").print(letter)
    prepare(person)
    with person.session() as session:
        row = session.get(PrintJob, numbers[0])
        assert row is not None
        assert move(session, row.id, [JobState.HELD], JobState.RELEASING)
        assert move(session, row.id, [JobState.RELEASING], JobState.PRINTED)

    def listed(**more: Attribute) -> list[object]:
        return [job["job-id"].value for job in computer.ask(GET_JOBS, **more).all(Tag.JOB)]

    assert listed() == [*numbers[1:], others]
    assert listed(my_jobs=boolean(True)) == numbers[1:]
    assert listed(limit=integers(1)) == numbers[1:2]
    assert listed(first_job_id=integers(numbers[2])) == [numbers[2], others]
    assert listed(which_jobs=keywords("completed")) == [numbers[0]]
    assert listed(which_jobs=keywords("all")) == [*numbers, others]
    assert computer.ask(GET_JOBS, which_jobs=keywords("lost")).code == Status.NOT_SUPPORTED
    assert computer.ask(GET_JOBS, limit=integers(0)).code == Status.BAD_REQUEST
    assert computer.state(numbers[0]) == (9, "job-completed-successfully")


def test_jobs_are_cancelled_all_or_none(person: Actor, computer: Computer, letter: bytes) -> None:
    first, second, third = (computer.print(letter) for _ in range(3))
    assert computer.ask(CANCEL_JOB, job_id=integers(first)).code == Status.OK
    assert computer.state(first) == (7, "job-canceled-by-user")
    assert computer.ask(CANCEL_JOB, job_id=integers(first)).code == Status.NOT_POSSIBLE
    refused = computer.ask(CANCEL_MY_JOBS, job_ids=integers(second, first))
    assert (refused.code, refused.first(Tag.UNSUPPORTED_GROUP)["job-ids"].value) == (Status.NOT_POSSIBLE, first)
    assert computer.state(second) == INCOMING, "nothing was cancelled"
    assert computer.ask(CANCEL_MY_JOBS).code == Status.OK
    assert computer.state(third) == (7, "job-canceled-by-user")
    assert files_of(person) == []


def test_a_job_at_a_printer_is_cancelled_there(person: Actor, computer: Computer, letter: bytes) -> None:
    number = computer.print(letter)
    prepare(person)
    with person.session() as session:
        assert move(session, only_job(person).id, [JobState.HELD], JobState.RELEASING)
    assert computer.state(number) == (3, "job-queued")
    assert computer.ask(CANCEL_JOB, job_id=integers(number)).code == Status.NOT_POSSIBLE


def test_jobs_are_released_at_printers_only(person: Actor, computer: Computer, letter: bytes) -> None:
    """PR-323."""
    number = computer.print(letter)
    prepare(person)
    assert computer.ask(RELEASE_JOB, job_id=integers(number)).code == Status.NOT_POSSIBLE
    assert computer.state(number) == HELD


def test_identifying_the_printer_is_understood(computer: Computer) -> None:
    assert computer.ask(IDENTIFY_PRINTER).code == Status.OK
    assert computer.ask(IDENTIFY_PRINTER, identify_actions=keywords("sound")).code == Status.NOT_SUPPORTED


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"version": (3, 0)}, Status.VERSION_NOT_SUPPORTED),
        ({"request_id": 0}, Status.BAD_REQUEST),
        ({"code": 0x0003}, Status.OPERATION_NOT_SUPPORTED),
        ({"groups": ()}, Status.BAD_REQUEST),
    ],
)
def test_requests_that_are_not_ipp_2_0_are_told_so(
    computer: Computer, change: dict[str, object], status: Status
) -> None:
    message, _ = decode(computer.message(GET_PRINTER))
    answer = computer.post(encode(replace(message, **change)))  # type: ignore[arg-type]
    assert decode(answer.content)[0].code == status


def test_requests_that_end_too_early_are_told_so(computer: Computer) -> None:
    whole = computer.message(GET_PRINTER)
    assert decode(computer.post(whole[:-20]).content)[0].code == Status.BAD_REQUEST
    assert computer.post(whole[:5]).status_code == 400


def test_endless_attributes_are_cut_off(computer: Computer) -> None:
    head = IppMessage(GET_PRINTER, 1, (Group(Tag.OPERATION, {"job-name": names("x" * 100)}),), (2, 0))
    padding = b"\x42\0\0\0\x64" + b"y" * 100
    answer = computer.post(encode(head)[:-1] + padding * 3000)
    assert decode(answer.content)[0].code == Status.ENTITY_TOO_LARGE


def test_only_ipp_is_taken(service: Service, computer: Computer) -> None:
    assert httpx.post(f"{service.address}{computer.path}", content=b"x").status_code == 415
    assert httpx.get(f"{service.address}{computer.path}").status_code == 405
    assert httpx.get(f"{service.address}/ipp/icon.png").headers["content-type"] == "image/png"


def test_another_printer_is_not_asked_by_way_of_this_one(computer: Computer) -> None:
    answer = computer.ask(GET_PRINTER, printer_uri=uris("ipp://127.0.0.1/ipp/print/000000000000"))
    assert answer.code == Status.NOT_FOUND
