"""Reports on printing: added up at once, or as files that a flow makes (section 34, F-28)."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_reports import customers, service
from domain.print_reports.kinds import MEDIA_TYPES, ReportFormat, ReportKind
from domain.print_reports.scope import BAD_PERIOD, ReportScope
from domain.print_reports.service import KIND, ReportState, ReportView
from domain.print_reports.subjects import ReportLevel, subjects
from domain.print_reports.sums import CANNOT_GROUP, By, Fact, ReportRow, add_up, total
from domain.tasks.files import FILES_EXPIRED, FILES_NOT_READY, open_file
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate_message
from portal_api.access import needs
from portal_api.api.error_models import ErrorPublic
from portal_api.api.reader import ReaderLocale
from portal_api.downloads import DocumentResponse
from portal_api.problems import documented

router = APIRouter(prefix="/print-reports", tags=["print reports"])
Reader = Annotated[Actor, needs(Permission.OWN_REPORTS)]
Id = Annotated[str, Path(max_length=32)]
PLACE = re.compile("[0-9]")
Word = Annotated[str, Query(max_length=255)]
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {one: {"schema": {"type": "string", "format": "binary"}} for one in MEDIA_TYPES.values()}}
}


class ReportRowPublic(BaseModel):
    """One line: what it was added up by, how that is called, and the numbers."""

    key: str
    label: str
    jobs: int
    pages: int
    impressions: int
    color_impressions: int
    mono_impressions: int
    sheets: int
    duplex_jobs: int
    simplex_jobs: int

    @classmethod
    def of(cls, row: ReportRow) -> "ReportRowPublic":
        return cls.model_validate(row, from_attributes=True)


class PrintSums(BaseModel):
    """The lines of a report, and all of them together."""

    rows: list[ReportRowPublic]
    total: ReportRowPublic


class ReportRequest(BaseModel):
    """A report to be made as a file; who may report on nobody else gets their own printing."""

    kind: ReportKind
    scope: ReportScope
    format: ReportFormat = ReportFormat.CSV


class ReportFilePublic(BaseModel):
    """A file of a report."""

    name: str
    size: int


class PrintReportPublic(BaseModel):
    """A report that was asked for. `rows` counts the facts in its files."""

    id: str
    title: str
    state: ReportState
    created: datetime
    files: list[ReportFilePublic]
    rows: int
    error: ErrorPublic | None

    @classmethod
    def of(cls, one: ReportView, locale: str) -> "PrintReportPublic":
        return cls(
            id=one.id,
            title=translate_message(one.title, locale),
            state=one.state,
            created=one.created,
            files=[ReportFilePublic(name=name, size=size) for name, size in one.files],
            rows=one.rows,
            error=ErrorPublic.of(one.error, locale),
        )


@router.get("/sums", operation_id="add_up_printing", responses=documented(BAD_PERIOD, CANNOT_GROUP, NOT_FOUND))
def add_up_printing(
    actor: Reader,
    first: date,
    last: date,
    fact: Annotated[Fact, Query()] = Fact.RELEASED,
    by: Annotated[By, Query()] = By.PERSON,
    user_id: Word = "",
    department: Word = "",
    cost_center: Word = "",
    printer_id: Word = "",
    customer_id: Word = "",
) -> PrintSums:
    """Printing of a period added up; days are those of one's own time zone (PR-298, PR-300).

    With `customer_id` it is that of a customer organization, for its partner: not by person, and of the whole of it,
    unless one may make print reports there (AN-13).
    """
    scope = ReportScope(
        first=first,
        last=last,
        user_id=user_id[:32],
        department=department,
        cost_center=cost_center,
        printer_id=printer_id[:32],
        customer_id=customer_id[:32],
    )
    rows = add_up(actor, fact, by, scope)
    return PrintSums(rows=[ReportRowPublic.of(row) for row in rows], total=ReportRowPublic.of(total(rows)))


@router.get(
    "/customers", operation_id="compare_customers", responses=documented(BAD_PERIOD, customers.BAD_SUBJECT, NOT_FOUND)
)
def compare_customers(actor: Annotated[Actor, needs(Permission.REPORTS_PARTNER)], first: date, last: date) -> PrintSums:
    """What each customer organization has printed, for partner administrators (AN-61)."""
    rows = customers.add_up_customers(actor, ReportScope(first=first, last=last))
    return PrintSums(rows=[ReportRowPublic.of(row) for row in rows], total=ReportRowPublic.of(total(rows)))


@router.get("/subjects", operation_id="list_print_report_subjects", responses=documented(NOT_FOUND))
def list_subjects(actor: Reader, level: Annotated[ReportLevel, Query()]) -> dict[str, str]:
    """What a report of that level can be about: names by their ids. Departments and cost centres have none else."""
    return subjects(actor, level)


@router.get("", operation_id="list_print_reports")
def list_reports(actor: Reader, locale: ReaderLocale) -> list[PrintReportPublic]:
    """The reports that one has asked for lately, newest first."""
    return [PrintReportPublic.of(one, locale) for one in service.list_reports(actor)]


@router.post(
    "",
    operation_id="make_print_report",
    status_code=202,
    responses=documented(BAD_PERIOD, customers.BAD_SUBJECT, NOT_FOUND),
)
def make_report(actor: Reader, asked: ReportRequest, locale: ReaderLocale) -> PrintReportPublic:
    """Have a report made; its files are kept for 24 hours (PR-299)."""
    return PrintReportPublic.of(service.start_report(actor, asked.kind, asked.scope, asked.format), locale)


@router.get("/{report_id}", operation_id="get_print_report", responses=documented(NOT_FOUND))
def read(actor: Reader, report_id: Id, locale: ReaderLocale) -> PrintReportPublic:
    """How far a report is."""
    return PrintReportPublic.of(service.report_of(actor, report_id), locale)


@router.get(
    "/{report_id}/files/{number}",
    operation_id="download_print_report",
    response_class=Response,
    responses={**FILE, **documented(NOT_FOUND, FILES_NOT_READY, FILES_EXPIRED)},
)
def download(actor: Reader, report_id: Id, number: Annotated[str, Path(max_length=255)]) -> DocumentResponse:
    """A file of a report, for whoever asked for it: its place among the report's files, from 0."""
    if PLACE.fullmatch(number) is None:
        raise NOT_FOUND(what="file")
    return DocumentResponse(open_file(actor, report_id, KIND, int(number)))
