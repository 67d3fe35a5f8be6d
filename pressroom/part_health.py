"""Whether one part of the installation does its work, asked from beside it: what container health checks call."""

import socket
from typing import Any

import httpx

from connectors.settings import Settings

SECONDS = 5.0


def is_healthy(part: str, settings: Settings) -> bool:
    """Ask the “portal”, “ipp” (the print service), “mail-in”, the “engine” or the “worker” of this host.

    A worker lives while the engine counts it online; who takes mail, while it greets.
    """
    match part:
        case "portal":
            return _answer("GET", f"http://127.0.0.1:{settings.portal_port}/healthz") is not None
        case "ipp":  # by its own address, for which its certificate need not be
            return _answer("GET", f"https://127.0.0.1:{settings.ipp_port}/healthz", verify=False) is not None
        case "mail-in":
            return _greets(settings.mail_in_port)
        case "engine":
            return _answer("GET", f"http://127.0.0.1:{settings.prefect_port}/api/health") is not None
        case "worker":
            answer = _answer("POST", f"{settings.engine_url}/work_pools/{settings.work_pool}/workers/filter", json={})
            workers = answer.json() if answer else []
            prefix = f"{socket.gethostname()}-"
            return any(worker["name"].startswith(prefix) and worker["status"] == "ONLINE" for worker in workers)
        case _:
            raise ValueError(f"there is no part {part!r}")


def _greets(port: int) -> bool:
    """Whether a mail server says that it is ready (RFC 5321 §4.2: 220)."""
    try:
        with socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
            return connection.recv(512).startswith(b"220 ")
    except OSError:
        return False


def _answer(method: str, url: str, *, verify: bool = True, **content: Any) -> httpx.Response | None:
    try:
        answer = httpx.request(method, url, timeout=SECONDS, trust_env=False, verify=verify, **content)
    except httpx.HTTPError:
        return None
    return answer if answer.status_code == 200 else None
