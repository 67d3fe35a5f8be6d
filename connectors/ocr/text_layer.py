"""Where the text layer of a page goes: the geometry between a page as it was recognised and as the PDF holds it."""

from math import cos, radians, sin
from typing import Any

Matrix = tuple[float, float, float, float, float, float]


def layer_matrix(layer: tuple[float, float], box: tuple[float, float, float, float], rotation: int) -> Matrix:
    """From a layer `layer` points wide and high to the page whose visible `box` is shown with /Rotate `rotation`."""
    left, bottom, right, top = box
    width, height = right - left, top - bottom
    shown = (height, width) if rotation % 180 else (width, height)
    matrix = product((shown[0] / layer[0], 0, 0, shown[1] / layer[1], 0, 0), _shown_to_page(rotation, width, height))
    return product(matrix, (1, 0, 0, 1, left, bottom))


def skewed_back(content: Any, degrees: float, width: float, height: float) -> bytes:
    """Tesseract's text for a straightened page, moved onto the lines of the page as it was, falling by `degrees`.

    The words go to their places one by one but stay level themselves: programs that extract the text recognise level
    words as words, and over the length of one word the lines hardly fall.
    """
    import pikepdf

    tilt = _tilt(degrees, width / 2, height / 2)
    moved: list[Any] = []
    for instruction in pikepdf.parse_content_stream(content):
        values: list[Any] = list(instruction.operands)
        name = str(instruction.operator)
        if name == "Tm":
            values[4:] = _point(tilt, float(values[4]), float(values[5]))
        elif name == "Td":  # relative to the word before
            values = list(_point((*tilt[:4], 0, 0), float(values[0]), float(values[1])))
        moved.append((values, instruction.operator))
    return bytes(pikepdf.unparse_content_stream(moved))


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
