"""What requests about scans with a camera say (see sound_values.py)."""

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from PIL import Image

from domain.camera_scans.service import add_photo, begin_scan

if TYPE_CHECKING:
    from tests.support.two_partners import Side

WHOLE = [{"x": x, "y": y} for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]


def camera_scan(side: "Side") -> dict[str, str]:
    """A page that the administrator has photographed."""
    scan = begin_scan(side.administrator)
    with TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.png"
        photo.write_bytes(_picture())
        page = add_photo(side.administrator, scan.id, photo, f"{side.marker}.png").pages[0]
    return {"camera_scan_id": scan.id, "camera_page_id": page.id}


def _picture() -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (300, 400), "white").save(drawn, "PNG")
    return drawn.getvalue()


def _photograph(side: "Side") -> dict[str, Any]:
    return {"file": (f"{side.marker}.png", _picture(), "image/png")}


def _scan_to_run(side: "Side") -> dict[str, str]:
    return {**camera_scan(side), "solution_id": side.made("/solutions")}


CAMERA_SOUND: Mapping[str, Callable[["Side"], Mapping[str, Any]]] = {
    "add_camera_photo": _photograph,
    "change_camera_page": lambda _: {"corners": WHOLE},
}
"""By operation: what the request says."""

CAMERA_OF_THEIR_OWN: Mapping[str, Callable[["Side"], Mapping[str, Any]]] = {
    "add_camera_photo": camera_scan,
    "change_camera_page": camera_scan,
    "delete_camera_page": camera_scan,
    "delete_camera_scan": camera_scan,
    "get_camera_scan": camera_scan,
    "move_camera_page": camera_scan,
    "print_camera_scan": camera_scan,
    "read_camera_page": camera_scan,
    "read_camera_scan": camera_scan,
    "run_camera_scan": _scan_to_run,
}
"""By operation: what it is asked about."""
