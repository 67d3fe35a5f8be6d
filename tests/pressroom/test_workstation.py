"""The agent of a workstation and its command line against a real portal (section 39)."""

import json
import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks.cups_server import DAEMON, cups_server
from connectors.documents import open_store
from connectors.errors import PressroomError
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.print_clients.models import PrintClient
from domain.printing.contents import open_original
from domain.printing.service import queued_jobs
from domain.printing.states import JobSource
from domain.sign_in.tokens import own_tokens
from domain.tenancy import system_session
from pressroom.workstation.command_line import place_of
from pressroom.workstation.configuration import read_configuration
from pressroom.workstation.conversion import convert
from pressroom.workstation.folder import WorkstationFolder
from pressroom.workstation.program import TOLD
from pressroom.workstation.submitting import PIECE
from tests.printers_sim.conftest import wait_until
from tests.support.breaking_line import breaking_line
from tests.support.ipp_documents import pdf
from tests.support.print_service import Service, prepare, print_service
from tests.support.silent_line import silent_line
from tests.support.workstations import SECONDS, Screen, Workstation

COLOR_AS_THE_DOCUMENT = ("-o", "print-color-mode-default=auto")
"""Without a driver CUPS takes a queue for one in black and white."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with print_service(tmp_path_factory.mktemp("portal")) as one:
        yield one


@pytest.fixture
def workstation(service: Service, tmp_path: Path) -> Iterator[Workstation]:
    one = Workstation(tmp_path / "printctl", service.address)
    yield one
    one.close()


@pytest.fixture
def screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Screen:
    return Screen(tmp_path / "screen", monkeypatch)


@pytest.fixture
def person(service: Service, request: pytest.FixtureRequest) -> Actor:
    return service.person(request.node.name.lower().replace("[", "-").replace("]", "")[:60])


def test_sign_in_submission_queue_and_sign_out(workstation: Workstation, person: Actor, tmp_path: Path) -> None:
    """PR-304, PR-330, AC-34: the job is the person's, with what was chosen; signing out revokes the token."""
    document = tmp_path / "report.pdf"
    document.write_bytes(pdf("a4", 3))
    assert "workstation.sign_in_first" in workstation.run("queue", code=3)
    workstation.sign_in(person)
    assert stat.S_IMODE(workstation.folder.stat().st_mode) == 0o700
    token = own_tokens(person)[0]
    assert token.name.startswith("printctl")
    for file in workstation.folder.iterdir():
        assert b"prt_" not in file.read_bytes(), f"{file.name} holds the token as it is"

    chosen = ("--copies", "2", "--sides", "2", "--mono", "--pages", "1-2", "-o", "number-up=2", "--no-wait", "--json")
    job = json.loads(workstation.run("submit", str(document), *chosen))[0]
    assert job["source"] == JobSource.COMMAND_LINE
    ticket = {name: value for name, value in job["ticket"].items() if value is not None}
    assert ticket == {
        "copies": 2,
        "sides": "two-sided-long-edge",
        "color_mode": "monochrome",
        "page_ranges": "1-2",
        "number_up": 2,
    }
    prepare(person)
    assert [(one["name"], one["pages"]) for one in json.loads(workstation.run("queue", "--json"))] == [
        ("report.pdf", 3)
    ]
    workstation.run("set", job["id"], "-o", "copies=5")
    assert queued_jobs(person)[0].ticket.copies == 5
    workstation.run("rm", job["id"])
    assert "print_job.wrong_state" not in workstation.run("queue", "--json")
    assert queued_jobs(person) == []

    workstation.run("logout")
    assert own_tokens(person) == []
    assert "workstation.sign_in_first" in workstation.run("submit", str(document), code=3)


