"""An agent process goes from one version to the next, or stays what it was (F-15, F-16, FL-138, FL-139)."""

import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.documents import open_store
from connectors.printers.vendors import FOLDER
from domain.tenancy import system_session
from fleet.agents.models import Agent
from fleet.agents.service import create_fleet_agent
from fleet.agents.settings import AgentSettings
from fleet.agents.tasks import start_agent_task
from fleet.packages.building import NEEDED, OWN_PARTS, ROOT, build_agent, build_library, library_manifest
from fleet.packages.models import AgentPackage
from fleet.packages.offers import add_package
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.service import NewTask
from portal_api.app import create_service
from steps.agent_packages import PackageKind, PackageManifest, own_target
from steps.versions import VERSION
from tests.support.agent_processes import activate, agent_process, until
from tests.support.installation import Installation, installed
from tests.support.portal_server import serving

NEXT = "9.0.0"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "cloud") as one:
        yield one


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of a later version of the agent."""
    return later_version(tmp_path_factory.mktemp("later"))


def later_version(folder: Path, **changes: str) -> Path:
    """A package of the agent as it is, but of version 9.0.0, with texts of files replaced by others."""
    root = folder / "root"
    for part in OWN_PARTS:
        (root / part).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, root / part)
    program = root / "steps/versions.py"
    program.write_text(program.read_text().replace(f'"{VERSION}"', f'"{NEXT}"'))
    commands = root / "pressroom/agent_commands.py"
    for before, after in changes.items():
        text = commands.read_text()
        assert before in text
        commands.write_text(text.replace(before, after))
    package = folder / "package.zip"
    build_agent(package, PackageManifest(kind=PackageKind.AGENT, version=NEXT, target=own_target()), root)
    return package


def fleet_agent(office: Installation) -> tuple[str, str]:
    return create_fleet_agent(office.administrator, "North", "", AgentSettings(discovery_minutes=0))


def ended(task_id: str) -> str:
    """The status of a task that has ended, else an empty text."""
    with system_session(read_only=True) as session:
        task = session.get_one(FleetTask, task_id)
        return str(task.status) if task.finished else ""


def outcome(office: Installation, agent_id: str, kind: TaskKind = TaskKind.UPDATE_AGENT) -> tuple[str, str]:
    """Start an update, wait for its end: the task's status and the reason of its job."""
    task_id = start_agent_task(office.administrator, NewTask(kind), [agent_id])
    status = until(lambda: ended(task_id), "the update did not end")
    with system_session(read_only=True) as session:
        job = session.scalars(select(Job).where(Job.task_id == task_id)).one()
        return status, str((job.reason or {}).get("template", ""))


def versions(agent_id: str) -> tuple[str, str]:
    with system_session(read_only=True) as session:
        agent = session.get_one(Agent, agent_id)
        return agent.version, agent.library_version


def running(agent_id: str, version: str) -> None:
    """Wait until the agent has said hello in that version."""
    until(lambda: versions(agent_id)[0] == version, f"the agent does not run in version {version}")


def test_an_agent_installs_a_newer_version_and_goes_on_in_it(office: Installation, built: Path, tmp_path: Path) -> None:
    """F-15: the same process id, another program; after that it is current, also when started anew."""
    agent_id, code = fleet_agent(office)
    add_package(built)
    with serving(create_service(office.settings)) as url:
        activate(url, code, tmp_path / "agent")
        with agent_process(tmp_path / "agent") as process:
            running(agent_id, VERSION)
            assert outcome(office, agent_id) == ("completed", "")
            assert versions(agent_id)[0] == NEXT
            assert process.poll() is None
            assert outcome(office, agent_id) == ("completed_with_information", "")
        with system_session() as session:
            session.get_one(Agent, agent_id).version = ""
        with agent_process(tmp_path / "agent"):
            running(agent_id, NEXT)


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ("signature", "The package {name} is not signed by the cloud that this agent belongs to."),
        ("version", "The package {name} is not signed by the cloud that this agent belongs to."),
        ("content", "The file “{name}” did not arrive as it was sent."),
    ],
)
def test_a_package_that_is_not_what_was_signed_is_refused(
    office: Installation, built: Path, tmp_path: Path, spoilt: str, reason: str
) -> None:
    """FL-138: the agent goes on in its version and does what it is told."""
    agent_id, code = fleet_agent(office)
    add_package(built)
    spoil(office, spoilt)
    with serving(create_service(office.settings)) as url:
        activate(url, code, tmp_path / "agent")
        with agent_process(tmp_path / "agent"):
            running(agent_id, VERSION)
            assert outcome(office, agent_id) == ("failed", reason)
            assert outcome(office, agent_id, TaskKind.AGENT_LOG)[0] == "completed"
    assert versions(agent_id)[0] == VERSION
    assert not (tmp_path / "agent" / "versions" / NEXT).exists()


