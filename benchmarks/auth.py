"""What the check of who asks adds to a request: one route with the check and the same without, asked by turns.

Both answer the same inside the portal's protection; the difference is looking up the credential, its person, their
organization, groups and roles in the database, in the thread where such routes run. Medians of the differences are
robust against what else the machine does.
"""

import asyncio
import statistics
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import httpx
from fastapi import FastAPI

from benchmarks.people import session_of
from connectors.settings import get_settings
from domain.applications.access import issue_token
from domain.applications.service import ApplicationDefinition, create_application, make_secret
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.organizations.roles import Role
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.tokens import create_token
from portal_api.access import needs
from portal_api.protection import Protection
from portal_api.sign_in import COOKIE

PAIRS, WARM_UP = 400, 40
CHECKED = Permission.USERS_VIEW


@dataclass(frozen=True, slots=True)
class Overhead:
    """What the check adds by one kind of credential: the median of the wall times, and the mean of the CPU times."""

    wall_ms: float
    cpu_ms: float


def overheads(actor: Actor) -> Mapping[str, Overhead]:
    """By every kind of credential that a request can bring."""
    return {kind: asyncio.run(_overhead(headers)) for kind, headers in _credentials(actor).items()}


def _credentials(actor: Actor) -> Mapping[str, dict[str, str]]:
    token = session_of(actor)
    actor = actor_of_token(token)  # who has just signed in, which making credentials takes
    personal, _view = create_token(actor, "Benchmark", [CHECKED], now() + timedelta(days=1))
    asked = ApplicationDefinition("Benchmark", scopes=[CHECKED], roles=[Role.ORGANIZATION_ADMINISTRATOR])
    application = create_application(actor, asked)
    secret, _made = make_secret(actor, application.id)
    access = issue_token(application.id, secret).token
    return {
        "session cookie": {"Cookie": f"{COOKIE}={token}"},
        "session token": {"Authorization": f"Bearer {token}"},
        "personal token": {"Authorization": f"Bearer {personal}"},
        "application token": {"Authorization": f"Bearer {access}"},
    }


def _service() -> FastAPI:
    service = FastAPI()
    service.add_middleware(Protection, settings=get_settings())

    @service.get("/open")
    def unchecked() -> dict[str, str]:
        return {"organization": "none"}

    @service.get("/checked")
    def checked(actor: Annotated[Actor, needs(CHECKED)]) -> dict[str, str]:
        return {"organization": actor.organization_id}

    return service


async def _overhead(headers: Mapping[str, str]) -> Overhead:
    async with AsyncExitStack() as kept:
        transport = httpx.ASGITransport(_service())
        client = httpx.AsyncClient(transport=transport, base_url=get_settings().public_url, headers=headers)
        await kept.enter_async_context(client)
        walls, cpus = [], []
        for number in range(WARM_UP + PAIRS):
            (bare_wall, bare_cpu), (wall, cpu) = await _timed(client, "/open"), await _timed(client, "/checked")
            if number >= WARM_UP:
                walls.append(wall - bare_wall)
                cpus.append(cpu - bare_cpu)
        return Overhead(statistics.median(walls) * 1000, statistics.fmean(cpus) * 1000)


async def _timed(client: httpx.AsyncClient, path: str) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    (await client.get(path)).raise_for_status()
    return time.perf_counter() - wall, time.process_time() - cpu