def test_whoever_signs_in_takes_over_nothing_of_the_person_before(
    service: Service, workstation: Workstation, person: Actor, tmp_path: Path
) -> None:
    """Without signing out first, too (AC-34, PR-245, PR-304): documents that the portal does not know yet are gone, the
    token is revoked, and what the portal said of the former person counts no more.
    """
    document = tmp_path / "salaries.pdf"
    document.write_bytes(pdf("a4", 1))
    folder, waiting = WorkstationFolder(workstation.folder), workstation.folder / "hybrid" / "waiting"
    workstation.sign_in(person)
    workstation.run("submit", str(document), "--queue", "hybrid")
    workstation.sign_in(person)
    assert len(list(waiting.iterdir())) == 1, "the same person has only signed in anew"
    assert len(own_tokens(person)) == 1, "the new token has taken the former one's place"
    other = service.person("somebody-else")
    workstation.sign_in(other)
    assert not waiting.exists()
    assert own_tokens(person) == []
    assert len(own_tokens(other)) == 1
    told = folder.unsealed(TOLD)
    assert told is not None
    assert told["person"]["id"] == other.user_id


def test_what_is_refused_is_told_with_its_remedy_and_an_exit_code(
    workstation: Workstation, person: Actor, tmp_path: Path
) -> None:
    workstation.sign_in(person)
    program = tmp_path / "program.exe"
    program.write_bytes(b"MZ\x90\x00" * 100)
    report = tmp_path / "report.pdf"
    report.write_bytes(pdf("a4", 1))
    told = workstation.run("submit", str(program), str(report), "--no-wait", code=1)
    assert "workstation.not_accepted" in told
    assert [job.name for job in queued_jobs(person)] == ["report.pdf"], "one bad file keeps no other"
    assert "workstation.bad_option" in workstation.run("submit", str(report), "-o", "copies=0", code=1)
    identity = workstation.folder / "identity"
    identity.write_bytes(b"damaged")
    assert "workstation.state_unreadable" in workstation.run("queue", code=1)


def test_the_agent_checks_in_sends_what_is_spooled_and_ends_on_a_signal(
    workstation: Workstation, person: Actor, tmp_path: Path, screen: Screen
) -> None:
    """F-26, PR-331, PR-332; a document that is refused is kept with the reason. PR-281: what became is shown."""
    spool = tmp_path / "spool"
    workstation.folder.mkdir()
    configuration = {"spoolSettings": {"folder": str(spool), "lookEverySeconds": 0.2}, "colour": "blue"}
    (workstation.folder / "client.json").write_text(json.dumps(configuration))
    process = workstation.agent()
    assert json.loads(workstation.run("status", "--json"))["agent"] == "signed_out"
    workstation.sign_in(person)
    wait_until(lambda: json.loads(workstation.run("status", "--json"))["agent"] == "online", SECONDS)
    warned = workstation.start("config", "show").communicate(timeout=SECONDS)[1]
    assert "colour means nothing" in warned
    with system_session(read_only=True) as session:
        client = session.query(PrintClient).filter_by(user_id=person.user_id).one()
        assert (client.kind, client.version != "", client.host != "") == ("printctl", True, True)

    (spool / "bad.exe").write_bytes(b"MZ\x90\x00" * 100)
    (spool / "letter.pdf.json").write_text(json.dumps({"name": "Letter", "options": {"copies": "3"}}))
    (spool / "letter.pdf").write_bytes(pdf("a4", 1))
    wait_until(lambda: len(queued_jobs(person)) == 1 and (spool / "refused" / "bad.exe.reason").exists(), SECONDS)
    job = queued_jobs(person)[0]
    assert (job.name, job.ticket.copies, job.source) == ("Letter", 3, JobSource.PRINT_CLIENT)
    wait_until(lambda: not (spool / "letter.pdf").exists(), SECONDS)
    prepare(person)
    wait_until(lambda: "“Letter” waits in your print queue." in screen.shown(), SECONDS)
    assert any("“bad.exe” was not accepted" in text for text in screen.shown())

    process.send_signal(signal.SIGTERM)
    assert process.wait(SECONDS) == 0
    assert json.loads(workstation.run("status", "--json"))["agent"] == "stopped"
    assert person.email not in (workstation.folder / "agent.log").read_text()


