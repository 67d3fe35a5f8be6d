"""The Solution Center at printers: the list, one solution with its screens, the check of a step, used pages."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from connectors.errors import PressroomError
from domain.panel_solutions.keeping import count_kept
from domain.panel_solutions.listing import panel_solutions
from domain.panel_solutions.printers import (
    APP_MISSING,
    FIRMWARE_TOO_OLD,
    MODEL_UNSUPPORTED,
    NOT_FOR_YOU,
    PRINTER_LACKS,
    check_panel,
    check_printer,
)
from domain.panel_solutions.scan_files import file_rules
from domain.panel_solutions.screens import step_problems
from domain.printer_login.printer_sessions import PERSON_REFUSED, SESSION_ENDED
from domain.quotas.checks import hindrances
from domain.quotas.usage import own_quota
from domain.runs.planning import LOCKED_VALUE, UNKNOWN_VALUE, WRONG_SURFACE, check_permitted, services
from domain.solutions.service import SolutionView, get_solution
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate_error
from portal_api.api.at_printer import AtPrinter, PersonAtPrinter
from portal_api.api.solution_center_models import SolutionAtPrinter, SolutionListPublic, StepValues, UsedPages
from portal_api.problems import FieldProblem, documented, problem_response
from steps.contract import Surface

router = APIRouter(prefix="/solution-center", tags=["solutions at printers"])
SolutionId = Annotated[str, Path(max_length=32)]
NOT_HERE = (APP_MISSING, MODEL_UNSUPPORTED, FIRMWARE_TOO_OLD, NOT_FOR_YOU, SESSION_ENDED, PERSON_REFUSED, NOT_FOUND)
JSON = "application/json"


@router.get("/solutions", operation_id="list_solutions_at_printer", responses=documented(*NOT_HERE))
def list_solutions_at_printer(at: AtPrinter) -> SolutionListPublic:
    """What whoever is signed in can run at this printer (SC-103, SC-106), and how many of their scans are kept."""
    listed = panel_solutions(at.actor, at.printer)
    answer = SolutionListPublic.of(listed, count_kept(at.actor), at.locale)
    # The answer may hold hundreds of solutions and was put together by us: it needs no second validation.
    return Response(answer.model_dump_json(), media_type=JSON)  # type: ignore[return-value]


@router.get(
    "/solutions/{solution_id}",
    operation_id="get_solution_at_printer",
    responses=documented(*NOT_HERE, PRINTER_LACKS, WRONG_SURFACE),
)
def get_solution_at_printer(at: AtPrinter, solution_id: SolutionId) -> SolutionAtPrinter:
    """One solution as the panel shows it, with the screens of its steps."""
    check_panel(at.actor, at.printer)
    view = get_solution(at.actor, solution_id)
    return SolutionAtPrinter.of(view, file_rules(view.definition), _hindrance(at, view), at.locale)


@router.post(
    "/solutions/{solution_id}/steps/{position}",
    operation_id="check_step_at_printer",
    status_code=204,
    responses=documented(*NOT_HERE, LOCKED_VALUE, UNKNOWN_VALUE),
)
def check_step_at_printer(
    request: Request, at: AtPrinter, solution_id: SolutionId, position: int, given: StepValues
) -> Response:
    """Check a step's values as a run would (SC-123); a refusal names the values concerned in `errors`."""
    problems = step_problems(get_solution(at.actor, solution_id).definition, position, given.values)
    if not problems:
        return Response(status_code=204)
    errors = [
        FieldProblem(field=one.field, code=one.error.code, message=" ".join(translate_error(one.error, at.locale)))
        for one in problems
    ]
    return problem_response(request, problems[0].error, errors)


@router.get("/used-pages", operation_id="list_used_pages_at_printer", responses=documented(SESSION_ENDED))
def list_used_pages_at_printer(at: AtPrinter) -> list[UsedPages]:
    """The pages that one has used, for each service of which there are any (SC-107)."""
    return [UsedPages.of(use, at.locale) for use in own_quota(at.actor).services]


def _hindrance(at: PersonAtPrinter, view: SolutionView) -> PressroomError | None:
    """Why the solution cannot run here just now, which is better told before anything is scanned (SC-110)."""
    try:
        check_permitted(view.definition, at.actor, Surface.PRINTER)
        check_printer(view.definition, at.printer)
    except PressroomError as error:
        return error
    missing = hindrances(at.actor)
    return next((missing[one] for one in services(view.definition) if one in missing), None)
