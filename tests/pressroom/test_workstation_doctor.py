"""`printctl doctor`: each thing that keeps a workstation from printing is found, and said with its remedy (PR-330)."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import FastAPI

from pressroom.workstation.doctor import Finding, examine
from pressroom.workstation.folder import Identity, WorkstationFolder
from tests.printers_sim.conftest import wait_until
from tests.support.certificates import certificate_of
from tests.support.portal_server import serving
from tests.support.print_service import Service, print_service
from tests.support.workstations import SECONDS, Workstation

NOWHERE = Identity("https://portal.invalid", "prt_x", "2099-01-01T00:00:00+00:00", "anna@pressroom.example")


def found(path: Path) -> dict[str, Finding]:
    """The findings by what they are about; of several, one that is not well."""
    findings = asyncio.run(examine(WorkstationFolder(path)))
    assert all(one.remedy for one in findings if not one.ok), "nothing that is wrong without a remedy"
    return {one.part: one for one in findings} | {one.part: one for one in findings if not one.ok}


def configure(path: Path, **groups: object) -> None:
    WorkstationFolder(path)
    (path / "client.json").write_text(json.dumps(groups))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with print_service(tmp_path_factory.mktemp("portal")) as one:
        yield one


def test_a_workstation_that_prints_has_nothing_wrong(service: Service, tmp_path: Path) -> None:
    workstation = Workstation(tmp_path / "printctl", service.address)
    try:
        workstation.sign_in(service.person("doctor"))
        workstation.agent()
        wait_until(lambda: WorkstationFolder(workstation.folder).status().get("state") == "online", SECONDS)
        findings = json.loads(workstation.run("doctor", "--json"))
        assert [one for one in findings if not one["ok"]] == []
        assert {"folder", "agent", "portal", "clock", "sign-in", "modes", "version"} <= {
            one["part"] for one in findings
        }
    finally:
        workstation.close()
    stopped = found(workstation.folder)
    assert [part for part, one in stopped.items() if not one.ok] == ["agent"]
    folder = WorkstationFolder(workstation.folder)
    soon = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    folder.keep_identity(replace(folder.identity(), expires=soon))
    assert "before it ends" in found(workstation.folder)["sign-in"].remedy
    folder.keep_identity(replace(folder.identity(), token="prt_revoked"))
    assert "printctl login" in found(workstation.folder)["sign-in"].remedy


def test_what_is_wrong_with_folder_and_configuration(tmp_path: Path) -> None:
    """TS-44, TS-46: which file was looked for and whether it is there, what it asks for, and what means nothing."""
    assert "printctl login" in found(tmp_path)["sign-in"].remedy
    file = tmp_path / "client.json"
    assert found(tmp_path)["configuration"].text == f"{file} is not there, so the defaults hold; modes: cloud"
    configure(tmp_path, modes=["direct"])
    assert found(tmp_path)["configuration"].text == f"{file}; modes: direct"
    configure(tmp_path, colour="blue")
    assert found(tmp_path)["configuration"].text == f"{file}; keys that mean nothing: colour"
    configure(tmp_path, modes=["telepathy"])
    assert not found(tmp_path)["configuration"].ok
    (tmp_path / "not.pem").write_text("no certificate")
    configure(tmp_path, certificateValidationSettings={"authorityFile": str(tmp_path / "not.pem")})
    assert not found(tmp_path)["authority"].ok
    refused = tmp_path / "spool" / "refused"
    refused.mkdir(parents=True)
    (refused / "bad.exe.reason").write_text("It cannot be printed.")
    configure(tmp_path, spoolSettings={"folder": str(tmp_path / "spool")})
    assert found(tmp_path)["spool folder"].text == "refused documents: 1"


def test_what_is_in_the_way_to_the_portal(tmp_path: Path) -> None:
    folder = WorkstationFolder(tmp_path)
    for portal, words in (
        ("https://portal.invalid", "name of the portal cannot be looked up"),
        ("http://127.0.0.1:9", "the portal takes no connection"),
    ):
        folder.keep_identity(replace(NOWHERE, portal=portal))
        assert words in found(tmp_path)["portal"].text
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    files = tmp_path / "chain.pem", tmp_path / "key.pem"
    files[0].write_bytes(certificate_of(key))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with serving(FastAPI(), certificate=files) as address:
        folder.keep_identity(replace(NOWHERE, portal=address))
        assert "authorityFile" in found(tmp_path)["portal"].remedy
    configure(tmp_path, webProxySettings={"enabled": True, "address": "http://127.0.0.1:9"})
    folder.keep_identity(NOWHERE)
    assert "the proxy takes no connection" in found(tmp_path)["portal"].text
