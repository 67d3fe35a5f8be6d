"""A full Prefect worker (it shows in the UI and honours pool, queue and deployment limits) over warm processes.

It differs from the stock workers in three ways: flow runs go to processes that are ready; submitting skips the reads
and state changes that such a process does not need; and it polls at once when its doorbell rings.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import anyio
import structlog
from prefect.client.schemas.filters import WorkQueueFilter
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.exceptions import ObjectNotFound
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

from domain.runs.execution import request_cancel
from flows.deployments import WORKER_TYPE
from flows.worker.dispatcher import ENGINE_TROUBLE
from flows.worker.leased_work import release_lost
from flows.worker.warm_pool import WarmPool

if TYPE_CHECKING:
    from anyio.abc import TaskStatus
    from prefect.client.schemas.objects import FlowRun

log = structlog.get_logger(__name__)

ENGINE_PAUSE = 1.0
"""Seconds between two questions while the engine does not answer, whatever the bell says."""


class WarmResult(BaseWorkerResult):
    """How a flow run left its process: status code 0 unless the process died."""


class WarmWorker(BaseWorker[BaseJobConfiguration, BaseVariables, WarmResult]):
    """Runs flow runs of one work pool in warm processes."""

    type = WORKER_TYPE
    job_configuration = BaseJobConfiguration
    job_configuration_variables = BaseVariables
    _description = "Runs flows in processes that are ready: engines loaded, API client open."
    _display_name = "Pressroom warm worker"

    def __init__(self, pool: WarmPool, work_pool: str, name: str, size: int) -> None:
        super().__init__(work_pool_name=work_pool, name=name, limit=size, prefetch_seconds=0)
        self._pool = pool
        self._entrypoints: dict[UUID, str] = {}
        self._engine_answers = True
        self._is_unlimited = False
        self.bell = asyncio.Event()

    async def serve(self, poll_seconds: float) -> None:
        """Poll until cancelled: at the bell, when a process becomes free, and every `poll_seconds` anyway.

        An engine that is gone for hours ends neither the worker nor the runs it has in hand.
        """
        async with self, anyio.create_task_group() as loops:
            loops.start_soon(self._beat)
            while True:
                self.bell.clear()
                is_answered = await self._ask_engine(self.get_and_submit_flow_runs)
                await self._wait_for_bell(poll_seconds if is_answered else max(poll_seconds, ENGINE_PAUSE))

    async def take(self, flow_run: "FlowRun") -> None:
        """Submit a flow run that was created just now, without asking the engine which are due.

        Where a limit or a pause of the pool or one of its queues may hold it back, the engine is asked as ever, and
        so it is about one that is to start later.
        """
        is_due = _is_due(flow_run)
        if self._is_unlimited and is_due and flow_run.work_pool_id is not None and flow_run.work_queue_id is not None:
            entry = WorkerFlowRunResponse(
                work_pool_id=flow_run.work_pool_id, work_queue_id=flow_run.work_queue_id, flow_run=flow_run
            )
            await self._submit_scheduled_flow_runs([entry])
        else:
            self.bell.set()

    async def sync_with_backend(self) -> None:
        """As in every worker, and learn whether operators have limited or paused the pool or its queues."""
        await super().sync_with_backend()
        queues = await self.client.read_work_queues(self._work_pool_name, WorkQueueFilter(), limit=200, offset=0)
        limits = [(self.work_pool.concurrency_limit, self.work_pool.is_paused)]
        limits += [(queue.concurrency_limit, queue.is_paused) for queue in queues]
        self._is_unlimited = not any(limit is not None or is_paused for limit, is_paused in limits)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.heartbeat_interval_seconds)
            await self._ask_engine(self._sync_and_initialize)

    async def _wait_for_bell(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.bell.wait(), seconds)
        except TimeoutError:
            return

    async def _ask_engine(self, ask: Callable[[], Awaitable[object]]) -> bool:
        """Whether the engine answered."""
        try:
            await ask()
        except ENGINE_TROUBLE as error:
            if self._engine_answers:
                log.warning("the engine does not answer; waiting for it", error=str(error)[:200])
            self._engine_answers = False
        else:
            if not self._engine_answers:
                log.info("the engine answers again")
            self._engine_answers = True
        return self._engine_answers

    def _release_limit_slot(self, flow_run_id: UUID) -> None:
        super()._release_limit_slot(flow_run_id)
        self.bell.set()

    async def _submit_run(self, flow_run: "FlowRun") -> None:
        try:
            await self.run(flow_run)
        except ENGINE_TROUBLE as error:
            log.warning(
                "the engine left in the middle of a flow run", flow_run=str(flow_run.id), error=str(error)[:200]
            )
        finally:
            self._release_limit_slot(flow_run.id)
            self._submitting_flow_run_ids.discard(flow_run.id)
            if self._cancelling_observer is not None:
                self._cancelling_observer.remove_in_flight_flow_run_id(flow_run.id)

    async def run(
        self,
        flow_run: "FlowRun",
        configuration: BaseJobConfiguration | None = None,
        task_status: "TaskStatus[int] | None" = None,
    ) -> WarmResult:
        """Hand the flow run to a warm process; a run whose process dies becomes Crashed at once and is resumed.

        It leaves the queue (Pending) only when a process is idle: until then another worker may have it.
        """
        entrypoint = await self._entrypoint(flow_run)
        may_begin = partial(self._propose_pending_state, flow_run)
        outcome = await self._pool.run(entrypoint, flow_run.model_dump(mode="json"), may_begin)
        if outcome is None:
            return WarmResult(identifier="not begun", status_code=0)
        pid, (kind, reason) = outcome
        if kind == "done":
            return WarmResult(identifier=str(pid), status_code=0)
        message = f"The worker process {pid} {kind} ({reason})."
        log.error("a flow run lost its process", flow_run=str(flow_run.id), pid=pid, outcome=kind, reason=reason)
        await self._propose_crashed_state(flow_run, message)
        resumed = await asyncio.to_thread(release_lost, f"{self.name}:{pid}")
        log.warning("work is queued again", ids=resumed)
        self.bell.set()
        return WarmResult(identifier=str(pid), status_code=1)

    async def _entrypoint(self, flow_run: "FlowRun") -> str:
        if flow_run.deployment_id is None:
            raise ObjectNotFound(LookupError("the flow run has no deployment"))
        if flow_run.deployment_id not in self._entrypoints:
            deployment = await self.client.read_deployment(flow_run.deployment_id)
            self._entrypoints[flow_run.deployment_id] = deployment.entrypoint or ""
        return self._entrypoints[flow_run.deployment_id]

    async def _cancel_run(self, flow_run_id: UUID) -> None:
        """An operator cancelled the run in the Prefect UI: tell the run, which ends at its next sign of progress."""
        flow_run = await self.client.read_flow_run(flow_run_id)
        run_id: Any = flow_run.parameters.get("run_id")
        if run_id:
            await asyncio.to_thread(request_cancel, str(run_id))
        if flow_run.start_time is None:
            await self._mark_flow_run_as_cancelled(flow_run)


def _is_due(flow_run: "FlowRun") -> bool:
    state = flow_run.state
    if state is None or not state.is_scheduled():
        return False
    at = state.state_details.scheduled_time
    return at is None or at <= datetime.now(UTC)
