"""Reading printers: a thousand and ten thousand, read whole over SNMP and stored; what dead ones cost; net-snmp's pace.

A whole reading is 60 to 140 values in about ten requests. `vs_netsnmp` compares whole readings, `vs_netsnmp_40` forty
values with one request against one process of `snmpbulkget`.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, insert, select

from benchmarks.fleet_parts import FleetOptions, at_least, at_most
from benchmarks.installation import environment
from benchmarks.net_snmp import FORTY_VALUES, WHOLE_READING, seconds_a_printer
from benchmarks.own_process import peak_memory_mb
from benchmarks.simulated_fleet import simulated_fleet
from connectors.errors import PressroomError
from connectors.printers.printer_mib import SUPPLY
from connectors.printers.reading import PrinterReading
from connectors.printers.snmp_reading import read_printer
from connectors.settings import get_settings
from connectors.snmp.choice import snmp_client
from connectors.snmp.client import NO_ANSWER, SnmpTarget
from domain.organizations.service import local_administrator
from domain.tenancy import system_session
from fleet.agents.models import AgentKind
from fleet.printers.models import Printer, PrinterReadingRow
from fleet.printers.readings import Observation, store_readings
from pressroom.first_start import prepare
from printers_sim.printer import address_of

FEW, MANY, BY_NET_SNMP = 1000, 10_000, 200
DEAD_SHARE = 20
"""One in twenty is dead."""
TIMEOUT, ATTEMPTS = 0.5, 2
PATIENCE = TIMEOUT * ATTEMPTS
"""Seconds with one silent printer; a second attempt, because the simulation shares the processor with everybody."""
BATCH = 250
TARGETS = {
    "poll_1000_s": at_most(3.0),
    "poll_10000_s": at_most(30.0),
    "worker_mb": at_most(400.0),
    "dead_penalty_s": at_most(PATIENCE),
    "vs_netsnmp": at_least(5.0),
    "vs_netsnmp_40": at_least(5.0),
}
FORTY = tuple(f"{SUPPLY}.{column}.1.{row}" for column in (5, 6, 8, 9) for row in range(1, 11))


@dataclass(frozen=True, slots=True)
class Round:
    """One round over the printers, in a process that did nothing else."""

    read: int
    silent: int
    seconds: float
    cpu_seconds: float
    peak_mb: float


def measure(options: FleetOptions) -> Mapping[str, float]:
    """All values of this part."""
    few, many, some = options.count(FEW), options.count(MANY), options.count(BY_NET_SNMP)
    with TemporaryDirectory(prefix="pressroom-fleet-") as home, environment(_settings(Path(home))):
        _seed(many)
        with simulated_fleet(many) as port:
            _round("for the first time", few, 0, port, is_stored=True)
            stored = _round("again, stored", few, 0, port, is_stored=True)
            bare = _round("again, only read", few, 0, port, is_stored=False)
            dead = _round(
                "with dead ones, only read", few - few // DEAD_SHARE, few // DEAD_SHARE, port, is_stored=False
            )
            whole = _round("all, stored", many, 0, port, is_stored=True)
            assert _stored() == many, "not every reading is in the records"
            whole_ratio = _compared("whole readings", WHOLE_READING, some, port, bare.seconds / few)
            forty_ratio = _compared("forty values", FORTY_VALUES, some, port, asyncio.run(_forty(few, port)) / few)
    return {
        "poll_1000_s": stored.seconds,
        "poll_1000_read_s": bare.seconds,
        "poll_10000_s": whole.seconds,
        "worker_mb": whole.peak_mb,
        "dead_penalty_s": max(0.0, dead.seconds - bare.seconds),
        "vs_netsnmp": whole_ratio,
        "vs_netsnmp_40": forty_ratio,
    }


def _settings(home: Path) -> Mapping[str, str]:
    return {"PRESSROOM_HOME": str(home), "PRESSROOM_DOORBELLS": "", "PRESSROOM_LOG_LEVEL": "ERROR"}


def _seed(count: int) -> None:
    """Enrolled printers, whose ids are their numbers."""
    prepare(get_settings())
    organization_id = local_administrator().organization_id
    rows = [
        {
            "id": _id(number),
            "organization_id": organization_id,
            "agent_kind": AgentKind.FLEET,
            "serial_number": f"seed{number}",
            "address": address_of(number),
        }
        for number in range(count)
    ]
    with system_session() as session:
        session.execute(insert(Printer), rows)


def _round(name: str, alive: int, dead: int, port: int, *, is_stored: bool) -> Round:
    """The first `alive` printers, and `dead` addresses where there is none, at regular distances among them."""
    addresses = [address_of(number) for number in range(alive)]
    for place in range(dead):
        addresses.insert(place * DEAD_SHARE, f"127.19.{place // 250}.{place % 250 + 1}")
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        done = apart.submit(_poll, addresses, port, is_stored=is_stored).result()
    assert (done.read, done.silent) == (alive, dead), f"{name}: {done}"
    print(
        f"{name:26} {done.read:6} printers {done.seconds:7.2f} s, {done.read / done.seconds:5.0f} a second, "
        f"{done.cpu_seconds:6.2f} s of CPU, at most {done.peak_mb:.0f} MB",
        flush=True,
    )
    return done


def _poll(addresses: Sequence[str], port: int, *, is_stored: bool) -> Round:
    """Poll in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    read, silent = asyncio.run(_read(addresses, port, is_stored=is_stored))
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    return Round(read, silent, seconds, cpu_seconds, peak_memory_mb())


