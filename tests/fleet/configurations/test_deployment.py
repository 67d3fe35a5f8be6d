"""Configurations deployed to simulated printers: in order, with evidence, each printer its own values."""

from io import BytesIO

import pytest
from sqlalchemy import select

from connectors.documents import open_store
from connectors.settings import get_settings
from domain.organizations.models import now
from domain.tenancy import system_session, tenant_session
from fleet.agents.models import Agent, AgentKind
from fleet.configurations.content import ConfigurationContent
from fleet.configurations.deployment import assign_configuration, deploy_configuration, deploy_default
from fleet.configurations.drafts import publish, save_draft
from fleet.configurations.models import Configuration
from fleet.configurations.resolution import wanted_of
from fleet.configurations.service import create_configuration, delete_configurations, newest_version, set_default
from fleet.configurations.variable_files import import_variables
from fleet.firmware.models import FirmwareImage
from fleet.panels.identity import KEY_SETTING, PORTAL_SETTING, printer_of_key
from fleet.printers.models import Printer, PrinterApp
from fleet.tasks.execution import for_agent, take_jobs
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.status import JobStatus, TaskStatus
from printers_sim.device.apps import app_settings, install_app
from printers_sim.device.settings import change_settings, setting
from printers_sim.device.state import PRINTER_AGENT
from printers_sim.knobs import FailingStep
from printers_sim.packages import app_package, firmware_image, settings_file
from tests.fleet.configurations.configured_office import LOGIN, MODELS, changes, code_of, firmware
from tests.fleet.simulated_office import SimulatedOffice
from tests.support.configurations import add_app, add_configuration, add_file, content_of, settings_of
from tests.support.fleet import add_agent, add_printers

KERBEROS = {"realm": "EXAMPLE.COM", "server": "k.example.com", "reverse_lookups": False, "access": ["scan"]}


def offer(office: SimulatedOffice, level: str) -> None:
    """The level that is recommended for every model."""
    content = firmware_image(level, MODELS)
    key = f"{office.home}/fleet/firmware/{level}"
    stored = open_store(get_settings()).put(key, BytesIO(content), "application/octet-stream")
    with tenant_session(office.home) as session:
        session.add(
            FirmwareImage(
                level=level,
                models=MODELS,
                file_name=f"{level}.fls",
                object_key=key,
                size=stored.size,
                sha256=stored.sha256,
            )
        )


def deploy(office: SimulatedOffice, content: ConfigurationContent, *profiles: str, name: str = "Offices") -> str:
    """A configuration of that content deployed to printers; returns the id of the task."""
    configuration_id = add_configuration(office.administrator, name, content)
    ids = [office.id_of(profile) for profile in profiles or ("color-mfp",)]
    task_id = deploy_configuration(office.administrator, configuration_id, ids)
    office.work(task_id)
    return task_id


def test_everything_arrives_in_order_with_evidence(office: SimulatedOffice) -> None:
    """FL-346, FL-402, F-21: firmware, apps, settings files, settings, login methods; each value before and after.

    FL-381…FL-384: network methods with what their people may do, card authentication for a group.
    """
    ldap = {"type": "ldap", "name": "Directory", "server": "d.example.com", "port": 636, "access": ["copy", "scan"]}
    card = {"type": "card", "groups": ["Staff"]}
    device, actor = office.device(), office.administrator
    device.firmware = "081.215"
    before = setting(device, "energy.sleep_minutes")
    content = content_of(
        firmware={"resource_ids": [firmware(office, "230.347")]},
        apps=[{"resource_id": add_app(actor), "settings": {"retries": 7}}],
        settings_files=[
            add_file(actor, "one.ucf", settings_file({"fax.rings": 5, "print.copies": 2}).encode()),
            add_file(actor, "two.ucf", settings_file({"fax.rings": 6}).encode()),
        ],
        settings=[
            {"name": "print.copies", "value": 3},
            {"name": "energy.sleep_minutes", "value": 33},
            {"name": "wireless.key", "secret": "a very secret key"},
        ],
        login_methods=LOGIN | {"ldap": [ldap], "kerberos": KERBEROS, "other": [card]},
    )
    task_id = deploy(office, content)
    assert office.outcome(task_id) == (JobStatus.COMPLETED, "")
    assert device.firmware == "230.347"
    assert app_settings(device.device.apps["scan"])["retries"] == 7
    assert (setting(device, "fax.rings"), setting(device, "print.copies")) == (6, 3)
    assert device.device.settings["wireless.key"] == "a very secret key"
    accounts = device.device.login_methods["local"]["accounts"]  # type: ignore[index]
    assert accounts == [{"type": "user_password", "name": "desk", "groups": ["Staff"], "password": "a desk secret"}]
    network = {one["name"]: one for one in device.device.login_methods["network"]}  # type: ignore[attr-defined]
    assert network["Directory"] == ldap | {"user_input": "user_password"}
    assert network["Kerberos"].items() >= KERBEROS.items()
    assert device.device.login_methods["other"] == [card]
    told = changes(office, task_id)
    assert [one[0] for one in told] == sorted(
        [one[0] for one in told],
        key=["firmware", "app", "app_setting", "settings_file", "setting", "login_methods"].index,
    )
    assert ("firmware", "firmware", "081.215", "230.347") in told
    assert ("app", "Scan", "–", "2.1") in told
    assert ("app_setting", "Scan: retries", "3", "7") in told
    assert ("setting", "energy.sleep_minutes", str(before), "33") in told
    assert not any("secret" in str(one) for one in told)
    printer = office.printer()
    assert (printer.last_configuration, printer.firmware_level) == ("Offices (1)", "230.347")
    with tenant_session(office.home, read_only=True) as session:
        apps = session.scalars(select(PrinterApp.app_id).where(PrinterApp.printer_id == printer.id)).all()
    assert "scan" in apps


