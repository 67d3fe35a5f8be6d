"""The agent of a workstation goes from one version to the next by itself, or stays what it was (PR-303, PR-331)."""

import os
import shutil
import subprocess
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.organizations.actor import Actor
from domain.print_clients.models import PrintClient
from domain.tenancy import system_session
from fleet.packages.models import AgentPackage
from fleet.packages.offers import publish
from fleet.print_packages.contents import PROGRAM
from fleet.print_packages.updates import build_workstation, workstation_manifest
from pressroom.agent.launcher import CHOSEN, CONFIRMED, VERSIONS, read
from pressroom.workstation.folder import WorkstationFolder
from pressroom.workstation.updating import planned
from steps.versions import VERSION
from tests.printers_sim.conftest import wait_until
from tests.support.nodes import set_settings
from tests.support.print_service import Service, print_service
from tests.support.workstations import SECONDS, Workstation

ROOT = Path(__file__).parents[2]
FORMER = "2.1.0"


@dataclass
class Installed(Workstation):
    """A workstation on which the program was installed in a former version."""

    root: Path = ROOT

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        kept = {name: os.environ.get(name) for name in ("PYTHONPATH", "PYTHONSAFEPATH", "PRINTCTL_TRIAL_SECONDS")}
        os.environ.update(PYTHONPATH=str(self.root), PYTHONSAFEPATH="1", PRINTCTL_TRIAL_SECONDS="60")
        try:
            return super().start(*arguments)
        finally:
            for name, value in kept.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


def program(folder: Path, version: str, **changes: str) -> Path:
    """The program as it is, in another version, with texts of its commands replaced by others."""
    for part in PROGRAM:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, folder / part)
    versions, commands = folder / "steps/versions.py", folder / "pressroom/workstation/commands.py"
    versions.write_text(versions.read_text().replace(f'"{VERSION}"', f'"{version}"'))
    for before, after in changes.items():
        text = commands.read_text()
        assert before in text
        commands.write_text(text.replace(before, after))
    return folder


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the program needs of others is installed here; its package has only its own part, which is faster."""
    folder = tmp_path_factory.mktemp("wheels")
    with zipfile.ZipFile(folder / "nothing-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("nothing.py", "")
    return folder


@pytest.fixture(scope="module")
def former(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return program(tmp_path_factory.mktemp("former"), FORMER)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with print_service(tmp_path_factory.mktemp("portal")) as one:
        set_settings(one.installation.administrator.organization_id, clients={"auto_update_enabled": True})
        yield one


@pytest.fixture
def laptop(service: Service, former: Path, tmp_path: Path) -> Iterator[Installed]:
    with system_session() as session:
        session.query(AgentPackage).delete()
    one = Installed(tmp_path / "printctl", service.address, root=former)
    yield one
    one.close()


def offer(root: Path, wheels: Path) -> None:
    """The portal's release is what `root` holds."""
    manifest = workstation_manifest()
    publish(manifest, lambda path: build_workstation(path, manifest, root, wheels))


def client(person: Actor) -> PrintClient:
    with system_session(read_only=True) as session:
        found = session.query(PrintClient).filter_by(user_id=person.user_id).one()
        session.expunge(found)
        return found


def test_an_agent_installs_the_version_that_is_wanted_and_goes_on_in_it(
    service: Service, laptop: Installed, wheels: Path
) -> None:
    """The same process, another program; commands are of that version too."""
    offer(ROOT, wheels)
    person = service.person("updated")
    laptop.sign_in(person)
    assert f"Version {VERSION} is wanted" in laptop.run("update", "check")
    agent = laptop.agent()
    wait_until(lambda: client(person).version == VERSION, SECONDS)
    assert agent.poll() is None
    wait_until(lambda: read(laptop.folder / VERSIONS / CHOSEN).get("state") == CONFIRMED, SECONDS)
    assert laptop.run("version").strip() == VERSION
    laptop.close()
    assert agent.returncode == 0


def test_a_version_that_does_not_come_up_is_given_up(
    service: Service, laptop: Installed, wheels: Path, tmp_path: Path
) -> None:
    """The former one works on; the portal is told why, and it is not tried again."""
    offer(program(tmp_path / "broken", VERSION, **{"    end_with_launcher()\n": "    raise SystemExit(7)\n"}), wheels)
    person = service.person("broken")
    laptop.sign_in(person)
    agent = laptop.agent()
    wait_until(lambda: "ended with code 7" in client(person).update_problem, SECONDS)
    assert client(person).version == FORMER
    assert agent.poll() is None
    assert "was not installed" in laptop.run("update", "check")


def test_what_is_not_as_it_was_signed_is_not_installed(service: Service, laptop: Installed, wheels: Path) -> None:
    offer(ROOT, wheels)
    with system_session() as session:
        session.query(AgentPackage).one().sha256 = "a" * 64
    person = service.person("spoilt")
    laptop.sign_in(person)
    laptop.agent()
    wait_until(lambda: "is not signed" in client(person).update_problem, SECONDS)
    assert not list((laptop.folder / "versions").glob(VERSION))


@pytest.mark.parametrize(
    ("update", "least", "most"),
    [
        ({"state": "update_now"}, 0, 1),
        ({"state": "update_within", "days": 1}, 0, 86_400),
        ({"state": "update_within", "days": 7}, 0, 7 * 86_400),
        ({"state": "update_now", "at": "03:30:00"}, 0, 86_400),
        ({"state": "update_blocked"}, None, None),
        ({"state": "up_to_date"}, None, None),
        ({"state": "too_old"}, None, None),
        ({"state": "too_old", "is_automatic": False}, None, None),
        ({"state": "too_old", "is_automatic": True}, 0, 1),
    ],
)
def test_when_a_version_is_installed(
    tmp_path: Path, update: dict[str, str | int], least: float | None, most: float | None
) -> None:
    """PR-268, PR-305: within days, at a moment that stays, and another one for other workstations.

    A version that is too old for the portal replaces itself at once, where updates are wanted.
    """
    answer = {"update": {"version": "9.0.0", **update}}
    folders = [WorkstationFolder(tmp_path / name) for name in ("one", "two")]
    now = time.time()
    plans = [planned(folder, answer) for folder in folders]
    if least is None or most is None:
        assert plans == [None, None]
        return
    due = [plan.due for plan in plans if plan is not None]
    assert len(due) == 2
    assert all(now + least - 1 <= one <= time.time() + most for one in due)
    assert [planned(folder, answer) for folder in folders] == plans
    if update["state"] == "update_within":
        assert due[0] != due[1]
        assert planned(folders[0], {"update": {"version": "9.0.0", "state": "update_now"}}).due <= time.time()
