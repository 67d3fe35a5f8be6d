"""OpenID Connect: discovery, keys, the code and forged ID tokens (AC-126…AC-129, AMB-28)."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI, Form, Header
from fastapi.responses import JSONResponse
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from connectors.errors import Fault, PressroomError
from connectors.identity import faults, oidc_provider
from connectors.identity.claims import Identity
from connectors.identity.id_token import access_token_hash
from connectors.identity.oidc import Challenge, OidcClient
from connectors.identity.oidc_provider import OidcProvider, discover, published_keys
from connectors.identity.web import IdentityWeb
from connectors.settings import Settings
from tests.support.failing_http import answering
from tests.support.portal_server import serving

CLIENT, SECRET = "pressroom", "a secret: with ~ and %"
REDIRECT = "https://pressroom.example/federation/oidc/callback"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
CURVE_KEY = ECKey.generate_key("P-256", {"kid": "curve", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
CHALLENGE = Challenge("the-state", "the-nonce", "the-verifier" * 5)
PERSON = {"sub": "ann", "email": "Ann@Acme.example", "given_name": "Ann", "family_name": "Andersson", "Badge": 4711}


@dataclass
class Provider:
    """A provider that publishes and hands out whatever a test wants."""

    address: str = ""
    keys: list[Key] = field(default_factory=lambda: [KEY, CURVE_KEY])
    token: Callable[["Provider"], str] = lambda provider: provider.signed(provider.claims())
    userinfo: dict[str, Any] = field(default_factory=dict)
    methods: tuple[str, ...] = ("client_secret_basic",)
    key_requests: int = 0
    forms: list[dict[str, str]] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        told = {
            **{"iss": self.address, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": CHALLENGE.nonce},
            **{"at_hash": access_token_hash("the-access-token", "RS256")},
            **PERSON,
            **changes,
        }
        return {name: value for name, value in told.items() if value is not None}

    def signed(self, claims: dict[str, Any], key: Key = KEY, **header: Any) -> str:
        algorithm = header.get("alg", "RS256")
        return jwt.encode({"alg": algorithm, "kid": key.kid, **header}, claims, key, algorithms=[algorithm])

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize?tenant=acme",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "token_endpoint_auth_methods_supported": self.methods,
            **self.changes,
        }

    def application(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def well_known() -> JSONResponse:
            return JSONResponse(self.metadata())

        @app.get("/keys")
        def keys() -> JSONResponse:
            self.key_requests += 1
            return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})

        @app.get("/userinfo")
        def userinfo(authorization: Annotated[str, Header()]) -> JSONResponse:
            assert authorization == "Bearer the-access-token"
            return JSONResponse(self.userinfo)

        @app.post("/token")
        def token(
            code: Annotated[str, Form()],
            code_verifier: Annotated[str, Form()],
            redirect_uri: Annotated[str, Form()],
            authorization: Annotated[str, Header()] = "",
            client_secret: Annotated[str, Form()] = "",
        ) -> JSONResponse:
            self.forms.append({"authorization": authorization, "client_secret": client_secret})
            if client_secret != SECRET and authorization != BASIC:
                return JSONResponse({"error": "invalid_client"}, 401)
            if (code, code_verifier, redirect_uri) != ("the-code", CHALLENGE.verifier, REDIRECT):
                return JSONResponse({"error": "invalid_grant"}, 400)
            return JSONResponse({"id_token": self.token(self), "access_token": "the-access-token"})

        return app


BASIC = "Basic cHJlc3Nyb29tOmElMjBzZWNyZXQlM0ElMjB3aXRoJTIwfiUyMGFuZCUyMCUyNQ=="
"""Client ID and secret, each encoded as a form is, with a colon between them (RFC 6749 §2.3.1)."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    with serving(made.application()) as made.address:
        yield made


@contextmanager
def private_web() -> Iterator[IdentityWeb]:
    with IdentityWeb(Settings(_env_file=None, allow_private_addresses=True)) as web:
        yield web


def discovered(provider: Provider) -> OidcProvider:
    with private_web() as web:
        return discover(f"{provider.address}/.well-known/openid-configuration", web)


