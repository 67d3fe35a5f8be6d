"""A package for workstations as its flow makes it: downloaded by who asked for it, and run on its own (F-25)."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.tasks.files import forget_files, open_file
from domain.tasks.models import BackgroundTask
from domain.tenancy import tenant_session
from fleet.print_packages.choice import PackageChoice
from fleet.print_packages.service import KIND, PackageState, list_packages, package_of, start_package
from flows.build_print_package import build_print_package
from steps.agent_packages import own_target
from steps.versions import VERSION
from tests.support.installation import Installation, installed


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as one:
        yield one


def test_a_package_from_the_wish_to_its_expiry(installation: Installation, tmp_path: Path) -> None:
    person = installation.add_person("kim@one.example", Role.PRINT_RELEASE_USER)
    other = installation.add_person("lee@one.example", Role.PRINT_RELEASE_ADMINISTRATOR)
    system = own_target().partition("-")[0]
    choice = PackageChoice.model_validate({"system": system, "type": "cloud"})
    asked = start_package(person, choice, "ipps://print.example.com:631/ipp/print/0123")
    assert asked.state is PackageState.BUILDING
    with pytest.raises(PressroomError, match=r"task\.files_not_ready"), open_file(person, asked.id, KIND, 0):
        pass
    build_print_package.fn(asked.id)
    ready = package_of(person, asked.id)
    assert (ready.state, len(list_packages(person)), list_packages(other)) == (PackageState.READY, 1, [])
    with pytest.raises(PressroomError, match=r"not_found"), open_file(other, asked.id, KIND, 0):
        pass

    program = tmp_path / "program"
    with open_file(person, asked.id, KIND, 0) as (document, stream):
        assert (document.name, document.size) == (ready.name, ready.size)
        with zipfile.ZipFile(BytesIO(stream.read())) as package:
            package.extractall(program)
    own = {**os.environ, "PRINTCTL_FOLDER": str(tmp_path / "printctl")}
    for arguments, expected in ((["version"], VERSION), (["config", "show"], installation.settings.public_url)):
        told = subprocess.run(
            ["sh", str(program / "printctl"), *arguments], env=own, capture_output=True, text=True, check=True, cwd="/"
        )
        assert expected in told.stdout, told.stderr

    alone = {**os.environ, "PYTHONPATH": os.pathsep.join((str(program / "app"), str(program / "lib")))}
    prepares = "import img2pdf, numpy, pikepdf, PIL, pypdfium2"  # what prints directly or by the hybrid queue
    subprocess.run([sys.executable, "-S", "-P", "-c", prepares], env=alone, check=True, cwd="/")

    with tenant_session(person.organization_id) as session:
        task = session.get_one(BackgroundTask, asked.id)
        task.finished = now() - timedelta(days=2)
        task.result = {**(task.result or {}), "expires": (now() - timedelta(days=1)).isoformat()}
    assert package_of(person, asked.id).state is PackageState.EXPIRED
    with pytest.raises(PressroomError, match=r"task\.files_expired"), open_file(person, asked.id, KIND, 0):
        pass
    assert (forget_files([KIND]), forget_files([KIND])) == (1, 0)
