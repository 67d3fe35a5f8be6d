"""Whether the portal lives (/healthz) and whether what it needs can be reached (/readyz)."""

from collections.abc import Callable

import httpx
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from connectors.database import check_database, open_engine
from connectors.documents import open_store
from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import Settings, get_settings
from domain.texts.catalogue import translate_error
from portal_api.problems import locale_of

ENGINE_UNREACHABLE = Fault(
    "engine.unreachable",
    503,
    N_("The engine (Prefect) cannot be reached."),
    N_("Runs are kept and start when it is back. Administrators: run “pressroom doctor”."),
    transient=True,
)
ENGINE_SECONDS = 2.0

router = APIRouter(include_in_schema=False)


class CheckedPart(BaseModel):
    """One thing that the portal needs: whether it answers, and if not, why and what to do."""

    ok: bool
    code: str = ""
    message: str = ""
    remedy: str = ""


class Readiness(BaseModel):
    """`ready` means that runs can be handed in: the engine may be away, runs wait for it in the records."""

    ready: bool
    database: CheckedPart
    documents: CheckedPart
    engine: CheckedPart


@router.get("/healthz")
def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def ready(request: Request, response: Response) -> Readiness:
    """Everything the portal needs, checked now; 503 where a document could not be handed in."""
    settings, locale = get_settings(), locale_of(request)
    database = _checked(lambda: check_database(open_engine(settings.records_url)), locale)
    documents = _checked(lambda: open_store(settings).check(), locale)
    engine = _checked(lambda: check_engine(settings), locale)
    is_ready = database.ok and documents.ok
    response.status_code = 200 if is_ready else 503
    response.headers["Cache-Control"] = "no-store"
    return Readiness(ready=is_ready, database=database, documents=documents, engine=engine)


def check_engine(settings: Settings) -> None:
    """Raise `ENGINE_UNREACHABLE` unless Prefect's API answers."""
    try:
        httpx.get(
            f"{settings.engine_url.rstrip('/')}/health", timeout=ENGINE_SECONDS, follow_redirects=True
        ).raise_for_status()
    except httpx.HTTPError as error:
        raise ENGINE_UNREACHABLE() from error


def _checked(check: Callable[[], None], locale: str) -> CheckedPart:
    try:
        check()
    except PressroomError as error:
        message, remedy = translate_error(error, locale)
        return CheckedPart(ok=False, code=error.code, message=message, remedy=remedy)
    return CheckedPart(ok=True)
