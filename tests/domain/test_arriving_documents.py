"""Documents that arrive in pieces (PR-331)."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from domain.printing.arriving import NOT_WHOLE, Whole, keep_piece, received, submit_pieces
from domain.printing.contents import open_original
from domain.printing.service import queued_jobs
from domain.printing.states import JobSource
from domain.printing.submission import TOO_LARGE, Submission
from steps.samples import letter_pdf
from tests.support.installation import Installation, installed

WANTED = Submission("letter.pdf", JobSource.COMMAND_LINE, key="k" * 24)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path, print_max_mb="1") as one:
        yield one


@pytest.fixture
def kim(installation: Installation) -> Actor:
    return installation.add_person("kim@one.example", Role.PRINT_RELEASE_USER)


@pytest.fixture
def letter(tmp_path: Path) -> bytes:
    return letter_pdf(tmp_path).read_bytes()


def test_only_the_next_piece_is_kept_and_the_job_is_made_once(kim: Actor, letter: bytes) -> None:
    size, half = len(letter), len(letter) // 2
    assert keep_piece(kim, WANTED, half, letter[half:], size) == 0, "its beginning is not here yet"
    assert keep_piece(kim, WANTED, 0, letter[:half], size) == half
    assert keep_piece(kim, WANTED, 0, letter[:half], size) == half, "the answer was lost and it is sent again"
    assert keep_piece(kim, WANTED, half, letter[half:] + b"x", size) == half, "longer than was said"
    assert keep_piece(kim, WANTED, half, letter[half:], size) == received(kim, WANTED.key) == size
    whole = Whole(size, sha256(letter).hexdigest())
    job = submit_pieces(kim, WANTED, whole)
    assert submit_pieces(kim, WANTED, whole).id == job.id
    assert [(one.id, one.name) for one in queued_jobs(kim)] == [(job.id, "letter.pdf")]
    with open_original(kim, job.id) as (_document, content):
        assert content.read() == letter
    assert received(kim, WANTED.key) == 0


def test_what_did_not_arrive_as_it_was_sent_is_no_job_and_begins_anew(kim: Actor, letter: bytes) -> None:
    keep_piece(kim, WANTED, 0, letter, len(letter))
    with pytest.raises(PressroomError) as refused:
        submit_pieces(kim, WANTED, Whole(len(letter), "0" * 64))
    assert (refused.value.fault, received(kim, WANTED.key), queued_jobs(kim)) == (NOT_WHOLE, 0, [])


def test_too_large_a_document_is_refused_before_its_first_piece(kim: Actor) -> None:
    """PR-134."""
    with pytest.raises(PressroomError) as refused:
        keep_piece(kim, WANTED, 0, b"%PDF", (1 << 20) + 1)
    assert (refused.value.fault, received(kim, WANTED.key)) == (TOO_LARGE, 0)


def test_nobody_goes_on_with_what_is_somebody_elses(installation: Installation, kim: Actor, letter: bytes) -> None:
    keep_piece(kim, WANTED, 0, letter[:100], len(letter))
    lee = installation.add_person("lee@one.example", Role.PRINT_RELEASE_USER)
    assert received(lee, WANTED.key) == 0
    nobody = installation.add_person("nobody@one.example")
    with pytest.raises(PressroomError, match=r"role\.missing"):
        keep_piece(nobody, WANTED, 0, letter, len(letter))
