"""What requests of the walks say where a made-up value cannot do, and what stands in the way of the rest.

Whoever adds an operation whose made-up request is refused adds it here: to `SOUND` with values that are accepted, by
the names of its properties and parameters; to `OF_THEIR_OWN` where it also needs an object of its own; or, where the
world of the walks cannot have what it takes, to `OTHERWISE` (and tries it in a test of its own).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from domain.organizations.models import now
from domain.people.import_file import HEADER
from domain.print_clients.checkin import Status, check_in
from domain.print_guests.administration import remove_guests
from domain.print_guests.admission import admit_guest
from domain.print_mail.mailboxes import MailboxSettings, save_mailbox
from domain.print_reports.kinds import ReportKind
from domain.print_reports.scope import ReportScope
from domain.print_reports.service import start_report
from domain.print_settings.models import AddressState, PrintMailAddress
from domain.printer_login.own import set_own_pin
from domain.printing.delegates.service import NewDelegate, add_delegate
from domain.printing.settings import EmailSettings
from domain.printing.states import JobSource
from domain.printing.submission import Submission, submit_file
from domain.scan_settings.settings import ScanSettings
from domain.tasks.files import MadeFile, keep_files
from domain.tasks.models import BackgroundTask, TaskState
from domain.tenancy import tenant_session
from fleet.agents.models import AgentKind
from fleet.configurations.deployment import check_compliance
from fleet.configurations.variable_files import import_variables
from fleet.managed_supplies.contact_file import COLUMNS, SAMPLE_ROW
from fleet.managed_supplies.models import MembershipRequestRow, RequestState
from fleet.print_packages.choice import PackageChoice
from fleet.print_packages.service import start_package
from fleet.printers.models import MspStatus
from fleet.printers.views import STANDARD
from fleet.releasing.batches import ReleaseRequest, start_release
from fleet.tasks.models import Job
from flows.prepare_print_jobs import prepare_batch
from printers_sim.device.speed import speed_licence
from printers_sim.packages import app_package, firmware_image, settings_bundle
from steps.agent_packages import own_target
from steps.samples import letter_pdf
from tests.support.configurations import add_configuration, add_file, settings_of
from tests.support.fleet import add_printers
from tests.support.installation import PASSWORD
from tests.support.nodes import storage_node
from tests.support.people import group
from tests.support.print_queues import add_held
from tests.support.print_settings import set_print_settings
from tests.support.supplies import CONTACT

if TYPE_CHECKING:
    from tests.support.two_partners import Side

PRINT_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "quotas": {"enabled": True},
    "policies": {"print_enabled": True, "client_enabled": True},
    "assignments": {"enabled": True},
    "jobs": {"delegation_enabled": True, "phone_stickers_enabled": True},
    "hybrid_storage": {"enabled": True},
}
SCAN_SETTINGS = ScanSettings(
    enabled=True, personal_destinations=True, families=("microsoft", "folder", "webdav", "email"), folder_choice=True
)
_numbers = count(1)
GOOD_PASSWORD = "A sound one: 4711 times!"
VARIABLES = b"IPADDRESS,Site tag\n10.199.96.231,Kip1\n"
PAGES = {"pages": {"TRANSLATION": 10}}
SOLUTION = "format: pressroom-solution/1\nname: {name}\nsteps:\n  - kind: download\n"


def _period(_side: "Side") -> dict[str, str]:
    today = datetime.now(UTC).date()
    return {"first": str(today.replace(day=1)), "last": str(today)}


def _people_file(side: "Side") -> dict[str, Any]:
    row = f"{side.fresh_address()},CREATE,{GOOD_PASSWORD}" + "," * (len(HEADER) - 3)
    return {"file": ("people.csv", f"{','.join(HEADER)}\n{row}\n".encode(), "text/csv")}


def _badges_file(side: "Side") -> dict[str, Any]:
    row = f"{side.fresh_number()},CREATE,{side.administrator.email},,"
    return {"file": ("badges.csv", f"BADGE,OPERATION,EMAIL,TEMPORARY,PIN\n{row}\n".encode(), "text/csv")}


def _about_somebody(side: "Side") -> dict[str, str]:
    return {"email": side.person().email}


def _credentials(side: "Side") -> dict[str, str]:
    return {"email": side.person().email, "password": PASSWORD}


def _schedule(_side: "Side") -> dict[str, Any]:
    return {"kind": "check_compliance"}


def _notification_policy(side: "Side") -> dict[str, Any]:
    return {"kind": "supplies", "types": ["toner"], "recipients": [side.fresh_address()], "threshold": 10}


def _scan_destination(side: "Side") -> dict[str, Any]:
    definition = {"name": f"{side.marker} {side.fresh_number()}", "service": "folder", "path": "Scans"}
    return {"definition": definition, "secrets": {}, "based_on": None}


def _scan_folder(side: "Side") -> dict[str, Any]:
    return {"service": "folder", "path": f"{side.marker} {side.fresh_number()}", "access": {}, "secrets": {}}


def _scan_settings(_side: "Side") -> dict[str, Any]:
    return {"settings": SCAN_SETTINGS.model_dump(mode="json"), "version": None}


def _password(_side: "Side") -> dict[str, str]:
    return {"password": GOOD_PASSWORD}


def _identity_provider(_side: "Side") -> dict[str, Any]:
    well_known = "https://127.0.0.1:9/.well-known/openid-configuration"
    configuration = {"kind": "oidc", "client_id": "pressroom", "well_known_url": well_known}
    return {"configuration": configuration, "client_secret": "known to both"}


def _web_folder(_side: "Side") -> dict[str, Any]:
    return {"options": {"address": "https://127.0.0.1:9/dav", "user": "ann"}, "secrets": {"password": "of ann"}}


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


def _named_customer(side: "Side") -> dict[str, str]:
    """A customer of their own, who is asked for by its name."""
    name = f"{side.marker} customer {side.fresh_number()}"
    return {"organization_id": side.new("create_organization", name=name), "name": name}


def _session(side: "Side") -> dict[str, str]:
    person = side.person()
    side.token(person)
    return {"user_id": person.user_id, "session_id": side.listed(f"/users/{person.user_id}/sessions")}


def _fresh_pins(side: "Side") -> dict[str, list[str]]:
    person = side.person()
    return {"ids": [set_own_pin(person, f"{int(side.fresh_number()) % 10_000:04}37").id]}


def _own_fresh_pin(side: "Side") -> dict[str, str]:
    set_own_pin(side.administrator, f"{int(side.fresh_number()) % 10_000:04}37")
    return {}


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


def _printer(side: "Side") -> str:
    return add_printers(side.administrator.organization_id, 1)[0]


def _printers(side: "Side") -> dict[str, Any]:
    return {"printer_ids": [_printer(side)]}


def _fleet_task(side: "Side") -> dict[str, str]:
    return {"task_id": check_compliance(side.administrator, [_printer(side)])}


def _pending_jobs(side: "Side") -> dict[str, Any]:
    task = _fleet_task(side)
    with side.administrator.session(read_only=True) as session:
        jobs = session.scalars(select(Job.id).where(Job.task_id == task["task_id"])).all()
    return {**task, "job_ids": list(jobs)}


def _print_node(side: "Side") -> str:
    return storage_node(side.administrator.organization_id, f"{side.marker} {side.fresh_number()}").id


def _print_nodes(side: "Side") -> dict[str, list[str]]:
    return {"ids": [_print_node(side)]}


def _addresses_file(side: "Side") -> dict[str, Any]:
    addresses = ("printers.csv", b"IP Address\n127.0.0.9\n", "text/csv")
    return {"file": addresses, "tag_ids": side.new("create_printer_tag")}


def _bundle(_side: "Side") -> dict[str, Any]:
    return {"file": ("bundle.zip", settings_bundle(settings={"fax.rings": 4}), "application/zip")}


def _variables(_side: "Side") -> dict[str, Any]:
    return {"file": ("variables.csv", VARIABLES, "text/csv")}


def _file_for_a_printer(side: "Side") -> dict[str, Any]:
    return {**_bundle(side), "printer_ids": _printer(side)}


def _resource(side: "Side") -> str:
    return add_file(side.administrator, "bundle.zip", settings_bundle(settings={"fax.rings": 4}))


def _print_assignment(side: "Side", collection: str) -> dict[str, Any]:
    return {"kind": "personal", "name": side.person().email, "definition_id": side.made(collection)}


def _print_policy_assignment(side: "Side") -> dict[str, Any]:
    return _print_assignment(side, "/print-policies")


def _client_policy_assignment(side: "Side") -> dict[str, Any]:
    return _print_assignment(side, "/client-policies")


def _client_policy_of_workstations(side: "Side") -> dict[str, Any]:
    return {"ids": [workstation(side)], "policy_id": side.made("/client-policies")}


def _assigned_printers(side: "Side") -> dict[str, Any]:
    named = {"kind": "personal", "emails": [side.administrator.email], "tag_ids": [side.new("create_printer_tag")]}
    return {**named, "name": f"{side.marker} {next(_numbers)}"}


def workstation(side: "Side") -> str:
    """A workstation at which the administrator is signed in."""
    return check_in(side.administrator, Status(f"{side.marker:w<40}", f"{side.marker} workstation")).client_id


def print_package(side: "Side") -> str:
    """A package that the administrator has had made."""
    choice = PackageChoice(system="linux", type="cloud")
    package_id = start_package(side.administrator, choice, "ipps://print.example.com/ipp/print/0").id
    finish_with_file(side.administrator.organization_id, package_id, "package.zip", "application/zip")
    return package_id


def _report_schedule(side: "Side") -> dict[str, Any]:
    return {"kind": "released", "subject": {}, "recipients": [side.administrator.email]}


def print_report(side: "Side") -> str:
    """A report that the administrator has had made."""
    report_id = start_report(side.administrator, ReportKind.RELEASED, _report_scope()).id
    finish_with_file(side.administrator.organization_id, report_id, "printed.csv", "text/csv")
    return report_id


def _report_scope() -> ReportScope:
    today = datetime.now(UTC).date()
    return ReportScope(first=today, last=today)


def finish_with_file(organization_id: str, task_id: str, name: str, media_type: str) -> None:
    """What a worker does with a task that makes a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(b"made")
        kept = keep_files(organization_id, task_id, [MadeFile(path, name, media_type)])
    with tenant_session(organization_id) as session:
        task = session.get_one(BackgroundTask, task_id)
        task.state, task.result, task.finished = TaskState.FINISHED, kept, now()