async def _read(addresses: Sequence[str], port: int, *, is_stored: bool) -> tuple[int, int]:
    """How many were read and how many were silent; readings go to the records a few hundred at a time, in a thread."""
    timeout = TIMEOUT if not is_stored else 2 * TIMEOUT
    slots = asyncio.Semaphore(get_settings().fleet_in_flight)

    async def one(address: str) -> tuple[str, PrinterReading | None]:
        async with slots:
            try:
                return address, await read_printer(SnmpTarget(address, port, timeout=timeout, attempts=ATTEMPTS))
            except PressroomError as error:
                if error.fault is not NO_ANSWER:
                    raise
                return address, None

    ids = {address_of(number): _id(number) for number in range(len(addresses))} if is_stored else {}
    read = silent = 0
    batch: list[Observation] = []
    for finished in asyncio.as_completed([one(address) for address in addresses]):
        address, reading = await finished
        if reading is None:
            silent += 1
            continue
        read += 1
        if is_stored:
            batch.append(Observation(ids[address], reading))
        if len(batch) == BATCH:
            await asyncio.to_thread(_store, batch)
            batch = []
    if batch:
        await asyncio.to_thread(_store, batch)
    return read, silent


def _store(batch: Sequence[Observation]) -> None:
    with system_session() as session:
        store_readings(session, batch)


def _stored() -> int:
    with system_session() as session:
        return session.scalar(select(func.count()).select_from(PrinterReadingRow)) or 0


async def _forty(count: int, port: int) -> float:
    """Seconds for forty values of each printer."""
    turns = asyncio.Semaphore(get_settings().fleet_in_flight)

    async def ask(number: int) -> None:
        async with turns, snmp_client(SnmpTarget(address_of(number), port)) as client:
            assert await client.get(FORTY)

    began = time.perf_counter()
    await asyncio.gather(*map(ask, range(count)))
    return time.perf_counter() - began


def _compared(
    name: str, questions: Sequence[tuple[str, Sequence[str], Sequence[str]]], count: int, port: int, ours: float
) -> float:
    theirs = seconds_a_printer(questions, count, port)
    processes = f"{len(questions)} processes each"
    print(f"net-snmp, {name:16} {theirs * 1000:6.2f} ms a printer, {processes}; here {ours * 1000:.2f} ms", flush=True)
    return theirs / ours


def _id(number: int) -> str:
    return f"{number:032x}"
