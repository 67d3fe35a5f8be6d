"""Pictures become a PDF with the right pages and sizes (F-2, PR-127…PR-134)."""

from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from pypdf import PdfReader

from connectors.documents.inspection_faults import DAMAGED_FILE, TOO_MANY_PIXELS
from steps.print_preparation import PreparedFile
from steps.samples import scan_png
from tests.steps.print_preparation.prepared import prepared, refusal

A4 = (595.3, 841.9)


def page_sizes(made: PreparedFile) -> list[tuple[float, float]]:
    return [(float(page.mediabox.width), float(page.mediabox.height)) for page in PdfReader(made.path).pages]


def gradient(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    red = Image.linear_gradient("L").resize(size)
    return Image.merge("RGB", (red, red.rotate(180), Image.new("L", size, 90))).convert(mode)


def embedded(made: PreparedFile) -> list[tuple[str, int, int]]:
    """Filter, width and height of every picture in the PDF."""
    with pikepdf.open(made.path) as pdf:
        found = [image for page in pdf.pages for image in map(pikepdf.PdfImage, page.images.values())]
        return [("".join(map(str, one.filters)), one.width, one.height) for one in found]


def test_a_photo_is_not_compressed_again(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "photo.jpg"
    gradient((1200, 800)).save(path, quality=90)
    made = prepared(path, scratch)
    assert embedded(made) == [("/DCTDecode", 1200, 800)]
    with pikepdf.open(made.path) as pdf:
        [image] = pdf.pages[0].images.values()
        assert image.read_raw_bytes() == path.read_bytes()
    [(width, height)] = page_sizes(made)
    assert (width, height) == pytest.approx((A4[1], A4[0]), abs=1), "across, as the picture is"


@pytest.mark.parametrize(("orientation", "is_upright"), [(1, False), (3, False), (6, True), (8, True)])
def test_a_turned_photo_is_upright(tmp_path: Path, scratch: Path, orientation: int, is_upright: bool) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[274] = orientation
    gradient((1200, 800)).save(path, exif=exif)
    made = prepared(path, scratch)
    [page] = PdfReader(made.path).pages
    width, height = float(page.mediabox.width), float(page.mediabox.height)
    turned = (page.get("/Rotate", 0) // 90) % 2 == 1
    shown = (height, width) if turned else (width, height)
    assert (shown[1] > shown[0]) is is_upright


def test_a_scan_keeps_its_size_on_paper(tmp_path: Path, scratch: Path) -> None:
    made = prepared(scan_png(tmp_path), scratch)
    assert page_sizes(made) == [pytest.approx(A4, abs=1)]
    assert embedded(made) == [("/FlateDecode", 1654, 2339)]


def test_every_page_of_a_tiff_is_printed(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "fax.tiff"
    first, *others = [Image.new("1", (1728, 2200), 1) for _ in range(3)]
    first.save(path, save_all=True, append_images=others, compression="group4", dpi=(204, 196))
    made = prepared(path, scratch)
    assert made.pages == 3
    assert {kind for kind, _, _ in embedded(made)} == {"/CCITTFaxDecode"}, "as it was, without loss"


@pytest.mark.parametrize(
    ("name", "mode"), [("a.png", "RGBA"), ("a.png", "LA"), ("a.png", "P"), ("a.png", "I;16"), ("a.tif", "RGBA")]
)
def test_pictures_with_unusual_pixels_are_printed_on_white(tmp_path: Path, scratch: Path, name: str, mode: str) -> None:
    path = tmp_path / name
    picture = Image.new("I;16", (300, 400), 60000) if mode == "I;16" else gradient((300, 400)).convert(mode)
    if "A" in picture.getbands():
        picture.putalpha(0)
    picture.save(path)
    made = prepared(path, scratch)
    assert made.pages == 1
    assert made.preview is not None
    with Image.open(made.preview) as preview:
        corner = preview.convert("L").getpixel((preview.width // 2, preview.height // 2))
        assert mode == "P" or corner > 220


def test_of_a_moving_gif_the_first_frame_is_printed(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "moving.gif"
    frames = [Image.new("RGB", (200, 100), color) for color in ("white", "black", "red")]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)
    made = prepared(path, scratch, measures=True)
    assert (made.pages, made.is_color) == (1, False)
    assert made.preview is not None
    with Image.open(made.preview) as preview:
        assert preview.convert("L").getextrema()[0] > 200


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_gif_that_breaks_off_is_refused(tmp_path: Path, scratch: Path, cut: float) -> None:
    path = tmp_path / "a.gif"
    gradient((300, 300)).save(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * cut)])
    assert refusal(path, scratch) is DAMAGED_FILE


def test_a_gif_with_too_many_pixels_is_refused_unseen(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "a.gif"
    gradient((30, 30)).save(path)
    content = bytearray(path.read_bytes())
    content[6:10] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert refusal(path, scratch) is TOO_MANY_PIXELS
