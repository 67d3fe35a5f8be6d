"""Installation packages: by download and by a mailed link that lasts for a while (FL-123, FL-124, FL-156)."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from connectors.errors import PressroomError
from domain.mail.models import OutgoingMail
from domain.organizations.models import now
from domain.tenancy import system_session
from fleet.agents.service import create_fleet_agent, deactivate_agent, delete_agent
from fleet.agents.settings import AgentSettings
from fleet.packages import installation
from fleet.packages.building import NO_WHEELS, build_agent
from fleet.packages.installation import LINK_PATH, download_package, mail_link, open_link, package_of_link
from fleet.packages.models import InstallationLink
from fleet.packages.offers import OTHER_CONTENT, add_package, targets
from portal_api.app import create_service
from steps.agent_packages import PackageKind, PackageManifest, own_target
from steps.printers.agent_itself import VERSION
from tests.support.installation import Installation, installed

WINDOWS = "windows-x86_64-cp311"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "cloud") as one:
        yield one


def fleet_agent(office: Installation) -> str:
    return create_fleet_agent(office.administrator, "North", "", AgentSettings())[0]


def mailed(office: Installation, agent_id: str | None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Mail a link; returns its token, which is told only in the mail."""
    sent: list[str] = []
    monkeypatch.setattr(installation, "queue_mail", lambda *_given, link, **_named: sent.append(link))
    mail_link(office.administrator, agent_id, "installer@customer.example")
    return sent[0].rpartition("/")[2]


def test_a_package_brings_all_that_an_agent_needs_and_knows_its_portal(office: Installation) -> None:
    package = download_package(office.administrator, own_target(), licence_accepted=True)
    with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
        names = set(archive.namelist())
        assert json.loads(archive.read("portal.json")) == {"portal": office.settings.public_url}
        launcher = archive.getinfo("pressroom-agent")
    assert {"README.txt", "pressroom-agent.cmd", "app/pressroom/agent/launcher.py"} <= names
    assert launcher.external_attr >> 16 & 0o111
    assert not any("test" in name.split("/")[0] or name.startswith(("app/domain", "app/fleet")) for name in names)


@pytest.mark.parametrize(
    ("target", "accepted", "code"),
    [
        (own_target(), False, "installation.licence_needed"),
        (WINDOWS, True, "installation.no_target"),
        ("../../etc", True, "installation.no_target"),
    ],
)
def test_no_package_without_licence_or_for_unknown_systems(
    office: Installation, target: str, accepted: bool, code: str
) -> None:
    with pytest.raises(PressroomError) as refused:
        download_package(office.administrator, target, licence_accepted=accepted)
    assert refused.value.code == code


def test_an_operator_adds_packages_for_other_systems_from_wheels(office: Installation, tmp_path: Path) -> None:
    """No registry is asked: the wheels are files."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    manifest = PackageManifest(kind=PackageKind.AGENT, version=VERSION, target=WINDOWS)
    with pytest.raises(PressroomError) as refused:
        build_agent(tmp_path / "empty.zip", manifest, wheels=wheels)
    assert refused.value.code == NO_WHEELS.code
    with zipfile.ZipFile(wheels / "thing-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("thing/__init__.py", "one = 1\n")
        wheel.writestr("thing-1.0.data/scripts/thing", "")
    build_agent(tmp_path / "windows.zip", manifest, wheels=wheels)
    add_package(tmp_path / "windows.zip")
    assert targets() == sorted([own_target(), WINDOWS])
    package = download_package(office.administrator, WINDOWS, licence_accepted=True)
    with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
        assert [name for name in archive.namelist() if name.startswith("lib/")] == ["lib/thing/__init__.py"]
    with zipfile.ZipFile(tmp_path / "windows.zip", "a") as changed:
        changed.writestr("more.txt", "")
    with pytest.raises(PressroomError) as twice:
        add_package(tmp_path / "windows.zip")
    assert twice.value.code == OTHER_CONTENT.code


def test_a_mailed_link_leads_to_the_package_until_it_expires(
    office: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FL-447."""
    token = mailed(office, fleet_agent(office), monkeypatch)
    client = TestClient(create_service(office.settings))
    page = client.get(f"{LINK_PATH}{token}")
    assert page.status_code == 200
    assert "North" in page.text
    assert own_target() in page.text
    asked = {"target": own_target(), "licences": "accepted"}
    answer = client.get(f"{LINK_PATH}{token}/package", params=asked)
    assert answer.status_code == 200
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
    assert client.get(f"{LINK_PATH}{token}/package", params={"target": own_target()}).status_code == 409
    with system_session() as session:
        session.execute(update(InstallationLink).values(expires=now() - timedelta(seconds=1)))
    assert client.get(f"{LINK_PATH}{token}").status_code == 410
    assert client.get(f"{LINK_PATH}{token}/package", params=asked).status_code == 410


@pytest.mark.parametrize("how", ["deleted", "guessed"])
def test_a_link_without_its_agent_is_worth_nothing(
    office: Installation, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    agent_id = fleet_agent(office)
    token = mailed(office, agent_id, monkeypatch)
    deactivate_agent(office.administrator, agent_id)
    assert open_link(token).agent == "North"
    if how == "deleted":
        delete_agent(office.administrator, agent_id)
    else:
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    with pytest.raises(PressroomError) as refused:
        package_of_link(token, own_target(), licence_accepted=True, address="127.0.0.1")
    assert refused.value.code == "installation.link_invalid"


def test_the_mail_holds_neither_the_code_nor_an_address_that_is_none(office: Installation) -> None:
    agent_id = fleet_agent(office)
    mail_link(office.administrator, agent_id, "installer@customer.example")
    with pytest.raises(PressroomError) as refused:
        mail_link(office.administrator, agent_id, "nobody")
    assert refused.value.code == "installation.bad_address"
    with pytest.raises(PressroomError) as foreign:
        mail_link(office.stranger, agent_id, "installer@customer.example")
    assert foreign.value.code == "not_found"
    with system_session(read_only=True) as session:
        assert len(session.scalars(select(OutgoingMail)).all()) == 1
