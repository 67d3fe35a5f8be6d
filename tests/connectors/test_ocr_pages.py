"""Pages become images that lie as they should, and what is found on them goes back to its place."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from connectors.documents.inspection_faults import DAMAGED_FILE, TOO_MANY_PAGES, TOO_MANY_PIXELS
from connectors.errors import PressroomError
from connectors.ocr.orientation import lie_of
from connectors.ocr.pages import A4, ImagePages, Limits, resolution
from connectors.ocr.text_layer import layer_matrix
from steps.samples import scan_png

LIMITS = Limits(dpi=300, max_pixels=20_000_000, max_pages=3)


@pytest.fixture(scope="module")
def letter(tmp_path_factory: pytest.TempPathFactory) -> Image.Image:
    with Image.open(scan_png(tmp_path_factory.mktemp("letter"))) as image:
        return image.convert("L")


@pytest.mark.parametrize("skew", [-6.0, -2.0, 0.0, 0.7, 3.0, 8.0])
def test_skew_is_measured(letter: Image.Image, skew: float) -> None:
    lie = lie_of(letter.rotate(-skew, fillcolor=246, resample=Image.Resampling.BILINEAR))
    assert lie is not None
    assert lie.skew == pytest.approx(skew, abs=0.2)


@pytest.mark.parametrize(
    ("turn", "upright", "allowed"), [(0, True, 180), (90, False, 270), (180, False, 180), (270, False, 90)]
)
def test_only_upright_pages_are_taken_for_upright(letter: Image.Image, turn: int, upright: bool, allowed: int) -> None:
    lie = lie_of(letter.rotate(-turn, expand=True))
    assert lie is not None
    assert lie.surely_upright is upright
    assert lie.allows(allowed)
    assert not lie.allows((allowed + 90) % 360)


def test_an_empty_page_lies_no_way() -> None:
    assert lie_of(Image.new("L", (800, 1100), 240)) is None


@pytest.mark.parametrize(
    ("size", "dpi", "expected"),
    [
        ((1654, 2339), (200, 200), (200, 200)),
        ((1728, 1100), (204, 98), (204, 98)),
        ((2480, 3508), None, (3508 / A4[0],) * 2),
        ((4000, 3000), (72, 72), (4000 / A4[0],) * 2),
        ((600, 800), (1, 1), (70, 70)),
        ((600, 800), (0, 0), (70, 70)),
        ((2550, 3300), None, (300, 300)),
    ],
)
def test_resolution_is_believed_only_where_it_can_be(
    size: tuple[int, int], dpi: tuple[int, int] | None, expected: tuple[float, float]
) -> None:
    image = Image.new("1", size)
    if dpi:
        image.info["dpi"] = dpi
    assert resolution(image) == pytest.approx(expected, abs=0.5)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def clear_image() -> Image.Image:
    image = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((100, 50, 200, 150), fill=(0, 0, 0, 255))
    return image


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (clear_image, "PNG"),
        (lambda: clear_image().convert("LA"), "PNG"),
        (lambda: clear_image().getchannel("A").point(lambda value: 255 - value), "JPEG"),
        (lambda: clear_image().getchannel("A").point(lambda value: 255 - value).convert("1"), "TIFF"),
        (lambda: clear_image().getchannel("A").point(lambda value: 255 - value).convert("CMYK"), "JPEG"),
        (lambda: clear_image().getchannel("A").point(lambda value: 255 - value).convert("P"), "PNG"),
        (lambda: clear_image().getchannel("A").convert("I").point(lambda v: 65535 - v * 257).convert("I;16"), "PNG"),
    ],
)
def test_every_kind_of_image_is_dark_on_white(make: object, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(saved(make(), kind, dpi=(300, 300)))  # type: ignore[operator]
    page = ImagePages(path, "image", LIMITS).image(0)
    assert page.image.mode == "L"
    assert page.image.size == (300, 200)
    assert page.image.getpixel((150, 100)) < 30
    assert page.image.getpixel((20, 20)) > 225


def test_coarse_images_are_enlarged_fine_ones_reduced_and_fax_made_square(tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    for dpi, size in (
        ((100, 100), (900, 600)),
        ((600, 600), (150, 100)),
        ((300, 150), (300, 400)),
        ((200, 200), (300, 200)),
    ):
        path.write_bytes(saved(Image.new("L", (300, 200), 200), "PNG", dpi=dpi))
        assert ImagePages(path, "image.png", LIMITS).image(0).image.size == size


def test_a_photo_is_turned_by_its_mark(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "photo.jpg"
    path.write_bytes(saved(Image.new("L", (300, 200), 200), "JPEG", dpi=(300, 300), exif=exif))
    assert ImagePages(path, "photo.jpg", LIMITS).image(0).image.size == (200, 300)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (saved(Image.effect_noise((400, 400), 80), "PNG")[:5000], DAMAGED_FILE.code),
        (saved(Image.effect_noise((400, 400), 80), "JPEG")[:3000], DAMAGED_FILE.code),
        (b"no image at all", DAMAGED_FILE.code),
        (saved(Image.new("1", (5000, 4001)), "PNG"), TOO_MANY_PIXELS.code),
        (saved(Image.new("1", (20000, 20000)), "TIFF", compression="group4"), TOO_MANY_PIXELS.code),
        (
            saved(Image.new("1", (9, 9)), "TIFF", save_all=True, append_images=[Image.new("1", (9, 9))] * 3),
            TOO_MANY_PAGES.code,
        ),
    ],
)
def test_unusable_images_have_their_own_faults(content: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(content)
    with pytest.raises(PressroomError) as caught:
        ImagePages(path, "image", LIMITS).image(0)
    assert caught.value.code == code
    assert "{" not in str(caught.value)


@pytest.mark.parametrize(
    ("rotation", "shown", "page"),
    [
        (0, (0, 0), (10, 20)),
        (0, (100, 300), (110, 320)),
        (90, (0, 0), (110, 20)),
        (90, (300, 100), (10, 320)),
        (180, (0, 0), (110, 320)),
        (180, (100, 300), (10, 20)),
        (270, (0, 0), (10, 320)),
        (270, (300, 100), (110, 20)),
    ],
)
def test_corners_of_the_shown_page_meet_those_of_its_content(
    rotation: int, shown: tuple[float, float], page: tuple[float, float]
) -> None:
    layer = (300, 100) if rotation % 180 else (100, 300)
    a, b, c, d, e, f = layer_matrix(layer, (10, 20, 110, 320), rotation)
    x, y = shown
    assert (a * x + c * y + e, b * x + d * y + f) == pytest.approx(page)
