"""What requests of the walks say about printers and agents: see `sound_values`."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from domain.tenancy import tenant_session
from fleet.configurations.deployment import check_compliance
from fleet.configurations.variable_files import import_variables
from fleet.managed_supplies.contact_file import COLUMNS, SAMPLE_ROW
from fleet.managed_supplies.models import MembershipRequestRow, RequestState
from fleet.printers.models import MspStatus
from fleet.printers.views import STANDARD
from fleet.tasks.models import Job
from printers_sim.device.speed import speed_licence
from printers_sim.packages import app_package, firmware_image, settings_bundle
from steps.agent_packages import own_target
from tests.support.configurations import add_configuration, add_file, settings_of
from tests.support.fleet import add_printers
from tests.support.supplies import CONTACT

if TYPE_CHECKING:
    from tests.support.two_partners import Side

VARIABLES = b"IPADDRESS,Site tag\n10.199.96.231,Kip1\n"


def _schedule(_side: "Side") -> dict[str, Any]:
    return {"kind": "check_compliance"}


def _notification_policy(side: "Side") -> dict[str, Any]:
    return {"kind": "supplies", "types": ["toner"], "recipients": [side.fresh_address()], "threshold": 10}


def _firmware_file(side: "Side") -> dict[str, Any]:
    level = f"900.{side.fresh_number()}"
    return {"file": ("image.fls", firmware_image(level, [f"{side.marker} model"], 1000), "application/octet-stream")}


def _app_file(side: "Side") -> dict[str, Any]:
    package = app_package(f"{side.marker}-app", f"{side.marker} app", f"2.{side.fresh_number()}")
    return {"file": ("app.fls", package, "application/octet-stream")}


def _firmware_update(side: "Side") -> dict[str, Any]:
    ids = add_printers(side.administrator.organization_id, 1)
    return {"printer_ids": ids, "image_id": None, "when": None, "rollout": None}


def _recommendation(side: "Side") -> dict[str, str]:
    return {"model": f"{side.marker} model", "level": ""}


def _speed_upgrade(side: "Side") -> dict[str, str]:
    serial = f"PXD{side.fresh_number()}"
    facts = {"serial_number": serial, "firmware_level": "230.410", "pages_per_minute": 25}
    (printer,) = add_printers(side.administrator.organization_id, 1, **facts)
    return {"printer_id": printer, "code": speed_licence(serial, 25, 35)}


def _configuration(side: "Side", *, published: bool = True) -> dict[str, str]:
    """A configuration of their own with one setting."""
    name = f"{side.marker} {side.fresh_number()}"
    content = settings_of(fax__rings=4)
    return {"configuration_id": add_configuration(side.administrator, name, content, published=published)}


def _draft(side: "Side") -> dict[str, str]:
    return _configuration(side, published=False)


def _with_variables(side: "Side") -> dict[str, str]:
    made = _draft(side)
    import_variables(side.administrator, made["configuration_id"], "variables.csv", VARIABLES)
    return made


def some_printer(side: "Side") -> str:
    return add_printers(side.administrator.organization_id, 1)[0]


def _printers(side: "Side") -> dict[str, Any]:
    return {"printer_ids": [some_printer(side)]}


def _fleet_task(side: "Side") -> dict[str, str]:
    return {"task_id": check_compliance(side.administrator, [some_printer(side)])}


def _pending_jobs(side: "Side") -> dict[str, Any]:
    task = _fleet_task(side)
    with side.administrator.session(read_only=True) as session:
        jobs = session.scalars(select(Job.id).where(Job.task_id == task["task_id"])).all()
    return {**task, "job_ids": list(jobs)}


def _addresses_file(side: "Side") -> dict[str, Any]:
    addresses = ("printers.csv", b"IP Address\n127.0.0.9\n", "text/csv")
    return {"file": addresses, "tag_ids": side.new("create_printer_tag")}


def _bundle(_side: "Side") -> dict[str, Any]:
    return {"file": ("bundle.zip", settings_bundle(settings={"fax.rings": 4}), "application/zip")}


def _variables(_side: "Side") -> dict[str, Any]:
    return {"file": ("variables.csv", VARIABLES, "text/csv")}


def _file_for_a_printer(side: "Side") -> dict[str, Any]:
    return {**_bundle(side), "printer_ids": some_printer(side)}


def _resource(side: "Side") -> str:
    return add_file(side.administrator, "bundle.zip", settings_bundle(settings={"fax.rings": 4}))


def _contact(side: "Side") -> dict[str, str]:
    return {**CONTACT, "street_2": "", "region": "", "last_name": f"{side.marker} {side.fresh_number()}"}


def _contact_id(side: "Side") -> dict[str, str]:
    return {"contact_id": side.new("create_delivery_contact")}


def _contacts_file(side: "Side") -> dict[str, Any]:
    facts = dict(zip(COLUMNS, SAMPLE_ROW, strict=True)) | {"Company": f"{side.marker} {side.fresh_number()}"}
    content = f"{','.join(COLUMNS)}\n{','.join(facts.values())}\n"
    return {"file": ("contacts.csv", content.encode(), "text/csv")}


def _pending_requests(side: "Side") -> dict[str, Any]:
    (printer,) = add_printers(side.customer_id, 1, msp=MspStatus.PENDING)
    with tenant_session(side.customer_id) as session:
        request = MembershipRequestRow(printer_id=printer, state=RequestState.PENDING, terms="v1")
        session.add(request)
        session.flush()
        return {"ids": [request.id], "accept": True}


FLEET_SOUND: Mapping[str, Callable[["Side"], Mapping[str, Any]]] = {
    "add_app_package": _app_file,
    "add_firmware": _firmware_file,
    "add_resource": _bundle,
    "answer_supplies_requests": _pending_requests,
    "assign_configuration": _printers,
    "assign_default_delivery_contact": _printers,
    "assign_delivery_contact": _printers,
    "check_compliance": _printers,
    "choose_printer_view": lambda _: {"view_id": STANDARD.id},
    "check_configuration_bundle": _bundle,
    "check_configuration_variables": _variables,
    "create_delivery_contact": _contact,
    "create_fleet_schedule": _schedule,
    "create_notification_policy": _notification_policy,
    "deploy_speed_upgrade": _speed_upgrade,
    "deploy_configuration": _printers,
    "deploy_file": _file_for_a_printer,
    "enforce_configuration": _printers,
    "export_compliance_evidence": _fleet_task,
    "import_configuration_bundle": _bundle,
    "import_configuration_variables": _variables,
    "mark_supply_order": lambda _: {"state": "shipped"},
    "recommend_firmware": _recommendation,
    "release_managed_printers": lambda side: {"printer_ids": add_printers(side.customer_id, 1, msp=MspStatus.MEMBER)},
    "list_drift": lambda side: {"printer_id": some_printer(side)},
    "review_speed_upgrade": _speed_upgrade,
    "set_minimum_app_version": lambda _: {"version": "1.0"},
    "set_printer_time_zones": lambda side: {**_printers(side), "time_zone": "Europe/Stockholm"},
    "start_delivery_contact_import": _contacts_file,
    "tag_printers_by_file": _addresses_file,
    "update_delivery_contact": _contact,
    "update_supplies_programme": lambda _: {"settings": {"kind": "desk"}, "secrets": {}},
    "update_firmware": _firmware_update,
    "unassign_configuration": _printers,
    "update_fleet_schedule": _schedule,
    "update_notification_policy": _notification_policy,
    "download_agent_package": lambda _: {"target": own_target(), "licences_accepted": True},
    "start_agent_task": lambda side: {"agent_ids": [side.new("create_agent")]},
}
"""By operation: what the request says."""

FLEET_OF_THEIR_OWN: Mapping[str, Callable[["Side"], Mapping[str, Any]]] = {
    "assign_configuration": _configuration,
    "check_configuration_bundle": _draft,
    "check_configuration_variables": _draft,
    "create_configuration_draft": _configuration,
    "delete_configuration": _draft,
    "delete_configuration_variables": _with_variables,
    "delete_configurations": lambda side: {"ids": [_draft(side)["configuration_id"]]},
    "delete_delivery_contact": _contact_id,
    "delete_printer_tags": lambda side: {"tag_id": [side.new("create_printer_tag")]},
    "delete_printer_views": lambda side: {"view_id": [side.new("create_printer_view")]},
    "delete_resource": lambda side: {"resource_id": _resource(side)},
    "delete_resources": lambda side: {"ids": [_resource(side)]},
    "deploy_configuration": _configuration,
    "discard_configuration_draft": _draft,
    "export_configuration_variables": _with_variables,
    "import_configuration_bundle": _draft,
    "import_configuration_variables": _draft,
    "make_configuration_default": _configuration,
    "publish_configuration": _draft,
    "save_configuration_draft": _draft,
    "stop_fleet_task_jobs": _pending_jobs,
}
"""By operation: what it is asked about, made for this one request where it uses up what it is asked about."""
