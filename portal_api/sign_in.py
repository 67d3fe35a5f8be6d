"""Who asks: the session cookie of browsers, the bearer token of programs, signing in and out."""

import threading
import time
from collections import deque
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import get_settings
from domain.federation.faults import SIGN_IN_ELSEWHERE
from domain.organizations.actor import Actor
from domain.sign_in.service import SIGN_IN_FAILED, SIGN_IN_LOCKED, sign_in
from domain.sign_in.sessions import SIGN_IN_NEEDED, actor_of_token, sign_out

COOKIE = "pressroom_session"
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


def open_session(request: Request, email: str, password: str) -> tuple[str, Actor]:
    """A new session's token and who signed in; failures are counted by network address."""
    address = client_address(request)
    failures.check(address)
    try:
        token, actor = sign_in(email, password, address)
    except PressroomError as error:
        if error.fault in (SIGN_IN_FAILED, SIGN_IN_LOCKED):
            failures.add(address)
        raise
    request.state.actor = actor
    return token, actor


@router.post("/sign-in")
def sign_in_by_form(
    request: Request,
    email: Annotated[str, Form(max_length=255)],
    password: Annotated[str, Form(max_length=1024)],
    next: Annotated[str, Form(max_length=2048)] = "/",  # noqa: A002 — the form's own name for it
) -> Response:
    """Sign in, set the cookie and go on to `next`; after a failure go back to the page with what went wrong."""
    try:
        token, _ = open_session(request, email, password)
    except PressroomError as error:
        minutes = {"minutes": error.facts["minutes"]} if "minutes" in error.facts else {}
        query = urlencode({"problem": error.code, **minutes, "next": local_path(next), "email": email})
        return RedirectResponse(f"/sign-in?{query}", status_code=303)
    response = RedirectResponse(local_path(next), status_code=303)
    set_session_cookie(response, token)
    return response


@router.post("/sign-out")
def sign_out_by_form(request: Request) -> Response:
    """End the session here and in the records."""
    if token := session_token(request):
        sign_out(token)
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=is_secure())
    return response


def set_session_cookie(response: Response, token: str) -> None:
    """Hand the browser its session: no script can read it, and no other site can make the browser send it."""
    seconds = int(get_settings().session_hours * 3600)
    response.set_cookie(COOKIE, token, max_age=seconds, path="/", httponly=True, samesite="lax", secure=is_secure())


def sign_in_problem(request: Request) -> PressroomError | None:
    """What the sign-in page is to tell, from the query that a failed sign-in sent the browser back with."""
    minutes = request.query_params.get("minutes", "")
    known = {fault.code: fault for fault in (SIGN_IN_FAILED, SIGN_IN_LOCKED, SIGN_IN_ELSEWHERE, TOO_MANY_SIGN_INS)}
    fault = known.get(request.query_params.get("problem", ""))
    return fault(minutes=int(minutes) if minutes.isascii() and minutes.isdigit() else 1) if fault else None


def local_path(address: str) -> str:
    """`address` if it is a path on this server, else the start page: a sign-in never leads to another site."""
    is_local = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_local else "/"


def is_secure() -> bool:
    """Whether browsers reach the portal by https, so that cookies may be kept to it."""
    return get_settings().public_url.startswith("https://")
