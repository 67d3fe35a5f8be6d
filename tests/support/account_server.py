"""A real OAuth 2 server for tests: oauthlib's endpoints behind cheroot, on a free port of 127.0.0.1.

It demands PKCE, takes each code and each refresh token once, signs ID tokens, and ends grants when it is told to. Its
sign-in page is a form with an e-mail address and a button. It stands in for the servers at which people sign in to
their accounts; the drives behind them are stood in for at the transport (`fake_cloud`).
"""

import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwk, jwt
from oauthlib.oauth2 import FatalClientError
from oauthlib.openid import RequestValidator, Server

CLIENT_ID, CLIENT_SECRET = "pressroom-at-the-provider", "a secret of the registration"
TENANT = "0f1e2d3c-tenant"


@dataclass
class Grant:
    """What somebody has allowed: until it is ended, and with the one refresh token that works."""

    account: str
    nonce: str
    scopes: list[str]
    challenge: str
    redirect_uri: str
    refresh_token: str = ""
    access_token: str = ""
    ended: bool = False


@dataclass
class AccountServer:
    """The running server: `grants` are all it has given, `requests` what it was asked."""

    address: str
    redirect_uri: str
    key: jwk.RSAKey
    codes: dict[str, Grant] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"{self.address}/{TENANT}/v2.0"

    def addresses(self, *, is_openid: bool) -> dict[str, str]:
        """What the installation's settings say of it."""
        paths = {"authorize": "/authorize", "token": "/token", "revoke": "/revoke"}
        paths |= {"issuer": "/{tenant}/v2.0", "keys": "/keys"} if is_openid else {"account": "/me"}
        return {name: self.address + path for name, path in paths.items()}

    def grant_with(self, **facts: str) -> Grant | None:
        """The living grant of which that is true."""
        found = (one for one in self.grants if all(getattr(one, name) == value for name, value in facts.items()))
        return next((one for one in found if not one.ended), None)


class _Rules(RequestValidator):  # type: ignore[misc] — oauthlib has no types
    """What oauthlib asks about clients, codes and tokens."""

    def __init__(self, server: AccountServer) -> None:
        self._server = server

    def client_authentication_required(self, request: Any, *_a: Any, **_k: Any) -> bool:
        return True

    def authenticate_client(self, request: Any, *_a: Any, **_k: Any) -> bool:
        request.client = _Client
        return (request.client_id, request.client_secret) == (CLIENT_ID, CLIENT_SECRET)

    def authenticate_client_id(self, client_id: str, *_a: Any, **_k: Any) -> bool:
        return False

    def validate_client_id(self, client_id: str, request: Any, *_a: Any, **_k: Any) -> bool:
        request.client = _Client
        return client_id == CLIENT_ID

    def validate_redirect_uri(self, client_id: str, redirect_uri: str, *_a: Any, **_k: Any) -> bool:
        return redirect_uri == self._server.redirect_uri

    def confirm_redirect_uri(self, client_id: str, code: str, redirect_uri: str, *_a: Any, **_k: Any) -> bool:
        return code in self._server.codes and self._server.codes[code].redirect_uri == redirect_uri

    def validate_response_type(self, client_id: str, response_type: str, *_a: Any, **_k: Any) -> bool:
        return response_type == "code"

    def validate_scopes(self, *_a: Any, **_k: Any) -> bool:
        return True

    def get_default_scopes(self, *_a: Any, **_k: Any) -> list[str]:
        return []

    def validate_grant_type(self, client_id: str, grant_type: str, *_a: Any, **_k: Any) -> bool:
        return grant_type in ("authorization_code", "refresh_token")

    def is_pkce_required(self, *_a: Any, **_k: Any) -> bool:
        return True

    def get_code_challenge(self, code: str, _request: Any) -> str:
        return self._server.codes[code].challenge

    def get_code_challenge_method(self, code: str, _request: Any) -> str:
        return "S256"

    def save_authorization_code(self, client_id: str, code: dict[str, str], request: Any, *_a: Any, **_k: Any) -> None:
        assert request.code_challenge_method == "S256"
        self._server.codes[code["code"]] = Grant(
            request.account, request.nonce or "", list(request.scopes), request.code_challenge, request.redirect_uri
        )

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *_a: Any, **_k: Any) -> bool:
        if (grant := self._server.codes.get(code)) is None:
            return False
        request.grant, request.scopes, request.user = grant, grant.scopes, grant.account
        return True

    def get_authorization_code_scopes(self, client_id: str, code: str, *_a: Any) -> list[str]:
        return self._server.codes[code].scopes if code in self._server.codes else []

    def get_authorization_code_nonce(self, client_id: str, code: str, *_a: Any) -> str:
        return self._server.codes[code].nonce

    def invalidate_authorization_code(self, client_id: str, code: str, *_a: Any, **_k: Any) -> None:
        del self._server.codes[code]

    def save_bearer_token(self, token: dict[str, str], request: Any, *_a: Any, **_k: Any) -> None:
        grant = request.grant
        grant.access_token, grant.refresh_token = token["access_token"], token.get("refresh_token", "")
        if grant not in self._server.grants:
            self._server.grants.append(grant)

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *_a: Any, **_k: Any) -> bool:
        request.grant = self._server.grant_with(refresh_token=refresh_token)
        return request.grant is not None

    def get_original_scopes(self, _token: str, request: Any, *_a: Any, **_k: Any) -> list[str]:
        return list(request.grant.scopes)

    def rotate_refresh_token(self, _request: Any) -> bool:
        return True

    def refresh_id_token(self, _request: Any) -> bool:
        return False

    def revoke_token(self, token: str, *_a: Any, **_k: Any) -> None:
        if (grant := self._server.grant_with(refresh_token=token)) is not None:
            grant.ended = True

    def validate_user_match(self, *_a: Any) -> bool:
        return True

    def finalize_id_token(self, id_token: dict[str, Any], token: dict[str, str], _handler: Any, request: Any) -> str:
        claims = {
            **id_token,
            "iss": self._server.issuer,
            "tid": TENANT,
            "sub": hashlib.sha256(request.grant.account.encode()).hexdigest(),
            "exp": int(time.time()) + 300,
            "nonce": request.grant.nonce,
            "email": request.grant.account,
        }
        return jwt.encode({"alg": "RS256", "kid": self._server.key.kid}, claims, self._server.key)