def sign_in(provider: Provider, secret: str = SECRET, **answer: str) -> Identity:
    client = OidcClient(discovered(provider), CLIENT, secret, REDIRECT)
    with private_web() as web:
        return client.identity(answer or {"code": "the-code"}, CHALLENGE, web)


def refusal(provider: Provider, **answer: str) -> Fault:
    with pytest.raises(PressroomError) as caught:
        sign_in(provider, **answer)
    return caught.value.fault


def test_the_browser_is_sent_with_state_nonce_and_the_verifiers_hash(provider: Provider) -> None:
    client = OidcClient(discovered(provider), CLIENT, SECRET, REDIRECT)
    address = client.address(CHALLENGE, "ann@acme.example")
    assert address.startswith(f"{provider.address}/authorize?tenant=acme&")
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert (
        query.items()
        >= {
            **{"response_type": "code", "client_id": CLIENT, "redirect_uri": REDIRECT, "state": CHALLENGE.state},
            **{"nonce": CHALLENGE.nonce, "code_challenge_method": "S256", "login_hint": "ann@acme.example"},
        }.items()
    )
    assert CHALLENGE.verifier not in address
    assert SECRET not in address


def test_challenges_are_never_the_same() -> None:
    made = [Challenge.new() for _ in range(50)]
    assert len({text for one in made for text in (one.state, one.nonce, one.verifier)}) == 150


@pytest.mark.parametrize("methods", [("client_secret_basic",), ("client_secret_post", "client_secret_basic")])
def test_a_code_becomes_an_identity(provider: Provider, methods: tuple[str, ...]) -> None:
    provider.methods = methods
    identity = sign_in(provider)
    assert (identity.issuer, identity.subject, identity.email) == (provider.address, "ann", "ann@acme.example")
    assert (identity.first_name, identity.last_name, identity.badge) == ("Ann", "Andersson", "4711")
    assert provider.forms == [
        {"authorization": "", "client_secret": SECRET}
        if "client_secret_post" in methods
        else {"authorization": BASIC, "client_secret": ""}
    ]


ALLOWED: list[tuple[str, Callable[[Provider], str]]] = [
    ("elliptic curve", lambda p: p.signed(p.claims(at_hash=None), CURVE_KEY, alg="ES256")),
    ("RSA-PSS", lambda p: p.signed(p.claims(at_hash=None), alg="PS512")),
    ("no key id", lambda p: jwt.encode({"alg": "RS256"}, p.claims(), KEY)),
    ("no hash of the access token", lambda p: p.signed(p.claims(at_hash=None))),
    ("several audiences, issued to us", lambda p: p.signed(p.claims(aud=["other", CLIENT], azp=CLIENT))),
    ("expired half a minute ago", lambda p: p.signed(p.claims(exp=int(time.time()) - 30))),
    ("issued in half a minute", lambda p: p.signed(p.claims(iat=int(time.time()) + 30))),
]


@pytest.mark.parametrize("token", [row[1] for row in ALLOWED], ids=[row[0] for row in ALLOWED])
def test_tokens_that_are_accepted(provider: Provider, token: Callable[[Provider], str]) -> None:
    provider.token = token
    assert sign_in(provider).subject == "ann"


def with_the_public_key_as_secret(provider: Provider) -> str:
    """The classic: HMAC, with the published key as the shared secret."""
    public = KEY.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    message = ".".join(map(base64url, (b'{"alg":"HS256","kid":"one"}', json.dumps(provider.claims()).encode())))
    return f"{message}.{base64url(hmac.digest(public, message.encode(), 'sha256'))}"


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def without_signature(provider: Provider) -> str:
    head, body, _ = provider.signed(provider.claims()).split(".")
    return f"{head}.{body}."


def of_algorithm_none(provider: Provider) -> str:
    head = base64url(b'{"alg":"none"}')
    return f"{head}.{provider.signed(provider.claims()).split('.')[1]}."


