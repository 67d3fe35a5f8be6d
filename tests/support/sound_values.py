"""What requests of the walks say where a made-up value cannot do, and what stands in the way of the rest.

Whoever adds an operation whose made-up request is refused adds it here: to `SOUND` with values that are accepted, by
the names of its properties and parameters; to `OF_THEIR_OWN` where it also needs an object of its own; or, where the
world of the walks cannot have what it takes, to `OTHERWISE` (and tries it in a test of its own). What is said about
printers and agents, and about printing, stands in modules of its own.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from domain.people.import_file import HEADER
from domain.printer_login.own import set_own_pin
from domain.scan_settings.settings import ScanSettings
from domain.translation.terms import TERMS_VERSION
from tests.support.installation import PASSWORD
from tests.support.people import group, unknown_badge
from tests.support.sound_camera_values import CAMERA_OF_THEIR_OWN, CAMERA_SOUND
from tests.support.sound_fleet_values import FLEET_OF_THEIR_OWN, FLEET_SOUND
from tests.support.sound_print_values import PRINT_OF_THEIR_OWN, PRINT_SOUND

if TYPE_CHECKING:
    from tests.support.two_partners import Side

SCAN_SETTINGS = ScanSettings(
    enabled=True, personal_destinations=True, families=("microsoft", "folder", "webdav", "email"), folder_choice=True
)
GOOD_PASSWORD = "A sound one: 4711 times!"
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


SOUND: Mapping[str, Callable[["Side"], Mapping[str, Any]]] = {
    **CAMERA_SOUND,
    **FLEET_SOUND,
    **PRINT_SOUND,
    "add_up_printing": _period,
    "configure_authentication_provider": _identity_provider,
    "confirm_identity": lambda _: {"password": PASSWORD},
    "create_custom_quota": lambda side: {"name": side.person().email},
    "create_distribution": lambda _: PAGES,
    "create_personal_scan_destination": _scan_destination,
    "create_scan_destination": _scan_destination,
    "create_scan_folder": _scan_folder,
    "list_scan_folders": lambda side: {**_scan_folder(side), "path": ""},
    "list_scan_places": lambda side: {**_scan_folder(side), "path": "", "within": ""},
    "create_session": _credentials,
    "edit_distribution": lambda _: PAGES,
    "enter_organization": lambda side: {"organization_id": side.customer_id},
    "export_organization_report": _period,
    "export_organizations_report": _period,
    "get_organization_report": _period,
    "get_organizations_report": _period,
    "import_badges": _badges_file,
    "import_solution": lambda side: {"": SOLUTION.format(name=f"{side.marker} {side.fresh_number()}")},
    "import_users": _people_file,
    "link_storage_account": _web_folder,
    "register_badge": _about_somebody,
    "register_badge_at_printer": _credentials,
    "register_unknown_badge": lambda side: {"email": side.administrator.email},
    "remove_group_members": lambda side: {"user_id": [side.made("/users")]},
    "revoke_distribution": lambda side: {"name": side.customer_name},
    "set_own_password": _password,
    "set_password": _password,
    "set_pin": _about_somebody,
    "take_user_roles": lambda side: {"user_id": [side.made("/users")]},
    "update_printer_login": lambda _: {"methods": ["badge", "pin", "secure_login"], "pin_generation": "user"},
    "update_scan_destination": _scan_destination,
    "start_translation": lambda _: {"target_languages": "es", "terms_version": TERMS_VERSION},
    "update_scan_settings": _scan_settings,
    "update_solution": lambda side: {"name": f"{side.marker} {side.fresh_number()}", "steps": [{"kind": "download"}]},
    "mail_installation_link": lambda side: {"agent_id": side.new("create_agent"), "email": side.fresh_address()},
}
"""By operation: what the request says."""

OF_THEIR_OWN: Mapping[str, Callable[["Side"], Mapping[str, Any]]] = {
    **CAMERA_OF_THEIR_OWN,
    **FLEET_OF_THEIR_OWN,
    **PRINT_OF_THEIR_OWN,
    "cancel_delivery_contact_import": lambda side: {"import_id": side.new("start_delivery_contact_import")},
    "cancel_run": lambda side: {"run_id": side.new("start_run")},
    "create_distribution": lambda side: {"organization_id": side.new("create_organization")},
    "delete_groups": lambda side: {"group_id": [group(side.administrator, side.fresh_number())]},
    "delete_organization": _named_customer,
    "delete_scan_destinations": lambda side: {"destination_id": [side.new("create_scan_destination")]},
    "delete_users": lambda side: {"user_id": [side.person().user_id]},
    "end_own_session": lambda side: {"session_id": side.listed("/me/sessions")},
    "end_session": _session,
    "register_unknown_badge": lambda side: {"unknown_id": unknown_badge(side.administrator, side.fresh_number())},
    "remove_badges": lambda side: {"ids": [side.new("register_badge", email=side.administrator.email)]},
    "remove_my_pin": _own_fresh_pin,
    "remove_pins": _fresh_pins,
}
"""By operation: what it is asked about, made for this one request where it uses up what it is asked about."""

OTHERWISE: Mapping[str, str] = {
    "download_printer_agent": "enrolment.no_printer_agent",
    "add_printers_to_managed_supplies": "supplies_programme.parent",
    "check_supplies_eligibility": "supplies_programme.parent",
    "share_firmware": "firmware.operator_needed",
    "list_feedback": "role.missing",
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
