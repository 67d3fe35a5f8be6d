"""Where on the way to the cloud it ends (TS-21, TS-22): tried with real names, sockets and certificates."""

import asyncio
import ssl
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.installation import free_port
from pressroom.agent.way import CERTIFICATE, CONNECTION, NAME, way_to
from tests.support.certificates import certificate_of


def told(server: str, proxy: str = "") -> list[tuple[str, str]]:
    async def stages() -> list[tuple[str, str]]:
        return [(one.name, str(one.problem or "")) async for one in way_to(server, proxy)]

    return asyncio.run(stages())


def test_a_name_that_nobody_knows() -> None:
    for host in ("portal.invalid", "portal..example"):
        ((name, problem),) = told(f"https://{host}")
        assert name == NAME
        assert f"{host} cannot be looked up" in problem


def test_a_port_that_a_firewall_keeps_closed() -> None:
    port = free_port()
    (named, connected) = told(f"https://127.0.0.1:{port}")
    assert named == (NAME, "")
    assert connected[0] == CONNECTION
    assert f"takes no connection on port {port}" in connected[1]


def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    file = tmp_path / "server.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(pem + certificate_of(key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    async def stages() -> list[tuple[str, str]]:
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return [(one.name, str(one.problem or "")) async for one in way_to(f"https://127.0.0.1:{port}")]

    named, connected, certified = asyncio.run(stages())
    assert (named, connected) == ((NAME, ""), (CONNECTION, ""))
    assert certified[0] == CERTIFICATE
    assert "is not trusted: self" in certified[1]


def test_with_a_proxy_it_is_the_way_to_the_proxy() -> None:
    """The name of the cloud is the proxy's to look up."""
    port = free_port()
    stages = told("https://portal.invalid", f"http://127.0.0.1:{port}")
    assert [name for name, _problem in stages] == [NAME, CONNECTION]
