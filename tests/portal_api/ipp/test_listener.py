"""The print service on a port of its own: TLS with its own certificate, announced by mDNS, and nothing else there."""

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from zeroconf import IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

from connectors.errors import PressroomError
from connectors.ipp.service.statuses import Status
from connectors.ipp.wire import decode
from connectors.settings import Settings, get_settings
from domain.print_access.callers import organization_name
from portal_api.ipp.announcement import SECURE, SUBTYPES, Announced, Announcer, announced
from portal_api.ipp.public_addresses import queue_addresses
from pressroom.print_certificate import HALF_GIVEN, certificate_files
from tests.support.installation import installed
from tests.support.print_service import GET_PRINTER, Computer, print_service


def test_it_serves_queues_over_tls_and_nothing_else(tmp_path: Path) -> None:
    with print_service(tmp_path / "home", is_secure=True) as service:
        certificate, _ = certificate_files(get_settings())
        computer = service.printer_of(service.person())
        headers = {"Content-Type": "application/ipp"}
        with httpx.Client(base_url=service.address, verify=str(certificate), trust_env=False) as client:
            answer = client.post(computer.path, content=computer.message(GET_PRINTER), headers=headers)
            described = decode(answer.content)[0]
            assert described.code == Status.OK
            printer = described.groups[1].attributes
            assert printer["printer-uri-supported"].value == service.address.replace("https", "ipps") + computer.path
            assert printer["uri-security-supported"].value == "tls"
            for path in ("/", "/sign-in", "/api/v1/me", "/readyz"):
                assert client.get(path).status_code == 404, path
            assert client.get("/healthz").status_code == 200, "what container health checks ask"


def test_the_certificate_is_made_once_kept_and_made_anew_before_it_ends(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, ipp_host="192.0.2.7")
    certificate, key = certificate_files(settings)
    first = certificate.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert certificate_files(settings) == (certificate, key)
    assert certificate.read_bytes() == first
    made = x509.load_pem_x509_certificate(first)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "192.0.2.7" in [str(one) for one in names.get_values_for_type(x509.IPAddress)]
    assert made.not_valid_after_utc > datetime.now(UTC) + timedelta(days=3000)


def test_a_certificate_that_is_given_by_half_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PressroomError) as refused:
        certificate_files(Settings(home=tmp_path, ipp_certificate=tmp_path / "nothing.pem"))
    assert refused.value.fault is HALF_GIVEN


@pytest.mark.parametrize(
    ("settings", "host"),
    [
        ({}, "127.0.0.1:8632"),
        ({"ipp_host": "print.example", "ipp_port": 631}, "print.example:631"),
        ({"ipp_url": "https://print.example"}, "print.example:443"),
        ({"portal_url": "https://portal.example"}, "portal.example:443"),
        ({"portal_url": "https://portal.example", "ipp_url": "https://[2001:db8::1]:631"}, "[2001:db8::1]:631"),
    ],
)
def test_people_are_told_where_it_is(monkeypatch: pytest.MonkeyPatch, settings: dict[str, object], host: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"PRESSROOM_{name.upper()}", str(value))
    get_settings.cache_clear()
    try:
        addresses = queue_addresses("0123456789abcdef")
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
    assert addresses.ipps == f"ipps://{host}/ipp/print/0123456789ab"
    assert addresses.https == f"https://{host}/ipp/print/0123456789ab"


def test_queues_are_found_by_those_who_look_for_printers(tmp_path: Path) -> None:
    with installed(tmp_path / "home", ipp_announce="127.0.0.1", ipp_port="8699") as installation:
        asyncio.run(_look(installation.settings))


async def _look(settings: Settings) -> None:
    wanted = {one.address.organization: one for one in await asyncio.to_thread(announced, settings)}
    assert len(wanted) == 2, "both organizations"
    async with _announcing(settings):
        for subtype in SUBTYPES:
            found = await _found(subtype + SECURE, wanted)
            for one in wanted.values():
                assert f"Pressroom {one.address.organization}.{SECURE}" in found
        responder = AsyncZeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
        one = next(iter(wanted.values()))
        info = await responder.async_get_service_info(SECURE, f"Pressroom {one.address.organization}.{SECURE}", 10_000)
        await responder.async_close()
    assert info is not None
    assert info.port == 8699
    told = info.decoded_properties
    assert told["rp"] == f"ipp/print/{one.address.organization}"
    assert told["TLS"] == "1.2"
    assert "image/urf" in str(told["pdl"])


@asynccontextmanager
async def _announcing(settings: Settings) -> AsyncIterator[None]:
    work = asyncio.create_task(Announcer(settings).run())
    try:
        yield
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


async def _found(kind: str, wanted: dict[str, Announced]) -> set[str]:
    """The names under which queues were seen, as soon as all that are wanted were."""
    names, all_seen = set[str](), asyncio.Event()

    def note(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if state_change is not ServiceStateChange.Removed:
            names.add(name)
        if all(any(each in one for one in names) for each in wanted):
            all_seen.set()

    responder = AsyncZeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
    browser = AsyncServiceBrowser(responder.zeroconf, kind, handlers=[note])
    try:
        await asyncio.wait_for(all_seen.wait(), 30)
    finally:
        await browser.async_cancel()
        await responder.async_close()
    return names


def test_only_what_may_be_in_the_clear_is_announced_so(tmp_path: Path) -> None:
    with installed(tmp_path / "home", ipp_in_the_clear="true") as installation:
        name = organization_name(installation.administrator.organization_id)
        kinds = {one.address.is_secure for one in announced(installation.settings) if one.address.organization == name}
    assert kinds == {True, False}


def test_a_computer_finds_its_queue_by_the_address_that_it_was_told(tmp_path: Path) -> None:
    with print_service(tmp_path / "home") as service:
        path = queue_addresses(service.installation.administrator.organization_id).https.partition("/ipp")[2]
        assert Computer(service.address, f"/ipp{path}").ask(GET_PRINTER).code == Status.OK
