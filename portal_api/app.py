"""The portal: REST API, sign-in, download links, health, and the web pages, in one application.

Run by `uvicorn portal_api.app:create_app --factory`.
"""

from fastapi import FastAPI

from connectors.documents.working_files import remove_leftovers
from connectors.logs import configure_logs
from connectors.settings import Settings, get_settings
from portal_api.adapter_protocol import create_adapter_protocol
from portal_api.agent_protocol import create_agent_protocol
from portal_api.api import create_api
from portal_api.client_protocol import create_client_protocol
from portal_api.device_protocol import create_device_protocol
from portal_api.downloads import router as downloads
from portal_api.federation import router as federation
from portal_api.health import router as health
from portal_api.installation_links import router as installation_links
from portal_api.ipp.endpoint import router as print_service
from portal_api.local_programs import router as local_programs
from portal_api.oauth import router as oauth
from portal_api.panel.application import create_panel
from portal_api.phone_entry import router as phone_entry
from portal_api.problems import answer_with_problems
from portal_api.program_sign_in import router as program_sign_in
from portal_api.protection import Protection
from portal_api.sign_in import router as sign_in
from portal_api.storage_sign_in import router as storage_sign_in
from portal_api.workstation_protocol import create_workstation_protocol


def create_app(settings: Settings | None = None) -> FastAPI:
    """The whole portal. Tables exist before: `pressroom up` and `pressroom migrate` see to that."""
    from portal_api.pages import mount  # NiceGUI takes a second to import, which the API alone need not wait for

    app = create_service(settings)
    mount(app)
    return app


def create_service(settings: Settings | None = None) -> FastAPI:
    """The portal without its pages: what programs use. Working files of portals that were killed are removed."""
    settings = settings or get_settings()
    configure_logs(settings)
    remove_leftovers(settings.scratch_folder)
    app = FastAPI(title="Pressroom", openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(sign_in)
    app.include_router(federation)
    app.include_router(oauth)
    app.include_router(storage_sign_in)
    app.include_router(downloads)
    app.include_router(installation_links)
    app.include_router(local_programs)
    app.include_router(program_sign_in)
    app.include_router(phone_entry)
    app.include_router(health)
    app.include_router(print_service)
    app.mount("/api/v1", create_api())
    app.mount("/agent/v1", create_agent_protocol())
    app.mount("/device/v1", create_device_protocol())
    app.mount("/panel", create_panel())
    app.mount("/adapter/v1", create_adapter_protocol())
    app.mount("/client/v1", create_client_protocol())
    app.mount("/workstation/v1", create_workstation_protocol())
    answer_with_problems(app)
    app.add_middleware(Protection, settings=settings)
    return app
