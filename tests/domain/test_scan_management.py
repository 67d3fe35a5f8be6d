"""Scan Management: what holds for an organization, and the destinations of the organization and of people."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.messages import fill
from connectors.value_problems import value_problem
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import Organization
from domain.organizations.roles import Entitlement, Role
from domain.scan_destinations import service
from domain.scan_destinations.accounts import account_of_scan, scan_account
from domain.scan_destinations.at_printer import scan_settings_of
from domain.scan_destinations.definition import CustomScan, DestinationDefinition
from domain.scan_destinations.models import ScanDestination
from domain.scan_destinations.service import DestinationView, Scope
from domain.scan_settings.families import FAMILIES
from domain.scan_settings.service import change_scan_settings, get_scan_settings, scan_settings
from domain.scan_settings.settings import ScanSettings
from domain.scanning.settings import ScanSettings as PrinterScanSettings
from domain.storage_accounts.service import forget_account, link_account
from tests.support.people import person

ALL = ("microsoft", "google", "box", "dropbox", "folder", "webdav", "s3", "email")
ON = ScanSettings(enabled=True, personal_destinations=True, families=ALL)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(PressroomError) as refused:
        call()
    return refused.value.code


def destination(name: str = "Invoices", service_name: str = "folder", **values: Any) -> DestinationDefinition:
    return DestinationDefinition.model_validate({"name": name, "service": service_name, **values})


def made(actor: Actor, definition: DestinationDefinition, scope: Scope = Scope.ORGANIZATIONAL) -> DestinationView:
    return service.create_destination(actor, scope, definition)


@pytest.fixture
def scanner(administrator: Actor) -> Actor:
    """Somebody who scans, in an organization where Scan Management is on."""
    change_scan_settings(administrator, ON)
    return person(administrator, "scanner@pressroom.example", Role.SCAN_USER)


# --- settings


def test_it_is_off_until_an_administrator_switches_it_on_with_a_provider(administrator: Actor) -> None:
    scanner = person(administrator, "scanner@pressroom.example", Role.SCAN_USER)
    assert code_of(lambda: scan_settings(scanner)) == "scan.not_enabled"
    assert not scan_settings(administrator).enabled
    assert code_of(lambda: change_scan_settings(administrator, ScanSettings(enabled=True))) == "scan.no_provider"
    change_scan_settings(administrator, ScanSettings(enabled=True, families=("box",)))
    assert scan_settings(scanner).families == ("box",)


def test_switched_off_everything_is_kept_and_has_no_effect(administrator: Actor, scanner: Actor) -> None:
    made(administrator, destination())
    change_scan_settings(administrator, ON.model_copy(update={"enabled": False}))
    assert code_of(lambda: service.list_destinations(scanner, Scope.ORGANIZATIONAL)) == "scan.not_enabled"
    (kept,) = service.list_destinations(administrator, Scope.ORGANIZATIONAL)
    assert kept.problem is not None
    assert get_scan_settings(administrator).settings.families == ALL


def test_the_roles_count_only_while_the_organization_is_entitled(administrator: Actor, scanner: Actor) -> None:
    """SCAN-6."""
    assert scan_settings(scanner).enabled
    with administrator.session() as session:
        organization = session.get_one(Organization, administrator.organization_id)
        before = list(organization.entitlements)
        organization.entitlements = [one for one in before if one != Entitlement.SCAN.value]
    try:
        user, chief = actor_of_user(scanner.user_id), actor_of_user(administrator.user_id)
        assert code_of(lambda: service.list_destinations(user, Scope.ORGANIZATIONAL)) == "role.missing"
        assert code_of(lambda: change_scan_settings(chief, ON)) == "role.missing"
    finally:
        with administrator.session() as session:
            session.get_one(Organization, administrator.organization_id).entitlements = before


def test_only_administrators_see_and_change_the_settings(administrator: Actor, scanner: Actor) -> None:
    """TS-49, TS-52: who may not change them is told so, and who may not scan which role it takes."""
    assert code_of(lambda: get_scan_settings(scanner)) == "scan.settings_hidden"
    assert code_of(lambda: change_scan_settings(scanner, ScanSettings())) == "scan.settings_hidden"
    nobody = person(administrator, "nobody@pressroom.example", Role.OCR_USER)
    assert code_of(lambda: scan_settings(nobody)) == "role.missing"


def test_a_change_counts_is_recorded_and_meets_nobody_elses(administrator: Actor) -> None:
    """TS-49: a page that was open too long overwrites nothing."""
    assert change_scan_settings(administrator, ON).version == 1
    assert change_scan_settings(administrator, ON).version == 1
    change_scan_settings(administrator, ON.model_copy(update={"folder_choice": True}), version=1)
    assert code_of(lambda: change_scan_settings(administrator, ON, version=1)) == "scan.settings_changed_meanwhile"
    with administrator.session(read_only=True) as session:
        query = select(AuditEvent.facts).where(AuditEvent.action == "scan_settings.changed").order_by(AuditEvent.id)
        facts = session.scalars(query).all()
    assert facts[-1] == {"folder_choice": True, "former_folder_choice": False}


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        (ON, []),
        (ON.model_copy(update={"personal_destinations": False}), ["Box", "Dropbox"]),
        (ScanSettings(families=("box",), personal_destinations=True, account_domains=("a.example",)), ["Domains"]),
    ],
)
def test_what_cannot_be_used_is_told(administrator: Actor, settings: ScanSettings, warned: list[str]) -> None:
    told = [str(one) for one in change_scan_settings(administrator, settings).warnings]
    assert [text.split()[0] for text in told] == warned


@pytest.mark.parametrize(
    ("account", "is_taken"),
    [
        ("ann@Example.com", True),
        ("ann@sub.example.com", False),
        ("ann@listed.example.com", True),
        ("ann@example.org", False),
        ("ann", False),
    ],
)
def test_account_domains_are_compared_whole_and_without_regard_to_case(account: str, is_taken: bool) -> None:
    settings = ScanSettings(account_domains=(" EXAMPLE.com ", "listed.example.com"))
    assert settings.takes_account(account) is is_taken
    assert ScanSettings().takes_account(account)


# --- destinations


def test_the_organizations_are_the_administrators_and_ones_own_are_private(
    administrator: Actor, scanner: Actor
) -> None:
    """SCAN-4, SCAN-5, SCAN-30, SCAN-31, SCAN-33."""
    assert code_of(lambda: made(scanner, destination())) == "role.missing"
    shared = made(administrator, destination("For all"))
    assert code_of(lambda: service.delete_destinations(scanner, [shared.id])) == "scan_destination.administrators_only"
    own = made(scanner, destination("Mine"), Scope.PERSONAL)
    other = person(administrator, "other@pressroom.example", Role.SCAN_USER)
    for actor, names in ((scanner, ["For all", "Mine"]), (other, ["For all"]), (administrator, ["For all"])):
        found = [view for scope in Scope for view in service.list_destinations(actor, scope)]
        assert [view.definition.name for view in found] == names
    assert code_of(lambda: service.get_destination(other, own.id)) == "not_found"
    assert code_of(lambda: service.delete_destinations(administrator, [own.id])) == "not_found"


def test_a_stranger_finds_nothing(administrator: Actor, stranger: Actor, scanner: Actor) -> None:
    view = made(administrator, destination())
    change_scan_settings(stranger, ON)
    assert code_of(lambda: service.get_destination(stranger, view.id)) == "not_found"
    assert service.list_destinations(stranger, Scope.ORGANIZATIONAL) == []


def test_without_personal_destinations_there_is_no_such_tab(administrator: Actor, scanner: Actor) -> None:
    """SCAN-31."""
    own = made(scanner, destination("Mine"), Scope.PERSONAL)
    change_scan_settings(administrator, ON.model_copy(update={"personal_destinations": False}))
    assert service.list_destinations(scanner, Scope.PERSONAL) == []
    assert code_of(lambda: service.get_destination(scanner, own.id)) == "not_found"
    assert code_of(lambda: made(scanner, destination("More"), Scope.PERSONAL)) == "scan_destination.personal_off"
    change_scan_settings(administrator, ON)
    assert service.get_destination(scanner, own.id).definition.name == "Mine"


@pytest.mark.parametrize("family", ["box", "dropbox"])
def test_box_and_dropbox_are_for_personal_destinations_only(scanner: Actor, administrator: Actor, family: str) -> None:
    """SCAN-32."""
    assert code_of(lambda: made(administrator, destination("All", family))) == "scan_destination.personal_only"
    assert made(scanner, destination("Mine", family), Scope.PERSONAL).problem is None


def test_a_provider_that_is_switched_off_keeps_its_destinations_unusable(administrator: Actor, scanner: Actor) -> None:
    """SCAN-18, SCAN-42."""
    view = made(administrator, destination("Drive", "onedrive"))
    change_scan_settings(administrator, ON.model_copy(update={"families": ("folder",)}))
    problem = service.get_destination(scanner, view.id).problem
    assert problem is not None
    assert problem.code == "scan_destination.service_off"
    assert code_of(lambda: made(administrator, destination("New", "onedrive"))) == "scan_destination.service_off"
    renamed = destination("Renamed", "onedrive")
    assert service.change_destination(administrator, view.id, renamed).definition.name == "Renamed"


def test_names_are_unique_for_each_owner(administrator: Actor, scanner: Actor) -> None:
    """SCAN-43."""
    first = made(administrator, destination("Invoices"))
    made(scanner, destination("INVOICES"), Scope.PERSONAL)
    second = made(administrator, destination("Letters"))
    assert code_of(lambda: made(administrator, destination("invoices"))) == "scan_destination.name_taken"
    change = destination("INVOICES")
    assert (
        code_of(lambda: service.change_destination(administrator, second.id, change)) == "scan_destination.name_taken"
    )
    assert service.change_destination(administrator, first.id, change).definition.name == "INVOICES"


def test_a_printer_offers_no_more_than_fifty(administrator: Actor, scanner: Actor) -> None:
    """SCAN-120."""
    for number in range(service.MOST_DESTINATIONS):
        made(administrator, destination(f"Number {number}"))
    assert code_of(lambda: made(administrator, destination("One more"))) == "scan_destination.too_many"
    made(scanner, destination("Of another tab"), Scope.PERSONAL)
    (first, *_) = service.list_destinations(administrator, Scope.ORGANIZATIONAL)
    service.delete_destinations(administrator, [first.id])
    made(administrator, destination("One more"))


def test_a_change_over_anothers_change_is_refused(administrator: Actor, scanner: Actor) -> None:
    view = made(administrator, destination())
    service.change_destination(administrator, view.id, destination(path="Other"), based_on=1)
    again = lambda: service.change_destination(administrator, view.id, destination(), based_on=1)  # noqa: E731
    assert code_of(again) == "scan_destination.changed_meanwhile"


def test_several_are_deleted_at_once_all_or_none(administrator: Actor, scanner: Actor) -> None:
    """SCAN-34."""
    ids = [made(administrator, destination(name)).id for name in ("A", "B", "C")]
    assert code_of(lambda: service.delete_destinations(administrator, [ids[0], "gone"])) == "not_found"
    assert len(service.list_destinations(administrator, Scope.ORGANIZATIONAL)) == 3
    assert service.delete_destinations(administrator, [ids[0], ids[2], ids[0]]) == 2
    assert [view.id for view in service.list_destinations(scanner, Scope.ORGANIZATIONAL)] == [ids[1]]
    with administrator.session(read_only=True) as session:
        query = select(AuditEvent.facts).where(AuditEvent.action == "scan_destination.deleted").order_by(AuditEvent.id)
        assert [facts["name"] for facts in session.scalars(query)] == ["A", "C"]


def test_passwords_are_kept_encrypted_and_never_go_to_another_place(administrator: Actor, scanner: Actor) -> None:
    access = {"address": "https://dav.example/scans", "user": "scanner"}
    view = service.create_destination(
        administrator, Scope.ORGANIZATIONAL, destination("Share", "webdav", access=access), {"password": "very secret"}
    )
    assert view.secrets == {"password"}
    with administrator.session(read_only=True) as session:
        row = session.scalars(select(ScanDestination)).one()
        assert "very secret" not in row.secrets
        assert service.kept_secrets(row) == {"password": "very secret"}
    renamed = service.change_destination(administrator, view.id, destination("Other", "webdav", access=access))
    assert renamed.secrets == {"password"}
    elsewhere = {**access, "address": "https://elsewhere.example"}
    moved = service.change_destination(administrator, view.id, destination("Other", "webdav", access=elsewhere))
    assert moved.secrets == set()
    given = {"pass": "x"}
    refused = lambda: service.change_destination(administrator, view.id, moved.definition, given)  # noqa: E731
    assert code_of(refused) == "scan_destination.access_unknown"


LIMITS: Mapping[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": "  "}, "scan_destination.name_missing"),
    "long name": ({"name": "x" * 256}, "string_too_long"),
    "long description": ({"description": "x" * 1025}, "string_too_long"),
    "no file name": ({"file_name": " "}, "scan_destination.file_name"),
    "file name with a colon": ({"file_name": "a:b"}, "scan_destination.file_name"),
    "long file name": ({"file_name": "x" * 129}, "string_too_long"),
    "long folder": ({"path": "x" * 256}, "storage.path_too_long"),
    "long path": ({"path": "/".join(["x" * 100] * 4)}, "storage.path_too_long"),
    "path upwards": ({"path": "../others"}, "storage.bad_path"),
    "no site": ({"service": "sharepoint"}, "storage.no_site"),
    "no address": ({"service": "email"}, "mail.no_address"),
    "bad address": ({"service": "email", "addresses": "ann@"}, "mail.bad_address"),
    "unknown service": ({"service": "fax"}, "literal_error"),
    "DOCX": ({"scan": {"file_format": "DOCX"}}, "literal_error"),
    "access of another service": ({"access": {"bucket": "x"}}, "scan_destination.access_unknown"),
}


@pytest.mark.parametrize(("values", "kind"), LIMITS.values(), ids=LIMITS)
def test_what_is_filled_in_has_limits(values: dict[str, Any], kind: str) -> None:
    """SCAN-40, SCAN-41, SCAN-43, SCAN-50, SCAN-92."""
    with pytest.raises(ValidationError) as refused:
        DestinationDefinition.model_validate({"name": "Invoices", "service": "folder", **values})
    (item,) = refused.value.errors()
    assert item["type"] == kind
    assert fill(value_problem(item).template, value_problem(item).facts).endswith(".")


def test_settings_of_the_scan_are_those_of_printers_without_docx() -> None:
    """SCAN-80, SCAN-92."""
    assert scan_settings_of(destination(), None) is None, "the printer's own"
    custom = CustomScan(resolution=600, file_format="TIFF", sides="two_sided_long_edge")
    printers = PrinterScanSettings.of(custom)
    assert custom.model_dump().items() <= printers.model_dump(mode="json").items()
    assert PrinterScanSettings.of(CustomScan()) == PrinterScanSettings()


@pytest.mark.parametrize(
    ("setting", "values", "preset"),
    [
        ("preview", (True, False), False),
        ("color_mode", ("auto", "color", "grayscale", "black_and_white"), "auto"),
        ("content_type", ("text", "text_photo", "photo", "graphics"), "text"),
        ("original_size", ("auto", "A3", "A4", "A5", "A6", "B5", "Letter", "Legal", "Executive", "Ledger"), "auto"),
        ("original_size", ("Mixed",), "auto"),
        ("sides", ("one_sided", "two_sided_long_edge", "two_sided_short_edge"), "one_sided"),
        ("resolution", (75, 150, 200, 300, 400, 600), 300),
        ("file_format", ("TIFF", "JPEG", "PDF"), "PDF"),
        ("contrast", ("best", *range(-5, 6)), "best"),
    ],
)
def test_what_can_be_chosen_for_a_scan(setting: str, values: tuple[Any, ...], preset: Any) -> None:
    """SCAN-82, SCAN-83, SCAN-84, SCAN-85, SCAN-86, SCAN-87, SCAN-88, SCAN-90: what is chosen is what printers get."""
    assert getattr(CustomScan(), setting) == preset
    for value in values:
        ordered = scan_settings_of(destination(scan={setting: value}), None)
        assert ordered is not None
        assert getattr(ordered, setting) == value
    with pytest.raises(ValidationError):
        destination(scan={setting: "of no kind"})


def test_everybody_scans_into_their_own_onedrive_and_looks_at_no_other(administrator: Actor, scanner: Actor) -> None:
    """SCAN-70, SCAN-71, SCAN-73, SCAN-74: a destination names folders only; the drive is that of whoever is there."""
    view = made(administrator, destination("Drive", "onedrive", path="Scans/2026"))
    people = {administrator: "chief@pressroom.example", scanner: "scanner@pressroom.example"}
    for actor, account in people.items():
        link_account(actor, "onedrive", account, {}, {"refresh_token": account})
    for actor, account in people.items():
        scans, looks = account_of_scan(actor, view.id, "onedrive"), scan_account(actor, "onedrive", {}, {})
        assert [(one.account, one.secrets["refresh_token"]) for one in (scans, looks)] == [(account, account)] * 2
    forget_account(scanner, "onedrive")
    assert code_of(lambda: account_of_scan(scanner, view.id, "onedrive")) == "storage.signed_out"


def test_five_services_of_four_families_take_an_account() -> None:
    """SCAN-8."""
    found = {family.name: family.services for family in FAMILIES.values() if family.needs_account}
    assert found == {
        "microsoft": ("onedrive", "sharepoint"),
        "google": ("google_drive",),
        "box": ("box",),
        "dropbox": ("dropbox",),
    }
