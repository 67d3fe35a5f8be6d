"""The Solution Center at a printer, without its pages: what is listed, asked and checked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.organizations.actor import Actor
from domain.organizations.models import Organization
from domain.panel_solutions.drafts import Chosen, open_draft
from domain.panel_solutions.keeping import discard_draft
from domain.panel_solutions.listing import panel_solutions
from domain.panel_solutions.printers import PanelPrinter, check_panel
from domain.panel_solutions.scan_files import FileChoice, file_rules, scan_file
from domain.panel_solutions.screens import step_problems, step_screens
from domain.scanning.settings import FileFormat
from domain.solutions.definition import SolutionDefinition
from domain.solutions.rules import is_quick_run
from domain.solutions.service import create_solution, delete_solution, update_solution
from domain.tenancy import system_session
from tests.domain.panel_solutions.office import PANEL, Office
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

AT = datetime(2026, 11, 26, 9, 5, 7, tzinfo=UTC)
LOCKED_EMAIL = with_values(EMAIL, ("addresses", "send_me_a_copy"))


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
    """SC-22, SC-24, TS-65, SC-140: each says what is wrong; what is not known of a printer refuses nothing."""
    if code is None:
        check_panel(office.ann, printer)
    else:
        assert refused(panel_solutions, office.ann, printer) == code


def test_who_has_no_role_for_solutions_is_told_which(office: Office, refused: Callable[..., str]) -> None:
    """TS-65, SC-140: another answer than that of a printer without the app."""
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
    """TS-66: before anything is scanned, by the role of each step and by what the printer has."""
    solution_id, _ = office.add(*steps, name=f"L {requirement}")
    listed = [one.id for one in panel_solutions(getattr(office, who), printer)]
    assert (solution_id in listed) is is_listed, requirement


def test_the_list_knows_groups_quick_runs_and_changes(office: Office) -> None:
    """SC-104: each opening reads the list anew; SC-103: with its groups."""
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
    """SC-123: one cannot go on until it is mended; SC-81b, TR-73: five targets at most."""
    found = step_problems(solution(*steps), 0, given)
    assert [(one.field, one.error.code) for one in found] == problems, requirement


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([], None),
        ([{"text": r"\d{4} ", "mode": "ADVANCED"}], None),
        ([{"text": "Bluebird", "mode": "EXACT"}, {"text": r"\d{4} ", "mode": "ADVANCED"}], None),
        ([{"text": r"\d{4}", "mode": "ADVANCED"}], "panel.new_expression"),
        ([{"text": r"\d{4} ", "mode": "ADVANCED"}, {"text": "[a-z]+", "mode": "ADVANCED"}], "panel.new_expression"),
    ],
)
def test_expressions_can_only_be_removed_at_a_printer(
    office: Office, given: list[dict[str, str]], code: str | None, refused: Callable[..., str]
) -> None:
    """SC-82h: whole word, contains and exact are typed there; an expression of the portal is kept or removed."""
    expression = {"text": r"\d{4} ", "mode": "ADVANCED"}
    steps = (with_values(REDACT, pii=["IBAN_CODE"], custom_texts=[expression]), EMAIL)
    found = step_problems(solution(*steps), 0, {"custom_texts": given})
    assert [(one.field, one.error.code) for one in found] == ([("custom_texts", code)] if code else [])
    solution_id, _ = office.add(OCR, *steps, name=f"Expressions {len(given)} {code}")
    chosen = Chosen(solution_id, 1, {1: {"custom_texts": given}})
    if code is None:
        discard_draft(office.ann, open_draft(office.ann, PANEL, chosen).id)
    else:
        assert refused(open_draft, office.ann, PANEL, chosen) == code


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
