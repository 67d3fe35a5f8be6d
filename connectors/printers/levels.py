"""Comparing versions: firmware levels such as `081.215`, app frameworks such as `5.1`, agents such as `2.1.18`."""

import re


def level(text: str) -> tuple[int, ...]:
    """The numbers of a dotted level, compared part by part; a missing or unreadable one is below every other."""
    return tuple(int(number) for number in re.findall(r"\d{1,9}", text))


def is_at_least(text: str, lowest: str) -> bool:
    """Whether a level is known and not below `lowest`; with an empty `lowest` every level will do."""
    return not lowest or (bool(text) and level(text) >= level(lowest))
