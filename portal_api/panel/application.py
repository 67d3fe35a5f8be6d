"""The application to be mounted at /panel: pages, JSON for the pages, events; and what every request has to show."""

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.panels.sessions import PANEL_ENDED
from portal_api.api.at_printer import person_at_printer
from portal_api.panel import home, quotas, shell, sign_in
from portal_api.panel.access import PanelHere, panel_locale
from portal_api.panel.apps import APPS
from portal_api.panel.events import hub
from portal_api.panel.solutions import person_at_panel
from portal_api.problems import answer_with_problems, documented, problem_response
from portal_api.protection import CROSS_ORIGIN, SAFE_METHODS

PAGE_HEADER = b"pressroom-panel"
"""Only our own page can send it: another site would have to ask first, and is never allowed to."""
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def create_panel() -> FastAPI:
    """The application."""
    panel = FastAPI(title="Pressroom panel", openapi_url=None, docs_url=None, redoc_url=None)
    panel.include_router(shell.router)
    panel.include_router(home.router)
    panel.include_router(sign_in.router)
    panel.include_router(quotas.router)
    for app in APPS:
        if app.router is not None:
            panel.include_router(app.router)
    panel.dependency_overrides[person_at_printer] = person_at_panel
    panel.add_api_route("/api/events", listen, responses=documented(PANEL_ENDED))
    answer_with_problems(panel)
    panel.add_middleware(OwnPageOnly)
    return panel


async def listen(request: Request, place: PanelHere) -> StreamingResponse:
    """What happens at the panel, as server-sent events (`portal_api.panel.events`)."""
    stream = hub.stream(place.id, place.organization_id, panel_locale(request, place), place.changed)
    return StreamingResponse(stream, media_type="text/event-stream", headers=STREAM_HEADERS)


class OwnPageOnly:
    """Refuses what changes something and was not sent by the panel's own page, whatever cookie comes with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_safe = scope["type"] != "http" or scope["method"] in SAFE_METHODS
        if is_safe or any(name == PAGE_HEADER for name, _ in scope["headers"]):
            await self._app(scope, receive, send)
            return
        await problem_response(Request(scope), CROSS_ORIGIN())(scope, receive, send)
