"""Where the text layer of a page goes: the geometry between a page as it was recognised and as the PDF holds it."""

from math import cos, radians, sin
from typing import Any

Matrix = tuple[float, float, float, float, float, float]

LEVEL: Matrix = (1, 0, 0, 1, 0, 0)
LARGEST_LEAN = 0.2  # 11 degrees; what leans more is meant to, such as text up the margin
DESCENDERS = 0.21  # their share of the size that tesseract gives the text, from ascenders to descenders


def layer_matrix(layer: tuple[float, float], box: tuple[float, float, float, float], rotation: int) -> Matrix:
    """From a layer `layer` points wide and high to the page whose visible `box` is shown with /Rotate `rotation`."""
    left, bottom, right, top = box
    width, height = right - left, top - bottom
    shown = (height, width) if rotation % 180 else (width, height)
    matrix = product((shown[0] / layer[0], 0, 0, shown[1] / layer[1], 0, 0), _shown_to_page(rotation, width, height))
    return product(matrix, (1, 0, 0, 1, left, bottom))


def aligned(content: Any, skew: float, width: float, height: float) -> bytes:
    """The text of tesseract's page `content`, each word exactly over its picture.

    The page was straightened by `skew` degrees before: its words go back onto the falling lines one by one, but stay
    level themselves, and so do those of lines that fell a little for tesseract. Programs that extract text recognise
    level words as words, and over the length of one word a line hardly falls. Tesseract makes a word too narrow by its
    last letter and leaves the descenders out; both is put right.
    """
    import pikepdf

    tilt = _tilt(skew, width / 2, height / 2)
    lean: Matrix = LEVEL
    moved: list[Any] = []
    for instruction in pikepdf.parse_content_stream(content):
        values: list[Any] = list(instruction.operands)
        name = str(instruction.operator)
        if name == "Tm":
            a, b, c, d, x, y = (float(value) for value in values)
            lean = (a, b, c, d, 0, 0) if abs(b) < LARGEST_LEAN * a else LEVEL
            values = [*((1, 0, 0, 1) if lean is not LEVEL else (a, b, c, d)), *_point(tilt, x, y)]
        elif name == "Td":  # relative to the word before
            x, y = _point(lean, float(values[0]), float(values[1]))
            values = list(_point((*tilt[:4], 0, 0), x, y))
        elif name == "TJ":
            _widen(moved[-1], bytes(values[0][0]))
        moved.append((values, instruction.operator))
        if name == "Tf":
            moved.append(([round(-DESCENDERS * float(values[1]), 3)], pikepdf.Operator("Ts")))
    return bytes(pikepdf.unparse_content_stream(moved))


def _widen(scaling: Any, word: bytes) -> None:
    """Let the letters of `word` (UTF-16) fill its width, which tesseract divides among them and a space after them."""
    characters = len(word) // 2
    if str(scaling[1]) == "Tz" and characters > 1 and word.endswith(b"\0 "):
        scaling[0][0] = round(float(scaling[0][0]) * characters / (characters - 1), 3)


def product(first: Matrix, then: Matrix) -> Matrix:
    """The transformation that does `first` and then `then` (PDF's row vectors, ISO 32000-1 §8.3.4)."""
    a, b, c, d, e, f = first
    x, y = _point(then, e, f)
    p, q, r, s, _, _ = then
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, x, y)


def _point(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return round(a * x + c * y + e, 4), round(b * x + d * y + f, 4)


def _tilt(degrees: float, x: float, y: float) -> Matrix:
    """Turns around (x, y) so that level lines fall to the right by `degrees`."""
    cosine, sine = cos(radians(degrees)), sin(radians(degrees))
    return (cosine, -sine, sine, cosine, x - cosine * x - sine * y, y + sine * x - cosine * y)


def _shown_to_page(rotation: int, width: float, height: float) -> Matrix:
    """From the page as shown with /Rotate `rotation` to the coordinates of its content, `width` × `height` large."""
    matrices: dict[int, Matrix] = {
        0: (1, 0, 0, 1, 0, 0),
        90: (0, 1, -1, 0, width, 0),
        180: (-1, 0, 0, -1, width, height),
        270: (0, -1, 1, 0, 0, height),
    }
    return matrices[rotation]
