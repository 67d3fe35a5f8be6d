"""Single files deployed to simulated printers (F-20)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.documents import open_store
from connectors.settings import get_settings
from fleet.configurations.deployment import deploy_file, deploy_upload
from fleet.tasks.kinds import TaskKind
from fleet.tasks.status import JobStatus
from printers_sim.device.settings import setting
from printers_sim.packages import app_package, settings_bundle, settings_file
from tests.fleet.configurations.configured_office import code_of, firmware
from tests.fleet.simulated_office import SimulatedOffice
from tests.support.configurations import add_file
from tests.support.fleet import add_printers

FILES: dict[str, tuple[str, Callable[[], bytes], JobStatus]] = {
    "a settings file": ("a.ucf", lambda: settings_file({"fax.rings": 9}).encode(), JobStatus.COMPLETED),
    "a bundle": ("a.zip", lambda: settings_bundle(settings={"fax.rings": 9}), JobStatus.COMPLETED),
    "an app": ("a.fls", lambda: app_package("scan", "Scan", "2.1"), JobStatus.COMPLETED),
    "a value that is wrong": ("a.ucf", lambda: settings_file({"fax.rings": 99}).encode(), JobStatus.FAILED),
    "a bundle in part": (
        "a.zip",
        lambda: settings_bundle(settings={"fax.rings": 9}, files={"x.exe": b"MZ"}),
        JobStatus.FAILED,
    ),
    "a file for another model": (
        "a.ucf",
        lambda: settings_file({"fax.rings": 9}, "PX M2250").encode(),
        JobStatus.NOT_SUPPORTED,
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_single_file_is_deployed(office: SimulatedOffice, tmp_path: Path, case: str) -> None:
    """F-20, FL-269, FL-273: the printer's own report is read. FL-275: a bundle that fails advises a refresh."""
    name, content, expected = FILES[case]
    path = tmp_path / "upload"
    path.write_bytes(content())
    task_id = deploy_upload(office.administrator, path, name, [office.id_of()])
    office.work(task_id)
    job = office.job(task_id)
    assert job.status == expected, office.outcome(task_id)
    if name == "a.zip" and expected is JobStatus.FAILED:
        assert "Refresh the printer's information" in job.warnings[0]["template"]
    if expected is JobStatus.COMPLETED:
        assert job.components


def test_a_printer_that_is_silent_after_a_bundle_is_waited_for(office: SimulatedOffice, tmp_path: Path) -> None:
    """TS-27: the tasks after it find a printer that answers, and do not fail one after the other."""
    office.device().knobs.bundle_seconds = 0.6
    path = tmp_path / "upload"
    path.write_bytes(settings_bundle(settings={"fax.rings": 9}))
    task_id = deploy_upload(office.administrator, path, "a.zip", [office.id_of()])
    office.work(task_id)
    assert office.job(task_id).status == JobStatus.COMPLETED
    next_one = office.do(TaskKind.REFRESH)
    assert office.outcome(next_one)[0] is JobStatus.COMPLETED


def test_a_file_of_the_library_is_deployed_too(office: SimulatedOffice) -> None:
    actor = office.administrator
    resource_id = add_file(actor, "a.ucf", settings_file({"fax.rings": 9}).encode())
    office.work(deploy_file(actor, resource_id, [office.id_of()]))
    assert setting(office.device(), "fax.rings") == 9
    image = deploy_file(actor, firmware(office, "230.347"), [office.id_of()])
    office.work(image)
    assert office.outcome(image) == (JobStatus.FAILED, "Firmware is not deployed as a file.")


def test_a_file_that_goes_nowhere_is_not_kept(office: SimulatedOffice, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(settings_file({"fax.rings": 9}).encode())
    foreign = add_printers(office.installation.stranger.organization_id, 1)
    assert code_of(deploy_upload, office.administrator, path, "a.ucf", foreign) == "not_found"
    assert list(open_store(get_settings()).list(office.home)) == []
