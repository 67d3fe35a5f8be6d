"""Photographs of pages: corners found, the page made flat and evenly lit, its text readable; what is bad refused."""

import io
import os
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytesseract
import pytest
from PIL import Image, ImageDraw

from connectors.errors import PressroomError
from connectors.page_photos.edges import find_page
from connectors.page_photos.flattening import proportions, sheet
from connectors.page_photos.look import Look
from connectors.page_photos.photos import Corners, PhotoPage, Wish, page_of_photo
from connectors.settings import Settings
from tests.support.page_photographs import SCENES, WORDS, Scene, as_jpeg, page_of_text, photograph

CORNER_TOLERANCE = 0.004
"""Of the picture's diagonal."""
RECALL = 0.97
"""Part of the page's words that tesseract reads in the corrected page."""
os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # tesseract's threads wait for one another on a busy machine
Make = Callable[[bytes, str, Wish], PhotoPage]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    settings = Settings(home=tmp_path / "home", max_pixels=20_000_000)

    def made(content: bytes, name: str = "photo.jpg", wish: Wish | None = None) -> PhotoPage:
        path = tmp_path / "photo"
        path.write_bytes(content)
        page = page_of_photo(path, name, wish or Wish(), settings)
        assert not list(settings.scratch_folder.iterdir()), "nothing is left behind"
        return page

    return made


def picture(page: PhotoPage) -> Image.Image:
    return Image.open(io.BytesIO(page.page))


def recall(image: Image.Image) -> float:
    """Which part of the words tesseract reads."""
    seen = set(re.findall(r"[a-z]+", pytesseract.image_to_string(image).lower()))
    wanted = re.findall(r"[a-z]+", WORDS.lower())
    return sum(word in seen for word in wanted) / len(wanted)


def off(found: Corners, scene: Scene) -> float:
    """How far the worst corner is off, in diagonals of the picture."""
    size = np.array(scene.size)
    distances = np.linalg.norm(np.array(found) * size - scene.corners(), axis=1)
    return float(distances.max() / np.hypot(*size))


@pytest.mark.parametrize("name", SCENES)
def test_the_page_is_found_and_can_be_read(make: Make, name: str) -> None:
    taken = photograph(page_of_text(), SCENES[name])
    page = make(as_jpeg(taken), "photo.jpg", Wish())
    assert page.is_found
    assert off(page.corners, SCENES[name]) < CORNER_TOLERANCE
    assert recall(picture(page)) >= RECALL
    assert abs(page.width / page.height / (210 / 297) - 1) < 0.06


def test_a_crooked_photograph_is_read_better_than_it_was(make: Make) -> None:
    taken = photograph(page_of_text(), SCENES["steep and turned"])
    assert recall(taken) < 0.8
    assert recall(picture(make(as_jpeg(taken), "photo.jpg", Wish()))) >= RECALL


