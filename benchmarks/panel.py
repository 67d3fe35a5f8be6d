"""How quick panels of printers are: badge to home, five hundred solutions, Send, five hundred panels that follow.

The portal runs in a process of its own, as it does in an office; what it writes is SQLite's. The panels are in this
process: five hundred browsers that have their stream of events open and their person signed in, each with a connection
of its own. A run moves when a worker writes its progress into the records, which this process does at a steady pace.

    python -m benchmarks.panel [--panels 500] [--solutions 500]

The last line is one JSON object; the keys stand in benchmarks/README.md.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import TypeVar

import httpx

from benchmarks.installation import PASSWORD, environment, free_port
from benchmarks.panel_browser import PanelBrowser
from benchmarks.panel_office import PanelOffice, furnished
from connectors.settings import get_settings
from domain.runs.execution import show_progress
from pressroom.first_start import prepare

T = TypeVar("T")
START_SECONDS = 120
SIGN_INS_AT_A_TIME = 2
LISTS, SENDS = 120, 40
CHANGES_A_SECOND, FOLLOW_SECONDS = 25, 24
"""Runs that move in a second: more than what the workers of one machine with two cores do at a time."""
TOUCH_SECONDS = 20.0
"""So often the page of somebody who is there tells that they are."""


def main() -> None:
    """Measure, print a table, and one JSON object at last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--panels", type=int, default=500)
    parser.add_argument("--solutions", type=int, default=500)
    given = parser.parse_args()
    with TemporaryDirectory(prefix="panel-benchmark-") as folder:
        port = free_port()
        values = {
            "PRESSROOM_HOME": folder,
            "PRESSROOM_ADMIN_PASSWORD": PASSWORD,
            "PRESSROOM_PORTAL_PORT": str(port),
            "PRESSROOM_DOORBELLS": "",
            "PRESSROOM_LOG_LEVEL": "WARNING",
        }
        with environment(values):
            prepare(get_settings())
            office = furnished(given.panels, given.solutions)
            with _portal(port) as process:
                measured = asyncio.run(_measure(office, port))
                measured["portal_cpu_s"] = round(_cpu_seconds(process), 1)
    for name, value in measured.items():
        print(f"{name:24} {value:10}")
    print(json.dumps(measured))


async def _measure(office: PanelOffice, port: int) -> dict[str, float]:
    panels = [PanelBrowser("127.0.0.1", port, printer) for printer in office.printers]
    try:
        await _in_turns(panels, SIGN_INS_AT_A_TIME, lambda panel: panel.open())
        homes = await _in_turns(panels, SIGN_INS_AT_A_TIME, lambda panel: panel.sign_in())
        lists = [await panels[number % len(panels)].timed_list(office.solutions) for number in range(LISTS)]
        sends = [await panels[number % len(panels)].timed_send(office.quick_id, office.scan) for number in range(SENDS)]
        news, touches = await _follow(office, panels)
    finally:
        for panel in panels:
            panel.close()
    return {
        "badge_home_p95_ms": _p95(homes),
        "badge_home_p50_ms": _p50(homes),
        "solutions_p95_ms": _p95(lists),
        "solutions_p50_ms": _p50(lists),
        "accepted_ms": _p95(sends),
        "accepted_p50_ms": _p50(sends),
        "panels_500_p95_ms": _p95(news),
        "panels_500_p50_ms": _p50(news),
        "touch_p95_ms": _p95(touches),
        "changes": len(news),
    }


async def _follow(office: PanelOffice, panels: Sequence[PanelBrowser]) -> tuple[list[float], list[float]]:
    """Every panel follows a run of its own: milliseconds from a change in the records to the page, and of touches."""
    for panel, work in zip(panels, office.works, strict=True):
        await panel.follow(work.run_id)
    stop = asyncio.Event()
    touching = [asyncio.create_task(_touch(panel, number, len(panels), stop)) for number, panel in enumerate(panels)]
    changed: dict[tuple[str, int], float] = {}
    began, change = time.perf_counter(), 0
    while time.perf_counter() - began < FOLLOW_SECONDS:
        work, count = office.works[change % len(office.works)], change // len(office.works) + 1
        await asyncio.to_thread(show_progress, work, work.plan[0], "0", count, 1000, None)
        changed[work.run_id, count] = time.perf_counter()
        change += 1
        await asyncio.sleep(max(0.0, began + change / CHANGES_A_SECOND - time.perf_counter()))
    await asyncio.gather(*(panel.wait_for(work.run_id, max(count for run_id, count in changed if run_id == work.run_id))
                           for panel, work in zip(panels, office.works, strict=True)
                           if (work.run_id, 1) in changed))  # fmt: skip
    stop.set()
    touches = [milliseconds for one in await asyncio.gather(*touching) for milliseconds in one]
    heard = {key: at for panel in panels for key, at in panel.heard.items()}
    return [(heard[key] - at) * 1000 for key, at in changed.items() if key in heard], touches


async def _touch(panel: PanelBrowser, number: int, count: int, stop: asyncio.Event) -> list[float]:
    """Say now and then that somebody is there, each panel at a moment of its own."""
    taken = []
    pause = TOUCH_SECONDS * number / count
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
            continue
        taken.append(await panel.timed_touch())
        pause = TOUCH_SECONDS
    return taken


async def _in_turns(
    panels: Sequence[PanelBrowser], at_a_time: int, act: Callable[[PanelBrowser], Awaitable[T]]
) -> list[T]:
    """Let all panels do something, so many at a time."""
    places = asyncio.Semaphore(at_a_time)

    async def one(panel: PanelBrowser) -> T:
        async with places:
            return await act(panel)

    return list(await asyncio.gather(*map(one, panels)))


@contextmanager
def _portal(port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """The whole portal at that port, once it is healthy."""
    command = [sys.executable, "-m", "uvicorn", "portal_api.app:create_app", "--factory", "--port", str(port)]
    environment_ = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    process = subprocess.Popen([*command, "--log-level", "warning"], env=environment_)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _is_healthy(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the portal did not start")
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _is_healthy(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _cpu_seconds(process: "subprocess.Popen[bytes]") -> float:
    """Processor time of a running process (proc(5), stat)."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _p95(values: Sequence[float]) -> float:
    return round(quantiles(values, n=20)[-1], 1)


def _p50(values: Sequence[float]) -> float:
    return round(median(values), 1)


if __name__ == "__main__":
    main()