def _print_quota_assignment(side: "Side") -> dict[str, Any]:
    return _print_assignment(side, "/print-quotas/definitions")


def _print_settings(_side: "Side") -> dict[str, Any]:
    return {"jobs": {"oldest_first": True}}


def held_job(side: "Side") -> str:
    """A document of the administrator that waits in the print queue."""
    with TemporaryDirectory() as folder:
        submission = Submission("Letter.pdf", JobSource.API)
        job = submit_file(side.administrator, submission, letter_pdf(Path(folder)))
    prepare_batch.fn(side.administrator.organization_id)
    return job.id


def _release_request(side: "Side") -> dict[str, Any]:
    return {
        "printer_id": _printer(side),
        "job_ids": [held_job(side)],
        "changes": {},
        "keep": False,
        "everything": False,
    }


def release_of(side: "Side") -> dict[str, str]:
    """A release of such a document, which no worker carries out."""
    request = ReleaseRequest(_printer(side), job_ids=[held_job(side)], origin="portal")
    return {"release_id": start_release(side.administrator, request).id}


def _usage(side: "Side") -> dict[str, Any]:
    request = ReleaseRequest(_printer(side), job_ids=[held_job(side)], origin="portal")
    release = start_release(side.administrator, request)
    return {
        "printer_id": release.printer_id,
        "release": release.attempts[0].id,
        "impressions": 1,
        "color_impressions": 0,
        "sheets": 1,
    }


