"""What requests of the walks say about printing: see `sound_values`."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from domain.organizations.models import now
from domain.print_clients.checkin import Status, check_in
from domain.print_guests.administration import remove_guests
from domain.print_guests.admission import admit_guest
from domain.print_mail.mailboxes import MailboxSettings, save_mailbox
from domain.print_mail.sign_in import MailboxSecrets
from domain.print_reports.kinds import ReportKind
from domain.print_reports.scope import ReportScope
from domain.print_reports.service import start_report
from domain.print_settings.models import AddressState, PrintMailAddress
from domain.printing.delegates.service import NewDelegate, add_delegate
from domain.printing.settings import EmailSettings
from domain.printing.states import JobSource
from domain.printing.submission import Submission, submit_file
from domain.tasks.files import MadeFile, keep_files
from domain.tasks.models import BackgroundTask, TaskState
from domain.tenancy import tenant_session
from fleet.agents.models import AgentKind
from fleet.print_packages.choice import PackageChoice
from fleet.print_packages.service import start_package
from fleet.releasing.batches import ReleaseRequest, start_release
from flows.prepare_print_jobs import prepare_batch
from steps.samples import letter_pdf
from tests.support.fleet import add_printers
from tests.support.nodes import storage_node
from tests.support.print_queues import add_held
from tests.support.print_settings import set_print_settings
from tests.support.sound_fleet_values import some_printer

if TYPE_CHECKING:
    from tests.support.two_partners import Side


PRINT_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "quotas": {"enabled": True},
    "policies": {"print_enabled": True, "client_enabled": True},
    "assignments": {"enabled": True},
    "jobs": {"delegation_enabled": True, "phone_stickers_enabled": True},
    "hybrid_storage": {"enabled": True},
}


def _print_node(side: "Side") -> str:
    return storage_node(side.administrator.organization_id, f"{side.marker} {side.fresh_number()}").id


def _print_nodes(side: "Side") -> dict[str, list[str]]:
    return {"ids": [_print_node(side)]}


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
    return {**named, "name": f"{side.marker} {side.fresh_number()}"}


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
        "printer_id": some_printer(side),
        "job_ids": [held_job(side)],
        "changes": {},
        "keep": False,
        "everything": False,
    }


def release_of(side: "Side") -> dict[str, str]:
    """A release of such a document, which no worker carries out."""
    request = ReleaseRequest(some_printer(side), job_ids=[held_job(side)], origin="portal")
    return {"release_id": start_release(side.administrator, request).id}


def _usage(side: "Side") -> dict[str, Any]:
    request = ReleaseRequest(some_printer(side), job_ids=[held_job(side)], origin="portal")
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
    return {"printer_id": some_printer(side)}


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
    set_print_settings(side.administrator, **PRINT_SETTINGS, email={"enabled": True})
    save_mailbox(side.administrator, MailboxSettings.model_validate(MAILBOX), MailboxSecrets("secret"))
    return {}


LETTER = _letter()
MAILBOX = {"address": "print@customer.example", "host": "imap.customer.example", "user": "print"}
MICROSOFT = {"sign_in": "microsoft", "tenant": "customer.example", "client_id": "pressroom"}

PRINT_SOUND: Mapping[str, Callable[["Side"], Mapping[str, Any]]] = {
    "save_print_mailbox": lambda _: {"settings": MAILBOX | MICROSOFT, "client_secret": "secret"},
    "create_print_report_schedule": _report_schedule,
    "update_print_report_schedule": _report_schedule,
    "assign_print_policy": _print_policy_assignment,
    "assign_client_policy": _client_policy_assignment,
    "assign_policy_to_print_clients": _client_policy_of_workstations,
    "create_print_assignment": _assigned_printers,
    "update_print_assignment": _assigned_printers,
    "make_print_report": lambda _side: {"kind": "full", "scope": _report_scope().model_dump(mode="json")},
    "build_print_package": lambda _side: {"system": "linux", "type": "cloud", "assignment_ids": []},
    "assign_print_quota": _print_quota_assignment,
    "get_panel_code": _printer_with_phones,
    "get_sticker_code": _printer_with_sticker,
    "preview_print_settings": _print_settings,
    "release_print_jobs": _release_request,
    "report_print_usage": _usage,
    "update_print_settings": _print_settings,
    "submit_print_jobs": lambda _: {"file": ("letter.pdf", LETTER, "application/pdf"), "ticket": '{"copies": 2}'},
    "add_print_delegate": lambda side: {"email": side.person().email, "user_id": "", "owner_id": ""},
}
"""By operation: what the request says."""

PRINT_OF_THEIR_OWN: Mapping[str, Callable[["Side"], Mapping[str, Any]]] = {
    "fetch_print_mail": _mailbox,
    "get_print_mailbox": _mailbox,
    "remove_print_mailbox": _mailbox,
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
    "unblock_print_guests": lambda side: {"ids": [_blocked_guest(side)]},
    "cancel_print_release": release_of,
    "download_print_report": lambda side: {"report_id": print_report(side), "number": "0"},
    "delete_client_policy": lambda side: {"policy_id": side.new("create_client_policy")},
    "delete_print_assignment": lambda side: {"assignment_id": side.new("create_print_assignment")},
    "forget_print_client": lambda side: {"client_id": workstation(side)},
    "remove_client_policy_assignment": lambda side: {"assignment_id": side.new("assign_client_policy")},
    "delete_print_policy": lambda side: {"policy_id": side.new("create_print_policy")},
    "delete_print_quota": lambda side: {"quota_id": side.new("create_print_quota")},
    "get_print_release": release_of,
    "remove_print_policy_assignment": lambda side: {"assignment_id": side.new("assign_print_policy")},
    "remove_print_quota_assignment": lambda side: {"assignment_id": side.new("assign_print_quota")},
    "watch_print_release": release_of,
}
"""By operation: what it is asked about, made for this one request where it uses up what it is asked about."""
