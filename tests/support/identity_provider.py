"""A real identity provider for tests: LemonLDAP::NG (Debian), which speaks OpenID Connect and SAML 2.0.

It runs as one PSGI process on a free port of 127.0.0.1, with its configuration, sessions and people (SQLite) in a
folder of its own. Browsers, or `Visitor`, sign in at its form.
"""

import json
import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from lxml import html

from tests.support.certificates import certificate_of
from tests.support.s3_server import free_ports

READY_SECONDS = 30
COLUMNS = ("login", "password", "mail", "surname", "given", "badge", "pin", "cost", "department")
OIDC_CLAIMS = {
    **{"email": "mail", "family_name": "surname", "given_name": "given"},
    **{"Badge": "badge", "PIN": "pin", "costCenter": "cost", "Department": "department"},
}
SAML_CLAIMS = {
    **{"email": "mail", "last name": "surname", "first name": "given"},
    **{"Badge": "badge", "PIN": "pin", "Cost center": "cost", "Department": "department"},
}
TEMPLATES = "/usr/share/lemonldap-ng/portal"


@dataclass(frozen=True)
class Person:
    """Somebody the identity provider knows. Empty values are not sent as claims."""

    login: str
    mail: str
    surname: str = "Andersson"
    given: str = "Ann"
    badge: str = ""
    pin: str = ""
    cost: str = ""
    department: str = ""
    password: str = "a secret of the directory"


@dataclass(frozen=True)
class Relier:
    """An application that relies on the provider: its OIDC redirect address, SAML entity ID and SAML reply address."""

    redirect_uri: str
    entity_id: str
    acs_url: str


@dataclass
class IdentityProvider:
    """The running provider."""

    address: str
    folder: Path
    client_id: str = "pressroom"
    client_secret: str = "a secret of the application"
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    @property
    def well_known(self) -> str:
        return f"{self.address}/.well-known/openid-configuration"

    @property
    def saml_metadata(self) -> str:
        return f"{self.address}/saml/metadata"

    def add(self, *people: Person) -> None:
        """Make these people known, or change them."""
        with sqlite3.connect(self.folder / "people.db") as database:
            for person in people:
                values = [getattr(person, column) or None for column in COLUMNS]
                database.execute(f"INSERT OR REPLACE INTO person VALUES ({','.join('?' * len(COLUMNS))})", values)


@contextmanager
def identity_provider(folder: Path, relier: Relier) -> Iterator[IdentityProvider]:
    """A provider for one relying application, in an empty folder."""
    (port,) = free_ports(1)
    provider = IdentityProvider(f"http://127.0.0.1:{port}", folder)
    _write(provider, relier)
    with (folder / "provider.log").open("wb") as log:
        process = subprocess.Popen(
            [
                "plackup",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
                "-E",
                "deployment",
                "-I",
                folder,
                folder / "app.psgi",
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "LLNG_DEFAULTCONFFILE": str(folder / "lemonldap-ng.ini")},
            cwd=folder,
        )
    try:
        _wait_until_ready(provider, process)
        yield provider
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Visitor:
    """A browser without a screen: keeps cookies, follows redirections, fills forms in and sends them."""

    def __init__(self) -> None:
        self.client = httpx.Client(follow_redirects=False, timeout=30)

    def sign_in(self, address: str, person: Person, *, until: str) -> httpx.Request:
        """Go to the provider's `address`, sign in at its form, and stop before the request to `until…`, which is
        returned unsent: a GET with the code, or a POST with the SAML response."""
        answer = self.client.get(address)
        form = _form(answer)
        form.fields.update(user=person.login, password=person.password)
        request = self._submission(answer, form)
        while not str(request.url).startswith(until):
            answer = self.client.send(request)
            if answer.next_request is not None:
                request = answer.next_request
            else:
                request = self._submission(answer, _form(answer))
        return request

    def _submission(self, answer: httpx.Response, form: html.FormElement) -> httpx.Request:
        action = "" if form.action in (None, "#") else form.action
        values = {name: value or "" for name, value in form.form_values()}
        return self.client.build_request(form.method, answer.url.join(action), data=values)


def form_field(request: httpx.Request, name: str) -> str:
    """A field of a form that was about to be sent."""
    found = httpx.QueryParams(request.content.decode()).get(name)
    assert found is not None, request.content
    return str(found)


def _form(answer: httpx.Response) -> html.FormElement:
    assert answer.status_code == httpx.codes.OK, (answer.status_code, answer.text[:2000])
    forms = html.fromstring(answer.text).forms
    assert forms, answer.text[:4000]
    return forms[0]


def _write(provider: IdentityProvider, relier: Relier) -> None:
    folder = provider.folder
    for name in ("conf", "cache", "sessions/lock", "lasting/lock"):
        (folder / name).mkdir(parents=True)
    with sqlite3.connect(folder / "people.db") as database:
        database.execute(f"CREATE TABLE person (login TEXT PRIMARY KEY, {', '.join(COLUMNS[1:])})")
    configuration = {**_general(provider), **_oidc(provider, relier), **_saml(provider, relier)}
    (folder / "conf" / "lmConf-1.json").write_text(json.dumps(configuration))
    (folder / "lemonldap-ng.ini").write_text(
        "[all]\nlogger=Lemonldap::NG::Common::Logger::Std\nlogLevel=notice\n"
        f"[configuration]\ntype=File\ndirName={folder}/conf\nlocalStorage=Cache::FileCache\n"
        f"localStorageOptions={{'namespace'=>'conf','default_expires_in'=>600,'cache_root'=>'{folder}/cache'}}\n"
        f"[portal]\nstaticPrefix=/static\ntemplateDir={TEMPLATES}/templates\nlanguages=en\n"
    )
    # Its captcha module wants ImageMagick even where no captcha is shown.
    (folder / "NoCaptcha.pm").write_text(
        "package NoCaptcha;\nuse Mouse;\nextends 'Lemonldap::NG::Common::Module';\nsub init { 1 }\n1;\n"
    )
    (folder / "app.psgi").write_text(
        "use Plack::Builder;\nuse Lemonldap::NG::Portal::Main;\nbuilder {\n"
        f"  enable 'Static', path => sub {{ s!^/static/!! }}, root => '{TEMPLATES}/htdocs/static/';\n"
        "  enable 'Static', path => sub { s!^/javascript/!! }, root => '/usr/share/javascript/';\n"
        "  Lemonldap::NG::Portal::Main->run({});\n};\n"
    )