def _printer_with_phones(side: "Side") -> dict[str, str]:
    facts = {"agent_kind": AgentKind.NATIVE, "firmware_level": "081.215"}
    return {"printer_id": add_printers(side.administrator.organization_id, 1, **facts)[0]}


def _printer_with_sticker(side: "Side") -> dict[str, str]:
    set_print_settings(side.administrator, **PRINT_SETTINGS)
    return {"printer_id": _printer(side)}


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


def _print_job(side: "Side") -> dict[str, str]:
    return {"job_id": add_held(side.administrator)}


def _prepared_job(side: "Side") -> dict[str, str]:
    return {"job_id": held_job(side)}


def _delegation_on(side: "Side") -> dict[str, str]:
    set_print_settings(side.administrator, **PRINT_SETTINGS)
    return {}


def _delegation(side: "Side") -> str:
    _delegation_on(side)
    return add_delegate(side.administrator, NewDelegate(side.person().user_id)).id


def _letter() -> bytes:
    with TemporaryDirectory() as folder:
        return letter_pdf(Path(folder)).read_bytes()


def _guest(side: "Side") -> str:
    """A print guest who may print."""
    organization_id = side.administrator.organization_id
    with tenant_session(organization_id) as session:
        return admit_guest(session, organization_id, side.fresh_address(), EmailSettings()).guest_id


