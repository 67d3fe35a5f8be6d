"""The check digit of travel documents (ICAO Doc 9303 part 3, 4.9), which German identity cards use too.

Presidio takes the ninth character of a German document number for its check digit. It is the tenth: the official
specimens `L01X00T471` (identity card) and `C01X00T478` (passport) show it.
"""

_WEIGHTS = (7, 3, 1)


def is_valid(number: str) -> bool:
    """Whether the last character of `number` is the check digit of the characters before it."""
    if len(number) < 2 or not number.isascii() or not number.isalnum() or not number[-1].isdigit():
        return False
    total = sum(int(character, 36) * _WEIGHTS[index % 3] for index, character in enumerate(number[:-1]))
    return total % 10 == int(number[-1])
