"""`pressroom sim` as an operator uses it: a process that serves printers, is controlled, and ends cleanly."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from printers_sim.packages import firmware_image
from printers_sim.profile import FOLDER

COMMAND = [sys.executable, "-m", "pressroom", "sim"]


@contextmanager
def running(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A simulation in a process of its own, and its HTTP port."""
    ports = ["--http-port", "0", "--https-port", "0", "--snmp-port", "0", "--folder", str(folder)]
    process = subprocess.Popen([*COMMAND, *ports, *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        shown = ""
        while not (found := re.search(r"http://ADDRESS:(\d+)/\n", shown)):
            line = process.stdout.readline()
            assert line, shown
            shown += line
        yield process, int(found[1])
    finally:
        process.kill()
        process.wait()


def ctl(port: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Control a printer."""
    command = [*COMMAND, "ctl", "127.20.0.1", "--http-port", str(port), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_simulation_serves_is_controlled_and_ends_cleanly(tmp_path: Path) -> None:
    user = "kim,sha256,a secret to sign,aes128,a secret to hide"
    with running(tmp_path, "--count", "3", "--profile", "mono-mfp", "--snmp-user", user) as (process, port):
        identity = f"http://127.20.0.3:{port}/device/v1/identity"
        assert httpx.get(identity).json()["model"] == "PX M2250"
        turned = ctl(port, "--raise", "jam", "--set", "busy=on", "--set", "fail_at=firmware,restart")
        assert turned.returncode == 0, turned.stdout
        told = httpx.get(f"http://127.20.0.1:{port}/device/v1/identity").json()
        assert (told["busy"], told["unresolved_errors"]) == (True, ["Paper jam"])
        assert "sim.refused" in ctl(port, "--raise", "boredom").stdout
        second = subprocess.run([*COMMAND, "--folder", str(tmp_path)], capture_output=True, text=True, check=False)
        assert (second.returncode, "sim.folder_in_use" in second.stdout) == (1, True)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    assert "sim.not_running" in ctl(port).stdout
    reset = subprocess.run([*COMMAND, "reset", "--folder", str(tmp_path)], capture_output=True, text=True, check=False)
    assert reset.returncode == 0, reset.stdout
    assert not list(tmp_path.glob("*.sqlite3*"))


def test_an_update_outlives_a_simulation_that_is_killed_in_the_middle(tmp_path: Path) -> None:
    options = ["--count", "1", "--profile", "mono-mfp", "--restart-seconds", "0"]
    with running(tmp_path, *options) as (process, port):
        url = f"http://127.20.0.1:{port}/device/v1/firmware"
        assert httpx.post(url, content=firmware_image("090.100", ["PX M2250"])).status_code == 202
        process.kill()
    with running(tmp_path, *options) as (_, port):
        told = httpx.get(f"http://127.20.0.1:{port}/device/v1/identity").json()
    assert (told["firmware"], told["firmware_updates"]) == ("090.100", 1)


def test_models_and_recordings_of_ones_own(tmp_path: Path) -> None:
    profile = tmp_path / "mine.yaml"
    profile.write_text(find_profile_file("mono-mfp").replace("PX M2250", "PX Mine"))
    walk = tmp_path / "walk.snmprec"
    walk.write_text("1.3.6.1.2.1.1.1.0|4|A real printer\n")
    options = ["--count", "1", "--profile", str(profile), "--recording", str(walk), "--community", "office"]
    with running(tmp_path, *options) as (process, port):
        assert httpx.get(f"http://127.20.0.1:{port}/device/v1/identity").json()["model"] == "PX Mine"
        assert process.stdout is not None
        snmp = next(found[1] for line in process.stdout if (found := re.search(r"ADDRESS, port (\d+)", line)))
        asked = ["snmpget", "-v2c", "-c", "office", "-Oqv", f"127.20.0.2:{snmp}", "1.3.6.1.2.1.1.1.0"]
        assert "A real printer" in subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def find_profile_file(name: str) -> str:
    """The text of a profile."""
    return (FOLDER / f"{name}.yaml").read_text()


def test_what_cannot_be_simulated_is_explained(tmp_path: Path) -> None:
    walk = tmp_path / "walk.snmprec"
    walk.write_text("1.3.6.1.2.1.1.1.0|999|x\n")
    for options, code in (
        (["--profile", "typewriter"], "sim.profile"),
        (["--profile", str(walk.with_suffix(".yaml"))], "sim.profile"),
        (["--recording", str(walk)], "sim.unreadable"),
        (["--authentication", "pin", "--password", "secret"], "sim.refused"),
        (["--snmp-user", "kim,sha256,short"], "sim.snmp_user"),
        (["--snmp-user", "kim,rot13,long enough"], "sim.snmp_user"),
    ):
        ports = ["--http-port", "0", "--https-port", "0", "--snmp-port", "0"]
        command = [*COMMAND, *options, "--folder", str(tmp_path), *ports]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (told.returncode, code in told.stdout) == (1, True), told.stdout + told.stderr
