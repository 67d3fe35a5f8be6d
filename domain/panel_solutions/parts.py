"""A draft's document that a printer sends in parts: after a network that went, it goes on where it stopped (SC-128)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import update

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.panel_solutions.drafts import SENT_ALREADY, DraftView, find_draft
from domain.panel_solutions.models import RunDraft
from domain.runs.planning import MB, TOO_LARGE
from domain.scanning.content import delete_keys, join_parts, scan_store, scratch_folder
from domain.tenancy import new_id

WRONG_OFFSET = Fault(
    "run_draft.wrong_offset",
    409,
    N_("The document stands at {received} bytes, but the part begins at {offset}."),
    N_("Send the document on from there; nothing of it is lost."),
)
INCOMPLETE = Fault(
    "run_draft.incomplete",
    409,
    N_("The document has not arrived completely: {received} of {total} bytes."),
    N_("Nothing of it is lost: it is sent on where it stopped. Then touch Send again."),
)
NO_DOCUMENT = Fault(
    "run_draft.no_document",
    409,
    N_("Nothing was scanned yet."),
    N_("Put the original on the printer and scan it."),
)
PART = "application/octet-stream"
FOLDER = "drafts"
"""Where parts lie in the store, sealed as scans are."""


def check_total(draft: DraftView, total: int) -> None:
    """Raise `TOO_LARGE` (SC-E13) for a document above the solution's limit, before any of it is sent."""
    if draft.limit is not None and total > draft.limit:
        raise TOO_LARGE(name=draft.file.name, size=f"{total / MB:.1f}", limit=draft.limit // MB)


def add_part(actor: Actor, draft_id: str, offset: int, total: int, path: Path) -> DraftView:
    """Take in the file at `path` as the bytes from `offset` on, of `total` in all; a part that came before is dropped.

    Raises `NOT_FOUND`, `TOO_LARGE`, `WRONG_OFFSET`, and `SENT_ALREADY`.
    """
    draft, size = find_draft(actor, draft_id), path.stat().st_size
    check_total(draft, max(total, offset + size))
    if draft.is_sent:
        raise SENT_ALREADY(solution=draft.solution_name)
    if offset != draft.received or draft.scan_id:
        raise WRONG_OFFSET(received=draft.received, offset=offset)
    key = f"{actor.organization_id}/{FOLDER}/{draft_id}/{new_id()}"
    with path.open("rb") as source:
        scan_store().put(key, source, PART)
    is_taken = False
    try:
        is_taken = _take(actor, draft, key, size, total)
    finally:
        if not is_taken:
            delete_keys([key])
    found = find_draft(actor, draft_id)
    if not is_taken:
        raise WRONG_OFFSET(received=found.received, offset=offset)
    return found


@contextmanager
def joined(draft: DraftView) -> Iterator[Path]:
    """The whole document as a local file; raises `NO_DOCUMENT` or `INCOMPLETE`."""
    if not draft.received:
        raise NO_DOCUMENT()
    if draft.received != draft.total:
        raise INCOMPLETE(received=draft.received, total=draft.total or 0)
    with scratch_folder(draft.id) as folder:
        path = folder / f"whole{Path(draft.file.name).suffix}"
        join_parts(draft.parts, path)
        yield path


def delete_parts(organization_id: str, draft_id: str) -> None:
    """Remove what was received of a draft's document for good."""
    scan_store().delete_folder(f"{organization_id}/{FOLDER}/{draft_id}")


def _take(actor: Actor, draft: DraftView, key: str, size: int, total: int) -> bool:
    """Count the part in, unless another one has come in its place."""
    with actor.session() as session:
        taken = session.scalar(
            update(RunDraft)
            .where(RunDraft.id == draft.id, RunDraft.received == draft.received)
            .values(received=draft.received + size, total=total, parts=[*draft.parts, key], changed=now())
            .returning(RunDraft.id)
        )
        return taken is not None
