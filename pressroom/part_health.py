"""Whether one part of the installation does its work, asked from beside it: what container health checks call."""

import socket
from typing import Any

import httpx

from connectors.settings import Settings

SECONDS = 5.0


def is_healthy(part: str, settings: Settings) -> bool:
    """Ask the “portal”, the “engine” or the “worker” of this host; a worker lives while the engine counts it online."""
    match part:
        case "portal":
            return _answer("GET", f"http://127.0.0.1:{settings.portal_port}/healthz") is not None
        case "engine":
            return _answer("GET", f"http://127.0.0.1:{settings.prefect_port}/api/health") is not None
        case "worker":
            answer = _answer("POST", f"{settings.engine_url}/work_pools/{settings.work_pool}/workers/filter", json={})
            workers = answer.json() if answer else []
            prefix = f"{socket.gethostname()}-"
            return any(worker["name"].startswith(prefix) and worker["status"] == "ONLINE" for worker in workers)
        case _:
            raise ValueError(f"there is no part {part!r}")


def _answer(method: str, url: str, **content: Any) -> httpx.Response | None:
    try:
        answer = httpx.request(method, url, timeout=SECONDS, trust_env=False, **content)
    except httpx.HTTPError:
        return None
    return answer if answer.status_code == 200 else None
