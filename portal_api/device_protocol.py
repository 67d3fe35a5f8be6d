"""What printers' programs call, by itself at /device/v1: sign-in, release, usage, and running solutions.

The same operations are part of the API at /api/v1; a printer needs nothing else of it (section 43).
"""

from fastapi import FastAPI

from portal_api import scan_protocol
from portal_api.api import panel_runs, phone_codes, printer_release, printer_sign_in, run_drafts, solution_center
from portal_api.panel import device
from portal_api.problems import answer_with_problems


def create_device_protocol() -> FastAPI:
    """The application to be mounted at /device/v1."""
    protocol = FastAPI(title="Pressroom for printers", version="1", docs_url=None, redoc_url=None)
    protocol.include_router(printer_sign_in.router)
    protocol.include_router(printer_release.router)
    protocol.include_router(device.router)
    protocol.include_router(phone_codes.router)
    protocol.include_router(scan_protocol.router)
    protocol.include_router(solution_center.router)
    protocol.include_router(run_drafts.router)
    protocol.include_router(panel_runs.router)
    answer_with_problems(protocol)
    return protocol