def _blocked_guest(side: "Side") -> str:
    guest_id = _guest(side)
    remove_guests(side.administrator, [guest_id], block=True)
    return guest_id


def _print_address(side: "Side") -> Mapping[str, Any]:
    """An address for printing by e-mail that could not be set up yet."""
    with tenant_session(side.administrator.organization_id) as session:
        if session.scalar(select(PrintMailAddress)) is None:
            session.add(PrintMailAddress(local_part=f"print{side.fresh_number()}", state=AddressState.ERROR))
    return {}


def _mailbox(side: "Side") -> Mapping[str, Any]:
    """A mailbox that can be looked into, on a server that nobody asks."""
    save_mailbox(side.administrator, MailboxSettings.model_validate(MAILBOX), "secret")
    return {}


LETTER = _letter()
MAILBOX = {"address": "print@customer.example", "host": "imap.customer.example", "user": "print"}

SOUND: Mapping[str, Callable[["Side"], Mapping[str, Any]]] = {
    "save_print_mailbox": lambda _: {"settings": MAILBOX, "password": "secret"},
    "add_app_package": _app_file,
    "add_firmware": _firmware_file,
    "add_resource": _bundle,
    "answer_supplies_requests": _pending_requests,
    "assign_configuration": _printers,
    "assign_print_policy": _print_policy_assignment,
    "assign_client_policy": _client_policy_assignment,
    "assign_policy_to_print_clients": _client_policy_of_workstations,
    "create_print_assignment": _assigned_printers,
    "update_print_assignment": _assigned_printers,
    "add_up_printing": _period,
    "make_print_report": lambda _side: {"kind": "full", "scope": _report_scope().model_dump(mode="json")},
    "build_print_package": lambda _side: {"system": "linux", "type": "cloud", "assignment_ids": []},
    "assign_print_quota": _print_quota_assignment,
    "assign_default_delivery_contact": _printers,
    "assign_delivery_contact": _printers,
    "check_compliance": _printers,
    "choose_printer_view": lambda _: {"view_id": STANDARD.id},
    "check_configuration_bundle": _bundle,
    "check_configuration_variables": _variables,
    "configure_authentication_provider": _identity_provider,
    "confirm_identity": lambda _: {"password": PASSWORD},
    "create_delivery_contact": _contact,
    "create_custom_quota": lambda side: {"name": side.person().email},
    "create_distribution": lambda _: PAGES,
    "create_fleet_schedule": _schedule,
    "create_notification_policy": _notification_policy,
    "create_personal_scan_destination": _scan_destination,
    "create_scan_destination": _scan_destination,
    "create_scan_folder": _scan_folder,
    "list_scan_folders": lambda side: {**_scan_folder(side), "path": ""},
    "list_scan_places": lambda side: {**_scan_folder(side), "path": "", "within": ""},
    "create_session": _credentials,
    "deploy_speed_upgrade": _speed_upgrade,
    "deploy_configuration": _printers,
    "deploy_file": _file_for_a_printer,
    "edit_distribution": lambda _: PAGES,
    "enforce_configuration": _printers,
    "enter_organization": lambda side: {"organization_id": side.customer_id},
    "export_compliance_evidence": _fleet_task,
    "export_organization_report": _period,
    "export_organizations_report": _period,
    "get_organization_report": _period,
    "get_panel_code": _printer_with_phones,
    "get_sticker_code": _printer_with_sticker,
    "get_organizations_report": _period,
    "import_badges": _badges_file,
    "import_configuration_bundle": _bundle,
    "import_configuration_variables": _variables,
    "import_solution": lambda side: {"": SOLUTION.format(name=f"{side.marker} {side.fresh_number()}")},
    "import_users": _people_file,
    "link_storage_account": _web_folder,
    "preview_print_settings": _print_settings,
    "mark_supply_order": lambda _: {"state": "shipped"},
    "recommend_firmware": _recommendation,
    "release_managed_printers": lambda side: {"printer_ids": add_printers(side.customer_id, 1, msp=MspStatus.MEMBER)},
    "list_drift": lambda side: {"printer_id": _printer(side)},
    "register_badge": _about_somebody,
    "register_badge_at_printer": _credentials,
    "release_print_jobs": _release_request,
    "remove_group_members": lambda side: {"user_id": [side.made("/users")]},
    "report_print_usage": _usage,
    "review_speed_upgrade": _speed_upgrade,
    "revoke_distribution": lambda side: {"name": side.customer_name},
    "set_minimum_app_version": lambda _: {"version": "1.0"},
    "set_own_password": _password,
    "set_password": _password,
    "set_pin": _about_somebody,
    "set_printer_time_zones": lambda side: {**_printers(side), "time_zone": "Europe/Stockholm"},
    "start_delivery_contact_import": _contacts_file,
    "tag_printers_by_file": _addresses_file,
    "update_delivery_contact": _contact,
    "update_supplies_programme": lambda _: {"settings": {"kind": "desk"}, "secrets": {}},
    "take_user_roles": lambda side: {"user_id": [side.made("/users")]},
    "update_firmware": _firmware_update,
    "unassign_configuration": _printers,
    "update_fleet_schedule": _schedule,
    "create_print_report_schedule": _report_schedule,
    "update_print_report_schedule": _report_schedule,
    "update_notification_policy": _notification_policy,
    "update_print_settings": _print_settings,
    "update_printer_login": lambda _: {"methods": ["badge", "pin", "secure_login"], "pin_generation": "user"},
    "update_scan_destination": _scan_destination,
    "update_scan_settings": _scan_settings,
    "update_solution": lambda side: {"name": f"{side.marker} {side.fresh_number()}", "steps": [{"kind": "download"}]},
    "download_agent_package": lambda _: {"target": own_target(), "licences_accepted": True},
    "mail_installation_link": lambda side: {"agent_id": side.new("create_agent"), "email": side.fresh_address()},
    "submit_print_jobs": lambda _: {"file": ("letter.pdf", LETTER, "application/pdf"), "ticket": '{"copies": 2}'},
    "add_print_delegate": lambda side: {"email": side.person().email, "user_id": "", "owner_id": ""},
    "start_agent_task": lambda side: {"agent_ids": [side.new("create_agent")]},
}
"""By operation: what the request says."""

