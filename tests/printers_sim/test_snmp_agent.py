"""The printers' SNMP agent, asked by net-snmp's tools: versions, walks, wrong keys, setting, wear and misbehaviour."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.snmp.ber import Oid, Reader, Tag, oid_of
from printers_sim.knobs import Behaviour
from printers_sim.printer import Condition, SimulatedPrinter, address_of, make_printer
from printers_sim.profile import profiles
from printers_sim.snmp.agents import Access, SnmpAgents
from printers_sim.snmp.recording import RecordingError, read_recording
from printers_sim.snmp.usm import Authentication, Privacy, User

SERIAL, LOCATION, LIFE_COUNT = "1.3.6.1.2.1.43.5.1.1.17.1", "1.3.6.1.2.1.1.6.0", "1.3.6.1.2.1.43.10.2.1.4.1.1"
RESET, UPTIME = "1.3.6.1.2.1.43.5.1.1.3.1", "1.3.6.1.2.1.1.3.0"
ALERTS = "1.3.6.1.2.1.43.18.1.1.8"
AUTHENTICATION, PRIVACY = "a secret to sign", "a secret to hide"
USERS = {
    "md5-des": (Authentication.MD5, Privacy.DES, "MD5", "DES"),
    "sha-aes": (Authentication.SHA1, Privacy.AES128, "SHA", "AES"),
    "sha256-aes256": (Authentication.SHA256, Privacy.AES256, "SHA-256", "AES-256"),
    "sha512": (Authentication.SHA512, None, "SHA-512", ""),
}
DISCOVERY = bytes.fromhex(
    "303e020103 30110204 76047c77 020300ffe3 040104 020103 0410300e0400 020100 020100 0400 0400 0400"
    "3014 0400 0400 a00e0204 782bdd21 020100 020100 3000"
)
"""The question for an engine's id, boots and time, as net-snmp asks it (RFC 3414 §4)."""
RECORDED = "127.21.0.1"


