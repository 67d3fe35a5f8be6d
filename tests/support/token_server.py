"""A real OAuth 2.0 server for programs: oauthlib's token endpoint behind cheroot, on a free port of 127.0.0.1.

It knows one program, gives access tokens for client credentials and for refresh tokens (each of which it takes once),
and tells a mail server whose mailbox a token opens (introspection). The mail server asks over plain http, programs ask
over TLS where it is given a certificate.
"""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from oauthlib.oauth2 import (
    BearerToken,
    ClientCredentialsGrant,
    RefreshTokenGrant,
    RequestValidator,
    TokenEndpoint,
)

CLIENT_ID, CLIENT_SECRET = "pressroom-prints", "the secret of / the registration+"
SCOPE, NARROW_SCOPE = "https://outlook.office365.com/.default", "calendar"
SECONDS = 3600


@dataclass
class TokenServer:
    """The running server. `user` is whose mailbox its tokens open; `forms` are what it was asked, with secrets.

    `refresh_tokens` are those that it still takes, `tokens` its access tokens that count, with their scopes.
    `busy` makes it answer that it cannot now; `meanwhile` is done while somebody waits for its answer.
    """

    user: str
    address: str = ""
    introspection: str = ""
    forms: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    refresh_tokens: set[str] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=dict)
    busy: bool = False
    meanwhile: Callable[[], object] = field(default=lambda: None)

    def new_refresh_token(self) -> str:
        """As the owner of the mailbox gets it when they allow the program to read it."""
        token = secrets.token_urlsafe(40)
        self.refresh_tokens.add(token)
        return token


class _Program:
    client_id = CLIENT_ID


class _Rules(RequestValidator):  # type: ignore[misc]  # oauthlib has no types
    """What oauthlib asks about the program, scopes and tokens."""

    def __init__(self, server: TokenServer) -> None:
        self._server = server

    def client_authentication_required(self, request: Any, *_a: Any, **_k: Any) -> bool:
        return True

    def authenticate_client(self, request: Any, *_a: Any, **_k: Any) -> bool:
        request.client = _Program
        return (request.client_id, request.client_secret) == (CLIENT_ID, CLIENT_SECRET)

    def validate_grant_type(self, client_id: str, grant_type: str, *_a: Any, **_k: Any) -> bool:
        return grant_type in ("client_credentials", "refresh_token")

    def validate_scopes(self, client_id: str, scopes: list[str], *_a: Any, **_k: Any) -> bool:
        return set(scopes) <= {SCOPE, NARROW_SCOPE}

    def get_default_scopes(self, *_a: Any, **_k: Any) -> list[str]:
        return [SCOPE]

    def validate_refresh_token(self, refresh_token: str, *_a: Any, **_k: Any) -> bool:
        return refresh_token in self._server.refresh_tokens

    def get_original_scopes(self, *_a: Any, **_k: Any) -> list[str]:
        return [SCOPE, NARROW_SCOPE]

    def rotate_refresh_token(self, _request: Any) -> bool:
        return True

    def save_bearer_token(self, token: dict[str, str], request: Any, *_a: Any, **_k: Any) -> None:
        self._server.tokens[token["access_token"]] = token["scope"]
        if request.grant_type == "refresh_token":
            self._server.refresh_tokens.remove(request.refresh_token)
            self._server.refresh_tokens.add(token["refresh_token"])


Start = Callable[..., object]


class _Pages:
    """Its addresses as a WSGI application."""

    def __init__(self, server: TokenServer) -> None:
        self._server, rules = server, _Rules(server)
        kinds = {"client_credentials": ClientCredentialsGrant(rules), "refresh_token": RefreshTokenGrant(rules)}
        bearer = BearerToken(rules, expires_in=SECONDS)
        self._endpoint = TokenEndpoint("client_credentials", default_token_type=bearer, grant_types=kinds)

    def __call__(self, environ: dict[str, Any], start: Start) -> list[bytes]:
        path, length = environ["PATH_INFO"], int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length).decode() if length else ""
        status, content = self._introspected(body) if path == "/introspect" else self._token(path, body)
        start(f"{status} .", [("Content-Type", "application/json")])
        return [content.encode()]

    def _token(self, path: str, body: str) -> tuple[int, str]:
        self._server.paths.append(path)
        self._server.forms.append({name: values[0] for name, values in parse_qs(body).items()})
        self._server.meanwhile()
        if self._server.busy:
            return 503, "come back later"
        uri = f"https://127.0.0.1{path}"  # oauthlib refuses plain http, which a server on loopback may speak
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        _, content, status = self._endpoint.create_token_response(uri, "POST", body, form)
        return status, content

    def _introspected(self, body: str) -> tuple[int, str]:
        token = parse_qs(body).get("token", [""])[0]
        if token not in self._server.tokens:
            return 400, '{"active": false, "error": "invalid_token"}'
        return 200, f'{{"active": true, "email": "{self._server.user}", "scope": "{self._server.tokens[token]}"}}'


@contextmanager
def token_server(user: str, certificate: tuple[Path, Path] | None = None) -> Iterator[TokenServer]:
    """A server at which the program is registered; its tokens open the mailbox of `user`."""
    server = TokenServer(user)
    pages = _Pages(server)
    with ExitStack() as running:
        server.address = f"{running.enter_context(_served(pages, certificate))}/directory/oauth2/token"
        server.introspection = f"{running.enter_context(_served(pages, None))}/introspect"
        yield server


@contextmanager
def _served(pages: _Pages, certificate: tuple[Path, Path] | None) -> Iterator[str]:
    from cheroot.ssl.builtin import BuiltinSSLAdapter
    from cheroot.wsgi import Server as WebServer

    web = WebServer(("127.0.0.1", 0), pages, numthreads=2)
    if certificate is not None:
        web.ssl_adapter = BuiltinSSLAdapter(*map(str, certificate))
    web.prepare()
    thread = threading.Thread(target=web.serve, daemon=True)
    thread.start()
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{web.bind_addr[1]}"
    finally:
        web.stop()
        thread.join(timeout=10)
