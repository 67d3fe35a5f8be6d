"""The Solution Center at a printer, without its pages: what is listed, asked, checked, kept and run (SC-103…SC-128)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, delete, select, update

from connectors.documents import open_store
from connectors.errors import PressroomError
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, now
from domain.organizations.roles import Role
from domain.outbox.models import OutboxRow
from domain.panel_solutions.drafts import Chosen, DraftView, open_draft
from domain.panel_solutions.keeping import discard_draft, expire_drafts, kept_drafts
from domain.panel_solutions.listing import panel_solutions
from domain.panel_solutions.models import RunDraft
from domain.panel_solutions.parts import add_part
from domain.panel_solutions.printers import PanelPrinter, check_panel
from domain.panel_solutions.scan_files import FileChoice, file_rules, scan_file
from domain.panel_solutions.screens import step_problems, step_screens
from domain.panel_solutions.sending import send_draft
from domain.quotas.models import DistributedPages, LedgerEntry
from domain.runs.execution import begin_step, claim, complete_step, finish
from domain.runs.models import Run, RunState
from domain.runs.planning import MB
from domain.scanning.settings import FileFormat
from domain.solutions.definition import SolutionDefinition
from domain.solutions.rules import is_quick_run
from domain.solutions.service import create_solution, delete_solution, update_solution
from domain.tenancy import system_session, tenant_session
from steps.contract import StepResult
from steps.samples import scan_pdf
from tests.domain.test_rules import (
    CLOUD,
    DOWNLOAD,
    EMAIL,
    FOOTER,
    OCR,
    OCR_PDF,
    PRINT,
    QUEUE,
    REDACT,
    TRANSLATE,
    solution,
    with_values,
)
from tests.support.installation import Installation, installed

PANEL = PanelPrinter("p1", "Lobby", address="ipp://127.0.0.1:9/ipp/print", has_app=True)
AT = datetime(2026, 11, 26, 9, 5, 7, tzinfo=UTC)
LOCKED_EMAIL = with_values(EMAIL, ("addresses", "send_me_a_copy"))
SERVICES = (Role.OCR_USER, Role.TRANSLATION_USER, Role.REDACTION_USER)


@dataclass(frozen=True)
class Office:
    """An installation in which Ann may use every service, and Bob may only run solutions."""

    installation: Installation
    ann: Actor
    bob: Actor
    scan: bytes

    def add(self, *steps: dict[str, Any], name: str, **values: Any) -> tuple[str, SolutionDefinition]:
        """An organizational solution; returns its id and what it is."""
        content = {"name": name, "steps": steps, "share_with_organization": True, **values}
        definition = SolutionDefinition.model_validate(content)
        return create_solution(self.installation.administrator, definition).id, definition

    def draft(self, solution_id: str, *, scanned: bool = True, **chosen: Any) -> DraftView:
        """What Ann has chosen at the printer, and the scan."""
        draft = open_draft(self.ann, PANEL, Chosen(solution_id, chosen.pop("based_on", 1), **chosen))
        return self.upload(draft) if scanned else draft

    def upload(self, draft: DraftView, offset: int = 0, size: int | None = None) -> DraftView:
        """Send on what is missing of the scan, or `size` bytes of it."""
        part = self.installation.home / "part"
        part.write_bytes(self.scan[offset : None if size is None else offset + size])
        return add_part(self.ann, draft.id, offset, len(self.scan), part)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    with installed(folder / "home") as installation:
        ann = installation.add_person("ann@one.example", Role.SOLUTIONS_USER, Role.PRINT_RELEASE_USER, *SERVICES)
        bob = installation.add_person("bob@one.example", Role.SOLUTIONS_USER)
        (folder / "scan").mkdir()
        yield Office(installation, ann, bob, scan_pdf(folder / "scan", 1).read_bytes())


@pytest.fixture
def refused() -> Callable[..., str]:
    """The code of the fault that a call raises."""

    def code(call: Callable[..., Any], *arguments: Any) -> str:
        with pytest.raises(PressroomError) as error:
            call(*arguments)
        assert error.value.message.endswith(".")
        assert error.value.remedy
        return error.value.code

    return code


@pytest.mark.parametrize(
    ("printer", "code"),
    [
        (PANEL, None),
        (replace(PANEL, is_supported_model=True, has_new_firmware=True), None),
        (replace(PANEL, has_app=False), "panel.app_missing"),
        (replace(PANEL, is_supported_model=False, model="B2338"), "panel.model_unsupported"),
        (replace(PANEL, has_new_firmware=False, firmware="074.1"), "panel.firmware_too_old"),
    ],
)
def test_a_printer_that_is_not_ready_says_why(
    office: Office, printer: PanelPrinter, code: str | None, refused: Callable[..., str]
) -> None:
    """SC-22, SC-24: what is not known of a printer refuses nothing."""
    if code is None:
        check_panel(office.ann, printer)
    else:
        assert refused(panel_solutions, office.ann, printer) == code


def test_who_has_no_role_for_solutions_is_told_which(office: Office, refused: Callable[..., str]) -> None:
    guest = office.installation.add_person("guest@one.example")
    assert refused(panel_solutions, guest, PANEL) == "panel.solutions_not_for_you"


@pytest.mark.parametrize(
    ("requirement", "steps", "who", "printer", "is_listed"),
    [
        ("SC-106: Download is for the portal", (DOWNLOAD,), "ann", PANEL, False),
        ("SC-87: Print is for printers", (PRINT,), "ann", PANEL, True),
        ("SC-87: nothing goes back without an address", (PRINT,), "ann", replace(PANEL, address=""), False),
        ("SC-125: OCR needs its role", (OCR, EMAIL), "bob", PANEL, False),
        ("SC-125: OCR with its role", (OCR, EMAIL), "ann", PANEL, True),
        ("SC-17: the print queue needs its role", (QUEUE,), "bob", PANEL, False),
        ("no role is needed", (FOOTER, EMAIL), "bob", PANEL, True),
        ("SC-26: no OCR licence", (REDACT, EMAIL), "ann", replace(PANEL, has_ocr_licence=False), False),
        ("SC-26: no hard disk", (FOOTER, EMAIL), "ann", replace(PANEL, has_hard_disk=False), False),
        ("SC-26: whatever the other steps", (OCR, REDACT, EMAIL), "ann", replace(PANEL, has_hard_disk=False), False),
        ("SC-26: only for redact and footer", (OCR, EMAIL), "ann", replace(PANEL, has_hard_disk=False), True),
        ("decision 8: unknown equipment", (REDACT, EMAIL), "ann", PANEL, True),
    ],
)  # fmt: skip
def test_only_what_can_be_run_here_is_listed(
    office: Office,
    requirement: str,
    steps: tuple[dict[str, Any], ...],
    who: str,
    printer: PanelPrinter,
    is_listed: bool,
) -> None:
    solution_id, _ = office.add(*steps, name=f"L {requirement}")
    listed = [one.id for one in panel_solutions(getattr(office, who), printer)]
    assert (solution_id in listed) is is_listed, requirement


def test_the_list_knows_groups_quick_runs_and_changes(office: Office) -> None:
    mine = create_solution(office.installation.administrator, solution(LOCKED_EMAIL, name="B mine"))
    shared_id, _ = office.add(EMAIL, name="a shared")

    def seen(actor: Actor) -> dict[str, tuple[str, str, bool]]:
        return {one.id: (one.name, one.type.value, one.is_quick) for one in panel_solutions(actor, PANEL)}

    assert seen(office.installation.administrator)[mine.id] == ("B mine", "personal", True)
    assert mine.id not in seen(office.ann)
    assert seen(office.ann)[shared_id] == ("a shared", "organizational", False)
    names = [one.name.casefold() for one in panel_solutions(office.ann, PANEL)]
    assert names == sorted(names)
    renamed = solution(LOCKED_EMAIL, name="a renamed").model_copy(update={"share_with_organization": True})
    update_solution(office.installation.administrator, shared_id, renamed)
    assert seen(office.ann)[shared_id] == ("a renamed", "organizational", True)
    delete_solution(office.installation.administrator, shared_id)
    assert shared_id not in seen(office.ann)


def test_an_organization_that_loses_a_service_loses_its_solutions(office: Office) -> None:
    """SC-19: a role counts only while the organization is entitled to the service."""
    from domain.organizations.actor import actor_of_user

    solution_id, _ = office.add(OCR, EMAIL, name="Entitled")
    with system_session() as session:
        organization = session.get_one(Organization, office.ann.organization_id)
        before = list(organization.entitlements)
        organization.entitlements = [one for one in before if one != "ocr"]
    try:
        assert solution_id not in {one.id for one in panel_solutions(actor_of_user(office.ann.user_id), PANEL)}
    finally:
        with system_session() as session:
            session.get_one(Organization, office.ann.organization_id).entitlements = before
    assert solution_id in {one.id for one in panel_solutions(actor_of_user(office.ann.user_id), PANEL)}


@pytest.mark.parametrize(
    ("steps", "screens", "is_quick"),
    [
        ((LOCKED_EMAIL,), [], True),
        ((QUEUE,), [], True),
        ((with_values(EMAIL, ("addresses",)),), [(0, {"addresses": True, "send_me_a_copy": False})], False),
        ((FOOTER, OCR, LOCKED_EMAIL), [(1, {"output_type": False, "language": False}), (0, {"text": False})], False),
        ((with_values(FOOTER, ("text",)), PRINT), [(1, {"copies": False})], False),
    ],
)
def test_screens_follow_the_locks(
    steps: tuple[dict[str, Any], ...], screens: list[tuple[int, dict[str, bool]]], is_quick: bool
) -> None:
    """SC-94, SC-105, SC-120: a locked step has no screen, a locked value is shown but cannot be changed."""
    definition = solution(*steps)
    shown = [one for one in step_screens(definition) if one.is_shown]
    assert [(one.position, {field.name: field.is_locked for field in one.fields}) for one in shown] == screens
    assert is_quick_run(definition) is is_quick
    assert len(step_screens(definition)) == len(steps), "the summary shows every step (SC-127)"


def test_presets_are_what_was_composed_and_else_the_default() -> None:
    [screen] = step_screens(solution(with_values(EMAIL, addresses="b@example.com")))
    assert {field.name: field.value for field in screen.fields} == {
        "addresses": "b@example.com", "send_me_a_copy": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("requirement", "steps", "given", "problems"),
    [
        ("SC-84d", (with_values(EMAIL, addresses=""),), {}, [("", "mail.no_address")]),
        ("SC-84b", (with_values(EMAIL, addresses=""),), {"send_me_a_copy": True}, []),
        ("SC-84a", (EMAIL,), {"addresses": "a@b.example;c@d.example"}, [("addresses", "mail.bad_separator")]),
        ("SC-E09", (EMAIL,), {"addresses": "a" * 256}, [("addresses", "mail.addresses_too_long")]),
        ("SC-83", (FOOTER, EMAIL), {"text": " "}, [("", "footer.empty")]),
        ("SC-E11", (FOOTER, EMAIL), {"text": "x" * 513}, [("text", "footer.too_long")]),
        ("SC-E07", (TRANSLATE, EMAIL), {"target_languages": ["es", "fr", "pt", "it", "ca", "da"]},
         [("target_languages", "translate.too_many_targets")]),
        ("SC-87", (PRINT,), {"copies": 0}, [("copies", "step.bad_value")]),
        ("SC-87", (PRINT,), {"copies": 999}, []),
        ("SC-121: the same value may be sent", (with_values(FOOTER, ("text",)), EMAIL), {"text": "Internal"}, []),
    ],
)  # fmt: skip
def test_next_checks_a_step_as_the_portal_does(
    requirement: str, steps: tuple[dict[str, Any], ...], given: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    found = step_problems(solution(*steps), 0, given)
    assert [(one.field, one.error.code) for one in found] == problems, requirement


@pytest.mark.parametrize(
    ("position", "given", "code"),
    [
        (0, {"text": "Other"}, "run.locked_value"),
        (0, {"colour": "red"}, "run.unknown_value"),
        (7, {}, "run.unknown_value"),
    ],
)
def test_next_refuses_what_is_locked_or_not_there(
    position: int, given: dict[str, Any], code: str, refused: Callable[..., str]
) -> None:
    """SC-E08: refused, not silently ignored."""
    definition = solution(with_values(FOOTER, ("text",)), EMAIL)
    assert refused(step_problems, definition, position, given) == code


@pytest.mark.parametrize(
    ("requirement", "steps", "formats"),
    [
        ("SC-98a", (REDACT, EMAIL), "DOCX"),
        ("SC-98b", (FOOTER, EMAIL), "DOCX"),
        ("SC-98c", (OCR, REDACT, EMAIL), "PDF TIFF JPEG"),
        ("SC-98d", (OCR, FOOTER, EMAIL), "PDF TIFF JPEG"),
        ("SC-98e", (OCR_PDF, EMAIL), "PDF TIFF JPEG"),
        ("SC-98f", (TRANSLATE, EMAIL), "PDF DOCX"),
        ("SC-98g", (EMAIL,), "PDF TIFF JPEG DOCX"),
        ("SC-98g", (CLOUD,), "PDF TIFF JPEG DOCX"),
    ],
)
def test_formats_follow_the_first_step(requirement: str, steps: tuple[dict[str, Any], ...], formats: str) -> None:
    assert " ".join(file_rules(solution(*steps)).formats) == formats, requirement


SHOWN = {"show_on_panel": True, "allow_file_name": True, "append_time": False}


@pytest.mark.parametrize(
    ("settings", "steps", "choice", "expected"),
    [
        ({}, (EMAIL,), FileChoice(), ("scan_2026-11-26_09-05-07.pdf", "PDF", "PDF")),
        ({"append_time": False, "file_format": "TIFF"}, (EMAIL,), FileChoice(), ("scan.tif", "TIFF", "TIFF")),
        (SHOWN, (EMAIL,), FileChoice(" Contract ", FileFormat.JPEG), ("Contract.jpg", "JPEG", "JPEG")),
        (SHOWN, (EMAIL,), FileChoice(format=FileFormat.DOCX), ("scan.pdf", "DOCX", "DOCX")),
        (SHOWN, (FOOTER, EMAIL), FileChoice(), ("scan.pdf", "DOCX", "DOCX")),
        (SHOWN, (FOOTER, EMAIL), FileChoice(format=FileFormat.PDF), "panel.wrong_format"),
        ({"append_time": False}, (EMAIL,), FileChoice("scan"), ("scan.pdf", "PDF", "PDF")),
        ({}, (EMAIL,), FileChoice("Contract"), "panel.file_name_locked"),
        ({}, (EMAIL,), FileChoice(format=FileFormat.TIFF), "panel.scan_settings_locked"),
        ({}, (EMAIL,), FileChoice(settings={"resolution": 600}), "panel.scan_settings_locked"),
        ({}, (EMAIL,), FileChoice(settings={"resolution": 300}), ("scan_2026-11-26_09-05-07.pdf", "PDF", "PDF")),
        (SHOWN, (EMAIL,), FileChoice(settings={"resolution": 601}), "panel.bad_scan_setting"),
        (SHOWN, (EMAIL,), FileChoice(settings={"show_on_panel": False}), "panel.bad_scan_setting"),
        (SHOWN, (EMAIL,), FileChoice("a/b"), "panel.bad_file_name"),
        (SHOWN, (EMAIL,), FileChoice(" "), "panel.bad_file_name"),
        (SHOWN, (EMAIL,), FileChoice("x" * 129), "panel.bad_file_name"),
    ],
)  # fmt: skip
def test_file_screen(
    settings: dict[str, Any],
    steps: tuple[dict[str, Any], ...],
    choice: FileChoice,
    expected: tuple[str, str, str] | str,
    refused: Callable[..., str],
) -> None:
    """SC-51…SC-55, SC-126: name and format as allowed; DOCX is scanned as PDF."""
    definition = SolutionDefinition.model_validate({"name": "F", "steps": steps, "scan_settings": settings})
    if isinstance(expected, str):
        assert refused(scan_file, definition, choice, AT) == expected
        return
    file = scan_file(definition, choice, AT)
    assert (file.name, file.format.value, file.settings.file_format) == expected


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
