"""The Solution Center at a printer, without its pages: what is kept and run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Select, delete, select, update

from connectors.documents import open_store
from connectors.settings import get_settings
from domain.organizations.models import now
from domain.outbox.models import OutboxRow
from domain.panel_solutions.drafts import Chosen, open_draft
from domain.panel_solutions.keeping import discard_draft, expire_drafts, kept_drafts
from domain.panel_solutions.models import RunDraft
from domain.panel_solutions.parts import add_part
from domain.panel_solutions.printers import PanelPrinter
from domain.panel_solutions.scan_files import FileChoice
from domain.panel_solutions.sending import send_draft
from domain.quotas.models import DistributedPages, LedgerEntry
from domain.runs.execution import begin_step, claim, complete_step, finish
from domain.runs.models import Run, RunState
from domain.runs.planning import MB
from domain.solutions.service import delete_solution, update_solution
from domain.tenancy import system_session, tenant_session
from steps.contract import StepResult
from tests.domain.panel_solutions.office import PANEL, Office
from tests.domain.test_rules import (
    CLOUD,
    DOWNLOAD,
    EMAIL,
    FOOTER,
    OCR,
    PRINT,
    QUEUE,
    REDACT,
    TRANSLATE,
    solution,
    with_values,
)


def test_send_starts_an_ordinary_run_with_the_printer(office: Office) -> None:
    solution_id, _ = office.add(FOOTER, PRINT, name="Ordinary")
    draft = office.draft(solution_id, overrides={0: {"text": "Only now"}})
    assert [one.id for one in kept_drafts(office.ann)] == [draft.id]
    run = send_draft(office.ann, PANEL, draft.id)
    assert (run.id, run.client_type, run.printer_name, run.state) == (draft.id, "printer", "Lobby", RunState.QUEUED)
    kinds = [(step.kind, step.defined_at, step.is_implicit) for step in run.plan]
    assert kinds == [("ocr", -1, True), ("footer", 0, False), ("print_document", 1, False)]
    assert run.plan[1].parameters["text"] == "Only now"
    with system_session(read_only=True) as session:
        tags = session.scalars(select(OutboxRow.tags).where(OutboxRow.key == run.id)).one()
        row = session.get_one(Run, run.id)
        assert {"client:printer", "printer:Lobby"} <= set(tags)
        assert (row.printer_id, row.printer_address) == (PANEL.id, PANEL.address)
    with open_store(get_settings()).open(run.original.key) as stored:
        assert stored.read() == office.scan
    assert send_draft(office.ann, PANEL, draft.id) == run, "the answer was lost and Send touched again"
    assert kept_drafts(office.ann) == []
    assert not list(open_store(get_settings()).list(f"{office.ann.organization_id}/drafts"))


def test_the_time_in_a_file_name_is_the_printers(office: Office) -> None:
    """SC-55, SCAN-43: whatever time it is where the person is at home."""
    solution_id, _ = office.add(EMAIL, name="Far away")
    zone = "Pacific/Kiritimati"
    before = f"scan_{datetime.now(ZoneInfo(zone)):%Y-%m-%d_%H-%M-%S}.pdf"
    name = open_draft(office.ann, replace(PANEL, time_zone=zone), Chosen(solution_id, 1)).file.name
    assert before <= name <= f"scan_{datetime.now(ZoneInfo(zone)):%Y-%m-%d_%H-%M-%S}.pdf"


def test_the_first_step_that_makes_docx_costs_no_pages_and_takes_no_role(office: Office) -> None:
    """SC-53: the printer would have made the DOCX; whoever has no OCR role may run it all the same."""
    solution_id, _ = office.add(FOOTER, EMAIL, name="Uncharged")
    draft = open_draft(office.bob, PANEL, Chosen(solution_id, 1))
    part = office.installation.home / "bobs"
    part.write_bytes(office.scan)
    add_part(office.bob, draft.id, 0, len(office.scan), part)
    run = send_draft(office.bob, PANEL, draft.id)
    work = claim(run.id, "w:1")
    assert work is not None
    for step in work.plan:
        assert begin_step(work, step, "0", work.original) is None
        done = StepResult(documents=(work.original,), characters=5000, pages=3)
        complete_step(work, step, "0", done)
    finish(work, RunState.COMPLETED)
    with system_session(read_only=True) as session:
        entries = session.scalars(
            select(LedgerEntry).where(LedgerEntry.run_id == run.id).order_by(LedgerEntry.position)
        )
        found = [(entry.operation, entry.service, entry.pages, entry.printer_id) for entry in entries]
    assert found == [("footer", None, 0, PANEL.id), ("email", None, 0, PANEL.id)]


def test_a_document_in_parts_goes_on_where_it_stopped(office: Office, refused: Callable[..., str]) -> None:
    solution_id, _ = office.add(EMAIL, name="Parts")
    draft = office.draft(solution_id, scanned=False)
    assert refused(send_draft, office.ann, PANEL, draft.id) == "run_draft.no_document"
    draft = office.upload(draft, 0, 1000)
    assert refused(send_draft, office.ann, PANEL, draft.id) == "run_draft.incomplete"
    assert refused(office.upload, draft, 0, 1000) == "run_draft.wrong_offset", "the part came twice"
    assert refused(office.upload, draft, 2000) == "run_draft.wrong_offset", "a part is missing"
    draft = office.upload(draft, 1000, 500)
    draft = office.upload(draft, 1500)
    run = send_draft(office.ann, PANEL, draft.id)
    with open_store(get_settings()).open(run.original.key) as stored:
        assert stored.read() == office.scan


@pytest.mark.parametrize(
    ("steps", "limit"), [((QUEUE,), 50), ((TRANSLATE, CLOUD), 40), ((EMAIL,), 25), ((TRANSLATE, EMAIL), 25)]
)
def test_sizes_are_refused_before_the_document_is_sent(
    office: Office, steps: tuple[dict[str, Any], ...], limit: int, refused: Callable[..., str]
) -> None:
    """SC-99, SC-E13: the announced size counts, so that nobody waits for nothing."""
    solution_id, _ = office.add(*steps, name=f"Size {len(steps)} {limit}")
    draft = office.draft(solution_id, scanned=False)
    assert draft.limit == limit * MB
    part = office.installation.home / "one"
    part.write_bytes(b"%PDF")
    assert refused(add_part, office.ann, draft.id, 0, limit * MB + 1, part) == "document.too_large"
    assert add_part(office.ann, draft.id, 0, limit * MB, part).received == 4
    discard_draft(office.ann, draft.id)


def test_what_can_be_refused_is_refused_before_scanning(office: Office, refused: Callable[..., str]) -> None:
    """SC-141: equipment, roles and values, each with its own words."""
    needs_more, _ = office.add(with_values(EMAIL, addresses=""), name="Open")
    locked, _ = office.add(with_values(FOOTER, ("text",)), EMAIL, name="Locked")
    redacts, _ = office.add(OCR, REDACT, EMAIL, name="Redacts")
    download, _ = office.add(DOWNLOAD, name="Downloads")
    for printer, chosen, code in [
        (PANEL, Chosen(needs_more, 1), "mail.no_address"),
        (PANEL, Chosen(locked, 1, {0: {"text": "Other"}}), "run.locked_value"),
        (PANEL, Chosen(locked, 4), "run.solution_changed"),
        (PANEL, Chosen("0" * 32, 1), "not_found"),
        (PANEL, Chosen(download, 1), "run.wrong_surface"),
        (replace(PANEL, has_ocr_licence=False), Chosen(redacts, 1), "panel.printer_lacks"),
        (replace(PANEL, has_app=False), Chosen(locked, 1), "panel.app_missing"),
        (PANEL, Chosen(locked, 1, file=FileChoice("x/y")), "panel.file_name_locked"),
    ]:
        assert refused(open_draft, office.ann, printer, chosen) == code
    assert refused(open_draft, office.bob, PANEL, Chosen(redacts, 1)) == "role.missing"
    assert kept_drafts(office.ann) == []


def _change_solution(office: Office, solution_id: str) -> None:
    changed = solution(EMAIL, FOOTER, EMAIL, name="Changed").model_copy(update={"share_with_organization": True})
    update_solution(office.installation.administrator, solution_id, changed)


def _delete_solution(office: Office, solution_id: str) -> None:
    delete_solution(office.installation.administrator, solution_id)


def _use_up_pages(office: Office, _solution_id: str) -> None:
    with tenant_session(office.ann.organization_id) as session:
        for pages in session.scalars(select(DistributedPages)):
            pages.page_limit, pages.used = 1, 1


@pytest.mark.parametrize(
    ("what", "happens", "printer", "code"),
    [
        ("solution changed meanwhile", _change_solution, PANEL, "run.solution_changed"),
        ("solution deleted meanwhile", _delete_solution, PANEL, "not_found"),
        ("quota used up between two steps", _use_up_pages, PANEL, "quota."),
        ("signed in at a printer without OCR licence", None, replace(PANEL, has_ocr_licence=False),
         "panel.printer_lacks"),
        ("signed in at a model without support", None, replace(PANEL, is_supported_model=False),
         "panel.model_unsupported"),
        ("the app was uninstalled", None, replace(PANEL, has_app=False), "panel.app_missing"),
    ],
)  # fmt: skip
def test_whatever_is_refused_at_the_end_the_scan_is_kept_and_can_be_sent(
    office: Office,
    what: str,
    happens: Callable[[Office, str], None] | None,
    printer: PanelPrinter,
    code: str,
    refused: Callable[..., str],
) -> None:
    """Bad input of the issue: the person reads what happened, and the scan is there again after signing in."""
    solution_id, _ = office.add(OCR, REDACT, EMAIL, name=f"Kept {what}")
    draft = office.draft(solution_id)
    with pages_as_they_are(office):
        if happens:
            happens(office, solution_id)
        assert refused(send_draft, office.ann, printer, draft.id).startswith(code), what
    [kept] = [one for one in kept_drafts(office.ann) if one.id == draft.id]
    assert kept.received == len(office.scan)
    assert kept.trouble is not None
    assert kept.trouble.code.startswith(code)
    other_id, _ = office.add(OCR, EMAIL, name=f"Instead {what}")
    moved = open_draft(office.ann, PANEL, Chosen(other_id, 1), draft.id)
    assert (moved.id, moved.received, moved.trouble) == (draft.id, len(office.scan), None)
    assert send_draft(office.ann, PANEL, draft.id).solution_id == other_id


@contextmanager
def pages_as_they_are(office: Office) -> Iterator[None]:
    """Give the organization's pages back at the end."""
    with tenant_session(office.ann.organization_id, read_only=True) as session:
        before = [(one.page_limit, one.used) for one in session.scalars(pages_in_order())]
    yield
    with tenant_session(office.ann.organization_id) as session:
        for pages, (limit, used) in zip(session.scalars(pages_in_order()), before, strict=True):
            pages.page_limit, pages.used = limit, used


