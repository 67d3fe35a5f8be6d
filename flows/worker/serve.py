"""The worker process: doorbell, dispatcher, lease watch and warm worker together."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from functools import partial

import structlog
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun

from connectors.doorbell import parse_address
from connectors.logs import configure_logs
from connectors.settings import Settings, get_settings
from flows.deployments import DEPLOYMENTS, register
from flows.worker.dispatcher import Dispatcher, keep_dispatching, keep_resuming
from flows.worker.template import Template, load
from flows.worker.warm_pool import WarmPool
from flows.worker.warm_worker import WarmWorker

log = structlog.get_logger(__name__)

ENGINE_PAUSE = 0.5
"""Seconds between two looks whether the engine answers."""


class _Doorbell(asyncio.DatagramProtocol):
    def __init__(self, bell: asyncio.Event) -> None:
        self._bell = bell

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._bell.set()


def serve() -> None:
    """Run a worker until it is told to stop (SIGINT, SIGTERM). Needs the Prefect API's address in its environment."""
    configure_logs(get_settings())
    name = os.environ["PRESSROOM_WORKER"] = f"{socket.gethostname()}-{os.getpid()}"
    template = Template(load([deployment.entrypoint for deployment in DEPLOYMENTS]))
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_serve(name, template, get_settings()))


async def _serve(name: str, template: Template, settings: Settings) -> None:
    _stop_at_signals()
    places = {
        settings.work_pool: settings.worker_processes,
        settings.fleet_work_pool: settings.fleet_processes,
        settings.print_work_pool: settings.print_processes,
    }
    pools = {work_pool: WarmPool(template, size) for work_pool, size in places.items() if size}
    try:
        async with get_client() as client:
            await asyncio.gather(_prepare_engine(client, settings), *(pool.start() for pool in pools.values()))
            workers = {each: WarmWorker(pool, each, name, places[each]) for each, pool in pools.items()}
            dispatcher = Dispatcher(client, partial(_take, workers))
            rung = asyncio.Event()
            async with _listening(settings, rung), asyncio.TaskGroup() as tasks:
                for pool in pools.values():
                    tasks.create_task(pool.keep())
                tasks.create_task(keep_dispatching(dispatcher, rung, settings.worker_poll_seconds))
                tasks.create_task(keep_resuming(dispatcher, rung, min(5.0, settings.lease_seconds / 2)))
                for worker in workers.values():
                    tasks.create_task(worker.serve(settings.worker_poll_seconds))
                log.info("worker ready", worker=name, processes=places)
    finally:
        template.end()


async def _take(workers: Mapping[str, WarmWorker], flow_run: FlowRun) -> None:
    """Give a new flow run to the worker of its pool, where it is one of ours."""
    if (worker := workers.get(flow_run.work_pool_name or "")) is not None:
        await worker.take(flow_run)


async def _prepare_engine(client: PrefectClient, settings: Settings) -> None:
    while (trouble := await client.api_healthcheck()) is not None:
        log.info("waiting for the engine", address=settings.engine_url, trouble=str(trouble))
        await asyncio.sleep(ENGINE_PAUSE)
    await register(client, settings)


@contextlib.asynccontextmanager
async def _listening(settings: Settings, bell: asyncio.Event) -> AsyncIterator[None]:
    """Hear the doorbell; where its address is taken (another worker on this host), polling must do."""
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Doorbell(bell), local_addr=parse_address(settings.doorbell_bind)
        )
    except OSError as error:
        log.warning("no doorbell, polling only", address=settings.doorbell_bind, error=str(error))
        yield
        return
    try:
        yield
    finally:
        transport.close()


def _stop_at_signals() -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
