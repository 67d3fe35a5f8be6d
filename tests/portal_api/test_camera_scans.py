"""Scans with a camera by the API, as an app on a phone would make them: photograph, corners, page, original."""

from io import BytesIO
from typing import Any

import httpx
import pikepdf
import pytest
from PIL import Image

from domain.organizations.roles import Role
from tests.portal_api.conftest import Api
from tests.support.installation import Installation
from tests.support.page_photographs import SCENES, as_jpeg, page_of_text, photograph

SCENE = SCENES["turned"]


@pytest.fixture(scope="module")
def photo() -> bytes:
    """A page on a desk, taken askew."""
    return as_jpeg(photograph(page_of_text(), SCENE))


@pytest.fixture(scope="module")
def api(installation: Installation, anonymous: httpx.Client) -> Api:
    return Api(
        anonymous, installation.add_person("ann@one.example", Role.PRINT_RELEASE_USER, Role.SOLUTIONS_ADVANCED_USER)
    )


def added(api: Api, scan_id: str, photo: bytes, name: str = "page.jpg") -> httpx.Response:
    return api.post(f"/camera-scans/{scan_id}/pages", files={"file": (name, photo, "image/jpeg")})


def begun(api: Api, *photos: bytes) -> dict[str, Any]:
    scan: dict[str, Any] = api.post("/camera-scans").json()
    for one in photos:
        scan = added(api, scan["id"], one).json()
    return scan


def test_corners_are_found_and_can_be_put_right(api: Api, photo: bytes) -> None:
    """What the phone page does by itself: found corners, a flat page, another look, a PDF in the page's own size."""
    scan = begun(api, photo)
    (page,) = scan["pages"]
    assert (page["is_found"], page["look"], page["version"]) == (True, "color", 1)
    width, height = SCENE.size
    for corner, (x, y) in zip(page["corners"], SCENE.corners(), strict=True):
        assert abs(corner["x"] - x / width) < 0.02
        assert abs(corner["y"] - y / height) < 0.02
    address = f"/camera-scans/{scan['id']}/pages/{page['id']}"
    crossed = [page["corners"][place] for place in (0, 2, 1, 3)]
    refused = api.request("PATCH", address, json={"corners": crossed})
    assert (refused.status_code, refused.json()["code"]) == (422, "camera_scan.bad_corners")
    half = [{"x": x, "y": y} for x, y in ((0.2, 0.2), (0.8, 0.2), (0.8, 0.5), (0.2, 0.5))]
    change = {"corners": half, "look": "black_and_white", "turn": 90}
    (changed,) = api.request("PATCH", address, json=change).json()["pages"]
    assert (changed["corners"], changed["turn"], changed["version"]) == (half, 90, 2)
    picture = api.get(f"{address}/picture")
    assert picture.headers["content-type"] == "image/png"
    with Image.open(BytesIO(picture.content)) as made:
        assert made.height > made.width, "a low and wide part of the picture, turned"
    assert api.get(f"{address}/picture", params={"photo": True}).headers["content-type"] == "image/jpeg"
    with pikepdf.open(BytesIO(api.get(f"/camera-scans/{scan['id']}/file").content)) as pdf:
        assert len(pdf.pages) == 1


def test_pages_in_order_become_the_original_of_a_run_and_a_print_job(api: Api, photo: bytes) -> None:
    plain = BytesIO()
    Image.new("RGB", (900, 600), "grey").save(plain, "JPEG")
    scan = begun(api, photo, plain.getvalue(), photo)
    second = scan["pages"][1]
    assert not second["is_found"]
    moved = api.post(f"/camera-scans/{scan['id']}/pages/{second['id']}/move", json={"by": -1}).json()
    assert moved["pages"][0]["id"] == second["id"]
    left = api.delete(f"/camera-scans/{scan['id']}/pages/{second['id']}").json()
    assert len(left["pages"]) == 2
    content = {"name": "Keep it", "steps": [{"kind": "download"}]}
    solution = api.post("/solutions", json=content)
    assert solution.status_code == 201, solution.text
    order = {"solution_id": solution.json()["id"], "name": "Notice", "overrides": {}}
    run = api.post(f"/camera-scans/{scan['id']}/runs", json=order)
    assert run.status_code == 202, run.text
    (original,) = api.get(f"{run.headers['location'].removeprefix('/api/v1')}/documents").json()
    assert (original["name"], original["media_type"], original["pages"]) == ("Notice.pdf", "application/pdf", 2)
    assert api.get(f"/camera-scans/{scan['id']}").status_code == 404, "handed in"
    again = begun(api, photo)
    job = api.post(f"/camera-scans/{again['id']}/print-job", json={"name": "Notice"})
    assert (job.status_code, job.json()["name"]) == (201, "Notice.pdf")


def test_what_is_no_photograph_or_somebody_elses(
    api: Api, anonymous: httpx.Client, installation: Installation, photo: bytes
) -> None:
    scan = begun(api)
    text = added(api, scan["id"], b"no picture at all", "note.txt")
    assert (text.status_code, text.json()["code"]) == (415, "photo.format")
    large = added(api, scan["id"], photo + bytes(31 << 20))
    assert large.status_code == 413
    bomb = BytesIO()
    Image.new("1", (8_000, 8_000)).save(bomb, "PNG")
    pixels = added(api, scan["id"], bomb.getvalue(), "wide.png")
    assert (pixels.status_code, pixels.json()["code"]) == (422, "document.too_many_pixels")
    empty = api.post(f"/camera-scans/{scan['id']}/print-job", json={"name": "x"})
    assert (empty.status_code, empty.json()["code"]) == (422, "camera_scan.no_pages")
    colleague = Api(anonymous, installation.add_person("ben@one.example", Role.PRINT_RELEASE_USER))
    assert colleague.get(f"/camera-scans/{scan['id']}").status_code == 404
    assert added(colleague, scan["id"], photo).status_code == 404
    nobody = Api(anonymous, installation.add_person("cy@one.example"))
    own = begun(nobody, photo)
    assert nobody.post(f"/camera-scans/{own['id']}/print-job", json={"name": "x"}).status_code == 403
    assert nobody.delete(f"/camera-scans/{own['id']}").status_code == 204
