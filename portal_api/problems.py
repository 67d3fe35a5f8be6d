"""Errors as problem details (RFC 9457), in the reader's language: stable code, what happened, and what to do."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from connectors.errors import INTERNAL, Fault, PressroomError
from connectors.messages import N_
from connectors.value_problems import value_problem
from domain.organizations.actor import Actor
from domain.texts.catalogue import language_of, negotiate, translate_error, translate_message
from portal_api.plain_page import problem_page

log = structlog.get_logger(__name__)

BAD_REQUEST = Fault(
    "request.invalid",
    422,
    N_("Some of the values sent are not valid."),
    N_("Correct the values named and send the request again."),
)
UNREADABLE = Fault(
    "request.unreadable", 400, N_("The request could not be read."), N_("Send it again; check how it is put together.")
)
UNKNOWN_ADDRESS = Fault(
    "request.unknown_address", 404, N_("There is nothing at this address."), N_("Check the address.")
)
WRONG_METHOD = Fault(
    "request.wrong_method",
    405,
    N_("This address does not take the method {method}."),
    N_("Use one of the methods that the API description lists for it."),
)
OTHER_REFUSAL = Fault("request.refused", 400, N_("The request was refused."), N_("Check the request."))

MEDIA_TYPE = "application/problem+json"
_BY_STATUS = {400: UNREADABLE, 404: UNKNOWN_ADDRESS, 405: WRONG_METHOD}
_RETRY_SECONDS = {429: "60", 503: "5", 507: "60"}


class FieldProblem(BaseModel):
    """One value that is not valid: where it is in the request, and what is wrong with it."""

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """An error by RFC 9457. `code` is stable; `detail` and `remedy` are sentences in the reader's language."""

    type: str = Field(description="A URN of the kind of problem.")
    title: str
    status: int
    detail: str
    code: str
    remedy: str
    instance: str = Field(description="A URN of this request, by which the logs find it.")
    spec: str | None = Field(None, description="The requirement's own code, such as SC-E05.")
    errors: list[FieldProblem] | None = Field(None, description="The values concerned, where a request is not valid.")


def locale_of(request: Request) -> str:
    """The reader's language: that of the request's Accept-Language header for programs, else the person's own."""
    actor: Actor | None = getattr(request.state, "actor", None)
    accepted = request.headers.get("accept-language", "")
    if actor is not None and ("authorization" not in request.headers or not accepted):
        return language_of(actor.locale)
    return negotiate(accepted)


def request_id(request: Request) -> str:
    """The request's id, which stands in the logs and in the answer's X-Request-ID."""
    return str(getattr(request.state, "request_id", "unknown"))


def problem_response(
    request: Request,
    error: PressroomError,
    errors: list[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that tells of `error`: problem details, or a plain page where a person follows a link."""
    detail, remedy = translate_error(error, locale_of(request))
    status = error.fault.status
    problem = Problem(
        type=f"urn:pressroom:problem:{error.code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=error.code,
        remedy=remedy,
        instance=f"urn:pressroom:request:{request_id(request)}",
        spec=error.fault.spec or None,
        errors=errors,
    )
    all_headers = {"Cache-Control": "no-store", "Content-Language": locale_of(request), **(headers or {})}
    if status == HTTPStatus.UNAUTHORIZED:
        all_headers["WWW-Authenticate"] = 'Bearer realm="Pressroom"'
    if status in _RETRY_SECONDS:
        all_headers.setdefault("Retry-After", _RETRY_SECONDS[status])
    if _is_followed_link(request):
        return HTMLResponse(problem_page(detail, remedy, locale_of(request)), status, all_headers)
    return JSONResponse(problem.model_dump(exclude_none=True), status, all_headers, MEDIA_TYPE)


def answer_with_problems(app: FastAPI) -> None:
    """Let `app` answer every error with problem details."""
    app.add_exception_handler(PressroomError, _on_fault)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_unexpected_error)


def internal_problem(request: Request, error: Exception) -> Response:
    """The answer to an error that nobody expected: logged with its trace, told without any internals."""
    log.error("unexpected error", request_id=request_id(request), exc_info=error)
    request.state.error_logged = True
    return problem_response(request, INTERNAL(reference=request_id(request)))


def documented(*faults: Fault) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may raise `faults`, for the API description."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for fault in faults:
        examples = by_status.setdefault(fault.status, _documented_status(fault.status))["content"][MEDIA_TYPE][
            "examples"
        ]
        examples[fault.code] = {"value": {"code": fault.code, "detail": fault.message, "remedy": fault.remedy}}
    for response in by_status.values():
        response["description"] = "Problem: " + ", ".join(
            f"`{code}`" for code in response["content"][MEDIA_TYPE]["examples"]
        )
    return by_status


def _documented_status(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema, "examples": {}}}}


def _is_followed_link(request: Request) -> bool:
    """Whether a browser shows the answer as a page: it asks for HTML, and not from the API."""
    return "text/html" in request.headers.get("accept", "") and not request.scope["path"].startswith("/api/")


async def _on_fault(request: Request, error: Exception) -> Response:
    assert isinstance(error, PressroomError)
    if error.fault.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("request failed", code=error.code, request_id=request_id(request), exc_info=error)
    return problem_response(request, error)


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    locale = locale_of(request)
    errors = [
        FieldProblem(
            field=".".join(str(part) for part in item["loc"]),
            code=item["type"],
            message=translate_message(value_problem(item), locale),
        )
        for item in error.errors()
    ]
    return problem_response(request, BAD_REQUEST(), errors)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, PressroomError):  # raised while the framework read the body
        return problem_response(request, error.__cause__)
    fault = _BY_STATUS.get(error.status_code, OTHER_REFUSAL)
    return problem_response(request, fault(method=request.method), headers=error.headers)


async def _on_unexpected_error(request: Request, error: Exception) -> Response:
    return internal_problem(request, error)
