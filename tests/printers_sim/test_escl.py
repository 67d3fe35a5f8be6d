"""eSCL of the simulated printers, used by a real client: SANE's airscan backend."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from PIL import Image

from printers_sim.announcement import USCAN, services_of
from printers_sim.escl.documents import PWG, SCAN
from printers_sim.scanner.originals import Kind, Original, draw
from printers_sim.scanner.picture import is_colored
from printers_sim.scanner.scanner import Scanner
from printers_sim.simulation import Simulation, SimulationPlan
from tests.support.simulation import device_address, running_simulation

SECONDS = 90
JAMMED, EMPTY, COVER_OPEN, FAILED = 6, 7, 8, 9
"""How `scanimage` ends: SANE's states."""
SETTINGS = (
    f'<s:ScanSettings xmlns:s="{SCAN.strip("{}")}" xmlns:p="{PWG.strip("{}")}">'
    "<p:InputSource>Feeder</p:InputSource><s:ColorMode>{color}</s:ColorMode>"
    "<s:DocumentFormatExt>{media_type}</s:DocumentFormatExt><s:XResolution>75</s:XResolution></s:ScanSettings>"
)


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    plan = SimulationPlan(2, profiles=["color-mfp", "third-party-color"], http_port=0, snmp_port=0)
    with running_simulation(plan) as running:
        yield running


@pytest.fixture
def scanner(simulation: Simulation) -> Scanner:
    """The scanner of the first printer, as new."""
    simulation.printers[0].scanner = Scanner()
    return simulation.printers[0].scanner


@dataclass
class Sane:
    """`scanimage`, which knows the printer by its configuration alone."""

    folder: Path

    def scan(self, *options: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "SANE_CONFIG_DIR": str(self.folder)}
        command = ["scanimage", "--device-name", "airscan:e0:Simulated", "--format", "png", *options]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS)

    def batch(self, *options: str) -> tuple[int, list[Path]]:
        """Pages from the feeder until it is empty, and how `scanimage` ended."""
        ended = self.scan(f"--batch={self.folder}/page%d.png", *options)
        return ended.returncode, sorted(self.folder.glob("page*.png"))


@pytest.fixture
def sane(simulation: Simulation, tmp_path: Path) -> Sane:
    address = f"{device_address(simulation, simulation.printers[0])}/eSCL"
    (tmp_path / "dll.conf").write_text("airscan\n")
    devices = f'[devices]\n"Simulated" = {address}, eSCL\n[options]\ndiscovery = disable\nws-discovery = off\n'
    (tmp_path / "airscan.conf").write_text(devices)
    return Sane(tmp_path)


def test_sane_scans_the_glass_in_colour(scanner: Scanner, sane: Sane) -> None:
    target = sane.folder / "glass.png"
    ended = sane.scan("--source", "Flatbed", "--mode", "Color", "--resolution", "150", "--output-file", str(target))
    assert ended.returncode == 0, ended.stderr
    with Image.open(target) as page:
        assert page.mode == "RGB"
        assert abs(page.width - 1275) <= 2
        assert is_colored(page)
        assert scanner.glass is not None
        original = draw(scanner.glass, 150)
        for place in ((100, 100), (600, 900), (900, 1600)):
            got, meant = page.getpixel(place), original.getpixel(place)
            assert isinstance(got, tuple)
            assert isinstance(meant, tuple)
            assert max(abs(a - b) for a, b in zip(got, meant, strict=True)) < 40


def test_sane_scans_the_feeder_until_it_is_empty(scanner: Scanner, sane: Sane) -> None:
    code, pages = sane.batch("--source", "ADF", "--mode", "Gray", "--resolution", "100")
    assert (code, len(pages)) == (0, 3)
    with Image.open(pages[0]) as page:
        assert page.mode == "L"
        assert page.height > 1100
    assert scanner.feeder == scanner.loaded, "somebody has put them back"


def test_sane_scans_both_sides(scanner: Scanner, sane: Sane) -> None:
    scanner.load([Original(Kind.TABLE, "en", 7, back=Kind.LETTER)])
    code, pages = sane.batch("--source", "ADF Duplex", "--mode", "Gray", "--resolution", "75")
    assert (code, len(pages)) == (0, 2)


@pytest.mark.parametrize(
    ("changes", "codes", "count"),
    [
        ({"jam_at": 2}, {JAMMED}, 1),
        ({"cover_open": True}, {COVER_OPEN, FAILED}, 0),  # airscan has another word for it than the specification
        ({"feeder": []}, {EMPTY}, 0),
    ],
)
def test_sane_hears_what_is_wrong(
    scanner: Scanner, sane: Sane, changes: dict[str, object], codes: set[int], count: int
) -> None:
    for name, value in changes.items():
        setattr(scanner, name, value)
    code, pages = sane.batch("--source", "ADF", "--mode", "Gray", "--resolution", "75")
    assert len(pages) == count
    assert code in codes


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"no xml", 400),
        (b"<a/>", 400),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 400),
        (b"<" * 70_000, 413),
        (SETTINGS.format(color="Infrared", media_type="image/jpeg").encode(), 409),
        (SETTINGS.format(color="RGB24", media_type="image/webp").encode(), 409),
    ],
)
def test_bad_settings_are_refused(simulation: Simulation, scanner: Scanner, body: bytes, status: int) -> None:
    address = f"{device_address(simulation, simulation.printers[0])}/eSCL/ScanJobs"
    assert httpx.post(address, content=body, trust_env=False).status_code == status


def test_one_job_at_a_time_and_all_pages_in_one_pdf(simulation: Simulation, scanner: Scanner) -> None:
    address = f"{device_address(simulation, simulation.printers[0])}/eSCL"
    body = SETTINGS.format(color="BlackAndWhite1", media_type="application/pdf").encode()
    with httpx.Client(trust_env=False, timeout=SECONDS) as http:
        job = http.post(f"{address}/ScanJobs", content=body).headers["location"]
        assert http.post(f"{address}/ScanJobs", content=body).status_code == 503
        page = http.get(f"{job}/NextDocument")
        assert (page.headers["content-type"], page.content[:5]) == ("application/pdf", b"%PDF-")
        assert "ActualWidth" in http.get(f"{job}/ScanImageInfo").text
        assert http.get(f"{job}/NextDocument").status_code == 404
        job = http.post(f"{address}/ScanJobs", content=body).headers["location"]
        assert http.delete(job).status_code == 200
        assert "<pwg:JobState>Canceled" in http.get(f"{address}/ScannerStatus").text


def test_only_scanners_scan_and_are_announced(simulation: Simulation) -> None:
    scanning, printing = simulation.printers
    assert [one.type for one in services_of(scanning, 1) if one.type == USCAN] == [USCAN]
    assert not [one for one in services_of(printing, 1) if one.type == USCAN]
    address = f"{device_address(simulation, printing)}/eSCL/ScannerCapabilities"
    assert httpx.get(address, trust_env=False).status_code == 404