def test_a_panel_app_is_told_the_portal_and_the_printers_own_key(office: SimulatedOffice) -> None:
    """SC-24, SC-25: filled in for each printer, nowhere to be read, and no part of compliance."""
    app = add_app(office.administrator, "card-authentication", settings={PORTAL_SETTING: "", KEY_SETTING: ""})
    content = content_of(apps=[{"resource_id": app}])
    for profile in ("color-mfp", "mono-mfp"):
        task_id = deploy(office, content, profile, name=profile)
        told = app_settings(office.device(profile).device.apps["card-authentication"])
        assert told[PORTAL_SETTING] == get_settings().public_url
        assert printer_of_key(str(told[KEY_SETTING])).printer_id == office.id_of(profile)
        evidence = {one["item"]: one["after"] for one in (office.job(task_id, profile).result or {})["changes"]}
        assert evidence["Card-Authentication: portal_key"] == "••••"
        assert str(told[KEY_SETTING]) not in str(evidence)
    again = deploy(office, content, name="Again")
    assert (office.outcome(again)[0], changes(office, again)) == (JobStatus.COMPLETED, [])


def test_a_configuration_is_deployed_twice_and_changes_nothing_the_second_time(office: SimulatedOffice) -> None:
    content = content_of(
        apps=[{"resource_id": add_app(office.administrator)}], settings=[{"name": "fax.rings", "value": 7}]
    )
    assert changes(office, deploy(office, content))
    again = deploy(office, content, name="The same")
    assert (office.outcome(again)[0], changes(office, again)) == (JobStatus.COMPLETED, [])


def test_what_does_not_fit_a_model_is_left_out_and_files_go_to_all(office: SimulatedOffice) -> None:
    """FL-347: the printer without fax, without scanner and with framework 2.0 takes what it can."""
    actor = office.administrator
    content = content_of(
        apps=[{"resource_id": add_app(actor)}],
        settings_files=[add_file(actor, "one.ucf", settings_file({"fax.rings": 5, "print.copies": 2}).encode())],
        settings=[{"name": "fax.rings", "value": 6}, {"name": "energy.sleep_minutes", "value": 33}],
        login_methods=LOGIN,
    )
    task_id = deploy(office, content, "mono-printer")
    job, device = office.job(task_id, "mono-printer"), office.device("mono-printer")
    assert job.status == JobStatus.COMPLETED
    assert (setting(device, "print.copies"), setting(device, "energy.sleep_minutes")) == (2, 33)
    told = " ".join(str(one["facts"]) for one in [*job.remarks, *job.warnings])
    assert "fax.rings" in told
    assert "Scan" in told
    assert "app framework 5.0" in " ".join(one["template"] for one in job.warnings)
    assert "scan" not in device.device.apps


FAILING = {
    FailingStep.FIRMWARE: ("Firmware", []),
    FailingStep.APP_INSTALL: ("App", ["firmware"]),
    FailingStep.SETTINGS: ("Settings file", ["firmware", "app"]),
    FailingStep.LOGIN_METHODS: ("Login methods", ["firmware", "app", "settings_file", "setting"]),
}


