"""An office in which people release jobs: an installation, simulated printers, and documents that wait."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select

from connectors.ipp.ticket import JobTicket
from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from domain.printing.jobs import find_job
from domain.printing.models import PrintJob, PrintRelease, PrintSettingsRow
from domain.printing.settings import PrintSettings
from domain.printing.states import RELEASABLE, JobSource, JobState
from domain.printing.submission import Submission, submit_file
from domain.tenancy import tenant_session
from fleet.printers.models import Printer, PrinterApp
from fleet.releasing.execution import take_batch
from fleet.releasing.features import CARD_APP, RELEASE_APP, USAGE_APP
from flows import release_print_jobs
from flows.lease import lease_owner
from flows.prepare_print_jobs import prepare_batch
from flows.release_print_jobs import release_batch
from printers_sim.printer import SimulatedPrinter
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.web.requests import Timing
from tests.support.fleet import add_simulated
from tests.support.installation import Installation, installed
from tests.support.simulation import running_simulation

APPS = {RELEASE_APP: "5.10.21", CARD_APP: "5.6.31", USAGE_APP: "2.4.32"}
"""Panel apps that are new enough for everything (section 3.3)."""
PAGE_SECONDS = 0.01
PATIENCE = 120.0
"""Seconds for which a flow follows a job here: the machine may be busy, and a test works once."""


def write_pdf(path: Path, pages: int, *, is_color: bool = False) -> Path:
    """A PDF of A4 pages with a line of text each."""
    canvas = Canvas(str(path), pagesize=A4)
    for number in range(1, pages + 1):
        canvas.setFillColorRGB(*((0.8, 0.1, 0.1) if is_color else (0, 0, 0)))
        canvas.drawString(72, 700, f"Page {number}")
        canvas.showPage()
    canvas.save()
    return path


@dataclass
class ReleaseOffice:
    """`printers` are the ids of the simulated ones, in their order."""

    installation: Installation
    simulation: Simulation
    printers: Sequence[str]
    ann: Actor
    folder: Path

    @property
    def organization_id(self) -> str:
        return self.ann.organization_id

    def simulated(self, number: int = 0) -> SimulatedPrinter:
        return self.simulation.printers[number]

    def held(
        self,
        pages: int = 1,
        name: str = "Letter.pdf",
        ticket: JobTicket | None = None,
        owner: Actor | None = None,
        *,
        is_color: bool = False,
    ) -> str:
        """A job that waits in its owner's queue; returns its id."""
        owner = owner or self.ann
        path = write_pdf(self.folder / "source.pdf", pages, is_color=is_color)
        job = submit_file(owner, Submission(name, JobSource.WEB, ticket or JobTicket()), path)
        prepare_batch.fn(owner.organization_id)
        assert self.job(job.id).state == JobState.HELD
        return job.id

    def job(self, job_id: str) -> PrintJob:
        with tenant_session(self.organization_id, read_only=True) as session:
            job = find_job(session, job_id)
            session.expunge(job)
            return job

    def queue(self) -> list[str]:
        """The ids of everybody's jobs that can be released."""
        with tenant_session(self.organization_id, read_only=True) as session:
            return list(session.scalars(select(PrintJob.id).where(PrintJob.state.in_(RELEASABLE))))

    def facts(self) -> list[PrintRelease]:
        """The facts of releases, in their order."""
        with tenant_session(self.organization_id, read_only=True) as session:
            found = list(session.scalars(select(PrintRelease).order_by(PrintRelease.released)))
            session.expunge_all()
            return found

    def work(self, number: int = 0) -> int:
        """Do what a flow run does for the printer of that number, in this process."""
        done = 0
        while (taken := take_batch(self.organization_id, self.printers[number], lease_owner())) is not None:
            release_batch.fn(taken)
            done += 1
        return done

    def install_apps(self, number: int = 0, **versions: str) -> None:
        """Panel apps, as the printer's last reading told them."""
        with tenant_session(self.organization_id) as session:
            for app_id, version in ({name.replace("_", "-"): one for name, one in versions.items()} or APPS).items():
                session.merge(
                    PrinterApp(
                        organization_id=self.organization_id,
                        printer_id=self.printers[number],
                        app_id=app_id,
                        name=app_id,
                        version=version,
                    )
                )

    def settings(self, **jobs: object) -> None:
        """Settings of the section “Print jobs”."""
        values = PrintSettings.model_validate({"jobs": jobs}).model_dump(mode="json")
        with tenant_session(self.organization_id) as session:
            session.merge(PrintSettingsRow(organization_id=self.organization_id, values=values))


@contextmanager
def release_office(
    folder: Path,
    profiles: Sequence[str] = ("color-mfp", "mono-printer"),
    page_seconds: float = PAGE_SECONDS,
    *,
    is_secure: bool = False,
    **settings: str,
) -> Iterator[ReleaseOffice]:
    """Somebody who may print, and one simulated printer of each profile; a job is followed to its end in one go.

    With `is_secure` the printers take jobs by IPPS too, and are known to.
    """
    plan = SimulationPlan(
        len(profiles),
        profiles=profiles,
        http_port=0,
        https_port=0 if is_secure else None,
        snmp_port=0,
        timing=Timing(page=page_seconds),
        folder=folder / "sim",
    )
    (folder / "sim").mkdir()
    with (
        patch.object(release_print_jobs, "FOLLOWED_SECONDS", PATIENCE),
        installed(folder / "home", **settings) as installation,
        running_simulation(plan) as simulation,
    ):
        ann = installation.add_person("ann@one.example", Role.PRINT_RELEASE_USER)
        for printer in simulation.printers:
            for tray in printer.trays:
                tray.sheets = tray.facts.capacity
            for supply in printer.supplies:
                supply.used = 0.0
            printer.review()
        printers = add_simulated(ann.organization_id, simulation)
        if is_secure:
            with ann.session() as session:
                for row in session.scalars(select(Printer)):
                    row.ports = {**row.ports, "https": simulation.https_port}
        yield ReleaseOffice(installation, simulation, printers, ann, folder)
