"""The Solution Center summary: what was used by whom, as numbers and as CSV (SQ-90…SQ-99)."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.quotas import reports, use_export
from domain.quotas.report_scope import BAD_PERIOD, NO_CUSTOMER_USED_ANY, TOO_FAR_BACK, Period
from domain.quotas.reports import Report, ReportLine, Sums
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate_message
from portal_api.access import needs
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented
from steps.contract import Service

Reporter = Annotated[Actor, needs(Permission.SOLUTIONS_REPORT)]
PartnerReporter = Annotated[Actor, needs(Permission.SOLUTIONS_REPORT_ALL)]
First = Annotated[date, Query(description="First day.")]
Last = Annotated[date, Query(description="Last day, inclusive.")]
OrganizationId = Annotated[
    str | None, Query(max_length=32, description="A customer's; left out: that in which you work.")
]
CSV: dict[int | str, dict[str, object]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "One line a use, with a header."}
}

router = APIRouter(prefix="/quotas/reports", tags=["quota reports"])


class SumsPublic(BaseModel):
    """Operations and pages by service, and how many printers they came from."""

    operations: dict[Service, int]
    pages: dict[Service, int]
    printers: int

    @classmethod
    def of(cls, sums: Sums) -> "SumsPublic":
        return cls(operations=sums.operations, pages=sums.pages, printers=sums.printers)


class ReportLinePublic(SumsPublic):
    """What one person or organization used. `email` is empty for organizations and for people who were deleted."""

    id: str
    name: str
    email: str

    @classmethod
    def of_line(cls, line: ReportLine, locale: str) -> "ReportLinePublic":
        name = line.name if isinstance(line.name, str) else translate_message(line.name, locale)
        return cls(id=line.id, name=name, email=line.email, **SumsPublic.of(line.sums).model_dump())


class ReportPublic(SumsPublic):
    """What the whole used, and the lines that it consists of."""

    organization_id: str
    organization_name: str
    first: date
    last: date
    lines: list[ReportLinePublic]

    @classmethod
    def of_report(cls, report: Report, locale: str) -> "ReportPublic":
        return cls(
            organization_id=report.organization_id,
            organization_name=report.organization_name,
            first=report.period.first,
            last=report.period.last,
            lines=[ReportLinePublic.of_line(line, locale) for line in report.lines],
            **SumsPublic.of(report.sums).model_dump(),
        )


@router.get(
    "/organization",
    operation_id="get_organization_report",
    responses=documented(NOT_FOUND, BAD_PERIOD, TOO_FAR_BACK),
)
def get_organization_report(
    actor: Reporter,
    locale: ReaderLocale,
    first: First,
    last: Last,
    organization_id: OrganizationId = None,
    search: Annotated[str, Query(max_length=255, description="Part of an e-mail address.")] = "",
) -> ReportPublic:
    """What the people of one organization used."""
    report = reports.organization_report(actor, Period(first, last), organization_id, search)
    return ReportPublic.of_report(report, locale)


@router.get(
    "/organization.csv",
    operation_id="export_organization_report",
    response_class=StreamingResponse,
    responses={**CSV, **documented(NOT_FOUND, BAD_PERIOD, TOO_FAR_BACK)},
)
def export_organization_report(
    actor: Reporter, first: First, last: Last, organization_id: OrganizationId = None
) -> StreamingResponse:
    """Every use of one organization."""
    return _csv(use_export.organization_csv(actor, Period(first, last), organization_id), first, last)


@router.get(
    "/organizations",
    operation_id="get_organizations_report",
    responses=documented(NO_CUSTOMER_USED_ANY, BAD_PERIOD, TOO_FAR_BACK),
)
def get_organizations_report(
    actor: PartnerReporter,
    locale: ReaderLocale,
    first: First,
    last: Last,
    search: Annotated[str, Query(max_length=255, description="Part of an organization's name.")] = "",
) -> ReportPublic:
    """What one's own organization and each of its customers used."""
    return ReportPublic.of_report(reports.organizations_report(actor, Period(first, last), search), locale)


@router.get(
    "/organizations.csv",
    operation_id="export_organizations_report",
    response_class=StreamingResponse,
    responses={**CSV, **documented(NO_CUSTOMER_USED_ANY, BAD_PERIOD, TOO_FAR_BACK)},
)
def export_organizations_report(actor: PartnerReporter, first: First, last: Last) -> StreamingResponse:
    """Every use of one's own organization and its customers."""
    return _csv(use_export.organizations_csv(actor, Period(first, last)), first, last)


def _csv(pieces: Iterator[str], first: date, last: date) -> StreamingResponse:
    name = f"solution-center-{first.isoformat()}-{last.isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)
