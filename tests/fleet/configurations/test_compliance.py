"""Assigned configurations on simulated printers: checked, enforced with evidence, the history of drift."""

import csv
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.spreadsheets import BYTE_ORDER_MARK
from fleet.agents.models import AgentKind
from fleet.configurations.compliance import export_evidence, export_history, list_drift
from fleet.configurations.deployment import (
    assign_configuration,
    check_compliance,
    enforce_configuration,
    unassign_configuration,
)
from fleet.configurations.drafts import create_draft, publish, save_draft
from fleet.configurations.models import DriftEnding
from fleet.printers.models import Communication, Compliance
from fleet.tasks.status import JobStatus
from printers_sim.device.settings import change_settings, setting
from printers_sim.knobs import FailingStep
from printers_sim.packages import settings_bundle, settings_file
from tests.fleet.configurations.configured_office import LOGIN, assigned, changes, code_of, firmware
from tests.fleet.simulated_office import SimulatedOffice
from tests.support.configurations import add_app, add_configuration, add_file, content_of, settings_of
from tests.support.fleet import add_agent, add_printers


def check(office: SimulatedOffice, *profiles: str) -> str:
    ids = [office.id_of(profile) for profile in profiles or ("color-mfp",)]
    task_id = check_compliance(office.administrator, ids)
    office.work(task_id)
    return task_id


def enforce(office: SimulatedOffice, *, restart: bool = True) -> str:
    task_id = enforce_configuration(office.administrator, [office.id_of()], restart=restart)
    office.work(task_id)
    return task_id


def rows(lines: Iterator[str]) -> list[dict[str, str]]:
    text = "".join(lines)
    assert text.startswith(BYTE_ORDER_MARK)  # TS-43
    return list(csv.DictReader(text.removeprefix(BYTE_ORDER_MARK).splitlines()))


def test_only_printers_of_fleet_agents_are_assigned(office: SimulatedOffice) -> None:
    """FL-420: the others are told with the reason; a new assignment replaces the old.

    FL-421: nothing changes on a printer whose assignment is taken away.
    """
    actor = office.administrator
    first, second = (add_configuration(actor, name, settings_of(fax__rings=4)) for name in ("First", "Second"))
    old = add_printers(office.home, 1, add_agent(office.home, AgentKind.FLEET, version="1.3.48"))
    native = add_printers(office.home, 1, add_agent(office.home, AgentKind.NATIVE))
    other = [office.id_of("third-party-color")]
    result = assign_configuration(actor, first, [office.id_of(), *old, *native, *other])
    assert result.assigned == 1
    assert {one.printer_id for one in result.refused} == {*old, *native, *other}
    assert "1.3.49" in " ".join(str(one.reason) for one in result.refused)
    assert assign_configuration(actor, second, [office.id_of()]).assigned == 1
    assert office.printer().assigned_configuration_id == second
    before = setting(office.device(), "fax.rings")
    assert unassign_configuration(actor, [office.id_of()]) == 1
    assert office.printer().assigned_configuration_id is None
    assert setting(office.device(), "fax.rings") == before
    foreign = add_printers(office.installation.stranger.organization_id, 1)
    assert code_of(assign_configuration, actor, first, foreign) == "not_found"


def test_drift_is_found_put_right_and_kept_as_evidence(office: SimulatedOffice) -> None:
    """FL-422…FL-425, F-24, F-25: the second check is made after a restart."""
    actor, device = office.administrator, office.device()
    assigned(office, settings_of(fax__rings=7, energy__sleep_minutes=33))
    change_settings(device, {"fax.rings": 7, "energy.sleep_minutes": 33})
    assert office.outcome(check(office)) == (JobStatus.COMPLETED, "")
    assert office.printer().compliance == Compliance.COMPLIANT

    change_settings(device, {"energy.sleep_minutes": 99})
    checked = check(office)
    assert office.outcome(checked) == (JobStatus.FAILED, "The printer is not compliant: energy.sleep_minutes differs.")
    assert office.printer().compliance == Compliance.NOT_COMPLIANT
    (found,) = list_drift(actor, office.id_of())
    assert (found.item, found.expected, found.found, found.ended) == ("energy.sleep_minutes", "33", "99", None)
    check(office)
    assert len(list_drift(actor, office.id_of())) == 1

    restarted = device.device.restarted_at
    task_id = enforce(office)
    assert office.job(task_id).status == JobStatus.COMPLETED
    assert device.device.restarted_at > restarted
    assert setting(device, "energy.sleep_minutes") == 33
    assert changes(office, task_id) == [("setting", "energy.sleep_minutes", "99", "33")]
    assert office.printer().compliance == Compliance.COMPLIANT
    (ended,) = list_drift(actor, office.id_of())
    assert (ended.ending, ended.after) == (DriftEnding.ENFORCED, "33")

    (line,) = rows(export_evidence(actor, task_id))
    evidence = {name: line[name] for name in ("Result", "Item", "Expected", "Before", "After", "In the second check")}
    assert evidence == {
        "Result": "compliant",
        "Item": "energy.sleep_minutes",
        "Expected": "33",
        "Before": "99",
        "After": "33",
        "In the second check": "33",
    }
    assert line["Restarted"]
    (line,) = rows(export_history(actor))
    assert (line["Serial number"], line["Found"], line["Ending"]) == (device.serial, "99", "enforced")


def test_nothing_is_done_to_a_compliant_printer(office: SimulatedOffice) -> None:
    """F-25 (2)."""
    device = office.device()
    assigned(office, settings_of(fax__rings=7))
    change_settings(device, {"fax.rings": 7})
    restarted, before = device.device.restarted_at, device.changes
    task_id = enforce(office)
    assert office.outcome(task_id) == (JobStatus.COMPLETED, "The printer is compliant already: nothing was changed.")
    assert (device.device.restarted_at, device.changes) == (restarted, before)