def with_a_key_of_its_own(provider: Provider) -> str:
    """Signed with the key that its own header brings along."""
    return provider.signed(provider.claims(), OTHER_KEY, jwk=OTHER_KEY.as_dict(private=False))


FORGED: list[tuple[str, Callable[[Provider], str], Fault]] = [
    ("alg none", of_algorithm_none, faults.WEAK_ALGORITHM),
    ("HS256 with the public key", with_the_public_key_as_secret, faults.WEAK_ALGORITHM),
    ("no signature", without_signature, faults.BAD_SIGNATURE),
    ("another key of the same id", lambda p: p.signed(p.claims(), OTHER_KEY), faults.BAD_SIGNATURE),
    ("unknown key id", lambda p: p.signed(p.claims(), kid="other"), faults.BAD_SIGNATURE),
    ("a key in the header", with_a_key_of_its_own, faults.BAD_SIGNATURE),
    (
        "RSA key named, curve used",
        lambda p: p.signed(p.claims(), CURVE_KEY, alg="ES256", kid="one"),
        faults.BAD_SIGNATURE,
    ),
    ("another issuer", lambda p: p.signed(p.claims(iss="https://evil.example")), faults.WRONG_ISSUER),
    ("no issuer", lambda p: p.signed(p.claims(iss=None)), faults.WRONG_ISSUER),
    ("another audience", lambda p: p.signed(p.claims(aud="other")), faults.WRONG_AUDIENCE),
    ("no audience", lambda p: p.signed(p.claims(aud=None)), faults.WRONG_AUDIENCE),
    ("several audiences", lambda p: p.signed(p.claims(aud=["other", CLIENT])), faults.WRONG_AUDIENCE),
    ("issued to another", lambda p: p.signed(p.claims(azp="other")), faults.WRONG_AUDIENCE),
    ("expired", lambda p: p.signed(p.claims(exp=int(time.time()) - 120)), faults.WRONG_TIME),
    ("from the future", lambda p: p.signed(p.claims(iat=int(time.time()) + 120)), faults.WRONG_TIME),
    ("kept for long", lambda p: p.signed(p.claims(iat=int(time.time()) - 3600)), faults.WRONG_TIME),
    ("not valid yet", lambda p: p.signed(p.claims(nbf=int(time.time()) + 120)), faults.WRONG_TIME),
    ("no expiry", lambda p: p.signed(p.claims(exp=None)), faults.MALFORMED_ANSWER),
    ("expiry no number", lambda p: p.signed(p.claims(exp="soon")), faults.MALFORMED_ANSWER),
    ("another nonce", lambda p: p.signed(p.claims(nonce="other")), faults.NOT_ASKED_FOR),
    ("no nonce", lambda p: p.signed(p.claims(nonce=None)), faults.NOT_ASKED_FOR),
    ("another access token", lambda p: p.signed(p.claims(at_hash="AAAA")), faults.BAD_SIGNATURE),
    ("no subject", lambda p: p.signed(p.claims(sub=None)), faults.MALFORMED_ANSWER),
    ("e-mail not verified", lambda p: p.signed(p.claims(email_verified=False)), faults.EMAIL_UNVERIFIED),
    ("no e-mail", lambda p: p.signed(p.claims(email=None)), faults.MISSING_CLAIM),
    ("no e-mail address", lambda p: p.signed(p.claims(email="ann")), faults.BAD_CLAIM),
    ("no token", lambda _: "", faults.MALFORMED_ANSWER),
    ("two parts", lambda _: "a.b", faults.MALFORMED_ANSWER),
    ("head no JSON", lambda _: "a.b.c", faults.MALFORMED_ANSWER),
    ("far too long", lambda p: p.signed(p.claims(filler="x" * 100_000)), faults.MALFORMED_ANSWER),
]


@pytest.mark.parametrize(("token", "fault"), [row[1:] for row in FORGED], ids=[row[0] for row in FORGED])
def test_forged_tokens(provider: Provider, token: Callable[[Provider], str], fault: Fault) -> None:
    provider.token = token
    provider.userinfo = {"sub": "ann"}
    assert refusal(provider) is fault