def pages_in_order() -> Select[tuple[DistributedPages]]:
    return select(DistributedPages).order_by(DistributedPages.distribution_id, DistributedPages.service)


def test_a_draft_belongs_to_who_made_it(office: Office, refused: Callable[..., str]) -> None:
    solution_id, _ = office.add(EMAIL, name="Own")
    draft = office.draft(solution_id)
    for stranger in (office.bob, office.installation.administrator, office.installation.stranger):
        assert refused(send_draft, stranger, PANEL, draft.id) == "not_found"
        assert refused(discard_draft, stranger, draft.id) == "not_found"
        assert kept_drafts(stranger) == []
    discard_draft(office.ann, draft.id)
    assert refused(send_draft, office.ann, PANEL, draft.id) == "not_found"


def test_two_who_send_at_once_start_one_run(office: Office, refused: Callable[..., str]) -> None:
    solution_id, _ = office.add(EMAIL, name="Twice")
    draft = office.draft(solution_id)
    with system_session() as session:
        session.execute(update(RunDraft).where(RunDraft.id == draft.id).values(sending=now()))
    assert refused(send_draft, office.ann, PANEL, draft.id) == "run_draft.being_sent"
    assert refused(discard_draft, office.ann, draft.id) == "run_draft.being_sent"
    with system_session() as session:  # whoever sent it was lost
        long_ago = now() - timedelta(minutes=2)
        session.execute(update(RunDraft).where(RunDraft.id == draft.id).values(sending=long_ago))
    assert send_draft(office.ann, PANEL, draft.id).id == draft.id


def test_scans_that_nobody_wants_go_after_a_day(office: Office) -> None:
    solution_id, _ = office.add(EMAIL, name="Old")
    old, young = office.draft(solution_id), office.draft(solution_id)
    with system_session() as session:
        session.execute(update(RunDraft).where(RunDraft.id == old.id).values(changed=now() - timedelta(hours=25)))
    assert expire_drafts() == 1
    assert [one.id for one in kept_drafts(office.ann)] == [young.id]
    left = {
        stored.key.split("/")[2] for stored in open_store(get_settings()).list(f"{office.ann.organization_id}/drafts")
    }
    assert left == {young.id}
    with system_session() as session:
        session.execute(delete(RunDraft))
