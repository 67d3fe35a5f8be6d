"""The token endpoint: OAuth 2 client credentials (AC-195, RFC 6749 §2.3.1, §4.4, §5) and device codes (RFC 8628).

It takes JSON, as the integration interface describes it, and forms with the client's id and secret in the form or in
HTTP Basic, as client libraries send them.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from connectors.errors import PressroomError
from domain.applications.access import CLIENT_REFUSED, SCOPE_REFUSED, AccessToken, issue_token
from domain.organizations.models import now
from domain.sign_in import program_codes
from domain.texts.catalogue import SOURCE_LANGUAGE, translate_error
from portal_api.sign_in import TOO_MANY_SIGN_INS, FailureCount, client_address

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
LONGEST_BODY = 16_384
FIELDS = frozenset({"grant_type", "client_id", "client_secret", "scope", "device_code"})
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
"""Of programs that people let in by a code (RFC 8628 §3.4)."""
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
ERRORS = {
    CLIENT_REFUSED: "invalid_client",
    SCOPE_REFUSED: "invalid_scope",
    TOO_MANY_SIGN_INS: "slow_down",
    program_codes.PENDING: "authorization_pending",
    program_codes.TOO_OFTEN: "slow_down",
    program_codes.REFUSED: "access_denied",
    program_codes.EXPIRED: "expired_token",
}
"""Our faults by the names that RFC 6749 §5.2 and RFC 8628 §3.5 give them."""

router = APIRouter(include_in_schema=False)
refusals = FailureCount()


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """A request that is not as the RFC asks for; `description` is for developers, in English."""

    error: str
    description: str


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What was asked for. `by_header`: the client named itself by HTTP Basic."""

    client_id: str
    client_secret: str
    scope: str
    by_header: bool


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """A program that asks whether it was let in."""

    client_id: str
    device_code: str


@router.post("/oauth/token")
async def token(request: Request) -> Response:
    """An access token for a client's id and secret, or for the code of a program that somebody has let in."""
    by_header = "authorization" in request.headers
    try:
        body = await _body(request)
        if (device := device_request(request.headers, body)) is not None:
            granted = await run_in_threadpool(program_codes.collect, device.client_id, device.device_code)
            return _granted(granted)
        asked = read_token_request(request.headers, body)
        answer = await run_in_threadpool(_issue, asked, client_address(request))
    except Refusal as refusal:
        return _error(refusal.error, refusal.description, 401 if refusal.error == "invalid_client" else 400, by_header)
    except PressroomError as error:
        if error.fault not in ERRORS:
            raise
        description = " ".join(translate_error(error, SOURCE_LANGUAGE))
        return _error(ERRORS[error.fault], description, error.fault.status, by_header)
    return _answer(answer)


def device_request(headers: Mapping[str, str], body: bytes) -> DeviceRequest | None:
    """What a program asks that was let in by a code; None for other kinds of request. Raises `Refusal`."""
    given = _fields(headers.get("content-type", "").partition(";")[0].strip().lower(), body)
    if given.get("grant_type") != DEVICE_GRANT:
        return None
    if not given.get("client_id") or not given.get("device_code"):
        raise Refusal("invalid_request", "The parameters client_id and device_code are needed.")
    return DeviceRequest(given["client_id"], given["device_code"])


def read_token_request(headers: Mapping[str, str], body: bytes) -> TokenRequest:
    """The request's facts; raises `Refusal`."""
    given = _fields(headers.get("content-type", "").partition(";")[0].strip().lower(), body)
    grant = given.get("grant_type")
    if not grant:
        raise Refusal("invalid_request", "The parameter grant_type is missing.")
    if grant != "client_credentials":
        raise Refusal("unsupported_grant_type", "Only the grant type client_credentials is supported.")
    header = headers.get("authorization")
    if header is None:
        client_id, client_secret = given.get("client_id", ""), given.get("client_secret", "")
    else:
        client_id, client_secret = _basic(header)
        if "client_secret" in given or given.get("client_id", client_id) != client_id:
            raise Refusal("invalid_request", "The client must authenticate in one way only.")
    if not client_id or not client_secret:
        raise Refusal("invalid_client", "The client id or the client secret is missing.")
    return TokenRequest(client_id, client_secret, given.get("scope", ""), by_header=header is not None)


def _fields(media_type: str, body: bytes) -> dict[str, str]:
    """The known parameters; those unknown are ignored, one given twice is an error (RFC 6749 §3.2)."""
    try:
        pairs: list[tuple[str, Any]]
        if media_type == JSON:
            content = json.loads(body)
            pairs = list(content.items()) if isinstance(content, dict) else [("", None)]
        elif media_type == FORM:
            pairs = list(parse_qsl(body.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(body)))
        else:
            raise Refusal("invalid_request", f"Send {JSON} or {FORM}.")
    except ValueError as error:
        raise Refusal("invalid_request", "The body cannot be read.") from error
    known = [(name, value) for name, value in pairs if name in FIELDS]
    if len({name for name, _ in known}) != len(known):
        raise Refusal("invalid_request", "A parameter is given twice.")
    if not all(isinstance(value, str) for _, value in known) or ("", None) in pairs:
        raise Refusal("invalid_request", "Every parameter must be a string.")
    return {name: value for name, value in known if value}


def _basic(header: str) -> tuple[str, str]:
    """The client's id and secret in HTTP Basic, each of them form-encoded (RFC 6749 §2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    client_id, separator, client_secret = text.partition(":")
    if scheme.lower() != "basic" or not separator:
        raise Refusal("invalid_client", "The Authorization header is not HTTP Basic.")
    return unquote_plus(client_id), unquote_plus(client_secret)


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LONGEST_BODY:
            raise Refusal("invalid_request", "The body is too long.")
        parts.append(part)
    return b"".join(parts)


def _issue(asked: TokenRequest, address: str) -> AccessToken:
    refusals.check(address)
    try:
        return issue_token(asked.client_id, asked.client_secret, asked.scope, address)
    except PressroomError as error:
        if error.fault is CLIENT_REFUSED:
            refusals.add(address)
        raise


def _answer(issued: AccessToken) -> Response:
    content = {
        "access_token": issued.token,
        "token_type": "bearer",
        "expires_in": int(issued.lifetime.total_seconds()),
        "created_at": int(issued.created.timestamp()),
        "scope": " ".join(issued.scopes),
    }
    return JSONResponse(content, headers=NO_STORE)


def _granted(granted: program_codes.Granted) -> Response:
    seconds = int((granted.expires - now()).total_seconds())
    content = {"access_token": granted.token, "token_type": "bearer", "expires_in": seconds}
    return JSONResponse(content, headers=NO_STORE)


def _error(error: str, description: str, status: int, by_header: bool) -> Response:
    headers = dict(NO_STORE)
    if by_header and status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="Pressroom"'
    if status == 429:
        headers["Retry-After"] = "60"
    return JSONResponse({"error": error, "error_description": description}, status, headers)