def test_a_provider_that_breaks_down_is_told(provider: Provider) -> None:
    provider.token = lambda _: str(1 // 0)
    assert refusal(provider) is faults.PROVIDER_ANSWERED


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"error": "access_denied", "error_description": "Ann is not assigned"}, faults.REFUSED_THERE),
        ({"state": "the-state"}, faults.MALFORMED_ANSWER),
        ({"code": "an-old-code"}, faults.CODE_REFUSED),
        ({"code": "the-code", "iss": "https://evil.example"}, faults.WRONG_ISSUER),
    ],
)
def test_answers_without_a_code_that_counts(provider: Provider, answer: dict[str, str], fault: Fault) -> None:
    assert refusal(provider, **answer) is fault


def test_who_promises_to_name_the_issuer_must_do_so(provider: Provider) -> None:
    provider.changes = {"authorization_response_iss_parameter_supported": True}
    assert refusal(provider) is faults.WRONG_ISSUER
    assert sign_in(provider, code="the-code", iss=provider.address).subject == "ann"


def test_a_wrong_secret_is_told_apart_from_an_old_code(provider: Provider) -> None:
    known = discovered(provider)
    with private_web() as web:
        OidcClient(known, CLIENT, SECRET, REDIRECT).check_secret(web)
        with pytest.raises(PressroomError) as caught:
            OidcClient(known, CLIENT, "wrong", REDIRECT).check_secret(web)
    assert caught.value.fault is faults.CLIENT_REFUSED


class TestUserinfo:
    """Providers that keep their ID tokens small tell the rest when asked."""

    def test_claims_that_the_token_lacks_are_asked_for(self, provider: Provider) -> None:
        provider.token = lambda p: p.signed(p.claims(email=None, given_name=None))
        provider.userinfo = {"sub": "ann", "email": "ann@acme.example", "given_name": "Anna", "family_name": "X"}
        identity = sign_in(provider)
        assert (identity.email, identity.first_name, identity.last_name) == ("ann@acme.example", "Anna", "Andersson")

    def test_about_another_person_they_do_not_count(self, provider: Provider) -> None:
        provider.token = lambda p: p.signed(p.claims(email=None))
        provider.userinfo = {"sub": "eve", "email": "eve@acme.example"}
        assert refusal(provider) is faults.MALFORMED_ANSWER

    def test_an_unverified_address_does_not_count_there_either(self, provider: Provider) -> None:
        provider.token = lambda p: p.signed(p.claims(email=None))
        provider.userinfo = {"sub": "ann", "email": "ann@acme.example", "email_verified": False}
        assert refusal(provider) is faults.EMAIL_UNVERIFIED


