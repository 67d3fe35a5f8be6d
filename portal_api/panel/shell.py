"""The page that a printer's browser shows, and the files it needs. All of it is ours: nothing comes from elsewhere."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from fastapi.responses import FileResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates

from domain.panels.sessions import LONGEST_PANEL, open_panel
from domain.texts.catalogue import locales
from portal_api.panel.access import PanelHere, set_panel_cookie
from portal_api.panel.home import Start, home_or_nobody
from portal_api.panel.texts import STATIC, texts, version
from portal_api.problems import UNKNOWN_ADDRESS
from portal_api.sign_in import client_address

router = APIRouter()
TEMPLATES = Jinja2Templates(Path(__file__).parent / "templates")
KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}


@router.get("/enter/{ticket}")
def enter(request: Request, ticket: Annotated[str, InPath(max_length=64)]) -> Response:
    """Take the ticket that the printer got, and go on with the cookie in place of it."""
    opened = open_panel(ticket, client_address(request))
    response = RedirectResponse("/panel/", 303, {"Cache-Control": "no-store"})
    set_panel_cookie(response, opened, int(LONGEST_PANEL.total_seconds()))
    return response


@router.get("/")
def show_panel(request: Request, place: PanelHere) -> Response:
    """The page, with everything that its first screen needs."""
    start = Start.of(request, place, home_or_nobody(place))
    context = {
        "start": start.model_dump_json().replace("<", "\\u003c"),
        "locale": start.locale,
        "version": version(),
        "contrast": start.contrast,
        "screen": start.screen,
        "modules": _modules(),
        "styles": sorted(path.name for path in STATIC.glob("*.css")),
    }
    headers = {"Content-Security-Policy": policy(place.frame_origin), "Cache-Control": "no-store"}
    return TEMPLATES.TemplateResponse(request, "panel.html", context, headers=headers)


@router.get("/static/{version_}/{name}")
def get_file(version_: str, name: Annotated[str, InPath(pattern=r"^[a-z_]+\.[a-z]+$")]) -> Response:
    """A file of the pages; the address changes with its content."""
    path = STATIC / name
    if path.suffix not in TYPES or not path.is_file():
        raise UNKNOWN_ADDRESS()
    return FileResponse(
        path, headers=KEPT if version_ == version() else {"Cache-Control": "no-store"}, media_type=TYPES[path.suffix]
    )


@router.get("/texts/{version_}/{locale}.json")
def get_texts(version_: str, locale: str) -> Response:
    """The texts of the pages in one language."""
    if locale not in locales():
        raise UNKNOWN_ADDRESS()
    return Response(texts(locale), media_type="application/json", headers=_keeping(version_))


def policy(frame_origin: str) -> str:
    """What the page may load: our own files only. `frame_origin` may show it in a frame, and nobody else."""
    framed = f"frame-ancestors {frame_origin}" if frame_origin else "frame-ancestors 'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        f"base-uri 'none'; form-action 'none'; {framed}"
    )


def _keeping(asked: str) -> dict[str, str]:
    """Whether browsers may keep what was asked for: an address of another version shows today's content once."""
    return KEPT if asked == version() else {"Cache-Control": "no-store"}


@lru_cache(maxsize=1)
def _modules() -> list[str]:
    """The modules that the first screen needs, for the browser to fetch at once."""
    return sorted(path.name for path in STATIC.glob("*.js"))