OF_THEIR_OWN: Mapping[str, Callable[["Side"], Mapping[str, Any]]] = {
    "add_print_delegate": _delegation_on,
    "change_print_job": _print_job,
    "delete_print_job": _print_job,
    "delete_print_nodes": _print_nodes,
    "disable_print_nodes": _print_nodes,
    "enable_print_nodes": _print_nodes,
    "get_print_node": lambda side: {"node_id": _print_node(side)},
    "delete_print_jobs": lambda side: {"ids": [_print_job(side)["job_id"]]},
    "evaluate_print_job": lambda side: {"job_id": held_job(side)},
    "get_print_job": _print_job,
    "list_print_delegate_candidates": _delegation_on,
    "list_print_delegates": _delegation_on,
    "read_print_job": _prepared_job,
    "read_print_job_preview": _prepared_job,
    "remove_print_delegate": lambda side: {"delegation_id": _delegation(side)},
    "remove_print_delegates": lambda side: {"ids": [_delegation(side)]},
    "remove_print_guests": lambda side: {"ids": [_guest(side)]},
    "retry_print_address": _print_address,
    "fetch_print_mail": _mailbox,
    "get_print_mailbox": _mailbox,
    "remove_print_mailbox": _mailbox,
    "unblock_print_guests": lambda side: {"ids": [_blocked_guest(side)]},
    "assign_configuration": _configuration,
    "cancel_print_release": release_of,
    "cancel_delivery_contact_import": lambda side: {"import_id": side.new("start_delivery_contact_import")},
    "cancel_run": lambda side: {"run_id": side.new("start_run")},
    "check_configuration_bundle": _draft,
    "check_configuration_variables": _draft,
    "create_configuration_draft": _configuration,
    "create_distribution": lambda side: {"organization_id": side.new("create_organization")},
    "delete_configuration": _draft,
    "delete_configuration_variables": _with_variables,
    "delete_configurations": lambda side: {"ids": [_draft(side)["configuration_id"]]},
    "delete_delivery_contact": _contact_id,
    "delete_groups": lambda side: {"group_id": [group(side.administrator, side.fresh_number())]},
    "delete_organization": _named_customer,
    "download_print_report": lambda side: {"report_id": print_report(side), "number": "0"},
    "delete_client_policy": lambda side: {"policy_id": side.new("create_client_policy")},
    "delete_print_assignment": lambda side: {"assignment_id": side.new("create_print_assignment")},
    "forget_print_client": lambda side: {"client_id": workstation(side)},
    "remove_client_policy_assignment": lambda side: {"assignment_id": side.new("assign_client_policy")},
    "delete_print_policy": lambda side: {"policy_id": side.new("create_print_policy")},
    "delete_print_quota": lambda side: {"quota_id": side.new("create_print_quota")},
    "delete_printer_tags": lambda side: {"tag_id": [side.new("create_printer_tag")]},
    "delete_printer_views": lambda side: {"view_id": [side.new("create_printer_view")]},
    "delete_resource": lambda side: {"resource_id": _resource(side)},
    "delete_resources": lambda side: {"ids": [_resource(side)]},
    "deploy_configuration": _configuration,
    "delete_scan_destinations": lambda side: {"destination_id": [side.new("create_scan_destination")]},
    "delete_users": lambda side: {"user_id": [side.person().user_id]},
    "discard_configuration_draft": _draft,
    "end_own_session": lambda side: {"session_id": side.listed("/me/sessions")},
    "end_session": _session,
    "export_configuration_variables": _with_variables,
    "get_print_release": release_of,
    "import_configuration_bundle": _draft,
    "import_configuration_variables": _draft,
    "make_configuration_default": _configuration,
    "publish_configuration": _draft,
    "remove_badges": lambda side: {"ids": [side.new("register_badge", email=side.administrator.email)]},
    "remove_my_pin": _own_fresh_pin,
    "remove_print_policy_assignment": lambda side: {"assignment_id": side.new("assign_print_policy")},
    "remove_print_quota_assignment": lambda side: {"assignment_id": side.new("assign_print_quota")},
    "remove_pins": _fresh_pins,
    "save_configuration_draft": _draft,
    "stop_fleet_task_jobs": _pending_jobs,
    "watch_print_release": release_of,
}
"""By operation: what it is asked about, made for this one request where it uses up what it is asked about."""

