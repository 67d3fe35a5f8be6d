"""`/eSCL` of a simulated printer (Mopria eSCL 2.97, §7 and §9)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from printers_sim.device.refusal import Refusal
from printers_sim.escl import documents
from printers_sim.escl.jobs import ScanJobs
from printers_sim.printer import SimulatedPrinter
from printers_sim.scanner.apps import ScanApps
from printers_sim.web.requests import printer_of

ROOT = "/eSCL"
LARGEST_SETTINGS = 64 << 10


async def capabilities(request: Request) -> Response:
    """GET ScannerCapabilities."""
    return _xml(documents.capabilities(_scanning(request), _web(request)))


async def status(request: Request) -> Response:
    """GET ScannerStatus."""
    jobs = _jobs(request)
    return _xml(documents.status(_scanning(request).scanner, jobs.newest(), is_busy=jobs.is_busy))


async def scan_jobs(request: Request) -> Response:
    """POST ScanJobs: begin to scan."""
    jobs, body = _jobs(request), bytearray()
    async for block in request.stream():
        body += block
        if len(body) > LARGEST_SETTINGS:
            raise Refusal(413, "too_large", "The settings are too large.")
    job = jobs.create(documents.Settings(bytes(body)))
    return Response(status_code=201, headers={"Location": f"{_web(request)}{job.path}"})


async def scan_job(request: Request) -> Response:
    """DELETE a job."""
    _jobs(request).cancel(request.path_params["job_id"])
    return Response(status_code=200)


async def next_document(request: Request) -> Response:
    """GET NextDocument: a page, or 404 when there is none any more."""
    job = _jobs(request).find(request.path_params["job_id"])
    page = await job.next_document()
    if page is None:
        raise Refusal(404, "no_more", "There is nothing more to scan.")
    headers = {"Content-Location": f"{job.path}/{job.images}"}
    return Response(page.data, media_type=page.media_type, headers=headers)


async def image_info(request: Request) -> Response:
    """GET ScanImageInfo of the page that was handed out last."""
    job = _jobs(request).find(request.path_params["job_id"])
    if job.page is None:
        raise Refusal(404, "not_found", "No page has been handed out yet.")
    channels = 3 if job.settings.rendering.color == "color" else 1
    return _xml(documents.image_info(job.path, job.id, job.page.width, job.page.height, channels))


def _scanning(request: Request) -> SimulatedPrinter:
    printer = printer_of(request)
    if not printer.profile.scan:
        raise Refusal(404, "not_found", "This printer has no scanner.")
    return printer


def _jobs(request: Request) -> ScanJobs:
    apps: ScanApps = request.app.state.scans
    return apps.jobs_of(_scanning(request))


def _web(request: Request) -> str:
    address, port = request.scope["server"]
    return f"{request.scope['scheme']}://{address}:{port}"


def _xml(content: bytes) -> Response:
    return Response(content, media_type=documents.MEDIA_TYPE, headers={"Cache-Control": "no-cache"})


ROUTES = [
    Route(f"{ROOT}/ScannerCapabilities", capabilities),
    Route(f"{ROOT}/ScannerStatus", status),
    Route(f"{ROOT}/ScanJobs", scan_jobs, methods=["POST"]),
    Route(f"{ROOT}/ScanJobs/{{job_id}}", scan_job, methods=["DELETE"]),
    Route(f"{ROOT}/ScanJobs/{{job_id}}/NextDocument", next_document),
    Route(f"{ROOT}/ScanJobs/{{job_id}}/ScanImageInfo", image_info),
]