def _general(provider: IdentityProvider) -> dict[str, Any]:
    folder = provider.folder

    def store(name: str) -> dict[str, str]:
        return {"Directory": f"{folder}/{name}", "LockDirectory": f"{folder}/{name}/lock"}

    return {
        **{"cfgNum": 1, "cfgVersion": "2.16.1", "cfgAuthor": "tests", "cfgDate": "1", "key": "0123456789abcdef"},
        **{"portal": f"{provider.address}/", "domain": "127.0.0.1", "cookieName": "idp", "securedCookie": 0},
        **{"sameSite": "Lax", "captcha": "NoCaptcha", "captcha_mail_enabled": 0, "captcha_register_enabled": 0},
        **{"requireToken": 0, "portalDisplayRegister": 0, "portalDisplayResetPassword": 0, "loginHistoryEnabled": 0},
        **{"authentication": "DBI", "userDB": "Same", "passwordDB": "Null", "registerDB": "Null"},
        **{"dbiAuthChain": f"dbi:SQLite:dbname={folder}/people.db", "dbiAuthUser": "", "dbiAuthPassword": ""},
        **{"dbiAuthTable": "person", "dbiUserTable": "person", "userPivot": "login"},
        **{"dbiAuthLoginCol": "login", "dbiAuthPasswordCol": "password", "dbiAuthPasswordHash": ""},
        **{"dbiExportedVars": {column: column for column in COLUMNS if column != "password"}, "exportedVars": {}},
        **{"globalStorage": "Apache::Session::File", "globalStorageOptions": store("sessions")},
        **{"persistentStorage": "Apache::Session::File", "persistentStorageOptions": store("lasting")},
        "localSessionStorage": "Cache::FileCache",
        "localSessionStorageOptions": {"namespace": "s", "default_expires_in": 600, "cache_root": f"{folder}/cache"},
        **{"locationRules": {"127.0.0.1": {"default": "accept"}}, "exportedHeaders": {}, "whatToTrace": "login"},
    }


def _oidc(provider: IdentityProvider, relier: Relier) -> dict[str, Any]:
    public = provider.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    options = {
        "ClientID": provider.client_id,
        "ClientSecret": provider.client_secret,
        "RedirectUris": relier.redirect_uri,
        "IDTokenSignAlg": "RS256",
        "IDTokenForceClaims": 1,
        "BypassConsent": 1,
        "RequirePKCE": 1,
        "UserIDAttr": "login",
    }
    return {
        "issuerDBOpenIDConnectActivation": 1,
        "oidcServiceMetaDataIssuer": provider.address,
        "oidcServicePrivateKeySig": _private_key(provider),
        "oidcServicePublicKeySig": public,
        "oidcServiceKeyIdSig": "key-1",
        "oidcRPMetaDataExportedVars": {"pressroom": OIDC_CLAIMS},
        "oidcRPMetaDataOptionsExtraClaims": {"pressroom": {"profile": " ".join(OIDC_CLAIMS)}},
        "oidcRPMetaDataOptions": {
            "pressroom": {f"oidcRPMetaDataOptions{name}": value for name, value in options.items()}
        },
    }


def _saml(provider: IdentityProvider, relier: Relier) -> dict[str, Any]:
    key, certificate = _private_key(provider), certificate_of(provider.key).decode()
    metadata = (
        f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{relier.entity_id}">'
        '<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        '<AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" index="0"'
        f' isDefault="true" Location="{relier.acs_url}"/></SPSSODescriptor></EntityDescriptor>'
    )
    options = {
        "NameIDFormat": "unspecified",
        "NameIDSessionKey": "login",
        "SignSSOMessage": 1,
        "CheckSSOMessageSignature": 0,
        "EncryptionMode": "none",
        "EnableIDPInitiatedURL": 1,
    }
    basic = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
    return {
        "issuerDBSAMLActivation": 1,
        "samlEntityID": f"{provider.address}/saml/metadata",
        "samlServicePrivateKeySig": key,
        "samlServicePublicKeySig": certificate,
        "samlIDPSSODescriptorWantAuthnRequestsSigned": 0,
        "samlSPMetaDataXML": {"pressroom": {"samlSPMetaDataXML": metadata}},
        "samlSPMetaDataOptions": {
            "pressroom": {f"samlSPMetaDataOptions{name}": value for name, value in options.items()}
        },
        "samlSPMetaDataExportedAttributes": {
            "pressroom": {column: f"0;{name};{basic};" for name, column in SAML_CLAIMS.items()}
        },
    }


def _private_key(provider: IdentityProvider) -> str:
    return provider.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def _wait_until_ready(provider: IdentityProvider, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            answer = httpx.get(provider.well_known, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        if answer.status_code == httpx.codes.OK:
            return
        break
    log = (provider.folder / "provider.log").read_text(errors="replace")
    pytest.fail(f"the identity provider did not start: {log[-3000:]}")
