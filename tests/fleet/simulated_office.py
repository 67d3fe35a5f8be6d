"""An organization with a small simulated fleet, and tasks over it done as the flow does them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select

from connectors.messages import Message
from domain.organizations.actor import Actor
from domain.tenancy import tenant_session
from fleet.printers.models import Printer
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import Job
from fleet.tasks.service import NewTask, add_fleet_task
from fleet.tasks.status import JobStatus
from flows.fleet_task import work_on_printers
from printers_sim.device.account import new_account
from printers_sim.printer import SimulatedPrinter
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.web.requests import Timing
from steps.printer_work import Access, AuthenticationType
from tests.support.fleet import add_simulated
from tests.support.installation import Installation, installed
from tests.support.simulation import running_simulation

USER, SECRET = "admin", "a right password"
ACCESS = Access(type=AuthenticationType.USER_PASSWORD, user=USER, secret=SecretStr(SECRET))


class SimulatedOffice:
    """The printers by the name of their profile; ids in the records stand beside them."""

    def __init__(self, installation: Installation, simulation: Simulation) -> None:
        self.installation, self.simulation = installation, simulation
        self.administrator: Actor = installation.administrator
        self.home = installation.administrator.organization_id
        self.ids = add_simulated(self.home, simulation, ACCESS)

    def device(self, profile: str = "color-mfp") -> SimulatedPrinter:
        """The first simulated printer of that profile."""
        return next(one for one in self.simulation.printers if one.profile.name == profile)

    def id_of(self, profile: str = "color-mfp") -> str:
        """Its id in the records."""
        return self.ids[self.simulation.printers.index(self.device(profile))]

    def printer(self, profile: str = "color-mfp") -> Printer:
        """Its row in the records."""
        with tenant_session(self.home, read_only=True) as session:
            printer = session.get_one(Printer, self.id_of(profile))
            session.expunge(printer)
            return printer

    def change(self, profile: str, **values: object) -> None:
        """Change its row in the records."""
        with tenant_session(self.home) as session:
            printer = session.get_one(Printer, self.id_of(profile))
            for name, value in values.items():
                setattr(printer, name, value)

    def do(self, kind: TaskKind, parameters: Mapping[str, Any] | None = None, *profiles: str, **values: Any) -> str:
        """Start a task over printers, as one who may, and carry it out; returns its id."""
        ids = [self.id_of(profile) for profile in profiles or ("color-mfp",)]
        with tenant_session(self.home) as session:
            new = NewTask(kind, parameters or {}, **values)
            task_id = add_fleet_task(session, self.home, self.administrator.user_id, new, ids)
        self.work(task_id)
        return task_id

    def work(self, task_id: str) -> None:
        """Batch after batch, as the flow has them done."""
        while work_on_printers.fn(self.home, task_id, resumes=True):
            pass

    def job(self, task_id: str, profile: str = "color-mfp") -> Job:
        """The job of a printer."""
        with tenant_session(self.home, read_only=True) as session:
            query = select(Job).where(Job.task_id == task_id, Job.printer_id == self.id_of(profile))
            job = session.scalars(query).one()
            session.expunge(job)
            return job

    def outcome(self, task_id: str, profile: str = "color-mfp") -> tuple[JobStatus, str]:
        """How the job of a printer ended, and why; a remark or a warning where it has no reason."""
        job = self.job(task_id, profile)
        told = job.reason or next(iter([*job.warnings, *job.remarks]), None)
        return JobStatus(job.status), str(Message.model_validate(told)) if told else ""


@contextmanager
def simulated_office(
    home: Path, profiles: tuple[str, ...] = (), count: int = 5, **settings: str
) -> Iterator[SimulatedOffice]:
    """One printer of each model unless other profiles are named; restarts take a moment only."""
    account = new_account("user_password", USER, SECRET)
    plan = SimulationPlan(
        count, profiles, http_port=0, snmp_port=0, account=account, timing=Timing(restart=0.3, slow_answer=0.3)
    )
    chosen = {"fleet_restart_seconds": "5", **settings}
    with installed(home, **chosen) as installation, running_simulation(plan) as simulation:
        yield SimulatedOffice(installation, simulation)