def spoil(office: Installation, what: str) -> None:
    with system_session() as session:
        row = session.scalars(select(AgentPackage)).one()
        if what == "signature":
            row.signature = "A" * 86 + "=="
        elif what == "version":
            row.version = "9.9.9"
        else:
            store = open_store(office.settings)
            with store.open(row.object_key) as stream:
                content = bytearray(stream.read())
            content[len(content) // 2] ^= 1
            store.put(row.object_key, io.BytesIO(content), "application/zip")


@pytest.mark.parametrize(
    ("change", "limit", "reason"),
    [
        # it does not even start: found out before anything is changed
        (
            {"    printer_steps()\n    sys.stdout": "    raise SystemExit(3)\n    sys.stdout"},
            "90",
            "cannot be installed",
        ),
        # it starts and falls as soon as it works
        (
            {"    threading.Thread(target=_end": "    raise SystemExit(4)\n    threading.Thread(target=_end"},
            "90",
            "code 4",
        ),
        # it runs and never reaches the cloud
        ({"        asyncio.run(_run(": "        asyncio.run(asyncio.sleep(600)) or (_run("}, "8", "within 8 seconds"),
    ],
)
def test_an_agent_whose_new_version_does_not_come_up_goes_back(
    office: Installation, tmp_path: Path, change: dict[str, str], limit: str, reason: str
) -> None:
    agent_id, code = fleet_agent(office)
    add_package(later_version(tmp_path, **change))
    with serving(create_service(office.settings)) as url:
        activate(url, code, tmp_path / "agent")
        with agent_process(tmp_path / "agent", "--trial-seconds", limit):
            running(agent_id, VERSION)
            task_id = start_agent_task(office.administrator, NewTask(TaskKind.UPDATE_AGENT), [agent_id])
            assert until(lambda: ended(task_id), "the update did not end") == "failed"
            assert outcome(office, agent_id, TaskKind.AGENT_LOG)[0] == "completed"
    with system_session(read_only=True) as session:
        told = session.scalars(select(Job).where(Job.task_id == task_id)).one().reason
    assert told is not None
    assert reason in " ".join((told["template"], *map(str, told["facts"].values())))
    assert versions(agent_id)[0] == VERSION


def test_an_agent_takes_over_a_newer_printer_support_library(office: Installation, tmp_path: Path) -> None:
    """FL-139: without starting again, and it is still there after a start."""
    agent_id, code = fleet_agent(office)
    folder = tmp_path / "vendors"
    shutil.copytree(FOLDER, folder)
    (folder / "newcomer.yaml").write_text("name: Newcomer\nwords: [Newcomer]\n", encoding="utf-8")
    build_library(tmp_path / "library.zip", library_manifest("1.5.0"), folder)
    with serving(create_service(office.settings)) as url:
        activate(url, code, tmp_path / "agent")
        with agent_process(tmp_path / "agent"):
            running(agent_id, VERSION)
            assert outcome(office, agent_id, TaskKind.UPDATE_LIBRARY) == ("completed_with_information", "")
            add_package(tmp_path / "library.zip")
            assert outcome(office, agent_id, TaskKind.UPDATE_LIBRARY) == ("completed", "")
            assert versions(agent_id)[1] == "1.5.0"
        with system_session() as session:
            session.get_one(Agent, agent_id).library_version = ""
        with agent_process(tmp_path / "agent"):
            until(lambda: versions(agent_id)[1] == "1.5.0", "the library was forgotten")
    assert (tmp_path / "agent/library/vendors/newcomer.yaml").exists()


def test_a_package_needs_nothing_of_the_installation_around_it(built: Path, tmp_path: Path) -> None:
    """FL-123: a Python without any packages of its own runs it."""
    with zipfile.ZipFile(built) as archive:
        archive.extractall(tmp_path)
        assert json.loads(archive.read("manifest.json")) == {"kind": "agent", "version": NEXT, "target": own_target()}
    places = f"{tmp_path}/app:{tmp_path}/lib"
    command = [sys.executable, "-S", "-P", "-m", "pressroom.agent", "version"]
    said = subprocess.run(
        command, env={"PYTHONPATH": places}, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (said.stdout, said.stderr) == (f"{NEXT}\n", "")
    assert "fastapi" not in NEEDED
