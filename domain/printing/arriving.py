"""Documents that arrive in pieces: a line that breaks costs one piece, and not all that was sent before (PR-331).

Pieces lie where the content of jobs lies, sealed, below an id of their own. Those of a document that never became a job
are swept as any content without one is (F-32).
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.documents import open_store
from connectors.documents.streams import PIECE
from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.printing.content import delete_content, job_store
from domain.printing.submission import MB, TOO_LARGE, Submission, check_may_submit, known_job, submit_file
from domain.printing.views import JobView

MOST_IN_PIECE = 1 << 20
NOT_WHOLE = Fault(
    "print_job.not_whole",
    409,
    N_("“{name}” did not arrive as it was sent."),
    N_("Send it again."),
)


@dataclass(frozen=True, slots=True)
class Whole:
    """The document that the pieces make: its size in bytes, and its SHA-256 in hex."""

    size: int
    sha256: str


def submission_key(user_id: str, key: str, number: int = 0) -> str:
    """By what a document is known that somebody hands in under a key of their own, as the so many-th of it."""
    return hashlib.sha256(json.dumps([user_id, key, number]).encode()).hexdigest() if key else ""


def received(actor: Actor, key: str) -> int:
    """How much of a document is here, from its beginning without a gap."""
    end = 0
    for offset, length, _key in _pieces(actor, key):
        if offset == end:
            end += length
    return end


def keep_piece(actor: Actor, submission: Submission, offset: int, content: bytes, size: int) -> int:
    """Keep the next piece of a document of `size`; what is not the next one is not kept. How much is here now.

    Raises `ROLE_MISSING` and the other refusals of handing in, and `TOO_LARGE` at the first piece.
    """
    check_may_submit(actor, submission.source)
    limit = get_settings().print_max_mb
    if size > limit * MB:
        raise TOO_LARGE(name=submission.name, size=f"{size / MB:.1f}", limit=limit)
    here = received(actor, submission.key)
    if offset != here or not content or here + len(content) > size:
        return here
    place = f"{_folder(actor, submission.key)}/{offset:012}-{len(content)}"
    job_store().put(place, BytesIO(content), "application/octet-stream")
    return here + len(content)


def submit_pieces(actor: Actor, submission: Submission, whole: Whole) -> JobView:
    """Make a job of what has arrived under the submission's key; a second time, the first job is answered.

    Raises `NOT_WHOLE`, after which nothing of it is here any more, and what `submit_file` raises.
    """
    handed_in = replace(submission, key=submission_key(actor.user_id, submission.key))
    with actor.session(read_only=True) as session:
        known = known_job(session, handed_in.key)
        view = JobView.of(known) if known is not None else None
    if view is None:
        scratch = get_settings().scratch_folder
        scratch.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=scratch) as folder:
            file = Path(folder) / "document"
            if _put_together(actor, submission.key, file) != whole:
                forget(actor, submission.key)
                raise NOT_WHOLE(name=submission.name)
            view = submit_file(actor, handed_in, file)
    forget(actor, submission.key)
    return view


def forget(actor: Actor, key: str) -> None:
    """Delete what has arrived under this key."""
    delete_content(actor.organization_id, [_id(actor, key)])


def _put_together(actor: Actor, key: str, target: Path) -> Whole:
    digest, end = hashlib.sha256(), 0
    with target.open("wb") as file:
        for offset, length, place in _pieces(actor, key):
            if offset != end:
                continue
            with job_store().open(place) as source:
                while block := source.read(PIECE):
                    digest.update(block)
                    file.write(block)
            end += length
    return Whole(end, digest.hexdigest())


def _pieces(actor: Actor, key: str) -> Iterator[tuple[int, int, str]]:
    """Where each piece begins, its length and its place, in their order."""
    for place in sorted(one.key for one in open_store(get_settings()).list(_folder(actor, key))):
        offset, _, length = place.rpartition("/")[2].partition("-")
        yield int(offset), int(length), place


def _folder(actor: Actor, key: str) -> str:
    return f"{actor.organization_id}/print-jobs/{_id(actor, key)}"


def _id(actor: Actor, key: str) -> str:
    return hashlib.sha256(f"arriving {actor.user_id} {key}".encode()).hexdigest()[:32]
