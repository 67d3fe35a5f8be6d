"""Where a node takes copies from other nodes: HTTPS in which both sides prove who they are (PR-321).

`PUT /copies/{copy}` with the one-time token brings sealed content; the server says first whether it is expected and
from whom, then its hash is checked, and only then does it count. `GET /health` says that the node is there.
"""

import json
import re
import socket
import ssl
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import BinaryIO, Protocol, Self, cast

import structlog
from cryptography import x509
from cryptography.x509.oid import NameOID

from connectors.errors import PressroomError

log = structlog.get_logger(__name__)

COPY = re.compile(r"/copies/([0-9a-f]{32})")
QUIET_SECONDS = 60.0
"""A sender that says nothing for so long is given up."""
Receive = Callable[[str, str, str, int, BinaryIO], None]
"""Takes a copy: its id, the token, the sender's id, how many bytes come, and the bytes."""


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Listener:
    """Listens at an address; use it in a `with` block. `port` is the one that was really taken."""

    def __init__(self, address: tuple[str, int], context: ssl.SSLContext, receive: Receive) -> None:
        self._server = _Server(address, _Handler)
        self._server.context, self._server.receive = context, receive
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="node-listener", daemon=True)

    def renew(self, context: ssl.SSLContext) -> None:
        """Use another certificate for connections to come."""
        self._server.context = context

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    context: ssl.SSLContext
    receive: Receive

    def handle_error(self, request: object, client_address: object) -> None:
        log.warning("a connection from another node broke", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = QUIET_SECONDS
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        """The handshake is made here, in the connection's own thread: who is slow with it holds up nobody."""
        plain: socket.socket = self.request
        plain.settimeout(QUIET_SECONDS)
        self.request = self.server.context.wrap_socket(plain, server_side=True)
        super().setup()

    def do_GET(self) -> None:
        if self.path == "/health":
            self._answer(HTTPStatus.OK, {"state": "ok"})
        else:
            self._answer(HTTPStatus.NOT_FOUND, {})

    def do_PUT(self) -> None:
        found = COPY.fullmatch(self.path)
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        length = self.headers.get("content-length", "")
        self.close_connection = True
        if found is None or not (length.isdecimal() and token):
            self._answer(HTTPStatus.BAD_REQUEST, {})
            return
        body = cast(BinaryIO, _Body(self.rfile, int(length)))
        try:
            self.server.receive(found[1], token, _name_of(self.request), int(length), body)
        except PressroomError as error:
            log.warning("a copy was not taken", code=error.facts.get("code", error.code))
            self._answer(error.fault.status, {"code": error.code})
            return
        self._answer(HTTPStatus.CREATED, {})

    def log_message(self, *_message: object) -> None:
        """Lines of requests are no news."""

    def _answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Body:
    """The bytes of a request, no more than were announced."""

    def __init__(self, source: _Readable, length: int) -> None:
        self._source, self._left = source, length

    def read(self, size: int, /) -> bytes:
        piece = self._source.read(min(size, self._left)) if self._left else b""
        self._left -= len(piece)
        return piece


def _name_of(connection: ssl.SSLSocket) -> str:
    """The id of the node at the other end, from its certificate, which the authority has signed."""
    encoded = connection.getpeercert(binary_form=True) or b""
    names = x509.load_der_x509_certificate(encoded).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value)
