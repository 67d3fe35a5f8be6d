"""Solutions: list, compose, exchange."""

import re
from typing import Annotated

from fastapi import APIRouter, Body, Header, Query, Response

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import ROLE_MISSING
from domain.organizations.permissions import Permission
from domain.solutions.definition import SolutionDefinition, SolutionType
from domain.solutions.rules import EMPTY_LOCKED, LAST_NOT_DESTINATION, NO_DESTINATION
from domain.solutions.service import (
    BAD_FILE,
    CHANGED_MEANWHILE,
    NAME_TAKEN,
    SolutionView,
    create_solution,
    delete_solution,
    duplicate_solution,
    export_yaml,
    get_solution,
    import_yaml,
    list_solutions,
    list_versions,
    update_solution,
)
from domain.solutions.sharing import RECEIVED
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate
from portal_api.access import Author, Runner, needs
from portal_api.api.reader import ReaderLocale
from portal_api.api.solution_models import CompositionPublic, SolutionPublic, SolutionVersionPublic
from portal_api.downloads import content_disposition
from portal_api.problems import documented

router = APIRouter(prefix="/solutions", tags=["solutions"])

BAD_IF_MATCH = Fault(
    "request.bad_if_match",
    400,
    N_("The If-Match header does not name a version of a solution."),
    N_('Send the ETag as you got it, for example "3", or leave the header out.'),
)
YAML = "application/yaml"
ENTITY_TAG = re.compile(r'"?(\d{1,9})"?')
SAVING = documented(ROLE_MISSING, NAME_TAKEN, NO_DESTINATION, LAST_NOT_DESTINATION, EMPTY_LOCKED)
FOUND = documented(NOT_FOUND)
CHANGING = documented(ROLE_MISSING, RECEIVED)


@router.get("", operation_id="list_solutions")
def list_all(
    actor: Runner,
    type: Annotated[SolutionType | None, Query()] = None,  # noqa: A002 — the parameter's name in the API
    search: Annotated[str, Query(max_length=255, description="Part of the name.")] = "",
) -> list[SolutionPublic]:
    """Every solution that the actor can see, by name (SC-5)."""
    return [SolutionPublic.of(view) for view in list_solutions(actor, type, search)]


@router.post("", operation_id="create_solution", status_code=201, responses={**SAVING, **FOUND})
def create(actor: Author, given: SolutionDefinition, response: Response) -> SolutionPublic:
    """Save a new solution. `POST /solutions/check` tells all that is wrong with one at once."""
    return _created(create_solution(actor, given), response)


@router.post("/check", operation_id="check_solution", dependencies=[needs(Permission.SOLUTIONS_RUN)])
def check(given: SolutionDefinition, locale: ReaderLocale) -> CompositionPublic:
    """Check a draft without saving it: for validation while the author types."""
    return CompositionPublic.of(given, locale)


@router.post("/import", operation_id="import_solution", status_code=201, responses={**SAVING, **documented(BAD_FILE)})
def import_file(
    actor: Author, text: Annotated[str, Body(media_type=YAML, max_length=1_000_000)], response: Response
) -> SolutionPublic:
    """Save a new solution from an exported file."""
    return _created(create_solution(actor, import_yaml(text)), response)


@router.get("/{solution_id}", operation_id="get_solution", responses=FOUND)
def read(actor: Runner, solution_id: str, response: Response) -> SolutionPublic:
    """One solution; the ETag is its version."""
    return _tagged(get_solution(actor, solution_id), response)


@router.put(
    "/{solution_id}",
    operation_id="update_solution",
    responses={**SAVING, **FOUND, **CHANGING, **documented(CHANGED_MEANWHILE, BAD_IF_MATCH)},
)
def update(
    actor: Author,
    solution_id: str,
    given: SolutionDefinition,
    response: Response,
    if_match: Annotated[str | None, Header(description="The version that the change is based on.")] = None,
) -> SolutionPublic:
    """Save a new version; runs in progress keep theirs (SC-102)."""
    return _tagged(update_solution(actor, solution_id, given, _version(if_match)), response)


@router.delete("/{solution_id}", operation_id="delete_solution", status_code=204, responses={**FOUND, **CHANGING})
def delete(actor: Author, solution_id: str) -> None:
    """Remove the solution; runs in progress are not touched."""
    delete_solution(actor, solution_id)


@router.post(
    "/{solution_id}/duplicate",
    operation_id="duplicate_solution",
    status_code=201,
    responses={**FOUND, **documented(ROLE_MISSING)},
)
def duplicate(actor: Author, solution_id: str, locale: ReaderLocale, response: Response) -> SolutionPublic:
    """A personal copy with all steps and locks (SC-102)."""
    return _created(duplicate_solution(actor, solution_id, translate(N_("copy"), locale)), response)


@router.get("/{solution_id}/composition", operation_id="get_solution_composition", responses=FOUND)
def composition(actor: Runner, solution_id: str, locale: ReaderLocale) -> CompositionPublic:
    """How the solution runs: effective order, what it takes, and whether it can run without questions."""
    return CompositionPublic.of(get_solution(actor, solution_id).definition, locale)


@router.get("/{solution_id}/versions", operation_id="list_solution_versions", responses=FOUND)
def versions(actor: Runner, solution_id: str) -> list[SolutionVersionPublic]:
    """Every saved state, newest first."""
    found = list_versions(actor, solution_id)
    return [SolutionVersionPublic(version=version, created=created) for version, created in found]


@router.get(
    "/{solution_id}/export",
    operation_id="export_solution",
    response_class=Response,
    responses={200: {"content": {YAML: {"schema": {"type": "string"}}}}, **FOUND},
)
def export(actor: Runner, solution_id: str) -> Response:
    """The solution as a YAML file that `import_solution` takes."""
    definition = get_solution(actor, solution_id).definition
    headers = {"Content-Disposition": content_disposition(f"{definition.name}.yaml")}
    return Response(export_yaml(definition), media_type=YAML, headers=headers)


def _tagged(view: SolutionView, response: Response) -> SolutionPublic:
    response.headers["ETag"] = f'"{view.version}"'
    return SolutionPublic.of(view)


def _created(view: SolutionView, response: Response) -> SolutionPublic:
    response.headers["Location"] = f"/api/v1/solutions/{view.id}"
    return _tagged(view, response)


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    tag = ENTITY_TAG.fullmatch(if_match.strip())
    if tag is None:
        raise BAD_IF_MATCH()
    return int(tag[1])
