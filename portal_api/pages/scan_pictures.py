"""Pictures of pages that were scanned with the camera, for whoever scanned them."""

from fastapi import Request, Response
from nicegui import app

from connectors.errors import PressroomError
from domain.camera_scans.service import open_picture
from portal_api.problems import problem_response
from portal_api.sign_in import current_actor

PICTURES = "/phone/scans/{scan_id}/{page_id}"


@app.get(PICTURES, include_in_schema=False)
def scan_picture(request: Request, scan_id: str, page_id: str, photo: bool = False) -> Response:
    """The page as it was made, or the photograph that it is made of."""
    try:
        with open_picture(current_actor(request), scan_id, page_id, of_photo=photo) as (document, stream):
            content = stream.read()
    except PressroomError as error:
        return problem_response(request, error)
    headers = {"Cache-Control": "private, max-age=3600, immutable"}
    return Response(content, media_type=document.media_type, headers=headers)


def picture_address(scan_id: str, page_id: str, version: int, *, of_photo: bool = False) -> str:
    """Where the picture is; another version of the page has another address."""
    query = f"v={version}" + ("&photo=1" if of_photo else "")
    return f"{PICTURES.format(scan_id=scan_id, page_id=page_id)}?{query}"
