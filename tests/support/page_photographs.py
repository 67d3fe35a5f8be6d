"""Photographs of pages that we make ourselves: text known, corners known, and all that makes real ones hard."""

from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Floats = NDArray[np.float32]

WORDS = (
    "The quarterly report of the northern branch was read by everybody in the office before the meeting began. "
    "Seventeen pallets of recycled paper arrived on Thursday and were stored beside the window. "
    "Please return the signed contract with both attachments until the end of the month. "
    "Our printers in the second building need new toner, and one of them asks for a service visit. "
    "Invoices above nine hundred crowns are approved by the head of the department. "
    "Visitors sign their names at the desk and receive a temporary badge for the whole day."
)
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
A4 = (1240, 1754)
"""A page at 150 dpi."""


def page_of_text(size: tuple[int, int] = A4, letter: int = 30) -> Image.Image:
    """A white page with a heading and the words in lines."""
    page = Image.new("RGB", size, "#fdfcf8")
    draw, margin = ImageDraw.Draw(page), size[0] // 10
    draw.text((margin, margin), "Notice to all staff", fill="#14204a", font=ImageFont.truetype(FONT, letter * 2))
    font, line, y = ImageFont.truetype(FONT, letter), "", margin + letter * 4
    for word in [*WORDS.split(), ""]:
        if not word or draw.textlength(f"{line} {word}", font) > size[0] - 2 * margin:
            draw.text((margin, y), line, fill="#1c1c1c", font=font)
            line, y = "", y + letter * 2
        line = f"{line} {word}".strip()
    return page


@dataclass(frozen=True, slots=True)
class Scene:
    """How a photograph is taken: the camera's tilt over the page in degrees, its height in page widths, and the light.

    `shift` moves the page in the picture, in parts of it.
    """

    pitch: float = 0.0
    yaw: float = 0.0
    roll: float = 0.0
    height: float = 1.75
    shift: tuple[float, float] = (0.0, 0.0)
    size: tuple[int, int] = (1500, 2000)
    desk: str = "wood"
    shade: float = 0.35
    noise: float = 6.0
    blur: float = 0.8
    seed: int = 7

    def corners(self, ratio: float = A4[0] / A4[1]) -> Floats:
        """Where a page of these proportions lies in the picture, in pixels, clockwise from its top left."""
        pitch, yaw, roll = (np.radians(angle) for angle in (self.pitch, self.yaw, self.roll))
        tilt = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
        turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        spin = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
        tall = 1 / ratio
        page = np.array([[-0.5, -tall / 2, 0], [0.5, -tall / 2, 0], [0.5, tall / 2, 0], [-0.5, tall / 2, 0]])
        seen = page @ (turn @ tilt @ spin).T + np.array([0, 0, self.height])
        focal, middle = 0.8 * max(self.size), (np.array(self.shift) + 0.5) * np.array(self.size)
        return (seen[:, :2] / seen[:, 2:] * focal + middle).astype(np.float32)


def photograph(page: Image.Image, scene: Scene) -> Image.Image:
    """The page on a desk, as a camera sees it."""
    random = np.random.default_rng(scene.seed)
    width, height = scene.size
    desk = _desk(scene.desk, width, height, random)
    w, h = page.size
    matrix = cv2.getPerspectiveTransform(np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32), scene.corners(w / h))
    paper = cv2.warpPerspective(np.asarray(page, np.float32), matrix, scene.size, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.ones((h, w), np.float32), matrix, scene.size)[:, :, None]
    shadow = cv2.GaussianBlur(np.roll(mask[:, :, 0], (12, 9), (0, 1)), (0, 0), 12)[:, :, None]
    seen = desk * (1 - 0.4 * shadow * (1 - mask)) * (1 - mask) + paper * mask
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    light = 1 - scene.shade * (0.6 * across + 0.4 * down) - 0.12 * ((across - 0.5) ** 2 + (down - 0.5) ** 2)
    seen = cv2.GaussianBlur(seen * light[:, :, None], (0, 0), scene.blur)
    seen += random.normal(0, scene.noise, seen.shape)
    return Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8))


def _desk(kind: str, width: int, height: int, random: np.random.Generator) -> NDArray[np.float64]:
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    if kind == "wood":
        grain = np.sin(across / 37 + 3 * np.sin(down / 400)) * 12 + np.sin(across / 7.3 + down / 900) * 5
        return np.dstack([128 + grain, 88 + grain * 0.8, 58 + grain * 0.6])
    if kind == "cloth":
        weave = (np.sin(across / 3.1) + np.sin(down / 3.1)) * 9
        stripes = np.where((across // 160 + down // 200) % 2, 26, 0)
        return np.dstack([52 + weave + stripes, 74 + weave + stripes, 104 + weave])
    if kind == "light":
        spots = cv2.GaussianBlur(random.normal(0, 40, (height, width)), (0, 0), 9)
        return np.dstack([196 + spots, 190 + spots, 178 + spots])
    rough = cv2.GaussianBlur(random.normal(0, 90, (height, width)), (0, 0), 2.5)
    return np.dstack([70 + rough, 74 + rough, 70 + rough])


def as_jpeg(picture: Image.Image, quality: int = 85, orientation: int = 1) -> bytes:
    """The picture as a phone keeps it; `orientation` as in Exif."""
    out, exif = BytesIO(), Image.Exif()
    exif[0x0112] = orientation
    picture.save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


SCENES = {
    "straight": Scene(height=1.45),
    "turned": Scene(roll=14, pitch=8, desk="rough", height=1.7),
    "from below": Scene(pitch=-32, desk="cloth"),
    "from the left": Scene(yaw=28, shade=0.5, desk="wood"),
    "steep and turned": Scene(pitch=-30, yaw=-22, roll=12, desk="rough", shade=0.45, height=1.9),
    "on a light desk": Scene(pitch=-12, yaw=9, roll=-4, desk="light", shade=0.25),
    "dim and noisy": Scene(pitch=10, roll=-7, shade=0.6, noise=14, seed=3),
    "small in the corner": Scene(pitch=-15, roll=5, height=2.6, shift=(0.1, -0.08), desk="cloth"),
}
"""Ways in which people take photographs of pages."""
