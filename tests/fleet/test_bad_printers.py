"""Printers that are wrong, lie or break off: each job says how it ended and why, and the rest of the task is done.

Beside these: serial numbers that are there twice and two agents for one printer (`test_enrolment`), errors in CSV files
(`test_variables`, `test_printer_tags`), answers that are no answers (`tests.connectors`).
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from connectors.messages import Message
from connectors.snmp.message import CommunityMessage
from domain.tenancy import tenant_session
from fleet.agents.snmp_profiles import SnmpSettings, create_profile
from fleet.configurations.deployment import deploy_upload
from fleet.firmware.service import add_image
from fleet.firmware.updates import FirmwareUpdate, start_update
from fleet.printers.models import DailySample, PrinterEvent
from fleet.tasks.execution import status_of
from fleet.tasks.kinds import TaskKind
from fleet.tasks.status import JobStatus, TaskStatus
from printers_sim.knobs import Behaviour
from printers_sim.packages import firmware_image, settings_file
from tests.fleet.simulated_office import SimulatedOffice, simulated_office
from tests.support.breaking_line import breaking_line
from tests.support.snmp_agents import replying

GOOD, BAD, OTHER = "mono-mfp", "color-mfp", "third-party-color"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SimulatedOffice]:
    with simulated_office(tmp_path / "home") as one:
        yield one


def profile(office: SimulatedOffice, **values: Any) -> str:
    return create_profile(office.administrator, SnmpSettings(name="Ours", timeout=0.3, attempts=1, **values))


def task_status(office: SimulatedOffice, task_id: str) -> TaskStatus:
    with tenant_session(office.home, read_only=True) as session:
        return status_of(session, task_id)


def not_snmp(_request: CommunityMessage) -> bytes:
    return b"\x30\x82\xff\xff this is no SNMP"


def wrong_community(office: SimulatedOffice, _stack: ExitStack) -> None:
    office.device(OTHER).behaviour = Behaviour.WRONG_COMMUNITY
    office.device(OTHER).device.settings["network.ipp_enabled"] = False


def wrong_keys(office: SimulatedOffice, _stack: ExitStack) -> None:
    secrets = {"auth_secret": SecretStr("not that one"), "privacy_secret": SecretStr("nor that one")}
    access = profile(office, version="3", user="nobody", auth_protocol="sha256", privacy_protocol="aes128", **secrets)
    office.change(OTHER, snmp_profile_id=access)
    office.device(OTHER).device.settings["network.ipp_enabled"] = False


def no_snmp_at_all(office: SimulatedOffice, stack: ExitStack) -> None:
    port = stack.enter_context(replying(not_snmp))
    office.change(OTHER, address="127.0.0.1", ports={"snmp": port, "http": 1}, snmp_profile_id=profile(office))


def another_at_the_address(office: SimulatedOffice, _stack: ExitStack) -> None:
    office.change(OTHER, address=office.device("mono-printer").address)


BAD_PRINTERS: dict[str, tuple[Callable[[SimulatedOffice, ExitStack], None], JobStatus, str]] = {
    "a wrong community": (wrong_community, JobStatus.NOT_COMMUNICATING, "does not answer SNMP"),
    "wrong keys of version 3": (wrong_keys, JobStatus.FAILED, "refuses the SNMP user"),
    "answers that are no SNMP": (no_snmp_at_all, JobStatus.FAILED, "makes no sense"),
    "an address that has changed hands": (another_at_the_address, JobStatus.FAILED, "Another printer answers at"),
}


@pytest.mark.parametrize("case", BAD_PRINTERS)
def test_a_bad_printer_is_told_and_the_others_are_read(office: SimulatedOffice, case: str) -> None:
    spoil, status, reason = BAD_PRINTERS[case]
    with ExitStack() as stack:
        spoil(office, stack)
        task_id = office.do(TaskKind.REFRESH, {}, OTHER, GOOD)
    assert office.outcome(task_id, OTHER)[0] is status
    assert reason in office.outcome(task_id, OTHER)[1]
    assert office.outcome(task_id, GOOD) == (JobStatus.COMPLETED, "")
    assert task_status(office, task_id) is TaskStatus.COMPLETED_WITH_ERRORS


# --- counters that lie


def life(office: SimulatedOffice, sides: int) -> None:
    """The printer tells that it has made so many sides."""
    device = office.device(OTHER)
    device.mono_sides, device.color_sides = sides, 0
    device.changes += 1


def doubts(office: SimulatedOffice) -> list[str]:
    """What the printer's history says about its counters."""
    with tenant_session(office.home, read_only=True) as session:
        query = select(PrinterEvent).where(PrinterEvent.printer_id == office.id_of(OTHER))
        events = session.scalars(query.where(PrinterEvent.kind == "counters").order_by(PrinterEvent.id))
        return [str(Message.model_validate(event.message)) for event in events]