@pytest.mark.parametrize("look", list(Look))
def test_looks(make: Make, look: Look) -> None:
    """The shade goes, what is printed stays; black and white has nothing between."""
    taken = photograph(page_of_text(), SCENES["from the left"])
    image = picture(make(as_jpeg(taken), "photo.jpg", Wish(look=look)))
    assert look is not Look.BLACK_AND_WHITE or recall(image) >= RECALL
    assert image.mode == {"color": "RGB", "grey": "L", "black_and_white": "1", "as_taken": "RGB"}[look]
    grey = np.asarray(image.convert("L"), np.float32)
    height, width = grey.shape
    empty = grey[height * 6 // 10 : height * 9 // 10]
    left, right = empty[:, width // 10 : width // 5].mean(), empty[:, -width // 5 : -width // 10].mean()
    if look is Look.AS_TAKEN:
        assert abs(left - right) > 25
    else:
        assert min(left, right) > 238
        assert abs(left - right) < 6


def test_colours_stay(make: Make) -> None:
    page = page_of_text()
    ImageDraw.Draw(page).rectangle((150, 1200, 550, 1500), fill="#c01818")
    image = picture(make(as_jpeg(photograph(page, SCENES["turned"])), "photo.jpg", Wish())).convert("RGB")
    red, green, blue = np.asarray(image)[int(image.height * 0.77), int(image.width * 0.28)].tolist()
    assert red > 140
    assert max(green, blue) < 90


def test_corners_that_were_moved_count(make: Make) -> None:
    """The half of the page that somebody chose, turned by a quarter."""
    scene = SCENES["straight"]
    corners = scene.corners() / np.array(scene.size, np.float32)
    middle_left, middle_right = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
    chosen = tuple((float(x), float(y)) for x, y in (corners[0], corners[1], middle_right, middle_left))
    content = as_jpeg(photograph(page_of_text(), scene))
    upper = make(content, "photo.jpg", Wish(chosen))
    assert upper.width > upper.height
    assert recall(picture(upper)) >= RECALL
    turned = make(content, "photo.jpg", Wish(chosen, turn=90))
    assert (turned.width, turned.height) == (upper.height, upper.width)
    back = np.asarray(picture(turned).rotate(90, expand=True).convert("L"), np.float32)
    assert np.abs(back - np.asarray(picture(upper).convert("L"), np.float32)).mean() < 4


@pytest.mark.parametrize(("orientation", "turn"), [(6, Image.Transpose.ROTATE_90), (8, Image.Transpose.ROTATE_270)])
def test_a_phone_that_was_held_across(make: Make, orientation: int, turn: Image.Transpose) -> None:
    """Phones keep what the sensor saw and say in Exif how it was held; corners are those of the upright picture."""
    scene = SCENES["on a light desk"]
    stored = photograph(page_of_text(), scene).transpose(turn)
    page = make(as_jpeg(stored, orientation=orientation), "photo.jpg", Wish())
    assert off(page.corners, scene) < CORNER_TOLERANCE
    assert page.height > page.width


def desk_alone(kind: str) -> Image.Image:
    return photograph(Image.new("RGB", (20, 20)), Scene(height=2000, desk=kind, shift=(30, 30)))


def crowd() -> Image.Image:
    image = desk_alone("light")
    draw, random = ImageDraw.Draw(image), np.random.default_rng(5)
    for _ in range(60):
        x, y = random.integers(0, 1400), random.integers(0, 1900)
        radius = int(random.integers(40, 220))
        draw.ellipse((x, y, x + radius, y + radius), fill=tuple(int(c) for c in random.integers(0, 255, 3)))
    return image


@pytest.mark.parametrize(
    "taken",
    [desk_alone("wood"), desk_alone("cloth"), desk_alone("rough"), crowd(), Image.new("RGB", (900, 1200), "grey")],
)
def test_where_no_page_is_the_whole_photograph_is_one(make: Make, taken: Image.Image) -> None:
    page = make(as_jpeg(taken), "photo.jpg", Wish())
    assert (page.is_found, page.look) == (False, Look.AS_TAKEN)
    assert np.allclose(page.corners, [(0, 0), (1, 0), (1, 1), (0, 1)], atol=0.01)
    assert abs(page.width / page.height / (taken.width / taken.height) - 1) < 0.05


def test_a_page_that_runs_out_of_the_picture(make: Make) -> None:
    """Two sides and parts of two others are seen: what is missing is the picture's edge, or no page is found."""
    scene = Scene(height=1.3, shift=(0.0, 0.25), roll=3)
    page = make(as_jpeg(photograph(page_of_text(), scene)), "photo.jpg", Wish())
    assert recall(picture(page)) >= 0.9


def png(width: int, height: int, packed: bytes) -> bytes:
    """A black and white PNG that says it has this size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def bomb() -> bytes:
    """50,000 × 50,000 pixels in a few kilobytes."""
    return png(50_000, 50_000, zlib.compress(bytes(6251) * 2000))


def hollow() -> bytes:
    """A PNG whose structure is sound and whose pixels are none."""
    return png(800, 800, b"nothing of the kind")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (bomb, "document.too_many_pixels"),
        (lambda: b"", "document.empty"),
        (lambda: b"%PDF-1.4 is none", "document.damaged_file"),
        (lambda: b"GIF89a" + bytes(40), "document.damaged_file"),
        (lambda: b"just words", "photo.format"),
        (hollow, "photo.unreadable"),
    ],
)
def test_bad_files(make: Make, content: Callable[[], bytes], code: str) -> None:
    with pytest.raises(PressroomError) as caught:
        make(content(), "photo.jpg", Wish())
    assert caught.value.code == code


@pytest.mark.parametrize("name", [name for name in SCENES if SCENES[name].pitch or SCENES[name].yaw])
@pytest.mark.parametrize("ratio", [210 / 297, 297 / 210, 1.0])
def test_proportions_follow_from_the_corners(name: str, ratio: float) -> None:
    scene = SCENES[name]
    assert proportions(scene.corners(ratio), *scene.size) == pytest.approx(ratio, rel=0.06)


@pytest.mark.parametrize(
    ("ratio", "expected"), [(0.71, (210, 297)), (1.4, (297, 210)), (0.77, (215.9, 279.4)), (0.5, (148.5, 297))]
)
def test_usual_sheets(ratio: float, expected: tuple[float, float]) -> None:
    assert sheet(ratio) == pytest.approx(expected, rel=0.01)


def test_a_sheet_that_fills_the_picture_is_no_edge_problem() -> None:
    """Nothing but paper: nothing to find, whatever is printed on it."""
    assert find_page(np.asarray(page_of_text().crop((60, 60, 1180, 1690)))) is None


def test_a_real_scan_on_a_desk(make: Make, shared_data: Path) -> None:
    """A typewritten page, photographed from below."""
    scene = SCENES["from below"]
    with Image.open(shared_data / "scans" / "typewriter.png") as opened:
        scan = opened.convert("RGB")
    scan.thumbnail((1300, 1800))
    page = make(as_jpeg(photograph(scan, scene)), "photo.jpg", Wish(look=Look.GREY))
    size = np.array(scene.size)
    distances = np.linalg.norm(np.array(page.corners) * size - scene.corners(scan.width / scan.height), axis=1)
    assert page.is_found
    assert distances.max() / np.hypot(*size) < CORNER_TOLERANCE
    before = set(re.findall(r"\w{4,}", pytesseract.image_to_string(scan)))
    after = set(re.findall(r"\w{4,}", pytesseract.image_to_string(picture(page))))
    assert len(before & after) >= 0.7 * len(before)


def test_the_test_knows_what_it_photographs() -> None:
    """The counterpart: corners of a page are where its own corners are drawn."""
    scene = Scene(pitch=-20, roll=8, desk="rough", noise=0, shade=0, blur=0.1)
    page = Image.new("RGB", (600, 848), "white")
    ImageDraw.Draw(page).rectangle((0, 0, 8, 8), fill="red")
    seen = np.asarray(photograph(page, scene)).astype(int)
    x, y = scene.corners(600 / 848)[0]
    inside = cv2.pointPolygonTest(scene.corners(600 / 848), (float(x) + 4, float(y) + 4), measureDist=False)
    assert inside > 0
    assert seen[int(y) + 4, int(x) + 4][0] - seen[int(y) + 4, int(x) + 4][1] > 100
