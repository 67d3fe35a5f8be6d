"""Who asks: the session cookie of browsers, the bearer token of programs, signing in and out."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import get_settings
from domain.federation.faults import SIGN_IN_ELSEWHERE
from domain.organizations.actor import ACCOUNT_ENDED, Actor
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.locks import SIGN_IN_LOCKED
from domain.sign_in.second_factor import CODE_WRONG
from domain.sign_in.service import (
    HALF_LIFE,
    HALF_OVER,
    SIGN_IN_FAILED,
    Halfway,
    SignedIn,
    begin_sign_in,
    finish_sign_in,
    sign_in,
)
from domain.sign_in.sessions import SIGN_IN_NEEDED, Origin, sign_out
from portal_api.phone_turn import TURN_COOKIE, end_turn

COOKIE = "pressroom_session"
HALF_COOKIE = "pressroom_half"
"""Keeps the ticket of a sign-in whose password was right, until the code is typed."""
ORGANIZATION_HEADER = "Pressroom-Organization"
"""Names the customer organization that a request of a partner's program is about (AC-40)."""
TOO_MANY_SIGN_INS = Fault(
    "sign_in.too_many",
    429,
    N_("Too many sign-ins have failed from your network address."),
    N_("Wait some minutes, then try again."),
)
ALLOWED_FAILURES, FAILURE_WINDOW_SECONDS = 20, 300.0
ALLOWED_LOOKUPS = 300
"""How many addresses one network address may enter on the sign-in page within the window."""
ALLOWED_LINKS = 60
"""How many links to set a password may be asked for from one network address within the window."""
MOST_ADDRESSES = 10_000

router = APIRouter(include_in_schema=False)


class FailureCount:
    """Failed sign-ins by network address within the window. Each portal process counts for itself; the accounts'
    own locks hold across all of them."""

    def __init__(self, allowed: int = ALLOWED_FAILURES) -> None:
        self.allowed = allowed
        self._failures: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def check(self, address: str) -> None:
        """Raise `TOO_MANY_SIGN_INS` where the address has used up its failures."""
        with self._lock:
            if len(self._recent(address)) >= self.allowed:
                raise TOO_MANY_SIGN_INS()

    def add(self, address: str) -> None:
        """Count one failure."""
        with self._lock:
            if len(self._failures) >= MOST_ADDRESSES:
                self._failures = {known: times for known in list(self._failures) if (times := self._recent(known))}
            self._failures.setdefault(address, deque(maxlen=self.allowed)).append(time.monotonic())

    def clear(self) -> None:
        """Forget all failures."""
        with self._lock:
            self._failures.clear()

    def _recent(self, address: str) -> deque[float]:
        times = self._failures.get(address, deque())
        while times and times[0] < time.monotonic() - FAILURE_WINDOW_SECONDS:
            times.popleft()
        return times


failures = FailureCount()
lookups = FailureCount(ALLOWED_LOOKUPS)
"""E-mail addresses entered on the sign-in page, so that nobody can try out many of them."""
link_requests = FailureCount(ALLOWED_LINKS)
"""Links to set a password that were asked for."""


