"""Queues of the system print to the agent's own printers on this computer (PR-332): CUPS, `ipptool`, other accounts."""

import getpass
import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from benchmarks.cups_server import DAEMON, cups_server
from connectors.ipp.jobs import JobState
from connectors.ipp.service.statuses import Status
from connectors.ipp.values import integers, keywords, media_types, names
from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from domain.print_clients.models import PrintClient
from domain.printing.service import queued_jobs
from domain.printing.states import JobKind, JobSource
from domain.tenancy import system_session
from portal_api.app import create_service
from pressroom.workstation.folder import WorkstationFolder
from pressroom.workstation.loopback.access import kept_access
from pressroom.workstation.loopback.queues import kept_queues
from pressroom.workstation.printer_commands import System, default_command, set_up_command
from tests.pressroom.test_offline_printing import assign
from tests.printers_sim.conftest import wait_until
from tests.support.ipp_documents import pdf
from tests.support.nodes import set_settings
from tests.support.portal_server import serving
from tests.support.print_service import (
    CANCEL_JOB,
    GET_PRINTER,
    PRINT_JOB,
    VALIDATE_JOB,
    Computer,
    Service,
    print_service,
)
from tests.support.releasing import ReleaseOffice, release_office
from tests.support.workstations import SECONDS, Workstation


def printer(workstation: Workstation, path: str = "cloud") -> Computer:
    """A program of the same account that prints to one of the agent's printers."""
    access = kept_access(WorkstationFolder(workstation.folder))
    assert access is not None
    return Computer(f"http://127.0.0.1:{access.port}", f"/ipp/print/{path}", user=getpass.getuser())


def key_of(workstation: Workstation) -> str:
    access = kept_access(WorkstationFolder(workstation.folder))
    assert access is not None
    return access.key


def start(workstation: Workstation, *arguments: str) -> "subprocess.Popen[str]":
    """The agent, once its printers are there."""
    process = workstation.agent(*arguments)
    wait_until(lambda: kept_access(WorkstationFolder(workstation.folder)) is not None, SECONDS)
    wait_until(lambda: answers(printer(workstation)), SECONDS)
    return process


def answers(computer: Computer) -> bool:
    try:
        return computer.ask(GET_PRINTER).code == Status.OK
    except httpx.HTTPError:
        return False


# --- to the cloud queue


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with print_service(tmp_path_factory.mktemp("portal"), print_max_mb="1") as one:
        yield one


@pytest.fixture(scope="module")
def person(service: Service) -> Actor:
    return service.person("loop")


@pytest.fixture(scope="module")
def laptop(service: Service, person: Actor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workstation]:
    one = Workstation(tmp_path_factory.mktemp("laptop") / "printctl", service.address)
    one.sign_in(person)
    start(one)
    yield one
    one.close()


@pytest.mark.skipif(not Path(DAEMON).exists(), reason="CUPS is not installed (Debian: cups, cups-client)")
def test_a_queue_of_cups_leads_to_the_cloud_queue(laptop: Workstation, person: Actor, tmp_path: Path) -> None:
    """As `printctl printers --set-up` says; the document stays as it was, with its title and settings."""
    before = len(queued_jobs(person))
    with cups_server() as cups:
        cups.run(*shlex.split(laptop.run("printers", "--set-up")))
        cups.wait_until_ready("Cloud-Print")
        assert key_of(laptop) not in cups.run("lpstat", "-v"), "CUPS keeps it to itself"
        report = tmp_path / "report.pdf"
        report.write_bytes(pdf("a4", 2))
        settings = ("-n", "2", "-o", "sides=two-sided-long-edge", "-o", "media=A4", "-o", "print-color-mode=monochrome")
        cups.run("lp", "-d", "Cloud-Print", "-t", "Minutes – May", *settings, str(report))
        wait_until(lambda: len(queued_jobs(person)) > before or "aborted" in cups.log, SECONDS)
        job = queued_jobs(person)[-1]
        assert (job.name, job.source, job.media_type) == ("Minutes – May", JobSource.PRINT_CLIENT, "application/pdf")
        chosen = job.ticket.chosen()
        assert {name: chosen[name] for name in ("copies", "sides", "media", "color_mode")} == {
            "copies": 2,
            "sides": "two-sided-long-edge",
            "media": "iso_a4_210x297mm",
            "color_mode": "monochrome",
        }
        wait_until(lambda: cups.run("lpstat", "-o") == "", SECONDS)
    with system_session(read_only=True) as session:
        client = session.query(PrintClient).filter_by(user_id=person.user_id).one()
        assert client.queues == ["Cloud Print"], "the portal knows of the queue (PR-331)"


