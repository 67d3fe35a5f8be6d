"""How a page made of a photograph is to look; apart from what needs OpenCV, so that choosing costs nothing."""

from enum import StrEnum


class Look(StrEnum):
    """The looks."""

    COLOR = "color"
    GREY = "grey"
    BLACK_AND_WHITE = "black_and_white"
    AS_TAKEN = "as_taken"
