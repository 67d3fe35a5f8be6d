"""The guard against addresses inside the network: what is public, and that nothing can change after the check."""

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.errors import PressroomError
from connectors.settings import Settings
from connectors.storage import faults, open_storage
from connectors.storage.network import GuardedTransport, guarded_pool, public_address
from steps.contract import StorageAccount
from tests.support.failing_http import answering

NAME = "storage.example"
real_look_up = socket.getaddrinfo


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "[::1]",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_addresses_inside_are_refused(host: str) -> None:
    with pytest.raises(PressroomError) as caught:
        public_address(host, 443, "WebDAV")
    assert caught.value.fault is faults.UNSAFE_ADDRESS


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_pass(host: str) -> None:
    assert public_address(host, 443, "WebDAV") == host


def test_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: found)
    with pytest.raises(PressroomError) as caught:
        public_address(NAME, 443, "WebDAV")
    assert caught.value.fault is faults.UNSAFE_ADDRESS


def test_a_name_that_does_not_exist_is_unreachable() -> None:
    with pytest.raises(PressroomError) as caught:
        public_address("no-such-host.invalid", 443, "WebDAV")
    assert caught.value.fault is faults.STORAGE_UNREACHABLE


@pytest.mark.parametrize("provider", ["webdav", "s3"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_inside_gets_no_request(provider: str, scheme: str, tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes(b"the letter")
    with answering(200, b"", {}) as (endpoint, seen):
        options = {"address": f"{scheme}://{endpoint}/", "user": "ann", "endpoint": endpoint, "bucket": "bucket"}
        options["secure"] = str(scheme == "https").lower()
        secrets = {"password": "p", "access_key": "a", "secret_key": "s"}
        account = StorageAccount(provider, "ann", options, secrets, lambda _secrets: None)
        storage = open_storage(account, Settings(_env_file=None))
        with pytest.raises(PressroomError) as caught:
            storage.upload(path, "a.pdf", "", "key", lambda done, total: None)
        assert caught.value.fault is faults.UNSAFE_ADDRESS
        assert seen == []


@dataclass
class TlsServer:
    """A web server whose certificate is for `NAME`; `names` are those that clients asked for."""

    port: int
    authority: ssl.SSLContext
    names: list[str | None] = field(default_factory=list)


@pytest.fixture
def tls_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TlsServer]:
    """On 127.0.0.1, which passes for public here; the name may be looked up only once."""
    certificate = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers["Host"].encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(host)))
            self.end_headers()
            self.wfile.write(host)

        def log_message(self, *arguments: object) -> None:
            """Stay silent."""

    web = HTTPServer(("127.0.0.1", 0), Handler)
    server = TlsServer(web.server_address[1], ssl.create_default_context(cafile=str(certificate)))
    context.sni_callback = lambda _socket, name, _context: server.names.append(name)
    web.socket = context.wrap_socket(web.socket, server_side=True)
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr("connectors.storage.network._is_public", lambda address: address == "127.0.0.1")
    monkeypatch.setattr(socket, "getaddrinfo", _look_up_once())
    yield server
    web.shutdown()
    web.server_close()
    thread.join(timeout=10)


def _look_up_once() -> Callable[..., Any]:
    asked: list[str] = []

    def look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name != "127.0.0.1":
            assert name not in asked, "the name was looked up a second time"
            asked.append(name)
        return real_look_up("127.0.0.1", *arguments, **options)

    return look_up


def _certificate(folder: Path) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_the_connection_goes_to_the_checked_address_and_the_certificate_to_the_name(tls_server: TlsServer) -> None:
    with httpx.Client(transport=GuardedTransport("WebDAV", tls_server.authority)) as client:
        answer = client.get(f"https://{NAME}:{tls_server.port}/")
    assert answer.text == f"{NAME}:{tls_server.port}"
    assert tls_server.names == [NAME]


def test_a_certificate_for_another_name_is_not_accepted(tls_server: TlsServer) -> None:
    client = httpx.Client(transport=GuardedTransport("WebDAV", tls_server.authority))
    with client, pytest.raises(httpx.ConnectError, match="certificate"):
        client.get(f"https://other.example:{tls_server.port}/")


def test_the_same_holds_for_s3_connections(tls_server: TlsServer, tmp_path: Path) -> None:
    pools = guarded_pool("S3", ca_certs=str(tmp_path / "server.pem"), retries=False)
    answer = pools.request("GET", f"https://{NAME}:{tls_server.port}/")
    assert answer.data.decode() == f"{NAME}:{tls_server.port}"
    assert tls_server.names == [NAME]
    with pytest.raises(PressroomError) as caught:
        pools.request("GET", f"http://{NAME}:{tls_server.port}/")
    assert caught.value.fault is faults.UNSAFE_ADDRESS