LIES = [
    (12, "The life page count went back from 20000 to 12: it is not believed until it is told again."),
    (90_000_000, "The life page count jumped from 20000 to 90000000: it is not believed until it is told again."),
]


@pytest.mark.parametrize(("told", "doubt"), LIES)
def test_counters_that_cannot_be_true_are_not_believed(office: SimulatedOffice, told: int, doubt: str) -> None:
    """What was known stays; the job has a warning, and the others of the task none."""
    life(office, 20_000)
    office.do(TaskKind.REFRESH, {}, OTHER, GOOD)
    life(office, told)
    task_id = office.do(TaskKind.REFRESH, {}, OTHER, GOOD)
    assert office.outcome(task_id, OTHER) == (JobStatus.COMPLETED, doubt)
    assert office.outcome(task_id, GOOD) == (JobStatus.COMPLETED, "")
    assert task_status(office, task_id) is TaskStatus.COMPLETED_WITH_WARNING
    assert office.printer(OTHER).life_pages == 20_000
    assert doubts(office) == [doubt]
    with tenant_session(office.home, read_only=True) as session:
        (sample,) = session.scalars(select(DailySample).where(DailySample.printer_id == office.id_of(OTHER)))
        assert sample.counters["life"] == 20_000
    life(office, 20_010)
    assert office.outcome(office.do(TaskKind.REFRESH, {}, OTHER), OTHER) == (JobStatus.COMPLETED, "")
    assert office.printer(OTHER).life_pages == 20_010


def test_what_is_told_twice_is_believed(office: SimulatedOffice) -> None:
    """The board was replaced: its counter begins anew."""
    life(office, 20_000)
    office.do(TaskKind.REFRESH, {}, OTHER)
    for sides in (5, 7):
        life(office, sides)
        office.do(TaskKind.REFRESH, {}, OTHER)
    assert office.printer(OTHER).life_pages == 7
    assert len(doubts(office)) == 1


def test_a_counter_may_lie_again_and_again(office: SimulatedOffice) -> None:
    """Each lie differs from the one before in a way that cannot be true either."""
    life(office, 20_000)
    office.do(TaskKind.REFRESH, {}, OTHER)
    for sides in (90_000_000, 12, 80_000_000):
        life(office, sides)
        office.do(TaskKind.REFRESH, {}, OTHER)
    assert office.printer(OTHER).life_pages == 20_000
    assert len(doubts(office)) == 3


# --- files


def test_firmware_that_is_sent_by_half_changes_nothing(office: SimulatedOffice, tmp_path: Path) -> None:
    """The line breaks: the printer keeps its level, and the next task brings it the new one."""
    path = tmp_path / "image.fls"
    path.write_bytes(firmware_image("230.500", ["PX C4150", "PX M2250"], 400_000))
    add_image(office.administrator, path, "image.fls")
    device, ports = office.device(), {"snmp": office.simulation.snmp_port, "http": office.simulation.http_port}
    device.firmware, office.device(GOOD).firmware = "081.215", "081.215"
    office.change(BAD, firmware_level="081.215")
    with breaking_line(device.address, office.simulation.http_port, after=100_000) as port:
        office.change(BAD, address="127.0.0.1", ports={**ports, "http": port})
        task_id = update(office, BAD, GOOD)
    status, told = office.outcome(task_id)
    assert status is JobStatus.NOT_COMMUNICATING
    assert told == "The printer at 127.0.0.1 does not answer."
    assert office.outcome(task_id, GOOD)[0] is JobStatus.COMPLETED
    assert (device.firmware, device.device.firmware_updates) == ("081.215", 0)
    office.change(BAD, address=device.address, ports=ports, communication="communicating")
    assert office.outcome(update(office, BAD))[0] is JobStatus.COMPLETED
    assert (device.firmware, device.device.firmware_updates) == ("230.500", 1)


def update(office: SimulatedOffice, *profiles: str) -> str:
    ids = [office.id_of(one) for one in profiles]
    task_id = start_update(office.administrator, ids, FirmwareUpdate())
    office.work(task_id)
    return task_id


def test_a_settings_file_for_another_model_goes_to_those_it_fits(office: SimulatedOffice, tmp_path: Path) -> None:
    path = tmp_path / "a.ucf"
    path.write_bytes(settings_file({"copy.copies": 7}, "PX M2250").encode())
    task_id = deploy_upload(office.administrator, path, "a.ucf", [office.id_of(BAD), office.id_of(GOOD)])
    office.work(task_id)
    status, told = office.outcome(task_id)
    assert status is JobStatus.NOT_SUPPORTED
    assert "PX M2250" in told
    assert office.outcome(task_id, GOOD)[0] is JobStatus.COMPLETED
    assert office.device(GOOD).device.settings["copy.copies"] == 7
    assert "copy.copies" not in office.device(BAD).device.settings
