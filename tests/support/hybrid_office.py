"""An office with hybrid printing: a portal on a socket, simulated printers, real processes for everything else."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select, update

from domain.applications.service import list_applications, make_secret
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.printing.models import PrintJob
from domain.printing.states import JobKind, JobState
from domain.tenancy import system_session, tenant_session
from domain.workstation_printing.copies import replicate
from domain.workstation_printing.models import HybridCopy, HybridJob, PrintNode
from domain.workstation_printing.states import CopyState, NodeState
from portal_api.app import create_service
from pressroom.workstation.node.printer_trust import KEPT, NodeFolder
from tests.printers_sim.conftest import wait_until
from tests.support.nodes import set_settings
from tests.support.portal_server import serving
from tests.support.print_service import confirmed
from tests.support.releasing import ReleaseOffice, release_office, write_pdf
from tests.support.workstations import SECONDS, Workstation

PANEL = {"print_release": "5.10.21", "card_authentication": "5.6.31"}
"""A full panel that does not report usage by itself."""


@dataclass
class NodeProcess:
    """A storage node at an address of its own."""

    name: str
    folder: Path
    environment: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        log = self.folder.with_suffix(".log").open("ab")
        command = [sys.executable, "-m", "pressroom.workstation.node"]
        self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        log.close()

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(SECONDS)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(SECONDS)

    def known_printers(self) -> dict[str, str]:
        """The certificates by which it knows printers."""
        return NodeFolder(self.folder).unsealed(KEPT) or {}

    def jobs(self) -> set[str]:
        """Ids of the jobs that lie in its folder."""
        folder = self.folder / "jobs"
        return {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()


@dataclass
class HybridOffice:
    """`hanna` prints hybrid; `laptop` is hers."""

    office: ReleaseOffice
    portal: str
    hanna: Actor
    laptop: Workstation
    secret: tuple[str, str]
    nodes: dict[str, NodeProcess] = field(default_factory=dict)

    @property
    def organization_id(self) -> str:
        return self.hanna.organization_id

    def node(self, number: int) -> NodeProcess:
        """The storage node of that number, started."""
        name = f"node-{number}"
        if name not in self.nodes:
            folder = self.office.folder / name
            kept = {key: value for key, value in os.environ.items() if not key.startswith("PRESSROOM_")}
            environment = kept | {
                "PRESSROOM_HOME": str(self.office.folder / "home-of-nodes"),
                "DATA_CENTER": self.portal,
                "CLIENT_ID": self.secret[0],
                "CLIENT_SECRET": self.secret[1],
                "DEVICE_ID": name,
                "JOB_PATH": str(folder),
                "LISTEN_ADDRESS": f"127.0.0.{10 + number}",
                "SERVER_PORT": "0",
                "RESERVE_MB": "1",
            }
            self.nodes[name] = NodeProcess(name, folder, environment)
            self.nodes[name].start()
        return self.nodes[name]

    def wait_for(self, name: str) -> None:
        """Until the server knows where the node listens."""
        wait_until(lambda: (row := self.row(name)) is not None and row.port > 0, SECONDS)

    def row(self, name: str) -> PrintNode | None:
        """What the server knows of a node, by its name."""
        with tenant_session(self.organization_id, read_only=True) as session:
            row = session.scalar(select(PrintNode).where(PrintNode.name == name))
            if row is not None:
                session.expunge(row)
            return row

    def laptop_row(self) -> PrintNode:
        with tenant_session(self.organization_id, read_only=True) as session:
            row = session.scalar(select(PrintNode).where(PrintNode.user_id == self.hanna.user_id))
            assert row is not None
            session.expunge(row)
            return row

    def start_laptop(self) -> "subprocess.Popen[str]":
        return self.laptop.agent("--mode", "hybrid")

    def printed(self, pages: int, name: str) -> str:
        """Something that Hanna printed to the hybrid queue, once it is in her queue; its id."""
        path = write_pdf(self.office.folder / name, pages)
        self.laptop.run("submit", str(path), "-q", "hybrid")
        wait_until(lambda: self._job(name) is not None, SECONDS)
        job = self._job(name)
        assert job is not None
        assert (job.kind, job.state, job.pages, job.original, job.printable) == (
            JobKind.HYBRID,
            JobState.HELD,
            pages,
            None,
            None,
        )
        return job.id

    def copied(self, job_id: str, count: int) -> set[str]:
        """The names of nodes that have a copy, once there are so many."""
        self.make_copies(lambda: len(self.copies(job_id)) == count)
        return self.copies(job_id)

    def make_copies(self, until: Callable[[], bool]) -> None:
        """Do what flow runs do, until the copies are there."""

        def step() -> bool:
            with tenant_session(self.organization_id) as session:
                session.execute(update(HybridJob).values(next_try=now()))
            replicate(self.organization_id)
            return until()

        wait_until(step, SECONDS)

    def copies(self, job_id: str) -> set[str]:
        """The names of nodes that have a copy."""
        with tenant_session(self.organization_id, read_only=True) as session:
            query = (
                select(PrintNode.name)
                .join(HybridCopy, HybridCopy.node_id == PrintNode.id)
                .where(
                    HybridCopy.job_id == job_id,
                    HybridCopy.state == CopyState.STORED,
                    HybridCopy.is_primary.is_(False),
                    PrintNode.state.in_((NodeState.ACTIVE, NodeState.DISABLED)),
                )
            )
            return set(session.scalars(query))

    def _job(self, name: str) -> PrintJob | None:
        with tenant_session(self.organization_id, read_only=True) as session:
            job = session.scalar(select(PrintJob).where(PrintJob.name == name))
            if job is not None:
                session.expunge(job)
            return job


@contextmanager
def hybrid_office(folder: Path, page_seconds: float = 0.01) -> Iterator[HybridOffice]:
    """Everything but the processes, which start when they are needed."""
    with ExitStack() as stack:
        office = stack.enter_context(
            release_office(folder, page_seconds=page_seconds, is_secure=True, print_timeout_seconds="90")
        )
        portal = stack.enter_context(serving(create_service()))
        office.install_apps(0, **PANEL)
        hanna = office.installation.add_person("hanna@one.example", Role.HYBRID_PRINT_USER, Role.DIRECT_PRINT_USER)
        set_settings(
            hanna.organization_id,
            hybrid_storage={"enabled": True, "copies": 2},
            assignments={"enabled": True, "use_with": "direct_and_offline"},
        )
        administrator = confirmed(office.installation.administrator)
        application = next(one for one in list_applications(administrator) if one.kind == "advanced_hybrid_storage")
        secret, _ = make_secret(administrator, application.id)
        laptop = Workstation(folder / "laptop", portal)
        one = HybridOffice(office, portal, hanna, laptop, (application.id, secret))
        stack.callback(lambda: [node.close() for node in one.nodes.values()])
        stack.callback(laptop.close)
        laptop.sign_in(hanna)
        yield one


def forget_contact(name: str) -> None:
    """As if a node had been silent for long."""
    from tests.support.nodes import UNREACHABLE_AFTER

    with system_session() as session:
        long_ago = now() - 2 * UNREACHABLE_AFTER
        session.execute(update(PrintNode).where(PrintNode.name == name).values(last_seen=long_ago))
