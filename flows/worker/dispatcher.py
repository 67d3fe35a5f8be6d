"""From the outbox to the engine, and from lost workers back to the outbox."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import structlog
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.states import Crashed, Scheduled

from connectors.documents.working_files import remove_leftovers
from connectors.errors import PressroomError
from connectors.settings import get_settings
from domain.outbox.models import OutboxRow
from domain.outbox.service import forget_dispatched, mark_dispatched, postpone, waiting_rows
from domain.printing.submission import drop_overdue
from domain.tenancy import system_session
from flows.worker.leased_work import LEASED, LeasedWork

log = structlog.get_logger(__name__)

ENGINE_TROUBLE = (httpx.HTTPError, PrefectHTTPStatusError, ObjectNotFound, OSError)


class Dispatcher:
    """Hands outbox rows to Prefect. If Prefect is down they wait; handing one over twice starts one flow run.

    `take` is given each new flow run, so that a worker in this process starts it at once.
    """

    def __init__(self, client: PrefectClient, take: Callable[[FlowRun], Awaitable[None]]) -> None:
        self._client, self._take = client, take
        self._deployments: dict[str, UUID] = {}

    async def dispatch(self) -> int:
        """Hand over everything that waits; returns how many flow runs were created."""
        rows = await asyncio.to_thread(_waiting)
        for row in rows:
            try:
                flow_run = await self._hand_over(row)
            except ENGINE_TROUBLE as error:
                log.warning("the engine did not take a run; it waits", outbox=row.id, error=str(error)[:200])
                self._deployments.pop(row.deployment, None)
                await asyncio.to_thread(_postpone, row.id)
                return 0
            await self._take(flow_run)
            await asyncio.to_thread(_mark, row.id, str(flow_run.id))
        return len(rows)

    async def resume_lost(self) -> int:
        """Queue work again that lost its worker, and show its old flow runs as crashed; returns how many pieces."""
        return sum([await self._resume_expired(work) + await self._resume_unclaimed(work) for work in LEASED])

    async def _resume_expired(self, work: LeasedWork) -> int:
        ids = await asyncio.to_thread(work.requeue_expired)
        if ids:
            log.warning("work lost its worker and is queued again", kind=work.noun, ids=ids)
            for flow_run_id in await asyncio.to_thread(_former_flow_runs, work, ids):
                await self._mark_crashed(UUID(flow_run_id))
        return len(ids)

    async def _resume_unclaimed(self, work: LeasedWork) -> int:
        """Queue work again whose flow run a worker took but never began: it died in between."""
        resumed = 0
        for one, flow_run_id in await asyncio.to_thread(work.unclaimed):
            if await self._is_lost(UUID(flow_run_id)) and await asyncio.to_thread(work.requeue_unclaimed, one):
                log.warning("work was taken but never begun; it is queued again", kind=work.noun, id=one)
                await self._mark_crashed(UUID(flow_run_id))
                resumed += 1
        return resumed

    async def _is_lost(self, flow_run_id: UUID) -> bool:
        """Whether the flow run left the queue longer than a lease ago; one that still waits there is not lost."""
        try:
            state = (await self._client.read_flow_run(flow_run_id)).state
        except ObjectNotFound:
            return True
        except ENGINE_TROUBLE as error:
            log.warning("a flow run could not be looked up", flow_run=str(flow_run_id), error=str(error)[:200])
            return False
        if state is None or state.is_scheduled():
            return False
        return datetime.now(UTC) - state.timestamp > timedelta(seconds=get_settings().lease_seconds)

    async def tidy(self) -> None:
        """Forget rows handed over long ago, drop print jobs whose document did not come (PR-325), and remove working
        files of processes that were killed.
        """
        await asyncio.to_thread(_forget)
        if count := await asyncio.to_thread(remove_leftovers, get_settings().scratch_folder):
            log.warning("working files of killed processes were removed", count=count)
        if dropped := await asyncio.to_thread(drop_overdue):
            log.info("print jobs were dropped whose document did not come", ids=dropped)

    async def _hand_over(self, row: OutboxRow) -> FlowRun:
        if row.deployment not in self._deployments:
            self._deployments[row.deployment] = (await self._client.read_deployment_by_name(row.deployment)).id
        return await self._client.create_flow_run_from_deployment(
            self._deployments[row.deployment],
            parameters=row.parameters,
            name=row.name,
            tags=row.tags,
            idempotency_key=row.key,
            state=Scheduled(scheduled_time=row.due) if row.due else None,
        )

    async def _mark_crashed(self, flow_run_id: UUID) -> None:
        try:
            flow_run = await self._client.read_flow_run(flow_run_id)
            if flow_run.state is not None and not flow_run.state.is_final():
                state: State[Any] = Crashed(
                    message="The worker showed no sign of life; the work continues in a new flow run."
                )
                await self._client.set_flow_run_state(flow_run_id, state, force=True)
        except ENGINE_TROUBLE as error:
            log.warning("a lost flow run could not be marked", flow_run=str(flow_run_id), error=str(error)[:200])


async def keep_dispatching(dispatcher: Dispatcher, bell: asyncio.Event, poll: float) -> None:
    """Dispatch at the bell and every `poll` seconds until cancelled."""
    while True:
        bell.clear()
        try:
            if await dispatcher.dispatch():
                continue
        except PressroomError as error:
            log.warning("the outbox cannot be read; trying again", code=error.code)
        try:
            await asyncio.wait_for(bell.wait(), poll)
        except TimeoutError:
            continue


async def keep_resuming(dispatcher: Dispatcher, bell: asyncio.Event, every: float) -> None:
    """Look for lost runs and tidy the outbox every `every` seconds until cancelled."""
    while True:
        try:
            if await dispatcher.resume_lost():
                bell.set()
            await dispatcher.tidy()
        except PressroomError as error:
            log.warning("leases cannot be checked; trying again", code=error.code)
        await asyncio.sleep(every)


def _waiting() -> list[OutboxRow]:
    with system_session(read_only=True) as session:
        return waiting_rows(session)


def _mark(row_id: int, flow_run_id: str) -> None:
    with system_session() as session:
        mark_dispatched(session, row_id, flow_run_id)


def _postpone(row_id: int) -> None:
    with system_session() as session:
        postpone(session, row_id)


def _former_flow_runs(work: LeasedWork, ids: list[str]) -> list[str]:
    with system_session(read_only=True) as session:
        return work.flow_runs_of(session, ids)


def _forget() -> None:
    with system_session() as session:
        forget_dispatched(session)
