"""CUPS's own test suites against the print service: none of their tests may fail."""

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from domain.organizations.actor import Actor
from domain.printing.jobs import move
from domain.printing.service import queued_jobs
from domain.printing.states import JobState
from tests.support.ipp_documents import write_documents
from tests.support.print_service import Service, prepare, print_service

SUITES = Path("/usr/share/cups/ipptool")
RESULT = re.compile(r"^    (.{1,68}?) +\[(PASS|FAIL|SKIP)\]$", re.MULTILINE)


@dataclass(frozen=True)
class Report:
    """Tests of a run by what became of them."""

    passed: list[str]
    failed: list[str]
    skipped: list[str]
    text: str


def run(name: str, version: str, folder: Path, resolutions: tuple[int, ...] = ()) -> Report:
    """Run a suite against a fresh service, where somebody releases the first job at a printer meanwhile."""
    if shutil.which("ipptool") is None:
        pytest.skip("ipptool is not installed (Debian: cups-ipp-utils)")
    work = folder / "suite"
    work.mkdir()
    for suite in SUITES.glob("ipp-*.test"):
        shutil.copy(suite, work)
    write_documents(work / name, resolutions)
    with print_service(folder / "home") as service:
        person = service.person()
        command = ["ipptool", "-V", version, "-tI", "-T", "30", "-f", "document-a4.pdf", address(service, person), name]
        with worker_and_printer(person):
            ran = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
        refused = [job for job in queued_jobs(person) if job.state is JobState.REJECTED]
        assert not refused
    assert ran.stderr == "", ran.stderr  # a file that is missing ends a suite with a message here, and no failure
    results = RESULT.findall(ran.stdout)
    return Report(
        *([test for test, found in results if found == kind] for kind in ("PASS", "FAIL", "SKIP")), ran.stdout
    )


def address(service: Service, person: Actor) -> str:
    """The printer's address with the name and the password of the person, as ipptool takes them."""
    computer = service.printer_of(person)
    host = service.address.removeprefix("http://")
    return f"ipp://{quote(computer.email, safe='')}:{computer.password}@{host}{computer.path}"


@contextmanager
def worker_and_printer(person: Actor) -> Iterator[None]:
    """Jobs are prepared as they come, and the first one that is held is printed."""
    ended, printed = threading.Event(), []

    def work() -> None:
        while not ended.wait(0.2):
            prepare(person)
            held = [job for job in queued_jobs(person) if job.state is JobState.HELD]
            if held and not printed:
                printed.append(held[0])
                with person.session() as session:
                    assert move(session, held[0].id, [JobState.HELD], JobState.RELEASING)
                    assert move(session, held[0].id, [JobState.RELEASING], JobState.PRINTED)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.slow
@pytest.mark.parametrize(("suite", "version", "tests"), [("ipp-1.1.test", "1.1", 66), ("ipp-2.0.test", "2.0", 67)])
def test_the_suite_passes_without_a_failure(suite: str, version: str, tests: int, tmp_path: Path) -> None:
    report = run(suite, version, tmp_path)
    assert not report.failed, report.text
    assert len(report.passed) + len(report.skipped) == tests, report.text
    assert len(report.passed) >= 38


@pytest.mark.slow
def test_of_ipp_everywhere_only_settings_of_single_pages_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What docs/printing.md names as not met. Rasters are tried at one resolution; the others differ by size only."""
    monkeypatch.setattr("connectors.ipp.service.offer.RASTER_RESOLUTIONS", (150,))
    report = run("ipp-everywhere.test", "2.0", tmp_path, (150,))
    assert report.failed == ["PWG 5100.14 section 5.1/5.2 - Required Operations and Attributes"], report.text
    assert set(re.findall(r"EXPECTED: (.+)", report.text)) == {"overrides-supported"}, report.text
    assert len(report.passed) + len(report.skipped) == 499, report.text
    assert len([test for test in report.passed if "@ 150dpi" in test]) >= 40