OTHERWISE: Mapping[str, str] = {
    "download_printer_agent": "enrolment.no_printer_agent",
    "add_printers_to_managed_supplies": "supplies_programme.parent",
    "check_supplies_eligibility": "supplies_programme.parent",
    "share_firmware": "firmware.operator_needed",
    "activate_authentication_provider": "federation.not_checked",
    "badge_out_at_printer": "printer_session.ended",
    "cancel_release_at_panel": "printer_session.ended",
    "change_job_at_printer": "printer_session.ended",
    "delete_job_at_printer": "printer_session.ended",
    "get_release_at_panel": "printer_session.ended",
    "get_release_panel": "printer_session.ended",
    "list_jobs_at_printer": "printer_session.ended",
    "list_owners_at_printer": "printer_session.ended",
    "release_at_panel": "printer_session.ended",
    "list_solutions_at_printer": "printer_session.ended",
    "get_solution_at_printer": "printer_session.ended",
    "check_step_at_printer": "printer_session.ended",
    "list_used_pages_at_printer": "printer_session.ended",
    "create_run_draft": "printer_session.ended",
    "list_run_drafts": "printer_session.ended",
    "get_run_draft": "printer_session.ended",
    "update_run_draft": "printer_session.ended",
    "discard_run_draft": "printer_session.ended",
    "scan_for_run_draft": "printer_session.ended",
    "watch_run_draft": "printer_session.ended",
    "get_scanned_page": "printer_session.ended",
    "send_document_part": "printer_session.ended",
    "send_run_draft": "printer_session.ended",
    "list_runs_at_printer": "printer_session.ended",
    "get_run_at_printer": "printer_session.ended",
    "cancel_run_at_printer": "printer_session.ended",
    "watch_run_at_printer": "printer_session.ended",
    "watch_release_at_panel": "printer_session.ended",
    "create_recovery_codes": "second_factor.not_begun",
    "export_organizations_report": "report.no_customer_used_any",
    "finish_second_factor": "second_factor.not_begun",
    "get_organizations_report": "report.no_customer_used_any",
    "get_printer_session": "printer_session.ended",
    "release_federated_identity": "not_found",
    "remove_authentication_provider": "federation.no_provider",
    "keep_firmware": "resource.not_verified",
    "run_again": "run.nothing_failed",
    "set_pin": "pin.set_by_owners",
    "verify_firmware": "firmware.bad_build",
    "begin_universal_print_sign_in": "print.feature_disabled",
    "finish_universal_print_sign_in": "cloud_print.sign_in_over",
    "unregister_universal_printer": "not_found",
    "register_printer_by_code": "enrolment.unknown_code",
    "refresh_agent_printers": "fleet_task.nothing_chosen",
}
"""By operation: the code of what it is answered at best."""


def sound_values(name: str, side: "Side") -> Mapping[str, Any]:
    """What a request to the operation of that name says, on that side."""
    return SOUND[name](side) if name in SOUND else {}


def of_its_own(name: str, side: "Side") -> Mapping[str, Any]:
    """What the operation of that name is asked about, where it uses that up."""
    return OF_THEIR_OWN[name](side) if name in OF_THEIR_OWN else {}
