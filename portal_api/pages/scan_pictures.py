"""Pictures of pages that were scanned with the camera, for whoever scanned them."""

from fastapi import Request, Response
from nicegui import app

from connectors.errors import PressroomError
from domain.camera_scans.service import open_picture
from domain.organizations.permissions import Permission
from portal_api.pages.frame import PAGE_PERMISSIONS
from portal_api.problems import problem_response
from portal_api.sign_in import current_actor

PICTURES = "/phone/scans/{camera_scan_id}/{camera_page_id}"
PAGE_PERMISSIONS[PICTURES] = Permission.OWN_ACCOUNT


@app.get(PICTURES, include_in_schema=False)
def scan_picture(request: Request, camera_scan_id: str, camera_page_id: str, photo: bool = False) -> Response:
    """The page as it was made, or the photograph that it is made of."""
    try:
        with open_picture(current_actor(request), camera_scan_id, camera_page_id, of_photo=photo) as (document, stream):
            content = stream.read()
    except PressroomError as error:
        return problem_response(request, error)
    headers = {"Cache-Control": "private, max-age=3600, immutable"}
    return Response(content, media_type=document.media_type, headers=headers)


def picture_address(scan_id: str, page_id: str, version: int, *, of_photo: bool = False) -> str:
    """Where the picture is; another version of the page has another address."""
    query = f"v={version}" + ("&photo=1" if of_photo else "")
    return f"{PICTURES.format(camera_scan_id=scan_id, camera_page_id=page_id)}?{query}"
