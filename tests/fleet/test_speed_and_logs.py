"""Speed upgrades before a task is made (F-30), and who may see and download collected logs (FL-235)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.documents import open_store
from connectors.errors import PressroomError
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.tenancy import tenant_session
from fleet.printer_logs.models import CollectedLog
from fleet.printer_logs.service import forget_logs, list_logs, open_log
from fleet.printers.models import Communication, MspStatus
from fleet.speed_upgrades.licence import read_licence
from fleet.speed_upgrades.models import UsedLicence
from fleet.speed_upgrades.service import deploy_upgrade, review_upgrade
from fleet.tasks.kinds import TaskKind
from fleet.tasks.listing import get_fleet_task
from fleet.tasks.status import JobStatus
from printers_sim.device.speed import speed_licence
from tests.fleet.simulated_office import SimulatedOffice, simulated_office

PROFILE = "color-mfp-upgradable"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SimulatedOffice]:
    with simulated_office(tmp_path) as one:
        one.device(PROFILE).firmware = "230.410"
        one.change(PROFILE, firmware_level="230.410")
        yield one


@pytest.fixture
def seller(office: SimulatedOffice) -> Actor:
    """A partner's person who manages the organization's printers (FL-407)."""
    roles = frozenset({Role.PARTNER_ADMINISTRATOR, Role.FLEET_ADMINISTRATOR})
    return replace(office.administrator, roles=roles, partner_roles=roles)


def code_of(office: SimulatedOffice, slower: int = 25, faster: int = 35) -> str:
    return speed_licence(office.device(PROFILE).serial, slower, faster)


def test_a_review_tells_what_the_code_does(office: SimulatedOffice, seller: Actor) -> None:
    """FL-410; FL-411: its task tells the code."""
    review = review_upgrade(seller, office.id_of(PROFILE), code_of(office).lower())
    assert (review.model, review.speed, review.new_model, review.new_speed) == ("PX C3025", 25, "PX C3035", 35)
    assert review.reasons == ()
    task_id = deploy_upgrade(seller, office.id_of(PROFILE), code_of(office))
    office.work(task_id)
    assert office.outcome(task_id, PROFILE) == (JobStatus.COMPLETED, "")
    assert office.device(PROFILE).speed == 35
    task = get_fleet_task(seller, task_id)
    assert (task.kind, task.licence_code) == (TaskKind.SPEED_UPGRADE, code_of(office))
    refreshed = office.do(TaskKind.REFRESH)
    assert get_fleet_task(seller, refreshed).licence_code == ""


def test_all_reasons_are_told(office: SimulatedOffice, seller: Actor) -> None:
    """FL-413…FL-419: not only the first."""
    values = {"msp": MspStatus.MEMBER, "firmware_level": "081.215", "communication": Communication.NEEDS_CREDENTIALS}
    office.change(PROFILE, **values)
    reasons = [str(reason) for reason in review_upgrade(seller, office.id_of(PROFILE), code_of(office)).reasons]
    assert len(reasons) == 3
    with pytest.raises(PressroomError) as refused:
        deploy_upgrade(seller, office.id_of(PROFILE), code_of(office))
    assert refused.value.code == "speed_upgrade.refused"
    assert all(reason in refused.value.message for reason in reasons)


def test_wrong_codes_are_refused_before_a_task_is_made(office: SimulatedOffice, seller: Actor) -> None:
    """FL-412."""
    right = code_of(office)
    with tenant_session(office.home) as session:
        used = UsedLicence(code=code_of(office, 35, 45), serial_number="x", slower=35, faster=45)
        used.organization_id = office.home
        session.add(used)
    refusals = [
        ("", "no_code"),
        (right[:-1] + ("0" if right[-1] != "0" else "1"), "no_code"),
        (right.replace("-35-", "-45-"), "no_code"),
        (speed_licence(office.device(PROFILE).serial, 25, 45), "no_such_upgrade"),
        (speed_licence("PXD99999", 25, 35), "other_printer"),
        (code_of(office, 45, 55), "other_speed"),
    ]
    for code, problem in refusals:
        with pytest.raises(PressroomError) as refused:
            review_upgrade(seller, office.id_of(PROFILE), code)
        assert refused.value.code == f"speed_upgrade.{problem}", code
    office.change(PROFILE, pages_per_minute=35)
    with pytest.raises(PressroomError) as refused:
        review_upgrade(seller, office.id_of(PROFILE), code_of(office, 35, 45))
    assert refused.value.code == "speed_upgrade.used"


def test_speed_is_a_partners_business(office: SimulatedOffice) -> None:
    """FL-533."""
    actor = office.installation.add_person("fleet@example.com", Role.FLEET_ADMINISTRATOR)
    with pytest.raises(PressroomError) as refused:
        review_upgrade(actor, office.id_of(PROFILE), code_of(office))
    assert refused.value.code == "role.missing"


@pytest.mark.parametrize(("slower", "faster"), product((25, 35, 45, 55), repeat=2))
def test_speeds_are_raised_only_by_the_steps_there_are(slower: int, faster: int) -> None:
    """FL-408: 25 to 35, 35 to 45, 35 to 55, 45 to 55; nothing from 25 to 45 or 55."""
    code = speed_licence("AB12", slower, faster)
    if (slower, faster) in ((25, 35), (35, 45), (35, 55), (45, 55)):
        assert (read_licence(code).slower, read_licence(code).faster) == (slower, faster)
        return
    with pytest.raises(PressroomError) as refused:
        read_licence(code)
    assert refused.value.code == "speed_upgrade.no_such_upgrade"


def test_serial_numbers_with_hyphens_are_read() -> None:
    assert read_licence(speed_licence("AB-12", 25, 35)).serial_number == "AB-12"


def test_logs_are_listed_by_who_requests_and_downloaded_by_file_service(office: SimulatedOffice) -> None:
    """FL-235, FL-534, A-40."""
    office.do(TaskKind.PRINTER_LOG, {"kind": "history"})
    (log,) = list_logs(office.administrator, office.id_of())
    assert (log.kind, log.requester) == ("history", "Administrator")
    people = {
        role: office.installation.add_person(f"{number}@example.com", role)
        for number, role in enumerate((Role.FLEET_ADMINISTRATOR, Role.FILE_SERVICE_ADMINISTRATOR, Role.FLEET_VIEWER))
    }
    assert list_logs(people[Role.FLEET_ADMINISTRATOR]) == list_logs(people[Role.FLEET_VIEWER]) == [log]
    with open_log(people[Role.FILE_SERVICE_ADMINISTRATOR], log.id) as (document, stream):
        assert (len(stream.read()), document.name) == (log.size, log.file_name)
    refusals = (
        (list_logs, people[Role.FILE_SERVICE_ADMINISTRATOR]),
        (open_of(log.id), people[Role.FLEET_ADMINISTRATOR]),
    )
    for attempt, actor in refusals:
        with pytest.raises(PressroomError) as refused:
            attempt(actor)
        assert refused.value.code == "role.missing"
    with pytest.raises(PressroomError) as refused:
        open_of(log.id)(office.installation.stranger)
    assert refused.value.code == "not_found"


def open_of(log_id: str):  # type: ignore[no-untyped-def]
    """Opening that log, as a function of who does it."""

    def opened(actor: Actor) -> None:
        with open_log(actor, log_id):
            pass

    return opened


def test_old_logs_are_forgotten_with_their_files(office: SimulatedOffice) -> None:
    office.do(TaskKind.PRINTER_LOG, {"kind": "history"})
    office.do(TaskKind.PRINTER_LOG, {"kind": "security"})
    with tenant_session(office.home) as session:
        old, young = session.scalars(select(CollectedLog).order_by(CollectedLog.job_id)).all()
        old.collected = now() - timedelta(days=get_settings().retention_days + 1)
        keys = old.object_key, young.object_key
    assert (forget_logs(), forget_logs()) == (1, 0)
    left = {found.key for found in open_store(get_settings()).list(f"{office.home}/fleet/logs/")}
    assert left == {keys[1]}