@dataclass
class Fleet:
    """Four printers, one of each model, and a recording."""

    port: int
    printers: list[SimulatedPrinter]

    def ask(self, tool: str, *arguments: str, address: str = "127.20.0.1") -> subprocess.CompletedProcess[str]:
        """Run one of net-snmp's tools against a printer; the last argument is what is asked for."""
        *options, wanted = arguments
        command = [tool, "-On", "-t", "1", "-r", "0", *(options or ["-v2c", "-c", "public"])]
        target = [f"{address}:{self.port}", *wanted.split("|")]
        return subprocess.run([*command, *target], capture_output=True, text=True, check=False, timeout=30)

    def value(self, name: str, address: str = "127.20.0.1") -> str:
        """One value as net-snmp prints it."""
        found = self.ask("snmpget", "-v2c", "-c", "public", "-Oqv", name, address=address)
        assert found.returncode == 0, found.stderr
        return found.stdout.strip().strip('"')

    def engine_boots(self) -> int:
        """How often the first printer's engine says that it was started, in its answer to whoever does not know it."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(5)
            asking.sendto(DISCOVERY, (self.printers[0].address, self.port))
            answer = Reader(asking.recv(1000)).inside(Tag.SEQUENCE)
        answer.integer()
        answer.inside(Tag.SEQUENCE)
        parameters = Reader(answer.content(Tag.OCTET_STRING)).inside(Tag.SEQUENCE)
        parameters.content(Tag.OCTET_STRING)
        return parameters.integer()

    def ticks(self) -> int:
        """The uptime in hundredths of a second."""
        return int(self.ask("snmpget", "-v2c", "-c", "public", "-Oqvt", UPTIME).stdout)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    printers = [make_printer(number, profile) for number, profile in enumerate(profiles().values())]
    users = tuple(
        User(name, authentication, AUTHENTICATION, privacy, PRIVACY if privacy else "")
        for name, (authentication, privacy, _, _) in USERS.items()
    )
    walk = tmp_path / "walk.snmprec"
    walk.write_text("1.3.6.1.2.1.1.1.0|4|A real printer\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.11\n1.3.6.1.2.1.1.3.0|67|17\n")
    agents = SnmpAgents(printers, Access(users=(*users, User("nobody"))), 0, {RECORDED: read_recording(walk)})
    over = threading.Event()

    def is_over() -> bool:
        agents.send_late()
        return over.is_set()

    thread = threading.Thread(target=agents.server.serve_until, args=(is_over,))
    thread.start()
    yield Fleet(agents.server.port, printers)
    over.set()
    thread.join()
    agents.server.close()


def names_of(walk: subprocess.CompletedProcess[str]) -> list[Oid]:
    """The objects that a walk gave, in its order."""
    lines = [line.split(" = ", 1) for line in walk.stdout.splitlines() if line.startswith(".")]
    return [oid_of(name) for name, value in lines if not value.startswith("No more")]


@pytest.mark.parametrize("version", ["-v1", "-v2c"])
def test_a_walk_gives_every_object_once_in_order(fleet: Fleet, version: str) -> None:
    names = names_of(fleet.ask("snmpwalk", version, "-c", "public", "1.3.6.1"))
    assert len(names) > 200
    assert names == sorted(set(names))
    assert names_of(fleet.ask("snmpbulkwalk", "-v2c", "-c", "public", "-Cr50", "1.3.6.1")) == names


def test_every_printer_answers_at_its_own_address(fleet: Fleet) -> None:
    for printer in fleet.printers:
        assert fleet.value(SERIAL, printer.address) == printer.serial
    assert "Timeout" in fleet.ask("snmpget", SERIAL, address=address_of(len(fleet.printers))).stderr
    assert fleet.value("1.3.6.1.2.1.1.1.0", RECORDED) == "A real printer"


def test_another_community_gets_no_answer(fleet: Fleet) -> None:
    assert "Timeout" in fleet.ask("snmpget", "-v2c", "-c", "wrong", SERIAL).stderr


def test_what_is_not_there_is_told_by_version(fleet: Fleet) -> None:
    assert "noSuchName" in fleet.ask("snmpget", "-v1", "-c", "public", "1.3.6.1.9.9.0").stderr
    assert "No Such Object" in fleet.ask("snmpget", "1.3.6.1.9.9.0").stdout
    assert "No more variables" in fleet.ask("snmpgetnext", "1.3.6.1.9.9.0").stdout


@pytest.mark.parametrize("name", USERS)
def test_version_3_reads_with_the_right_keys_only(fleet: Fleet, name: str) -> None:
    _, privacy, digest, cipher = USERS[name]
    level = ["-l", "authPriv", "-x", cipher, "-X", PRIVACY] if privacy else ["-l", "authNoPriv"]
    right = ["-v3", "-u", name, "-a", digest, "-A", AUTHENTICATION, *level]
    assert fleet.printers[0].serial in fleet.ask("snmpget", *right, SERIAL).stdout
    walked = fleet.ask("snmpbulkwalk", *right, "1.3.6.1.2.1.43.11").stdout.splitlines()
    assert len(walked) == 8 * len(fleet.printers[0].supplies)
    wrong = [part.replace(AUTHENTICATION, "another secret") for part in right]
    assert "Authentication failure" in fleet.ask("snmpget", *wrong, SERIAL).stderr
    if privacy:
        garbled = [part.replace(PRIVACY, "another secret") for part in right]
        assert fleet.ask("snmpget", *garbled, SERIAL).returncode != 0


def test_version_3_refuses_unknown_users_and_lower_levels(fleet: Fleet) -> None:
    assert "Unknown user name" in fleet.ask("snmpget", "-v3", "-u", "stranger", "-l", "noAuthNoPriv", SERIAL).stderr
    lower = fleet.ask("snmpget", "-v3", "-u", "sha-aes", "-l", "noAuthNoPriv", SERIAL)
    assert "Unsupported security level" in lower.stderr
    assert fleet.printers[0].serial in fleet.ask("snmpget", "-v3", "-u", "nobody", "-l", "noAuthNoPriv", SERIAL).stdout


def test_setting_takes_the_write_community_and_fitting_values(fleet: Fleet) -> None:
    write = ["-v2c", "-c", "private"]
    assert fleet.ask("snmpset", *write, f"{LOCATION}|s|Room 5").returncode == 0
    assert fleet.value(LOCATION) == "Room 5"
    assert "noAccess" in fleet.ask("snmpset", "-v2c", "-c", "public", f"{LOCATION}|s|Room 6").stderr
    assert "notWritable" in fleet.ask("snmpset", *write, f"{SERIAL}|s|FORGED").stderr
    assert "wrongType" in fleet.ask("snmpset", *write, f"{LOCATION}|i|5").stderr
    assert "wrongValue" in fleet.ask("snmpset", *write, f"{RESET}|i|1").stderr
    both = f"{LOCATION}|s|Room 7|{SERIAL}|s|FORGED"
    assert fleet.ask("snmpset", *write, both).returncode != 0
    assert fleet.value(LOCATION) == "Room 5"


def test_a_reset_begins_the_uptime_anew(fleet: Fleet) -> None:
    fleet.printers[0].started -= 1000
    assert fleet.ticks() > 99_000
    assert fleet.ask("snmpset", "-v2c", "-c", "private", f"{RESET}|i|4").returncode == 0
    assert fleet.ticks() < 99_000


def test_printing_wears_the_printer_until_it_complains(fleet: Fleet) -> None:
    printer = fleet.printers[0]
    before, toner = printer.life_count, printer.supplies[1]
    toner.used = toner.facts.yield_pages * 0.89
    printer.review()
    assert "Cyan" not in fleet.ask("snmpwalk", ALERTS).stdout
    printer.wear(mono=10, color=round(toner.facts.yield_pages * 0.02), sheets=5)
    assert int(fleet.value(LIFE_COUNT)) == before + 10 + round(toner.facts.yield_pages * 0.02)
    assert "Cyan Toner Cartridge is low" in fleet.ask("snmpwalk", ALERTS).stdout
    printer.clear_condition(Condition.SUPPLY_LOW, 2)
    assert "Cyan" not in fleet.ask("snmpwalk", ALERTS).stdout


@pytest.mark.parametrize(
    ("condition", "bits", "text"),
    [
        (Condition.JAM, 0x04, "Paper jam"),
        (Condition.COVER_OPEN, 0x08, "Front cover open"),
        (Condition.SERVICE, 0x01, "Service required"),
    ],
)
def test_what_is_wrong_shows_in_the_error_state_and_the_alert_table(
    fleet: Fleet, condition: Condition, bits: int, text: str
) -> None:
    printer = fleet.printers[0]
    printer.raise_condition(condition)
    state = fleet.ask("snmpget", "-v2c", "-c", "public", "-Ox", "1.3.6.1.2.1.25.3.5.1.2.1").stdout
    assert int(state.split(":")[1].split()[0], 16) & bits
    assert text in fleet.ask("snmpwalk", ALERTS).stdout
    printer.clear_condition(condition)
    assert text not in fleet.ask("snmpwalk", ALERTS).stdout


def test_printers_can_be_silent_slow_or_know_another_community(fleet: Fleet) -> None:
    """FL-576, FL-580: the modes of a wrong community and of no answer."""
    printer = fleet.printers[0]
    printer.behaviour = Behaviour.SILENT
    assert "Timeout" in fleet.ask("snmpget", SERIAL).stderr
    printer.behaviour = Behaviour.WRONG_COMMUNITY
    assert "Timeout" in fleet.ask("snmpget", SERIAL).stderr
    printer.behaviour = Behaviour.SLOW
    assert "Timeout" in fleet.ask("snmpget", SERIAL).stderr
    assert printer.serial in fleet.ask("snmpget", "-v2c", "-c", "public", "-t", "8", SERIAL).stdout


def test_recordings_of_real_printers_are_replayed_whole(shared_data: Path) -> None:
    for path in sorted((shared_data / "snmp").glob("*.snmprec")):
        lines = [line for line in path.read_text(errors="replace").splitlines() if line.count("|") >= 2]
        assert 0 < len(read_recording(path)) <= len(lines), path.name


def test_a_recording_that_cannot_be_read_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.snmprec"
    path.write_text("1.3.6.1.2.1.1.1.0|4|x\n1.3.6.1.2.1.1.2.0|999|y\n")
    with pytest.raises(RecordingError, match="line 2"):
        read_recording(path)


def test_the_agent_goes_by_the_settings_of_the_printer(fleet: Fleet) -> None:
    settings = fleet.printers[0].device.settings
    settings["network.snmp_read_community"] = "office"
    assert "Timeout" in fleet.ask("snmpget", SERIAL).stderr
    assert fleet.ask("snmpget", "-v2c", "-c", "office", SERIAL).returncode == 0
    settings["network.snmp_set_allowed"] = False
    assert "Timeout" in fleet.ask("snmpset", "-v2c", "-c", "private", f"{LOCATION}|s|Room 5").stderr
    settings["network.snmp_v2_enabled"] = False
    assert "Timeout" in fleet.ask("snmpget", "-v2c", "-c", "office", SERIAL).stderr
    assert fleet.ask("snmpget", "-v3", "-u", "nobody", "-l", "noAuthNoPriv", SERIAL).returncode == 0
    settings["network.snmp_v3_enabled"] = False
    assert "Timeout" in fleet.ask("snmpget", "-v3", "-u", "nobody", "-l", "noAuthNoPriv", SERIAL).stderr


def test_every_restart_is_another_boot_of_the_engine(fleet: Fleet) -> None:
    asked = ["-v3", "-u", "sha-aes", "-l", "authPriv", "-a", "SHA", "-A", AUTHENTICATION, "-x", "AES", "-X", PRIVACY]
    before = fleet.engine_boots()
    assert fleet.ask("snmpget", *asked, SERIAL).returncode == 0
    fleet.printers[0].restart()
    assert fleet.ask("snmpget", *asked, SERIAL).returncode == 0
    assert fleet.engine_boots() == before + 1