def session_token(request: Request) -> str | None:
    """The token of an `Authorization: Bearer` header, else that of the session cookie."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        return token.strip() if scheme.lower() == "bearer" else None
    return request.cookies.get(COOKIE)


def current_actor(request: Request) -> Actor:
    """Who is signed in; raises `SIGN_IN_NEEDED`. Reads the database once a request."""
    known: Actor | None = getattr(request.state, "actor", None)
    if known is not None:
        return known
    token = session_token(request)
    if not token:
        raise SIGN_IN_NEEDED()
    actor = actor_of_token(token, request.headers.get(ORGANIZATION_HEADER), client_address(request))
    request.state.actor = actor
    return actor


def client_address(request: Request) -> str:
    """The network address the request came from."""
    return request.client.host if request.client else ""


CurrentActor = Annotated[Actor, Depends(current_actor)]


def origin_of(request: Request) -> Origin:
    """Where the request comes from, for the list of sessions."""
    return Origin(client_address(request), request.headers.get("user-agent", ""))


@contextmanager
def failures_counted(request: Request) -> Iterator[None]:
    """A block that signs somebody in; failures are counted by network address. Raises `TOO_MANY_SIGN_INS`."""
    address = client_address(request)
    failures.check(address)
    try:
        yield
    except PressroomError as error:
        if error.fault in (SIGN_IN_FAILED, SIGN_IN_LOCKED, CODE_WRONG):
            failures.add(address)
        raise


def count_link_request(request: Request) -> None:
    """Count that a link was asked for; raises `TOO_MANY_SIGN_INS` where there were too many."""
    link_requests.check(client_address(request))
    link_requests.add(client_address(request))


def open_session(request: Request, email: str, password: str, code: str = "") -> SignedIn:
    """Sign a program in at once; raises what `sign_in` raises, and `TOO_MANY_SIGN_INS`."""
    with failures_counted(request):
        signed_in = sign_in(email, password, origin_of(request), code)
    request.state.actor = signed_in.actor
    return signed_in


@router.post("/sign-in")
def sign_in_by_form(
    request: Request,
    email: Annotated[str, Form(max_length=255)],
    password: Annotated[str, Form(max_length=1024)],
    next: Annotated[str, Form(max_length=2048)] = "/",  # noqa: A002 — the form's own name for it
) -> Response:
    """Sign in, set the cookie and go on to `next`; after a failure go back to the page with what went wrong.

    Where a second factor is in force, or has to be set up first, the next page is that of the code.
    """
    try:
        with failures_counted(request):
            begun = begin_sign_in(email, password, origin_of(request))
    except PressroomError as error:
        return _back_to("/sign-in", error, next, email=email)
    if isinstance(begun, SignedIn):
        return signed_in_response(request, begun, next)
    page = "/sign-in/second-factor" if begun.is_enrolment else "/sign-in/code"
    response = RedirectResponse(f"{page}?{urlencode({'next': local_path(next)})}", status_code=303)
    _set_half_cookie(response, begun)
    return response


@router.post("/sign-in/code")
def give_code_by_form(
    request: Request,
    code: Annotated[str, Form(max_length=64)],
    next: Annotated[str, Form(max_length=2048)] = "/",  # noqa: A002 — the form's own name for it
) -> Response:
    """The second step: a code of the authenticator app, or a recovery code."""
    try:
        with failures_counted(request):
            signed_in = finish_sign_in(request.cookies.get(HALF_COOKIE, ""), code, origin_of(request))
    except PressroomError as error:
        return _back_to("/sign-in" if error.fault is HALF_OVER else "/sign-in/code", error, next)
    return signed_in_response(request, signed_in, next)


def signed_in_response(request: Request, signed_in: SignedIn, next_path: str) -> Response:
    """Go on as the person who signed in."""
    response = RedirectResponse(local_path(next_path), status_code=303)
    replace_session(request, response, signed_in.session.token)
    forget_half_cookie(response)
    return response


def replace_session(request: Request, response: Response, token: str) -> None:
    """Hand the browser a new session; the one that it had before is ended."""
    if former := request.cookies.get(COOKIE):
        sign_out(former)
    set_session_cookie(response, token)


@router.post("/sign-out")
def sign_out_by_form(request: Request) -> Response:
    """End the session here and in the records."""
    response = RedirectResponse("/sign-in", status_code=303)
    if token := session_token(request):
        if TURN_COOKIE in request.cookies:
            _end_turn(request, response, token)
        sign_out(token)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=is_secure())
    return response


def _end_turn(request: Request, response: Response, token: str) -> None:
    """Whoever signs out with the phone frees the printer that they hold it to (MOB-9)."""
    try:
        actor = actor_of_token(token)
    except PressroomError as error:
        if error.fault not in (SIGN_IN_NEEDED, ACCOUNT_ENDED):
            raise
        return  # nobody is signed in any more: the turn ends by itself
    end_turn(request, response, actor, secure=is_secure())


def set_session_cookie(response: Response, token: str) -> None:
    """Hand the browser its session: no script can read it, and no other site can make the browser send it."""
    seconds = int(get_settings().session_hours * 3600)
    response.set_cookie(COOKIE, token, max_age=seconds, path="/", httponly=True, samesite="lax", secure=is_secure())


def forget_half_cookie(response: Response) -> None:
    """The second step is done."""
    response.delete_cookie(HALF_COOKIE, path="/sign-in", httponly=True, samesite="lax", secure=is_secure())


def sign_in_problem(request: Request) -> PressroomError | None:
    """What the sign-in page is to tell, from the query that a failed sign-in sent the browser back with."""
    minutes = request.query_params.get("minutes", "")
    shown = (SIGN_IN_FAILED, SIGN_IN_LOCKED, SIGN_IN_ELSEWHERE, CODE_WRONG, HALF_OVER, TOO_MANY_SIGN_INS)
    known = {fault.code: fault for fault in shown}
    fault = known.get(request.query_params.get("problem", ""))
    return fault(minutes=int(minutes) if minutes.isascii() and minutes.isdigit() else 1) if fault else None


def local_path(address: str) -> str:
    """`address` if it is a path on this server, else the start page: a sign-in never leads to another site."""
    is_local = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_local else "/"


def _back_to(page: str, error: PressroomError, next_path: str, **more: str) -> Response:
    minutes = {"minutes": str(error.facts["minutes"])} if "minutes" in error.facts else {}
    query = urlencode({"problem": error.code, **minutes, "next": local_path(next_path), **more})
    return RedirectResponse(f"{page}?{query}", status_code=303)


def _set_half_cookie(response: Response, half: Halfway) -> None:
    seconds, secure = int(HALF_LIFE.total_seconds()), is_secure()
    response.set_cookie(
        HALF_COOKIE, half.ticket, max_age=seconds, path="/sign-in", httponly=True, samesite="lax", secure=secure
    )


def is_secure() -> bool:
    """Whether browsers reach the portal by https, so that cookies may be kept to it."""
    return get_settings().public_url.startswith("https://")
