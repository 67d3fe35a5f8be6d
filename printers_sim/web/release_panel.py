"""The apps of panels that draw themselves over HTTP, `/panel/v1/`: they release jobs by /device/v1 (PR-335, PR-336)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from printers_sim.ipp.queues import PrintQueues
from printers_sim.panel.apps import PanelApps
from printers_sim.panel.server import ServerAccess
from printers_sim.web.requests import json_object, managed_printer, text_member


def apps_of(request: Request) -> PanelApps:
    """The panel apps of the printer at whose address the request came in; raises `Refusal`."""
    queues: PrintQueues = request.app.state.queues
    return queues.panel(managed_printer(request))


async def state(request: Request) -> JSONResponse:
    """GET state: who is signed in, and how their release is going."""
    apps = apps_of(request)
    release = await apps.progress() if apps.person else None
    return JSONResponse(
        {"connected": apps.is_connected, "small": apps.is_small, "person": apps.person, "release": release}
    )


async def server(request: Request) -> Response:
    """PUT server: address, client_id and client_secret of the print server."""
    content = await json_object(request)
    access = ServerAccess(*(text_member(content, name) for name in ("address", "client_id", "client_secret")))
    await apps_of(request).connect(access)
    return Response(status_code=204)


async def session(request: Request) -> Response:
    """POST session signs in by badge, pin or code; DELETE signs out."""
    apps = apps_of(request)
    if request.method == "DELETE":
        await apps.sign_out()
        return Response(status_code=204)
    answer = await apps.sign_in(await json_object(request))
    offer = await apps.offer() if apps.person else None
    if offer is not None and offer["auto_release"] and not apps.is_small:
        await _release_quietly(apps)
    return JSONResponse({"outcome": answer["outcome"], "person": apps.person, "offer": offer, "release": apps.release})


async def jobs(request: Request) -> JSONResponse:
    """GET jobs; with `owner`, those of somebody who made the person their delegate."""
    return JSONResponse(await apps_of(request).jobs(request.query_params.get("owner", "")))


async def delegators(request: Request) -> JSONResponse:
    """GET delegators."""
    return JSONResponse(await apps_of(request).delegators())


async def job(request: Request) -> Response:
    """PATCH jobs/{id} keeps settings, DELETE deletes it."""
    apps, job_id = apps_of(request), request.path_params["job_id"]
    if request.method == "DELETE":
        await apps.delete(job_id)
        return Response(status_code=204)
    return JSONResponse(await apps.change(job_id, await json_object(request)))


async def release(request: Request) -> JSONResponse:
    """POST release prints: job_ids, changes, keep; DELETE cancels, GET tells how it is going."""
    apps = apps_of(request)
    if request.method == "POST":
        return JSONResponse(await apps.print(await json_object(request)), 202)
    return JSONResponse(await apps.cancel() if request.method == "DELETE" else await apps.progress())


async def _release_quietly(apps: PanelApps) -> None:
    """Auto-release at sign-in (PR-198); without a job that was never printed nothing happens."""
    if any(job["state"] == "held" for job in await apps.jobs()):
        wanted: dict[str, Any] = {"mode": "auto"}
        await apps.print(wanted)


ROUTES = [
    Route("/panel/v1/state", state),
    Route("/panel/v1/server", server, methods=["PUT"]),
    Route("/panel/v1/session", session, methods=["POST", "DELETE"]),
    Route("/panel/v1/jobs", jobs),
    Route("/panel/v1/delegators", delegators),
    Route("/panel/v1/jobs/{job_id}", job, methods=["PATCH", "DELETE"]),
    Route("/panel/v1/release", release, methods=["GET", "POST", "DELETE"]),
]
