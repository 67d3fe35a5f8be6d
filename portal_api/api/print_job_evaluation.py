"""What would become of a print job at a printer, before anything prints (F-4)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from connectors.ipp.ticket import MOST_COPIES, JobTicket, Sides
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.printing.evaluation import Changes
from domain.printing.jobs import WRONG_STATE
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate_error, translate_message
from fleet.releasing.foresight import Foresight, foresee
from portal_api.access import needs
from portal_api.api.error_models import ErrorPublic
from portal_api.api.reader import ReaderLocale
from portal_api.api.release_models import ForcedSetting
from portal_api.problems import documented

router = APIRouter(prefix="/print-jobs", tags=["print jobs"])
Owner = Annotated[Actor, needs(Permission.OWN_ACCOUNT)]


class PrintEvaluation(BaseModel):
    """How a job would be printed: its settings then, and which of them are forced, with the reason.

    `refusal`: why it would not be printed at all; `ticket` is null then. `impressions` are what it would take of the
    quota.
    """

    ticket: JobTicket | None
    is_color: bool
    impressions: int
    color_impressions: int
    forced: list[ForcedSetting]
    refusal: ErrorPublic | None

    @classmethod
    def of(cls, one: Foresight, locale: str) -> "PrintEvaluation":
        refusal = None
        if one.refusal is not None:
            message, remedy = translate_error(one.refusal, locale)
            refusal = ErrorPublic(code=one.refusal.code, message=message, remedy=remedy)
        forced = [
            ForcedSetting(setting=each.setting, value=each.value, reason=translate_message(each.reason, locale))
            for each in one.forced
        ]
        return cls(
            ticket=one.ticket,
            is_color=one.is_color,
            impressions=one.impressions,
            color_impressions=one.color_impressions,
            forced=forced,
            refusal=refusal,
        )


@router.get("/{job_id}/evaluation", operation_id="evaluate_print_job", responses=documented(NOT_FOUND, WRONG_STATE))
def evaluate(
    actor: Owner,
    job_id: Annotated[str, Path(max_length=32)],
    locale: ReaderLocale,
    printer_id: Annotated[str, Query(max_length=64, description="Empty: a printer that can do everything.")] = "",
    copies: Annotated[int | None, Query(ge=1, le=MOST_COPIES)] = None,
    color_mode: Annotated[Literal["auto", "color", "monochrome"] | None, Query()] = None,
    sides: Annotated[Sides | None, Query()] = None,
) -> PrintEvaluation:
    """What policies, quota and printer would make of a held job if it were released now, with such changes."""
    changes = Changes(copies=copies, color_mode=color_mode, sides=sides)
    return PrintEvaluation.of(foresee(actor, job_id, printer_id, changes), locale)
