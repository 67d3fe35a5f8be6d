"""Prefect's server for one machine: its own process, with SQLite writes in a fair order.

Stock, Prefect opens deferred transactions that turn into writers and collide: four runs at a time then wait seconds.
Here each write transaction begins as a writer (`BEGIN IMMEDIATE`) and waits for its turn in a first-in-first-out lock.
On PostgreSQL the server is used as it is.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar

import uvicorn
from prefect.server.database.configurations import SQLITE_BEGIN_MODE, AioSqliteConfiguration
from prefect.server.database.dependencies import set_database_config
from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction

_holder: ContextVar[asyncio.Task[object] | None] = ContextVar("transaction_holder", default=None)


class FairSqlite(AioSqliteConfiguration):
    """Prefect's SQLite configuration with immediate transactions, one writer at a time in order of arrival."""

    _turns: dict[asyncio.AbstractEventLoop, asyncio.Lock] = {}  # noqa: RUF012 — shared on purpose: one database

    @asynccontextmanager
    async def begin_transaction(
        self, session: AsyncSession, with_for_update: bool = False
    ) -> AsyncGenerator[AsyncSessionTransaction, None]:
        task = asyncio.current_task()
        if _holder.get() is task:
            # A transaction inside a transaction of the same task would wait for itself.
            async with self._begun(session, "DEFERRED") as transaction:
                yield transaction
            return
        async with self._turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            holding = _holder.set(task)
            try:
                async with self._begun(session, "IMMEDIATE") as transaction:
                    yield transaction
            finally:
                _holder.reset(holding)

    @staticmethod
    @asynccontextmanager
    async def _begun(session: AsyncSession, mode: str) -> AsyncGenerator[AsyncSessionTransaction, None]:
        begin_mode = SQLITE_BEGIN_MODE.set(mode)
        try:
            async with session.begin() as transaction:
                yield transaction
        finally:
            SQLITE_BEGIN_MODE.reset(begin_mode)


def serve(host: str, port: int) -> None:
    """Run Prefect's API, UI and services until stopped."""
    url = PREFECT_API_DATABASE_CONNECTION_URL.value()
    if url and url.startswith("sqlite"):
        set_database_config(FairSqlite(connection_url=url))
    from prefect.server.api.server import create_app

    uvicorn.run(create_app(), host=host, port=port, log_level="warning", timeout_keep_alive=5)
