"""People and administrators are told what works and what is in the way (TS-1, TS-2, TS-39, TS-65, TS-66)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.administrators import whom_to_ask
from domain.organizations.models import Organization, User, UserStatus
from domain.organizations.permissions import Permission
from domain.organizations.roles import Role
from domain.print_clients.checkin import Status, check_in
from domain.print_definitions.definitions import change_default
from domain.print_quotas.limits import MonthLimit, QuotaLimits
from domain.print_quotas.subject import QUOTAS
from domain.printer_login.badges import NewBadge, register_badge
from domain.printer_login.models import Badge
from domain.scan_settings.models import ScanSettingsRow
from domain.storage_accounts.models import LinkedAccount
from domain.tenancy import system_session
from domain.what_works.areas import Area, AreaState
from domain.what_works.service import areas_of_person, own_areas, own_permissions
from tests.domain.login_methods import configure, later
from tests.support.installation import Installation, installed
from tests.support.print_settings import set_print_settings
from tests.support.quotas import set_limits

ROLES = (Role.PRINT_RELEASE_USER, Role.SCAN_USER, Role.SOLUTIONS_USER, Role.TRANSLATION_USER, Role.OCR_USER)
PRINTER_LOGIN, PRINTING, SCANNING, SOLUTIONS = Area


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


@pytest.fixture
def ann(installation: Installation) -> Actor:
    return installation.add_person("ann@one.example", *ROLES)


def state(person: Actor, area: Area) -> AreaState:
    return next(one for one in own_areas(person) if one.area is area)


def told(person: Actor, area: Area) -> tuple[str, list[str]]:
    """The code of what is in the way of all of it, and those of what is in the way of a part."""
    found = state(person, area)
    return found.obstacle.code if found.obstacle else "", [one.code for one in found.hints]


def test_what_nobody_gave_or_the_organization_lacks_is_told_apart(installation: Installation, ann: Actor) -> None:
    """TS-39, TS-52, TS-65: the role that is missing, or the service that the role waits for; each with its remedy."""
    newcomer = installation.add_person("new@one.example")
    assert [told(newcomer, area)[0] for area in (PRINTING, SCANNING, SOLUTIONS)] == ["role.missing"] * 3
    obstacle = state(newcomer, PRINTING).obstacle
    assert obstacle is not None
    assert "“Print Release Management User”" in obstacle.message
    with system_session() as session:
        session.get_one(Organization, ann.organization_id).entitlements = ["quota"]
    assert [told(ann, area)[0] for area in (PRINTING, SCANNING, SOLUTIONS)] == ["quota.not_entitled"] * 3
    assert [told(newcomer, area)[0] for area in (PRINTING, SCANNING, SOLUTIONS)] == ["role.missing"] * 3


def test_printing_names_the_quota_the_workstation_and_the_mail_address(installation: Installation, ann: Actor) -> None:
    """TS-39, TS-40, TS-46: what is wrong of account, quota and workstation, and where documents are mailed to."""
    assert told(ann, PRINTING) == ("", ["print.nothing_set_up"])
    check_in(ann, Status(key="k" * 43, host="desk-1", update_problem="no package"))
    assert told(ann, PRINTING) == ("", ["print_client.no_queue", "print_client.not_updated"])
    check_in(ann, Status(key="k" * 43, host="desk-1", queues=("Cloud Print",)))
    set_print_settings(ann, email={"enabled": True, "local_part": "one"})
    assert told(ann, PRINTING) == ("", [])
    assert any("one@print." in str(fact) for fact in state(ann, PRINTING).facts)
    disable_printing(installation.administrator)
    assert told(ann, PRINTING) == ("print_quota.printing_disabled", [])


@pytest.mark.parametrize(
    ("methods", "expected"),
    [
        ({"methods": ["badge"]}, ("", [])),
        ({"methods": ["pin"]}, ("pin.none", [])),
        ({"methods": ["badge", "pin"]}, ("", ["pin.none"])),
        ({"mode": "badge_and_pin", "methods": []}, ("pin.missing", [])),
        ({"mode": "badge_and_pin", "methods": ["secure_login"]}, ("", ["pin.missing"])),
    ],
    ids=["badge", "PIN", "badge or PIN", "badge and PIN", "badge and PIN, or a code"],
)
def test_signing_in_at_printers_takes_what_one_has(
    installation: Installation, ann: Actor, methods: dict[str, object], expected: tuple[str, list[str]]
) -> None:
    """TS-6, AC-163: a new badge is registered at its first use, so it is never in the way; a PIN has to be there."""
    configure(installation.administrator, **methods)
    assert told(ann, PRINTER_LOGIN) == expected


def test_an_expired_badge_is_told(installation: Installation, ann: Actor) -> None:
    """TS-3: before its owner stands at the printer."""
    register_badge(installation.administrator, ann.email, NewBadge("04A1B2", temporary=True))
    later(Badge, timedelta(minutes=1))
    assert told(ann, PRINTER_LOGIN) == ("", ["badge.expired"])


def test_scanning_tells_whether_it_is_on_and_where_one_is_signed_out(ann: Actor) -> None:
    """TS-50, TS-52: Scan Management is off, there is no destination, an account's session has ended."""
    assert told(ann, SCANNING) == ("scan.not_enabled", [])
    with ann.session() as session:
        session.add(ScanSettingsRow(values={"enabled": True, "families": ["microsoft"]}, version=1))
        session.add(
            LinkedAccount(user_id=ann.user_id, family="microsoft", account="a", options={}, secrets="", expired=True)
        )
    assert told(ann, SCANNING) == ("", ["scan.no_destination", "storage.signed_out"])


