"""Deploying a configuration to a thousand and to ten thousand printers: time, cost of each, database and memory.

The configuration has ten settings, two of them from a variable settings file with a row for each printer. Every printer
is asked who it is and what its settings are, is told what differs, and is asked again: that is the evidence. Each round
runs in a process that does nothing else, as a worker does its batches, without the engine around them. The ratio
compares processor time of the worker for each printer, which what else runs on the machine does not change.
"""

import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, insert, select

from benchmarks.fleet_parts import FleetOptions, at_most
from benchmarks.installation import environment
from benchmarks.own_process import peak_memory_mb
from benchmarks.simulated_devices import PROFILE, simulated_devices
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.service import local_administrator
from domain.tenancy import system_session, tenant_session
from fleet.agents.built_in import built_in_agent
from fleet.agents.models import AgentKind
from fleet.configurations.content import ConfigurationContent
from fleet.configurations.deployment import deploy_configuration
from fleet.configurations.drafts import publish, save_draft
from fleet.configurations.service import create_configuration
from fleet.configurations.variable_files import import_variables
from fleet.printers.models import Printer
from fleet.tasks.models import Job
from fleet.tasks.status import JobStatus
from flows.fleet_task import work_on_printers
from pressroom.first_start import prepare
from printers_sim.printer import address_of, make_printer
from printers_sim.profile import profiles

FEW, MANY = 1000, 10_000
TARGETS = {
    "per_printer_ratio": at_most(1.2),
    "deploy_db_kb": at_most(8.0),
    "deploy_worker_mb": at_most(400.0),
}
VALUES = {
    "fax.rings": 7,
    "energy.sleep_minutes": 33,
    "print.copies": 2,
    "print.sides": "two-sided",
    "network.ftp_enabled": True,
    "network.mdns_enabled": False,
    "security.panel_timeout": 60,
    "email.smtp_server": "mail.example.com",
}
"""None of them is a default."""


@dataclass(frozen=True, slots=True)
class Round:
    """One deployment, in a process that did nothing else."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


def measure(options: FleetOptions) -> Mapping[str, float]:
    """All values of this part."""
    few, many = options.count(FEW), options.count(MANY)
    with TemporaryDirectory(prefix="pressroom-fleet-") as home, environment(_settings(Path(home))):
        prepare(get_settings())
        actor = local_administrator()
        with simulated_devices(few + many) as port:
            ids = _seed(actor, few + many, port)
            configuration_id = _configuration(actor, few + many)
            first = _round(actor, configuration_id, ids[:few])
            before = _size(Path(home))
            second = _round(actor, configuration_id, ids[few:])
            growth = (_size(Path(home)) - before) / many / 1024
    return {
        "deploy_1000_s": first.seconds,
        "deploy_10000_s": second.seconds,
        "deploy_10000_cpu_s": second.cpu_seconds,
        "per_printer_ratio": (second.cpu_seconds / many) / (first.cpu_seconds / few),
        "per_printer_wall_ratio": (second.seconds / many) / (first.seconds / few),
        "deploy_db_kb": growth,
        "deploy_worker_mb": second.peak_mb,
    }


def _settings(home: Path) -> Mapping[str, str]:
    return {"PRESSROOM_HOME": str(home), "PRESSROOM_DOORBELLS": "", "PRESSROOM_LOG_LEVEL": "ERROR"}


def _seed(actor: Actor, count: int, port: int) -> list[str]:
    """The simulated printers, enrolled with the built-in agent."""
    profile = profiles()[PROFILE]
    with tenant_session(actor.organization_id) as session:
        agent_id = built_in_agent(session, actor.organization_id).id
    rows = []
    for number in range(count):
        simulated = make_printer(number, profile)
        rows.append(
            {
                "id": f"{number:032x}",
                "organization_id": actor.organization_id,
                "agent_id": agent_id,
                "agent_kind": AgentKind.FLEET,
                "serial_number": simulated.serial,
                "model": simulated.model,
                "is_vendor": True,
                "address": address_of(number),
                "ports": {"http": port},
                "firmware_level": simulated.firmware,
                "framework_version": profile.framework,
            }
        )
    with system_session() as session:
        session.execute(insert(Printer), rows)
    return [str(row["id"]) for row in rows]


def _configuration(actor: Actor, count: int) -> str:
    configuration_id = create_configuration(actor, "Benchmark")
    rows = (f"{address_of(number)},Tag {number},Floor {number % 9}" for number in range(count))
    table = "\n".join(["IPADDRESS,Tag,Floor", *rows]) + "\n"
    import_variables(actor, configuration_id, "benchmark.csv", table.encode())
    settings = [{"name": name, "value": value} for name, value in VALUES.items()]
    settings += [
        {"name": "general.asset_tag", "variable": "Tag"},
        {"name": "general.location", "variable": "Floor"},
    ]
    save_draft(actor, configuration_id, ConfigurationContent.model_validate({"settings": settings}))
    publish(actor, configuration_id, "")
    return configuration_id


def _round(actor: Actor, configuration_id: str, ids: list[str]) -> Round:
    task_id = deploy_configuration(actor, configuration_id, ids)
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        done = apart.submit(_work, actor.organization_id, task_id).result()
    with system_session(read_only=True) as session:
        completed = Job.task_id == task_id, Job.status == JobStatus.COMPLETED
        count = session.scalar(select(func.count()).select_from(Job).where(*completed))
    assert count == len(ids), f"only {count} of {len(ids)} printers have the configuration"
    print(
        f"{len(ids):6} printers {done.seconds:7.2f} s, {len(ids) / done.seconds:5.0f} a second, "
        f"{done.cpu_seconds:6.2f} s of CPU, at most {done.peak_mb:.0f} MB",
        flush=True,
    )
    return done


def _work(organization_id: str, task_id: str) -> Round:
    """Batch after batch in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    while work_on_printers.fn(organization_id, task_id, resumes=True):
        pass
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    return Round(seconds, cpu_seconds, peak_memory_mb())


def _size(home: Path) -> int:
    """Bytes of the database with its log."""
    return sum(path.stat().st_size for path in home.rglob("*") if ".db" in path.name or ".sqlite" in path.name)
