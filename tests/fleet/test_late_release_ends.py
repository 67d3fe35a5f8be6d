"""A node that tells late how a release ended: what it printed is accounted all the same, once (F-19, PR-344)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from domain.print_quotas.models import PrintCharge
from domain.printing.models import PrintRelease, ReleaseAttempt, ReleaseBatch
from domain.printing.states import AttemptState, BatchMode, BatchState, JobState
from domain.tenancy import new_id
from domain.workstation_printing import commands, releases
from domain.workstation_printing.callers import CallingNode
from fleet.releasing.late import note_late_end
from steps.node_work import EndTold, PrinterPlace, ReleaseOrder
from steps.print_release import End
from tests.support import nodes
from tests.support.installation import Installation, installed


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as installation:
        yield installation


def given_up(ann: Actor, laptop: CallingNode) -> tuple[str, str]:
    """A release that had begun at a node and ended without its word: the attempt and the node's order."""
    job_id = nodes.hybrid_job(laptop, pages=3)
    attempt_id = new_id()
    with ann.session() as session:
        batch = ReleaseBatch(
            id=new_id(),
            user_id=ann.user_id,
            printer_id="0" * 32,
            printer={"name": "Hall"},
            mode=BatchMode.SELECTED,
            state=BatchState.COMPLETED_WITH_ERRORS,
        )
        session.add(batch)
        session.flush()
        attempt = ReleaseAttempt(
            id=attempt_id,
            batch_id=batch.id,
            job_id=job_id,
            position=0,
            state=AttemptState.UNKNOWN,
            came_from=JobState.HELD,
            forced=[],
            mark=attempt_id[:16],
        )
        session.add(attempt)
    place = PrinterPlace(name="Hall", ipp=("ipp://127.0.0.1/ipp/print",))
    facts = {"job_id": job_id, "key": "", "sha256": "", "name": "n", "mark": "m", "user": "u", "ticket": {}}
    order = ReleaseOrder.model_validate(
        facts | {"media_type": "application/pdf", "printer": place, "timeout_seconds": 5}
    )
    [node] = releases.places_of(ann.organization_id, job_id)
    command = releases.order_release(ann.organization_id, node, attempt_id, order)
    assert command is not None
    commands.take_orders(laptop, [])
    commands.begin(laptop, command, "ipp", {})
    releases.close(ann.organization_id, command)
    return attempt_id, command


@pytest.mark.parametrize(
    ("end", "impressions", "state", "counted"),
    [
        (End.PRINTED, 3, AttemptState.PRINTED, 3),
        (End.CANCELLED, 1, AttemptState.PARTIALLY_PRINTED, 1),
        (End.FAILED, 0, AttemptState.UNKNOWN, 0),
        (End.UNKNOWN, None, AttemptState.UNKNOWN, 0),
    ],
)
def test_what_was_printed_after_all_is_accounted_once(
    one: Installation, end: End, impressions: int | None, state: AttemptState, counted: int
) -> None:
    ann = one.add_person("ann@one.example", Role.HYBRID_PRINT_USER)
    laptop = nodes.workstation(ann)
    attempt_id, command = given_up(ann, laptop)
    told = EndTold(end=end, impressions=impressions)
    assert not commands.tell_end(laptop, command, told), "it comes late"
    assert note_late_end(ann.organization_id, command) == (counted > 0)
    assert not note_late_end(ann.organization_id, command)
    with ann.session(read_only=True) as session:
        assert session.get_one(ReleaseAttempt, attempt_id).state == state
        facts = session.scalars(select(PrintRelease)).all()
        assert sum(fact.impressions for fact in facts) == counted
        assert session.scalar(select(func.coalesce(func.sum(PrintCharge.impressions), 0))) == counted