def test_a_submission_that_was_cut_off_goes_on_without_doubling(
    service: Service, person: Actor, tmp_path: Path
) -> None:
    """PR-331: the document has arrived, its answer has not, and the program is killed; the same command goes on."""
    report = tmp_path / "report.pdf"
    report.write_bytes(pdf("a4", 1))
    with silent_line(service.address) as line:
        workstation = Workstation(tmp_path / "printctl", line.address)
        workstation.sign_in(person)
        line.answers.clear()
        process = workstation.start("submit", str(report), "--no-wait", "--json")
        wait_until(lambda: len(queued_jobs(person)) == 1, SECONDS)
        process.kill()
        process.communicate(timeout=SECONDS)
        line.answers.set()
        arrived = queued_jobs(person)[0]
        again = json.loads(workstation.run("submit", str(report), "--no-wait", "--json"))[0]
        assert again["id"] == arrived.id
        on_purpose = json.loads(workstation.run("submit", str(report), "--no-wait", "--json"))[0]
        assert on_purpose["id"] != arrived.id, "printing it twice on purpose is two jobs"
    assert len(queued_jobs(person)) == 2


def test_a_large_document_goes_on_where_the_line_broke(service: Service, person: Actor, tmp_path: Path) -> None:
    """PR-331: each connection breaks after less than two of its pieces, and nothing that has arrived is sent again."""
    report = tmp_path / "report.pdf"
    report.write_bytes(pdf("a4", 1) + os.urandom(4 * PIECE + 12345))
    away = urlsplit(service.address)
    with breaking_line(away.hostname or "", away.port or 0, after=PIECE * 3 // 2) as port:
        workstation = Workstation(tmp_path / "printctl", f"http://127.0.0.1:{port}")
        workstation.sign_in(person)
        job = json.loads(workstation.run("submit", str(report), "--copies", "2", "--no-wait", "--json"))[0]
    (arrived,) = queued_jobs(person)
    assert (arrived.id, arrived.size, arrived.ticket.copies) == (job["id"], report.stat().st_size, 2)
    with open_original(person, arrived.id) as (_document, content):
        assert content.read() == report.read_bytes()
    kept = [one.key.rpartition("/")[2] for one in open_store(get_settings()).list(person.organization_id)]
    assert "original" in kept
    assert not [name for name in kept if name[0].isdecimal()], "the pieces are deleted"


@pytest.mark.skipif(not Path(DAEMON).exists(), reason="CUPS is not installed (Debian: cups, cups-client)")
def test_a_queue_of_the_workstations_own_cups_leads_to_the_cloud_queue(workstation: Workstation, person: Actor) -> None:
    """PR-332: the document as it was, with its title and settings, whoever the system says it is from."""
    backend = workstation.folder.parent / "pressroom-spool"
    workstation.run("cups-backend", str(backend))
    with cups_server({"pressroom-spool": backend}) as cups:
        spool = cups.root / "documents"
        spool.mkdir(mode=0o777)
        spool.chmod(0o777)
        workstation.sign_in(person)
        configuration = {"spoolSettings": {"folder": str(spool), "lookEverySeconds": 0.2}}
        (workstation.folder / "client.json").write_text(json.dumps(configuration))
        workstation.agent()
        cups.run("lpadmin", "-p", "Cloud", "-E", "-v", f"pressroom-spool:{spool}", *COLOR_AS_THE_DOCUMENT)
        report = cups.root / "report.pdf"
        report.write_bytes(pdf("a4", 2))
        settings = ("-n", "2", "-o", "sides=two-sided-long-edge", "-o", "media=A4", "-o", "page-ranges=1")
        cups.run("lp", "-d", "Cloud", "-t", "Minutes – May", *settings, str(report))
        wait_until(lambda: len(queued_jobs(person)) == 1, SECONDS)
        job = queued_jobs(person)[0]
        assert (job.name, job.source, job.size) == ("Minutes – May", JobSource.PRINT_CLIENT, report.stat().st_size)
        assert job.ticket.chosen() == {
            "copies": 2,
            "sides": "two-sided-long-edge",
            "media": "iso_a4_210x297mm",
            "page_ranges": "1",
        }
        wait_until(lambda: list(spool.iterdir()) == [], SECONDS)


@pytest.mark.parametrize(
    ("content", "queues", "port", "unknown"),
    [
        (
            """<?xml version="1.0"?><DirectPrintConfiguration><AllPrintSettingDetails>
            <PrintJobFileNameFormat>%d_%i.prn</PrintJobFileNameFormat><APIVersion>3.0</APIVersion>
            <PrintSettingDetails><LoopbackPort>9151</LoopbackPort><PrintQueueName>DirectPrintQueue-10.1.2.3</PrintQueueName>
            <DestIPAddress>10.1.2.3</DestIPAddress><TrueUpData>true</TrueUpData></PrintSettingDetails>
            </AllPrintSettingDetails><Server><ServerIP>cloud.example.com</ServerIP><ServerPort>443</ServerPort></Server>
            </DirectPrintConfiguration>""",
            [("DirectPrintQueue-10.1.2.3", 9151)],
            9443,
            [],
        ),
        (
            json.dumps(
                {
                    "directPrintSettings": {
                        "printSettings": [{"queueName": "Copy room", "ipAddress": "10.1.2.4", "loopbackPort": 9160}],
                        "usePrintEncryption": True,
                    },
                    "listenerPortSettings": {"universalServicePort": 9500},
                    "serverSettings": {"idpServerUrl": "https://idp.example.com"},
                }
            ),
            [("Copy room", 9160)],
            9500,
            ["serverSettings.idpServerUrl"],
        ),
    ],
    ids=["xml", "json"],
)
def test_configurations_of_former_clients_are_converted(
    tmp_path: Path, content: str, queues: list[tuple[str, int]], port: int, unknown: list[str]
) -> None:
    """PR-308, PR-314, PR-315, PR-316, AM-40, AM-51."""
    file = tmp_path / "old"
    file.write_text(content)
    configuration, left_out = convert(file)
    found = [(one.queue_name, one.loopback_port) for one in configuration.direct_print_settings.print_settings]
    assert (found, configuration.listener_port_settings.universal_service_port, left_out) == (queues, port, unknown)
    again = tmp_path / "client.json"
    again.write_text(configuration.as_json())
    assert read_configuration(again) == configuration


def test_the_configuration_beside_the_program_is_taken_over_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PR-283, PR-307: a new one at first use; what is configured already is kept; else the defaults count."""
    package, folder = tmp_path / "package", tmp_path / "printctl"
    package.mkdir()
    monkeypatch.setenv("PRINTCTL_PACKAGE", str(package))

    def queue() -> str:
        return place_of(folder).configuration.queue_names.cloud

    assert queue() == "Cloud Print"
    (package / "client.json").write_text('{"queueNames": {"cloud": "Of the package"}}')
    assert queue() == "Of the package"
    (package / "client.json").write_text('{"queueNames": {"cloud": "Of a later package"}}')
    assert queue() == "Of the package"


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"queueNames": {"cloud": "ab"}}',
        '{"queueNames": {"cloud": "semi;colon"}}',
        '{"certificateValidationSettings": {"certificateValidationSwitch": false}}',
        '{"scheduleSettings": {"callHomeFrequencyInHours": 0}}',
        '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
    ],
)
def test_a_bad_configuration_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "client.json"
    file.write_text(content)
    with pytest.raises(PressroomError, match=r"workstation\.configuration"):
        convert(file)