class _Client:
    client_id = CLIENT_ID


Start = Callable[..., object]


class _Pages:
    """The server's addresses as a WSGI application."""

    def __init__(self, server: AccountServer) -> None:
        self._server = server
        self._oauth = Server(_Rules(server), token_expires_in=3600)

    def __call__(self, environ: dict[str, Any], start: Start) -> list[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length).decode() if length else ""
        self._server.requests.append(f"{method} {path}")
        # oauthlib refuses plain http, which a server on the loopback network may speak.
        uri = f"https://{environ['HTTP_HOST']}{path}?{environ['QUERY_STRING']}"
        status, headers, content = self._answer(path, method, uri, body, environ)
        start(f"{status} .", list(headers.items()))
        return [content.encode()]

    def _answer(self, path: str, method: str, uri: str, body: str, environ: dict[str, Any]) -> Any:
        if path == "/authorize":
            return self._authorize(method, uri, body)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        if path == "/token":
            headers, content, status = self._oauth.create_token_response(uri, method, body, form)
            return status, headers, content
        if path == "/revoke" and "HTTP_AUTHORIZATION" in environ:
            return self._revoked_by_bearer(environ["HTTP_AUTHORIZATION"])
        if path == "/revoke":
            headers, content, status = self._oauth.create_revocation_response(uri, method, body, form)
            return status, headers, content or ""
        if path == "/keys":
            return 200, {"Content-Type": "application/json"}, json.dumps({"keys": [self._server.key.as_dict(False)]})
        if path == "/me":
            token = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
            grant = self._server.grant_with(access_token=token)
            found = {"login": grant.account, "email": grant.account} if grant else {}
            return (200 if grant else 401), {"Content-Type": "application/json"}, json.dumps(found)
        if path == "/favicon.ico":
            return 204, {}, ""
        return 404, {}, "nothing here"

    def _authorize(self, method: str, uri: str, body: str) -> Any:
        try:
            scopes, credentials = self._oauth.validate_authorization_request(uri, "GET")
        except FatalClientError as error:
            return 400, {"Content-Type": "text/plain"}, str(error)
        if method == "GET":
            return 200, {"Content-Type": "text/html; charset=utf-8"}, PAGE
        given = {name: values[0] for name, values in parse_qs(body).items()}
        if "cancel" in given:
            state = credentials["state"]
            target = f"{credentials['redirect_uri']}?error=access_denied&state={state}"
            return 302, {"Location": target}, ""
        credentials = {name: value for name, value in credentials.items() if name != "request"}
        headers, content, status = self._oauth.create_authorization_response(
            uri, "GET", scopes=scopes, credentials={**credentials, "account": given["account"]}
        )
        return status, headers, content or ""

    def _revoked_by_bearer(self, header: str) -> Any:
        grant = self._server.grant_with(access_token=header.removeprefix("Bearer "))
        if grant is None:
            return 401, {}, ""
        grant.ended = True
        return 200, {}, ""


PAGE = """<!doctype html><html lang="en"><title>Sign in to your account</title><body><h1>Sign in to your account</h1>
<form method="post"><label>E-mail <input name="account" type="email"></label>
<button>Allow access</button><button name="cancel" value="1">Cancel</button></form></body></html>"""


@contextmanager
def account_server(redirect_uri: str) -> Iterator[AccountServer]:
    """A server at which Pressroom is registered with that redirect address."""
    from cheroot.wsgi import Server as WebServer

    key = jwk.RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})
    served: dict[str, _Pages] = {}
    web = WebServer(("127.0.0.1", 0), lambda environ, start: served["pages"](environ, start), numthreads=4)
    web.prepare()
    server = AccountServer(f"http://127.0.0.1:{web.bind_addr[1]}", redirect_uri, key)
    served["pages"] = _Pages(server)
    thread = threading.Thread(target=web.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        web.stop()
        thread.join(timeout=10)
