"""The print service by itself: an application that serves queues and nothing else, for a port of its own (PR-322)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI

from connectors.logs import configure_logs
from connectors.settings import get_settings
from portal_api.health import live
from portal_api.ipp.announcement import Announcer
from portal_api.ipp.endpoint import router
from portal_api.problems import answer_with_problems
from portal_api.protection import Protection


def create_print_service() -> FastAPI:
    """The application; it announces the queues while it runs, where a setting wants that."""
    settings = get_settings()
    configure_logs(settings)
    app = FastAPI(title="Pressroom print service", openapi_url=None, docs_url=None, redoc_url=None, lifespan=_announced)
    app.include_router(router)
    app.add_api_route("/healthz", live)
    answer_with_problems(app)
    app.add_middleware(Protection, settings=settings)
    return app


@asynccontextmanager
async def _announced(_app: FastAPI) -> AsyncIterator[None]:
    settings = get_settings()
    if not settings.ipp_announce:
        yield
        return
    work = asyncio.create_task(Announcer(settings).run())
    try:
        yield
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