@pytest.mark.parametrize("step", FAILING)
def test_a_step_that_fails_is_named_and_later_ones_are_not_attempted(
    office: SimulatedOffice, step: FailingStep
) -> None:
    """FL-405."""
    actor, device = office.administrator, office.device()
    device.firmware = "081.215"
    device.knobs.fail_at.add(step)
    content = content_of(
        firmware={"resource_ids": [firmware(office, "230.347")]},
        apps=[{"resource_id": add_app(actor)}],
        settings_files=[add_file(actor, "one.ucf", settings_file({"fax.rings": 5}).encode())],
        settings=[{"name": "energy.sleep_minutes", "value": 33}],
        login_methods=LOGIN,
    )
    task_id = deploy(office, content)
    title, done = FAILING[step]
    status, reason = office.outcome(task_id)
    assert status is JobStatus.FAILED
    assert reason.startswith(f"The step “{title}” failed:")
    assert list(dict.fromkeys(one[0] for one in changes(office, task_id))) == done
    assert office.printer().last_configuration == ""
    failed = [one["kind"] for one in office.job(task_id).components if one["outcome"] == "failed"]
    assert len(failed) == 1


def test_variables_are_each_printers_own(office: SimulatedOffice) -> None:
    """FL-372, FL-375: its row, else the value by hand, else the default."""
    actor = office.administrator
    configuration_id = create_configuration(actor, "Offices")
    listed = office.device()
    table = f"IPADDRESS,Site tag,Sleep\n{listed.address},Kip1,44\n"
    import_variables(actor, configuration_id, "sites.csv", table.encode())
    settings = [
        {"name": "general.asset_tag", "value": "By hand", "variable": "Site tag"},
        {"name": "energy.sleep_minutes", "variable": "Sleep"},
    ]
    save_draft(actor, configuration_id, content_of(settings=settings))
    publish(actor, configuration_id, "")
    for profile in ("color-mfp", "mono-mfp"):
        change_settings(office.device(profile), {"energy.sleep_minutes": 99})
    ids = [office.id_of(profile) for profile in ("color-mfp", "mono-mfp")]
    office.work(deploy_configuration(actor, configuration_id, ids))
    other = office.device("mono-mfp")
    assert (setting(listed, "general.asset_tag"), setting(listed, "energy.sleep_minutes")) == ("Kip1", 44)
    assert (setting(other, "general.asset_tag"), setting(other, "energy.sleep_minutes")) == ("By hand", 15)


FIRMWARE = {
    "FL-352 recommended, below it": (True, None, "081.215", "081.223"),
    "FL-352 recommended, at it": (True, None, "081.223", "081.223"),
    "FL-352 recommended, above it": (True, None, "230.347", "230.347"),
    "FL-353 both, a model of the specific one": (True, "230.347", "081.215", "230.347"),
    "FL-353 both, another model": (True, "other", "081.215", "081.223"),
    "FL-354 specific, above": (False, "230.347", "081.215", "230.347"),
    "FL-354 specific, another model": (False, "other", "081.215", "081.215"),
    "FL-356 specific, a downgrade": (False, "081.215", "230.347", "081.215"),
}


@pytest.mark.parametrize("case", FIRMWARE)
def test_which_firmware_a_printer_gets(office: SimulatedOffice, case: str) -> None:
    """FL-352…FL-355, FL-356."""
    recommended, specific, before, after = FIRMWARE[case]
    offer(office, "081.223")
    chosen = []
    if specific:
        chosen = [firmware(office, "230.410", "PX C3025") if specific == "other" else firmware(office, specific)]
    device = office.device()
    device.firmware = before
    task_id = deploy(office, content_of(firmware={"recommended": recommended, "resource_ids": chosen}))
    assert office.outcome(task_id)[0] is JobStatus.COMPLETED
    assert device.firmware == after
    assert device.device.firmware_updates == (0 if before == after else 1)


@pytest.mark.parametrize("kind", [AgentKind.PRINTER, AgentKind.FLEET])
def test_a_downgrade_takes_apps_and_printer_agent_with_it(office: SimulatedOffice, kind: AgentKind) -> None:
    """FL-356, A-20: with a printer agent the rest is not attempted, and the printer has to be enrolled again."""
    device = office.device()
    device.firmware = "230.347"
    install_app(device, BytesIO(app_package(PRINTER_AGENT, "Printer agent", "3.1")))
    install_app(device, BytesIO(app_package("old", "Old", "1.0")))
    office.change("color-mfp", agent_kind=kind)
    content = content_of(
        firmware={"resource_ids": [firmware(office, "081.215")]}, settings=[{"name": "fax.rings", "value": 7}]
    )
    task_id = deploy(office, content)
    job = office.job(task_id)
    assert (job.status, device.firmware) == (JobStatus.COMPLETED, "081.215")
    assert not {"old", PRINTER_AGENT} & set(device.device.apps)
    warnings = " ".join(one["template"] for one in job.warnings)
    assert "enrol the printer again" in warnings
    is_over = "was not deployed" in warnings
    assert (is_over, setting(device, "fax.rings")) == ((True, 3) if kind is AgentKind.PRINTER else (False, 7))