def test_solutions_tell_which_services_lack_a_role_or_pages(installation: Installation, ann: Actor) -> None:
    """TS-66: translation is allowed and has no pages left; nobody gave the role for redaction."""
    assert told(ann, SOLUTIONS) == ("", ["role.missing"])
    set_limits(installation.administrator, translation=0)
    assert told(ann, SOLUTIONS) == ("", ["quota.missing", "role.missing"])


def test_administrators_see_the_same_of_their_people_alone(installation: Installation, ann: Actor) -> None:
    """TS-39: a deactivated account is what is in the way of everything."""
    codes = [
        one.obstacle.code if one.obstacle else "" for one in areas_of_person(installation.administrator, ann.user_id)
    ]
    assert codes == ["", "", "scan.not_enabled", ""]
    refused("role.missing", lambda: areas_of_person(ann, installation.administrator.user_id))
    refused("not_found", lambda: areas_of_person(installation.stranger, ann.user_id))
    with system_session() as session:
        session.get_one(User, ann.user_id).status = UserStatus.DEACTIVATED
    ended = areas_of_person(installation.administrator, ann.user_id)
    assert {one.obstacle.code for one in ended if one.obstacle} == {"account.ended"}
    assert len(ended) == len(Area)


def test_every_permission_is_told_with_the_role_that_it_takes(ann: Actor) -> None:
    """TS-2: what one's roles let one do, and which role the rest takes; nothing that belongs to programs."""
    found = {one.permission: one.missing for one in own_permissions(ann)}
    assert found[Permission.PRINT_SUBMIT] == ()
    assert found[Permission.SCAN_MANAGE] == ("Scan Management Administrator",)
    assert Permission.BADGES_AUTH not in found


def test_who_lacks_a_role_learns_whom_to_ask(installation: Installation, ann: Actor) -> None:
    """TS-1: the administrators of the own organization; not oneself, nobody deactivated, nobody of another one."""
    chief = installation.administrator
    assert [one.email for one in whom_to_ask(ann)] == [chief.email]
    assert whom_to_ask(chief) == []
    other = installation.add_person("bo@one.example", Role.ORGANIZATION_ADMINISTRATOR)
    assert [one.email for one in whom_to_ask(chief)] == [other.email]
    with system_session() as session:
        session.get_one(User, other.user_id).status = UserStatus.DEACTIVATED
    assert whom_to_ask(chief) == []


def disable_printing(administrator: Actor) -> None:
    """Nobody of the organization may print anything."""
    set_print_settings(administrator, quotas={"enabled": True})
    change_default(administrator, QUOTAS, QuotaLimits(months=(MonthLimit(total="disabled"),)))


def refused(code: str, attempt: Callable[[], object]) -> None:
    with pytest.raises(PressroomError) as caught:
        attempt()
    assert caught.value.code == code