def test_the_person_is_told_what_became_of_a_job(laptop: Workstation, person: Actor) -> None:
    """What the portal takes is completed, what it refuses is aborted with its reason; nothing stays on the disk."""
    computer = printer(laptop)
    before = len(queued_jobs(person))
    good = computer.print(pdf("a4", 1))
    wait_until(lambda: computer.state(good) == (JobState.COMPLETED, "job-completed-successfully"), SECONDS)
    assert len(queued_jobs(person)) == before + 1
    large = computer.print(pdf("a4", 1) + b"%" * (2 << 20))
    wait_until(lambda: computer.state(large)[0] == JobState.ABORTED, SECONDS)
    assert "1 MB" in str(computer.job(large)["job-state-message"].value)
    wait_until(lambda: "1 MB" in note(laptop), SECONDS)
    assert [path for path in (laptop.folder / "loopback").rglob("*") if path.is_file()] == []


REFUSALS = {
    "no document": (b"", {}, Status.BAD_REQUEST),
    "another format": (b"MZ\x90\x00" * 99, {}, Status.FORMAT_NOT_SUPPORTED),
    "not what it says": (b"plain text", {"document_format": media_types("application/pdf")}, Status.FORMAT_ERROR),
    "a packing": (b"%PDF-1.7", {"compression": keywords("lzma")}, Status.COMPRESSION_NOT_SUPPORTED),
    "another person": (b"%PDF-1.7", {"requesting_user_name": names("somebody-else")}, Status.FORBIDDEN),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_what_cannot_be_printed_is_refused_at_once(laptop: Workstation, what: str) -> None:
    document, more, expected = REFUSALS[what]
    computer = printer(laptop)
    if "requesting_user_name" in more:
        computer.user = "somebody-else"
        more = {}
    assert computer.ask(PRINT_JOB, data=document, **more).code == expected


@pytest.mark.parametrize(("header", "value"), [("Host", "evil.example:9150"), ("Origin", "https://evil.example")])
def test_pages_of_the_web_do_not_print(laptop: Workstation, header: str, value: str) -> None:
    """Neither by a name that leads here (DNS rebinding) nor from another origin."""
    computer = printer(laptop)
    headers = {"Content-Type": "application/ipp", header: value}
    answer = httpx.post(computer.address + computer.path, content=computer.message(VALIDATE_JOB), headers=headers)
    assert answer.status_code == 403


@pytest.mark.skipif(os.getuid() != 0 or shutil.which("curl") is None, reason="takes another account of the system")
def test_other_accounts_of_this_computer_print_with_the_key_alone(laptop: Workstation) -> None:
    """As print systems do; what the printer is may be asked without, as when a queue is added."""
    computer, key = printer(laptop), key_of(laptop)

    def code(operation: int, path: str, *more: str) -> tuple[str, int]:
        command = ["curl", "-s", "-w", "%{stderr}%{http_code}", "-H", "Content-Type: application/ipp", *more]
        command += ["--data-binary", "@-", f"{computer.address}{path}"]
        given = computer.message(operation)
        done = subprocess.run(
            command, input=given, capture_output=True, check=True, user="nobody", timeout=SECONDS, cwd="/"
        )
        return done.stderr.decode(), int.from_bytes(done.stdout[2:4]) if done.stderr == b"200" else -1

    assert code(GET_PRINTER, computer.path) == ("200", Status.OK)
    assert code(VALIDATE_JOB, computer.path)[0] == "401"
    assert code(VALIDATE_JOB, computer.path, "-u", "printctl:wrong")[0] == "401"
    assert code(VALIDATE_JOB, computer.path, "-u", f"printctl:{key}") == ("200", Status.OK)
    assert code(VALIDATE_JOB, f"{computer.path}/{key}") == ("200", Status.OK)
    assert code(VALIDATE_JOB, f"{computer.path}/{'A' * 32}")[0] == "401"


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (
            "linux",
            f"lpadmin -p Copy-room -D 'Copy room' -E -v ipp://printctl:K@127.0.0.1:9150/ipp/print/Copy%20room"
            f" -m everywhere -u allow:{getpass.getuser()}",
        ),
        ("windows", "Add-Printer -Name 'Copy room' -IppURL 'http://127.0.0.1:9150/ipp/print/Copy%20room/K'"),
    ],
)
def test_how_a_system_is_told_of_a_printer(system: System, expected: str) -> None:
    assert set_up_command(system, "Copy room", "ipp://127.0.0.1:9150/ipp/print/Copy%20room", "K") == expected