def test_login_methods_need_a_new_fleet_agent(office: SimulatedOffice) -> None:
    """FL-37, FL-377, FL-602: an older one deploys the rest, with a warning."""
    with system_session() as session:
        agent = session.scalars(select(Agent).where(Agent.organization_id == office.home)).one()
        agent.is_built_in, agent.version = False, "2.1.6"
    configuration_id = add_configuration(
        office.administrator, "Offices", content_of(login_methods=LOGIN, settings=[{"name": "fax.rings", "value": 7}])
    )
    with tenant_session(office.home) as session:
        printer = session.get_one(Printer, office.id_of())
        configuration = session.get_one(Configuration, configuration_id)
        version = newest_version(session, configuration)
        old = wanted_of(session, configuration, version, [printer])[printer.id]
        session.get_one(Agent, printer.agent_id or "").version = "2.1.7"
        new = wanted_of(session, configuration, version, [printer])[printer.id]
    assert (old["login_methods"], len(old["warnings"])) == (None, 1)
    assert (bool(new["login_methods"]), new["warnings"]) == (True, [])


def test_a_deployment_waits_in_the_cloud_until_the_printer_asks(office: SimulatedOffice) -> None:
    """FL-401: the printer takes it when its agent next calls in."""
    agent = add_agent(office.home, AgentKind.NATIVE, activated=now(), last_contact=now())
    configuration_id = add_configuration(office.administrator, "Offices", settings_of(fax__rings=7))
    task_id = deploy_configuration(office.administrator, configuration_id, add_printers(office.home, 1, agent))

    def status() -> JobStatus:
        with tenant_session(office.home, read_only=True) as session:
            return JobStatus(session.scalars(select(Job.status).where(Job.task_id == task_id)).one())

    office.work(task_id)
    assert status() is JobStatus.PENDING, "our own worker has no business with it"
    with tenant_session(office.home) as session:
        (order,) = take_jobs(session, for_agent(agent), 10).orders
    assert order.parameters["settings"] == {"fax.rings": 7}
    assert status() is JobStatus.IN_PROGRESS


def test_a_draft_is_tried_on_one_printer_and_nowhere_else(office: SimulatedOffice) -> None:
    """FL-350, A-19."""
    actor = office.administrator
    draft = add_configuration(actor, "Draft", settings_of(fax__rings=7), published=False)
    one, other = office.id_of(), office.id_of("mono-mfp")
    assert code_of(deploy_configuration, actor, draft, [one]) == "configuration.not_published"
    assert code_of(deploy_configuration, actor, draft, [one, other], draft=True) == "configuration.draft_on_several"
    assert code_of(assign_configuration, actor, draft, [one]) == "configuration.not_published"
    task_id = deploy_configuration(actor, draft, [one], draft=True)
    office.work(task_id)
    with tenant_session(office.home, read_only=True) as session:
        assert session.get_one(FleetTask, task_id).is_test
    assert (office.outcome(task_id)[0], setting(office.device(), "fax.rings")) == (JobStatus.COMPLETED, 7)
    assert office.printer().last_configuration == "Draft (draft)"


def test_a_printer_that_is_lost_by_its_network_settings_is_told_with_what_they_were(office: SimulatedOffice) -> None:
    """TS-24: they have turned their web servers off; the job says what has to be set back."""
    task_id = deploy(office, settings_of(network__http_enabled=False), "color-mfp", "mono-mfp")
    for profile in ("color-mfp", "mono-mfp"):
        job = office.job(task_id, profile)
        assert job.status == JobStatus.NOT_COMMUNICATING
        (warning,) = job.warnings
        assert warning["facts"]["changes"] == "network.http_enabled (true → false)"


