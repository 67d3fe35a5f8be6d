"""How a page image lies: how skewed its lines are, along which axis they run, whether they stand on their feet.

Tesseract's own orientation detection costs a quarter of a page's recognition. Projection profiles answer most pages in
a sixtieth of that: the ink of upright lines summed along them jumps at every line, and it falls off more sharply below
the baseline than above the letters, because ascenders are more frequent than descenders in the Latin script. A page
whose rows are clear but not whether they stand on their feet is best read first: text that reads well stands on its
feet. Only what is then still in doubt is asked of tesseract.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.ocr.tesseract import orientation_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Floats = NDArray[np.float32]

ANALYSIS_DPI = 150
ORIENTATION_DPI = 200
MOST_POINTS = 60_000
LITTLE_INK = 50
LARGEST_SKEW = 10.0

AXIS_CLEAR = 1.2  # times more clearly one way than the other
ROWS_CLEAR = 2.0
FEET_CLEAR = 0.1
TURN_CONFIDENCE = 5.0
SKEW_TOLERATED = 1.5  # tesseract copes with less, and loses words from about 2.5 on


@dataclass(frozen=True, slots=True)
class Lie:
    """How the lines of a page lie.

    `skew` is in degrees, positive where lines fall to the right; `rows` says how much more clearly the ink falls into
    rows than into columns (1: no difference, above: rows); `feet` is positive for lines that stand on their feet,
    negative for those upside down, and near 0 where that cannot be told.
    """

    skew: float
    rows: float
    feet: float

    @property
    def surely_upright(self) -> bool:
        return self.rows >= ROWS_CLEAR and self.feet >= FEET_CLEAR

    @property
    def probably_upright(self) -> bool:
        return self.rows >= ROWS_CLEAR and self.feet > -FEET_CLEAR

    @property
    def surely_skewed(self) -> bool:
        return SKEW_TOLERATED < abs(self.skew) < LARGEST_SKEW and self.rows >= AXIS_CLEAR

    def allows(self, turn: int) -> bool:
        """Whether turning the page by `turn` degrees agrees with the axis along which the lines run."""
        return self.rows < AXIS_CLEAR if turn % 180 else self.rows > 1 / AXIS_CLEAR


@dataclass(frozen=True, slots=True)
class Upright:
    """A page image after turning it `turn` degrees clockwise and straightening it by `skew` degrees.

    `doubted` says that it may still be upside down: see whether its text reads well.
    """

    image: "Image"
    turn: int = 0
    skew: float = 0.0
    doubted: bool = False


def set_upright(image: "Image", dpi: float, base: Path, seconds: float, *, ask: bool = False) -> Upright:
    """The grey page `image` turned upright and straightened, if that is needed beyond doubt.

    With `ask`, tesseract is asked about a page that is only probably upright, too. `base` is where working files may be
    put (a name without an ending); tesseract is given at most `seconds`.
    """
    from PIL.Image import Resampling, Transpose

    small, turn = _reduced(image, dpi, ANALYSIS_DPI), 0
    lie = lie_of(small)
    doubted = lie is not None and not lie.surely_upright and lie.probably_upright and not ask
    if lie is not None and not lie.surely_upright and not doubted:
        turn = _turn(image, dpi, lie, base, seconds)
    if turn:
        turns = {90: Transpose.ROTATE_270, 180: Transpose.ROTATE_180, 270: Transpose.ROTATE_90}
        image, small = image.transpose(turns[turn]), small.transpose(turns[turn])
        lie = lie_of(small)
    if lie is None or not lie.surely_skewed:
        return Upright(image, turn, doubted=doubted)
    paper = sorted(small.resize((9, 9)).tobytes())[-20]
    return Upright(image.rotate(lie.skew, Resampling.BILINEAR, fillcolor=paper), turn, lie.skew, doubted)


def _turn(image: "Image", dpi: float, lie: Lie, base: Path, seconds: float) -> int:
    """What tesseract would turn the page by, if it is confident and the lines do not speak against it."""
    file = base.with_suffix(".osd.pgm")
    smaller = _reduced(image, dpi, ORIENTATION_DPI)
    smaller.save(file)
    found = orientation_of(file, dpi * smaller.width / image.width, seconds)
    file.unlink()
    if found is None or found.confidence < TURN_CONFIDENCE or not lie.allows(found.degrees):
        return 0
    return found.degrees


def _reduced(image: "Image", dpi: float, wanted: float) -> "Image":
    factor = max(1, round(dpi / wanted))
    return image.reduce(factor) if factor > 1 else image


def lie_of(image: "Image") -> Lie | None:
    """How the lines lie in a small grey `image`; None for a page with (almost) nothing on it."""
    down, right = _ink(image)
    if len(down) < LITTLE_INK:
        return None
    skew, along_rows = _skew(down, right)
    _, along_columns = _skew(right, down)
    return Lie(skew, along_rows / max(along_columns, 1e-9), -_imbalance(down, right, skew))


def _ink(image: "Image") -> tuple["Floats", "Floats"]:
    """Coordinates, down and to the right, of the dark pixels (a sample of them on a full page)."""
    import numpy as np

    shares = np.cumsum(image.histogram()) / (image.width * image.height)
    paper, darkest = (float(np.searchsorted(shares, share)) for share in (0.5, 0.02))
    threshold = min(paper - 40, (paper + darkest) / 2)
    down, right = np.nonzero(np.asarray(image) < threshold)
    if len(down) > MOST_POINTS:
        chosen = np.random.default_rng(0).choice(len(down), MOST_POINTS, replace=False)
        down, right = down[chosen], right[chosen]
    return down.astype(np.float32) - image.height / 2, right.astype(np.float32) - image.width / 2


def _skew(across: "Floats", along: "Floats") -> tuple[float, float]:
    """The angle at which the profile is sharpest, in degrees, and how sharp it is there."""
    import numpy as np

    def best(angles: "NDArray[np.float64]") -> tuple[float, float]:
        sharpness = [_sharpness(_profile(across, along, angle)) for angle in angles]
        place = int(np.argmax(sharpness))
        return float(angles[place]), sharpness[place]

    coarse, _ = best(np.arange(-LARGEST_SKEW, LARGEST_SKEW + 0.1, 0.5))
    return best(np.arange(coarse - 0.4, coarse + 0.41, 0.1))


def _profile(across: "Floats", along: "Floats", degrees: float) -> "NDArray[np.float64]":
    import numpy as np

    place = across - along * np.float32(np.tan(np.radians(degrees)))
    return np.bincount((place - place.min()).astype(np.int32)).astype(np.float64)


def _sharpness(profile: "NDArray[np.float64]") -> float:
    import numpy as np

    return float(np.sum(np.diff(profile) ** 2) * len(profile) / np.sum(profile) ** 2)


def _imbalance(across: "Floats", along: "Floats", degrees: float) -> float:
    """-1…1: whether the profile's sharpest edges are falls (negative) or rises."""
    import numpy as np

    edges = np.diff(_profile(across, along, degrees))
    return float(np.sum(edges**3) / (np.sum(np.abs(edges) ** 3) + 1e-9))
