"""Where printers use an authenticated proxy, apps go where its credentials are (FL-289, FL-290, FL-404)."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.printers.files import Value
from domain.audit.models import AuditEvent
from domain.organizations.roles import Role
from domain.tenancy import system_session
from fleet.configurations.content import ConfigurationContent
from fleet.configurations.deployment import assign_configuration, deploy_configuration, enforce_configuration
from fleet.configurations.proxies import get_behind_proxy, set_behind_proxy
from fleet.tasks.status import JobStatus
from printers_sim.device.settings import setting
from tests.fleet.simulated_office import SimulatedOffice, simulated_office
from tests.support.configurations import add_app, add_configuration, content_of

HALF: dict[str, Value] = {"framework.use_printer_proxy": False, "framework.proxy_host": "proxy.example.com"}
REST: dict[str, Value] = {"framework.proxy_user": "printers"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SimulatedOffice]:
    with simulated_office(tmp_path) as one:
        yield one


def content(settings: Mapping[str, Value], **values: Any) -> ConfigurationContent:
    return content_of(settings=[{"name": name, "value": value} for name, value in settings.items()], **values)


def deploy(office: SimulatedOffice, name: str, wanted: ConfigurationContent, profile: str = "color-mfp") -> str:
    configuration_id = add_configuration(office.administrator, name, wanted)
    task_id = deploy_configuration(office.administrator, configuration_id, [office.id_of(profile)])
    office.work(task_id)
    return task_id


def test_apps_wait_for_the_credentials_and_nothing_else_is_changed(office: SimulatedOffice) -> None:
    """A configuration without apps can set the credentials."""
    set_behind_proxy(office.administrator, is_on=True)
    assert office.outcome(deploy(office, "Half of it", content(HALF))) == (JobStatus.COMPLETED, "")
    apps = content({"general.location": "Attic"}, apps=[{"resource_id": add_app(office.administrator)}])
    refused = deploy(office, "Offices", apps)
    status, reason = office.outcome(refused)
    assert status is JobStatus.FAILED
    assert "set its host, user name and password at the printer under App framework configuration" in reason
    assert setting(office.device(), "general.location") != "Attic"
    assert "scan" not in office.device().device.apps
    assert office.outcome(deploy(office, "The rest", content(REST))) == (JobStatus.COMPLETED, "")
    assert office.outcome(deploy(office, "Offices again", apps)) == (JobStatus.COMPLETED, "")
    assert "scan" in office.device().device.apps


def test_a_model_that_takes_no_credentials_gets_no_apps(office: SimulatedOffice) -> None:
    """FL-289: only some models have them; without apps everything is as it was."""
    set_behind_proxy(office.administrator, is_on=True)
    apps = content({}, apps=[{"resource_id": add_app(office.administrator, min_framework="2.0")}])
    status, reason = office.outcome(deploy(office, "Apps", apps, "mono-printer"), "mono-printer")
    assert status is JobStatus.FAILED
    assert "this model takes no credentials" in reason
    plain = deploy(office, "Plain", content({"general.location": "Attic"}), "mono-printer")
    assert office.outcome(plain, "mono-printer") == (JobStatus.COMPLETED, "")


def test_enforcing_asks_for_the_credentials_too(office: SimulatedOffice) -> None:
    apps = content({}, apps=[{"resource_id": add_app(office.administrator)}])
    configuration_id = add_configuration(office.administrator, "Apps", apps)
    assign_configuration(office.administrator, configuration_id, [office.id_of()])
    set_behind_proxy(office.administrator, is_on=True)
    task_id = enforce_configuration(office.administrator, [office.id_of()])
    office.work(task_id)
    assert office.outcome(task_id)[0] is JobStatus.FAILED
    assert "scan" not in office.device().device.apps


def test_the_switch_is_the_organizations_own_and_is_recorded(office: SimulatedOffice) -> None:
    actor = office.administrator
    assert not get_behind_proxy(actor)
    for is_on in (True, True, False):
        set_behind_proxy(actor, is_on=is_on)
        assert get_behind_proxy(actor) is is_on
        assert not get_behind_proxy(office.installation.stranger)
    with system_session(read_only=True) as session:
        of_switch = select(AuditEvent.facts).where(AuditEvent.action == "configuration.proxy_switched")
        assert session.scalars(of_switch.order_by(AuditEvent.id)).all() == [{"enabled": True}, {"enabled": False}]
    viewer = office.installation.add_person("viewer@example.com", Role.FLEET_VIEWER)
    with pytest.raises(PressroomError, match=r"role\.missing"):
        set_behind_proxy(viewer, is_on=True)