def test_an_app_that_cannot_work_beside_the_device_quotas_is_not_installed(office: SimulatedOffice) -> None:
    """TS-55: with the quotas app on the printer neither scan nor translation can be installed, until it is stopped."""
    quotas = install_app(office.device(), BytesIO(app_package("device-quotas", "Device quotas", "1.0")))
    content = content_of(apps=[{"resource_id": add_app(office.administrator)}])
    status, why = office.outcome(deploy(office, content))
    assert status is JobStatus.FAILED
    assert "“Invalid user”" in why
    assert "scan" not in office.device().device.apps
    quotas.is_started = False
    assert office.outcome(deploy(office, content, name="Again"))[0] is JobStatus.COMPLETED


def test_an_app_of_another_configuration_with_other_sign_in_settings_is_a_warning(office: SimulatedOffice) -> None:
    """TS-54: the app for printing was deployed before; the names of the settings that have to be copied are told."""
    settings = {"auth_idle": True}
    install_app(office.device(), BytesIO(app_package("print-release", "Print release", "1.0", settings=settings)))
    scan = add_app(office.administrator, settings={"auth_idle": False})
    task_id = deploy(office, content_of(apps=[{"resource_id": scan}]))
    assert office.outcome(task_id)[0] is JobStatus.COMPLETED
    (warning,) = office.job(task_id).warnings
    assert warning["facts"] == {"app": "Print release", "other": "Scan", "names": "auth_idle"}


def test_a_deleted_configuration_is_no_longer_deployed(office: SimulatedOffice) -> None:
    actor = office.administrator
    configuration_id = add_configuration(actor, "Offices", settings_of(fax__rings=7))
    task_id = deploy_configuration(actor, configuration_id, [office.id_of()])
    delete_configurations(actor, [configuration_id])
    office.work(task_id)
    assert office.outcome(task_id) == (JobStatus.FAILED, "The configuration was deleted.")


def test_no_scan_app_comes_beside_the_device_quotas_app(office: SimulatedOffice) -> None:
    """SCAN-101, TR-71: it is refused until that app is stopped, disabled or uninstalled; other printers go on."""
    app = PrinterApp(printer_id=office.id_of(), app_id="device-quotas", name="Device quotas", version="1.0")
    with tenant_session(office.home) as session:
        session.add(app)
    content = content_of(apps=[{"resource_id": add_app(office.administrator)}])
    task_id = deploy(office, content, "color-mfp", "mono-mfp")
    status, told = office.outcome(task_id)
    assert status is JobStatus.FAILED
    assert told.startswith("“Scan” cannot be on the printer together with the device quotas app: stop, disable or")
    assert office.outcome(task_id, "mono-mfp")[0] is JobStatus.COMPLETED
    assert "scan" not in office.device().device.apps
    with tenant_session(office.home) as session:
        session.get_one(PrinterApp, (office.id_of(), "device-quotas")).is_started = False
    again = deploy(office, content, name="Again")
    assert office.outcome(again)[0] is JobStatus.COMPLETED
    assert "scan" in office.device().device.apps


def test_printers_of_other_makes_are_not_configured(office: SimulatedOffice) -> None:
    """FL-26, FL-573: the others of the task go on."""
    task_id = deploy(office, settings_of(fax__rings=7), "color-mfp", "third-party-color")
    assert office.outcome(task_id)[0] is JobStatus.COMPLETED
    assert office.outcome(task_id, "third-party-color")[0] is JobStatus.NOT_SUPPORTED


# --- the default configuration


def test_newly_enrolled_printers_get_the_default_configuration(office: SimulatedOffice) -> None:
    """FL-395, A-24, F-22: deployed where the agent can, assigned where it can."""
    actor = office.administrator
    set_default(actor, add_configuration(actor, "Offices", settings_of(fax__rings=7)))
    with tenant_session(office.home) as session:
        native = session.get_one(Printer, office.id_of("mono-mfp"))
        native.agent_kind = AgentKind.NATIVE
        new = [session.get_one(Printer, office.id_of(one)) for one in ("color-mfp", "mono-mfp", "third-party-color")]
        task_id = deploy_default(session, office.home, new)
    assert task_id is not None
    office.work(task_id)
    for profile in ("color-mfp", "mono-mfp"):
        assert setting(office.device(profile), "fax.rings") == 7
    assert office.printer().assigned_configuration_id is not None
    assert office.printer("mono-mfp").assigned_configuration_id is None
    with tenant_session(office.home, read_only=True) as session:
        assert session.get_one(FleetTask, task_id).status == TaskStatus.COMPLETED


def test_without_a_default_nothing_happens_at_enrolment(office: SimulatedOffice) -> None:
    with tenant_session(office.home) as session:
        assert deploy_default(session, office.home, [session.get_one(Printer, office.id_of())]) is None