def test_without_a_restart_the_second_check_is_made_at_once(office: SimulatedOffice) -> None:
    device = office.device()
    assigned(office, settings_of(fax__rings=7))
    restarted = device.device.restarted_at
    task_id = enforce(office, restart=False)
    assert (office.job(task_id).status, device.device.restarted_at) == (JobStatus.COMPLETED, restarted)


def test_what_cannot_be_put_right_stays_not_compliant(office: SimulatedOffice) -> None:
    device = office.device()
    assigned(office, settings_of(fax__rings=7))
    device.knobs.fail_at.add(FailingStep.SETTINGS)
    task_id = enforce(office)
    assert office.outcome(task_id)[1].startswith("The step “Setting” failed:")
    assert office.printer().compliance == Compliance.UNKNOWN


COMPONENTS: dict[str, Callable[[SimulatedOffice], dict[str, Any]]] = {
    "firmware": lambda office: {"firmware": {"resource_ids": [firmware(office, "230.999")]}},
    "app": lambda office: {"apps": [{"resource_id": add_app(office.administrator)}]},
    "settings_file": lambda office: {
        "settings_files": [add_file(office.administrator, "a.ucf", settings_file({"fax.rings": 9}).encode())]
    },
    "settings_file in a bundle": lambda office: {
        "settings_files": [add_file(office.administrator, "a.zip", settings_bundle(settings={"fax.rings": 9}))]
    },
    "setting": lambda _office: {"settings": [{"name": "fax.rings", "value": 9}]},
    "login_methods": lambda _office: {"login_methods": LOGIN},
}


@pytest.mark.parametrize("case", COMPONENTS)
def test_every_component_is_checked_and_enforced(office: SimulatedOffice, case: str) -> None:
    """F-24 (4), F-25 (3)."""
    assigned(office, content_of(**COMPONENTS[case](office)))
    found = {one["kind"] for one in office.job(check(office)).components}
    assert found == {case.split()[0]}
    task_id = enforce(office)
    assert office.job(task_id).status == JobStatus.COMPLETED, office.outcome(task_id)
    assert office.outcome(check(office)) == (JobStatus.COMPLETED, "")


def test_settings_of_apps_are_checked_and_enforced(office: SimulatedOffice) -> None:
    resource_id = add_app(office.administrator)
    assigned(office, content_of(apps=[{"resource_id": resource_id, "settings": {"retries": 5}}]))
    enforce(office)
    app = office.device().device.apps["scan"]
    app.settings["retries"] = 9
    assert {one["name"] for one in office.job(check(office)).components} == {"Scan: retries"}
    assert changes(office, enforce(office)) == [("app_setting", "Scan: retries", "9", "5")]


def test_what_does_not_fit_the_model_is_no_drift(office: SimulatedOffice) -> None:
    """F-24 (4)."""
    content = content_of(
        apps=[{"resource_id": add_app(office.administrator)}],
        settings=[{"name": "fax.rings", "value": 9}],
        login_methods=LOGIN,
    )
    assigned(office, content, "mono-printer")
    assert office.outcome(check(office, "mono-printer"), "mono-printer") == (JobStatus.COMPLETED, "")


def test_a_printer_without_assignment_is_not_sent(office: SimulatedOffice) -> None:
    """FL-424."""
    task_id = check(office)
    assert office.outcome(task_id) == (JobStatus.NOT_SUPPORTED, "No configuration is assigned to the printer.")


def test_a_printer_that_does_not_answer_could_not_be_checked(office: SimulatedOffice) -> None:
    """A-27."""
    assigned(office, settings_of(fax__rings=7))
    office.device().knobs.offline = True
    check(office)
    printer = office.printer()
    assert (printer.compliance, printer.communication) == (Compliance.UNKNOWN, Communication.SILENT)


def test_a_printer_that_falls_silent_keeps_its_former_result_with_its_age(office: SimulatedOffice) -> None:
    """Section 31: what was found stays true of that moment."""
    assigned(office, settings_of(fax__rings=7))
    check(office)
    before = office.printer()
    assert before.compliance == Compliance.NOT_COMPLIANT
    office.device().knobs.offline = True
    check(office)
    printer = office.printer()
    assert printer.communication == Communication.SILENT
    assert (printer.compliance, printer.compliance_at) == (before.compliance, before.compliance_at)


def test_a_new_version_makes_printers_not_compliant_at_the_next_check(office: SimulatedOffice) -> None:
    """FL-399, A-26: nothing is deployed by publishing."""
    actor, device = office.administrator, office.device()
    configuration_id = assigned(office, settings_of(fax__rings=7))
    enforce(office)
    create_draft(actor, configuration_id)
    save_draft(actor, configuration_id, settings_of(fax__rings=8))
    assert office.outcome(check(office))[0] is JobStatus.COMPLETED
    publish(actor, configuration_id, "")
    assert setting(device, "fax.rings") == 7
    assert office.outcome(check(office))[0] is JobStatus.FAILED


def test_drift_that_goes_by_itself_and_drift_that_no_longer_counts(office: SimulatedOffice) -> None:
    actor, device = office.administrator, office.device()
    assigned(office, settings_of(fax__rings=7, energy__sleep_minutes=33))
    check(office)
    change_settings(device, {"fax.rings": 7})
    check(office)
    endings = {one.item: one.ending for one in list_drift(actor, office.id_of())}
    assert endings == {"fax.rings": DriftEnding.RETURNED, "energy.sleep_minutes": None}
    unassign_configuration(actor, [office.id_of()])
    endings = {one.item: one.ending for one in list_drift(actor, office.id_of())}
    assert endings["energy.sleep_minutes"] is DriftEnding.REPLACED
