"""CUPS's own test suites against the simulated printers: none of their tests may fail."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from printers_sim.ipp.description import RASTER_RESOLUTIONS
from printers_sim.printer import SimulatedPrinter
from printers_sim.simulation import SimulationPlan
from printers_sim.web.requests import Timing
from tests.printers_sim.conftest import wait_until
from tests.support.ipp_documents import write_documents
from tests.support.simulation import running_simulation

SUITES = Path("/usr/share/cups/ipptool")
RESULT = re.compile(r"^    (.{1,68}?) +\[(PASS|FAIL|SKIP)\]$", re.MULTILINE)
OTHER_RESOLUTIONS = re.compile(r"@ (180|360|600|720)dpi")
PRINT_SECONDS = 120


@dataclass(frozen=True)
class Report:
    """Tests of a run by what became of them."""

    passed: list[str]
    failed: list[str]
    skipped: list[str]
    text: str


def run(name: str, profile: str, version: str, folder: Path, resolutions: tuple[int, ...] = ()) -> Report:
    """Run a suite against a fresh printer of that profile that has paper and toner, and let it print everything."""
    if shutil.which("ipptool") is None:
        pytest.skip("ipptool is not installed (Debian: cups-ipp-utils)")
    work = folder / "suite"
    work.mkdir()
    for suite in SUITES.glob("ipp-*.test"):
        shutil.copy(suite, work)
    write_documents(work / name, resolutions)
    plan = SimulationPlan(1, [profile], http_port=0, snmp_port=0, timing=Timing(page=0), folder=folder / "state")
    with running_simulation(plan) as simulation:
        printer = filled(simulation.printers[0])
        address = f"ipp://{printer.address}:{simulation.http_port}/ipp/print"
        command = ["ipptool", "-V", version, "-tI", "-T", "30", "-f", "document-a4.pdf", address, name]
        ran = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
        queue = simulation.queues.of(printer)
        wait_until(
            lambda: not any(job.state.name == "PENDING" for job in queue.waiting()) and not printer.is_printing,
            PRINT_SECONDS,
        )
        assert not [job.message for job in queue.jobs.values() if job.state.name == "ABORTED"]
    assert ran.stderr == "", ran.stderr  # a file that is missing ends a suite with a message here, and no failure
    results = RESULT.findall(ran.stdout)
    return Report(
        *([test for test, found in results if found == kind] for kind in ("PASS", "FAIL", "SKIP")), ran.stdout
    )


def filled(printer: SimulatedPrinter) -> SimulatedPrinter:
    """Nothing shall end while the suite prints."""
    for tray in printer.trays:
        tray.sheets = 10_000
    for supply in printer.supplies:
        supply.used = 0
    printer.review()
    return printer


@pytest.mark.parametrize("profile", ["color-mfp", "mono-printer", "third-party-color"])
@pytest.mark.parametrize(("suite", "version", "tests"), [("ipp-1.1.test", "1.1", 66), ("ipp-2.0.test", "2.0", 67)])
def test_the_suite_passes_without_a_failure(suite: str, version: str, tests: int, profile: str, tmp_path: Path) -> None:
    report = run(suite, profile, version, tmp_path)
    assert not report.failed, report.text
    assert len(report.passed) + len(report.skipped) == tests, report.text
    assert len(report.passed) >= 40


@pytest.mark.slow
def test_ipp_everywhere_passes_for_everything_that_the_printer_offers(tmp_path: Path) -> None:
    """What is skipped: rasters of resolutions that are not offered, and the optional operations of IPP 1.1."""
    report = run("ipp-everywhere.test", "color-mfp", "2.0", tmp_path, RASTER_RESOLUTIONS)
    assert not report.failed, report.text
    assert len(report.passed) + len(report.skipped) == 500, report.text
    everywhere = report.text.partition('"ipp-everywhere.test":')[2]
    skipped = [test for test, found in RESULT.findall(everywhere) if found == "SKIP"]
    assert all(OTHER_RESOLUTIONS.search(test) for test in skipped), skipped
