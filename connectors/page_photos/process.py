"""The process that looks at one photograph: `process SOURCE FOLDER REQUEST`; strangers' pictures are opened only here.

It writes into FOLDER what the portal shows and hands on: `photo.jpg` (upright, small), `page.jpg` or `page.png`, and
`result.json`.
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from connectors.page_photos.edges import find_page
from connectors.page_photos.flattening import FlatPage, cleaned, flatten
from connectors.page_photos.look import Look

LARGEST_SIDE = 4200
"""What is larger is reduced first: 300 dpi on A4 with room around it."""
SHOWN_SIDE = 1400
QUALITY = 88


def run(source: Path, folder: Path, request: dict[str, object]) -> None:
    """Find the page unless the request has its corners, and write it as it is wanted."""
    picture = opened(source)
    corners, is_found = _corners(picture, request.get("corners"))
    look = Look(str(request["look"])) if is_found else Look.AS_TAKEN
    page = cleaned(flatten(picture, corners), look)
    turned = FlatPage(np.ascontiguousarray(np.rot90(page.picture, -(int(str(request["turn"])) // 90))), page.dpi)
    name = _write(turned, look, folder)
    shown = Image.fromarray(picture)
    shown.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    shown.save(folder / "photo.jpg", quality=80)
    size = np.array([picture.shape[1], picture.shape[0]], np.float32)
    result = {
        "corners": (corners / size).tolist(),
        "is_found": is_found,
        "look": look.value,
        "name": name,
        "width": turned.picture.shape[1],
        "height": turned.picture.shape[0],
        "dpi": turned.dpi,
    }
    (folder / "result.json").write_text(json.dumps(result))


def opened(source: Path) -> NDArray[np.uint8]:
    """The photograph upright, in RGB, not larger than what is needed."""
    with Image.open(source) as image:
        image.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
        upright = ImageOps.exif_transpose(image)
        if upright.mode in ("RGBA", "LA", "PA", "P"):
            alpha = upright.convert("RGBA")
            upright = Image.alpha_composite(Image.new("RGBA", alpha.size, "white"), alpha)
        upright = upright.convert("RGB")
        upright.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
        return np.asarray(upright, np.uint8)


def _corners(picture: NDArray[np.uint8], given: object) -> tuple[NDArray[np.float32], bool]:
    size = np.array([picture.shape[1], picture.shape[0]], np.float32)
    if given is not None:
        return np.array(given, np.float32) * size, True
    if (found := find_page(picture)) is not None:
        return found, True
    right, bottom = size - 1
    return np.array([[0, 0], [right, 0], [right, bottom], [0, bottom]], np.float32), False


def _write(page: FlatPage, look: Look, folder: Path) -> str:
    image = Image.fromarray(page.picture)
    if look is Look.BLACK_AND_WHITE:
        image.convert("1").save(folder / "page.png", dpi=(page.dpi, page.dpi))
        return "page.png"
    image.save(folder / "page.jpg", quality=QUALITY, dpi=(page.dpi, page.dpi))
    return "page.jpg"


if __name__ == "__main__":
    cv2.setNumThreads(1)
    run(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
