"""What holds for every request: its id, one line in the log, security headers, the body's limit, and its origin.

Plain ASGI, so that streams and the pages' web sockets pass through untouched.
"""

import re
import time
from collections.abc import Mapping
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.errors import Fault, PressroomError
from connectors.logs import bind
from connectors.messages import N_
from connectors.settings import Settings, get_settings
from domain.runs.planning import GENERAL_LIMIT, MB
from portal_api.problems import internal_problem, problem_response

log = structlog.get_logger("portal_api.access")

CROSS_ORIGIN = Fault(
    "request.cross_origin",
    403,
    N_("The request came from another web site."),
    N_("Open Pressroom itself and try again there."),
)
BODY_TOO_LARGE = Fault(
    "request.too_large",
    413,
    N_("The request is larger than {limit} MB."),
    N_("Send less at a time."),
)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FORM_LIMIT = GENERAL_LIMIT + MB
OTHER_LIMIT = 2 * MB
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
FROM_OTHER_SITES = re.compile(r"/federation/saml/[0-9a-f]{32}/acs")
"""Where forms of other sites may be sent: SAML responses, which prove themselves and count in no session (AC-135)."""
PRINT_JOBS = "/api/v1/print-jobs"
"""Where several files may be sent at once, each as large as a print job may be (PR-134)."""
AGENT_FILES = "/agent/v1/orders/"
"""Below this, agents send files as the body itself."""
SCANNED_PAGES = ("/device/v1/scans/", "/agent/v1/scans/")
"""Below these, printers and agents send scanned pages as the body itself."""
PRINTERS = "/ipp/print/"
"""Below this, computers and phones print; the print service bounds what they send itself."""
SECRET_PATHS = ("/d/", "/at/", "/panel/enter/", PRINTERS)
"""Below these, addresses hold secrets that do not belong into logs."""
CAMERA_PAGES = "/phone"
"""Below it, pages may use the camera, if the person lets them."""
ASSETS = ("/_nicegui/", "/healthz", "/readyz")

# NiceGUI compiles its templates in the browser and puts its start-up script into the page.
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; frame-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
SECURITY_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class Protection:
    """The outermost layer of the portal. An error that nothing inside it answers becomes a plain 500 problem."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._public_host = urlsplit(settings.public_url).netloc
        self._is_https = settings.public_url.startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._is_https)
        with bind(request_id=exchange.request_id):
            try:
                self._check_origin(scope, exchange.headers)
                exchange.check_declared_size()
                await self._app(scope, exchange.receive, exchange.send)
            except PressroomError as error:
                await exchange.refuse(error)
            except Exception as error:  # noqa: BLE001 — the last stop: whatever comes is logged and told as a 500
                await exchange.fail(error)
            finally:
                exchange.log()

    def _check_origin(self, scope: Scope, headers: Headers) -> None:
        """Cross-site request forgery: browsers say where a request comes from, other clients have no cookies to steal.

        A request without either header is not a browser's, or one so old that the cookie's SameSite holds it off.
        """
        is_safe = scope["type"] == "http" and scope["method"] in SAFE_METHODS
        if is_safe or headers.get("authorization") or FROM_OTHER_SITES.fullmatch(scope["path"]):
            return
        site = headers.get("sec-fetch-site")
        if scope["type"] == "http" and site is not None:
            if site not in ("same-origin", "none"):
                raise CROSS_ORIGIN()
            return
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc not in (self._public_host, headers.get("host")):
            raise CROSS_ORIGIN()


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, is_https: bool) -> None:
        self.scope, self._receive, self._send, self._is_https = scope, receive, send, is_https
        self.headers = Headers(scope=scope)
        given = self.headers.get("x-request-id", "")
        self.request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = self.request_id
        self._path: str = scope["path"]
        self._began = time.perf_counter()
        self._received = 0
        self._status: int | None = None
        self._complete = False
        form = self.headers.get("content-type", "").startswith("multipart/form-data")
        self._limit = FORM_LIMIT if form or self._path.startswith(AGENT_FILES) else OTHER_LIMIT
        self._is_limited = not self._path.startswith(PRINTERS)
        if self._path.startswith(SCANNED_PAGES):
            self._limit = (get_settings().scan_max_mb + 1) * MB
        if form and self._path == PRINT_JOBS:
            settings = get_settings()
            self._limit = (settings.print_max_mb * settings.print_max_files + 1) * MB

    def check_declared_size(self) -> None:
        declared = self.headers.get("content-length", "0")
        if self._is_limited and declared.isdigit() and int(declared) > self._limit:
            raise BODY_TOO_LARGE(limit=self._limit // MB)

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            if self._is_limited and self._received > self._limit:
                raise BODY_TOO_LARGE(limit=self._limit // MB)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._add_headers(MutableHeaders(scope=message))
        self._complete = message["type"] == "http.response.body" and not message.get("more_body", False)
        await self._send(message)

    async def refuse(self, error: PressroomError) -> None:
        if self.scope["type"] == "websocket":
            await self._receive()
            await self._send({"type": "websocket.close", "code": 1008})
        elif self._status is not None:
            raise error
        else:
            await problem_response(Request(self.scope), error)(self.scope, self._receive, self.send)

    async def fail(self, error: Exception) -> None:
        """Answer with a 500 where nothing has been answered yet. An application mounted below may have told of the
        error itself; an answer that has begun and not ended is broken off, so that nobody takes it for whole."""
        if self.scope["type"] == "http" and self._status is None:
            await internal_problem(Request(self.scope), error)(self.scope, self._receive, self.send)
        elif not self._complete:
            raise error
        elif not self.scope["state"].get("error_logged"):
            log.error("unexpected error", exc_info=error)

    def log(self) -> None:
        state = self.scope.get("state", {})
        actor = state.get("actor")
        secret = next((start for start in SECRET_PATHS if self._path.startswith(start)), None)
        path = f"{secret}…" if secret else self._path
        write = log.debug if path.startswith(ASSETS) else log.info
        write(
            "request",
            method=self.scope.get("method", "WEBSOCKET"),
            path=path,
            status=self._status,
            ms=round((time.perf_counter() - self._began) * 1000, 1),
            client=self.scope["client"][0] if self.scope.get("client") else "",
            organization_id=actor.organization_id if actor else None,
            user_id=actor.user_id if actor else None,
            run_id=self.scope.get("path_params", {}).get("run_id") or state.get("run_id"),
        )

    def _add_headers(self, headers: MutableHeaders) -> None:
        headers["X-Request-ID"] = self.request_id
        if self._path.startswith(CAMERA_PAGES):
            headers["Permissions-Policy"] = SECURITY_HEADERS["Permissions-Policy"].replace("camera=()", "camera=(self)")
        for name, value in SECURITY_HEADERS.items():
            if name != "X-Frame-Options" or not _has_frame(headers):
                headers.setdefault(name, value)
        is_page = headers.get("content-type", "").startswith("text/html")
        headers.setdefault("Content-Security-Policy", PAGE_POLICY if is_page else API_POLICY)
        if self._is_https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def _has_frame(headers: Headers) -> bool:
    """Whether the answer names a site that may show it in a frame, which the older header cannot say."""
    policy = headers.get("content-security-policy", "")
    return "frame-ancestors " in policy and "frame-ancestors 'none'" not in policy
