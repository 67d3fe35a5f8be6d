"""Runs as records: starting, claiming, resuming, cancelling, repeating, delivering, downloading, forgetting."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from connectors.documents import open_store
from connectors.errors import PressroomError
from connectors.messages import Message
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.outbox.models import OutboxRow
from domain.outbox.service import waiting_rows
from domain.runs.documents import (
    create_download_link,
    delete_documents,
    expire_documents,
    open_document,
    redeem_download_link,
)
from domain.runs.execution import (
    Work,
    begin_step,
    claim,
    complete_step,
    fail_step,
    finish,
    open_delivery,
    release_lost,
    renew,
    requeue_expired,
    show_progress,
)
from domain.runs.models import ClientType, DownloadLink, Run, RunState, StepState
from domain.runs.service import (
    HandIn,
    RunFilter,
    cancel_run,
    get_run,
    list_runs,
    run_again,
    run_events,
    start_run,
)
from domain.runs.views import RunView
from domain.solutions.service import create_solution, update_solution
from domain.tenancy import system_session
from steps.contract import CANCELLED, FORMAT_REFUSED, DeliveryState, StepReport, StepResult
from tests.domain.test_rules import DOWNLOAD, EMAIL, FOOTER, solution

DEFINITION = solution(FOOTER, EMAIL, DOWNLOAD)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    from steps.samples import letter_docx

    folder = tmp_path / "in"
    folder.mkdir()
    return letter_docx(folder)


@pytest.fixture
def run(administrator: Actor, letter: Path) -> RunView:
    view = create_solution(administrator, DEFINITION)
    return start_run(administrator, view.id, HandIn(letter, "../Brief.docx", ClientType.API))


def claimed(run: RunView, owner: str = "w:1") -> Work:
    work = claim(run.id, owner)
    assert work is not None
    return work


def outbox() -> list[OutboxRow]:
    with system_session(read_only=True) as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def complete_all(work: Work) -> None:
    for step in work.plan:
        if begin_step(work, step, "0", work.original) is None:
            complete_step(work, step, "0", StepResult(documents=(work.original,)))


def code(error: pytest.ExceptionInfo[PressroomError]) -> str:
    return error.value.code


def test_start_keeps_the_original_and_asks_the_engine_in_one_transaction(administrator: Actor, run: RunView) -> None:
    """SC-113: the run is a job, which waits for the engine."""
    assert run.state is RunState.QUEUED
    assert run.original.name == "Brief.docx"
    assert run.original.key.startswith(f"{administrator.organization_id}/runs/{run.id}/original/")
    assert [step.kind for step in run.plan] == ["footer", "email", "download"]
    (row,) = outbox()
    assert row.key == run.id
    assert row.name == "S · Brief.docx"
    assert f"organization:{administrator.organization_id}" in row.tags
    with open_document(administrator, run.id, run.original.key) as (document, stream):
        assert len(stream.read()) == document.size


def test_refused_document_leaves_nothing_behind(administrator: Actor, tmp_path: Path) -> None:
    view = create_solution(administrator, DEFINITION)
    picture = tmp_path / "picture.docx"
    picture.write_text("just text")
    with pytest.raises(PressroomError):
        start_run(administrator, view.id, HandIn(picture, "picture.docx"))
    assert outbox() == []
    assert list_runs(administrator) == []
    assert list(open_store(get_settings()).list(administrator.organization_id)) == []


def test_a_running_run_keeps_the_version_it_began_with(administrator: Actor, run: RunView) -> None:
    update_solution(administrator, run.solution_id, solution(DOWNLOAD))
    assert [step.kind for step in claimed(run).plan] == ["footer", "email", "download"]


def test_only_one_worker_holds_a_run(run: RunView) -> None:
    assert claim(run.id, "w:1") is not None
    assert claim(run.id, "w:2") is None
    assert claim("0" * 32, "w:1") is None


def test_finished_steps_keep_their_result_when_the_run_continues(administrator: Actor, run: RunView) -> None:
    work = claimed(run)
    footer = work.plan[0]
    assert begin_step(work, footer, "0", work.original) is None
    result = StepResult(documents=(work.original,), report=StepReport(summary=Message.of("{n} done", n=1)))
    complete_step(work, footer, "0", result)
    assert release_lost("w:1") == [run.id]
    assert [row.key for row in outbox()] == [run.id, f"{run.id}/1"]
    second = claimed(run, "w:2")
    assert begin_step(second, footer, "0", second.original) == result
    changed = second.original.model_copy(update={"sha256": "1" * 64})
    assert begin_step(second, footer, "0", changed) is None
    with pytest.raises(PressroomError) as error:
        complete_step(work, footer, "0", result)
    assert code(error) == "run.lease_lost"


def test_expired_lease_queues_the_run_again_until_it_has_lost_too_many_workers(run: RunView) -> None:
    for attempt in range(get_settings().max_attempts):
        assert claim(run.id, f"w:{attempt}") is not None
        assert requeue_expired() == []
        with system_session() as session:
            session.execute(update(Run).values(lease_until=now() - timedelta(seconds=1)))
        assert requeue_expired() == [run.id]
    with system_session(read_only=True) as session:
        lost = session.get_one(Run, run.id)
    assert lost.state == RunState.FAILED
    assert lost.error is not None
    assert lost.error["code"] == "run.worker_lost"
    assert len(outbox()) == get_settings().max_attempts


def test_renewal_tells_of_cancelling_and_of_being_overtaken(administrator: Actor, run: RunView) -> None:
    work = claimed(run)
    assert renew(work) is False
    cancel_run(administrator, run.id)
    assert renew(work) is True
    finish(work, RunState.CANCELLED, CANCELLED())
    with pytest.raises(PressroomError) as error:
        renew(work)
    assert code(error) == "run.lease_lost"


def test_queued_run_is_cancelled_at_once_and_never_claimed(administrator: Actor, run: RunView) -> None:
    assert cancel_run(administrator, run.id).state is RunState.CANCELLED
    assert claim(run.id, "w:1") is None
    with pytest.raises(PressroomError) as error:
        cancel_run(administrator, run.id)
    assert code(error) == "run.not_running"


def test_run_again_continues_from_the_failed_step(administrator: Actor, run: RunView) -> None:
    work = claimed(run)
    with pytest.raises(PressroomError) as error:
        run_again(administrator, run.id)
    assert code(error) == "run.still_running"
    footer, email = work.plan[:2]
    begin_step(work, footer, "0", work.original)
    complete_step(work, footer, "0", StepResult(documents=(work.original,)))
    begin_step(work, email, "0", work.original)
    open_delivery(work, email, "0", work.original, "a@example.com").committing()
    fail_step(work, email, "0", FORMAT_REFUSED(name="x"))
    finish(work, RunState.COMPLETED_WITH_ERRORS, FORMAT_REFUSED(name="x"))
    assert run_again(administrator, run.id).state is RunState.QUEUED
    second = claimed(run, "w:2")
    assert begin_step(second, footer, "0", second.original) is not None
    assert begin_step(second, email, "0", second.original) is None
    assert open_delivery(second, email, "0", second.original, "a@example.com").state is DeliveryState.PREPARED


def test_complete_run_cannot_be_run_again(administrator: Actor, run: RunView) -> None:
    work = claimed(run)
    complete_all(work)
    finish(work, RunState.COMPLETED)
    with pytest.raises(PressroomError) as error:
        run_again(administrator, run.id)
    assert code(error) == "run.nothing_failed"


def test_delivery_is_recorded_before_and_after_and_kept_between_attempts(run: RunView) -> None:
    work = claimed(run)
    email = work.plan[1]
    delivery = open_delivery(work, email, "0", work.original, "a@example.com")
    delivery.committing()
    assert open_delivery(work, email, "0", work.original, "a@example.com").state is DeliveryState.COMMITTING
    delivery.rejected()
    delivery.committing()
    delivery.delivered("250 ok")
    again = open_delivery(work, email, "0", work.original, "a@example.com")
    assert (again.key, again.state) == (delivery.key, DeliveryState.DELIVERED)
    assert open_delivery(work, email, "1", work.original, "a@example.com").key != delivery.key


def test_people_see_progress_log_and_report(administrator: Actor, run: RunView) -> None:
    work = claimed(run)
    footer = work.plan[0]
    begin_step(work, footer, "0", work.original)
    show_progress(work, footer, "0", 3, 10, Message.of("page {n}", n=3))
    (step,) = get_run(administrator, run.id).steps
    assert (step.state, step.done, step.total, str(step.message)) == (StepState.RUNNING, 3, 10, "page 3")
    report = StepReport(summary=Message.of("{n} pages", n=2), warnings=(Message.of("careful"),))
    complete_step(work, footer, "0", StepResult(documents=(work.original,), report=report))
    events = run_events(administrator, run.id)
    assert [str(event.message) for event in events][-2:] == ["2 pages", "careful"]
    assert run_events(administrator, run.id, after=events[-2].id) == [events[-1]]


def test_download_link_works_once_and_expires(administrator: Actor, run: RunView) -> None:
    """SC-116."""
    work = claimed(run)
    complete_all(work)
    finish(work, RunState.COMPLETED)
    (document,) = get_run(administrator, run.id).downloads
    token, expires = create_download_link(administrator, run.id, document.key)
    assert expires > now()
    assert redeem_download_link(token) == document
    late, _ = create_download_link(administrator, run.id, document.key)
    with system_session() as session:
        session.execute(update(DownloadLink).where(DownloadLink.used.is_(None)).values(expires=now()))
    for spent in (token, late, "guess"):
        with pytest.raises(PressroomError) as error:
            redeem_download_link(spent)
        assert code(error) == "download.link_invalid"


def test_deleted_documents_are_gone_from_the_store(administrator: Actor, run: RunView) -> None:
    with pytest.raises(PressroomError) as error:
        delete_documents(administrator, run.id)
    assert code(error) == "run.still_running"
    cancel_run(administrator, run.id)
    delete_documents(administrator, run.id)
    assert list(open_store(get_settings()).list(administrator.organization_id)) == []
    for attempt in (lambda: run_again(administrator, run.id), lambda: open_it(administrator, run)):
        with pytest.raises(PressroomError) as error:
            attempt()
        assert code(error) == "run.documents_deleted"


def open_it(actor: Actor, run: RunView) -> None:
    with open_document(actor, run.id, run.original.key):
        pass


def test_retention_deletes_only_what_is_old(administrator: Actor, run: RunView) -> None:
    cancel_run(administrator, run.id)
    assert expire_documents() == 0
    with system_session() as session:
        session.execute(update(Run).values(finished=now() - timedelta(days=get_settings().retention_days, hours=1)))
    assert expire_documents() == 1
    assert expire_documents() == 0
    assert get_run(administrator, run.id).run.documents_deleted is not None


def test_others_see_no_runs_of_mine(administrator: Actor, colleague: Actor, stranger: Actor, run: RunView) -> None:
    for other in (colleague, stranger):
        assert list_runs(other) == []
        for attempt in (get_run, cancel_run, run_events, delete_documents):
            with pytest.raises(PressroomError) as error:
                attempt(other, run.id)
            assert code(error) == "not_found"


def test_list_is_filtered_and_paged(administrator: Actor, run: RunView, letter: Path) -> None:
    later = start_run(administrator, run.solution_id, HandIn(letter, "b.docx"))
    assert [each.id for each in list_runs(administrator)] == [later.id, run.id]
    assert [each.id for each in list_runs(administrator, RunFilter(limit=1, before=later.created))] == [run.id]
    assert list_runs(administrator, RunFilter(state=RunState.FAILED)) == []
    assert list_runs(administrator, RunFilter(search="zzz")) == []


def test_waiting_rows_are_those_due(run: RunView) -> None:
    with system_session() as session:
        assert [row.key for row in waiting_rows(session)] == [run.id]
        session.execute(update(OutboxRow).values(available=now() + timedelta(minutes=1)))
    with system_session() as session:
        assert waiting_rows(session) == []
