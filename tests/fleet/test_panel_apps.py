"""Panel apps: started, stopped, updated, uninstalled on simulated printers; the catalogue and the apps of the fleet."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.messages import Message, fill
from domain.organizations.roles import Role
from domain.tenancy import tenant_session
from fleet.panel_apps.catalogue import AppUpdate
from fleet.panel_apps.overview import (
    apps_on,
    count_printers_with,
    export_apps,
    export_printers_with,
    fleet_apps,
    printers_with,
)
from fleet.panel_apps.service import add_package, delete_package, set_minimum
from fleet.panel_apps.to_library import offered_apps, take_into_library
from fleet.printers.cells import Words
from fleet.printers.models import PrinterApp
from fleet.resources.service import list_resources
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import Job
from fleet.tasks.status import JobStatus
from printers_sim.device.state import InstalledApp
from printers_sim.knobs import FailingStep
from printers_sim.packages import app_package, firmware_image
from tests.fleet.simulated_office import SimulatedOffice, simulated_office

COMPLETED, FAILED, NOT_SUPPORTED = JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.NOT_SUPPORTED

WORDS = Words(lambda template, **facts: fill(template, facts), lambda moment: moment.isoformat())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SimulatedOffice]:
    """Two printers with two apps besides those that they were delivered with."""
    with simulated_office(tmp_path / "home") as one:
        for profile in ("color-mfp", "mono-mfp"):
            apps = one.device(profile).device.apps
            apps["forms"] = InstalledApp("forms", "Forms", "1.2")
            apps["badge"] = InstalledApp("badge", "Badge reader", "2.0", is_started=False)
        one.do(TaskKind.REFRESH, {}, "color-mfp", "mono-mfp")
        yield one


def package(folder: Path, version: str, app_id: str = "forms", min_framework: str = "") -> Path:
    """A package of an app."""
    path = folder / f"{app_id}-{version}.fls"
    path.write_bytes(app_package(app_id, app_id.title(), version, min_framework))
    return path


def chosen(*ids: str) -> dict[str, Any]:
    """The parameters of a task over these apps."""
    return {"apps": [{"id": one, "name": one.title()} for one in ids]}


def components(job: Job) -> dict[str, tuple[str, str]]:
    """What came of each app, by the name that the printer reports."""
    return {
        one["name"]: (one["outcome"], str(Message.model_validate(one["message"])) if one["message"] else "")
        for one in job.components
    }


def kept(office: SimulatedOffice, app_id: str) -> tuple[str, bool] | None:
    """Version and state of an app of the printer in the records."""
    with tenant_session(office.home, read_only=True) as session:
        query = select(PrinterApp).where(PrinterApp.printer_id == office.id_of(), PrinterApp.app_id == app_id)
        app = session.scalars(query).one_or_none()
        return (app.version, app.is_started) if app else None


CHANGES: list[tuple[TaskKind, tuple[str, ...], JobStatus, dict[str, tuple[str, str]]]] = [
    (TaskKind.START_APPS, ("badge",), COMPLETED, {"Badge reader": ("completed", "")}),
    (
        TaskKind.START_APPS,
        ("badge", "forms"),
        FAILED,
        {"Badge reader": ("completed", ""), "Forms": ("failed", "The app is started already.")},
    ),
    (TaskKind.STOP_APPS, ("forms",), COMPLETED, {"Forms": ("completed", "")}),
    (TaskKind.STOP_APPS, ("badge",), FAILED, {"Badge reader": ("failed", "The app is stopped already.")}),
    (
        TaskKind.STOP_APPS,
        ("forms", "maps"),
        COMPLETED,
        {"Forms": ("completed", ""), "Maps": ("not_supported", "The app is not on the printer.")},
    ),
    (TaskKind.START_APPS, ("maps",), NOT_SUPPORTED, {"Maps": ("not_supported", "The app is not on the printer.")}),
    (
        TaskKind.UNINSTALL_APPS,
        ("forms", "badge"),
        COMPLETED,
        {"Forms": ("completed", ""), "Badge reader": ("completed", "")},
    ),
    (
        TaskKind.UNINSTALL_APPS,
        ("scan-center",),
        FAILED,
        {
            "Scan center": (
                "failed",
                "The app was delivered with the printer, or is its agent, and cannot be uninstalled.",
            )
        },
    ),
]


@pytest.mark.parametrize(("kind", "apps", "status", "parts"), CHANGES)
def test_changes(
    office: SimulatedOffice,
    kind: TaskKind,
    apps: tuple[str, ...],
    status: JobStatus,
    parts: dict[str, tuple[str, str]],
) -> None:
    """F-28, FL-278, FL-279, FL-280: several apps are one job with a result each; the list of apps follows."""
    job = office.job(office.do(kind, chosen(*apps)))
    assert (job.status, components(job)) == (status, parts)
    for app_id, app in office.device().device.apps.items():
        assert kept(office, app_id) == (app.version, app.is_started)
    assert (kept(office, "forms") is None) is ("forms" not in office.device().device.apps)


def test_an_app_that_fails_does_not_keep_the_others(office: SimulatedOffice) -> None:
    office.device().knobs.fail_at = {FailingStep.APP_START}
    job = office.job(office.do(TaskKind.START_APPS, chosen("badge", "maps")))
    assert job.status == FAILED
    assert components(job)["Badge reader"][0] == "failed"
    assert components(job)["Maps"][0] == "not_supported"


def test_the_print_app_set_is_what_a_printer_has_of_it(office: SimulatedOffice) -> None:
    """FL-282."""
    for name in ("print-release", "card-authentication"):
        office.device().device.apps[name] = InstalledApp(name, name.title(), "5.10")
    office.do(TaskKind.REFRESH)
    task_id = office.do(TaskKind.UNINSTALL_APPS, {"print_app_set": True}, "color-mfp", "mono-mfp")
    assert office.outcome(task_id) == (COMPLETED, "")
    assert office.outcome(task_id, "mono-mfp")[0] is NOT_SUPPORTED
    assert "forms" in office.device().device.apps
    assert "print-release" not in office.device().device.apps


def test_updates_bring_the_newest_that_the_framework_can_run(office: SimulatedOffice, tmp_path: Path) -> None:
    """F-29, FL-288: 5.1 runs the newest, 4.0 the one before."""
    add_package(office.administrator, package(tmp_path, "1.10"), "forms.fls")
    add_package(office.administrator, package(tmp_path, "2.0", min_framework="5.0"), "forms.fls")
    task_id = office.do(TaskKind.UPDATE_APPS, chosen("forms", "badge"), "color-mfp", "mono-mfp")
    assert office.device().device.apps["forms"].version == "2.0"
    assert office.device("mono-mfp").device.apps["forms"].version == "1.10"
    assert kept(office, "forms") == ("2.0", True)
    assert components(office.job(task_id)) == {
        "Forms": ("completed", ""),
        "Badge reader": ("completed", "There is no newer version for this printer in the catalogue."),
    }
    again = office.do(TaskKind.UPDATE_APPS, chosen("forms"))
    assert office.outcome(again) == (COMPLETED, "The newest version is installed already.")


# --- the apps of the fleet


def test_apps_over_the_fleet(office: SimulatedOffice, tmp_path: Path) -> None:
    """FL-284…FL-288; FL-316, FL-317: the list of apps, and the printers of one, as files."""
    add_package(office.administrator, package(tmp_path, "2.0", min_framework="5.0"), "forms.fls")
    set_minimum(office.administrator, "badge", "2.5")
    apps = {one.app_id: one for one in fleet_apps(office.administrator)}
    forms, badge = apps["forms"], apps["badge"]
    assert (forms.name, forms.printers, forms.update, forms.printers_with_update) == (
        "Forms",
        2,
        AppUpdate.AVAILABLE,
        1,
    )
    assert (badge.update, badge.printers_with_update, badge.minimum) == (AppUpdate.REQUIRED, 2, "2.5")
    assert apps["scan-center"].update is AppUpdate.NONE
    assert [one.app_id for one in fleet_apps(office.administrator, AppUpdate.REQUIRED)] == ["badge"]
    there = printers_with(office.administrator, "forms")
    assert {one.model: (one.update, one.newest) for one in there} == {
        "PX C4150": (AppUpdate.AVAILABLE, "2.0"),
        "PX M2250": (AppUpdate.NONE, ""),
    }
    lines = "".join(export_apps(office.administrator, WORDS)).splitlines()
    assert lines[0] == "\ufeffApp,Id,Printers,App update,Printers with update,Newest version,Minimum version"
    assert "Forms,forms,2,Available,1,2.0," in lines
    lines = "".join(export_printers_with(office.administrator, "forms", WORDS)).splitlines()
    device = office.device()
    assert f"{device.address},{device.serial},PX C4150,Forms,1.2,Available,2.0,,Started" in lines
    assert len(lines) == 3
    (on_one,) = [one for one in apps_on(office.administrator, office.id_of()) if one.app_id == "forms"]
    assert (on_one.installed, on_one.update) == ("1.2", AppUpdate.AVAILABLE)


def test_printers_with_an_app_are_read_page_by_page(office: SimulatedOffice) -> None:
    """FL-287."""
    everyone = printers_with(office.administrator, "forms")
    first, *rest = everyone
    assert printers_with(office.administrator, "forms", limit=1) == [first]
    after = first.address, first.printer_id
    assert printers_with(office.administrator, "forms", None, after, 50) == rest
    assert count_printers_with(office.administrator, "forms") == len(everyone)


def test_an_app_of_the_catalogue_enters_the_library_once(office: SimulatedOffice, tmp_path: Path) -> None:
    """FL-357."""
    for version in ("1.9", "2.0"):
        add_package(office.administrator, package(tmp_path, version), "forms.fls")
    offered = offered_apps(office.administrator)
    assert [one.version for one in offered] == ["2.0", "1.9"]
    resource = take_into_library(office.administrator, offered[0].id)
    assert (resource.name, resource.facts["version"]) == ("Forms 2.0", "2.0")
    assert take_into_library(office.administrator, offered[0].id).id == resource.id
    assert [one.id for one in list_resources(office.administrator)] == [resource.id]
    with pytest.raises(PressroomError) as refused:
        take_into_library(office.administrator, "nothing")
    assert refused.value.code == "not_found"


def test_an_app_that_nobody_has_is_not_found(office: SimulatedOffice) -> None:
    with pytest.raises(PressroomError) as refused:
        printers_with(office.administrator, "maps")
    assert refused.value.code == "not_found"


def test_the_catalogue_takes_apps_only_and_each_version_once(office: SimulatedOffice, tmp_path: Path) -> None:
    """FL-271."""
    package_id = add_package(office.administrator, package(tmp_path, "2.0"), "forms.fls")
    image = tmp_path / "image.fls"
    image.write_bytes(firmware_image("081.223", ["PX C4150"], 1000))
    viewer = office.installation.add_person("viewer@example.com", Role.FLEET_VIEWER)
    refusals = [
        (office.administrator, package(tmp_path, "2.0"), "panel_app.already_there"),
        (office.administrator, image, "printer_file.firmware"),
        (viewer, package(tmp_path, "3.0"), "role.missing"),
    ]
    for actor, path, code in refusals:
        with pytest.raises(PressroomError) as refused:
            add_package(actor, path, "forms.fls")
        assert refused.value.code == code
    with pytest.raises(PressroomError) as refused:
        delete_package(office.installation.stranger, package_id)
    assert refused.value.code == "not_found"
    delete_package(office.administrator, package_id)


@pytest.mark.parametrize("version", ["newest", "1..2", "1.2-beta"])
def test_minimums_are_versions(office: SimulatedOffice, version: str) -> None:
    with pytest.raises(PressroomError) as refused:
        set_minimum(office.administrator, "forms", version)
    assert refused.value.code == "panel_app.bad_version"
