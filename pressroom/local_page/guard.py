"""What every request to a local page has to bear: from this computer, to this computer's name, from its own forms.

The name in `Host` is checked so that a page on the web whose name suddenly leads to this computer cannot read or press
anything here (DNS rebinding); the origin and the mark in forms, so that it cannot press anything unseen (CSRF).
"""

import socket
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

import ifaddr
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
LARGEST_BODY = 4 << 20
SAFE = frozenset({"GET", "HEAD"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """The outermost layer of a local page; `is_local_only` says whether other computers are refused (FL-130)."""

    def __init__(self, app: ASGIApp, is_local_only: Callable[[], bool], form_targets: str = "") -> None:
        self._app, self._is_local_only = app, is_local_only
        self._headers = dict(HEADERS)
        if form_targets:
            policy = HEADERS["Content-Security-Policy"]
            self._headers["Content-Security-Policy"] = policy.replace("form-action", f"form-action {form_targets}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        reason = self._refusal(scope)
        if reason:
            await PlainTextResponse(reason, 403)(scope, receive, send_guarded)
        else:
            await self._app(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> str:
        headers = Headers(scope=scope)
        host = _name(headers.get("host", ""))
        local_only = self._is_local_only()
        if local_only and not _is_this_computer(str((scope.get("client") or ("",))[0])):
            return "This page is open to the computer it runs on only."
        if host not in LOCAL_NAMES and (local_only or host not in _own_names()):
            return "This page is not known by that name."
        if int(headers.get("content-length") or 0) > LARGEST_BODY:
            return "The request is too large."
        if scope["method"] not in SAFE and not _is_own_form(headers):
            return "The form came from another page."
        return ""


def _name(host: str) -> str:
    """The name of `name:port`, in lower case."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def _is_this_computer(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _own_names() -> set[str]:
    addresses = {ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips}
    plain = {one if isinstance(one, str) else f"[{one[0]}]" for one in addresses}
    return {name.lower() for name in (socket.gethostname(), socket.getfqdn(), *plain)}


def _is_own_form(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
