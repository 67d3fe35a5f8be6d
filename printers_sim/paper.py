"""Sizes of paper by their PWG names (PWG 5101.1), as `iso_a4_210x297mm` or `na_letter_8.5x11in`."""

import re
from functools import lru_cache

SIZE = re.compile(r"_(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(mm|in)$")


@lru_cache(maxsize=256)
def size_of(medium: str) -> tuple[int, int] | None:
    """Width and length in hundredths of a millimetre; None for a name without a size."""
    found = SIZE.search(medium)
    if not found:
        return None
    factor = 100 if found[3] == "mm" else 2540
    return round(float(found[1]) * factor), round(float(found[2]) * factor)