def test_the_printer_that_is_to_be_the_default_is_made_it(laptop: Workstation) -> None:
    """PR-281."""
    configuration = laptop.folder / "client.json"
    before = configuration.read_text() if configuration.exists() else "{}"
    assert "lpoptions" not in laptop.run("printers", "--set-up")
    configuration.write_text(json.dumps(json.loads(before) | {"defaultQueueName": "Cloud Print"}))
    assert "lpoptions -d Cloud-Print" in laptop.run("printers", "--set-up")
    configuration.write_text(before)
    name = "Kim's room"
    assert default_command("windows", name).endswith("SetDefaultPrinter('Kim''s room')")


# --- at a printer, in the hybrid queue, and while the portal is away


@dataclass
class Office:
    """A workstation whose person prints by every way."""

    office: ReleaseOffice
    person: Actor
    laptop: Workstation
    port: int


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with ExitStack() as stack:
        one = stack.enter_context(release_office(tmp_path, page_seconds=0.05))
        set_settings(one.organization_id, assignments={"enabled": True, "use_with": "direct_and_offline"})
        roles = (Role.PRINT_RELEASE_USER, Role.HYBRID_PRINT_USER, Role.DIRECT_PRINT_USER)
        person = one.installation.add_person("olle@one.example", *roles)
        assign(one, person)
        with serving(create_service()) as portal:
            laptop = Workstation(tmp_path / "laptop", portal)
            stack.callback(laptop.close)
            laptop.sign_in(person)
        yield Office(one, person, laptop, urlsplit(portal).port or 0)


def test_every_way_and_none_is_lost_while_the_portal_is_away(office: Office) -> None:
    """Direct prints are told of; without the portal they go on, and documents for the queue wait, also over a kill.

    PR-234, PR-235: what is printed directly goes beside the queues of the workstation, which never see it: only who
    printed how much is told. PR-333: what waits on the workstation is sealed.
    """
    modes = ("--mode", "cloud", "--mode", "hybrid", "--mode", "direct")
    laptop, simulated = office.laptop, office.office.simulated()
    with serving(create_service(), office.port):
        start(laptop, *modes)
        folder = WorkstationFolder(laptop.folder)
        (path,) = (one.path for one in kept_queues(folder, folder.configuration()).values() if one.mode == "direct")
        before = simulated.life_count
        number = printer(laptop, path).print(pdf("a4", 2))
        wait_until(lambda: printer(laptop, path).state(number)[0] == JobState.COMPLETED, SECONDS)
        assert simulated.life_count - before == 2
        printer(laptop, "hybrid").print(pdf("a4", 1))
        wait_until(lambda: kinds(office.person) == [JobKind.HYBRID], SECONDS)
        wait_until(lambda: not list((laptop.folder / "usage").iterdir()), SECONDS)
        laptop.close()
    told = folder.unsealed("told")
    assert told is not None
    told["printers"][0]["address"] += f":{office.office.simulation.http_port}"
    folder.seal("told", told)

    agent = start(laptop, *modes)
    cloud = printer(laptop)
    waiting, unwanted = cloud.print(pdf("a4", 1)), cloud.print(pdf("a4", 1))
    number = printer(laptop, path).print(pdf("a4", 3))
    wait_until(lambda: printer(laptop, path).state(number)[0] == JobState.COMPLETED, SECONDS)
    assert simulated.life_count - before == 5
    wait_until(lambda: cloud.state(waiting) == (JobState.HELD, "resources-are-not-ready"), SECONDS)
    wait_until(lambda: note(laptop) == "Documents that wait for the portal: 2.", SECONDS)
    assert cloud.ask(CANCEL_JOB, job_id=integers(unwanted)).code == Status.OK
    wait_until(lambda: note(laptop) == "Documents that wait for the portal: 1.", SECONDS)
    assert not any(b"%PDF" in path.read_bytes() for path in laptop.folder.rglob("*") if path.is_file()), "it is sealed"
    agent.kill()
    agent.wait(SECONDS)
    with serving(create_service(), office.port):
        start(laptop, *modes)
        wait_until(lambda: sorted(kinds(office.person)) == [JobKind.CLOUD, JobKind.HYBRID], SECONDS)
        wait_until(lambda: note(laptop) == "", SECONDS)
        wait_until(lambda: not list((laptop.folder / "usage").iterdir()), SECONDS)
        facts = [(fact.printer_id, fact.impressions) for fact in office.office.facts()]
        assert facts == [(office.office.printers[0], 2), (office.office.printers[0], 3)]
        laptop.close()


def note(workstation: Workstation) -> str:
    """What `printctl status` says of the printers."""
    return str(WorkstationFolder(workstation.folder).status()["notes"].get("loopback printers", ""))


def kinds(person: Actor) -> list[JobKind]:
    return [job.kind for job in queued_jobs(person)]