class TestKeys:
    """Keys are kept, and fetched again when a token names a new one; nobody can make that happen all the time."""

    def test_a_new_key_counts_once_the_pause_is_over(self, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
        sign_in(provider)
        sign_in(provider)
        assert provider.key_requests == 1
        new_key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
        provider.keys = [new_key]
        provider.token = lambda p: p.signed(p.claims(), new_key)
        assert refusal(provider) is faults.BAD_SIGNATURE
        assert provider.key_requests == 1
        monkeypatch.setattr(oidc_provider, "SHORTEST_PAUSE", 0.0)
        assert sign_in(provider).subject == "ann"
        assert provider.key_requests == 2

    def test_a_former_key_does_not_count_any_more(self, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
        sign_in(provider)
        provider.keys = [CURVE_KEY]
        monkeypatch.setattr(oidc_provider, "KEEP_SECONDS", 0.0)
        assert refusal(provider) is faults.BAD_SIGNATURE

    @pytest.mark.parametrize(
        "keys",
        [
            {"keys": []},
            {"keys": [OctKey.generate_key(256).as_dict(private=True)]},
            {"keys": [{**KEY.as_dict(private=False), "use": "enc"}]},
            {"keys": [{"kty": "RSA", "kid": "one", "n": "AA", "e": "AQAB"}]},
            {"keys": [{"kty": "RSA"}]},
        ],
    )
    def test_keys_that_are_not_for_signatures_of_a_pair_do_not_count(self, keys: dict[str, Any]) -> None:
        with answering(200, json.dumps(keys).encode(), {}) as (endpoint, _), private_web() as web:
            known = OidcProvider(
                issuer="x", authorization_endpoint="x", token_endpoint="x", jwks_uri=f"http://{endpoint}/"
            )
            with pytest.raises(PressroomError) as caught:
                published_keys(known, web)
        assert caught.value.fault is faults.NO_KEYS


class TestDiscovery:
    """The metadata document (AC-126)."""

    @pytest.mark.parametrize(
        ("changes", "fault"),
        [
            ({"issuer": "https://evil.example"}, faults.ISSUER_MISMATCH),
            ({"issuer": "https://login.example/{tenantid}/v2.0"}, faults.SHARED_ISSUER),
            ({"token_endpoint": None}, faults.NO_OIDC_METADATA),
            ({"jwks_uri": "file:///etc/passwd"}, faults.UNSAFE_PROVIDER),
            ({"authorization_endpoint": "javascript:alert(1)"}, faults.UNSAFE_PROVIDER),
            ({"userinfo_endpoint": "http://"}, faults.UNSAFE_PROVIDER),
        ],
    )
    def test_metadata_that_cannot_be_used(self, provider: Provider, changes: dict[str, Any], fault: Fault) -> None:
        provider.changes = changes
        with pytest.raises(PressroomError) as caught:
            discovered(provider)
        assert caught.value.fault is fault

    @pytest.mark.parametrize(
        ("status", "body", "fault"),
        [
            (200, b"<html>", faults.NO_OIDC_METADATA),
            (200, b"[]", faults.NO_OIDC_METADATA),
            (200, b" " * (5 << 20), faults.PROVIDER_UNREACHABLE),
            (302, b"", faults.PROVIDER_ANSWERED),
            (404, b"", faults.PROVIDER_ANSWERED),
            (503, b"", faults.PROVIDER_ANSWERED),
        ],
    )
    def test_answers_that_are_no_metadata(self, status: int, body: bytes, fault: Fault) -> None:
        with (
            answering(status, body, {"Location": "http://127.0.0.1:9/"}) as (endpoint, seen),
            private_web() as web,
            pytest.raises(PressroomError) as caught,
        ):
            discover(f"http://{endpoint}/.well-known/openid-configuration", web)
        assert caught.value.fault is fault
        assert len(seen) == 1


class TestAddresses:
    """Whom this server calls when an administrator types an address."""

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_a_server_inside_gets_no_request(self, scheme: str) -> None:
        with answering(200, b"{}", {}) as (endpoint, seen), IdentityWeb(Settings(_env_file=None)) as web:
            with pytest.raises(PressroomError) as caught:
                discover(f"{scheme}://{endpoint}/.well-known/openid-configuration", web)
            assert caught.value.fault is faults.UNSAFE_PROVIDER
            assert seen == []

    @pytest.mark.parametrize("address", ["https://no-such-host.invalid/", "https://127.0.0.1:9/"])
    def test_nobody_answers(self, address: str) -> None:
        with private_web() as web, pytest.raises(PressroomError) as caught:
            web.fetch(address)
        assert caught.value.fault is faults.PROVIDER_UNREACHABLE
        assert caught.value.transient

    @pytest.mark.parametrize(
        "address", ["", "idp.example", "ftp://idp.example/", "https:///x", "https://a:b@idp.example/"]
    )
    def test_what_is_no_web_address_is_refused(self, address: str) -> None:
        with private_web() as web, pytest.raises(PressroomError) as caught:
            web.fetch(address)
        assert caught.value.fault is faults.UNSAFE_PROVIDER

    def test_a_broken_authority_file_is_told(self, tmp_path: Any) -> None:
        (tmp_path / "ca.pem").write_text("no certificate")
        with pytest.raises(PressroomError) as caught:
            IdentityWeb(Settings(_env_file=None, identity_ca_file=tmp_path / "ca.pem"))
        assert caught.value.fault is faults.BAD_AUTHORITY_FILE
