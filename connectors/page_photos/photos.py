"""From a photograph to a page: looked at in a process of its own, with limits on time and memory."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore

from connectors.documents.inspection import inspect
from connectors.documents.media_types import JPEG, PNG
from connectors.errors import Fault
from connectors.limited_process import run_limited
from connectors.messages import N_
from connectors.page_photos.look import Look
from connectors.settings import Settings

SECONDS = 90.0
MOST_MEMORY = 2 << 30
LARGEST_BYTES = 30 << 20
_AT_ONCE = BoundedSemaphore(2)
"""Photographs that one process of ours has looked at at the same time: each takes a core and some hundred megabytes."""
ROOT = Path(__file__).resolve().parents[2]

PHOTO_FORMAT = Fault(
    "photo.format",
    415,
    N_("“{name}” is no photograph."),
    N_("Take a picture with the camera, or choose one in JPEG or PNG."),
)
PHOTO_TOO_LARGE = Fault(
    "photo.too_large",
    413,
    N_("“{name}” has {size} MB; a photograph may have {limit} MB."),
    N_("Set the camera to a lower resolution, or take the picture here."),
)
PHOTO_UNREADABLE = Fault(
    "photo.unreadable",
    422,
    N_("“{name}” cannot be made into a page."),
    N_("Take the picture again."),
)

Corners = Sequence[tuple[float, float]]
"""Top left, top right, bottom right and bottom left of the page, in parts of the upright photograph."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a page is wanted. Without `corners` they are looked for; `turn` is in degrees, clockwise."""

    corners: Corners | None = None
    look: Look = Look.COLOR
    turn: int = 0


@dataclass(frozen=True, slots=True)
class PhotoPage:
    """A page made of a photograph. Not `is_found`: no page was seen, the whole photograph is the page, as it was taken.

    `page` is JPEG or, in black and white, PNG; `photo` the photograph upright and small, as JPEG.
    """

    corners: tuple[tuple[float, float], ...]
    is_found: bool
    look: Look
    page: bytes
    media_type: str
    photo: bytes
    width: int
    height: int
    dpi: int


def check_photo(path: Path, name: str, settings: Settings) -> str:
    """The media type of a photograph; raises `PHOTO_FORMAT`, `PHOTO_TOO_LARGE` and what inspection finds wrong."""
    if path.stat().st_size > LARGEST_BYTES:
        raise PHOTO_TOO_LARGE(name=name, size=f"{path.stat().st_size / (1 << 20):.1f}", limit=LARGEST_BYTES >> 20)
    found = inspect(path, name, settings, checks_extension=False)
    if found.media_type not in (JPEG, PNG):
        raise PHOTO_FORMAT(name=name)
    return found.media_type


def page_of_photo(path: Path, name: str, wish: Wish, settings: Settings) -> PhotoPage:
    """The page in the photograph; raises what `check_photo` raises, and `PHOTO_UNREADABLE`."""
    check_photo(path, name, settings)
    settings.scratch_folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="photo-", dir=settings.scratch_folder) as made:
        folder = Path(made)
        request = {"corners": wish.corners, "look": wish.look.value, "turn": wish.turn}
        command = [
            sys.executable,
            "-m",
            "connectors.page_photos.process",
            str(path.resolve()),
            made,
            json.dumps(request),
        ]
        environment = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        try:
            with _AT_ONCE:
                code = run_limited(command, folder, SECONDS, environment, MOST_MEMORY)
        except subprocess.TimeoutExpired as error:
            raise PHOTO_UNREADABLE(name=name) from error
        if code:
            raise PHOTO_UNREADABLE(name=name)
        return _read(folder)


def _read(folder: Path) -> PhotoPage:
    result = json.loads((folder / "result.json").read_text())
    return PhotoPage(
        corners=tuple((float(x), float(y)) for x, y in result["corners"]),
        is_found=result["is_found"],
        look=Look(result["look"]),
        page=(folder / result["name"]).read_bytes(),
        media_type=PNG if result["name"].endswith(".png") else JPEG,
        photo=(folder / "photo.jpg").read_bytes(),
        width=result["width"],
        height=result["height"],
        dpi=result["dpi"],
    )
